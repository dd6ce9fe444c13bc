"""The gate and the hand-off: the one place of the program that gives a message to a provider (reliability.md §1).

Two connections: the first holds the locks that every stop must wait for; on the second `in_doubt` is committed before the first byte leaves
(H5). Locks are taken first, each kind in its own statement, and only then is anything read (H2).
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import psycopg
from psycopg_pool import PoolTimeout

from segue.db import lean
from segue.db.locks import LockKind, lock_key
from segue.db.tx import Connection, Database
from segue.domain.ids import EnrollmentId, MailboxId, MessageId, StepKey, WorkspaceId
from segue.domain.send_window import Days, SendWindow, is_open, next_open
from segue.providers.mail.base import Accepted, HandOffError, MailSession, Outgoing

DAY = timedelta(hours=24)
INBOX_FRESH = timedelta(minutes=2)
"""L5: a reply that has arrived must have been read before the next mail goes."""

BY_KEY = "-c plan_cache_mode=force_generic_plan -c join_collapse_limit=1 -c enable_seqscan=off -c enable_bitmapscan=off"
"""The gate's statements read few rows by key, whatever the values: to plan them anew for each mail took 1.4 ms, to try all orders of their
tables 20 ms after each change of statistics, and a plan made while a table was small must still do when it is large."""

DOMAIN_FULL = "limit: mails to one company"
ADDRESS_FULL = "limit: mails to one address"
"""The one limit that holds a contact and not the mailbox (SEQ-94)."""


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What the gate counts against: per rolling 24 h, per clock minute, seconds between acceptances (SEQ-86…94)."""

    per_day: int
    per_minute: int
    spacing: timedelta
    user_per_day: int
    address_per_day: int = 3
    domain_per_day: int = 0
    """0: mails to one company domain are not capped (SEQ-94)."""
    by_hand_frees_at: datetime | None = None
    """When the first mail written by hand stops to narrow `per_day` (SEQ-93)."""
    address_shared: bool = False
    """Several sequences may write to the address: counted and taken under a lock of its own (SEQ-141)."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A prepared message on its way, with everything the gate must compare."""

    workspace_id: WorkspaceId
    id: MessageId
    enrollment_id: EnrollmentId
    step_key: StepKey
    generation: int
    mailbox_id: MailboxId
    user_id: int
    sequence_id: int
    recipient_normal: str
    outgoing: Outgoing
    exempt: bool
    """First email: no window, no days (SEQ-81)."""
    window: SendWindow
    days: Days
    zone: ZoneInfo
    limits: GateLimits
    deadline_s: float
    last_of_lane: bool = True
    """The lane is given back when this one is settled; before, a second thread would only meet the occupied slot."""


