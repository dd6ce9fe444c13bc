"""Lists and saved filters over real contacts, and enrolling from them (SEQ-51); what the engine writes can be asked for (SEQ-173)."""

from datetime import timedelta

import pytest

from make import MONDAY, answer, email, make_small, sequence
from segue.domain.contacts_csv import ContactValues
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.features.contacts.edit import delete_contact
from segue.features.contacts.export import read_engine_written
from segue.features.contacts.lists import change_members, create_list, delete_list, find_contacts, list_lists, list_members
from segue.features.contacts.properties import add_property
from segue.features.contacts.store import save_contacts


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    with made.db.tx(made.workspace_id) as tx:
        add_property(tx, "seats", "", "number")
        add_property(tx, "renewal", "", "date")
        rows = (
            ("ann@x.test", "Ann", "X Ltd", "Germany", {"seats": "50", "renewal": "2027-03-01", "job_title": "Head of Sales"}),
            ("bob@x.test", "Bob", "X Ltd", "DE", {"seats": "9", "job_title": "chief"}),
            ("cleo@y.test", "Cleo", "100% \\ Fun_", "US", {"renewal": "2026-12-31"}),
            ("dan@z.test", "Dan", "", "", {"seats": "200"}),
        )
        save_contacts(tx, [ContactValues(e, e, first, "", company, "", land, given) for e, first, company, land, given in rows])
    yield made
    made.close()


def found(small, text):
    with small.db.tx(small.workspace_id) as tx:
        ids = find_contacts(tx, text)
        return [
            row["first_name"]
            for row in tx.all("SELECT first_name FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(i)s) ORDER BY id", {"i": ids})
        ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("country = DE", ["Ann", "Bob"]),
        ("country = de and seats > 9", ["Ann"]),
        ("seats >= 9", ["Ann", "Bob", "Dan"]),
        ("seats < 50", ["Bob"]),
        ("seats = 50.0", ["Ann"]),
        ("seats != 50", ["Bob", "Cleo", "Dan"]),
        ("seats is empty", ["Cleo"]),
        ("renewal < 2027-01-01", ["Cleo"]),
        ("renewal >= 2026-01-01", ["Ann", "Cleo"]),
        ('job_title contains "head"', ["Ann"]),
        ("job_title starts with CH", ["Bob"]),
        ('company = "x ltd"', ["Ann", "Bob"]),
        ('company contains "% \\\\ f"', ["Cleo"]),
        ('company contains "_"', ["Cleo"]),
        ("not (country = DE or first_name = Dan)", ["Cleo"]),
        ("first_name in (Ann, dan)", ["Ann", "Dan"]),
        ("country is empty", ["Dan"]),
        ("created >= 2027-01-11 and created < 2027-01-12", ["Ann", "Bob", "Cleo", "Dan"]),
        ('company = "\'; DROP TABLE contacts; --"', []),
        ('job_title contains "%(ws)s"', []),
    ],
)
def test_a_filter_finds_whom_it_says(small, text, names):
    assert found(small, text) == names


def test_what_the_engine_writes_can_be_asked_for_and_is_exact_at_once(small):
    """SEQ-173."""
    [ann] = [row["id"] for row in small.sql("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND first_name = 'Ann'")]
    flow = small.add_sequence(sequence(email("one", subject="Hello"), email("two", after=timedelta(days=1))))
    assert found(small, "hs_sequences_is_enrolled = true") == []
    small.enroll(flow, [ann])
    assert found(small, "hs_sequences_is_enrolled = true and hs_sequences_actively_enrolled_count = 1") == ["Ann"]
    assert found(small, f"hs_latest_sequence_enrolled = {flow}") == ["Ann"]
    small.run_until(MONDAY + timedelta(hours=1))
    wire = small.sql("SELECT wire FROM messages WHERE workspace_id = %(ws)s")[0]["wire"]
    small.world.deliver("rep@acme.test", answer(bytes(wire), sender="ann@x.test"))
    small.run_until(MONDAY + timedelta(days=2))
    assert found(small, "segue_last_unenroll_reason = REPLIED and hs_sales_email_last_replied >= 2027-01-11") == ["Ann"]
    assert found(small, "hs_sequences_is_enrolled = true") == []
    with small.db.tx(small.workspace_id) as tx:
        said = read_engine_written(tx, ann)
    row = small.state("ann@x.test")
    assert said["hs_sequences_enrolled_count"] == "1"
    assert said["hs_latest_sequence_enrolled_date"] == row["enrolled_at"].isoformat()
    assert said["hs_latest_sequence_unenrolled_date"] == row["ended_at"].isoformat()
    assert said["hs_latest_sequence_finished_date"] == ""


def test_a_list_enrolls_the_members_it_has_at_that_moment(small):
    with small.db.tx(small.workspace_id) as tx:
        create_list(tx, "Customers")
        create_list(tx, "Germans", "country = DE")
        assert change_members(tx, "customers", find_contacts(tx, "first_name in (Ann, Cleo)"), add=True) == 2
        assert change_members(tx, "Customers", find_contacts(tx, "first_name = Ann"), add=True) == 0
        members = list_members(tx, "Customers")
    flow = small.add_sequence(sequence(email("one", subject="Hello")))
    assert small.enroll(flow, members).enrolled == 2
    with small.db.tx(small.workspace_id) as tx:
        assert change_members(tx, "Customers", find_contacts(tx, "first_name = Bob"), add=True) == 1
        assert [(row["name"], row["members"]) for row in list_lists(tx)] == [("Customers", 3), ("Germans", None)]
        assert len(list_members(tx, "Germans")) == 2
    assert found(small, "hs_sequences_is_enrolled = true") == ["Ann", "Cleo"]
    assert found(small, "list = customers and not list is empty") == ["Ann", "Bob", "Cleo"]
    assert found(small, 'list != "Customers"') == ["Dan"]


def test_a_deleted_contact_is_on_no_list_and_found_by_no_filter(small):
    with small.db.tx(small.workspace_id) as tx:
        create_list(tx, "Customers")
        change_members(tx, "Customers", find_contacts(tx, "first_name = Ann"), add=True)
        delete_contact(tx, "ann@x.test")
        assert list_members(tx, "Customers") == []
    assert found(small, "country = DE") == ["Bob"]


def test_a_saved_filter_has_no_members_of_its_own_and_must_be_sound(small):
    with small.db.tx(small.workspace_id) as tx:
        create_list(tx, "Germans", "country = DE")
        with pytest.raises(Conflict):
            change_members(tx, "Germans", [1], add=True)
        with pytest.raises(Conflict):
            create_list(tx, "GERMANS")
        with pytest.raises(Invalid):
            create_list(tx, "Wrong", "no_such = 1")
        delete_list(tx, "Germans")
        with pytest.raises(NotFound):
            list_members(tx, "Germans")
