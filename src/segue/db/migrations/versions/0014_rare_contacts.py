"""Indexes of the few contacts that are deleted or have further addresses: an import asks for them with each batch."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
