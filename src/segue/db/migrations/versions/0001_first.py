"""The first schema. Its SQL is frozen beside this file: what a released migration does never changes with the code."""

from alembic import op

from segue.db.migrations.sql_file import run_sql_beside

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Asked first, because PostgreSQL checks the right to create a role before it looks whether the role is there, and the embedded server's
    # owner has no such right. The grant lets an external server's owner become the application by `-c role=` (db/embedded.py).
    op.execute("""DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'segue_app') THEN
        CREATE ROLE segue_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
        GRANT segue_app TO CURRENT_USER;
      END IF;
    END $$""")
    run_sql_beside(__file__)
