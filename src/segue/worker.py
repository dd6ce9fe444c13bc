"""The worker: threads around the engine's pieces. Any number of workers share one database; nothing is configured (engine.md §6).

One dispatcher claims and prepares; sender threads pass messages through the gate, one mailbox's batch a thread; one settler stores outcomes
within 200 ms of the acceptance (H1); readers watch the inboxes; one thread tends what recurs. SIGTERM lets running hand-offs finish (L9).
"""

import contextlib
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from segue.db.claim import list_ready_workspaces
from segue.db.tx import Database
from segue.db.waking import listen
from segue.domain.errors import Unavailable
from segue.domain.ids import MailboxId, WorkspaceId
from segue.features.enrollments.bulk import run_step
from segue.features.enrollments.engine import Engine
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.mail.hand_off import Held, Result, Sending
from segue.providers.mail.base import HandOffError

log = logging.getLogger("segue.worker")

SENDERS = 16
"""engine.md §3: enough to hide the network; processes, not threads, are for cores."""
SETTLE_EVERY_S = 0.05
"""Results wait at most this long for company; with the commit it stays under the 200 ms of H1."""
SETTLE_MOST = 100
DATABASE_AWAY_S = 0.5
LAST_TRIES_S = 10.0
"""How long a worker that ends still tries to store what it knows, of the 30 seconds that it has (L9)."""
POLL_S = 1.0
ROOM_WAIT_S = 0.1
"""How long a claim waits at most for senders to come free before it takes only what needs none."""
TEND_EVERY_S = 5.0
STATISTICS_EVERY_S = 1.0
"""A first burst of mail is planned for by guesses until the planner is told of it: for a second at most."""
CLOCK_EVERY_S = 5.0
READ_EVERY_S = 60.0
"""MAIL-50: polling besides IDLE. The gate reads by itself where this is not fresh enough."""

Settleable = tuple[WorkspaceId, Result]


