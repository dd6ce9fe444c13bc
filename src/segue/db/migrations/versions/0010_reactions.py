"""Which kind of reaction the log of hours keeps; a link's place comes with what its token leads to."""

from segue.db.migrations.sql_file import run_sql_beside

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql_beside(__file__)
