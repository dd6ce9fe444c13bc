"""The database as the features see it: one way to begin a transaction, one way to record a fact.

`Database.tx()` is the only place that commits. A `Tx` belongs to one workspace: row-level security sees the setting that is made here,
local to the transaction, so that pooled connections carry nothing over (D11).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool, PoolTimeout

from segue.db.audit import Entry, append_entries
from segue.db.locks import LockKind, lock_key
from segue.domain.errors import Unavailable
from segue.domain.events import Event
from segue.domain.ids import WorkspaceId
from segue.ports import Clock, RandomBytes, system_random

LEASE_S = 300.0
"""How long a claim holds rows, lanes and messages: longer than a full lane batch at the slowest, ten hand-offs of ten seconds each and the
commits around them. Leases run on the database's clock (H6)."""

Params = Mapping[str, Any] | Sequence[Any]
Handler = Callable[["Tx", Any], None]
Handlers = Mapping[type[Event], tuple[Handler, ...]]
Connection = psycopg.Connection[tuple[Any, ...]]

# A forgotten transaction would hold the horizon and slow every claim (engine.md §2); hand-offs set their own, tighter limit (H7).
SESSION = "-c idle_in_transaction_session_timeout=60s -c statement_timeout=300s -c lock_timeout=0 -c timezone=UTC"


class Tx:
    """A transaction of one workspace. `now` is the engine's clock at its begin (D12); `actor` stands on every fact recorded.

    `origin` is the address from which somebody asked for it, for the audit log; empty at the machine itself.
    """

    def __init__(self, db: "Database", conn: Connection, workspace_id: WorkspaceId, actor: str, origin: str) -> None:
        self.db = db
        self.conn = conn
        self.workspace_id = workspace_id
        self.actor = actor
        self.origin = origin
        self.now = db.clock.now()
        self._events: list[Event] = []
        self._entries: list[Entry] = []
        self._after_commit: list[Callable[[], object]] = []

    def all(self, sql: str, params: Params = ()) -> list[dict[str, Any]]:
        """Run a statement and return its rows as dicts. Named parameters always include `ws` (the workspace) when a mapping is given."""
        with self.conn.cursor(row_factory=dict_row) as cursor:
            cursor.execute(sql, self._with_workspace(params))
            return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, params: Params = ()) -> dict[str, Any] | None:
        """Run a statement and return its first row, or None."""
        rows = self.all(sql, params)
        return rows[0] if rows else None

    def run(self, sql: str, params: Params = ()) -> int:
        """Run a statement and return how many rows it touched."""
        return self.conn.execute(sql, self._with_workspace(params)).rowcount

    def lock_for_stop(self, kind: LockKind, name: int | str) -> None:
        """Lock exclusively what hand-offs hold shared: returns once none that it covers is under way (H3). Several in order (H4)."""
        self.conn.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(kind, self.workspace_id, name),))

    def lock_many_for_stop(self, names: Sequence[tuple[LockKind, int | str]]) -> None:
        """Lock exclusively what hand-offs hold shared, one after the other in the order given (H3, H4), in one statement."""
        keys = [lock_key(kind, self.workspace_id, name) for kind, name in names]
        self.conn.execute("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(%s::bigint[]) AS given(key)", (keys,))

    def share_lock(self, kind: LockKind, name: int | str) -> None:
        """Lock shared what a stop locks exclusively: what is read from here on holds until the commit (H2)."""
        self.conn.execute("SELECT pg_advisory_xact_lock_shared(%s)", (lock_key(kind, self.workspace_id, name),))

    def try_lock(self, kind: LockKind, name: int | str) -> bool:
        """Lock exclusively until the commit what nobody else holds now, without waiting; say whether it was free."""
        row = self.one("SELECT pg_try_advisory_xact_lock(%(key)s) AS free", {"key": lock_key(kind, self.workspace_id, name)})
        return row is not None and bool(row["free"])

    def record(self, event: Event) -> None:
        """Append a fact to the timeline and run its handlers in this transaction (D5)."""
        if event.on_timeline:
            self._events.append(event)
        if event.audited:
            self._entries.append(Entry(self.now, event.kind, self.actor, self.origin, event.data()))
        for handler in self.db.handlers.get(type(event), ()):
            handler(self, event)

    def after_commit(self, action: Callable[[], object]) -> None:
        """Run `action` once this transaction has committed, and not at all if it fails."""
        self._after_commit.append(action)

    def flush(self) -> None:
        """Write the recorded facts: one statement for any number."""
        if self._events:
            self._write_events()
        if self._entries:
            entries, self._entries = self._entries, []
            append_entries(self.conn, self.workspace_id, entries)

    def _write_events(self) -> None:
        events, self._events = self._events, []
        self.run(
            """INSERT INTO events (workspace_id, at, kind, contact_id, enrollment_id, message_id, actor, data)
               SELECT %(ws)s, %(now)s, kind, contact_id, enrollment_id, message_id, %(actor)s, data
               FROM unnest(%(kinds)s::text[], %(contacts)s::bigint[], %(enrollments)s::bigint[], %(messages)s::bigint[], %(datas)s::jsonb[])
                 AS e(kind, contact_id, enrollment_id, message_id, data)""",
            {
                "now": self.now,
                "actor": self.actor,
                "kinds": [e.kind for e in events],
                "contacts": [e.contact_id for e in events],
                "enrollments": [e.enrollment_id for e in events],
                "messages": [e.message_id for e in events],
                "datas": [Jsonb(e.data()) for e in events],
            },
        )

    def committed(self) -> None:
        """Run what waited for the commit."""
        for action in self._after_commit:
            action()

    def _with_workspace(self, params: Params) -> Params:
        return {**params, "ws": self.workspace_id} if isinstance(params, Mapping) else params


