"""Getting in and the audit log: credentials, sessions, API keys, one-time tokens (S23, X1, SEQ-13)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
