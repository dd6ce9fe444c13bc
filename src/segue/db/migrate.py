"""Bring a database to this version's schema. Runs as the owner; the app's role owns nothing (D11).

`policies()` is the second wall: for every table one policy that lets the app's role see only rows of the workspace of its transaction.
"""

from collections.abc import Iterator
from pathlib import Path

import psycopg

from segue.db.functions import FUNCTIONS, SIGNATURES
from segue.domain.errors import Unavailable

APP_ROLE = "segue_app"
HEAD = "0001"
MIGRATIONS = Path(__file__).parent / "migrations"


# After bulk loads the app refreshes statistics itself (Database.refresh_statistics); PostgreSQL 17 made that a right of its own.
GRANT_MAINTAIN = f"""
    DO $$ BEGIN
        IF current_setting('server_version_num')::int >= 170000 THEN
            EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {APP_ROLE}';
        END IF;
    END $$"""


def upgrade(owner_url: str) -> None:
    """Migrate to head; does nothing when it is there already.

    Raises:
        Unavailable: the database does not answer.
    """
    try:
        with psycopg.connect(owner_url, connect_timeout=10) as conn:
            if current_revision(conn) == HEAD:
                return
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", hint="Check DATABASE_URL and that PostgreSQL runs.") from error
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = owner_url
    command.upgrade(config, "head")


def current_revision(conn: psycopg.Connection[tuple[object, ...]]) -> str:
    """Return the schema's revision, empty for a database without one."""
    if conn.execute("SELECT to_regclass('alembic_version')").fetchone() in (None, (None,)):
        return ""
    row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def policies() -> Iterator[str]:
    """Yield the statements that fence every table by workspace and grant the app's role what it needs."""
    from segue.db.tables import metadata  # 0.2 s that a program on a migrated database need not pay

    for table in sorted(metadata.tables):
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield (
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            "USING (workspace_id = NULLIF(current_setting('segue.workspace', true), '')::bigint)"
        )
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}"
    yield from FUNCTIONS
    yield GRANT_MAINTAIN
    for signature in SIGNATURES:
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO {APP_ROLE}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}"
