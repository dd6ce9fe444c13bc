"""Finding contacts."""

import pytest

from features.contacts.tables import workspace
from segue.domain.errors import NotFound
from segue.features.contacts.queries import count_contacts, find_contact_by_email, get_contact_by_email, list_contacts

PEOPLE = "email,first_name,company\nann@x.example,Ann,Acme\nbob@y.example,Bob,100% Wool\nann.lee@gmail.com,Annie,Under_score\n"


@pytest.fixture
def tx(db_urls, tmp_path):
    with workspace(db_urls.app_url, tmp_path) as acme:
        acme.load(PEOPLE)
        with acme.db.tx(acme.id) as tx:
            yield tx


def test_a_contact_is_found_by_any_spelling_of_the_address(tx):
    assert find_contact_by_email(tx, "AnnLee+news@googlemail.com").first_name == "Annie"
    assert find_contact_by_email(tx, "nobody@x.example") is None
    assert find_contact_by_email(tx, "") is None


def test_a_contact_is_found_by_a_further_address_but_its_owner_comes_first(tx):
    tx.run(
        "UPDATE contacts SET other_addresses = '{bob@y.example,ann@home.example}' WHERE workspace_id = %(ws)s AND first_name = 'Ann'", {}
    )
    assert find_contact_by_email(tx, "Ann@home.example").first_name == "Ann"
    assert find_contact_by_email(tx, "bob@y.example").first_name == "Bob"


def test_asking_for_a_contact_that_is_not_there_says_what_to_do(tx):
    assert get_contact_by_email(tx, "ann@x.example").first_name == "Ann"
    with pytest.raises(NotFound) as missing:
        get_contact_by_email(tx, "nobody@x.example")
    assert missing.value.hint


def test_contacts_are_paged_in_a_lasting_order(tx):
    first = list_contacts(tx, limit=2)
    rest = list_contacts(tx, limit=2, after=first[-1].id)
    everyone = [contact.email for contact in (*first, *rest)]
    assert len(everyone) == len(set(everyone)) == count_contacts(tx) == 3
    assert list_contacts(tx, after=rest[-1].id) == []


@pytest.mark.parametrize(
    ("search", "names"), [("ACME", ["Ann"]), ("100%", ["Bob"]), ("_", ["Annie"]), ("@y.", ["Bob"]), ("ann", ["Ann", "Annie"]), ("zzz", [])]
)
def test_contacts_are_searched_by_address_name_and_company_letter_for_letter(tx, search, names):
    assert sorted(contact.first_name for contact in list_contacts(tx, search=search)) == names
