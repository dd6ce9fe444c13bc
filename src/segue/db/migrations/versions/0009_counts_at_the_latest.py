"""A message remembers the version and the zone it was made with; what is in doubt counts from the latest instant of its acceptance.

The second part is a change of functions, which are made anew after every migration.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN version integer NOT NULL DEFAULT 0, ADD COLUMN timezone text NOT NULL DEFAULT ''")
