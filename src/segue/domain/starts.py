"""How many enrollments of a sequence begin on one day, and when the others do (SEQ-98)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from segue.domain.send_window import local_time, resolve_local

_ONE_DAY = timedelta(days=1)


def allot(taken: Mapping[date, int], limit: int, zone: ZoneInfo, wanted: Sequence[datetime]) -> list[datetime]:
    """Return when each may begin, in the order given: when it wants to, or at the same time of day on the first later day with room.

    `taken` counts the starts that each date of `zone` has already.
    """
    counts = dict(taken)
    full: dict[date, date] = {}
    allotted = []
    for at in wanted:
        local = local_time(zone, at)
        day = first = local.date()
        while counts.get(day, 0) >= limit:
            day = full.get(day, day + _ONE_DAY)
        if day != first:
            full[first] = day  # what is full stays full: ten thousand waiting starts are not counted through day by day
        counts[day] = counts.get(day, 0) + 1
        allotted.append(at if day == first else resolve_local(zone, datetime.combine(day, local.time())))
    return allotted
