"""Opens and clicks on their way into the database: many in one commit, so that a pixel answers at once (G19).

What a crash loses is a tenth of a second of telemetry. Nothing that stops is ever buffered.
"""

import logging
import queue
import threading

import psycopg

from segue.db.tx import Database
from segue.domain.errors import Unavailable
from segue.domain.machine_events import Signs
from segue.features.mail.tracking import Request, store_requests

log = logging.getLogger("segue.telemetry")

WAITING_MAX = 20_000
"""More than this many waiting are dropped: the database is away, and opens are not worth memory without bound."""
COMPANY_S = 0.05
AWAY_S = 1.0
MOST = 1_000


class Telemetry:
    """A queue with one thread that empties it."""

    def __init__(self, db: Database, signs: Signs) -> None:
        self.db = db
        self.signs = signs
        self.dropped = 0
        self._waiting: queue.Queue[Request | None] = queue.Queue(WAITING_MAX)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="telemetry", daemon=True)
        self._thread.start()

    def note(self, request: Request) -> None:
        """Take a request; never waits."""
        try:
            self._waiting.put_nowait(request)
        except queue.Full:
            self.dropped += 1

    def flush(self) -> None:
        """Return when everything noted so far is stored or dropped."""
        self._waiting.join()

    def close(self) -> None:
        """Store what waits, and end."""
        self._closing.set()
        self._waiting.put(None)
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            batch = self._gather()
            known = [each for each in batch if each is not None]
            if known:
                self._store(known)
            for _ in batch:
                self._waiting.task_done()
            if len(known) < len(batch):
                return

    def _gather(self) -> list[Request | None]:
        batch = [self._waiting.get()]
        self._closing.wait(COMPANY_S)
        while len(batch) < MOST and batch[-1] is not None:
            try:
                batch.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return batch

    def _store(self, batch: list[Request]) -> None:
        while True:
            try:
                store_requests(self.db, self.signs, batch)
            except (psycopg.OperationalError, Unavailable) as error:
                log.warning("opens and clicks wait for the database: %s", error)
                if self._closing.wait(AWAY_S):
                    return
            except Exception:
                log.exception("%s opens and clicks could not be stored", len(batch))
                return
            else:
                return
