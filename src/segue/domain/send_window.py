"""Which instants a follow-up may go at: days, hours, zone, holidays (SEQ-76…79, SEQ-82, SEQ-83).

Two questions are answered here. `is_open` is the gate's (S5): does the local clock of this instant lie in the window, on an allowed date?
`next_open` is the planner's: the instant to aim at. What `next_open` returns is always open; whether it still is at hand-off, the gate asks
again (SEQ-80).

Traps that this module exists for. A clock change can remove a window from a date, or its first part; it can make an hour pass twice, so
that "today's opening" lies in the past although the clock stands before it; it can remove midnight, and once in a while a whole date. So
a candidate is never trusted: it is turned into an instant, read back in the zone, and taken only if that reading is right.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from segue.domain.errors import DomainError

SEARCH_DAYS = 1_500
"""Dates looked at before giving up: more than the longest delay, any yearly calendar and the longest absence that is kept, 1,000 weekdays;
beyond it lies a mistake in the settings."""
_ONE_DAY = timedelta(days=1)


class NeverOpen(DomainError):
    """No allowed instant within `SEARCH_DAYS`: the working week is empty, the window is, or everything is a holiday."""

    code = "never_open"


class DayMode(StrEnum):
    """Which dates are allowed, and whether delays count working days (SEQ-77)."""

    EVERYDAY = "EVERYDAY"
    WEEKDAYS_ONLY = "WEEKDAYS_ONLY"
    BUSINESS_DAYS = "BUSINESS_DAYS"


class ShiftReason(StrEnum):
    """Why a time was moved (SEQ-49, SEQ-108)."""

    WEEKEND = "WEEKEND"
    HOLIDAY = "HOLIDAY"
    BEFORE_WINDOW = "BEFORE_WINDOW"
    AFTER_WINDOW = "AFTER_WINDOW"
    NO_WINDOW = "NO_WINDOW"
    """A clock change took the window away on this date."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One reason to move on, and the local date it was met on."""

    reason: ShiftReason
    day: date


@dataclass(frozen=True, slots=True)
class Fitted:
    """An open instant (UTC) and, in order, what kept it from being earlier."""

    at: datetime
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class SendWindow:
    """`[start_minute, end_minute)` in minutes from local midnight, up to 1440, and the day mode.

    Nothing is checked here, so that an editor can hold a wrong window and say what is wrong with it; an empty one is never open.
    """

    start_minute: int = 540
    end_minute: int = 1020
    mode: DayMode = DayMode.BUSINESS_DAYS

    def holds(self, clock: time) -> bool:
        """Tell whether this local clock time lies in the window: start included, end excluded (SEQ-79)."""
        return self.start_minute <= clock.hour * 60 + clock.minute < self.end_minute


@dataclass(frozen=True, slots=True)
class Days:
    """The working week (Monday = 0) and the holidays of one enrollment, already united (SEQ-82, SEQ-83)."""

    working_week: frozenset[int] = frozenset({0, 1, 2, 3, 4})
    holidays: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Tell whether delays count this date in BUSINESS_DAYS."""
        return day.weekday() in self.working_week and day not in self.holidays

    def is_allowed(self, day: date, mode: DayMode) -> bool:
        """Tell whether follow-ups may go on this date; holidays block in all three modes (SEQ-82)."""
        return day not in self.holidays and (mode is DayMode.EVERYDAY or day.weekday() in self.working_week)

    def why_free(self, day: date) -> Shift:
        """Name what makes this date free; the holiday comes first, for it blocks in EVERYDAY too."""
        return Shift(ShiftReason.HOLIDAY if day in self.holidays else ShiftReason.WEEKEND, day)


def local_time(zone: ZoneInfo, at: datetime) -> datetime:
    """Read an instant on the clock of a zone. A naive `at` is refused: Python would silently take it for the machine's own zone."""
    assert at.tzinfo is not None, "an instant must be aware"
    return at.astimezone(zone)


