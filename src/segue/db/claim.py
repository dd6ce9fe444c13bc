"""The queue: claiming due rows by mailbox lanes (engine.md §2). Plain SQL, measured; every statement names the workspace.

A claim is three statements in one transaction: lock ready lanes and look at the heads of their queues; lease those rows; mark the lanes.
Leases use the database's clock (H6); everything else is compared with the instant given.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from segue.db.tx import Database, Tx
from segue.domain.ids import EnrollmentId, MailboxId, WorkspaceId

LOOK = """
    SELECT l.mailbox_id, head.id
    FROM (SELECT mailbox_id, burst, firsts_from FROM mailbox_lanes
          WHERE workspace_id = %(ws)s AND NOT paused AND NOT broken AND ready_at <= %(now)s
            AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
          ORDER BY ready_at LIMIT %(lanes)s FOR UPDATE SKIP LOCKED) AS l
    LEFT JOIN LATERAL (
        SELECT e.id, e.priority, e.due_at FROM unnest(ARRAY[0, 1, 2]::smallint[]) AS class(priority)
        CROSS JOIN LATERAL (
            SELECT id, priority, due_at FROM enrollments
            WHERE workspace_id = %(ws)s AND mailbox_id = l.mailbox_id AND priority = class.priority AND priority < 3
              AND (class.priority < 2 OR l.firsts_from IS NULL OR l.firsts_from <= %(now)s)
              AND due_at IS NOT NULL AND due_at <= %(now)s AND (lease_until IS NULL OR lease_until < clock_timestamp())
            ORDER BY due_at, id LIMIT LEAST(l.burst, %(per_lane)s)) AS e
        ORDER BY e.priority, e.due_at, e.id LIMIT LEAST(l.burst, %(per_lane)s)) AS head ON true
"""

LEASE = """
    UPDATE enrollments SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s), lease_token = lease_token + 1
    WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND state = 'active' AND due_at IS NOT NULL
      AND (lease_until IS NULL OR lease_until < clock_timestamp())
    RETURNING id, mailbox_id, lease_token
"""

MARK = """
    UPDATE mailbox_lanes SET claimed_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE workspace_id = %(ws)s AND mailbox_id = ANY(%(mailboxes)s)
