"""Failing mailboxes, circuit breakers, notices (SEQ-105, SEQ-106, L3)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
