"""Waking other processes: a command that makes something due tells running workers at once (engine.md §2).

At most one NOTIFY a second and process, and never inside a transaction of the engine: in each it cost 26 to 64 % of the commits.
"""

import threading
from collections.abc import Callable

import psycopg

from segue.db.tx import Database
from segue.domain.errors import Unavailable

CHANNEL = "segue_due"
LEAST_S = 1.0
LISTEN_S = 1.0
AWAY_S = 5.0


class Bell:
    """Rings for other processes. One a process; safe for threads."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._rung_at: float | None = None

    def ring(self) -> bool:
        """Wake whoever listens; False when this process rang less than a second ago. What it tells of must be committed."""
        now = self._db.clock.monotonic()
        with self._lock:
            if self._rung_at is not None and now - self._rung_at < LEAST_S:
                return False
            self._rung_at = now
        with self._db.anywhere() as conn:
            conn.execute("SELECT pg_notify(%s, '')", (CHANNEL,))
        return True


def listen(db: Database, woken: Callable[[], None], stopping: threading.Event) -> None:
    """Call `woken` whenever a bell rings, until stopped. A database that is away is waited for: polling goes on without it."""
    while not stopping.is_set():
        try:
            with db.listening(CHANNEL) as conn:
                while not stopping.is_set():
                    for _ in conn.notifies(timeout=LISTEN_S, stop_after=1):
                        woken()
        except (psycopg.OperationalError, Unavailable):
            stopping.wait(AWAY_S)
