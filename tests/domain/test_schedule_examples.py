"""The worked examples E1…E12 of the behaviour document, row by row (SEQ-73…84)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.time_world import ALL_DAY, BERLIN, BUSINESS, EVERYDAY, LOS_ANGELES, NEW_YORK, PLAIN, WEEKDAYS, delay, free, local, shown, window
from segue.domain.schedule import add_delay, due_at, explain_due, remainder, task_due_at
from segue.domain.send_window import DayMode, Days, SendWindow, next_open

CAIRO, LORD_HOWE = ZoneInfo("Africa/Cairo"), ZoneInfo("Australia/Lord_Howe")


def sent(base: datetime, wait: str, mode: SendWindow | DayMode, days: Days = PLAIN, zone: ZoneInfo = BERLIN) -> str:
    rule = window(mode) if isinstance(mode, DayMode) else mode
    due = due_at(base, delay(wait), rule, days, zone)
    assert due.tzinfo is UTC
    assert explain_due(base, delay(wait), rule, days, zone).at == due, "preview and sending run the same code (SEQ-49)"
    return shown(due, zone)


def test_e1_a_sunday_due_time_moves_to_monday_and_keeps_the_hour() -> None:
    rule = window(WEEKDAYS, (480, 1080))
    first = local("2027-01-11 17:00", NEW_YORK)
    second = due_at(first, delay("3 days"), rule, PLAIN, NEW_YORK)
    third = due_at(second, delay("3 days"), rule, PLAIN, NEW_YORK)
    assert [shown(at, NEW_YORK) for at in (second, third)] == ["Thu 2027-01-14 17:00 EST", "Mon 2027-01-18 17:00 EST"]


@pytest.mark.parametrize(
    ("wait", "everyday", "weekdays", "business"),
    [
        ("1 day", "Fri 2027-01-15", "Fri 2027-01-15", "Fri 2027-01-15"),
        ("2 days", "Sat 2027-01-16", "Mon 2027-01-18", "Mon 2027-01-18"),
        ("3 days", "Sun 2027-01-17", "Mon 2027-01-18", "Tue 2027-01-19"),
        ("5 days", "Tue 2027-01-19", "Tue 2027-01-19", "Thu 2027-01-21"),
    ],
)
def test_e2_each_day_mode_counts_its_own_days(wait: str, everyday: str, weekdays: str, business: str) -> None:
    base = local("2027-01-14 10:00")
    assert [sent(base, wait, mode) for mode in (EVERYDAY, WEEKDAYS, BUSINESS)] == [
        f"{day} 10:00 CET" for day in (everyday, weekdays, business)
    ]


@pytest.mark.parametrize(
    ("wait", "everyday", "weekdays", "business"),
    [("1 day", "Sun 2027-01-17", "Mon 2027-01-18", "Mon 2027-01-18"), ("2 days", "Mon 2027-01-18", "Mon 2027-01-18", "Tue 2027-01-19")],
)
def test_e2_a_first_email_on_saturday_is_a_base_like_any_other(wait: str, everyday: str, weekdays: str, business: str) -> None:
    base = local("2027-01-16 11:00")
    assert [sent(base, wait, mode) for mode in (EVERYDAY, WEEKDAYS, BUSINESS)] == [
        f"{day} 11:00 CET" for day in (everyday, weekdays, business)
    ]


def test_e3_a_holiday_blocks_all_three_modes_and_is_no_working_day() -> None:
    thanksgiving, christmas = free("2026-11-26"), free("2026-12-25", "2026-12-26")
    before = local("2026-11-24 10:00", NEW_YORK)
    assert {sent(before, "2 days", mode, thanksgiving, NEW_YORK) for mode in DayMode} == {"Fri 2026-11-27 10:00 EST"}
    assert [sent(local("2026-12-22 10:00"), "4 days", mode, christmas) for mode in (EVERYDAY, WEEKDAYS, BUSINESS)] == [
        "Sun 2026-12-27 10:00 CET",
        "Mon 2026-12-28 10:00 CET",
        "Tue 2026-12-29 10:00 CET",
    ]


@pytest.mark.parametrize(
    ("sent_at", "next_mail"),
    [
        ("08:59", "Thu 2027-01-14 09:00 CET"),
        ("09:00", "Thu 2027-01-14 09:00 CET"),
        ("16:59", "Thu 2027-01-14 16:59 CET"),
        ("17:00", "Fri 2027-01-15 09:00 CET"),
        ("20:00", "Fri 2027-01-15 09:00 CET"),
    ],
)
def test_e4_the_window_includes_its_start_and_excludes_its_end(sent_at: str, next_mail: str) -> None:
    assert sent(local(f"2027-01-13 {sent_at}"), "1 day", BUSINESS) == next_mail


@pytest.mark.parametrize(
    ("clock", "wait", "next_mail"),
    [
        ("20:00", "1 day", "Mon 2027-01-18 09:00 CET"),
        ("20:00", "2 days", "Mon 2027-01-18 09:00 CET"),
        ("16:00", "3 days", "Mon 2027-01-18 16:00 CET"),
    ],
)
def test_e4_a_free_day_keeps_the_clock_only_if_it_lies_in_the_window(clock: str, wait: str, next_mail: str) -> None:
    assert sent(local(f"2027-01-14 {clock}"), wait, WEEKDAYS) == next_mail


@pytest.mark.parametrize(
    ("base", "next_mail"), [("2027-01-13 15:00", "Thu 2027-01-14 09:00 CET"), ("2027-01-15 15:00", "Mon 2027-01-18 09:00 CET")]
)
def test_e5_hours_that_end_outside_the_window_wait_for_the_next_opening(base: str, next_mail: str) -> None:
    assert sent(local(base), "4 hours", BUSINESS) == next_mail


def test_e6_spring_keeps_the_clock_and_loses_an_hour() -> None:
    base = local("2027-03-26 10:00")
    assert sent(base, "3 days", EVERYDAY) == "Mon 2027-03-29 10:00 CEST"
    due = due_at(base, delay("3 days"), window(EVERYDAY), PLAIN, BERLIN)
    assert due == datetime(2027, 3, 29, 8, tzinfo=UTC)
    assert due - base.astimezone(UTC) == delay("71 hours")


@pytest.mark.parametrize(
    ("base", "wait", "hours", "next_mail"),
    [
        ("2027-03-27 02:30", "1 day", ALL_DAY, "Sun 2027-03-28 03:30 CEST"),
        ("2027-03-27 02:10", "1 day", (120, 180), "Mon 2027-03-29 02:00 CEST"),
        ("2027-03-27 10:00", "36 hours", ALL_DAY, "Sun 2027-03-28 22:00 CEST"),
        ("2027-03-28 01:15", "90 minutes", ALL_DAY, "Sun 2027-03-28 03:45 CEST"),
    ],
)
def test_e6_a_missing_hour_moves_on_or_skips_the_date(base: str, wait: str, hours: tuple[int, int], next_mail: str) -> None:
    assert sent(local(base), wait, window(EVERYDAY, hours)) == next_mail


def test_e7_autumn_keeps_the_clock_and_gains_an_hour() -> None:
    base = local("2027-10-29 10:00")
    assert sent(base, "3 days", EVERYDAY) == "Mon 2027-11-01 10:00 CET"
    assert due_at(base, delay("3 days"), window(EVERYDAY), PLAIN, BERLIN) - base.astimezone(UTC) == delay("73 hours")


@pytest.mark.parametrize(
    ("base", "wait", "next_mail"),
    [("2027-10-30 02:30", "1 day", "Sun 2027-10-31 02:30 CEST"), ("2027-10-31 01:45", "90 minutes", "Sun 2027-10-31 02:15 CET")],
)
def test_e7_a_doubled_hour_means_the_first_unless_time_elapses_into_the_second(base: str, wait: str, next_mail: str) -> None:
    assert sent(local(base), wait, window(EVERYDAY, ALL_DAY)) == next_mail


def test_e8_a_weekend_and_a_change_in_new_york() -> None:
    due = due_at(local("2027-03-12 09:30", NEW_YORK), delay("1 day"), window(), PLAIN, NEW_YORK)
    assert due == datetime(2027, 3, 15, 13, 30, tzinfo=UTC)
    assert shown(due, NEW_YORK) == "Mon 2027-03-15 09:30 EDT"


def test_e9_easter_and_change_together() -> None:
    easter = free("2027-03-26", "2027-03-29")
    assert [sent(local("2027-03-25 10:00"), "2 days", mode, easter) for mode in (EVERYDAY, WEEKDAYS, BUSINESS)] == [
        "Sat 2027-03-27 10:00 CET",
        "Tue 2027-03-30 10:00 CEST",
        "Wed 2027-03-31 10:00 CEST",
    ]


@pytest.mark.parametrize(("completed", "next_mail"), [("15:40", "Fri 2027-01-15 15:40 CET"), ("19:30", "Mon 2027-01-18 09:00 CET")])
def test_e10_the_delay_begins_when_the_task_is_completed(completed: str, next_mail: str) -> None:
    task = task_due_at(local("2027-01-11 10:00"), delay("1 day"), BUSINESS, PLAIN, task_creation_minute=480, assignee_zone=BERLIN)
    assert shown(task) == "Tue 2027-01-12 08:00 CET"
    assert sent(local(f"2027-01-13 {completed}"), "2 days", BUSINESS) == next_mail


def test_e11_the_contact_s_zone_rules_the_follow_up() -> None:
    enrolled = local("2027-01-13 10:00")
    assert shown(enrolled, LOS_ANGELES) == "Wed 2027-01-13 01:00 PST"
    held = next_open(window(), PLAIN, LOS_ANGELES, enrolled)
    assert (shown(held, LOS_ANGELES), shown(held)) == ("Wed 2027-01-13 09:00 PST", "Wed 2027-01-13 18:00 CET")
    follow_up = due_at(enrolled, delay("2 days"), window(), PLAIN, LOS_ANGELES)
    assert (shown(follow_up, LOS_ANGELES), shown(follow_up)) == ("Fri 2027-01-15 09:00 PST", "Fri 2027-01-15 18:00 CET")


def test_e12_a_midnight_that_does_not_exist_and_a_change_of_half_an_hour() -> None:
    always = window(EVERYDAY, ALL_DAY)
    cairo = due_at(local("2027-04-29 00:15", CAIRO), delay("1 day"), always, PLAIN, CAIRO)
    assert shown(cairo, CAIRO).startswith("Fri 2027-04-30 01:15")
    lord_howe = due_at(local("2027-10-02 02:10", LORD_HOWE), delay("1 day"), always, PLAIN, LORD_HOWE)
    assert shown(lord_howe, LORD_HOWE).startswith("Sun 2027-10-03 02:40")


@pytest.mark.parametrize(
    ("mode", "mail_and_delay", "paused", "left", "resumed", "due"),
    [
        (BUSINESS, "2027-01-11 10:00 + 3 days", "2027-01-13 10:00", "1 day", "2027-01-18 14:00", "Tue 2027-01-19 14:00"),
        (
            BUSINESS,
            "2027-01-11 10:00 + 3 days",
            "2027-01-12 16:00",
            "1 day 18 hours",
            "2027-01-20 11:00",
            "Fri 2027-01-22 05:00 sent Fri 2027-01-22 09:00",
        ),
        (
            BUSINESS,
            "2027-01-15 10:00 + 3 days",
            "2027-01-16 10:00",
            "2 days 10 hours",
            "2027-01-18 10:00",
            "Wed 2027-01-20 20:00 sent Thu 2027-01-21 09:00",
        ),
        (WEEKDAYS, "2027-01-15 10:00 + 3 days", "2027-01-16 10:00", "2 days", "2027-01-18 10:00", "Wed 2027-01-20 10:00"),
        (
            BUSINESS,
            "2027-01-11 10:00 + 1 day",
            "2027-01-12 09:30",
            "30 minutes",
            "2027-01-19 08:00",
            "Tue 2027-01-19 08:30 sent Tue 2027-01-19 09:00",
        ),
        (
            BUSINESS,
            "2027-01-11 10:00 + 3 days",
            "2027-01-11 10:02",
            "2 days 23 hours 58 minutes",
            "2027-01-25 09:00",
            "Thu 2027-01-28 08:58 sent Thu 2027-01-28 09:00",
        ),
    ],
)
def test_seq_126_and_129_a_pause_keeps_what_is_left_of_the_delay(
    mode: DayMode, mail_and_delay: str, paused: str, left: str, resumed: str, due: str
) -> None:
    mail, wait = mail_and_delay.split(" + ")
    unadjusted = add_delay(local(mail), delay(wait), mode, PLAIN, BERLIN)
    rest = remainder(local(paused), unadjusted, mode, PLAIN, BERLIN)
    assert rest == delay(left)
    again = add_delay(local(resumed), rest, mode, PLAIN, BERLIN)
    sent_at = due_at(local(resumed), rest, window(mode), PLAIN, BERLIN)
    expected = due.split(" sent ")
    assert [shown(again), shown(sent_at)] == [f"{expected[0]} CET", f"{expected[-1]} CET"]
