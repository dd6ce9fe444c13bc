"""Bring a database to this version's schema. Runs as the owner; the app's role owns nothing (D11).

`fences()` is the second wall: for every table one policy that lets the app's role see only rows of the workspace of its transaction.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg

from segue.db.functions import FUNCTIONS, SIGNATURES
from segue.domain.errors import Unavailable

APP_ROLE = "segue_app"
MIGRATIONS = Path(__file__).parent / "migrations"
HEAD = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
"""The newest revision: its number begins its file's name."""


# After bulk loads the app refreshes statistics itself (Database.refresh_statistics); PostgreSQL 17 made that a right of its own.
GRANT_MAINTAIN = f"""
    DO $$ BEGIN
        IF current_setting('server_version_num')::int >= 170000 THEN
            EXECUTE 'GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {APP_ROLE}';
        END IF;
    END $$"""


def upgrade(owner_url: str, *, to: str = HEAD) -> None:
    """Migrate to head, or to an earlier revision from before it; does nothing when it is there already, or beyond.

    A database that a newer Segue has migrated stays as it is, functions included: code runs on the schema of the release behind it (S28).

    Raises:
        Unavailable: the database does not answer.
    """
    try:
        with psycopg.connect(owner_url, connect_timeout=10) as conn:
            if current_revision(conn) >= to:
                return
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", hint="Check DATABASE_URL and that PostgreSQL runs.") from error
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = owner_url
    command.upgrade(config, to)
    if to != HEAD:
        return
    with psycopg.connect(owner_url) as conn:
        for statement in renewed_functions():
            conn.execute(statement)


def current_revision(conn: psycopg.Connection[tuple[object, ...]]) -> str:
    """Return the schema's revision, empty for a database without one."""
    if conn.execute("SELECT to_regclass('alembic_version')").fetchone() in (None, (None,)):
        return ""
    row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def fences(tables: Iterable[str]) -> Iterator[str]:
    """Yield the statements that fence tables by workspace and grant the app's role what it needs of them (D11)."""
    for table in tables:
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield (
            f"CREATE POLICY tenant ON {table} TO {APP_ROLE} "
            "USING (workspace_id = NULLIF(current_setting('segue.workspace', true), '')::bigint)"
        )
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}"
    yield GRANT_MAINTAIN
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}"


DROP_FUNCTIONS = """
    DO $$ DECLARE old regprocedure; BEGIN
        FOR old IN SELECT oid FROM pg_proc WHERE proname LIKE 'segue\\_%' AND pronamespace = 'public'::regnamespace LOOP
            EXECUTE 'DROP FUNCTION ' || old;
        END LOOP;
    END $$"""


def renewed_functions() -> Iterator[str]:
    """Yield the statements that put the functions of this code in place of whatever functions are there.

    They hold no data, so after every migration they are made anew in one transaction; a migration carries tables alone.
    """
    yield DROP_FUNCTIONS
    yield from FUNCTIONS
    for signature in SIGNATURES:
        yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION {signature} TO {APP_ROLE}"
