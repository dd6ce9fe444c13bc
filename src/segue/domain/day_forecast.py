"""What a mailbox will send on each of the next days: many enrollments at once, by the rules that move each one (SEQ-95, SEQ-96).

Enrollments that stand alike (same version, step, zone, hour) move as one cohort with a count. A day sends what is due in it and allowed,
follow-ups before first emails (SEQ-97), as far as the day's room goes; the rest waits for the next day. Within a day no order of mails is
looked at: the plan of single enrollments (`features/enrollments/plan.py`) does that.
"""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from segue.domain import enrollment as machine
from segue.domain.enrollment import Enrollment, State, Surroundings
from segue.domain.limits import WARNING_SHARE
from segue.domain.send_window import next_open
from segue.domain.sequence import BranchSettings, EmailSettings, FinishSettings, TaskSettings

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cohort:
    """So many enrollments that stand alike. `asked` marks those whose first emails are asked for."""

    enrollment: Enrollment
    around: Surroundings
    count: int
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """What a mailbox may send on one day: of sequence mail in all, and of follow-ups within their hours."""

    mails: int
    follow_ups: int


@dataclass(slots=True)
class Day:
    """One day of the forecast. `sent`: before the forecast was made. `waiting`: what was due and found no room."""

    day: date
    limit: int
    sent: int = 0
    follow_ups: int = 0
    firsts: int = 0
    asked: int = 0
    """Of `firsts`: those that are asked for."""
    waiting: int = 0

    @property
    def planned(self) -> int:
        return self.follow_ups + self.firsts

    @property
    def warns(self) -> bool:
        """Say whether the day fills 80 % of the limit (SEQ-95)."""
        return self.sent + self.planned >= WARNING_SHARE * self.limit


@dataclass(slots=True)
class _Queue:
    """Cohorts in order of their due time."""

    heap: list[tuple[datetime, int, Cohort]] = field(default_factory=list)
    number: Iterator[int] = field(default_factory=count)

    def push(self, cohort: Cohort | None) -> None:
        if cohort is not None and cohort.enrollment.due_at is not None and cohort.count:
            heapq.heappush(self.heap, (cohort.enrollment.due_at, next(self.number), cohort))

    def pop_until(self, end: datetime) -> Iterator[Cohort]:
        while self.heap and self.heap[0][0] < end:
            yield heapq.heappop(self.heap)[-1]


def mail_ahead(cohort: Cohort, now: datetime) -> Cohort | None:
    """Return the cohort at its next email; None when none comes without a person. A paused one counts as if resumed now (SEQ-95)."""
    enrollment, around = cohort.enrollment, cohort.around
    if enrollment.state is State.PAUSED:
        enrollment = machine.resume(enrollment, around, now)
    while enrollment.due_at is not None:
        settings = around.step(enrollment).settings
        if isinstance(settings, EmailSettings):
            return replace(cohort, enrollment=enrollment)
        if isinstance(settings, FinishSettings):
            return None
        at = max(now, enrollment.due_at)
        if isinstance(settings, BranchSettings):  # an answer that nobody can give is no (SEQ-191)
            enrollment = machine.go_to(enrollment, around, around.sequence.ways(enrollment.position)[1], at)
            continue
        if isinstance(settings, TaskSettings):
            around = around.with_open_task(around.step(enrollment).key)
            cohort = replace(cohort, around=around)
        enrollment = machine.advance(enrollment, around, at)
    return None


def forecast_days(cohorts: Iterable[Cohort], rooms: Iterable[Room], now: datetime, zone: ZoneInfo) -> Iterator[Day]:
    """Yield day after day what goes, beginning with the rest of today, for as many days as there are rooms. `zone`: the sender's."""
    queue = _Queue()
    for each in cohorts:
        queue.push(mail_ahead(each, now))
    today = now.astimezone(zone).date()
    for number, room in enumerate(rooms):
        day = Day(today + number * ONE_DAY, room.mails)
        begin = max(now, datetime.combine(day.day, time(0), zone).astimezone(now.tzinfo))
        end = datetime.combine(day.day + ONE_DAY, time(0), zone).astimezone(now.tzinfo)
        _fill(day, room, queue, begin, end)
        yield day


def _fill(day: Day, room: Room, queue: _Queue, begin: datetime, end: datetime) -> None:
    due = [_allowed(each, begin) for each in queue.pop_until(end)]
    later = [each for each in due if each.enrollment.due_at is not None and each.enrollment.due_at >= end]
    todays = [each for each in due if each.enrollment.due_at is not None and each.enrollment.due_at < end]
    follow_ups = sorted((each for each in todays if not each.enrollment.first_email), key=_line)
    firsts = sorted((each for each in todays if each.enrollment.first_email), key=_line)
    for group, left in ((follow_ups, min(room.mails, room.follow_ups)), (firsts, room.mails)):
        free = left - (day.follow_ups if group is firsts else 0)
        for cohort in group:
            goes = max(0, min(cohort.count, free))
            free -= goes
            _send(day, replace(cohort, count=goes), queue, begin)
            if goes < cohort.count:
                rest = cohort.count - goes
                day.waiting += rest
                queue.push(replace(cohort, count=rest, enrollment=replace(cohort.enrollment, due_at=end)))
    for cohort in later:
        queue.push(cohort)


def _line(cohort: Cohort) -> tuple[bool, datetime]:
    """Who was there before goes before who is only thought of."""
    return cohort.asked, cohort.enrollment.raw_due_at or cohort.enrollment.base_at


def _allowed(cohort: Cohort, begin: datetime) -> Cohort:
    """Return the cohort due at the first instant from `begin` on that its days and hours allow."""
    enrollment, around = cohort.enrollment, cohort.around
    at = max(begin, enrollment.due_at or begin)
    if not machine.is_exempt(enrollment, around):
        at = next_open(around.window, around.days, around.zone, at)
    return replace(cohort, enrollment=replace(enrollment, due_at=at))


def _send(day: Day, cohort: Cohort, queue: _Queue, begin: datetime) -> None:
    if not cohort.count:
        return
    if cohort.enrollment.first_email:
        day.firsts += cohort.count
        day.asked += cohort.count if cohort.asked else 0
    else:
        day.follow_ups += cohort.count
    at = max(begin, cohort.enrollment.due_at or begin)
    queue.push(mail_ahead(replace(cohort, enrollment=machine.advance(cohort.enrollment, cohort.around, at)), at))
