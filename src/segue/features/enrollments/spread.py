"""Spreading a bulk enrollment over days: at most n starts a day, or evenly between two dates (SEQ-68). What does not fit waits (START)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.tx import Database, Tx
from segue.domain.edits import with_own
from segue.domain.errors import Refused
from segue.domain.ids import WorkspaceId
from segue.domain.send_window import opening_on
from segue.features.enrollments.admission import START_AHEAD, EnrollReport, EnrollRequest
from segue.features.enrollments.enroll import enroll
from segue.features.enrollments.refusals import MESSAGES
from segue.features.enrollments.store import DAY_COLUMNS, days_of, load_versions


@dataclass(frozen=True, slots=True)
class Starts:
    """So many contacts start at this instant; None: at once."""

    at: datetime | None
    count: int


def plan_starts(tx: Tx, request: EnrollRequest, contacts: int, *, per_day: int = 0, days: Sequence[date] = ()) -> tuple[Starts, ...]:
    """Lay starts out over the days that the sequence allows: today at once, later days at the opening of its window.

    With neither `per_day` nor `days` all start when the request says.

    Raises:
        Refused: the last start would lie more than 90 days ahead (START_TIME_INVALID).
    """
    if not per_day and not days:
        return (Starts(request.start_at, contacts),)
    row = tx.one(SENDER, {"sequence": request.sequence_id, "mailbox": request.mailbox_id})
    if row is None:  # enrolling says what is wrong
        return (Starts(request.start_at, contacts),)
    dates = _dates(tx, row, days, request)
    if days:
        wanted = list(dates)
        if not wanted:
            raise Refused("None of these days is a day for sending.", code="START_TIME_INVALID", hint="Give a range with a working day.")
        share, rest = divmod(contacts, len(wanted))
        counts = [(at, share + (number < rest)) for number, at in enumerate(wanted)]
    else:
        shares = [min(per_day, contacts - done) for done in range(0, contacts, per_day)]
        counts = list(zip(dates, shares, strict=False))
    if sum(count for _, count in counts) < contacts or any(at is not None and at > tx.now + START_AHEAD for at, _ in counts):
        raise Refused(MESSAGES["START_TIME_INVALID"], code="START_TIME_INVALID", hint="Start more a day, or fewer contacts.")
    return tuple(Starts(at, count) for at, count in counts if count)


def _dates(tx: Tx, row: dict[str, Any], days: Sequence[date], request: EnrollRequest) -> Iterator[datetime | None]:
    """Yield the instants of start on allowed dates, of the given ones or of all from today on."""
    settings = with_own(load_versions(tx, {(row["id"], row["version"])})[row["id"], row["version"]], request.own).settings
    zone, allowed = ZoneInfo(request.timezone or row["user_timezone"]), days_of(row, tx.now)
    today = tx.now.astimezone(zone).date()
    for day in days or (today + timedelta(days=n) for n in range(START_AHEAD.days * 2)):
        if day < today or not allowed.is_allowed(day, settings.window.mode):
            continue
        opens = opening_on(settings.window, zone, day, tx.now)
        if day == today:
            yield None
        elif opens is not None:
            yield opens.astimezone(UTC)


def enroll_spread(
    db: Database,
    workspace_id: WorkspaceId,
    asked: tuple[EnrollRequest, Sequence[Starts]],
    contacts: Sequence[int],
    progress: Callable[[int], None] = lambda _: None,
) -> EnrollReport:
    """Enroll contacts in their order, each share with its start. Raises as `enroll` does."""
    request, starts = asked
    request = replace(request, many=request.many or len(contacts) > 1)
    whole, done = EnrollReport(), 0
    for start in starts:
        share = contacts[done : done + start.count]
        done += start.count
        whole.add(enroll(db, workspace_id, replace(request, start_at=start.at), share, progress))
    return whole


SENDER = f"""
    SELECT s.id, s.version, u.timezone AS user_timezone, {DAY_COLUMNS}
    FROM sequences AS s
    JOIN mailboxes AS b ON b.workspace_id = s.workspace_id AND b.id = %(mailbox)s
    JOIN users AS u ON u.workspace_id = s.workspace_id AND u.id = b.user_id
    JOIN workspaces AS w ON w.workspace_id = s.workspace_id
    WHERE s.workspace_id = %(ws)s AND s.id = %(sequence)s
"""
