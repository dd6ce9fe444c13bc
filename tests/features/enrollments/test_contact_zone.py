"""SEQ-70: every enrollment has one zone, stored with its source; in CONTACT mode it follows the contact until a step is claimed."""

from datetime import UTC, datetime, timedelta

import pytest

from make import email, make_small, sequence
from segue.domain.addresses import normal_form
from segue.domain.contacts_csv import ContactValues
from segue.domain.sequence import ZoneMode
from segue.features.contacts.store import save_contacts


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def store(small, address, timezone="", country="", **properties):
    values = ContactValues(address, normal_form(address), "Ann", "", "", timezone, country, properties)
    with small.db.tx(small.workspace_id) as tx:
        save_contacts(tx, [values])
    return small.sql("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email = %(email)s", {"email": address})[0]["id"]


def flow(small, mode=ZoneMode.CONTACT, **settings):
    return small.add_sequence(sequence(email("one", subject="Hello"), email("two", after=timedelta(days=2)), zone_mode=mode, **settings))


CASES = [
    ({"timezone": "Asia/Tokyo", "city": "Boston", "country": "US"}, "Asia/Tokyo", "contact"),
    ({"city": "Boston", "country": "US"}, "America/New_York", "place"),
    ({"state": "CA", "country": "US"}, "America/Los_Angeles", "place"),
    ({"phone": "+81 3 1234 5678"}, "Asia/Tokyo", "phone"),
    ({"phone": "030 1234567", "country": "DE"}, "Europe/Berlin", "phone"),
    ({"mobile_phone": "+43 664 1234567"}, "Europe/Vienna", "phone"),
    ({"country": "France"}, "Europe/Paris", "country"),
    ({"country": "Germany"}, "Europe/Berlin", "country"),
    ({"phone": "+1 800 555 0100", "country": "US"}, "Europe/Berlin", "sender"),
    ({"country": "US"}, "Europe/Berlin", "sender"),
    ({"city": "Smallville"}, "Europe/Berlin", "sender"),
    ({}, "Europe/Berlin", "sender"),
]


def test_the_zone_comes_from_the_first_source_that_tells_one_clock(small):
    contacts = [store(small, f"p{number}@x.test", **given) for number, (given, _, _) in enumerate(CASES)]
    assert small.enroll(flow(small), contacts).enrolled == len(CASES)
    rows = small.sql("SELECT timezone, timezone_source FROM enrollments WHERE workspace_id = %(ws)s ORDER BY contact_id")
    assert [(row["timezone"], row["timezone_source"]) for row in rows] == [(zone, source) for _, zone, source in CASES]


@pytest.mark.parametrize(
    ("mode", "zone", "source"), [(ZoneMode.SENDER, "Europe/Berlin", "sender"), (ZoneMode.FIXED, "Asia/Kolkata", "fixed")]
)
def test_other_modes_do_not_look_at_the_contact(small, mode, zone, source):
    contact = store(small, "ann@x.test", timezone="Asia/Tokyo")
    small.enroll(flow(small, mode, fixed_zone="Asia/Kolkata"), [contact])
    row = small.state("ann@x.test")
    assert (row["timezone"], row["timezone_source"]) == (zone, source)


def test_the_follow_up_of_a_contact_elsewhere_goes_in_their_morning(small):
    """E11, with the zone told by the city."""
    small.enroll(flow(small), [store(small, "ann@x.test", city="Los Angeles")])
    small.run_until(datetime(2027, 1, 16, tzinfo=UTC))
    first, second = small.sent_to("ann@x.test")
    assert second.accepted_at >= datetime(2027, 1, 13, 17, 0, tzinfo=UTC)
    assert second.accepted_at < datetime(2027, 1, 13, 17, 15, tzinfo=UTC)
    assert first.accepted_at < second.accepted_at


def test_a_changed_zone_moves_the_step_that_waits_and_stays_on_the_timeline(small):
    small.enroll(flow(small), [store(small, "ann@x.test")])
    small.run_until(datetime(2027, 1, 11, 10, 0, tzinfo=UTC))
    before = small.state("ann@x.test")
    assert before["due_at"] == datetime(2027, 1, 13, 9, 0, tzinfo=UTC)
    store(small, "ann@x.test", city="Los Angeles", country="US")
    after = small.state("ann@x.test")
    assert (after["timezone"], after["timezone_source"]) == ("America/Los_Angeles", "place")
    assert after["due_at"] == datetime(2027, 1, 13, 17, 0, tzinfo=UTC)
    [event] = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'enrollment_zone_changed'")
    assert (event["data"]["before"], event["data"]["after"]) == ("Europe/Berlin", "America/Los_Angeles")
    small.run_until(datetime(2027, 1, 14, tzinfo=UTC))
    assert small.sent_to("ann@x.test")[1].accepted_at >= datetime(2027, 1, 13, 17, 0, tzinfo=UTC)


def test_a_zone_that_changes_later_makes_no_earlier_mail_look_wrong(small):
    from segue.features.enrollments.promises import check_promises

    small.enroll(flow(small), [store(small, "ann@x.test")])
    small.run_until(datetime(2027, 1, 14, tzinfo=UTC))
    assert len(small.sent_to("ann@x.test")) == 2
    small.sql("UPDATE enrollments SET state = 'active', ended_at = NULL WHERE workspace_id = %(ws)s")
    store(small, "ann@x.test", timezone="Pacific/Auckland")
    assert small.state("ann@x.test")["timezone"] == "Pacific/Auckland"
    with small.db.tx(small.workspace_id) as tx:
        assert check_promises(tx)["outside_window"] == 0


@pytest.mark.parametrize("mode", [ZoneMode.SENDER, ZoneMode.FIXED])
def test_an_enrollment_in_another_mode_stays_where_it_is(small, mode):
    small.enroll(flow(small, mode, fixed_zone="Asia/Kolkata"), [store(small, "ann@x.test")])
    before = small.state("ann@x.test")
    store(small, "ann@x.test", timezone="America/New_York")
    after = small.state("ann@x.test")
    assert (after["timezone"], after["due_at"]) == (before["timezone"], before["due_at"])


def test_an_edit_that_does_not_change_the_zone_changes_no_time(small):
    small.enroll(flow(small), [store(small, "ann@x.test", timezone="Europe/Berlin")])
    small.run_until(datetime(2027, 1, 11, 10, 0, tzinfo=UTC))
    before = small.state("ann@x.test")
    store(small, "ann@x.test", city="Munich", note="x")
    assert small.state("ann@x.test") == before
