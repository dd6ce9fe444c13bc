"""The forecast of mailboxes, set-wise: what is sent and planned on each of the next days, and when there is room (SEQ-95, SEQ-96)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain import limits
from segue.domain.day_forecast import ONE_DAY, Cohort, Day, Room, forecast_days, mail_ahead
from segue.domain.enrollment import Enrollment, State, Surroundings, WaitingFor
from segue.domain.ids import EnrollmentId, MailboxId, SequenceId, UserId
from segue.domain.limits import DAY, MailboxLimits, Usage
from segue.features.enrollments.store import DAY_COLUMNS, days_of, load_versions
from segue.features.mail.quota import LIMIT_COLUMNS, limits_of, load_by_hand, load_sending_days

DAYS = 14
MOST_DAYS = 400
"""How far ahead the last first email of a bulk enrollment is looked for."""
HOURS_OF_FOLLOW_UPS = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of one mailbox. `sent_24h` and `planned_24h` are the sum of SEQ-95; `free_at`: when one more mail has room (SEQ-96)."""

    mailbox: dict[str, Any]
    limit: int
    sent_24h: int
    planned_24h: int
    free_at: datetime
    days: tuple[Day, ...]

    @property
    def room(self) -> int:
        """Return how many first emails due within 24 hours still have room."""
        return max(0, self.limit - self.sent_24h - self.planned_24h)


