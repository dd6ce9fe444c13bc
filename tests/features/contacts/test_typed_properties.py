"""Typed properties: defined for a workspace, checked at import, brought into form, never lost."""

import pytest

from features.contacts.tables import workspace
from segue.domain.errors import Conflict, Invalid
from segue.domain.properties import Kind
from segue.features.contacts.import_csv import UnknownColumns
from segue.features.contacts.properties import add_property, load_properties
from segue.features.workspaces.service import create_workspace, find_or_create_user


@pytest.fixture
def acme(db_urls, tmp_path):
    with workspace(db_urls.app_url, tmp_path) as made:
        yield made


def define(acme, name, kind, *choices, label=""):
    with acme.db.tx(acme.id) as tx:
        return add_property(tx, name, label, kind, choices)


def test_values_of_an_import_are_checked_by_type_and_a_bad_one_costs_its_own_row(acme):
    define(acme, "seats", "number")
    define(acme, "renewal", "date", label="Renewal Date")
    define(acme, "tier", "choice", "Gold", "Silver")
    report = acme.load(
        "email,seats,renewal date,TIER\n"
        'a@x.example,"1,234.50",31.1.2027,gold\n'
        "b@x.example,many,,\n"
        "c@x.example,,02/03/2027,\n"
        "d@x.example,,,Bronze\n"
        "e@x.example,,,\n"
    )
    assert acme.contacts("email, properties") == [
        ("a@x.example", {"seats": "1234.5", "renewal": "2027-01-31", "tier": "Gold"}),
        ("e@x.example", {}),
    ]
    assert [(row.line, row.problem.partition(":")[0]) for row in report.refused] == [(3, "seats"), (4, "renewal"), (5, "tier")]


def test_built_in_properties_have_types_too(acme):
    report = acme.load("email,phone,website\na@x.example,+49 30 1234567,acme.example\nb@x.example,none,\n")
    assert acme.contacts("properties") == [({"phone": "+49 30 1234567", "website": "https://acme.example"},)]
    assert "phone number" in report.refused[0].problem


def test_an_owner_is_a_user_of_the_workspace(acme):
    with acme.db.tx(acme.id) as tx:
        find_or_create_user(tx, "rita@acme.example")
    report = acme.load("email,owner\na@x.example,RITA@acme.example\nb@x.example,spy@acme.example\n")
    assert acme.contacts("email, properties") == [("a@x.example", {"owner": "rita@acme.example"})]
    assert "rita@acme.example" in report.refused[0].problem


def test_unknown_columns_become_text_properties_with_their_heading(acme):
    acme.load("email,Shoe Size\na@x.example,38\n")
    with acme.db.tx(acme.id) as tx:
        assert load_properties(tx)["shoe_size"].label == "Shoe Size"


def test_unknown_columns_can_be_skipped_or_refused(acme):
    define(acme, "seats", "number")
    content = "email,seats,Shoe Size\na@x.example,2,38\n"
    with pytest.raises(Invalid, match="Shoe Size") as refused:
        acme.load(content, unknown=UnknownColumns.REFUSE)
    assert "property add" in refused.value.hint
    assert acme.contacts() == []
    acme.load(content, unknown=UnknownColumns.SKIP)
    assert acme.contacts("properties") == [({"seats": "2"},)]
    with acme.db.tx(acme.id) as tx:
        assert "shoe_size" not in load_properties(tx)


def test_a_type_given_later_brings_the_values_there_into_its_form(acme):
    acme.load("email,seats\na@x.example,007\nb@x.example,7\nc@x.example,\n")
    define(acme, "seats", "number")
    assert acme.contacts("properties") == [({"seats": "7"},), ({"seats": "7"},), ({},)]


def test_a_type_that_values_do_not_fit_is_refused_and_changes_nothing(acme):
    acme.load("email,seats\na@x.example,007\nb@x.example,many\nc@x.example,many\n")
    with pytest.raises(Invalid, match=r'2 contacts .* such as "many"'):
        define(acme, "seats", "number")
    assert acme.contacts("properties")[0] == ({"seats": "007"},)
    with acme.db.tx(acme.id) as tx:
        assert load_properties(tx)["seats"].kind is Kind.TEXT


def test_a_type_is_not_changed_into_another(acme):
    define(acme, "seats", "number")
    define(acme, "seats", "number", label="Seats bought")
    with pytest.raises(Conflict):
        define(acme, "seats", "date")


def test_choices_can_be_added_but_none_taken_away_that_contacts_have(acme):
    define(acme, "tier", "choice", "Gold")
    acme.load("email,tier\na@x.example,Gold\n")
    define(acme, "tier", "choice", "Gold", "Silver")
    with pytest.raises(Invalid):
        define(acme, "tier", "choice", "Silver")


def test_properties_stay_in_their_workspace(acme):
    define(acme, "seats", "number")
    other = create_workspace(acme.db, "Other")
    with acme.db.tx(other) as tx:
        assert "seats" not in load_properties(tx)


def test_further_addresses_come_by_column_and_are_added_to_those_there(acme):
    """MAIL-78: mail from them counts as the contact's."""
    report = acme.load("email,Other addresses\nann@x.example,Ann.Lee@gmail.com; ann@x.example\nbob@x.example,nobody\n")
    assert acme.contacts("email, other_addresses") == [("ann@x.example", ["annlee@gmail.com"])]
    assert "other addresses" in report.refused[0].problem
    acme.load("email,Other addresses\nann@x.example,ann@y.example\n")
    assert acme.contacts("other_addresses") == [(["ann@y.example", "annlee@gmail.com"],)]


def test_a_further_address_is_no_contact_of_its_own(acme):
    acme.load("email,other addresses\nann@x.example,ann@y.example\n")
    report = acme.load("email\nANN@y.example\nbob@y.example\n")
    assert [row.problem for row in report.refused] == ["This is a further address of ann@x.example."]
    assert acme.contacts("email") == [("ann@x.example",), ("bob@y.example",)]
    assert (report.progress.rows, report.progress.created, report.progress.refused) == (2, 1, 1)


def test_contacts_belong_to_the_company_of_their_domain_and_free_mail_to_none(acme):
    acme.load("email,company\nann@x.example,X Limited\nbob@x.example,Other words\ncleo@gmail.com,Freelance\ndan@y.example,\n")
    with acme.db.tx(acme.id) as tx:
        rows = tx.all(
            """SELECT c.email, f.domain, f.name FROM contacts AS c LEFT JOIN companies AS f
               ON f.workspace_id = c.workspace_id AND f.id = c.company_id WHERE c.workspace_id = %(ws)s ORDER BY c.email""",
            {},
        )
    assert [tuple(row.values()) for row in rows] == [
        ("ann@x.example", "x.example", "X Limited"),
        ("bob@x.example", "x.example", "X Limited"),
        ("cleo@gmail.com", None, None),
        ("dan@y.example", "y.example", ""),
    ]
    acme.load("email,company\ndan@y.example,Why GmbH\n")
    with acme.db.tx(acme.id) as tx:
        assert tx.all("SELECT name FROM companies WHERE workspace_id = %(ws)s AND domain = 'y.example'", {}) == [{"name": "Why GmbH"}]


def test_the_country_of_a_contact_is_known_by_its_code(acme):
    acme.load("email,country\na@x.example,Deutschland\nb@x.example,us\nc@x.example,Atlantis\nd@x.example,\n")
    assert acme.contacts("country, country_code") == [("Deutschland", "DE"), ("us", "US"), ("Atlantis", ""), ("", "")]