class Worker:
    """Runs the engine in threads until it is stopped, or until nothing is left to do."""

    def __init__(
        self,
        engine: Engine,
        *,
        senders: int = SENDERS,
        read_every_s: float = READ_EVERY_S,
        watch: bool = True,
        revive: Callable[[], None] = lambda: None,
        tend_every_s: float = TEND_EVERY_S,
    ) -> None:
        self.engine = engine
        self.db: Database = engine.db
        self.senders = senders
        self.read_every_s = read_every_s
        self.watch = watch
        self.revive = revive
        self.tend_every_s = tend_every_s
        self.stopping = threading.Event()
        self.wake = threading.Event()
        self._results: queue.Queue[Settleable | None] = queue.Queue()
        self._busy = 0
        self._busy_lock = threading.Lock()
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="sender")
        self._filers = ThreadPoolExecutor(4, thread_name_prefix="filer")
        self._clock_asked_at = float("-inf")
        self._clock_doubt = ""
        self._watched: set[tuple[WorkspaceId, MailboxId]] = set()

    def stop(self) -> None:
        """Begin no new hand-off; running ones finish."""
        self.stopping.set()
        self.wake.set()

    def run(self, *, until_idle: bool = False) -> None:
        """Work until stopped; with `until_idle`, until nothing is due, in flight or waiting for time, and every inbox has been read."""
        settler = threading.Thread(target=self._settle_loop, name="settler")
        tender = threading.Thread(target=self._tend_loop, name="tender")
        statistician = threading.Thread(target=self._statistics_loop, name="statistics")
        threading.Thread(target=listen, args=(self.db, self.wake.set, self.stopping), name="listener", daemon=True).start()
        settler.start()
        tender.start()
        statistician.start()
        try:
            idle = False
            while not (self.stopping.is_set() or idle):
                with self._guarded("dispatch"):
                    idle = self._turn(until_idle=until_idle)
        finally:
            self.stopping.set()
            self._pool.shutdown(wait=True)
            self._results.put(None)
            settler.join()
            self._filers.shutdown(wait=True)
            tender.join()
            statistician.join()

    def _turn(self, *, until_idle: bool) -> bool:
        """Do what is due, else wait for it; True when nothing is left to wait for."""
        self._await_room()
        if self._doubts_clock():
            self.stopping.wait(POLL_S)
            return False
        if self._dispatch():
            return False
        if until_idle and self._is_idle():
            return True
        self.wake.wait(self._nap())
        self.wake.clear()
        return False

    def _doubts_clock(self) -> bool:
        """Say whether the clock is not to be believed, and tell of it once (S29). The database's clock is asked every few seconds."""
        ask = self.db.clock.monotonic() - self._clock_asked_at >= CLOCK_EVERY_S
        if ask:
            self._clock_asked_at = self.db.clock.monotonic()
        why = self.engine.why_clock_doubted(ask_database=ask)
        if ask or why:
            if bool(why) != bool(self._clock_doubt):
                log.warning("sending waits: %s", why) if why else log.warning("the clock is believed again")
                for workspace_id in self.db.own_workspace_ids():
                    self.engine.tell_clock(workspace_id, why)
            self._clock_doubt = why
        return bool(self._clock_doubt)

    # --- claiming and sending ---------------------------------------------------------------------------------------------------------

    def _dispatch(self) -> bool:
        """Claim for every workspace that has something due, as many lanes as there is room for; True when there was work."""
        worked = False
        own = set(self.db.own_workspace_ids())
        workspaces = [each for each in list_ready_workspaces(self.db, self.db.clock.now(), 100) if each in own]
        for workspace_id in workspaces:
            # A quarter of the lanes for each workspace where several wait, so that one cannot crowd the others out (engine.md §2).
            most = max(1, min(room := self._room(), 50) // (4 if len(workspaces) > 3 else max(1, len(workspaces))))
            with self._guarded("dispatch"):
                sendings = claim_and_prepare(self.db, workspace_id, lanes=most if room else 0)
                batches: dict[MailboxId, list[Sending]] = defaultdict(list)
                for sending in sendings:
                    batches[sending.mailbox_id].append(sending)
                for batch in batches.values():
                    self._send_soon(workspace_id, batch)
                worked = worked or bool(sendings)
        return worked

    def _await_room(self) -> None:
        """Let several lanes come free before the next claim, so that it writes many rows at once; what needs no lane waits with it."""
        ends = self.db.clock.monotonic() + ROOM_WAIT_S
        while self._room() == 0 and not self.stopping.is_set() and (left := ends - self.db.clock.monotonic()) > 0:
            self.wake.wait(left)
            self.wake.clear()

    def _room(self) -> int:
        """How many lanes may be claimed: half as many as there are senders wait for one; none while a claim would be a small one."""
        with self._busy_lock:
            return max(1, self.senders * 3 // 2 - self._busy) if self._busy <= self.senders else 0

    def _send_soon(self, workspace_id: WorkspaceId, batch: Sequence[Sending]) -> None:
        with self._busy_lock:
            self._busy += 1
        self._pool.submit(self._send, workspace_id, batch)

    def _send(self, workspace_id: WorkspaceId, batch: Sequence[Sending]) -> None:
        try:
            for sending in batch:
                with self._guarded("send"):
                    self._results.put((workspace_id, self._deliver(sending)))
        finally:
            with self._busy_lock:
                self._busy -= 1
            self.wake.set()

    def _deliver(self, sending: Sending) -> Result:
        """Deliver one message; on the way out the rest of a batch is given back at once instead of begun (L9)."""
        if self.stopping.is_set():
            now = self.db.clock.now()
            return Result(sending, Held("the worker is stopping", now), now)
        return self.engine.deliver(sending)

    # --- settling ---------------------------------------------------------------------------------------------------------------------

    def _settle_loop(self) -> None:
        going, waiting = True, list[Settleable]()
        while going:
            going, results = self._gather(DATABASE_AWAY_S if waiting else None)
            waiting = self._settle(waiting + results)
        ends = self.db.clock.monotonic() + LAST_TRIES_S
        while waiting and self.db.clock.monotonic() < ends:
            self.db.clock.sleep(DATABASE_AWAY_S)
            waiting = self._settle(waiting)

    def _gather(self, most_s: float | None) -> tuple[bool, list[Settleable]]:
        """Wait for a result, for `most_s` seconds at most, and a little longer for its company; False when the last has come."""
        results: list[Settleable] = []
        ends: float | None = None
        while len(results) < SETTLE_MOST:
            try:
                following = self._results.get(timeout=most_s if ends is None else max(0.0, ends - self.db.clock.monotonic()))
            except queue.Empty:
                break
            if following is None:
                return False, results
            results.append(following)
            ends = ends or self.db.clock.monotonic() + SETTLE_EVERY_S
        return True, results

    def _settle(self, results: Sequence[Settleable]) -> list[Settleable]:
        """Store results; return those for which the database is away: an acceptance that only this process knows is not given up (H1)."""
        by_workspace: dict[WorkspaceId, list[Result]] = defaultdict(list)
        for workspace_id, result in results:
            by_workspace[workspace_id].append(result)
        waiting: list[Settleable] = []
        for workspace_id, batch in by_workspace.items():
            if not self._try_settle(workspace_id, batch):
                waiting += [(workspace_id, result) for result in batch]
                continue
            by_mailbox: dict[MailboxId, list[Result]] = defaultdict(list)
            for result in batch:
                by_mailbox[result.sending.mailbox_id].append(result)
            for copies in by_mailbox.values():
                self._filers.submit(self._file, copies)
        self.wake.set()
        return waiting

    def _try_settle(self, workspace_id: WorkspaceId, batch: Sequence[Result]) -> bool:
        """False when the database is away. One bad row is set aside without undoing the others (H1): it is told, and recovered."""
        try:
            self.engine.settle(workspace_id, batch)
        except (psycopg.OperationalError, Unavailable) as error:
            log.warning("settle waits for the database: %s", error)
            self._revive_database()
            return False
        except Exception:
            if len(batch) > 1:
                stored = [self._try_settle(workspace_id, [result]) for result in batch]
                return all(stored)
            log.exception("settle failed")
        return True

    def _file(self, results: Sequence[Result]) -> None:
        with self._guarded("file"):
            self.engine.file_copies(results)

    # --- what recurs ------------------------------------------------------------------------------------------------------------------

    def _tend_loop(self) -> None:
        while not self.stopping.is_set():
            with self._guarded("tend"):
                for workspace_id in self.db.own_workspace_ids() if not self._clock_doubt else ():
                    with self._guarded("tend"):  # what fails in one workspace holds up no other
                        self.engine.tend(workspace_id)
                        run_step(self.db, workspace_id)  # of a job whose API has gone
                    if self.watch:
                        self._watch_new(workspace_id)
            self.stopping.wait(self.tend_every_s)

    def _statistics_loop(self) -> None:
        while not self.stopping.wait(STATISTICS_EVERY_S):
            with self._guarded("statistics"):
                self.db.refresh_outgrown_statistics()

    def _watch_new(self, workspace_id: WorkspaceId) -> None:
        """Start a reader for each mailbox that has none yet: one thread a mailbox (MAIL-57)."""
        for mailbox_id in self.engine.list_mailboxes(workspace_id):
            if (workspace_id, mailbox_id) not in self._watched:
                self._watched.add((workspace_id, mailbox_id))
                threading.Thread(target=self._watch_loop, args=(workspace_id, mailbox_id), name=f"reader-{mailbox_id}", daemon=True).start()

    def _watch_loop(self, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> None:
        pause = 1.0
        while not self.stopping.is_set():
            try:
                report = self.engine.read(workspace_id, mailbox_id)
                if report.messages:
                    self.wake.set()
                pause = 1.0
                with self.engine.sessions.use(workspace_id, mailbox_id, "watch") as session:
                    session.wait_for_mail(self.read_every_s)
            except HandOffError as error:  # the mailbox's state says so; back off (MAIL-57)
                log.info("mailbox %s cannot be read: %s", mailbox_id, type(error).__name__)
                self.stopping.wait(pause)
                pause = min(pause * 2, self.read_every_s)
            except Exception:
                if self.stopping.is_set():
                    return  # the program ends and has closed what this thread reads with
                log.exception("reading mailbox %s failed", mailbox_id)
                self.stopping.wait(pause)
                pause = min(pause * 2, self.read_every_s)

    # --- rest -------------------------------------------------------------------------------------------------------------------------

    def _nap(self) -> float:
        """Sleep until the earliest work, at most a second; less where the clock runs fast."""
        earliest = min(filter(None, (self.engine.find_next_at(w) for w in self.db.own_workspace_ids())), default=None)
        if earliest is None:
            return POLL_S
        ahead = (earliest - self.db.clock.now()).total_seconds() / max(self.db.clock.stretch(1.0).total_seconds(), 1e-9)
        return min(POLL_S, max(0.005, ahead))

    def _is_idle(self) -> bool:
        """Nothing in flight, nothing to settle, nothing planned. What waits for a person does not count."""
        if self._busy or not self._results.empty():
            return False
        return all(self.engine.find_next_at(w) is None and not self._has_open_messages(w) for w in self.db.own_workspace_ids())

    def _has_open_messages(self, workspace_id: WorkspaceId) -> bool:
        with self.db.tx(workspace_id) as tx:
            row = tx.one("SELECT 1 AS one FROM messages WHERE workspace_id = %(ws)s AND state IN ('sending', 'in_doubt') LIMIT 1", {})
        return row is not None

    @contextlib.contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        """The edge of a job: an error is told and the worker goes on; what it left open is recovered."""
        try:
            yield
        except (psycopg.OperationalError, Unavailable) as error:  # the database is away: not a crash loop, it resumes unaided (L10)
            log.warning("%s waits for the database: %s", what, error)
            self._revive_database()
            self.stopping.wait(0.5)
        except Exception:
            log.exception("%s failed", what)
            self.stopping.wait(0.2)

    def _revive_database(self) -> None:
        """Start the embedded server again if it died; an external one is only waited for."""
        try:
            self.revive()
        except Unavailable as error:
            log.warning("the database does not start: %s", error)


def run_worker(
    engine: Engine,
    *,
    until_idle: bool = False,
    install: Callable[[Worker], None] = lambda _: None,
    revive: Callable[[], None] = lambda: None,
    beside: Callable[[threading.Event], None] = lambda _: None,
) -> None:
    """Run a worker; `install` may connect it to signals, `revive` starts an embedded database again, `beside` runs in a thread of its own
    until the event is set."""
    worker = Worker(engine, revive=revive)
    install(worker)
    lane = threading.Thread(target=beside, args=(worker.stopping,), name="beside")
    lane.start()
    try:
        worker.run(until_idle=until_idle)
    finally:
        worker.stopping.set()
        lane.join()
        engine.close()
