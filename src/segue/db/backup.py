"""A backup: every table as one instant sees it, in a file of our own that any later Segue reads, into any PostgreSQL it runs on.

The file is a zip of `tables/NAME` in PostgreSQL's text COPY format and of `manifest.json`, written last. It is loaded into a schema of the
revision it was made at, which is migrated afterwards: a backup outlives every migration, and needs no program of one PostgreSQL version.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import IO, Any

import psycopg
from psycopg import sql

from segue.db.migrate import DROP_FUNCTIONS, HEAD, current_revision, upgrade
from segue.db.tables import metadata
from segue.domain.errors import Conflict, Invalid, Unavailable

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1 << 20
TABLES = len(metadata.tables)
"""How many tables a backup holds: what progress is counted against."""
Progress = Callable[[int], None]
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, psycopg.DataError, psycopg.IntegrityError)
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `tables` are columns and rows by name, `counters` the last ids given out by table."""

    revision: str
    made_at: str
    program: str
    tables: dict[str, dict[str, Any]]
    counters: dict[str, int]

    @property
    def rows(self) -> int:
        return sum(int(table["rows"]) for table in self.tables.values())


def write_backup(owner_url: str, file: Path, *, program: str, progress: Progress = lambda _: None) -> Manifest:
    """Write a backup of the whole database as this instant sees it, while everything goes on. The file is whole or is not there.

    Raises:
        Unavailable: the database does not answer, or the file cannot be written.
    """
    making = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with _private(making) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            manifest = _dump(owner_url, archive, program, progress)
            archive.writestr(MANIFEST, json.dumps({"format": FORMAT, **_fields(manifest)}, indent=1))
        making.replace(file)
    except OSError as error:
        raise Unavailable(f"The backup cannot be written: {error.strerror or error}.", hint="Name a file on a disk with room.") from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", hint="Check DATABASE_URL and that PostgreSQL runs.") from error
    finally:
        making.unlink(missing_ok=True)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """Return what a backup says of itself.

    Raises:
        Invalid: it is none, is cut off, or was made by a newer Segue.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            said = json.loads(archive.read(MANIFEST))
        found = Manifest(said["revision"], said["made_at"], said["program"], said["tables"], said["counters"])
    except OSError as error:
        raise Invalid(f"The backup cannot be read: {error.strerror}.", hint=f"Look at {file}.", field="file") from error
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise Invalid("This is no backup of Segue, or only a part of one.", hint="Take another copy of it.", field="file") from error
    if said["format"] != FORMAT or found.revision > HEAD:
        raise Invalid(f"This backup was made by a newer Segue ({found.program}).", hint="Restore it with that version.", field="file")
    return found


def load_backup(owner_url: str, file: Path, *, instance: str, progress: Progress = lambda _: None) -> Manifest:
    """Load a backup into a database without workspaces, all or nothing, and migrate it to this version.

    `instance` is put in place of the installation that the workspaces belonged to. Sessions and one-time links are over: who was signed
    out since the backup stays out.

    Raises:
        Invalid: it is no whole backup.
        Conflict: the database holds workspaces already.
        Unavailable: the database does not answer.
    """
    manifest = read_manifest(file)
    try:
        _make_room(owner_url, manifest.revision)
        with psycopg.connect(owner_url, connect_timeout=10) as conn, zipfile.ZipFile(file) as archive:
            _load(conn, archive, manifest, progress)
            if "instance_id" in manifest.tables["workspaces"]["columns"]:
                conn.execute("UPDATE workspaces SET instance_id = %s", (instance,))
            if "user_sessions" in manifest.tables:
                conn.execute("UPDATE user_sessions SET ended_at = now() WHERE ended_at IS NULL")
                conn.execute("UPDATE sign_in_tokens SET used_at = now() WHERE used_at IS NULL")
    except _DAMAGED as error:
        raise Invalid("The backup is damaged; nothing was loaded.", hint="Take another copy of it.", field="file") from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"The database does not answer: {error}", hint="Check DATABASE_URL and that PostgreSQL runs.") from error
    upgrade(owner_url)
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute("ANALYZE")
    return manifest


def give_to(owner_url: str, instance: str) -> None:
    """Let a loaded database belong to an installation: from the return on that one sends from it."""
    with psycopg.connect(owner_url, connect_timeout=10) as conn:
        conn.execute("UPDATE workspaces SET instance_id = %s", (instance,))


def _dump(owner_url: str, archive: zipfile.ZipFile, program: str, progress: Progress) -> Manifest:
    tables: dict[str, dict[str, Any]] = {}
    with psycopg.connect(owner_url, connect_timeout=10) as conn:
        conn.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ  # one instant for all tables
        conn.read_only = True
        made_at = _value(conn, "SELECT clock_timestamp()")
        for number, name in enumerate(sorted(metadata.tables), 1):
            columns = _columns(conn, name)
            with archive.open(f"tables/{name}", "w", force_zip64=True) as out, conn.cursor() as cursor:
                with cursor.copy(_copy("COPY {} ({}) TO STDOUT", name, columns)) as copy:
                    for block in copy:
                        out.write(block)
                tables[name] = {"columns": columns, "rows": cursor.rowcount}
            progress(number)
        counters = {name: int(_value(conn, sql.SQL("SELECT last_value FROM {}").format(sql.SQL(of)))) for name, of in _counters(conn)}
        return Manifest(current_revision(conn), made_at.isoformat(), program, tables, counters)


def _load(conn: Connection, archive: zipfile.ZipFile, manifest: Manifest, progress: Progress) -> None:
    for name in manifest.tables:  # what is loaded has happened long ago: nobody is told of it anew
        conn.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
    for number, name in enumerate(_parents_first(conn, list(manifest.tables)), 1):
        table = manifest.tables[name]
        with archive.open(f"tables/{name}") as given, conn.cursor() as cursor:
            with cursor.copy(_copy("COPY {} ({}) FROM STDIN", name, table["columns"])) as copy:
                while block := given.read(BLOCK):
                    copy.write(block)
            if cursor.rowcount != table["rows"]:
                raise zipfile.BadZipFile(name)
        progress(number)
    for name in manifest.tables:
        conn.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
    for name, of in _counters(conn):
        if name in manifest.counters:
            conn.execute("SELECT setval(%s, %s)", (of, manifest.counters[name]))


def _make_room(owner_url: str, revision: str) -> None:
    """Bring a database without workspaces to the revision of a backup."""
    with psycopg.connect(owner_url, connect_timeout=10) as conn:
        known = current_revision(conn)
        if known and _value(conn, "SELECT count(*) FROM workspaces"):
            raise Conflict(
                "This database holds workspaces already.", hint="Restore into a new data folder, or a new database named by DATABASE_URL."
            )
        if known == revision:
            return
        of_triggers = conn.execute(
            """SELECT DISTINCT t.tgfoid::regprocedure::text FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
               WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY(%s)""",
            (list(metadata.tables),),
        ).fetchall()
        for name in (*metadata.tables, "alembic_version"):
            conn.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(name)))
        conn.execute(DROP_FUNCTIONS)
        for (function,) in of_triggers:
            conn.execute(sql.SQL("DROP FUNCTION {}").format(sql.SQL(function)))
    upgrade(owner_url, to=revision)


def _parents_first(conn: Connection, names: list[str]) -> Iterator[str]:
    """Yield tables behind those that they refer to."""
    graph = TopologicalSorter[str](dict.fromkeys(names, ()))
    for child, parent in conn.execute(
        "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid"
    ):
        if child in names:
            graph.add(str(child), str(parent))
    return (name for name in graph.static_order() if name in names)


def _columns(conn: Connection, table: str) -> list[str]:
    rows = conn.execute(
        """SELECT attname FROM pg_attribute
           WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum""",
        (f"public.{table}",),
    )
    return [str(name) for (name,) in rows]


def _counters(conn: Connection) -> list[tuple[str, str]]:
    """Return tables with a column that counts, and the sequence behind it."""
    rows = conn.execute(
        """SELECT c.relname, pg_get_serial_sequence(format('public.%I', c.relname), a.attname) FROM pg_class AS c
           JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attidentity <> '' AND NOT a.attisdropped
           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1"""
    )
    return [(str(name), str(of)) for name, of in rows]


def _copy(words: str, table: str, columns: list[str]) -> sql.Composed:
    return sql.SQL(words).format(sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns)))


def _value(conn: Connection, statement: str | sql.Composed) -> Any:
    row = conn.execute(statement).fetchone()
    assert row is not None
    return row[0]


def _fields(manifest: Manifest) -> dict[str, Any]:
    return {name: getattr(manifest, name) for name in ("revision", "made_at", "program", "tables", "counters")}


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that nobody else can read, and see it safely on the disk at the end."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
