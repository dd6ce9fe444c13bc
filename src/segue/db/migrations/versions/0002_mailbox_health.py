"""What a mailbox's health needs: room kept for follow-ups."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
