"""Links in mails, opens and clicks, the log of hours; settings of users, and whether a contact may be tracked."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
