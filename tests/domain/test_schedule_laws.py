"""Laws of the time domain that hold for any window, zone, day set and instant (SEQ-74, SEQ-78, SEQ-126)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.time_world import PLAIN
from segue.domain.schedule import add_delay, due_at, explain_due, remainder, task_due_at
from segue.domain.send_window import DayMode, Days, SendWindow, is_open, next_open, resolve_local

ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Berlin",
        "America/New_York",
        "Africa/Cairo",  # no midnight in spring
        "America/Santiago",  # no midnight in September
        "Asia/Beirut",
        "Australia/Lord_Howe",  # half an hour
        "Antarctica/Troll",  # two hours
        "Africa/Casablanca",  # Ramadan
        "Africa/El_Aaiun",
        "Europe/Dublin",  # winter time is the exception there
        "Asia/Kathmandu",
        "Pacific/Chatham",
        "Pacific/Kiritimati",
        "Pacific/Apia",
    )
]
zones = st.sampled_from(ZONES)
modes = st.sampled_from(DayMode)
instants = st.integers(0, 11 * 365 * 86400).map(lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
windows = st.builds(lambda a, b, mode: SendWindow(min(a, b), max(a, b) + 1, mode), st.integers(0, 1439), st.integers(0, 1439), modes)


@st.composite
def near_a_change(draw: st.DrawFn) -> tuple[ZoneInfo, datetime]:
    """An instant within two days of an offset change, if the zone has one in the year drawn; most errors live there."""
    zone, at = draw(zones), draw(instants)
    for week in range(53):
        edge = at + timedelta(weeks=week)
        if edge.astimezone(zone).utcoffset() != (edge + timedelta(weeks=1)).astimezone(zone).utcoffset():
            at = edge + timedelta(minutes=draw(st.integers(-2880, 7 * 1440 + 2880)))
            break
    return zone, at


places = st.one_of(st.tuples(zones, instants), near_a_change())


@st.composite
def day_sets(draw: st.DrawFn) -> Days:
    week = draw(st.sets(st.integers(0, 6), min_size=1))
    around = draw(st.lists(st.integers(0, 4000), max_size=6))
    return Days(frozenset(week), frozenset(date(2026, 1, 1) + timedelta(days=i) for i in around))


@given(windows, day_sets(), places)
def test_what_is_found_is_open_never_early_and_stays(window: SendWindow, days: Days, place: tuple[ZoneInfo, datetime]) -> None:
    zone, at = place
    found = next_open(window, days, zone, at)
    assert found.tzinfo is UTC
    assert found >= at
    assert is_open(window, days, zone, found)
    assert next_open(window, days, zone, found) == found
    assert (found == at) is is_open(window, days, zone, at)


@given(windows, day_sets(), places, st.timedeltas(timedelta(0), timedelta(days=3)))
def test_from_allowed_dates_later_never_means_earlier(
    window: SendWindow, days: Days, place: tuple[ZoneInfo, datetime], later: timedelta
) -> None:
    # Two rules bend the order and are left out: a clock carried from a free date (a), and a start that a change moves (SEQ-76).
    zone, at = place
    both = (at, at + later)
    assume(all(days.is_allowed(each.astimezone(zone).date(), window.mode) for each in both))
    dates = [at.astimezone(zone).date() + timedelta(days=i) for i in range(-1, 5)]
    assume(all(_exists_once(zone, datetime.combine(day, time(window.start_minute // 60, window.start_minute % 60))) for day in dates))
    assume(all(_exists_once(zone, each.astimezone(zone).replace(tzinfo=None)) for each in both))
    first, second = (next_open(window, days, zone, each) for each in both)
    assert first <= second


def _exists_once(zone: ZoneInfo, naive: datetime) -> bool:
    return naive.replace(tzinfo=zone, fold=0).utcoffset() == naive.replace(tzinfo=zone, fold=1).utcoffset()


@given(windows, day_sets(), places)
def test_a_clock_time_in_the_window_is_kept_when_the_date_moves(window: SendWindow, days: Days, place: tuple[ZoneInfo, datetime]) -> None:
    zone, at = place
    here = at.astimezone(zone)
    there = next_open(window, days, zone, at).astimezone(zone)
    if not window.holds(here.time()):
        return
    wished = resolve_local(zone, datetime.combine(there.date(), here.time())).astimezone(zone)
    if wished.date() == there.date() and window.holds(wished.time()) and there.date() != here.date():
        assert there.time() == wished.time()


@given(windows, places, st.integers(0, 30))
def test_whole_days_keep_the_clock_time(window: SendWindow, place: tuple[ZoneInfo, datetime], count: int) -> None:
    zone, at = place
    for mode in (DayMode.EVERYDAY, DayMode.WEEKDAYS_ONLY):
        due = add_delay(at, timedelta(days=count), mode, PLAIN, zone).astimezone(zone)
        wished = at.astimezone(zone).replace(tzinfo=None) + timedelta(days=count)
        assume(_exists_once(zone, wished))
        assert due.replace(tzinfo=None) == wished


@given(windows, day_sets(), places, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_longer_delay_is_never_due_earlier_and_the_preview_agrees(
    window: SendWindow, days: Days, place: tuple[ZoneInfo, datetime], wait: timedelta
) -> None:
    zone, at = place
    due = due_at(at, wait, window, days, zone)
    assert due >= add_delay(at, wait, window.mode, days, zone) >= at
    assert explain_due(at, wait, window, days, zone).at == due
    whole = timedelta(days=wait.days)
    assert add_delay(at, whole, window.mode, days, zone) <= add_delay(at, wait, window.mode, days, zone)
    assert task_due_at(at, wait, window.mode, days, task_creation_minute=480, assignee_zone=zone).tzinfo is UTC


@given(places, modes, day_sets(), st.timedeltas(timedelta(0), timedelta(days=30)), st.floats(0, 1))
def test_resuming_at_the_moment_of_the_pause_is_never_early(
    place: tuple[ZoneInfo, datetime], mode: DayMode, days: Days, wait: timedelta, part: float
) -> None:
    zone, base = place
    due = add_delay(base, wait, mode, days, zone)
    paused = base + (due - base) * part
    rest = remainder(paused, due, mode, days, zone)
    assert rest >= timedelta(0)
    if mode is not DayMode.BUSINESS_DAYS:
        again = add_delay(paused, rest, mode, days, zone)
        assert due <= again <= due + timedelta(hours=2), "only a rest of more than 24 h on a long day may come later"


@given(places, modes, day_sets(), st.timedeltas(timedelta(0), timedelta(days=30)), st.floats(0, 1), st.floats(0, 1))
def test_the_later_the_pause_the_less_is_left(
    place: tuple[ZoneInfo, datetime], mode: DayMode, days: Days, wait: timedelta, one: float, other: float
) -> None:
    zone, base = place
    due = add_delay(base, wait, mode, days, zone)
    early, late = (base + (due - base) * part for part in sorted((one, other)))
    slack = timedelta(hours=2)  # civil days have 22 to 26 hours at a change
    assert remainder(late, due, mode, days, zone) <= remainder(early, due, mode, days, zone) + slack
