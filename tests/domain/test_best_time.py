"""The frame of the best time (SEQ-84, SCI-1, SCI-17): it may choose an hour of the day and nothing else."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.best_time import AFTER_LAST_MAIL, LEAST_PART, Candidate, Earliest, candidates, minute_of
from segue.domain.send_window import SendWindow
from segue.domain.sequence import SequenceSettings
from segue.domain.sequence_rules import check_settings

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_FIVE = SendWindow()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def hours(found, zone=BERLIN):
    return [(c.start.astimezone(zone).strftime("%H:%M"), c.end.astimezone(zone).strftime("%H:%M")) for c in found]


def test_the_hours_of_the_window_also_those_before_the_due_time():
    found = candidates(at("2027-01-14 12:20"), NINE_TO_FIVE, BERLIN, now=LONG_AGO, last_mail_at=None)
    assert hours(found) == [(f"{h:02}:00", f"{h + 1:02}:00") for h in range(9, 17)]


def test_with_earliest_due_none_before_it_and_the_rest_of_its_own_hour():
    found = candidates(at("2027-01-14 14:20"), NINE_TO_FIVE, BERLIN, now=LONG_AGO, last_mail_at=None, earliest=Earliest.DUE)
    assert hours(found) == [("14:20", "15:00"), ("15:00", "16:00"), ("16:00", "17:00")]


def test_never_in_the_past_and_never_within_12_hours_of_the_mail_before():
    due = at("2027-01-14 12:20")
    assert hours(candidates(due, NINE_TO_FIVE, BERLIN, now=at("2027-01-14 15:30"), last_mail_at=None))[0] == ("15:30", "16:00")
    last = at("2027-01-14 02:10")
    assert hours(candidates(due, NINE_TO_FIVE, BERLIN, now=LONG_AGO, last_mail_at=last))[0] == ("14:10", "15:00")


def test_a_window_that_begins_within_an_hour_gives_parts_of_hours():
    found = candidates(at("2027-01-14 09:40"), SendWindow(570, 690), BERLIN, now=LONG_AGO, last_mail_at=None)
    assert hours(found) == [("09:30", "10:00"), ("10:00", "11:00"), ("11:00", "11:30")]


def test_a_day_that_is_over_gives_no_choice():
    assert candidates(at("2027-01-14 12:00"), NINE_TO_FIVE, BERLIN, now=at("2027-01-14 17:00"), last_mail_at=None) == ()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago", "Antarctica/Troll"])
@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    minute=st.integers(0, 1439),
    start=st.integers(0, 1438),
    length=st.integers(1, 1440),
)
def test_every_candidate_lies_in_the_window_of_the_date_and_the_date_never_moves(zone, day, minute, start, length):
    """SCI-1, over every kind of clock change."""
    where = ZoneInfo(zone)
    window = SendWindow(start, min(1440, start + length))
    due = datetime(day.year, day.month, day.day, tzinfo=where) + timedelta(minutes=minute)
    found = candidates(due, window, where, now=LONG_AGO, last_mail_at=None)
    the_date = due.date()
    for before, after in pairwise(found):
        assert before.end <= after.start
    for each in found:
        assert each.end - each.start >= LEAST_PART
        for instant in (each.start, each.end - timedelta(seconds=1), each.minute_for(17)):
            local = instant.astimezone(where)
            assert local.date() == the_date
            assert window.start_minute <= local.hour * 60 + local.minute < window.end_minute or local.fold or _changes(the_date, where)


def _changes(day, zone):
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    return midnight.utcoffset() != (midnight + timedelta(days=1)).utcoffset()


def test_the_minute_is_the_enrollments_own_and_spread_over_the_hour():
    hour = Candidate(datetime(2027, 1, 14, 9, tzinfo=UTC), datetime(2027, 1, 14, 10, tzinfo=UTC))
    minutes = [hour.minute_for(n).minute for n in range(6_000)]
    assert hour.minute_for(5) == hour.minute_for(5)
    assert all(60 <= minutes.count(m) <= 140 for m in range(60))


def test_instants_are_kept_as_minutes_of_utc():
    assert minute_of(datetime(1970, 1, 1, 1, 1, 59, tzinfo=UTC)) == 61
    assert timedelta(hours=12) == AFTER_LAST_MAIL


def test_the_setting_is_refused_with_a_sentence_and_its_absence_is_not():
    found = [f for f in check_settings(SequenceSettings(best_time=True)) if f.severity == "error"]
    assert [(f.path, "later version" in f.message) for f in found] == [(("settings", "best_time"), True)]
    assert list(check_settings(SequenceSettings())) == []
