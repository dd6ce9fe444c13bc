"""What delays, tasks, pauses and explanations promise beyond the worked examples (SEQ-74, SEQ-108, SEQ-111, SEQ-126, SEQ-129)."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.time_world import ALL_DAY, BERLIN, BUSINESS, EVERYDAY, NEW_YORK, PLAIN, WEEKDAYS, delay, free, local, shown, window
from segue.domain.schedule import add_delay, away_until, due_at, explain_due, explain_open, opening_from, remainder, task_due_at
from segue.domain.send_window import DayMode, Days, NeverOpen

TOKYO = ZoneInfo("Asia/Tokyo")
APIA = ZoneInfo("Pacific/Apia")


def task(base: str, wait: str, mode: DayMode = BUSINESS, zone: ZoneInfo = BERLIN, days: Days = PLAIN) -> str:
    return shown(task_due_at(local(base), delay(wait), mode, days, task_creation_minute=480, assignee_zone=zone), zone)


def test_hours_alone_keep_the_second_pass_of_a_doubled_hour() -> None:
    second = local("2027-10-31 02:15", fold=1)
    assert shown(add_delay(second, delay("10 minutes"), BUSINESS, PLAIN, BERLIN)) == "Sun 2027-10-31 02:25 CET"


def test_the_rest_below_a_day_is_real_time_even_if_the_change_falls_into_it() -> None:
    spring = add_delay(local("2027-03-26 20:00"), delay("1 day 8 hours"), EVERYDAY, PLAIN, BERLIN)
    autumn = add_delay(local("2027-10-29 20:00"), delay("1 day 8 hours"), EVERYDAY, PLAIN, BERLIN)
    assert (shown(spring), shown(autumn)) == ("Sun 2027-03-28 05:00 CEST", "Sun 2027-10-31 03:00 CET")


def test_a_long_delay_crosses_holidays_and_changes_in_business_days() -> None:
    base = local("2026-12-22 10:00")
    found = add_delay(base, delay("60 days"), BUSINESS, free("2026-12-24", "2026-12-25", "2027-01-01"), BERLIN)
    assert shown(found) == "Fri 2027-03-19 10:00 CET"  # 12 weeks, and three holidays more
    assert shown(add_delay(base, delay("365 days"), EVERYDAY, PLAIN, BERLIN)) == "Wed 2027-12-22 10:00 CET"


def test_a_due_date_that_a_zone_skipped_is_read_with_the_offset_before() -> None:
    due = add_delay(local("2011-12-29 10:00", APIA), delay("1 day"), EVERYDAY, PLAIN, APIA)
    assert shown(due, APIA).startswith("Sat 2011-12-31 10:00")


def test_working_days_that_run_out_are_said_in_a_sentence() -> None:
    with pytest.raises(NeverOpen, match="no working day"):
        add_delay(local("2027-01-13 10:00"), delay("1 day"), BUSINESS, Days(working_week=frozenset()), BERLIN)


@pytest.mark.parametrize(
    ("base", "wait", "mode", "created"),
    [
        ("2027-01-13 10:17", "0 days", BUSINESS, "Wed 2027-01-13 10:17 CET"),
        ("2027-01-16 10:17", "0 days", BUSINESS, "Sat 2027-01-16 10:17 CET"),  # no delay: at once, weekend or not
        ("2027-01-13 20:00", "3 hours", BUSINESS, "Wed 2027-01-13 23:00 CET"),  # the send window plays no part
        ("2027-01-15 22:00", "3 hours", BUSINESS, "Mon 2027-01-18 08:00 CET"),
        ("2027-01-15 22:00", "3 hours", EVERYDAY, "Sat 2027-01-16 01:00 CET"),
        ("2027-01-13 10:17", "1 day", BUSINESS, "Thu 2027-01-14 08:00 CET"),
        ("2027-01-13 10:17", "47 hours", BUSINESS, "Thu 2027-01-14 08:00 CET"),  # R is ignored
        ("2027-01-14 10:17", "2 days", WEEKDAYS, "Mon 2027-01-18 08:00 CET"),
        ("2027-01-14 10:17", "3 days", BUSINESS, "Tue 2027-01-19 08:00 CET"),
    ],
)
def test_seq_111_a_task_is_created_on_the_morning_of_its_date(base: str, wait: str, mode: DayMode, created: str) -> None:
    assert task(base, wait, mode) == created


def test_seq_111_the_assignee_s_clock_and_date_rule() -> None:
    assert task("2027-01-13 22:00", "1 day", zone=TOKYO) == "Fri 2027-01-15 08:00 JST"  # 22:00 in Berlin is Thursday 06:00 in Tokyo


def test_a_pause_lifted_at_once_moves_nothing_even_across_a_clock_change() -> None:
    paused = local("2027-03-26 10:00")
    due = add_delay(paused, delay("3 days"), EVERYDAY, PLAIN, BERLIN)
    rest = remainder(paused, due, EVERYDAY, PLAIN, BERLIN)
    assert rest == delay("3 days")
    assert add_delay(paused, rest, EVERYDAY, PLAIN, BERLIN) == due


def test_an_overdue_mail_has_no_remainder() -> None:
    for mode in DayMode:
        assert remainder(local("2027-01-13 10:00"), local("2027-01-12 10:00"), mode, PLAIN, BERLIN) == timedelta(0)
    assert remainder(local("2027-01-16 10:00"), local("2027-01-17 10:00"), BUSINESS, PLAIN, BERLIN) == timedelta(0)


def test_a_holiday_inside_the_remainder_does_not_count() -> None:
    rest = remainder(local("2027-03-25 20:00"), local("2027-03-30 08:00"), BUSINESS, free("2027-03-26", "2027-03-29"), BERLIN)
    assert rest == delay("12 hours")  # 4 h on Thursday, 8 h on Tuesday


def test_seq_129_an_absence_ends_at_the_opening_on_or_after_the_return_date() -> None:
    assert shown(opening_from(date(2027, 1, 25), window(), PLAIN, BERLIN)) == "Mon 2027-01-25 09:00 CET"
    assert shown(opening_from(date(2027, 1, 23), window(), PLAIN, BERLIN)) == "Mon 2027-01-25 09:00 CET"
    assert shown(opening_from(date(2027, 1, 23), window(EVERYDAY, ALL_DAY), PLAIN, BERLIN)) == "Sat 2027-01-23 00:00 CET"


def test_seq_129_a_hold_of_five_working_days_is_a_week() -> None:
    assert shown(away_until(local("2027-01-13 10:02"), 5, window(), PLAIN, BERLIN)) == "Wed 2027-01-20 09:00 CET"


def test_every_shift_is_explained_in_a_sentence() -> None:
    easter = free("2027-03-26", "2027-03-29")
    assert explain_due(local("2027-03-25 20:00"), delay("1 day"), window(WEEKDAYS), easter, BERLIN).reasons == (
        "Fri 2027-03-26 is a holiday or an absence.",
        "Sat 2027-03-27 to Sun 2027-03-28 are no working days.",
        "Mon 2027-03-29 is a holiday or an absence.",
    )
    assert explain_due(local("2027-01-14 18:00"), delay("7 days"), window(), PLAIN, BERLIN).reasons == (
        "Sat 2027-01-16 to Sun 2027-01-17 are no working days and do not count.",
        "Sat 2027-01-23 to Sun 2027-01-24 are no working days and do not count.",
        "18:00 on Mon 2027-01-25 is after the send window 09:00–17:00.",
    )
    assert explain_due(local("2027-01-13 07:05"), delay("1 day"), window(), PLAIN, BERLIN).reasons == (
        "07:05 on Thu 2027-01-14 is before the send window 09:00–17:00.",
    )


def test_a_clock_change_is_explained() -> None:
    night = window(EVERYDAY, (120, 180))
    assert explain_open(local("2027-03-28 00:30"), night, PLAIN, BERLIN).reasons == (
        "The send window 02:00–03:00 does not exist on Sun 2027-03-28 because the clocks change.",
    )
    assert explain_due(local("2027-03-27 02:30"), delay("1 day"), window(EVERYDAY, ALL_DAY), PLAIN, BERLIN).reasons == (
        "02:30 does not exist on Sun 2027-03-28 because the clocks change, so 03:30 is meant.",
    )


def test_a_time_that_was_not_moved_needs_no_sentence() -> None:
    explained = explain_due(local("2027-01-13 10:00", NEW_YORK), delay("1 day"), window(), PLAIN, NEW_YORK)
    assert (explained.reasons, explained.at) == ((), due_at(local("2027-01-13 10:00", NEW_YORK), delay("1 day"), window(), PLAIN, NEW_YORK))
