"""A logical worker: the engine's pieces, one at a time, in the order that the scheduler says. What it holds in memory dies with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

import psycopg

from segue.db.tx import Connection
from segue.domain.errors import Unavailable
from segue.domain.ids import WorkspaceId
from segue.features.enrollments.engine import T_SETTLE_S, Engine
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.mail.hand_off import Facts, Gate, Result, Sending
from segue.features.mail.links import FoundLink
from segue.features.mail.sessions import Sessions
from segue.features.mail.unsubscribe import get_opt_out_page
from segue.features.workspaces.vault import Vault
from segue.providers.mail.base import HandOffError
from world.faults import ChaosProvider
from world.sim_database import Line, SimDatabase


class Blocked(Exception):
    """The piece waits for a lock that somebody holds; in one thread it is undone and tried again later."""


class Meanwhile(Gate):
    """The true gate; the world may act where it would wait for its locks."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        self.db.meanwhile(sending)  # type: ignore[attr-defined]
        return super()._lock_then_read(conn, sending, now)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of. Mutants replace single parts; the true engine replaces none."""

    name: str = "true engine"
    gate: Callable[..., Gate] = Meanwhile
    engine: Callable[..., Engine] = Engine
    settle_after_s: float = T_SETTLE_S
    provider: Callable[[ChaosProvider], Any] = lambda provider: provider
    enroll: Callable[..., Any] = lambda enroll, *arguments: enroll(*arguments)
    suppress: Callable[..., Any] = lambda suppress, *arguments: suppress(*arguments)
    look: Callable[[Any, FoundLink], Any] = get_opt_out_page
    """What a GET of the page to unsubscribe does."""


TRUE_ENGINE = Parts()


class Worker:
    """One worker process."""

    def __init__(self, db: SimDatabase, parts: Parts, vault: Vault, provider: Any, workspace_id: WorkspaceId, random: Random) -> None:
        self.db = db
        self.workspace_id = workspace_id
        self.random = random
        gate = parts.gate(db, threads=1)
        self.engine = parts.engine(db, gate, Sessions(db, vault, {"fake": provider}), settle_after_s=parts.settle_after_s)
        self._locks = gate._locks
        self.sendings: list[Sending] = []
        self.results: list[Result] = []
        self.unfiled: list[Result] = []
        self.frozen_until: datetime | None = None

    def piece(self, what: str, *, now: datetime) -> bool:
        """Do one piece: the one named, else what lies nearest. False when there is nothing to do.

        Raises:
            Blocked: it has to wait for a lock.
        """
        if self.frozen_until is not None:
            if now < self.frozen_until:
                return False
            self.frozen_until = None
        try:
            return getattr(self, f"_{what or self._nearest()}")()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.AdminShutdown, Unavailable) as error:
            raise Blocked from error
        except HandOffError:
            return True  # the mailbox's state says why (L3)

    def _nearest(self) -> str:
        ready = [name for name, there in (("settle", self.results), ("deliver", self.sendings), ("file", self.unfiled)) if there]
        return self.random.choice(ready) if ready else "claim"

    def _claim(self) -> bool:
        found = claim_and_prepare(self.db, self.workspace_id, lanes=self.random.choice((1, 2, 50)))
        self.sendings += found
        return bool(found)

    def _deliver(self) -> bool:
        if self.sendings:
            self.results.append(self.engine.deliver(self.sendings.pop(0)))
        return True

    def _settle(self) -> bool:
        results = list(self.results)
        self.engine.settle(self.workspace_id, results)  # where this is blocked, the results stay and are settled later
        self.results.clear()
        self.unfiled += results
        return True

    def _file(self) -> bool:
        self.engine.file_copy(self.unfiled.pop(0))
        return True

    def _read(self) -> bool:
        for mailbox in self.engine.list_mailboxes(self.workspace_id):
            if self.random.random() < 0.5:
                self.engine.read(self.workspace_id, mailbox)
        return True

    def _tend(self) -> bool:
        self.engine.tend(self.workspace_id)
        return True

    def has_work(self, now: datetime) -> bool:
        """Say whether this worker holds something that it can go on with."""
        return (self.frozen_until is None or now >= self.frozen_until) and bool(self.sendings or self.results or self.unfiled)

    def lock_pids(self) -> list[int]:
        """Return the database sessions that hold this worker's locks at this moment."""
        busy: list[Line] = self._locks.busy  # type: ignore[attr-defined]
        return [line.info.backend_pid for line in busy]

    def close(self) -> None:
        self.db.close()
