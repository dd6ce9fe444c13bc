"""Which dates are free: holiday calendars by country and region, single dates, absences, the working week (SEQ-82, SEQ-83).

Calendars come from the `holidays` package. Importing it and building the first calendar takes half a second, so it is imported at the first
calendar, and each calendar is built once a process for the few years that a delay and the search for an open date can reach.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import Invalid
from segue.domain.events import CalendarChanged
from segue.domain.send_window import Days

YEARS_BACK, YEARS_AHEAD = 1, 3
"""A delay has at most 365 days (SEQ-44) and a year more is looked through for an allowed date: two years ahead, and one for the turn of the
year. What lies beyond, behind a long absence, is fitted again before it goes."""
ABSENCE_LIMIT = 1_000
"""Dates of absence kept for one user; fewer than are looked through for the next allowed one (`send_window.SEARCH_DAYS`)."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def calendar_name(country: str, region: str = "") -> str:
    """Return the name under which a calendar is kept: "DE" or "DE-BY".

    Raises:
        Invalid: there is no such calendar; names the regions where the country is known.
    """
    import holidays

    country = country.strip().upper()
    known = holidays.list_supported_countries(include_aliases=False)
    if len(country) != 2 or country not in known:
        hint = "Use two letters of ISO 3166, such as DE, US or GB."
        raise Invalid(f"There is no holiday calendar for {country!r}.", hint=hint, field="country")
    if not region.strip():
        return country
    by_letters = {each.casefold(): each for each in known[country]}
    found = by_letters.get(region.strip().casefold())
    if found is None:
        regions = ", ".join(known[country]) or "none"
        raise Invalid(f"{country} has no region {region!r} with holidays of its own.", hint=f"Its regions: {regions}.", field="region")
    return f"{country}-{found}"


def days_at(at: datetime, week: Iterable[int], calendars: Iterable[Sequence[str]], lists: Iterable[Sequence[date]]) -> Days:
    """Unite what makes dates free around an instant (SEQ-82).

    `calendars` are those of the workspace, the sender, and any others; `lists` the dates that the workspace added, those that it took out
    of its own calendar, and the sender's absences.
    """
    return _days(at.year, tuple(week), tuple(tuple(each) for each in calendars), tuple(tuple(each) for each in lists))


@lru_cache(maxsize=4096)
def _days(year: int, week: tuple[int, ...], calendars: tuple[tuple[str, ...], ...], lists: tuple[tuple[date, ...], ...]) -> Days:
    workspace, *others = (frozenset(day for name in names for day in holidays_of(name, year)) for names in calendars)
    added, removed, absences = (frozenset(each) for each in lists)
    return Days(frozenset(week), (workspace - removed).union(*others, added, absences))


@lru_cache(maxsize=1024)
def contact_calendars(country: str) -> tuple[str, ...]:
    """Return the calendar of a contact's country, none where the country is not given as two letters that have one (SEQ-82)."""
    try:
        return (calendar_name(country),) if country else ()
    except Invalid:
        return ()


@lru_cache(maxsize=1024)
def holidays_of(calendar: str, year: int) -> frozenset[date]:
    """Return the public holidays of a calendar around a year, days given in lieu among them."""
    import holidays

    country, _, region = calendar.partition("-")
    years = range(year - YEARS_BACK, year + YEARS_AHEAD + 1)
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=years))


def set_workspace_calendar(
    tx: Tx, *, calendars: Sequence[str] | None = None, added: Iterable[date] = (), removed: Iterable[date] = (), week: str = ""
) -> None:
    """Change what is given of the workspace's free days. `calendars` are names by `calendar_name`; an added date is no longer taken out
    and the other way round; `week` is written as in `read_week`.

    Due times already computed are asked again at hand-off (SEQ-80), so mails planned for a new holiday wait.
    """
    before = _calendar_now(tx, None)
    tx.run(
        """UPDATE workspaces SET holiday_calendars = COALESCE(%(calendars)s, holiday_calendars),
             country = COALESCE(left((%(calendars)s::text[])[1], 2), country),
             working_week = COALESCE(%(week)s, working_week),
             holidays = (SELECT COALESCE(array_agg(DISTINCT day ORDER BY day), '{}') FROM unnest(holidays || %(added)s::date[]) AS day
                         WHERE day <> ALL(%(removed)s::date[])),
             holidays_removed = (SELECT COALESCE(array_agg(DISTINCT day ORDER BY day), '{}')
                                 FROM unnest(holidays_removed || %(removed)s::date[]) AS day WHERE day <> ALL(%(added)s::date[]))
           WHERE workspace_id = %(ws)s""",
        {
            "calendars": None if calendars is None else list(calendars),
            "week": read_week(week) if week else None,
            "added": list(added),
            "removed": list(removed),
        },
    )
    _tell_change(tx, None, before)


