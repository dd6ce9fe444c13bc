"""When the next step is due: delays, tasks, what is left after a pause, and why (SEQ-72…78, SEQ-111, SEQ-126, SEQ-129).

A delay is D whole days plus R below 24 hours (section 5.2). D is civil: it moves the local date and keeps the local clock, whatever the
clocks do in between. R is elapsed time. All results are aware UTC; the zone is applied when it is needed and never stored in a result, so
that new zone data changes every pending time (SEQ-72).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from segue.domain.send_window import (
    SEARCH_DAYS,
    DayMode,
    Days,
    NeverOpen,
    SendWindow,
    Shift,
    ShiftReason,
    fit,
    local_time,
    next_open,
    resolve_local,
)

_ONE_DAY = timedelta(days=1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Explained:
    """A due time (UTC) with one sentence for each shift away from "base plus delay" (SEQ-49, SEQ-108)."""

    at: datetime
    reasons: tuple[str, ...] = ()


def add_delay(base: datetime, delay: timedelta, mode: DayMode, days: Days, zone: ZoneInfo) -> datetime:
    """Return the unadjusted due time (SEQ-74): D civil or working days at the local clock of `base`, then R as elapsed time."""
    whole, rest = divmod(delay, _ONE_DAY)
    if whole == 0:  # no local time is named, so a doubled hour keeps its second pass
        return base.astimezone(UTC) + rest
    local = local_time(zone, base)
    naive = datetime.combine(_later_date(local.date(), whole, mode, days), local.time())
    return resolve_local(zone, naive) + rest


def due_at(base: datetime, delay: timedelta, window: SendWindow, days: Days, zone: ZoneInfo) -> datetime:
    """Return when a follow-up goes: the delay of SEQ-74 fitted into days and window by SEQ-78. Raises NeverOpen."""
    return next_open(window, days, zone, add_delay(base, delay, window.mode, days, zone))


def task_due_at(
    base: datetime, delay: timedelta, mode: DayMode, days: Days, *, task_creation_minute: int, assignee_zone: ZoneInfo
) -> datetime:
    """Return when a task is created (SEQ-111), on the assignee's clock; the send window plays no part. Raises NeverOpen.

    No delay: at `base`. Below a day: exactly then, or at the creation minute of the next allowed date. From a day on: at the creation
    minute of the date found with D; R is ignored. A result in the past means "at once".
    """
    if delay == timedelta(0):
        return base.astimezone(UTC)
    if delay < _ONE_DAY:
        exact = base.astimezone(UTC) + delay
        day = local_time(assignee_zone, exact).date()
        if days.is_allowed(day, mode):
            return exact
    else:
        day = _later_date(local_time(assignee_zone, base).date(), delay // _ONE_DAY, mode, days)
    midnight = datetime.combine(_allowed_from(day, mode, days), time())
    return resolve_local(assignee_zone, midnight + timedelta(minutes=task_creation_minute))


def remainder(paused_at: datetime, unadjusted_due: datetime, mode: DayMode, days: Days, zone: ZoneInfo) -> timedelta:
    """Return what is left of a delay at a pause (SEQ-126): in BUSINESS_DAYS without the hours of free days; never below 0.

    Whole days are civil here as in `add_delay`, so that a pause lifted at once moves nothing, a clock change in between or not. Only when
    the last day has 25 hours can a rest of more than 24 come out; it is served in full, which is later, never earlier.
    """
    business = mode is DayMode.BUSINESS_DAYS
    start = _first_working_instant(paused_at, days, zone) if business else paused_at.astimezone(UTC)
    if start >= unadjusted_due:
        return timedelta(0)
    whole, reached = 0, start
    while (further := add_delay(start, (whole + 1) * _ONE_DAY, mode, days, zone)) <= unadjusted_due:
        whole, reached = whole + 1, further
    rest = unadjusted_due - reached
    if business:
        rest -= _free_time(reached, unadjusted_due, days, zone)
    return whole * _ONE_DAY + rest


def opening_from(day: date, window: SendWindow, days: Days, zone: ZoneInfo) -> datetime:
    """Return the window's start on the first allowed date on or after `day`: when an absence ends (SEQ-129). Raises NeverOpen."""
    return next_open(window, days, zone, resolve_local(zone, datetime.combine(day, time())))


def away_until(at: datetime, working_days: int, window: SendWindow, days: Days, zone: ZoneInfo) -> datetime:
    """Return the end of a hold of n working days that begins at `at` (SEQ-129: no readable date, FIXED_DAYS). Raises NeverOpen."""
    day = _later_date(local_time(zone, at).date(), working_days, DayMode.BUSINESS_DAYS, days)
    return opening_from(day, window, days, zone)


def explain_due(base: datetime, delay: timedelta, window: SendWindow, days: Days, zone: ZoneInfo) -> Explained:
    """Return what `due_at` returns, with the reasons in the order they were met (SEQ-49, SEQ-108). Raises NeverOpen."""
    due = add_delay(base, delay, window.mode, days, zone)
    return explain_open(due, window, days, zone, reasons=_reasons_of_delay(base, delay, window.mode, days, zone))


