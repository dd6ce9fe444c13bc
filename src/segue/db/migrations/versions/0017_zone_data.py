"""By which release of the zone data pending due times are computed (SEQ-72)."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
