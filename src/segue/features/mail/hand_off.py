"""The gate and the hand-off: the one place of the program that gives a message to a provider (reliability.md §1).

Two connections: the first holds the locks that every stop must wait for; on the second `in_doubt` is committed before the first byte leaves (H5).
Locks are taken first, each kind in its own statement, and only then is anything read (H2).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import PoolTimeout

from segue.db.locks import LockKind, lock_key
from segue.db.tx import Connection, Database
from segue.domain.ids import EnrollmentId, MailboxId, MessageId, StepKey, WorkspaceId
from segue.domain.send_window import Days, SendWindow, is_open, next_open
from segue.providers.mail.base import Accepted, HandOffError, MailSession, Outgoing, TryLater, Unknown

DAY = timedelta(hours=24)
INBOX_FRESH = timedelta(minutes=2)
"""L5: a reply that has arrived must have been read before the next mail goes."""


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What the gate counts against: per rolling 24 h, per clock minute, seconds between acceptances (SEQ-86…94)."""

    per_day: int
    per_minute: int
    spacing: timedelta
    user_per_day: int
    address_per_day: int = 3


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

    def __init__(self, db: Database, *, threads: int, longest_deadline_s: float = 60.0) -> None:
        self.db = db
        wait_ms = int((longest_deadline_s + 5) * 1000)
        # H7: a frozen sender loses its locks after this long. H3: lock waits are bounded by the statement, not by lock_timeout. Losing a
        # commit of the lock connection loses nothing, so it need not wait for the disk.
        options = (
            f"-c idle_in_transaction_session_timeout={wait_ms} -c statement_timeout={wait_ms} -c synchronous_commit=off -c timezone=UTC"
        )
        self._locks = db.open_pool(threads, options=options)
        self._marks = db.open_pool(threads, options="-c statement_timeout=30s -c idle_in_transaction_session_timeout=30s -c timezone=UTC")

    def close(self) -> None:
        self._locks.close()
        self._marks.close()

    def hand_off(self, sending: Sending, session: MailSession) -> Result:
        """Pass one message through the gate and, if it opens, give it to the provider.

        Never raises for what the provider or the database does: the outcome says what is known. Anything else that is raised leaves the message
        to `recover`.
        """
        try:
            with self._locks.connection() as conn:
                return self._hand_off(conn, sending, session)
        except (psycopg.OperationalError, PoolTimeout) as error:
            # Before `in_doubt` nothing left; after it `recover` decides. Settling as held with attempt 0 touches only what never was in doubt.
            return Result(sending, Held(f"database: {error}", self.db.clock.now() + timedelta(seconds=5)), self.db.clock.now())

    def _hand_off(self, conn: Connection, sending: Sending, session: MailSession) -> Result:
        clock = self.db.clock
        facts = self._lock_then_read(conn, sending)
        now = clock.now()
        held = self._why_held(facts, sending, now)
        if held is not None:
            conn.rollback()
            return Result(sending, held, now)
        attempt = self._mark_in_doubt(sending, now)
        if attempt is None:
            conn.rollback()
            return Result(sending, Held("another worker has this message, or the user's limit is full", now + timedelta(minutes=1)), now)
        ends = clock.monotonic() + sending.deadline_s
        outcome: Accepted | HandOffError
        try:
            outcome = session.hand_off(
                sending.outgoing, deadline_s=sending.deadline_s, may_still_send=lambda: clock.monotonic() < ends and _alive(conn)
            )
        except HandOffError as error:
            outcome = error
        at = clock.now()
        try:
            conn.commit()
        except psycopg.OperationalError as error:
            # The locks were lost, perhaps while the provider accepted: what it answered still holds.
            if isinstance(outcome, TryLater):
                outcome = TryLater(f"{outcome.detail}; locks lost: {error}", scope=outcome.scope, after=timedelta(seconds=5))
        return Result(sending, outcome, at, attempt)

    def _lock_then_read(self, conn: Connection, sending: Sending) -> dict[str, Any]:
        ws = sending.workspace_id
        names = (
            (LockKind.INSTANCE, 0),
            (LockKind.WORKSPACE, ws),
            (LockKind.MAILBOX, sending.mailbox_id),
            (LockKind.SEQUENCE, sending.sequence_id),
            (LockKind.DOMAIN, sending.recipient_normal.rpartition("@")[2]),
            (LockKind.ADDRESS, sending.recipient_normal),
        )
        own = [lock_key(LockKind.FENCE, ws, sending.id), lock_key(LockKind.SLOT, ws, sending.mailbox_id)]
        facts = conn.cursor(row_factory=dict_row)
        with conn.pipeline():  # one round trip for five statements; each is still its own statement with its own snapshot
            conn.execute("SELECT set_config('segue.workspace', %s, true)", (str(ws),))
            tried = conn.execute(TRY_OWN, own)
            conn.execute(LOCK_SHARED, [lock_key(kind, ws, name) for kind, name in names])
            conn.execute(LOCK_ENROLLMENT, (ws, sending.enrollment_id))
            facts.execute(READ, self._read_parameters(sending))
        free = tried.fetchone()
        row = facts.fetchone() or {}
        return {**row, "free": free == (True, True)}

    def _read_parameters(self, sending: Sending) -> dict[str, Any]:
        now = self.db.clock.now()
        return {
            "ws": sending.workspace_id,
            "enrollment": sending.enrollment_id,
            "message": sending.id,
            "mailbox": sending.mailbox_id,
            "address": sending.recipient_normal,
            "domain": sending.recipient_normal.rpartition("@")[2],
            "day_ago": now - DAY,
            "minute": now.replace(second=0, microsecond=0),
        }

    def _why_held(self, facts: dict[str, Any], sending: Sending, now: datetime) -> Held | None:
        """Read all stops and limits; the order is from final to passing."""
        soon = now + timedelta(seconds=1)
        if not facts["free"]:
            return Held("the mailbox is sending another message", soon)
        if facts.get("message_state") != "sending" or not facts["leased"]:
            return Held("another worker has this message", soon)
        for stopped, reason in (
            (facts["suppressed"], "SUPPRESSED"),
            (facts["sequence_status"] == "deleted", "SEQUENCE_DELETED"),
            (not facts["user_active"], "SENDER_LOST"),
            (facts["enrollment_state"] != "active", facts["enrollment_state"]),
        ):
            if stopped:
                return Held(f"stopped: {reason}")
        if facts["workspace_stopped"] or facts["mailbox_paused"] or facts["sequence_paused"]:
            return Held("sending is paused", now + timedelta(minutes=5))
        if facts["mailbox_state"] != "ok":
            return Held("the mailbox is out of order", now + timedelta(minutes=5))
        read_at = facts["inbox_read_at"]
        if read_at is None or now - read_at > max(INBOX_FRESH, self.db.clock.stretch(2.0)):
            return Held("inbox not fresh", now)
        if not sending.exempt and not is_open(sending.window, sending.days, sending.zone, now):
            return Held("outside the send window", next_open(sending.window, sending.days, sending.zone, now))
        return self._limit_reached(facts, sending.limits, now)

    def _limit_reached(self, facts: dict[str, Any], limits: GateLimits, now: datetime) -> Held | None:
        if facts["last_at"] is not None and now - facts["last_at"] < limits.spacing:
            return Held("limit: spacing", facts["last_at"] + limits.spacing)
        if facts["in_minute"] >= limits.per_minute:
            return Held("limit: per minute", now.replace(second=0, microsecond=0) + timedelta(minutes=1))
        if facts["in_day"] >= limits.per_day:
            return Held("limit: rolling 24 hours", facts["day_frees_at"] + DAY)
        if facts["to_address"] >= limits.address_per_day:
            return Held("limit: mails to one address", facts["address_frees_at"] + DAY)
        return None

    def _mark_in_doubt(self, sending: Sending, now: datetime) -> int | None:
        """Commit `in_doubt` on the second connection; None when somebody else has the message or the user's limit is full (SEQ-88)."""
        ws = sending.workspace_id
        with self._marks.connection() as conn, conn.pipeline():
            conn.execute("SELECT set_config('segue.workspace', %s, true)", (str(ws),))
            # Several mailboxes of one user count against one limit: counted and taken under this lock, which ends with the commit.
            conn.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(LockKind.USER, ws, sending.user_id),))
            cursor = conn.execute(
                MARK_IN_DOUBT,
                {
                    "ws": ws,
                    "id": sending.id,
                    "now": now,
                    "user": sending.user_id,
                    "most": sending.limits.user_per_day,
                    "day_ago": now - DAY,
                },
            )
            conn.commit()
            row = cursor.fetchone()
        return int(row[0]) if row else None


