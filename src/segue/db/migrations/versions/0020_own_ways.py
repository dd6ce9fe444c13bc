"""What an enrollment has of its own: settings, and those it goes on from; moves to a version that take edits back (SEQ-12, SEQ-57, SEQ-133)."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE enrollments ADD COLUMN own_settings jsonb")
    op.execute("ALTER TABLE enrollments ADD COLUMN earlier_ids bigint[]")
    op.execute("ALTER TABLE enrollments ADD COLUMN move_overwrites boolean DEFAULT false NOT NULL")
