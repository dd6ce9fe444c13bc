"""The first day back, as people write it (MAIL-76). Written on Monday 2027-01-11."""

from datetime import date

import pytest

from segue.domain.inbound.return_date import find_return

MONDAY = date(2027, 1, 11)

CASES = """
2027-01-20 | I will be out of the office starting 01/12/2027 and will not return until 01/20/2027.
2027-01-23 | I am on vacation from January 12th to January 22nd. For urgent matters call +1 555 123 4567.
2027-01-21 | Vielen Dank. Ich bin vom 11.01. bis 20.01. im Urlaub und ab dem 21. Januar wieder erreichbar.
2027-01-18 | I'm away and will be back next week.
2027-01-12 | I am out of the office today and will return tomorrow.
2027-01-18 | I'm out of the office this week, back Monday.
2027-01-25 | I will be out of the office for two weeks.
2027-01-25 | I'll be back in two weeks.
2027-01-16 | I am out of the office Jan 12-15 and will reply when I'm back.
2027-01-18 | I'll be back in the office on the 18th.
2027-01-20 | I am currently out of the office, returning on Wed 20th January.
2027-01-18 | I will be OOO through Friday 1/15, returning 1/18. My phone: 01.22.33.44.55
2027-01-16 | I am travelling from Monday 11th January until Friday 15th January inclusive.
2027-01-18 | Ich bin am 18. Januar wieder im Büro.
2027-01-18 | I will be back in the office on January 18, 2027 at 9:00 AM. Office hours 9-5.
2027-01-18 | Ich bin ab Montag, den 18.01. wieder erreichbar. In dringenden Fällen: 089/12345-67
2027-01-21 | Our office is closed 12/24 through 1/20.
2027-02-01 | Back 2027-02-01.
2027-03-01 | On leave until 28 Feb 2027.
2028-01-03 | Out until 2 January 2028.
- | I am on parental leave. Please contact Bob.
- | I was out of the office until 5 January 2026.
- | Our fair is on 20 January, see you there.
- | Call 0170 20.01.20 or 555-0120 for urgent matters.
- | I am out of the office. Our office hours are 9.30 - 17.30.
- | Back in 2040-01-01.
"""


def lines(table):
    return [tuple(part.strip() for part in line.split(" | ")) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("want", "text"), lines(CASES))
def test_the_first_day_back_is_read(want, text):
    found = find_return("Automatic reply: x", text, MONDAY)
    assert (found.day.isoformat() if found else "-") == want


def test_back_on_is_preferred_to_until_and_the_words_are_kept():
    found = find_return("", "I am out until 15 January. I am back on 18 January.", MONDAY)
    assert (found.day, found.stated, found.sentence) == (date(2027, 1, 18), date(2027, 1, 18), "I am back on 18 January.")
    until = find_return("", "I am out until 15 January.", MONDAY)
    assert (until.day, until.stated) == (date(2027, 1, 16), date(2027, 1, 15))


def test_the_subject_may_carry_the_date():
    assert find_return("Out of office until 2 Feb", "Thanks for your mail.", MONDAY).day == date(2027, 2, 3)


def test_of_two_readings_the_one_ahead_counts():
    assert find_return("", "Back on 01/02/2027.", date(2027, 1, 20)).day == date(2027, 2, 1)
    assert find_return("", "Back on 01/05/2027.", date(2026, 12, 20)).day == date(2027, 1, 5)


def test_a_weekday_beside_an_ambiguous_date_decides():
    assert find_return("", "Back on Wednesday 02/03/2027.", MONDAY).day == date(2027, 2, 3)
    assert find_return("", "Back on Tuesday 02/03/2027.", MONDAY).day == date(2027, 3, 2)
