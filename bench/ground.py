"""What the measurements stand on: a durable PostgreSQL of their own, migrated, and a local SMTP sink."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.sink import smtp_sink
from segue.db.embedded import DATABASE, start
from segue.db.migrate import upgrade
from segue.db.tx import Database
from segue.ports import SystemClock
from segue.wiring import HANDLERS


@dataclass
class Served:
    """A running server and sink. `admin_url` reaches our database as the superuser, who may load rows without checks."""

    app_url: str
    admin_url: str
    port: int
    sink: str
    folder: Path
    db: Database = field(repr=False)

    def __getstate__(self) -> dict[str, Any]:
        """Worker processes open a database of their own."""
        return {**self.__dict__, "db": None}


@contextlib.contextmanager
def serve() -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder, smtp_sink() as (port, sink):
        Path(folder).chmod(0o755)  # the server's own user must be able to pass through
        with start(Path(folder)) as server:
            upgrade(server.owner_url)
            db = Database(server.app_url, clock=SystemClock(), handlers=HANDLERS, pool_size=16)
            admin = urlunsplit(urlsplit(server.admin_url)._replace(path=f"/{DATABASE}"))
            try:
                yield Served(server.app_url, admin, port, sink, Path(folder), db)
            finally:
                db.close()


@contextlib.contextmanager
def unchecked(server: Served) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """Yield a connection on which foreign keys are not checked: for rows that are made up, in millions."""
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        conn.execute("SET session_replication_role = replica")
        yield conn


def wal_syncs(admin_url: str) -> int:
    """Return how often the server has synced its log since it began."""
    with psycopg.connect(admin_url, autocommit=True) as conn:
        conn.execute("SELECT pg_stat_force_next_flush()")
        row = conn.execute("SELECT COALESCE(sum(fsyncs), 0) FROM pg_stat_io WHERE object = 'wal'").fetchone()
    return int(row[0]) if row else 0
