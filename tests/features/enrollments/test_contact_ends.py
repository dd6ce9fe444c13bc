"""Deleting, restoring, merging contacts, and what each does to open enrollments (SEQ-143, SEQ-170)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from kills.waiting import wait_until
from make import MONDAY, email, make_small, sequence
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.features.contacts.edit import delete_contact, restore_contact, set_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.merge import merge_contacts
from segue.features.contacts.queries import find_contact_by_email, list_contacts
from segue.features.enrollments.promises import check_promises


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def flow(small, name="Welcome"):
    return small.add_sequence(sequence(email("one", subject="Hello"), email("two", after=timedelta(days=1)), name=name))


def run(small, what, *given, **more):
    with small.db.tx(small.workspace_id, actor="cli") as tx:
        return what(tx, *given, **more)


def test_a_deleted_contact_leaves_every_sequence_and_gets_nothing_more(small):
    ann = small.add_contact("ann@x.test")
    small.enroll(flow(small), [ann])
    small.run_until(MONDAY + timedelta(hours=1))
    assert run(small, delete_contact, "Ann@X.test") is True
    assert run(small, delete_contact, "ann@x.test") is False
    small.run_until(MONDAY + timedelta(days=4))
    assert small.state("ann@x.test")["reason"] == "CONTACT_DELETED"
    assert len(small.sent_to("ann@x.test")) == 1
    assert run(small, list_contacts) == []


def test_a_deleted_contact_is_not_enrolled_and_a_restored_one_is_but_does_not_go_on(small):
    ann = small.add_contact("ann@x.test")
    welcome = flow(small)
    small.enroll(welcome, [ann])
    run(small, delete_contact, "ann@x.test")
    assert [each.code for each in small.enroll(welcome, [ann]).refused] == ["CONTACT_NOT_FOUND"]
    assert run(small, restore_contact, "ann@x.test") is True
    assert small.state("ann@x.test")["state"] == "unenrolled"
    assert small.enroll(welcome, [ann]).enrolled == 1


def test_a_contact_deleted_behind_the_engines_back_is_stopped_by_the_gate(small):
    """S3: the gate asks again under the lock."""
    ann = small.add_contact("ann@x.test")
    small.enroll(flow(small), [ann])
    small.sql("UPDATE contacts SET deleted_at = now() WHERE workspace_id = %(ws)s RETURNING id")
    small.run_until(MONDAY + timedelta(hours=1))
    assert small.sent_to("ann@x.test") == []
    assert small.state("ann@x.test")["reason"] == "CONTACT_DELETED"


def test_merging_keeps_the_older_open_enrollment_and_ends_the_other(small):
    ann, anna = small.add_contact("ann@x.test"), small.add_contact("anna@y.test")
    first, second = flow(small), flow(small, "Second")
    small.enroll(second, [anna])
    small.clock.advance(timedelta(minutes=5))
    small.enroll(first, [ann])
    small.run_until(MONDAY + timedelta(hours=1))
    kept = run(small, merge_contacts, "ann@x.test", "anna@y.test")
    assert (kept.id, kept.other_addresses) == (ann, ["anna@y.test"])
    rows = small.sql("SELECT address, contact_id, state, reason FROM enrollments WHERE workspace_id = %(ws)s ORDER BY address")
    assert [tuple(row.values()) for row in rows] == [
        ("ann@x.test", ann, "unenrolled", "CONTACT_MERGED"),
        ("anna@y.test", ann, "active", ""),
    ]
    small.run_until(MONDAY + timedelta(days=4))
    assert (len(small.sent_to("ann@x.test")), len(small.sent_to("anna@y.test"))) == (1, 2)
    assert run(small, find_contact_by_email, "anna@y.test").id == ann
    assert all(count == 0 for count in run(small, check_promises).values())


def test_merging_joins_histories_and_fills_what_is_empty(small):
    small.add_contact("ann@x.test", first_name="", company="X")
    anna = small.add_contact("anna@y.test", first_name="Anna", company="Y")
    small.enroll(flow(small), [anna])
    small.run_until(MONDAY + timedelta(days=4))
    kept = run(small, merge_contacts, "ann@x.test", "anna@y.test")
    assert (kept.first_name, kept.company) == ("Anna", "X")
    kinds = [
        row["kind"] for row in small.sql("SELECT kind FROM events WHERE workspace_id = %(ws)s AND contact_id = %(id)s", {"id": kept.id})
    ]
    assert kinds.count("email_sent") == 2
    assert "contact_merged" in kinds
    assert small.sql("SELECT DISTINCT contact_id FROM messages WHERE workspace_id = %(ws)s") == [{"contact_id": kept.id}]


def test_merging_one_contact_with_itself_or_a_deleted_one_is_refused(small):
    small.add_contact("ann@x.test")
    small.add_contact("bob@x.test")
    with pytest.raises(Invalid):
        run(small, merge_contacts, "ann@x.test", "ANN@x.test")
    with pytest.raises(NotFound):
        run(small, merge_contacts, "ann@x.test", "nobody@x.test")
    run(small, delete_contact, "bob@x.test")
    with pytest.raises(Conflict):
        run(small, merge_contacts, "ann@x.test", "bob@x.test")


def test_an_edit_sets_types_refuses_what_does_not_fit_and_tells_what_changed(small):
    small.add_contact("ann@x.test")
    after = run(small, set_contact, "ann@x.test", {"first_name": "Anne", "phone": "+49 30 123", "country": "Germany", "company": ""})
    assert (after.first_name, after.company, after.properties["phone"]) == ("Anne", "", "+49 30 123")
    [event] = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'contact_changed'")
    assert sorted(event["data"]["names"]) == ["company", "country", "first_name", "phone"]
    for wrong in ({"phone": "none"}, {"no_such": "x"}, {"timezone": "Mars"}, {"hs_sequences_enrolled_count": "3"}, {"email": "nobody"}):
        with pytest.raises(Invalid):
            run(small, set_contact, "ann@x.test", wrong)
    assert run(small, set_contact, "ann@x.test", {"phone": ""}).properties == {}


def test_a_new_address_keeps_the_old_one_and_the_enrollment_keeps_its_own(small):
    """SEQ-55."""
    ann = small.add_contact("ann@x.test")
    small.enroll(flow(small), [ann])
    after = run(small, set_contact, "ann@x.test", {"email": "ann@new.test"})
    assert (after.email, after.other_addresses) == ("ann@new.test", ["ann@x.test"])
    small.run_until(MONDAY + timedelta(days=4))
    assert (len(small.sent_to("ann@x.test")), small.sent_to("ann@new.test")) == (2, [])


def test_an_edit_that_waited_for_another_loses_nothing_of_it(small, db_urls):
    """The defect: it wrote back what it had read before it waited, and would have brought back even who was erased meanwhile (S27)."""
    ann = small.add_contact("ann@x.test")
    small.add_contact("bob@x.test")
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as threads, psycopg.connect(db_urls.app_url, autocommit=True) as eye:
        with small.db.tx(small.workspace_id) as tx:
            tx.run('UPDATE contacts SET properties = \'{"city": "Graz"}\' WHERE workspace_id = %(ws)s AND id = %(id)s', {"id": ann})
            editing = threads.submit(run, small, set_contact, "ann@x.test", {"first_name": "Anne"})
            wait_until(lambda: editing.done() or eye.execute(waiting).fetchone() != (0,))
        assert editing.result(timeout=20).properties == {"city": "Graz"}
        with small.db.tx(small.workspace_id) as tx:
            erase_person(tx, "bob@x.test")
            editing = threads.submit(run, small, set_contact, "bob@x.test", {"first_name": "Robert"})
            wait_until(lambda: editing.done() or eye.execute(waiting).fetchone() != (0,))
        assert isinstance(editing.exception(timeout=20), NotFound)
    assert small.sql("SELECT 1 FROM contacts WHERE workspace_id = %(ws)s AND first_name = 'Robert'") == []


def test_an_address_of_another_contact_is_not_taken(small):
    small.add_contact("ann@x.test")
    small.add_contact("bob@x.test")
    with pytest.raises(Conflict) as refused:
        run(small, set_contact, "ann@x.test", {}, add=["BOB@x.test"])
    assert "merge" in refused.value.hint


def test_an_edit_of_the_zone_moves_what_is_open(small):
    """SEQ-70; the other cases are in test_contact_zone."""
    from segue.domain.sequence import ZoneMode

    ann = small.add_contact("ann@x.test")
    made = small.add_sequence(sequence(email("one", subject="Hello"), email("two", after=timedelta(days=1)), zone_mode=ZoneMode.CONTACT))
    small.enroll(made, [ann])
    run(small, set_contact, "ann@x.test", {"city": "Tokyo"})
    assert small.state("ann@x.test")["timezone"] == "Asia/Tokyo"
