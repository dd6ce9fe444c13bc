"""Every unique key begins with the workspace (ADR 11): the look-up of tokens across workspaces needs no uniqueness, 160 bits see to it."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX message_links_digest")
    op.execute("CREATE INDEX message_links_digest ON message_links (digest)")
