"""The keys that seal secrets, one or more for each workspace, wrapped by the master key."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