def set_user_calendar(
    tx: Tx, user_id: int, *, calendars: Sequence[str] | None = None, absent: Iterable[date] = (), present: Iterable[date] = ()
) -> None:
    """Change what is given of a sender's own calendar and absences (SEQ-82).

    Raises:
        Invalid: more dates than are kept.
    """
    before = _calendar_now(tx, user_id)
    row = tx.one(
        """UPDATE users SET holiday_calendars = COALESCE(%(calendars)s, holiday_calendars),
             absences = (SELECT COALESCE(array_agg(DISTINCT day ORDER BY day), '{}') FROM unnest(absences || %(absent)s::date[]) AS day
                         WHERE day <> ALL(%(present)s::date[]))
           WHERE workspace_id = %(ws)s AND id = %(id)s RETURNING cardinality(absences) AS kept""",
        {
            "id": user_id,
            "calendars": None if calendars is None else list(calendars),
            "absent": list(absent),
            "present": list(present),
        },
    )
    if row is not None and row["kept"] > ABSENCE_LIMIT:
        raise Invalid(f"A user has at most {ABSENCE_LIMIT:,} days of absence.", hint="Take old ones out with --present.", field="absent")
    _tell_change(tx, user_id, before)


def _calendar_now(tx: Tx, user_id: int | None) -> dict[str, Any]:
    """Return what makes dates free for a sender, or for everybody, as `CalendarChanged` keeps it; the row stays locked."""
    if user_id is None:
        row = tx.one(
            """SELECT holiday_calendars AS calendars, holidays AS added, holidays_removed AS removed, working_week FROM workspaces
               WHERE workspace_id = %(ws)s FOR UPDATE""",
            {},
        )
    else:
        row = tx.one(
            """SELECT holiday_calendars AS calendars, absences AS added, '{}'::date[] AS removed, '{}'::int[] AS working_week FROM users
               WHERE workspace_id = %(ws)s AND id = %(id)s FOR UPDATE""",
            {"id": user_id},
        )
    assert row is not None
    return {name: [day.isoformat() if isinstance(day, date) else day for day in days] for name, days in row.items()}


def _tell_change(tx: Tx, user_id: int | None, before: dict[str, Any]) -> None:
    if _calendar_now(tx, user_id) != before:
        tx.record(CalendarChanged(user_id=user_id, before=before))


def read_dates(text: str) -> list[date]:
    """Read a date or a range of dates, both ends included: 2027-03-01 or 2027-03-01..2027-03-05.

    Raises:
        Invalid: it is neither, the end stands before the beginning, or it is longer than `ABSENCE_LIMIT`.
    """
    first_text, dots, last_text = text.strip().partition("..")
    try:
        first = date.fromisoformat(first_text.strip())
        last = date.fromisoformat(last_text.strip()) if dots else first
    except ValueError:
        raise Invalid(f"{text!r} is no date.", hint="Write 2027-03-01, or a range as 2027-03-01..2027-03-05.", field="date") from None
    count = (last - first).days + 1
    if not 1 <= count <= ABSENCE_LIMIT:
        said = "ends before it begins" if count < 1 else f"has more than {ABSENCE_LIMIT:,} days"
        raise Invalid(f"The range {text} {said}.", hint="Write the first day, two dots, the last day.", field="date")
    return [first + timedelta(days=i) for i in range(count)]


def read_week(text: str) -> list[int]:
    """Read a working week (SEQ-83): days with commas, and ranges that may pass Sunday: "mon-fri", "sun-thu", "mon,wed". Monday is 0.

    Raises:
        Invalid: a day is not known.
    """
    found: set[int] = set()
    for part in re.split(r"[,\s]+", text.strip().lower()):
        first, dash, last = part.partition("-")
        if first[:3] not in WEEKDAYS or (dash and last[:3] not in WEEKDAYS):
            raise Invalid(f"{part!r} is no day of the week.", hint="Write mon-fri, sun-thu, or mon,tue,thu.", field="week")
        start = WEEKDAYS.index(first[:3])
        span = (WEEKDAYS.index(last[:3]) - start) % 7 if dash else 0
        found |= {(start + i) % 7 for i in range(span + 1)}
    return sorted(found)


def write_week(week: Iterable[int]) -> str:
    """Return a working week as `read_week` takes it."""
    return ",".join(WEEKDAYS[day] for day in sorted(week))


def write_dates(days: Iterable[date]) -> list[str]:
    """Return dates as `read_dates` takes them, neighbours as ranges."""
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}..{run[-1]}" for run in runs]
