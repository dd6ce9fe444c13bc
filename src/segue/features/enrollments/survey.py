"""The planner's look at the database: lanes, what was sent in the last 24 hours, what is blocked, and whose turn is ahead."""

from datetime import UTC, datetime
from typing import Any

from segue.db.functions import COUNTS_AT
from segue.db.tx import Tx
from segue.domain.ids import MailboxId
from segue.domain.limits import DAY
from segue.features.enrollments.plan import HORIZON, Lane, Plan, Surveyed, of_enrollments, plan_ahead
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.store import Loaded, load
from segue.features.mail.breaker import list_breakers
from segue.features.mail.quota import LIMIT_COLUMNS, limits_of, load_by_hand, load_caps, load_sending_days
from segue.features.workspaces.users import is_seated

BATCH = 5_000


def plan(tx: Tx, *, email: str = "", until: datetime | None = None) -> Plan:
    """Return what is ahead of all open enrollments, or of those of one address, until `until` (60 days)."""
    end = until or tx.now + HORIZON
    wanted = list_open_ids(tx, email=email) if email else None
    if wanted is not None and not wanted:
        return Plan(tx.now, end, ())
    made = plan_ahead(load_open(tx, beside=wanted), survey(tx), until=end)
    return made if wanted is None else of_enrollments(made, wanted)


def load_open(tx: Tx, *, beside: list[int] | None = None, mailbox_id: MailboxId | None = None) -> list[Loaded]:
    """Return all open enrollments that share a sender with those of `beside` or with a mailbox; of the whole workspace with neither."""
    rows = tx.all(
        """SELECT id FROM enrollments
           WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')
             AND (%(everybody)s OR sender_user_id IN (
                 SELECT sender_user_id FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(beside)s)
                 UNION ALL SELECT user_id FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(mailbox)s))
           ORDER BY id""",
        {"everybody": beside is None and mailbox_id is None, "beside": beside or [], "mailbox": mailbox_id or 0},
    )
    ids = [int(row["id"]) for row in rows]
    return [each for start in range(0, len(ids), BATCH) for each in load(tx, ids[start : start + BATCH])]


def survey(tx: Tx) -> Surveyed:
    """Return lanes, usage and blocks as they are now."""
    rows = tx.all(LANES, {})
    days = load_sending_days(tx, [row["id"] for row in rows])
    by_hand = load_by_hand(tx, [row["id"] for row in rows])
    lanes = {MailboxId(row["id"]): _lane(row, tx.now, days.get(row["id"], 0), by_hand.get(row["id"], ())) for row in rows}
    caps = load_caps(tx)
    by_user: dict[int, list[datetime]] = {}
    by_address: dict[str, list[datetime]] = {}
    for row in tx.all(SENT, {"from": tx.now - DAY, "now": tx.now}):
        by_user.setdefault(row["user_id"], []).append(row["at"])
        for whom, _ in caps.of(row["recipient_normal"]):
            by_address.setdefault(whom, []).append(row["at"])
        lane = lanes[MailboxId(row["mailbox_id"])]
        lane.sent.append(row["at"])
        if row["at"].astimezone(UTC).date() >= tx.now.astimezone(UTC).date():
            lane.dates.add(row["at"].astimezone(UTC).date())
    paused = tx.all("SELECT id, name FROM sequences WHERE workspace_id = %(ws)s AND paused", {})
    blocked = {int(row["id"]): f'The sequence "{row["name"]}" is stopped; `segue stop --sequence NAME --lift` goes on.' for row in paused}
    for row in list_breakers(tx):
        if row["kind"] == "sequence" and row["state"] == "open":
            blocked[int(row["id"])] = f'The breaker of the sequence "{row["name"]}" is open; `segue breaker list` says why.'
    return Surveyed(tx.now, lanes, by_user, by_address, blocked, caps)


def _lane(row: dict[str, Any], now: datetime, sending_days: int, by_hand: tuple[datetime, ...]) -> Lane:
    return Lane(
        mailbox_id=MailboxId(row["id"]),
        user_id=row["user_id"],
        limits=limits_of(row),
        slot=max(now, row["next_slot_at"] or now),
        sending_days=sending_days,
        by_hand=by_hand,
        blocked=_why_blocked(row),
    )


def _why_blocked(row: dict[str, Any]) -> str:
    if row["sending_stopped_at"] is not None:
        return "All sending is stopped; `segue stop --all --lift` starts it again."
    if row["paused"]:
        return f"The mailbox {row['address']} is paused; `segue resume --mailbox {row['address']}` goes on."
    if row["breaker"] == "open":
        return f"The breaker of {row['address']} is open; `segue breaker list` says why."
    if row["state"] != "ok":
        return f"The mailbox {row['address']} does not work ({row['state']}); `segue mailbox test {row['address']}` says what is wrong."
    if row["user_stopped_at"] is not None:
        return f"All that {row['email']} sends is stopped; `segue stop --user {row['email']} --lift` starts it again."
    if not is_seated(row):
        return f"The owner of {row['address']} has no seat any more."
    return ""


LANES = f"""
    SELECT b.id, b.address, b.user_id, b.state, {LIMIT_COLUMNS}, u.active, u.seat, u.role, u.email,
        u.sending_stopped_at AS user_stopped_at, l.next_slot_at, l.paused, l.breaker, w.sending_stopped_at
    FROM mailboxes AS b
    JOIN users AS u ON u.workspace_id = b.workspace_id AND u.id = b.user_id
    JOIN mailbox_lanes AS l ON l.workspace_id = b.workspace_id AND l.mailbox_id = b.id
    JOIN workspaces AS w ON w.workspace_id = b.workspace_id
    WHERE b.workspace_id = %(ws)s ORDER BY b.id
"""

# An old mail counts from the latest instant at which it can have been accepted (domain/limits.py), as at the gate.
SENT = f"""
    SELECT h.mailbox_id, h.user_id, h.recipient_normal, LEAST({COUNTS_AT}, %(now)s) AS at FROM messages AS h
    WHERE h.workspace_id = %(ws)s AND h.handed_at > %(from)s - interval '11 minutes' AND {COUNTS_AT} > %(from)s ORDER BY at
"""
