"""The database of a simulated world: real PostgreSQL, with a clock that the world moves, and commits that a crash can meet.

The engine's leases and T_settle follow the database's clock (H6). Here a schema before pg_catalog in the search path holds another
`clock_timestamp()`, which returns the world's time: leases elapse when the world's clock moves, and only then, with the engine's own SQL.

Connections come from `Plugs`, which stands where the engine has a connection pool: no threads, so a world is replayed exactly; and every
commit passes through `Line.commit`, where a crash can be put before or after it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psycopg

from segue.db.tx import SESSION, Database, Handlers
from segue.ports import Clock, RandomBytes

SIM_CLOCK = """
    CREATE SCHEMA sim;
    CREATE TABLE sim.clock (at timestamptz NOT NULL);
    INSERT INTO sim.clock VALUES ('2000-01-01T00:00Z');
    CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM sim.clock';
    GRANT USAGE ON SCHEMA sim TO PUBLIC;
    GRANT SELECT ON sim.clock TO PUBLIC;
"""
PATH = "-c search_path=sim,public,pg_catalog -c synchronous_commit=off"

AtCommit = Callable[[str], None]
"""Told `before` and `after` each commit; raises to crash there."""


def install_clock(owner_url: str) -> None:
    """Put the world's clock into a migrated database."""
    with psycopg.connect(owner_url, autocommit=True) as conn:
        conn.execute(SIM_CLOCK)


class Line(psycopg.Connection[Any]):
    """A connection whose commits can be met by a crash."""

    at_commit: AtCommit | None = None

    def commit(self) -> None:
        in_use = self.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
        if self.at_commit is not None and in_use:
            self.at_commit("before")
        super().commit()
        if self.at_commit is not None and in_use:
            self.at_commit("after")


class Plugs:
    """A pool of connections without threads."""

    def __init__(self, connect: Callable[[], Line]) -> None:
        self._connect = connect
        self._closed = False
        self._idle: list[Line] = []
        self.busy: list[Line] = []

    @contextmanager
    def connection(self) -> Iterator[Line]:
        if self._closed:
            raise psycopg.OperationalError("this process is dead")
        line = self._idle.pop() if self._idle else self._connect()
        self.busy.append(line)
        try:
            yield line
            line.commit()
        except BaseException:
            with suppress(psycopg.Error):
                line.rollback()
            raise
        finally:
            self.busy.remove(line)
            if self._closed or line.closed or line.broken:
                line.close()
            else:
                self._idle.append(line)

    def check(self) -> None:
        """Throw away idle connections that are dead, as a pool does when asked."""
        alive = []
        for line in self._idle:
            with suppress(psycopg.Error):
                line.execute("SELECT 1")
                line.rollback()
                alive.append(line)
        for line in self._idle:
            if line not in alive:
                line.close()
        self._idle = alive

    def close(self) -> list[int]:
        """Close every connection, also those in use: a process that dies keeps none. Return the numbers of their sessions."""
        self._closed = True
        lines = [line for line in (*self._idle, *self.busy) if not line.closed]
        sessions = [line.info.backend_pid for line in lines]
        for line in lines:
            line.close()
        self._idle.clear()
        return sessions


class SimDatabase(Database):
    """The engine's database with plugs for pools. `lock_wait_ms` bounds what would block for ever in one thread: it then counts as blocked.
    `meanwhile` is called where a gate would wait for its locks, with what it is about to send."""

    meanwhile: Callable[[Any], None] = staticmethod(lambda sending: None)

    def __init__(
        self,
        app_url: str,
        *,
        clock: Clock,
        handlers: Handlers,
        random_bytes: RandomBytes,
        at_commit: AtCommit | None = None,
        lock_wait_ms: int = 0,
    ) -> None:
        self._at_commit = at_commit
        self._lock_wait_ms = lock_wait_ms
        self.plugs: list[Plugs] = []
        super().__init__(app_url, clock=clock, handlers=handlers, random_bytes=random_bytes)

    def open_pool(self, size: int, *, options: str = SESSION, autocommit: bool = False) -> Any:
        del size
        wanted = f"{self._options(options)} {PATH}"
        if self._lock_wait_ms:
            wanted = f"{wanted} -c lock_timeout={self._lock_wait_ms}ms"

        def connect() -> Line:
            line = Line.connect(self.app_url, options=wanted, autocommit=autocommit, prepare_threshold=3)
            line.at_commit = self._at_commit
            return line

        plugs = Plugs(connect)
        self.plugs.append(plugs)
        return plugs

    def close(self) -> None:
        """Close every pool, the gate's too: a crashed process keeps none."""
        kill_sessions(self.app_url, [pid for plugs in self.plugs for pid in plugs.close()])


def kill_sessions(app_url: str, pids: Sequence[int]) -> None:
    """End sessions as the server does to one that idles in a transaction (H7), and wait until they are gone, with all their locks.

    Also those that have been hung up on: the server would let go of their locks a moment later, and who comes first would be chance.
    """
    with psycopg.connect(app_url, autocommit=True) as conn:
        conn.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", (list(pids),))


class WorldEye:
    """A connection of the world's own: moves the database's clock, and sees what is committed and nothing else."""

    def __init__(self, owner_url: str) -> None:
        self.conn = psycopg.connect(owner_url, autocommit=True, prepare_threshold=1, options=f"{PATH} -c timezone=UTC")
        self.conn.row_factory = psycopg.rows.dict_row  # type: ignore[assignment]

    def enter(self, workspace_id: int) -> None:
        """See one workspace's rows."""
        self.conn.execute("SELECT set_config('segue.workspace', %s, false)", (str(workspace_id),))

    def move_clock(self, to: datetime) -> None:
        self.conn.execute("UPDATE sim.clock SET at = %s", (to,))

    def all(self, sql: str, parameters: Any = ()) -> list[dict[str, Any]]:
        return self.conn.execute(sql, parameters).fetchall()  # type: ignore[return-value]

    def close(self) -> None:
        self.conn.close()
