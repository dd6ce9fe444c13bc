"""Roles, teams and seats of users; sequences without their creator; edits of single enrollments; pauses that reach new ones."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
