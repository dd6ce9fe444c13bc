"""The odd zones of S5 around every change, in seconds rather than minutes, and proof that the judge of G9 sees what is wrong."""

import zoneinfo

import pytest
import tzdata

from domain.every_zone import CASES_PER_CHANGE, DAY, HOUR, Clock, clock_of, fault_of, judge
from domain.time_world import EVERYDAY, PLAIN, WEEKDAYS, local, window
from segue.zone_data import zone_data_version

ODD = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Europe/Dublin",
)


@pytest.mark.parametrize("name", ODD)
def test_s5_nothing_is_outside_in_the_odd_zones(name: str) -> None:
    asked, wrong = judge(clock_of(name))
    assert wrong == []
    assert asked >= 3 * CASES_PER_CHANGE


def test_the_packaged_zone_data_rules_and_knows_its_release() -> None:
    assert zoneinfo.TZPATH == ()
    assert zone_data_version() == tzdata.IANA_VERSION


def test_the_changes_found_are_the_true_ones() -> None:
    berlin = clock_of("Europe/Berlin")
    assert int(local("2027-03-28 03:00").timestamp()) in berlin.changes
    assert int(local("2027-10-31 02:00", fold=1).timestamp()) in berlin.changes
    assert set(berlin.offsets) == {HOUR, 2 * HOUR}
    assert set(clock_of("Antarctica/Troll").offsets) == {0, 2 * HOUR}
    assert set(clock_of("Australia/Lord_Howe").offsets) == {10 * HOUR + HOUR // 2, 11 * HOUR}


@pytest.fixture(scope="module")
def berlin() -> Clock:
    return clock_of("Europe/Berlin")


@pytest.mark.parametrize(
    ("start", "found", "fault"),
    [
        ("2027-03-27 20:00", "2027-03-28 03:30", "is outside"),  # a missing window read with the offset before
        ("2027-03-27 20:00", "2027-03-27 02:30", "lies in the past"),
        ("2027-03-27 02:30", "2027-03-28 04:00", "is outside"),
        ("2027-03-27 02:30", "2027-03-29 02:00", "was not needed"),
        ("2027-03-27 20:00", "2027-03-30 02:00", "is too late"),
        ("2027-03-27 20:00", "2027-03-29 02:00", ""),
        ("2027-10-31 01:00", "2027-10-31 02:59", ""),
    ],
)
def test_the_judge_sees_each_kind_of_fault(berlin: Clock, start: str, found: str, fault: str) -> None:
    asked, answered = (int(local(text).timestamp()) for text in (start, found))
    assert fault_of(berlin, window(EVERYDAY, (120, 180)), PLAIN, asked, answered) == fault


def test_the_judge_knows_weekends_and_both_passes(berlin: Clock) -> None:
    saturday, friday = (int(local(f"2027-01-{day} 10:00").timestamp()) for day in (16, 15))
    assert fault_of(berlin, window(WEEKDAYS), PLAIN, friday - DAY, saturday) == "is outside"
    second_pass = int(local("2027-10-31 02:59", fold=1).timestamp())
    assert fault_of(berlin, window(EVERYDAY, (120, 180)), PLAIN, second_pass, second_pass) == ""
    assert fault_of(berlin, window(EVERYDAY, (120, 180)), PLAIN, second_pass, second_pass + 60) == "is outside"
