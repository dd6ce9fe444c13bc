"""sequences.md §5, time, rule by rule. The worked examples E1 to E12 stand in tests/domain/test_schedule_examples.py, one test for each."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.test_enrollment import CALL, A, around, begin, berlin
from domain.time_world import ALL_DAY, BERLIN, BUSINESS, EVERYDAY, PLAIN, WEEKDAYS, delay, free, local, shown, window
from make import email as email_step
from segue.domain import enrollment as machine
from segue.domain.enrollment import Surroundings, WaitingFor
from segue.domain.schedule import add_delay, due_at, task_due_at
from segue.domain.send_window import DayMode, Days, next_open, resolve_local

DAY = timedelta(days=1)
MODES = (EVERYDAY, WEEKDAYS, BUSINESS)
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("base", "wait", "mail", "task"),
    [
        ("2027-01-13 22:00", "1 day", "Fri 2027-01-15 09:00", "Fri 2027-01-15 00:00"),  # in Tokyo it is Thursday already
        ("2027-01-13 10:00", "1 day", "Thu 2027-01-14 10:00", "Thu 2027-01-14 00:00"),
        ("2027-01-15 10:00", "1 day", "Mon 2027-01-18 10:00", "Mon 2027-01-18 00:00"),
    ],
)
def test_seq_71_mails_follow_the_enrollments_clock_and_tasks_the_assignees(base, wait, mail, task):
    """The assignee sits in Tokyo, where 08:00 is midnight in Berlin."""
    assert shown(due_at(local(base), delay(wait), window(), PLAIN, BERLIN)) == f"{mail} CET"
    assert shown(task_due_at(local(base), delay(wait), BUSINESS, PLAIN, task_creation_minute=480, assignee_zone=TOKYO)) == f"{task} CET"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=2), 5 * DAY])
def test_seq_73_the_delay_begins_when_the_step_before_is_really_complete(late):
    """An email when it was accepted, however late; a task that is waited for when it is resolved, and not before."""
    mails = around(A, email_step("b", after=2 * DAY))
    accepted = berlin("11T10:00") + late
    assert machine.advance(begin(mails, berlin("11T10:00")), mails, accepted).raw_due_at == add_delay(
        accepted, 2 * DAY, BUSINESS, PLAIN, BERLIN
    )
    calls = around(A, CALL, email_step("b", after=2 * DAY))
    held = machine.advance(
        machine.advance(begin(calls, berlin("11T10:00")), calls, berlin("11T10:00")), calls, berlin("12T08:00"), waits=True
    )
    assert (held.waiting_for, held.due_at) == (WaitingFor.TASK, None), "the delay does not run while the task is waited for"
    resolved = berlin("13T15:40") + late
    assert machine.resolve_task(held, calls, resolved).raw_due_at == add_delay(resolved, 2 * DAY, BUSINESS, PLAIN, BERLIN)


@pytest.mark.parametrize(
    ("base", "wait", "everyday", "weekdays", "business"),
    [
        # D keeps the clock and counts calendar days, in BUSINESS_DAYS working days alone; R elapses.
        ("2027-01-14 10:00", "3 days", "Sun 2027-01-17 10:00", "Sun 2027-01-17 10:00", "Tue 2027-01-19 10:00"),
        ("2027-01-14 10:00", "5 hours", "Thu 2027-01-14 15:00", "Thu 2027-01-14 15:00", "Thu 2027-01-14 15:00"),
        ("2027-01-14 10:00", "1 day 5 hours", "Fri 2027-01-15 15:00", "Fri 2027-01-15 15:00", "Fri 2027-01-15 15:00"),
        ("2027-01-15 20:00", "23 hours 59 minutes", "Sat 2027-01-16 19:59", "Sat 2027-01-16 19:59", "Sat 2027-01-16 19:59"),
        ("2027-01-16 11:00", "1 day", "Sun 2027-01-17 11:00", "Sun 2027-01-17 11:00", "Mon 2027-01-18 11:00"),
    ],
)
def test_seq_74_whole_days_keep_the_clock_and_the_rest_elapses(base, wait, everyday, weekdays, business):
    found = [shown(add_delay(local(base), delay(wait), mode, PLAIN, BERLIN)) for mode in MODES]
    assert found == [f"{each} CET" for each in (everyday, weekdays, business)]


@pytest.mark.parametrize(("enrolled", "hour"), [("11T10:00", "10:00"), ("11T16:59", "16:59"), ("11T20:00", "09:00"), ("16T03:00", "09:00")])
def test_seq_75_a_follow_up_falls_at_the_time_of_day_of_enrolling(enrolled, hour):
    """Where that lies in the window; else at its start."""
    world = around(A, email_step("b", after=2 * DAY))
    follow_up = machine.advance(begin(world, berlin(enrolled)), world, berlin(enrolled))
    assert f"{follow_up.due_at.astimezone(BERLIN):%H:%M}" == hour


@pytest.mark.parametrize(
    ("day", "clock", "read"),
    [
        (date(2027, 3, 28), time(1, 59), "01:59 CET"),
        (date(2027, 3, 28), time(2, 0), "03:00 CEST"),  # missing: the offset before the change
        (date(2027, 3, 28), time(2, 30), "03:30 CEST"),
        (date(2027, 3, 28), time(3, 0), "03:00 CEST"),
        (date(2027, 10, 31), time(1, 59), "01:59 CEST"),
        (date(2027, 10, 31), time(2, 30), "02:30 CEST"),  # twice: the first
        (date(2027, 10, 31), time(3, 0), "03:00 CET"),
        (date(2027, 6, 1), time(2, 30), "02:30 CEST"),
    ],
)
def test_seq_76_missing_and_doubled_hours(day, clock, read):
    assert f"{resolve_local(BERLIN, datetime.combine(day, clock)).astimezone(BERLIN):%H:%M %Z}" == read


@pytest.mark.parametrize(
    ("day", "everyday", "weekdays", "business"),
    [
        ("2027-01-15", True, True, True),  # a Friday
        ("2027-01-16", True, False, False),
        ("2027-01-17", True, False, False),
        ("2027-01-18", False, False, False),  # a holiday on a Monday
        ("2027-01-19", True, True, True),
    ],
)
def test_seq_77_allowed_dates(day, everyday, weekdays, business):
    holiday = free("2027-01-18")
    assert [holiday.is_allowed(date.fromisoformat(day), mode) for mode in MODES] == [everyday, weekdays, business]


@pytest.mark.parametrize(
    ("case", "mode", "at", "goes"),
    [
        ("a: keeps the clock", BUSINESS, "2027-01-16 11:00", "Mon 2027-01-18 11:00 CET"),
        ("a: clock outside the window", BUSINESS, "2027-01-16 20:00", "Mon 2027-01-18 09:00 CET"),
        ("b", BUSINESS, "2027-01-13 08:59", "Wed 2027-01-13 09:00 CET"),
        ("c: the start is inside", BUSINESS, "2027-01-13 09:00", "Wed 2027-01-13 09:00 CET"),
        ("c: kept", BUSINESS, "2027-01-13 16:59", "Wed 2027-01-13 16:59 CET"),
        ("d: the end is outside", BUSINESS, "2027-01-13 17:00", "Thu 2027-01-14 09:00 CET"),
        ("d: over the weekend", BUSINESS, "2027-01-15 17:00", "Mon 2027-01-18 09:00 CET"),
        ("everyday: Saturday is a day", EVERYDAY, "2027-01-16 11:00", "Sat 2027-01-16 11:00 CET"),
    ],
)
def test_seq_78_fitted_into_days_and_window(case, mode, at, goes):
    assert shown(next_open(window(mode), PLAIN, BERLIN, local(at))) == goes, case


def test_seq_78_a_window_that_a_clock_change_takes_away_skips_the_date():
    night = window(EVERYDAY, (120, 180))
    assert shown(next_open(night, PLAIN, BERLIN, local("2027-03-28 00:30"))) == "Mon 2027-03-29 02:00 CEST"
    assert shown(next_open(night, PLAIN, BERLIN, local("2027-03-29 00:30"))) == "Mon 2027-03-29 02:00 CEST"
    assert shown(next_open(window(EVERYDAY, ALL_DAY), PLAIN, BERLIN, local("2027-03-28 00:30"))) == "Sun 2027-03-28 00:30 CET"


@pytest.mark.parametrize(("week", "friday", "sunday"), [((0, 1, 2, 3, 4), True, False), ((6, 0, 1, 2, 3), False, True)])
def test_seq_83_the_working_week_is_a_setting(week, friday, sunday):
    days = Days(working_week=frozenset(week))
    assert [days.is_working(date(2027, 1, each)) for each in (15, 17)] == [friday, sunday]
    world = Surroundings(around(A).sequence, BERLIN, days)
    assert world.mode is DayMode.BUSINESS_DAYS