def resolve_local(zone: ZoneInfo, naive: datetime) -> datetime:
    """Turn a local clock time into an instant (UTC).

    A time that a clock change left out is read with the offset before the change, so 02:30 becomes 03:30; one that comes twice means the
    first (SEQ-76). Both are what PEP 495 says of fold = 0, whatever fold `naive` carries.
    """
    return naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def is_open(window: SendWindow, days: Days, zone: ZoneInfo, at: datetime) -> bool:
    """Tell whether a hand-off may begin at this instant (SEQ-79). In a doubled hour both passes count."""
    local = local_time(zone, at)
    return window.holds(local.time()) and days.is_allowed(local.date(), window.mode)


def next_open(window: SendWindow, days: Days, zone: ZoneInfo, at: datetime) -> datetime:
    """Fit an instant into days and window (SEQ-78); the result is UTC and never before `at`. Raises NeverOpen."""
    return fit(window, days, zone, at).at


def fit(window: SendWindow, days: Days, zone: ZoneInfo, at: datetime) -> Fitted:
    """Do what `next_open` does and keep the reasons: preview and sending run the same code (SEQ-49). Raises NeverOpen."""
    local = local_time(zone, at)
    day, clock = local.date(), local.time()
    shifts: list[Shift] = []
    keep: time | None = None
    if not days.is_allowed(day, window.mode):  # (a)
        shifts.append(days.why_free(day))
        keep = clock if window.holds(clock) else None
    elif window.holds(clock):  # (c)
        return Fitted(at.astimezone(UTC))
    elif clock.hour * 60 + clock.minute < window.start_minute:  # (b)
        opening = opening_on(window, zone, day, at)
        if opening is not None:
            return Fitted(opening, (Shift(ShiftReason.BEFORE_WINDOW, day),))
        shifts.append(Shift(ShiftReason.NO_WINDOW, day))
    else:  # (d)
        shifts.append(Shift(ShiftReason.AFTER_WINDOW, day))
    for later in _dates_after(day):
        if not days.is_allowed(later, window.mode):
            shifts.append(days.why_free(later))
            continue
        found = _same_clock_on(window, zone, later, keep, at) or opening_on(window, zone, later, at)
        if found is not None:
            return Fitted(found, tuple(shifts))
        shifts.append(Shift(ShiftReason.NO_WINDOW, later))
    raise NeverOpen(
        f"There is no allowed time to send in the {SEARCH_DAYS} days after {day.isoformat()}.",
        hint="Check the send window, the working week and the holidays and absences of the sender.",
    )


def opening_on(window: SendWindow, zone: ZoneInfo, day: date, not_before: datetime) -> datetime | None:
    """Return the instant (UTC) the window opens on this local date, or None if the date has no opening from `not_before` on.

    The start is a local time like any other (SEQ-76): left out by a change, it moves on with the clock. If that overshoots the end, the
    window opens at the change itself, should a part of it be left. If the start comes twice and the first has passed, the second is taken.
    """
    start = datetime.combine(day, time()) + timedelta(minutes=window.start_minute)
    first = resolve_local(zone, start)
    if _lies_in(window, zone, day, first) and first >= not_before:
        return first
    second = start.replace(tzinfo=zone, fold=1).astimezone(UTC)
    if second > first:
        return second if _lies_in(window, zone, day, second) and second >= not_before else None
    if second < first:  # PEP 495: fold = 1 is the earlier instant exactly when the time was left out
        change = _change_between(zone, second, first)
        return change if _lies_in(window, zone, day, change) and change >= not_before else None
    return None


def _same_clock_on(window: SendWindow, zone: ZoneInfo, day: date, clock: time | None, not_before: datetime) -> datetime | None:
    if clock is None:
        return None
    kept = resolve_local(zone, datetime.combine(day, clock))
    return kept if _lies_in(window, zone, day, kept) and kept >= not_before else None


def _lies_in(window: SendWindow, zone: ZoneInfo, day: date, at: datetime) -> bool:
    local = at.astimezone(zone)
    return local.date() == day and window.holds(local.time())


def _dates_after(day: date) -> Iterator[date]:
    for _ in range(SEARCH_DAYS):
        day += _ONE_DAY
        yield day


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Find, to the second, the first instant at which the zone's offset is the one it has at `after`."""
    offset = after.astimezone(zone).utcoffset()
    low, high = int(before.timestamp()), int(after.timestamp())
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)
