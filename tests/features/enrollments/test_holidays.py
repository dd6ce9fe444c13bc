"""Holidays, absences and the working week through the database: the worked examples of sequences.md §5.3 and SEQ-82, SEQ-83."""

from datetime import UTC, date, datetime, timedelta

import pytest

from make import MONDAY, email, make_small, sequence
from segue.domain.errors import Invalid
from segue.domain.send_window import DayMode, SendWindow
from segue.features.workspaces import calendars

EVERY, WEEK, BUSINESS = DayMode.EVERYDAY, DayMode.WEEKDAYS_ONLY, DayMode.BUSINESS_DAYS


def follow_up_after(small, mode, delay):
    """Enroll now; return when the follow-up of a first email sent now goes."""
    flow = sequence(email("one", subject="Hi"), email("two", after=delay), window=SendWindow(mode=mode))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    small.run_until(small.clock.now() + timedelta(days=12), step=timedelta(minutes=30))
    mails = small.sent_to("ann@prospect.test")
    assert len(mails) == 2
    return mails[1].accepted_at


def prepared(db_urls, at, zone="Europe/Berlin"):
    small = make_small(db_urls.app_url, at=at)
    small.sql("UPDATE users SET timezone = %(zone)s WHERE workspace_id = %(ws)s", {"zone": zone})
    return small


def change(small, **given):
    with small.db.tx(small.workspace_id) as tx:
        calendars.set_workspace_calendar(tx, **given)


@pytest.mark.parametrize("mode", [EVERY, WEEK, BUSINESS])
def test_e3_thanksgiving_is_jumped_in_all_three_day_modes(db_urls, mode):
    small = prepared(db_urls, datetime(2026, 11, 24, 15, 0, tzinfo=UTC), "America/New_York")
    change(small, calendars=["US"])
    assert follow_up_after(small, mode, timedelta(days=2)) == datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    small.close()


@pytest.mark.parametrize(("mode", "day"), [(EVERY, 27), (WEEK, 28), (BUSINESS, 29)])
def test_e3_christmas_in_berlin(db_urls, mode, day):
    small = prepared(db_urls, datetime(2026, 12, 22, 9, 0, tzinfo=UTC))
    change(small, calendars=[calendars.calendar_name("de", "be")])
    assert follow_up_after(small, mode, timedelta(days=4)) == datetime(2026, 12, day, 9, 0, tzinfo=UTC)
    small.close()


@pytest.mark.parametrize(("mode", "at"), [(EVERY, (27, 9)), (WEEK, (30, 8)), (BUSINESS, (31, 8))])
def test_e9_easter_and_the_clock_change_together(db_urls, mode, at):
    small = prepared(db_urls, datetime(2027, 3, 25, 9, 0, tzinfo=UTC))
    change(small, calendars=["DE"])
    assert follow_up_after(small, mode, timedelta(days=2)) == datetime(2027, 3, *at, 0, tzinfo=UTC)
    small.close()


def test_seq_82_a_single_date_is_added_and_one_of_the_calendar_worked(db_urls):
    small = prepared(db_urls, datetime(2027, 3, 24, 9, 0, tzinfo=UTC))
    change(small, calendars=["DE"], added=[date(2027, 3, 25)], removed=[date(2027, 3, 26)])
    assert follow_up_after(small, BUSINESS, timedelta(days=1)) == datetime(2027, 3, 26, 9, 0, tzinfo=UTC)
    small.close()


