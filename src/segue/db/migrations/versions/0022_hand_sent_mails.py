"""Mails that a rep wrote in the mail program, as the Sent folder shows them (SEQ-93, MAIL-51)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
