"""Stops that are aimed at mails on their way, and the judgement of the server's log over them (S3, G3).

Every stop notes the instant before its COMMIT, when it already holds its locks: a DATA that begins later than that began after the stop. The server and
the stopper share one machine and so one clock.
"""

import contextlib
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from kills.field import Field
from kills.judge import ServerLog
from segue.db.locks import LockKind
from segue.db.tx import Database, Tx
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.ids import SequenceId, WorkspaceId
from segue.domain.stop_rules import Stop
from segue.features.contacts.edit import delete_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.merge import merge_contacts
from segue.features.contacts.suppression import suppress
from segue.features.enrollments.react import stop_enrollments
from segue.features.sequences.service import set_sequence_paused

# Of each mailbox the message on the wire and the one that follows: whatever comes later is not in a race.
TARGETS = """
    SELECT * FROM (
        SELECT m.state, e.id, e.address, e.mailbox_id, e.sequence_id, m.sender, row_number() OVER (PARTITION BY m.mailbox_id ORDER BY m.state, m.id) AS place
        FROM messages AS m JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
        WHERE m.workspace_id = %(ws)s AND m.state IN ('sending', 'in_doubt') AND e.state = 'active') AS open
    WHERE place <= 2 ORDER BY random() LIMIT 6
"""

OTHER = """
    SELECT id, address FROM enrollments WHERE workspace_id = %(ws)s AND state = 'active' AND id > %(id)s AND sequence_id = %(sequence)s
    ORDER BY id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Stopped:
    """One stop. `who` is what it covers in the server's log; `until` is when it was lifted again."""

    kind: str
    who: str
    aimed_at: str
    began: float
    locked: float
    committed: float
    until: float = float("inf")


