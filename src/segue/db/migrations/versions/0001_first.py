"""The first schema."""

from alembic import op

from segue.db.migrate import APP_ROLE, policies
from segue.db.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Asked first, because PostgreSQL checks the right to create a role before it looks whether the role is there, and the embedded server's
    # owner has no such right. The grant lets an external server's owner become the application by `-c role=` (db/embedded.py).
    op.execute(f"""DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
        GRANT {APP_ROLE} TO CURRENT_USER;
      END IF;
    END $$""")
    metadata.create_all(op.get_bind())
    for statement in policies():
        op.execute(statement)