class Database:
    """A PostgreSQL, reached as the app's role. Holds the pools, the clock and the table of reactions."""

    def __init__(
        self,
        app_url: str,
        *,
        clock: Clock,
        handlers: Handlers | None = None,
        random_bytes: RandomBytes = system_random,
        pool_size: int = 8,
        lease_s: float = LEASE_S,
    ) -> None:
        self.app_url = app_url
        self.public_url = ""
        """How contacts reach this installation, as whoever opens it sets it; empty where they cannot. Stands in mails."""
        self.lease_s = lease_s
        self.clock = clock
        self.handlers: Handlers = handlers or {}
        self.random_bytes = random_bytes
        self.instance_id: str | None = None
        """The installation that this process belongs to; a database of another one sends nothing (S26). None: not asked (demo, tests)."""
        self.ring: Callable[[], object] = lambda: None
        """Tells running workers of other processes that something is due; called after commits (`db/waking.py`)."""
        self.immutable: dict[tuple[Any, ...], Any] = {}
        """Rows that never change once written (published versions), read once a process."""
        self._pool = self.open_pool(pool_size)

    def open_pool(self, size: int, *, options: str = SESSION, autocommit: bool = False) -> ConnectionPool[Connection]:
        """Open a pool of its own (the hand-off needs two, H5). The caller closes it."""
        pool: ConnectionPool[Connection] = ConnectionPool(
            self.app_url,
            min_size=0,
            max_size=size,
            open=False,
            kwargs={"options": self._options(options), "autocommit": autocommit},
            timeout=30,
            max_idle=120,
        )
        pool.open()
        return pool

    def _options(self, options: str) -> str:
        given = str(psycopg.conninfo.conninfo_to_dict(self.app_url).get("options") or "")
        return f"{given} {options}".strip()

    @contextmanager
    def tx(self, workspace_id: WorkspaceId, *, actor: str = "segue", origin: str = "") -> Iterator[Tx]:
        """Begin a transaction; commit at the end of the block, roll back on any error.

        Raises:
            Unavailable: the database does not answer.
        """
        try:
            with self._pool.connection() as conn:
                conn.execute("SELECT set_config('segue.workspace', %s, true)", (str(workspace_id),))
                tx = Tx(self, conn, workspace_id, actor, origin)
                yield tx
                tx.flush()
        except PoolTimeout as error:
            raise self._unavailable() from error
        tx.committed()

    @contextmanager
    def anywhere(self) -> Iterator[Connection]:
        """Begin a transaction that belongs to no workspace: it sees only what the functions for that purpose show (D11)."""
        try:
            with self._pool.connection() as conn:
                yield conn
        except PoolTimeout as error:
            raise self._unavailable() from error

    def _unavailable(self) -> Unavailable:
        """Say why no connection comes: the pool keeps the reason to itself, so one more is tried."""
        try:
            psycopg.connect(self.app_url, connect_timeout=5, options=self._options(SESSION)).close()
        except psycopg.Error as error:
            reason = str(error).strip().splitlines()[-1:]
            return Unavailable(f"The database does not answer: {''.join(reason)}", hint="Check DATABASE_URL and that PostgreSQL runs.")
        return Unavailable("The database has no connection to spare.", hint="Raise max_connections, or run fewer workers.")

    def workspace_ids(self) -> list[WorkspaceId]:
        """Return every workspace."""
        with self.anywhere() as conn:
            return [WorkspaceId(row[0]) for row in conn.execute("SELECT workspace_id FROM segue_workspaces()").fetchall()]

    def clock_of_server(self) -> datetime:
        """Return the database's clock."""
        with self.anywhere() as conn:
            row = conn.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        at: datetime = row[0]
        return at

    @contextmanager
    def listening(self, channel: str) -> Iterator[Connection]:
        """Open a connection of its own that hears a channel. Raises psycopg.OperationalError."""
        with psycopg.connect(self.app_url, autocommit=True, connect_timeout=5, options=self._options(SESSION)) as conn:
            conn.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(channel)))
            yield conn

    def own_workspace_ids(self) -> list[WorkspaceId]:
        """Return the workspaces of this installation: of a restored or copied database none (S26)."""
        if self.instance_id is None:
            return self.workspace_ids()
        with self.anywhere() as conn:
            rows = conn.execute("SELECT workspace_id FROM segue_instances() WHERE instance_id = %s", (self.instance_id,)).fetchall()
        return [WorkspaceId(row[0]) for row in rows]

    def refresh_statistics(self, *tables: str) -> None:
        """Let the planner know of a bulk load at once: until autovacuum comes by, plans for the new rows are 50 times slower.

        Where the app's role may not (PostgreSQL before 17), the server only warns.
        """
        with self.anywhere() as conn:
            for table in tables:
                conn.execute(f"ANALYZE {table}")

    def refresh_outgrown_statistics(self) -> None:
        """Refresh the statistics of tables that have changed more rows than they had: sooner than autovacuum, which looks once a minute.

        Of a table that grew from nothing the planner knows nothing: every index is as good to it, and the gate, whose plans are kept, may
        go on reading a workspace's messages where it wants a mailbox's. Before PostgreSQL 17 only autovacuum may; there this does nothing.
        """
        with self.anywhere() as conn:
            if conn.info.server_version < 170_000:
                return
            outgrown = conn.execute(
                """SELECT c.relname FROM pg_stat_user_tables AS t JOIN pg_class AS c ON c.oid = t.relid
                   WHERE t.schemaname = current_schema() AND t.n_mod_since_analyze > GREATEST(50, c.reltuples)
                     AND has_table_privilege(c.oid, 'MAINTAIN') ORDER BY c.relname"""
            ).fetchall()
        if outgrown:
            self.refresh_statistics(*(name for (name,) in outgrown))

    def close(self) -> None:
        """Close the pool."""
        self._pool.close()