@dataclass(frozen=True, slots=True)
class Held:
    """The gate did not open. Nothing left. `at`: when to look again; None when a stop covers the message."""

    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one hand-off. `attempt` guards against settling what somebody else has settled since."""

    sending: Sending
    outcome: Accepted | HandOffError | Held
    at: datetime
    attempt: int = 0


class Gate:
    """The two pools of the hand-off, sized to the number of sender threads (H5)."""

    def __init__(self, db: Database, *, threads: int, longest_deadline_s: float = 60.0, slack_s: float = 5.0) -> None:
        self.db = db
        wait_ms = int((longest_deadline_s + slack_s) * 1000)
        # H7: a frozen sender loses its locks after this long. H3: lock waits are bounded by the statement, not by lock_timeout. Losing a
        # commit of the lock connection loses nothing, so it need not wait for the disk.
        options = (
            f"-c idle_in_transaction_session_timeout={wait_ms} -c statement_timeout={wait_ms} -c synchronous_commit=off -c timezone=UTC"
        )
        self._locks = db.open_pool(threads, options=f"{options} {BY_KEY}", autocommit=True)
        self._marks = db.open_pool(threads, options=f"-c statement_timeout=30s -c timezone=UTC {BY_KEY}", autocommit=True)

    def close(self) -> None:
        self._locks.close()
        self._marks.close()

    def hand_off(self, sending: Sending, session: MailSession) -> Result:
        """Pass one message through the gate and, if it opens, give it to the provider.

        Never raises for what the provider or the database does: the outcome says what is known. Anything else that is raised leaves the
        message to `recover`.
        """
        try:
            with self._locks.connection() as conn:
                return self._hand_off(conn, sending, session)
        except (psycopg.OperationalError, PoolTimeout) as error:
            for pool in (self._locks, self._marks):  # a restarted database has left more of them dead: each would cost a mail five seconds
                pool.check()
            # Before `in_doubt` nothing left; after it `recover` decides: settling as held touches only what never was in doubt.
            now = self.db.clock.now()
            return Result(sending, Held(f"database: {error}", now + timedelta(seconds=5)), now)

    def _hand_off(self, conn: Connection, sending: Sending, session: MailSession) -> Result:
        lean.execute(conn, b"BEGIN")
        try:
            return self._under_locks(conn, sending, session)
        finally:
            with contextlib.suppress(psycopg.OperationalError):  # lost locks change nothing of what the provider answered
                lean.execute(conn, b"COMMIT")

    def _under_locks(self, conn: Connection, sending: Sending, session: MailSession) -> Result:
        clock = self.db.clock
        now = clock.now()
        held = self._why_held(self._lock_then_read(conn, sending, now), sending, now := clock.now())
        if held is not None:
            return Result(sending, held, now)
        attempt = self._mark_in_doubt(sending, now)
        if attempt is None:
            return Result(sending, Held("another worker has this message, or the user's limit is full", now + timedelta(minutes=1)), now)
        ends = clock.monotonic() + sending.deadline_s
        try:
            accepted = session.hand_off(
                sending.outgoing, deadline_s=sending.deadline_s, may_still_send=lambda: clock.monotonic() < ends and _is_alive(conn)
            )
        except HandOffError as error:
            return Result(sending, error, clock.now(), attempt)
        return Result(sending, accepted, clock.now(), attempt)

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> "Facts | None":
        """Take the locks and read everything behind them; None where the fence or the mailbox's slot is somebody else's."""
        row = lean.call(
            conn,
            b"segue_gate",
            b"SELECT * FROM segue_gate($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                b"%d" % sending.workspace_id,
                _array(
                    [
                        lock_key(LockKind.FENCE, sending.workspace_id, sending.id),
                        lock_key(LockKind.SLOT, sending.workspace_id, sending.mailbox_id),
                    ]
                ),
                _array(_shared_keys(sending)),
                b"%d" % sending.enrollment_id,
                b"%d" % sending.id,
                b"%d" % sending.mailbox_id,
                sending.recipient_normal.encode(),
                now.isoformat().encode(),
            ],
        )
        return None if row is None else Facts.read(row)

    def _mark_in_doubt(self, sending: Sending, now: datetime) -> int | None:
        """Commit `in_doubt` on the second connection; None when somebody else has the message or the user's limit is full (SEQ-88)."""
        with self._marks.connection() as conn:
            return self._mark_on(conn, sending, now)

    def _mark_on(self, conn: Connection, sending: Sending, now: datetime) -> int | None:
        ws = sending.workspace_id
        row = lean.call(
            conn,
            b"segue_mark_in_doubt",
            b"SELECT segue_mark_in_doubt($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                b"%d" % ws,
                b"%d" % lock_key(LockKind.USER, ws, sending.user_id),
                b"%d" % sending.id,
                b"%d" % sending.user_id,
                b"%d" % sending.limits.user_per_day,
                now.isoformat().encode(),
                b"%d" % lock_key(LockKind.ADDRESS_COUNT, ws, sending.recipient_normal),
                sending.recipient_normal.encode(),
                b"%d" % (sending.limits.address_per_day if sending.limits.address_shared else 0),
            ],
        )
        return int(row[0]) if row and row[0] is not None else None

    def _why_held(self, facts: "Facts | None", sending: Sending, now: datetime) -> Held | None:
        """Read all stops and limits; the order is from final to passing."""
        soon = now + timedelta(seconds=1)
        if facts is None:
            return Held("the mailbox is sending another message", soon)
        if facts.message_state != "sending" or not facts.leased:
            return Held("another worker has this message", soon)
        for stopped, reason in (
            (facts.suppressed, "SUPPRESSED"),
            (facts.sequence_status == "deleted", "SEQUENCE_DELETED"),
            (facts.sequence_status == "creator_lost", "CREATOR_LOST"),
            (not facts.user_active, "SENDER_LOST"),
            (facts.enrollment_state != "active", facts.enrollment_state),
            (facts.barred != "", facts.barred),
        ):
            if stopped:
                return Held(f"stopped: {reason}")
        if self.db.instance_id is not None and facts.instance_id != self.db.instance_id:
            return Held("the database belongs to another installation", now + timedelta(minutes=5))
        if facts.workspace_stopped or facts.mailbox_paused or facts.sequence_paused:
            return Held("sending is paused", now + timedelta(minutes=5))
        if facts.breaker:
            return Held(f"breaker: {facts.breaker}", now + timedelta(hours=1))
        if facts.mailbox_state != "ok":
            return Held("the mailbox is out of order", now + timedelta(minutes=5))
        read_at = facts.inbox_read_at
        if read_at is None or now - read_at > max(INBOX_FRESH, self.db.clock.stretch(2.0)):
            return Held("inbox not fresh", now)
        if not sending.exempt and not is_open(sending.window, sending.days, sending.zone, now):
            return Held("outside the send window", next_open(sending.window, sending.days, sending.zone, now))
        return self._limit_reached(facts, sending.limits, now)

    def _limit_reached(self, facts: "Facts", limits: GateLimits, now: datetime) -> Held | None:
        if facts.last_at is not None and now - facts.last_at < limits.spacing:
            return Held("limit: spacing", facts.last_at + limits.spacing)
        if facts.in_minute >= limits.per_minute:
            return Held("limit: per minute", now.replace(second=0, microsecond=0) + timedelta(minutes=1))
        if facts.in_day >= limits.per_day:
            frees = _or(facts.day_frees_at, now) + DAY
            return Held("limit: rolling 24 hours", min(frees, max(now, _or(limits.by_hand_frees_at, frees))))
        if facts.to_address >= limits.address_per_day:
            return Held(ADDRESS_FULL, _or(facts.address_frees_at, now) + DAY)
        if limits.domain_per_day and facts.to_domain >= limits.domain_per_day:
            return Held(DOMAIN_FULL, _or(facts.domain_frees_at, now) + DAY)
        return None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the gate reads under its locks; the order is that of `segue_gate`'s columns."""

    enrollment_state: str
    message_state: str
    leased: bool
    suppressed: bool
    workspace_stopped: bool
    mailbox_paused: bool
    mailbox_state: str
    inbox_read_at: datetime | None
    sequence_status: str
    sequence_paused: bool
    user_active: bool
    in_day: int
    in_minute: int
    last_at: datetime | None
    day_frees_at: datetime | None
    to_address: int
    address_frees_at: datetime | None
    breaker: str
    """Which breaker holds it, mailbox or sequence; a half-open one does once its mails are tried (SEQ-106)."""
    instance_id: str
    """The installation that the database belongs to (S26)."""
    barred: str
    """CONTACT_DELETED, or CONSENT_REQUIRED where a policy blocks without a consent; empty otherwise."""
    to_domain: int
    domain_frees_at: datetime | None

    @classmethod
    def read(cls, row: Sequence[str | None]) -> "Facts":
        """Build from the row's text."""
        return cls(
            row[0] or "",
            row[1] or "",
            row[2] == "t",
            row[3] == "t",
            row[4] == "t",
            row[5] == "t",
            row[6] or "",
            _instant(row[7]),
            row[8] or "",
            row[9] == "t",
            row[10] == "t",
            int(row[11] or 0),
            int(row[12] or 0),
            _instant(row[13]),
            _instant(row[14]),
            int(row[15] or 0),
            _instant(row[16]),
            row[17] or "",
            row[18] or "",
            row[19] or "",
            int(row[20] or 0),
            _instant(row[21]),
        )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _or(instant: datetime | None, otherwise: datetime) -> datetime:
    return instant if instant is not None else otherwise


def _array(keys: Sequence[int]) -> bytes:
    return b"{%s}" % b",".join(b"%d" % key for key in keys)


def _shared_keys(sending: Sending) -> list[int]:
    """What a stop of any width locks exclusively, in the order of H4."""
    ws = sending.workspace_id
    return [
        lock_key(LockKind.INSTANCE, ws, 0),
        lock_key(LockKind.WORKSPACE, ws, ws),
        lock_key(LockKind.MAILBOX, ws, sending.mailbox_id),
        lock_key(LockKind.SEQUENCE, ws, sending.sequence_id),
        lock_key(LockKind.DOMAIN, ws, sending.recipient_normal.rpartition("@")[2]),
        lock_key(LockKind.ADDRESS, ws, sending.recipient_normal),
    ]


def _is_alive(conn: Connection) -> bool:
    """One round trip on the connection that holds the locks (H7): a frozen process finds here that it has lost them."""
    try:
        lean.execute(conn, b"SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
