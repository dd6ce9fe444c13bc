"""Engines with one part broken each (reliability.md, "Against fooling ourselves" 1). The checker must catch every one of them, and let the true
engine pass where it caught them: a world that cannot tell them apart proves nothing.

Numbers are those of the list there. Parts are replaced by subclasses and wrappers that are handed in, never by patching.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.db import lean
from segue.db.tx import Connection
from segue.domain.ids import MailboxId, WorkspaceId
from segue.domain.stop_rules import Stop
from segue.features.enrollments.engine import Engine
from segue.features.enrollments.react import stop_enrollments
from segue.features.mail import read as reading
from segue.features.mail.hand_off import Facts, Gate, GateLimits, Held, Result, Sending
from segue.features.mail.links import FoundLink
from segue.features.mail.read import ReadReport
from segue.features.mail.unsubscribe import opt_out_by_link
from segue.providers.mail.base import (
    Accepted,
    Evidence,
    EvidenceFound,
    FetchedBatch,
    FolderCursor,
    MayStillSend,
    Outgoing,
    SignInAgain,
    Unknown,
)
from world.faults import LATE_STOPS, ChaosProvider, ChaosSession
from world.workers import Parts

# --- the gate -----------------------------------------------------------------------------------------------------------------------


class MarkedTooLate(Gate):
    """2: the row says `in_doubt` only when the outcome is settled."""

    def _mark_in_doubt(self, sending: Sending, now: datetime) -> int | None:
        return 1

    def mark_now(self, result: Result) -> Result:
        return replace(result, attempt=super()._mark_in_doubt(result.sending, result.at) or 0)


class MarkedInTheSameTransaction(Gate):
    """3: `in_doubt` is written on the connection that holds the locks, and commits with them."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        self._held = conn
        return super()._lock_then_read(conn, sending, now)

    def _mark_in_doubt(self, sending: Sending, now: datetime) -> int | None:
        marks, self._marks = self._marks, OneConnection(self._held)  # type: ignore[assignment]
        try:
            return super()._mark_in_doubt(sending, now)
        finally:
            self._marks = marks


class StopReadAtClaim(Gate):
    """6: what has been stopped since the claim is not looked at."""

    def _why_held(self, facts: Facts | None, sending: Sending, now: datetime) -> Held | None:
        if facts is not None:
            facts = replace(
                facts, enrollment_state="active", suppressed=False, workspace_stopped=False, mailbox_paused=False, sequence_paused=False
            )
        return super()._why_held(facts, sending, now)


class NoLocksAcross(Gate):
    """1 and 7: fence, stops and limits are read directly before the hand-off, but nothing is held across it."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        facts = super()._lock_then_read(conn, sending, now)
        lean.execute(conn, b"COMMIT")
        lean.execute(conn, b"BEGIN")
        return facts


class QuotaOfThisProcess(Gate):
    """11: a worker counts only what it has sent itself."""

    def _limit_reached(self, facts: Facts, limits: GateLimits, now: datetime) -> Held | None:
        mine: list[datetime] = self.__dict__.setdefault("mine", [])
        counted = sum(1 for each in mine if now - each < timedelta(hours=24))
        held = super()._limit_reached(replace(facts, in_day=counted), limits, now)
        if held is None:
            mine.append(now)
        return held


class DueTrusted(Gate):
    """13: a message that is due may go, whatever the hour has become since."""

    def _why_held(self, facts: Facts | None, sending: Sending, now: datetime) -> Held | None:
        return super()._why_held(facts, replace(sending, exempt=True), now)


class UtcWindow(Gate):
    """12, at the gate."""

    def _why_held(self, facts: Facts | None, sending: Sending, now: datetime) -> Held | None:
        return super()._why_held(facts, replace(sending, zone=ZoneInfo("UTC")), now)


class OneConnection:
    """A pool that gives out a connection that is in use already."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        yield self.conn


# --- the engine ---------------------------------------------------------------------------------------------------------------------


class SettlesMarks(Engine):
    """2, the other half."""

    def settle(self, workspace_id: WorkspaceId, results: Sequence[Result]) -> None:
        gate = self.gate
        assert isinstance(gate, MarkedTooLate)
        super().settle(workspace_id, [gate.mark_now(each) if each.attempt else each for each in results])


class AbsenceProves(Engine):
    """5: what is not in the Sent folder was not sent, also where the server files nothing."""

    def look_for_evidence(self, workspace_id: WorkspaceId, mailbox_id: MailboxId, outgoing: Outgoing) -> EvidenceFound:
        found = super().look_for_evidence(workspace_id, mailbox_id, outgoing)
        return EvidenceFound(Evidence.ABSENT) if found.evidence is Evidence.CANNOT_TELL else found


class QuotaReturnedOnTimeout(Engine):
    """10: what has no clear answer does not count against the limits."""

    def settle(self, workspace_id: WorkspaceId, results: Sequence[Result]) -> None:
        super().settle(workspace_id, results)
        with self.db.tx(workspace_id) as tx:
            tx.run(
                "UPDATE messages SET handed_at = handed_at - interval '25 hours' WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
                {"ids": [each.sending.id for each in results if isinstance(each.outcome, Unknown)]},
            )


