"""A cap on mails to one company domain (SEQ-94)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
