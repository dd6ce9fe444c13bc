"""The first schema."""

from alembic import op

from segue.db.migrate import APP_ROLE, policies
from segue.db.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"""DO $$ BEGIN CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; EXCEPTION WHEN duplicate_object THEN NULL; END $$""")
    metadata.create_all(op.get_bind())
    for statement in policies():
        op.execute(statement)