class AnyBounceEnds(Engine):
    """17: a bounce that quotes no mail of ours is as good as one that does."""

    def read(self, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> ReadReport:
        report = super().read(workspace_id, mailbox_id)
        with self.db.tx(workspace_id) as tx:
            rows = tx.all(
                """SELECT DISTINCT enrollment_id FROM events WHERE workspace_id = %(ws)s AND kind = 'bounce_received'
                   AND NOT (data ->> 'proven')::boolean""",
                {},
            )
            stop_enrollments(tx, [row["enrollment_id"] for row in rows], Stop("BOUNCED"))
        return report


class CursorFirst(Engine):
    """MAIL-50: the cursor is saved when mails are fetched, before they are judged."""

    def read(self, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> ReadReport:
        try:
            with self.sessions.use(workspace_id, mailbox_id, "read") as session:
                saving: Any = SavesCursor(session, self, workspace_id, mailbox_id)
                return reading.read_mailbox(self.db, workspace_id, mailbox_id, saving)
        except SignInAgain:
            self.sessions.forget(workspace_id, mailbox_id)
            raise


# --- the provider -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Providing:
    """A provider whose sessions are wrapped."""

    inner: ChaosProvider
    wrap: Callable[[ChaosSession], Any]

    def open(self, config: Any) -> Any:
        return self.wrap(self.inner.open(config))  # type: ignore[arg-type]


class Wrapped:
    """A session that is the inner one but for what a subclass changes."""

    def __init__(self, inner: ChaosSession) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class SavesCursor(Wrapped):
    def __init__(self, inner: Any, engine: Engine, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> None:
        super().__init__(inner)
        self.engine, self.workspace_id, self.mailbox_id = engine, workspace_id, mailbox_id

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        batch = self.inner.fetch(cursor, limit=limit, since=since)
        with self.engine.db.tx(self.workspace_id) as tx:
            reading._save_cursor(tx, self.mailbox_id, batch.cursor, batch.alarm)
        return batch


class NoCheckBeforeTheDot(Wrapped):
    """9: nobody asks whether the deadline has passed and the locks are still held."""

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        def always() -> bool:
            may_still_send()
            return True

        return self.inner.hand_off(message, deadline_s=deadline_s, may_still_send=always)


class LockAndReadAtOnce(Gate):
    """8: what is read behind the locks is what stood there before the wait for them (H2)."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        lean.execute(conn, b"COMMIT")
        lean.execute(conn, b"BEGIN ISOLATION LEVEL REPEATABLE READ")
        lean.execute(conn, b"SELECT 1 FROM workspaces")  # a snapshot is taken with the first statement
        self.db.meanwhile(sending)  # type: ignore[attr-defined]
        return super()._lock_then_read(conn, sending, now)


class NoCloneFence(Gate):
    """20: nobody asks whose database this is."""

    def _why_held(self, facts: Facts | None, sending: Sending, now: datetime) -> Held | None:
        return super()._why_held(facts and replace(facts, instance_id=self.db.instance_id or ""), sending, now)


def _opt_out_by_looking(db: Any, link: FoundLink) -> None:
    """19: whoever opens the page has asked for it, and be it a scanner."""
    opt_out_by_link(db, link, everything=False, way="link")


class RawAddress(Gate):
    """14: an address on the block list is compared letter by letter."""

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        facts = super()._lock_then_read(conn, sending, now)
        found = conn.execute("SELECT 1 FROM suppressions WHERE value = lower(%s)", (sending.outgoing.recipient,)).fetchone()
        return None if facts is None else replace(facts, suppressed=found is not None)


def _suppress_raw(_: Any, tx: Any, kind: str, value: str, reason: str) -> None:
    """14: and so it is where it is put on the list."""
    tx.run(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, created_at)
           VALUES (%(ws)s, %(kind)s, lower(%(value)s), %(reason)s, %(now)s) ON CONFLICT DO NOTHING""",
        {"kind": kind, "value": value, "reason": reason, "now": tx.now},
    )
    rows = tx.all(
        "SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND state IN ('active', 'paused') AND lower(address) = lower(%(value)s)",
        {"value": value},
    )
    stop_enrollments(tx, [row["id"] for row in rows], Stop("SUPPRESSED"))


class WrittenId(Wrapped):
    """15: what the Sent copy says about ids is not read."""

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        return tuple(pair for pair in self.inner.file_sent_copy(message) if pair[0] != "observed")

    def find_evidence(self, message: Outgoing) -> EvidenceFound:
        found = self.inner.find_evidence(message)
        return replace(found, ids=tuple(pair for pair in found.ids if pair[0] != "observed"))


class AutoReplyFirst(Wrapped):
    """16: a notice that says `auto-replied` is taken for an automatic answer before anybody looks for a report in it."""

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        batch = self.inner.fetch(cursor, limit=limit, since=since)
        return replace(batch, messages=tuple(replace(each, raw=_as_auto_reply(each.raw)) for each in batch.messages))


class UidValidityIgnored(Wrapped):
    """18: UIDs go on counting whatever the server says of its numbering."""

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        box = self.inner._provider.world.mailbox(self.inner._address)
        assert box is not None
        validity = box.folders[cursor.folder].uid_validity if cursor.uid_validity else 0
        return self.inner.fetch(replace(cursor, uid_validity=validity), limit=limit, since=since)


def _as_auto_reply(raw: bytes) -> bytes:
    head, _, _ = raw.partition(b"\r\n\r\n")
    if b"report-type=delivery-status" not in head:
        return raw
    kept = [line for line in head.split(b"\r\n") if line.startswith((b"To:", b"Date:", b"Message-ID:", b"Auto-Submitted:"))]
    return b"\r\n".join([b"From: robot@prospect.test", b"Subject: Automatic reply", *kept, b"", b"I am away.", b""])


def _wrapping(session: Callable[[ChaosSession], Any]) -> Callable[[ChaosProvider], Any]:
    return lambda provider: Providing(provider, session)


def _enroll_in_utc(enroll: Any, db: Any, workspace_id: WorkspaceId, request: Any, contacts: Any) -> None:
    """12: the enrollment's zone is UTC, whatever the sender's is."""
    enroll(db, workspace_id, request, contacts)
    with suppress(Exception), db.tx(workspace_id) as tx:
        tx.run("UPDATE enrollments SET timezone = 'UTC' WHERE workspace_id = %(ws)s", {})


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken engine, the faults among which it shows, and the people who bring it to light."""

    parts: Parts
    kinds: frozenset[str]
    tempers: tuple[str, ...] = ()
    crash_rate: float = 0.02
    plans: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    full: bool = False
    first_seed: int = 1
    """Earlier worlds are known not to show it."""


def _among(*kinds: str) -> frozenset[str]:
    return frozenset(kinds)


DOUBT = ("accept then drop", "lost answer", "garbled answer")
CRASHES = ("crash after hand_off", "crash before commit", "crash after commit")

MUTANTS: dict[str, Mutant] = {
    "1 no fence": Mutant(Parts(gate=NoLocksAcross), _among("freeze at the dot")),
    "2 no in_doubt": Mutant(Parts(gate=MarkedTooLate, engine=SettlesMarks), _among(*CRASHES), crash_rate=0.05),
    "3 in_doubt in the hand-off's own transaction": Mutant(
        Parts(gate=MarkedInTheSameTransaction), _among("crash after hand_off"), crash_rate=0.2
    ),
    "4 evidence before T_settle": Mutant(Parts(settle_after_s=0.0), _among("late acceptance")),
    "5 absence always proves": Mutant(Parts(engine=AbsenceProves), _among(*DOUBT)),
    "6 stop read at claim": Mutant(Parts(gate=StopReadAtClaim), _among("freeze with a batch"), ("replies", "writes anew", "is away")),
    "7 stop read without lock": Mutant(Parts(gate=NoLocksAcross), _among("stop in flight", "pause in flight")),
    "8 lock and read in one statement": Mutant(
        Parts(gate=LockAndReadAtOnce), _among(*LATE_STOPS), ("silent",), acts=("work_on_tasks",), full=True
    ),
    "9 no check before the dot": Mutant(Parts(provider=_wrapping(NoCheckBeforeTheDot)), _among("freeze beyond H7")),
    "10 quota returned on timeout": Mutant(Parts(engine=QuotaReturnedOnTimeout), _among(*DOUBT)),
    "11 quota per process": Mutant(Parts(gate=QuotaOfThisProcess), _among("freeze with a batch", *CRASHES)),
    "12 window in UTC": Mutant(Parts(enroll=_enroll_in_utc, gate=UtcWindow), _among()),
    "13 due trusted by the gate": Mutant(Parts(gate=DueTrusted), _among("freeze with a batch"), ("silent",), plans=("Narrow",)),
    "14 suppression by raw address": Mutant(
        Parts(gate=RawAddress, suppress=_suppress_raw), _among(), ("silent",), acts=("suppress_somebody",)
    ),
    "15 written instead of observed Message-ID": Mutant(Parts(provider=_wrapping(WrittenId)), _among(), ("silent",)),
    "16 auto-reply before bounce": Mutant(Parts(provider=_wrapping(AutoReplyFirst)), _among(), ("silent", "bounces")),
    "17 bounce without quoted id ends": Mutant(Parts(engine=AnyBounceEnds), _among(), ("silent", "bounces without trace")),
    "18 UIDVALIDITY ignored": Mutant(Parts(provider=_wrapping(UidValidityIgnored)), _among("UIDVALIDITY reset"), first_seed=2),
    "19 GET unsubscribes": Mutant(Parts(look=_opt_out_by_looking), _among(), ("silent",), acts=("scan_links", "work_on_tasks"), full=True),
    "20 clone fence off": Mutant(
        Parts(gate=NoCloneFence), _among("a copy of the database sends"), ("silent",), acts=("work_on_tasks",), full=True
    ),
    "cursor saved before the mails": Mutant(Parts(engine=CursorFirst), _among("crash before commit"), crash_rate=0.05, first_seed=2),
}