@dataclass(slots=True)
class Stopper:
    """Threads that stop what is in flight, as long as there is something and until `wanted` stops are made."""

    db: Database
    where: Field
    wanted: int
    seed: int
    stops: list[Stopped] = field(default_factory=list)
    pauses: bool = True
    paused: set[str] = field(default_factory=set)
    guard: threading.Lock = field(default_factory=threading.Lock)

    def run(self, threads: int = 8) -> None:
        running = [threading.Thread(target=self._loop, args=(random.Random(f"{self.seed}/{n}"),)) for n in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    def _loop(self, dice: random.Random) -> None:
        idle_since = time.monotonic()
        while len(self.stops) < self.wanted and time.monotonic() - idle_since < 2.0:
            with self.db.tx(WorkspaceId(self.where.workspace_id)) as tx:
                targets = tx.all(TARGETS, {})
            if not targets:
                self.db.clock.sleep(0.01)
                continue
            idle_since = time.monotonic()
            self.db.clock.sleep(dice.uniform(0.0, 0.02))
            self._stop(dice, dice.choice(targets))

    def _stop(self, dice: random.Random, target: dict[str, Any]) -> None:
        draw = dice.random()
        if draw < 0.5 or not self.pauses:
            self._carry_out("unenroll", target["address"], target, lambda tx: stop_enrollments(tx, [target["id"]], Stop("MANUAL")))
        elif draw < 0.65:
            self._carry_out("suppress", target["address"], target, lambda tx: suppress(tx, "address", target["address"], "manual"))
        elif draw < 0.9:
            self._stop_contact("delete" if draw < 0.75 else "erase" if draw < 0.8 else "merge", target)
        elif draw < 0.96:
            self._pause("pause mailbox", target["sender"], target, lambda tx, on: pause_mailbox(tx, target["mailbox_id"], on))
        else:
            name = target["address"].partition(".")[0]
            self._pause("pause sequence", name, target, lambda tx, on: set_sequence_paused(tx, SequenceId(target["sequence_id"]), on))

    def _stop_contact(self, kind: str, target: dict[str, Any]) -> None:
        """Delete, erase or merge a contact whose mail is on its way; another thread may have done so already."""
        with contextlib.suppress(NotFound, Invalid, Conflict):
            if kind == "merge":
                self._carry_out(kind, "", target, lambda tx: merge(tx, target))
            elif kind == "delete":
                self._carry_out(kind, target["address"], target, lambda tx: delete_contact(tx, target["address"]))
            else:
                self._erase(target)

    def _erase(self, target: dict[str, Any]) -> None:
        """Erase as a person does it: refused while a mail is on its way, they delete the contact first and erase it when that has landed."""
        try:
            self._carry_out("erase", target["address"], target, lambda tx: erase_person(tx, target["address"]))
        except Conflict:
            self._carry_out("erase", target["address"], target, lambda tx: delete_contact(tx, target["address"]))
            for _ in range(20):
                self.db.clock.sleep(0.05)
                with contextlib.suppress(Conflict), self.db.tx(WorkspaceId(self.where.workspace_id)) as tx:
                    erase_person(tx, target["address"])
                    return

    def _carry_out(self, kind: str, who: str, target: dict[str, Any], act: Any, **more: Any) -> tuple[float, float, float]:
        began = time.time()
        with self.db.tx(WorkspaceId(self.where.workspace_id)) as tx:
            ended = act(tx)
            tx.flush()
            locked = time.time()
        committed = time.time()
        who = who or str(ended)
        if not more and who:
            self.stops.append(Stopped(kind, who, target["state"], began, locked, committed))
        return began, locked, committed

    def _pause(self, kind: str, who: str, target: dict[str, Any], act: Any) -> None:
        with self.guard:  # one pause of a thing at a time, or the end of one would end the other
            if who in self.paused:
                return
            self.paused.add(who)
        began, locked, committed = self._carry_out(kind, who, target, lambda tx: act(tx, True), pause=True)
        self.db.clock.sleep(0.03)
        until = time.time()
        self._carry_out(kind, who, target, lambda tx: act(tx, False), pause=True)
        self.stops.append(Stopped(kind, who, target["state"], began, locked, committed, until))
        with self.guard:
            self.paused.discard(who)


def merge(tx: Tx, target: dict[str, Any]) -> str:
    """Merge the contact with another that is being written to; return the address whose enrollment ends, which is the newer one (SEQ-143)."""
    other = tx.one(OTHER, {"id": target["id"], "sequence": target["sequence_id"]})
    if other is None:
        return ""
    merge_contacts(tx, other["address"], target["address"])
    ended = tx.all(
        "SELECT address FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND reason = 'CONTACT_MERGED'",
        {"ids": [target["id"], other["id"]]},
    )
    return str(ended[0]["address"]) if ended else ""


def pause_mailbox(tx: Tx, mailbox: int, paused: bool) -> None:
    """Pause or resume a mailbox: what it shares with hand-offs is locked first (H3)."""
    tx.lock_for_stop(LockKind.MAILBOX, mailbox)
    tx.run(
        "UPDATE mailbox_lanes SET paused = %(paused)s WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s",
        {"id": mailbox, "paused": paused},
    )


@dataclass(slots=True)
class Raced:
    """The judgement."""

    stops: list[Stopped]
    late: list[str]
    met: int
    """Stops whose target's DATA had begun before the stop did: they met a mail on the wire."""

    def __str__(self) -> str:
        waits = sorted(s.committed - s.began for s in self.stops)
        kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(Counter(s.kind for s in self.stops).items()))
        p50, p99 = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
        return (
            f"{len(self.stops)} raced stops ({kinds}; {self.met} met a mail on the wire): {len(self.late)} mails begun after the stop; "
            f"stop commit p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms, worst {waits[-1] * 1e3:.0f} ms"
        )


def judge_stops(stops: list[Stopped], log: ServerLog) -> Raced:
    """Look for DATA that began, or mail that was accepted, after a stop that covers it."""
    by_name: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for at, to, sender in log.data:
        for name in (to, sender, to.partition(".")[0]):
            by_name[name].append((at, f"DATA to {to}"))
    for each in log.taken:
        by_name[each.to].append((each.at, f"acceptance of {each.key} to {each.to}"))
    raced = Raced(stops, [], 0)
    for stop in stops:
        times = by_name[stop.who]
        raced.met += any(at <= stop.locked and at >= stop.began - 0.06 for at, _ in times)
        raced.late += [
            f"{what} {at - stop.locked:.4f} s after {stop.kind} of {stop.who}" for at, what in times if stop.locked < at < stop.until
        ]
    return raced
