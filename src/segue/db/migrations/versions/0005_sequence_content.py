"""Variants on messages and tasks, starts a day, overlapping enrollments, reminders (SEQ-38, SEQ-98, SEQ-113, SEQ-141)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