@dataclass(frozen=True, slots=True)
class Start:
    """A start that is asked about: of what, from where, by whom, at which step and when."""

    sequence_id: SequenceId
    mailbox_id: MailboxId
    enroller_user_id: UserId
    position: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Box:
    """A mailbox with what its forecast is made of."""

    row: dict[str, Any]
    limits: MailboxLimits
    usage: Usage
    cohorts: list[Cohort]
    zone: ZoneInfo

    def rooms(self, now: datetime) -> Iterator[Room]:
        """Yield the room of each day: today's is what mails of the last 24 hours leave, and warm-up gives more from day to day (SEQ-92)."""
        midnight = datetime.combine(now.astimezone(self.zone).date() + ONE_DAY, time(0), self.zone).astimezone(UTC)
        still = sum(1 for mail in self.usage.sent if mail + DAY > midnight)
        began = self.usage.sending_days
        for number in range(MOST_DAYS):
            at = now if number == 0 else midnight + (number - 1) * ONE_DAY
            cap = self.limits.sequence_cap(at, began + number, self.usage.by_hand_at(at))
            apart = max(self.limits.spacing_at(at) + self.limits.jitter / 2, timedelta(seconds=60 / self.limits.per_minute))
            mails = min(cap, ONE_DAY // apart)
            yield Room(max(0, mails - still) if number == 0 else mails, HOURS_OF_FOLLOW_UPS // apart)


def list_outlooks(tx: Tx, *, mailbox_id: MailboxId | None = None, days: int = DAYS) -> list[Outlook]:
    """Return the forecast of each mailbox, or of one, for today and the days after it."""
    return [_outlook(box, tx.now, days) for box in _load(tx, mailbox_id)]


def _outlook(box: _Box, now: datetime, days: int) -> Outlook:
    planned = [mail for each in box.cohorts if (mail := mail_ahead(each, now)) is not None]
    soon = [mail for mail in planned if mail.enrollment.due_at is not None and mail.enrollment.due_at <= now + DAY]
    cap = box.limits.sequence_cap(now, box.usage.sending_days, box.usage.by_hand_at(now))
    instants = [max(now, mail.enrollment.due_at or now) for mail in soon for _ in range(min(mail.count, 10_000))]
    drawn = list(islice(forecast_days(box.cohorts, box.rooms(now), now, box.zone), days))
    today = now.astimezone(box.zone).date()
    drawn[0].sent = sum(1 for mail in box.usage.sent if mail.astimezone(box.zone).date() == today)
    drawn[0].limit = cap
    return Outlook(
        mailbox=box.row,
        limit=cap,
        sent_24h=len(box.usage.sent),
        planned_24h=sum(mail.count for mail in soon),
        free_at=limits.first_free(box.limits, box.usage, instants, now),
        days=tuple(drawn),
    )


def find_last_first(tx: Tx, start: Start, contacts: int = 0) -> date | None:
    """Return the day, in the sender's zone, on which the last first email goes: of so many new enrollments, or with 0 of those that wait.

    None where there are none, or where it lies beyond 400 days. What they send later themselves stands in their way too.
    """
    boxes = _load(tx, start.mailbox_id, asked=None if contacts else start.sequence_id)
    if not boxes:
        return None
    cohorts = [*boxes[0].cohorts, *_begun(tx, start, contacts)]
    left = sum(each.count for each in cohorts if each.asked and each.enrollment.first_email)
    if not left:
        return None
    for day in forecast_days(cohorts, boxes[0].rooms(tx.now), tx.now, boxes[0].zone):
        left -= day.asked
        if left <= 0:
            return day.day
    return None


def _begun(tx: Tx, start: Start, contacts: int) -> list[Cohort]:
    row = tx.one(ASKED, {"sequence": start.sequence_id, "mailbox": start.mailbox_id, "enroller": start.enroller_user_id})
    if row is None or not contacts:
        return []
    around = _around(tx, row, start.sequence_id, row["version"], row["user_timezone"])
    begun = machine.start(EnrollmentId(0), around, now=tx.now, start_position=start.position, start_at=start.at)
    return [Cohort(begun, around, contacts, asked=True)]


def _around(tx: Tx, row: dict[str, Any], sequence: int, version: int, zone: str) -> Surroundings:
    content = load_versions(tx, {(sequence, version)})[sequence, version]
    return Surroundings(content, ZoneInfo(zone), days_of(row, tx.now), ZoneInfo(row["assignee_timezone"]))


def _load(tx: Tx, mailbox_id: MailboxId | None, *, asked: SequenceId | None = None) -> list[_Box]:
    rows = tx.all(BOXES, {"mailbox": mailbox_id})
    days = load_sending_days(tx, [row["id"] for row in rows])
    by_hand = load_by_hand(tx, [row["id"] for row in rows])
    sent: dict[int, list[datetime]] = defaultdict(list)
    for row in tx.all(SENT, {"from": tx.now - DAY, "mailbox": mailbox_id}):
        sent[row["mailbox_id"]].append(row["at"])
    cohorts = _load_cohorts(tx, mailbox_id, {row["id"]: row for row in rows}, asked)
    return [
        _Box(
            row,
            limits_of(row),
            Usage(sent=tuple(sent[row["id"]]), sending_days=days.get(row["id"], 0), by_hand=by_hand.get(row["id"], ())),
            cohorts[row["id"]],
            ZoneInfo(row["user_timezone"]),
        )
        for row in rows
    ]


def _load_cohorts(
    tx: Tx, mailbox_id: MailboxId | None, boxes: dict[int, dict[str, Any]], asked: SequenceId | None
) -> dict[int, list[Cohort]]:
    rows = tx.all(COHORTS, {"mailbox": mailbox_id, "now": tx.now})
    load_versions(tx, {(row["sequence_id"], row["version"]) for row in rows})
    known: dict[Sequence[Any], Surroundings] = {}
    found: dict[int, list[Cohort]] = defaultdict(list)
    for row in rows:
        key = (row["mailbox_id"], row["sequence_id"], row["version"], row["timezone"])
        if key not in known:
            known[key] = _around(tx, boxes[row["mailbox_id"]], row["sequence_id"], row["version"], row["timezone"])
        enrollment = Enrollment(
            id=EnrollmentId(0),
            position=row["position"],
            base_at=row["due"],
            state=State(row["state"]),
            waiting_for=WaitingFor(row["waiting_for"]),
            first_email=row["first_email"],
            raw_due_at=row["due"],
            due_at=row["due"] if row["state"] == "active" else None,
            remainder=row["due"] - tx.now if row["state"] == "paused" and row["served"] else None,
        )
        wanted = row["sequence_id"] == asked and row["first_email"] and row["state"] == "active"
        found[row["mailbox_id"]].append(Cohort(enrollment, known[key], row["count"], asked=wanted))
    return found


BOXES = f"""
    SELECT b.id, b.address, {LIMIT_COLUMNS}, u.timezone AS user_timezone, u.timezone AS assignee_timezone, {DAY_COLUMNS}
    FROM mailboxes AS b
    JOIN users AS u ON u.workspace_id = b.workspace_id AND u.id = b.user_id
    JOIN workspaces AS w ON w.workspace_id = b.workspace_id
    WHERE b.workspace_id = %(ws)s AND (%(mailbox)s::bigint IS NULL OR b.id = %(mailbox)s) ORDER BY b.address
"""

SENT = """
    SELECT mailbox_id, GREATEST(handed_at, accepted_at) AS at FROM messages
    WHERE workspace_id = %(ws)s AND handed_at > %(from)s AND (%(mailbox)s::bigint IS NULL OR mailbox_id = %(mailbox)s) ORDER BY at
"""

# Alike is what stands at the same step, in the same zone, due in the same quarter of an hour; of paused ones, with as much delay left.
COHORTS = """
    SELECT e.mailbox_id, e.sequence_id, e.version, e.position, e.timezone, e.state, e.waiting_for, e.first_email,
        e.remainder IS NOT NULL AS served, count(*)::int AS count,
        date_bin('15 minutes', COALESCE(e.due_at, %(now)s + COALESCE(e.remainder, interval '0')), timestamptz '2000-01-01 00:00Z') AS due
    FROM enrollments AS e
    WHERE e.workspace_id = %(ws)s AND (%(mailbox)s::bigint IS NULL OR e.mailbox_id = %(mailbox)s)
      AND ((e.state = 'active' AND e.due_at IS NOT NULL) OR e.state = 'paused')
    GROUP BY e.mailbox_id, e.sequence_id, e.version, e.position, e.timezone, e.state, e.waiting_for, e.first_email, served, due
    ORDER BY due
"""

ASKED = f"""
    SELECT s.version, u.timezone AS user_timezone, a.timezone AS assignee_timezone, {DAY_COLUMNS}
    FROM sequences AS s
    JOIN mailboxes AS b ON b.workspace_id = s.workspace_id AND b.id = %(mailbox)s
    JOIN users AS u ON u.workspace_id = s.workspace_id AND u.id = b.user_id
    JOIN users AS a ON a.workspace_id = s.workspace_id AND a.id = %(enroller)s
    JOIN workspaces AS w ON w.workspace_id = s.workspace_id
    WHERE s.workspace_id = %(ws)s AND s.id = %(sequence)s
"""
