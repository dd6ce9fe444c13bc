"""Sharing, deletion that can be taken back, moves to another version (SEQ-8, SEQ-133, SEQ-136)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
