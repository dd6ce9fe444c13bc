"""How starts are spread over days (SEQ-98)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from segue.domain.starts import allot

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)


def test_seq_98_those_who_find_no_room_begin_on_the_next_days_in_order():
    starts = allot({}, 2, BERLIN, [MONDAY] * 5)
    assert starts == [MONDAY, MONDAY, *[MONDAY + timedelta(days=1)] * 2, MONDAY + timedelta(days=2)]


def test_seq_98_starts_that_a_day_has_already_count():
    taken = {date(2027, 1, 11): 2, date(2027, 1, 12): 1}
    assert allot(taken, 2, BERLIN, [MONDAY] * 2) == [MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]


def test_seq_98_a_later_wish_takes_the_room_of_its_own_day():
    tuesday = MONDAY + timedelta(days=1)
    assert allot({}, 1, BERLIN, [MONDAY, tuesday, MONDAY]) == [MONDAY, tuesday, MONDAY + timedelta(days=2)]


def test_seq_98_without_need_nothing_is_moved():
    assert allot({}, 10, BERLIN, [MONDAY] * 3) == [MONDAY] * 3


def test_seq_98_the_day_is_the_workspaces_and_the_time_of_day_stays_over_a_clock_change():
    late = datetime(2027, 3, 27, 23, 30, tzinfo=UTC)  # 00:30 on the 28th in Berlin, the day on which the clocks change
    assert allot({}, 1, BERLIN, [late, late]) == [late, datetime(2027, 3, 28, 22, 30, tzinfo=UTC)]


def test_seq_98_ten_thousand_waiting_starts_are_allotted_quickly():
    starts = allot({}, 3, BERLIN, [MONDAY] * 10_000)
    assert starts[-1] == datetime(2027, 1, 11, 10, 0, tzinfo=BERLIN) + timedelta(days=9_999 // 3)
