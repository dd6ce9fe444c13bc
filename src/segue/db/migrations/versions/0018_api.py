"""Answers kept under Idempotency-Keys, and jobs too long for one request (S25, SEQ-65)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
