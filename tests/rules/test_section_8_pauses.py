"""sequences.md §8: the table of SEQ-126 and the example of SEQ-129, through the real database and the real clock of an enrollment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from features.mail.arriving import arrives
from make import email, make_small, sequence
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import AwayHold
from segue.features.enrollments.react import pause_enrollments, resume_enrollments
from world import letters

BERLIN = ZoneInfo("Europe/Berlin")
BUSINESS, WEEKDAYS = DayMode.BUSINESS_DAYS, DayMode.WEEKDAYS_ONLY
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ANN, REP = "ann@prospect.test", "rep@acme.test"


def berlin(text):
    return datetime.fromisoformat(f"2027-01-{text}").replace(tzinfo=BERLIN).astimezone(UTC)


def sent(small, mode, days, at, **settings):
    """Enroll Ann at that instant, so that the first email goes then; the second follows after so many days."""
    small.clock.at = berlin(at)
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=days * DAY), window=SendWindow(mode=mode), **settings)
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(berlin(at) + MINUTE, step=MINUTE)
    assert [each.accepted_at for each in small.sent_to(ANN)] == [berlin(at)]


def act(small, what, at):
    small.clock.at = berlin(at)
    with small.db.tx(small.workspace_id) as tx:
        what(tx, [small.state(ANN)["id"]])


@pytest.mark.parametrize(
    "row",
    [
        (BUSINESS, "11T10:00", 3, "13T10:00", DAY, "18T14:00", "19T14:00"),
        (BUSINESS, "11T10:00", 3, "12T16:00", timedelta(days=1, hours=18), "20T11:00", "22T09:00"),
        (BUSINESS, "15T10:00", 3, "16T10:00", timedelta(days=2, hours=10), "18T10:00", "21T09:00"),
        (WEEKDAYS, "15T10:00", 3, "16T10:00", 2 * DAY, "18T10:00", "20T10:00"),
        (BUSINESS, "11T10:00", 1, "12T09:30", timedelta(minutes=30), "19T08:00", "19T09:00"),
        (BUSINESS, "11T10:00", 3, "14T12:00", None, "18T10:00", "14T10:00"),  # it had gone by then: the pause changes what follows it
    ],
)
def test_seq_126_the_table_through_the_real_database(small, row):
    mode, mail, days, paused, remainder, resumed, goes = row
    sent(small, mode, days, mail)
    small.run_until(berlin(mail) + 30 * MINUTE, step=29 * MINUTE)
    small.run_until(berlin(paused), step=30 * MINUTE)
    act(small, pause_enrollments, paused)
    if remainder is not None:
        assert small.state(ANN)["remainder"] == remainder
    small.run_until(berlin(resumed), step=timedelta(hours=2))
    act(small, resume_enrollments, resumed)
    small.run_until(berlin("25T10:00"), step=30 * MINUTE)
    assert [each.accepted_at for each in small.sent_to(ANN)] == [berlin(mail), berlin(goes)]


NOTE = {"dated": "I am out of the office. I will be back on 25 January 2027.", "undated": "I am out of the office at the moment."}


@pytest.mark.parametrize(
    ("note", "settings", "until", "goes"),
    [
        ("dated", {}, "25T09:00", "28T09:00"),  # the example of SEQ-129: 2 days 23 h 58 min are left
        ("undated", {}, "18T09:00", "21T09:00"),  # five working days
        ("undated", {"away_days": 0}, None, "14T10:00"),
        ("dated", {"away_hold": AwayHold.FIXED_DAYS, "away_days": 2}, "13T09:00", "18T09:00"),
        ("dated", {"away_hold": AwayHold.IGNORE}, None, "14T10:00"),
    ],
)
def test_seq_129_what_a_note_of_absence_does_by_setting(db_urls, note, settings, until, goes):
    small = make_small(db_urls.app_url)
    try:
        sent(small, BUSINESS, 3, "11T10:00", **settings)
        [first] = small.sent_to(ANN)
        small.clock.at = berlin("11T10:02")
        arrives(small, letters.away_mail(1, small.clock.now(), ANN, REP, NOTE[note], answers=first.wire))
        held = small.state(ANN)
        assert (held["state"], held["resume_at"]) == (("paused", berlin(until)) if until else ("active", None))
        small.run_until(berlin("11T10:30"), step=28 * MINUTE)
        small.run_until(berlin("29T10:00"), step=30 * MINUTE)
        assert [each.accepted_at for each in small.sent_to(ANN)][1:] == [berlin(goes)]
    finally:
        small.close()
