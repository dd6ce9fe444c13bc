"""SEQ-19: the name of the company record and the contact's own company text are two tokens."""

from datetime import timedelta
from email import message_from_bytes

import pytest

from make import MONDAY, email, make_small, sequence
from segue.domain.contacts_csv import ContactValues
from segue.features.contacts.companies import name_company
from segue.features.contacts.store import save_contacts


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    with made.db.tx(made.workspace_id) as tx:
        people = (("ann@x.test", "X in her words"), ("bob@gmail.com", "Bob's own"))
        save_contacts(tx, [ContactValues(each, each, "Ann", "", company, "", "", {}) for each, company in people])
        name_company(tx, "x.test", "X Limited")
    yield made
    made.close()


def ids(small):
    return [row["id"] for row in small.sql("SELECT id FROM contacts WHERE workspace_id = %(ws)s ORDER BY id")]


def test_each_token_shows_its_own_name(small):
    flow = small.add_sequence(sequence(email("one", "{{ company.name }} / {{ contact.company }} / {{ company.domain }}", subject="Hello")))
    small.enroll(flow, ids(small)[:1])
    small.run_until(MONDAY + timedelta(hours=1))
    wire = bytes(small.sql("SELECT wire FROM messages WHERE workspace_id = %(ws)s")[0]["wire"])
    text = next(part for part in message_from_bytes(wire).walk() if part.get_content_type() == "text/plain")
    assert b"X Limited / X in her words / x.test" in text.get_payload(decode=True)


def test_without_a_company_record_its_tokens_are_missing_and_a_fallback_helps(small):
    bare = small.add_sequence(sequence(email("one", "{{ company.name }} {{ company.industry }}", subject="Hello")))
    [refused] = small.enroll(bare, ids(small)[1:]).refused
    assert refused.code == "MISSING_TOKEN"
    assert "company.name" in refused.message
    assert "company.industry" in refused.message
    helped = small.add_sequence(sequence(email("one", '{{ company.name | fallback("you") }}', subject="Hello"), name="Helped"))
    assert small.enroll(helped, ids(small)[1:]).enrolled == 1