def test_seq_82_the_senders_absence_holds_a_mail_that_is_planned_already(db_urls):
    small = prepared(db_urls, datetime(2027, 1, 11, 9, 0, tzinfo=UTC))
    flow = sequence(email("one", subject="Hi"), email("two", after=timedelta(days=1)))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    small.run_until(datetime(2027, 1, 11, 10, 0, tzinfo=UTC))
    assert small.state("ann@prospect.test")["due_at"] == datetime(2027, 1, 12, 9, 0, tzinfo=UTC)
    with small.db.tx(small.workspace_id) as tx:
        calendars.set_user_calendar(tx, small.user_id, absent=calendars.read_dates("2027-01-12..2027-01-14"))
    small.run_until(datetime(2027, 1, 16, 9, 0, tzinfo=UTC), step=timedelta(minutes=30))
    assert [mail.accepted_at for mail in small.sent_to("ann@prospect.test")][1:] == [datetime(2027, 1, 15, 9, 0, tzinfo=UTC)]
    small.close()


def test_seq_82_the_senders_own_calendar_is_united_with_the_workspaces(db_urls):
    small = prepared(db_urls, datetime(2027, 1, 5, 9, 0, tzinfo=UTC))
    with small.db.tx(small.workspace_id) as tx:
        calendars.set_user_calendar(tx, small.user_id, calendars=["AT"])  # Epiphany, which Germany as a whole does not keep
    assert follow_up_after(small, EVERY, timedelta(days=1)) == datetime(2027, 1, 7, 9, 0, tzinfo=UTC)
    small.close()


def test_seq_83_a_week_from_sunday_to_thursday_has_its_weekend_on_friday(db_urls):
    small = prepared(db_urls, datetime(2027, 1, 14, 9, 0, tzinfo=UTC))  # a Thursday
    change(small, week="sun-thu")
    assert follow_up_after(small, BUSINESS, timedelta(days=1)) == datetime(2027, 1, 17, 9, 0, tzinfo=UTC)
    small.close()


def test_a_calendar_that_does_not_exist_is_refused_with_what_there_is():
    assert calendars.calendar_name("de", "by") == "DE-BY"
    with pytest.raises(Invalid, match="XX"):
        calendars.calendar_name("XX")
    with pytest.raises(Invalid) as unknown:
        calendars.calendar_name("DE", "Atlantis")
    assert "BY" in unknown.value.hint


@pytest.mark.parametrize("text", ["", "2027-02-30", "2027-03-05..2027-03-01", "2020-01-01..2027-01-01", "2027-03-01..", "tomorrow"])
def test_what_is_no_date_and_no_range_is_refused(text):
    with pytest.raises(Invalid):
        calendars.read_dates(text)


def test_dates_and_weeks_are_written_as_they_are_read():
    days = calendars.read_dates("2027-02-27..2027-03-01") + calendars.read_dates("2027-03-05")
    assert calendars.write_dates(days) == ["2027-02-27..2027-03-01", "2027-03-05"]
    assert calendars.write_week(calendars.read_week("sun-thu")) == "mon,tue,wed,thu,sun"
    with pytest.raises(Invalid):
        calendars.read_week("funday")


def test_a_sender_who_is_away_for_more_than_a_year_holds_up_nobody_else(db_urls):
    """The defect: no date was found to wait for, so the whole workspace's turn failed, and with it everybody's mail."""
    small = prepared(db_urls, MONDAY)
    bob, box = small.add_rep("bob@acme.test")
    made = small.add_sequence(sequence(email("one", subject="Hi"), email("two", after=timedelta(days=1))))
    small.enroll(made, [small.add_contact("cid@other.test")], by=bob, sender=box)
    small.enroll(made, [small.add_contact("ann@prospect.test")])
    small.run_until(MONDAY + timedelta(hours=1))
    with small.db.tx(small.workspace_id) as tx:
        calendars.set_user_calendar(tx, bob, absent=[MONDAY.date() + timedelta(days=n) for n in range(1, 501)])
    small.run_until(MONDAY + timedelta(days=1, hours=2), step=timedelta(hours=1))
    assert [len(small.sent_to(each)) for each in ("ann@prospect.test", "cid@other.test")] == [2, 1]
    assert small.state("cid@other.test")["due_at"].date() == MONDAY.date() + timedelta(days=501)  # a Friday
    small.close()