def explain_open(at: datetime, window: SendWindow, days: Days, zone: ZoneInfo, *, reasons: tuple[str, ...] = ()) -> Explained:
    """Return what `next_open` returns, with `reasons` and the sentences of its own shifts. Raises NeverOpen."""
    fitted = fit(window, days, zone, at)
    clock = local_time(zone, at).time()
    sentences = (_sentence(run, window, clock) for run in _runs(fitted.shifts))
    return Explained(fitted.at, (*reasons, *sentences))


def _later_date(day: date, count: int, mode: DayMode, days: Days) -> date:
    """Step `count` counting days forward (SEQ-74). Raises NeverOpen when working days run out."""
    if mode is not DayMode.BUSINESS_DAYS:
        return day + timedelta(days=count)
    free = 0
    while count:
        day += _ONE_DAY
        if days.is_working(day):
            count, free = count - 1, 0
        elif (free := free + 1) > SEARCH_DAYS:
            raise _no_working_day(day)
    return day


def _allowed_from(day: date, mode: DayMode, days: Days) -> date:
    for ahead in range(SEARCH_DAYS):
        if days.is_allowed(candidate := day + timedelta(days=ahead), mode):
            return candidate
    raise _no_working_day(day)


def _no_working_day(day: date) -> NeverOpen:
    return NeverOpen(
        f"There is no working day in the {SEARCH_DAYS} days around {day.isoformat()}.",
        hint="Check the working week and the holidays and absences of the sender.",
    )


def _first_working_instant(at: datetime, days: Days, zone: ZoneInfo) -> datetime:
    day = local_time(zone, at).date()
    if days.is_working(day):
        return at.astimezone(UTC)
    return resolve_local(zone, datetime.combine(_allowed_from(day, DayMode.BUSINESS_DAYS, days), time()))


def _free_time(start: datetime, end: datetime, days: Days, zone: ZoneInfo) -> timedelta:
    """Add up the time between two instants that falls on days that are not working days."""
    total, day = timedelta(0), local_time(zone, start).date()
    last = local_time(zone, end).date()
    while day <= last:
        if not days.is_working(day):
            begins, ends = (resolve_local(zone, datetime.combine(edge, time())) for edge in (day, day + _ONE_DAY))
            total += max(timedelta(0), min(ends, end) - max(begins, start))
        day += _ONE_DAY
    return total


def _reasons_of_delay(base: datetime, delay: timedelta, mode: DayMode, days: Days, zone: ZoneInfo) -> tuple[str, ...]:
    whole = delay // _ONE_DAY
    if whole == 0:
        return ()
    local = local_time(zone, base)
    day = _later_date(local.date(), whole, mode, days)
    reasons = []
    if mode is DayMode.BUSINESS_DAYS:
        passed = (local.date() + timedelta(days=i) for i in range(1, (day - local.date()).days))
        shifts = tuple(days.why_free(each) for each in passed if not days.is_working(each))
        reasons = [f"{_free(run)} and {'does' if len(run) == 1 else 'do'} not count" for run in _runs(shifts)]
    naive = datetime.combine(day, local.time())
    real = local_time(zone, resolve_local(zone, naive))
    if real.replace(tzinfo=None) != naive:
        reasons.append(f"{naive:%H:%M} does not exist on {_named(day)} because the clocks change, so {real:%H:%M} is meant")
    return tuple(f"{reason}." for reason in reasons)


def _sentence(run: list[Shift], window: SendWindow, clock: time) -> str:
    hours = f"{_clock(window.start_minute)}–{_clock(window.end_minute)}"
    match run[0].reason:
        case ShiftReason.BEFORE_WINDOW:
            return f"{clock:%H:%M} on {_named(run[0].day)} is before the send window {hours}."
        case ShiftReason.AFTER_WINDOW:
            return f"{clock:%H:%M} on {_named(run[0].day)} is after the send window {hours}."
        case ShiftReason.NO_WINDOW:
            return f"The send window {hours} does not exist on {_named(run[0].day)} because the clocks change."
    return f"{_free(run)}."


def _free(run: list[Shift]) -> str:
    holiday = run[0].reason is ShiftReason.HOLIDAY
    if len(run) == 1:
        return f"{_named(run[0].day)} is {'a holiday or an absence' if holiday else 'no working day'}"
    return f"{_named(run[0].day)} to {_named(run[-1].day)} are {'holidays or absences' if holiday else 'no working days'}"


def _runs(shifts: tuple[Shift, ...]) -> list[list[Shift]]:
    """Join shifts of one kind on dates in a row, so that a weekend is one sentence."""
    runs: list[list[Shift]] = []
    for shift in shifts:
        last = runs[-1][-1] if runs else None
        if last is not None and last.reason is shift.reason and shift.day - last.day == _ONE_DAY:
            runs[-1].append(shift)
        else:
            runs.append([shift])
    return runs


def _named(day: date) -> str:
    return f"{_WEEKDAYS[day.weekday()]} {day.isoformat()}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
