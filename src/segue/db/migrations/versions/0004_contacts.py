"""Typed properties, companies, lists and consent; contacts that can be deleted, restored and erased."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
