"""What the send window promises at its edges and around clock changes (SEQ-76…79, SEQ-82, SEQ-83, S5)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.time_world import ALL_DAY, BERLIN, BUSINESS, EVERYDAY, NEW_YORK, PLAIN, WEEKDAYS, free, local, shown, window
from segue.domain.send_window import DayMode, Days, NeverOpen, SendWindow, is_open, next_open, resolve_local

BEIRUT = ZoneInfo("Asia/Beirut")
TROLL = ZoneInfo("Antarctica/Troll")
APIA = ZoneInfo("Pacific/Apia")


def opens(at: datetime, rule: SendWindow, zone: ZoneInfo = BERLIN, days: Days = PLAIN) -> str:
    found = next_open(rule, days, zone, at)
    assert found.tzinfo is UTC
    assert found >= at.astimezone(UTC)
    assert is_open(rule, days, zone, found)
    return shown(found, zone)


def test_the_defaults_are_nine_to_five_on_business_days() -> None:
    assert SendWindow() == SendWindow(9 * 60, 17 * 60, DayMode.BUSINESS_DAYS)


@pytest.mark.parametrize(("clock", "is_so"), [("08:59:59.999999", False), ("09:00", True), ("16:59:59.999999", True), ("17:00", False)])
def test_the_gate_is_half_open(clock: str, is_so: bool) -> None:
    assert is_open(window(), PLAIN, BERLIN, local(f"2027-01-13 {clock}")) is is_so


def test_a_window_to_midnight_includes_the_last_moment_and_one_round_the_clock_every_moment() -> None:
    late = window(EVERYDAY, (1380, 1440))
    assert is_open(late, PLAIN, BERLIN, local("2027-01-13 23:59:59.999999"))
    assert not is_open(late, PLAIN, BERLIN, local("2027-01-14 00:00"))
    midnight = local("2027-01-14 00:00")
    assert next_open(window(EVERYDAY, ALL_DAY), PLAIN, BERLIN, midnight) == midnight


def test_an_open_instant_is_kept_to_the_microsecond() -> None:
    at = local("2027-01-13 10:11:12.131415")
    assert next_open(window(), PLAIN, BERLIN, at) == at


def test_each_mode_allows_its_own_dates() -> None:
    days = free("2027-01-13", "2027-01-16")
    wed, thu, sat, sun = (date(2027, 1, day) for day in (13, 14, 16, 17))
    assert [days.is_allowed(day, EVERYDAY) for day in (wed, thu, sat, sun)] == [False, True, False, True]
    for mode in (WEEKDAYS, BUSINESS):
        assert [days.is_allowed(day, mode) for day in (wed, thu, sat, sun)] == [False, True, False, False]
    assert [days.is_working(day) for day in (wed, thu, sat, sun)] == [False, True, False, False]


def test_a_working_week_from_sunday_to_thursday_has_its_weekend_on_friday() -> None:
    sunday_first = Days(working_week=frozenset({6, 0, 1, 2, 3}))
    assert opens(local("2027-01-15 10:00"), window(), days=sunday_first) == "Sun 2027-01-17 10:00 CET"


def test_a_window_missing_on_the_spring_date_skips_it_from_before_and_from_within_the_day() -> None:
    rule = window(EVERYDAY, (120, 180))
    for at in ("2027-03-27 03:00", "2027-03-28 00:00", "2027-03-28 01:59:59", "2027-03-28 03:00"):
        assert opens(local(at), rule) == "Mon 2027-03-29 02:00 CEST"


def test_a_clock_time_carried_from_a_free_day_skips_a_date_without_the_window() -> None:
    assert opens(local("2027-03-27 02:30"), window(EVERYDAY, (120, 180)), days=free("2027-03-27")) == "Mon 2027-03-29 02:30 CEST"


@pytest.mark.parametrize(
    ("hours", "opening"),
    [
        ((135, 1020), "Sun 2027-03-28 03:15 CEST"),  # 02:15 is read as 03:15 (SEQ-76)
        ((150, 195), "Sun 2027-03-28 03:00 CEST"),  # 02:30 would be 03:30, past the end; 03:00–03:15 is left of the window
        ((60, 180), "Sun 2027-03-28 01:00 CET"),
        ((135, 180), "Mon 2027-03-29 02:15 CEST"),
        ((179, 181), "Sun 2027-03-28 03:00 CEST"),
    ],
)
def test_a_window_that_loses_a_part_opens_with_what_is_left(hours: tuple[int, int], opening: str) -> None:
    assert opens(local("2027-03-27 20:00"), window(EVERYDAY, hours)) == opening


def test_a_carried_clock_that_is_missing_and_overshoots_uses_the_window_start() -> None:
    assert opens(local("2027-03-27 02:30"), window(EVERYDAY, (60, 180)), days=free("2027-03-27")) == "Sun 2027-03-28 01:00 CET"


def test_both_passes_of_a_doubled_hour_are_open_and_neither_goes_back() -> None:
    rule = window(EVERYDAY, (120, 180))
    for fold in (0, 1):
        at = local("2027-10-31 02:30", fold=fold)
        assert is_open(rule, PLAIN, BERLIN, at)
        assert next_open(rule, PLAIN, BERLIN, at) == at.astimezone(UTC)
    assert opens(local("2027-10-31 01:00"), rule) == "Sun 2027-10-31 02:00 CEST"


def test_before_an_opening_in_the_second_pass_the_second_opening_counts() -> None:
    rule = window(EVERYDAY, (90, 180))
    assert opens(local("2027-11-07 01:10", NEW_YORK, fold=0), rule, NEW_YORK) == "Sun 2027-11-07 01:30 EDT"
    assert opens(local("2027-11-07 01:10", NEW_YORK, fold=1), rule, NEW_YORK) == "Sun 2027-11-07 01:30 EST"


def test_after_the_end_in_the_first_pass_the_next_date_counts() -> None:
    assert opens(local("2027-11-07 01:40", NEW_YORK), window(EVERYDAY, (60, 90)), NEW_YORK) == "Mon 2027-11-08 01:00 EST"


def test_a_day_that_begins_at_one_o_clock_opens_then() -> None:
    assert opens(local("2027-03-27 12:00", BEIRUT), window(EVERYDAY, (0, 60)), BEIRUT) == "Mon 2027-03-29 00:00 EEST"
    assert opens(local("2027-03-27 12:00", BEIRUT), window(EVERYDAY, (0, 120)), BEIRUT) == "Sun 2027-03-28 01:00 EEST"


def test_a_change_of_two_hours_takes_both() -> None:
    assert opens(local("2027-03-27 23:00", TROLL), window(EVERYDAY, (60, 180)), TROLL).startswith("Mon 2027-03-29 01:00")
    assert opens(local("2027-03-27 23:00", TROLL), window(EVERYDAY, (120, 210)), TROLL).startswith("Sun 2027-03-28 03:00")


def test_a_date_that_a_zone_skipped_is_never_sent_on() -> None:
    assert opens(local("2011-12-29 20:00", APIA), window(EVERYDAY), APIA).startswith("Sat 2011-12-31 09:00")
    assert opens(local("2011-12-29 20:00", APIA), window(), APIA).startswith("Mon 2012-01-02 09:00")


def test_a_missing_local_time_moves_on_and_a_doubled_one_means_the_first_whatever_its_fold() -> None:
    for fold in (0, 1):
        assert shown(resolve_local(BERLIN, datetime.fromisoformat("2027-03-28 02:30").replace(fold=fold))) == "Sun 2027-03-28 03:30 CEST"
        assert shown(resolve_local(BERLIN, datetime.fromisoformat("2027-10-31 02:30").replace(fold=fold))) == "Sun 2027-10-31 02:30 CEST"


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (window(BUSINESS), Days(working_week=frozenset())),
        (window(EVERYDAY, (600, 600)), PLAIN),
        (window(EVERYDAY), Days(holidays=frozenset(date(2027, 1, 1) + timedelta(days=i) for i in range(1_600)))),
    ],
)
def test_a_window_that_never_opens_is_said_in_a_sentence(rule: SendWindow, days: Days) -> None:
    with pytest.raises(NeverOpen, match="no allowed time to send in the 1500 days after 2027-01-13") as caught:
        next_open(rule, days, BERLIN, local("2027-01-13 20:00"))
    assert caught.value.code == "never_open"
    assert caught.value.hint


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(AssertionError, match="aware"):
        is_open(window(), PLAIN, BERLIN, datetime.fromisoformat("2027-01-13 10:00"))