def _alive(conn: Connection) -> bool:
    """One round trip on the connection that holds the locks (H7): a frozen process finds here that it has lost them."""
    try:
        conn.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


def undecided(error: HandOffError) -> bool:
    """Say whether evidence is needed before anything else."""
    return isinstance(error, Unknown)


AskInbox = Callable[[WorkspaceId, MailboxId], None]

TRY_OWN = "SELECT pg_try_advisory_xact_lock(%s), pg_try_advisory_xact_lock(%s)"

LOCK_SHARED = "SELECT " + ", ".join(["pg_advisory_xact_lock_shared(%s)"] * 6)

LOCK_ENROLLMENT = "SELECT FROM enrollments WHERE workspace_id = %s AND id = %s FOR SHARE"

READ = """
    SELECT e.state AS enrollment_state, m.state AS message_state, m.lease_until > clock_timestamp() AS leased,
        EXISTS (SELECT FROM suppressions WHERE workspace_id = %(ws)s
                AND ((kind = 'address' AND value = %(address)s) OR (kind = 'domain' AND value = %(domain)s))) AS suppressed,
        w.sending_stopped_at IS NOT NULL AS workspace_stopped, l.paused AS mailbox_paused, b.state AS mailbox_state, b.inbox_read_at,
        s.status AS sequence_status, s.paused AS sequence_paused, u.active AS user_active,
        day.in_day, day.in_minute, day.last_at, day.day_frees_at, person.to_address, person.address_frees_at
    FROM enrollments AS e
    JOIN messages AS m ON m.workspace_id = e.workspace_id AND m.id = %(message)s
    JOIN workspaces AS w ON w.workspace_id = e.workspace_id
    JOIN mailboxes AS b ON b.workspace_id = e.workspace_id AND b.id = e.mailbox_id
    JOIN mailbox_lanes AS l ON l.workspace_id = e.workspace_id AND l.mailbox_id = e.mailbox_id
    JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
    JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.sender_user_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS in_day, count(*) FILTER (WHERE handed_at >= %(minute)s) AS in_minute,
            GREATEST(max(handed_at), max(accepted_at)) AS last_at, min(handed_at) AS day_frees_at
        FROM messages WHERE workspace_id = %(ws)s AND mailbox_id = %(mailbox)s AND handed_at > %(day_ago)s) AS day
    CROSS JOIN LATERAL (
        SELECT count(*) AS to_address, min(handed_at) AS address_frees_at
        FROM messages WHERE workspace_id = %(ws)s AND recipient_normal = %(address)s AND handed_at > %(day_ago)s) AS person
    WHERE e.workspace_id = %(ws)s AND e.id = %(enrollment)s
"""

MARK_IN_DOUBT = """
    UPDATE messages SET state = 'in_doubt', attempt = attempt + 1, attempted_at = clock_timestamp(), handed_at = %(now)s,
        first_tried_at = COALESCE(first_tried_at, %(now)s)
    WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'sending' AND lease_until > clock_timestamp()
      AND (SELECT count(*) FROM messages WHERE workspace_id = %(ws)s AND user_id = %(user)s AND handed_at > %(day_ago)s) < %(most)s
    RETURNING attempt
"""
