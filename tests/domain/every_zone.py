"""Every clock change of a zone, and a judge of send windows that shares nothing with the code it judges (S5, G9).

The judge knows a zone as a list of whole-number offsets between instants. It works in seconds since 1970 and whole days since 1970: no
datetime arithmetic, no fold, no zone object, so an error of thought there is not repeated here.
"""

import zoneinfo
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from segue.domain.send_window import DayMode, Days, SendWindow, next_open
from segue.zone_data import use_packaged_tzdata

use_packaged_tzdata()

DAY, HOUR, QUARTER = 86_400, 3_600, 900
FIRST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
LAST = int(datetime(2037, 1, 1, tzinfo=UTC).timestamp())
WEEK = 7 * DAY
MONDAY_1970 = 3  # 1970-01-01 was a Thursday
HOURS = ((0, 1440), (540, 1020), (120, 180), (0, 60), (1380, 1440))
STARTS = 96


@dataclass(frozen=True, slots=True)
class Clock:
    """A zone as numbers: `changes[i]` is the first second at which `offsets[i + 1]` holds instead of `offsets[i]`."""

    zone: zoneinfo.ZoneInfo
    changes: tuple[int, ...]
    offsets: tuple[int, ...]

    def local_seconds(self, at: int) -> int:
        return at + self.offsets[bisect_right(self.changes, at)]


def zone_names() -> list[str]:
    return sorted(zoneinfo.available_timezones())


def clock_of(name: str) -> Clock:
    """Find all offset changes of 2026–2036: sampled by the week (no two changes are closer), then halved down to the second."""
    zone = zoneinfo.ZoneInfo(name)
    changes: list[int] = []
    edges = range(FIRST - WEEK, LAST + 2 * WEEK, WEEK)
    offsets = [_offset(zone, edges[0])]
    for week in edges[:-1]:
        before, low, high = offsets[-1], week, week + WEEK
        if _offset(zone, high) == before:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
        changes.append(high)
        offsets.append(_offset(zone, high))
    return Clock(zone, tuple(changes), tuple(offsets))


def _offset(zone: zoneinfo.ZoneInfo, at: int) -> int:
    found = datetime.fromtimestamp(at, zone).utcoffset()
    assert found is not None
    return int(found.total_seconds())


def cases_around(clock: Clock, change: int) -> Iterator[tuple[SendWindow, Days, range]]:
    """Yield windows, day sets and starts around one change.

    For five windows: 96 starts in quarter-hours from 18 hours before to 6 after. And 96 windows of one hour, beginning at every quarter of
    the day, reached from the day before. Each in three modes; in BUSINESS_DAYS the day after the change is a holiday.
    """
    after = date(1970, 1, 1) + timedelta(days=clock.local_seconds(change) // DAY + 1)
    for mode in DayMode:
        days = Days(holidays=frozenset({after})) if mode is DayMode.BUSINESS_DAYS else Days()
        for start, end in HOURS:
            yield SendWindow(start, end, mode), days, range(change - 18 * HOUR, change + 6 * HOUR, QUARTER)
        for quarter in range(STARTS):
            begin = quarter * 15
            yield SendWindow(begin, min(begin + 60, 1440), mode), days, range(change - DAY, change - DAY + 1)


CASES_PER_CHANGE = len(DayMode) * (len(HOURS) * STARTS + STARTS)


def judge(clock: Clock) -> tuple[int, list[str]]:
    """Ask `next_open` around every change of a zone; return how often, and what was wrong."""
    asked, wrong = 0, []
    for change in clock.changes:
        if not FIRST <= change < LAST:
            continue
        for window, days, starts in cases_around(clock, change):
            for start in starts:
                asked += 1
                found = next_open(window, days, clock.zone, datetime.fromtimestamp(start, UTC))
                fault = fault_of(clock, window, days, start, found.timestamp())
                if fault:
                    wrong.append(f"{clock.zone.key} {window} from {datetime.fromtimestamp(start, UTC)}: {found} {fault}")
    return asked, wrong


def fault_of(clock: Clock, window: SendWindow, days: Days, start: int, found: float) -> str:
    """Judge one answer: open, not before the question, the question itself if that was open, and not needlessly late."""
    if found < start:
        return "lies in the past"
    if not _is_open(clock, window, days, int(found)):
        return "is outside"
    if found != start and _is_open(clock, window, days, start):
        return "was not needed"
    # The longest way: Friday evening, weekend, a holiday on Monday, and one date without the window.
    if found - start > (2 * DAY + 2 * HOUR if window.mode is DayMode.EVERYDAY else 6 * DAY):
        return "is too late"
    return ""


_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def _is_open(clock: Clock, window: SendWindow, days: Days, at: int) -> bool:
    day, second = divmod(clock.local_seconds(at), DAY)
    if window.mode is not DayMode.EVERYDAY and (day + MONDAY_1970) % 7 > 4:
        return False
    if any(day == holiday.toordinal() - _EPOCH_ORDINAL for holiday in days.holidays):
        return False
    return window.start_minute * 60 <= second < window.end_minute * 60