"""

# The lane's next claim makes sense at the later of its next free slot and its earliest due row; first emails wait for their room besides.
REST = """
    UPDATE mailbox_lanes AS l SET claimed_until = NULL, next_slot_at = COALESCE(given.next_slot_at, l.next_slot_at),
        ready_at = GREATEST(COALESCE(given.next_slot_at, l.next_slot_at), earliest.due_at)
    FROM unnest(%(mailboxes)s::bigint[], %(slots)s::timestamptz[]) AS given(mailbox_id, next_slot_at)
    JOIN mailbox_lanes AS m ON m.workspace_id = %(ws)s AND m.mailbox_id = given.mailbox_id
    CROSS JOIN LATERAL (
        SELECT min(CASE WHEN class.priority = 2 THEN GREATEST(first.due_at, m.firsts_from) ELSE first.due_at END) AS due_at
        FROM unnest(ARRAY[0, 1, 2]::smallint[]) AS class(priority)
        CROSS JOIN LATERAL (
            SELECT due_at FROM enrollments
            WHERE workspace_id = %(ws)s AND mailbox_id = given.mailbox_id AND priority = class.priority AND priority < 3
              AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS first) AS earliest
    WHERE l.workspace_id = %(ws)s AND l.mailbox_id = given.mailbox_id
"""

# GREATEST ignores NULL, so a lane without due rows would read its slot as ready: it is set back in a second look.
REST_EMPTY = """
    UPDATE mailbox_lanes AS l SET ready_at = NULL
    WHERE l.workspace_id = %(ws)s AND l.mailbox_id = ANY(%(mailboxes)s) AND NOT EXISTS (
        SELECT FROM enrollments WHERE workspace_id = %(ws)s AND mailbox_id = l.mailbox_id AND priority < 3 AND due_at IS NOT NULL)
"""

WAKE = """
    UPDATE mailbox_lanes AS l SET ready_at = GREATEST(given.due_at, l.next_slot_at)
    FROM (SELECT m.mailbox_id, given.due_at FROM unnest(%(mailboxes)s::bigint[], %(dues)s::timestamptz[]) AS given(mailbox_id, due_at)
          JOIN mailbox_lanes AS m ON m.workspace_id = %(ws)s AND m.mailbox_id = given.mailbox_id
          WHERE m.ready_at IS NULL OR m.ready_at > GREATEST(given.due_at, m.next_slot_at)
          ORDER BY m.mailbox_id FOR UPDATE OF m) AS given
    WHERE l.workspace_id = %(ws)s AND l.mailbox_id = given.mailbox_id
"""

HOLD_FIRSTS = """
    UPDATE mailbox_lanes AS l SET firsts_from = given.until FROM unnest(%(mailboxes)s::bigint[], %(until)s::timestamptz[])
      AS given(mailbox_id, until) WHERE l.workspace_id = %(ws)s AND l.mailbox_id = given.mailbox_id
"""

OTHER = """
    UPDATE enrollments SET lease_until = clock_timestamp() + make_interval(secs => %(lease)s), lease_token = lease_token + 1
    WHERE workspace_id = %(ws)s AND id IN (
        SELECT id FROM enrollments
        WHERE workspace_id = %(ws)s AND priority = 3 AND due_at IS NOT NULL AND due_at <= %(now)s AND state = 'active'
          AND (lease_until IS NULL OR lease_until < clock_timestamp())
        ORDER BY due_at, id LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
    RETURNING id, mailbox_id, lease_token
"""

SWEEP = """
    UPDATE mailbox_lanes AS l SET ready_at = GREATEST(earliest.due_at, l.next_slot_at), sweeps = l.sweeps + 1
    FROM (SELECT m.mailbox_id, min(CASE WHEN class.priority = 2 THEN GREATEST(first.due_at, m.firsts_from) ELSE first.due_at END) AS due_at
          FROM mailbox_lanes AS m
          CROSS JOIN unnest(ARRAY[0, 1, 2]::smallint[]) AS class(priority)
          CROSS JOIN LATERAL (
              SELECT due_at FROM enrollments
              WHERE workspace_id = %(ws)s AND mailbox_id = m.mailbox_id AND priority = class.priority AND priority < 3
                AND due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS first
          WHERE m.workspace_id = %(ws)s GROUP BY m.mailbox_id) AS earliest
    WHERE l.workspace_id = %(ws)s AND l.mailbox_id = earliest.mailbox_id
      AND (l.claimed_until IS NULL OR l.claimed_until < clock_timestamp())
      AND (l.ready_at IS NULL OR l.ready_at > GREATEST(earliest.due_at, l.next_slot_at))
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """One leased row. `lease_token` must still stand when the step is prepared, or another worker has it."""

    enrollment_id: EnrollmentId
    mailbox_id: MailboxId
    lease_token: int


def claim_due(tx: Tx, *, lanes: int, per_lane: int = 10) -> list[Claimed]:
    """Lease the heads of up to `lanes` ready lanes: fair over mailboxes, follow-ups before first emails (SEQ-97).

    Where a spacing is set a lane gives one row at a time.
    """
    heads = tx.all(LOOK, {"now": tx.now, "lanes": lanes, "per_lane": per_lane})
    due = [head["id"] for head in heads if head["id"] is not None]
    claimed = _leased(tx.all(LEASE, {"ids": due, "lease": tx.db.lease_s})) if due else []
    busy = sorted({c.mailbox_id for c in claimed})
    if busy:
        tx.run(MARK, {"mailboxes": busy, "lease": tx.db.lease_s})
    # A ready lane without a due row would be looked at again at once, for ever.
    rest_lanes(tx, {MailboxId(head["mailbox_id"]): None for head in heads if head["mailbox_id"] not in busy})
    return claimed


def claim_other(tx: Tx, *, rows: int) -> list[Claimed]:
    """Lease due rows that need no mailbox: tasks, waits, ends."""
    return _leased(tx.all(OTHER, {"now": tx.now, "rows": rows, "lease": tx.db.lease_s}))


def rest_lanes(tx: Tx, slots: dict[MailboxId, datetime | None]) -> None:
    """Give lanes back after a batch: `slots` holds each mailbox's next free slot, None to leave it as it is."""
    if not slots:
        return
    mailboxes = sorted(slots)
    tx.run(REST, {"mailboxes": mailboxes, "slots": [slots[m] for m in mailboxes]})
    tx.run(REST_EMPTY, {"mailboxes": mailboxes})


def hold_firsts(tx: Tx, until: dict[MailboxId, datetime]) -> None:
    """Let these mailboxes send no first email before the instants given; their follow-ups go on (SEQ-97)."""
    if until:
        tx.run(HOLD_FIRSTS, {"mailboxes": sorted(until), "until": [until[m] for m in sorted(until)]})


def wake_lanes(tx: Tx, dues: Iterable[tuple[int, datetime]]) -> None:
    """Tell lanes of rows that have become due earlier than they know; in the transaction that makes them due."""
    earliest: dict[int, datetime] = {}
    for mailbox_id, due_at in dues:
        earliest[mailbox_id] = min(due_at, earliest.get(mailbox_id, due_at))
    if earliest:
        tx.after_commit(tx.db.ring)
        tx.run(WAKE, {"mailboxes": list(earliest), "dues": list(earliest.values())})


def sweep_lanes(tx: Tx) -> int:
    """Lower every `ready_at` that is later than an earlier due row, and count such hits: the count should stay 0."""
    return tx.run(SWEEP, {})


def list_ready_workspaces(db: Database, at: datetime, most: int) -> list[WorkspaceId]:
    """Return workspaces that have something due, the longest waiting first."""
    with db.anywhere() as conn:
        rows = conn.execute("SELECT workspace_id FROM segue_ready_workspaces(%s, %s)", (at, most)).fetchall()
    return [WorkspaceId(row[0]) for row in rows]


def find_next_at(tx: Tx) -> datetime | None:
    """Return the instant of the workspace's next piece of work, None when nothing is planned."""
    row = tx.one(
        """SELECT LEAST((SELECT min(ready_at) FROM mailbox_lanes WHERE workspace_id = %(ws)s AND NOT paused AND NOT broken),
                        (SELECT min(due_at) FROM enrollments WHERE workspace_id = %(ws)s AND due_at IS NOT NULL AND priority = 3),
                        (SELECT min(resume_at) FROM enrollments
                         WHERE workspace_id = %(ws)s AND state = 'paused' AND resume_at IS NOT NULL)) AS at""",
        {},
    )
    found: datetime | None = row["at"] if row else None
    return found


def _leased(rows: list[dict[str, int]]) -> list[Claimed]:
    return [Claimed(EnrollmentId(r["id"]), MailboxId(r["mailbox_id"]), r["lease_token"]) for r in rows]
