"""Publish, archive, copy, share, delete and bring back (SEQ-7…9, SEQ-45, SEQ-48, SEQ-135, SEQ-136)."""

from datetime import timedelta

import pytest

from make import MONDAY, email, make_small, sequence
from segue.domain.errors import Conflict, Invalid, NotFound, Refused
from segue.features.enrollments.delete_sequence import delete_sequence, finish_deletions
from segue.features.sequences import lifecycle
from segue.features.sequences.lifecycle import Sharing
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.service import find_or_create_user

DAY = timedelta(days=1)
FLOW = sequence(email("one", subject="Hi"), email("two", after=DAY))
ANN = "ann@prospect.test"


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def call(small, act, *args, **more):
    with small.db.tx(small.workspace_id) as tx:
        return act(tx, *args, **more)


def begin(small, address=ANN):
    small.enroll(call(small, get_sequence, "Welcome")["id"], [small.add_contact(address)])


def test_seq_135_an_archived_sequence_takes_nobody_and_lets_those_in_it_finish(small):
    small.add_sequence(FLOW)
    begin(small)
    assert call(small, lifecycle.archive, "Welcome") is True
    assert call(small, lifecycle.archive, "Welcome") is False
    with pytest.raises(Refused) as refused:
        begin(small, "bob@prospect.test")
    assert refused.value.code == "SEQUENCE_NOT_ACTIVE"
    small.run_until(MONDAY + 4 * DAY)
    assert (len(small.sent_to(ANN)), small.state(ANN)["state"]) == (2, "finished")


def test_seq_45_an_archived_sequence_can_be_activated_and_publishing_it_does_so(small):
    small.add_sequence(FLOW)
    call(small, lifecycle.archive, "Welcome")
    call(small, lifecycle.activate, "Welcome")
    begin(small)
    call(small, lifecycle.archive, "Welcome")
    small.add_sequence(FLOW)
    assert (call(small, get_sequence, "Welcome")["status"], call(small, get_sequence, "Welcome")["version"]) == ("active", 1)


def test_seq_48_a_clone_is_a_private_draft_without_statistics(small):
    small.add_sequence(FLOW)
    begin(small)
    made = call(small, lifecycle.clone, "Welcome", "Copy", owner=small.user_id)
    row = call(small, get_sequence, "Copy")
    assert (row["status"], row["sharing"], row["version"], row["id"]) == ("draft", "private", 1, made)
    assert call(small, lifecycle.get_content, made, 1).steps == FLOW.steps
    assert small.sql("SELECT 1 FROM enrollments WHERE workspace_id = %(ws)s AND sequence_id = %(id)s", {"id": made}) == []
    with pytest.raises(Refused) as refused:
        small.enroll(made, [small.add_contact("bob@prospect.test")])
    assert refused.value.code == "SEQUENCE_NOT_ACTIVE"
    with pytest.raises(Conflict):
        call(small, lifecycle.clone, "Welcome", "copy", owner=small.user_id)


def test_seq_136_deleting_is_refused_while_somebody_is_in_it(small):
    small.add_sequence(FLOW)
    begin(small)
    with pytest.raises(Conflict) as refused:
        delete_sequence(small.db, small.workspace_id, "Welcome")
    assert refused.value.code == "sequence_in_use"
    assert small.state(ANN)["state"] == "active"


def test_seq_136_ending_everybody_needs_the_name_once_more(small):
    small.add_sequence(FLOW)
    begin(small)
    with pytest.raises(Invalid):
        delete_sequence(small.db, small.workspace_id, "Welcome", unenroll_all=True, repeated_name="Farewell")
    assert small.state(ANN)["state"] == "active"


def test_seq_136_with_the_override_everybody_leaves_and_nothing_more_is_sent(small):
    small.add_sequence(FLOW)
    begin(small)
    small.run_until(MONDAY + timedelta(hours=1))
    assert delete_sequence(small.db, small.workspace_id, "Welcome", unenroll_all=True, repeated_name="welcome") == 1
    small.run_until(MONDAY + 4 * DAY)
    assert (small.state(ANN)["state"], small.state(ANN)["reason"]) == ("unenrolled", "SEQUENCE_DELETED")
    assert len(small.sent_to(ANN)) == 1
    with pytest.raises(NotFound):
        call(small, get_sequence, "Welcome")


def test_seq_136_an_empty_sequence_is_deleted_without_more_ado(small):
    small.add_sequence(FLOW)
    assert delete_sequence(small.db, small.workspace_id, "Welcome") == 0


def test_seq_136_a_deletion_that_was_broken_off_is_finished(small):
    small.add_sequence(FLOW)
    begin(small)
    call(small, lifecycle.mark_deleted, "Welcome", unenroll_all=True)  # and then the process dies
    assert small.state(ANN)["state"] == "active"
    assert call(small, finish_deletions) == 1
    assert call(small, finish_deletions) == 0
    assert small.state(ANN)["reason"] == "SEQUENCE_DELETED"


def test_seq_136_a_deleted_sequence_comes_back_archived_and_its_enrollments_stay_ended(small):
    small.add_sequence(FLOW)
    begin(small)
    delete_sequence(small.db, small.workspace_id, "Welcome", unenroll_all=True, repeated_name="Welcome")
    call(small, lifecycle.restore, "Welcome")
    assert call(small, get_sequence, "Welcome")["status"] == "archived"
    assert small.state(ANN)["state"] == "unenrolled"


def test_seq_136_after_90_days_it_is_gone(small):
    small.add_sequence(FLOW)
    delete_sequence(small.db, small.workspace_id, "Welcome")
    small.clock.at = MONDAY + 91 * DAY
    with pytest.raises(NotFound):
        call(small, lifecycle.restore, "Welcome")


@pytest.mark.parametrize(("kind", "refused"), [("everyone", False), ("private", True), ("chosen", False)])
def test_seq_9_the_sequence_must_be_shared_with_the_sender(small, kind, refused):
    small.add_sequence(FLOW)
    with small.db.tx(small.workspace_id) as tx:
        other = find_or_create_user(tx, "olga@acme.test")
        tx.run("UPDATE sequences SET owner_user_id = %(other)s WHERE workspace_id = %(ws)s", {"other": other})
        lifecycle.share(tx, "Welcome", Sharing(kind, (small.user_id,) if kind == "chosen" else ()))
    if not refused:
        begin(small)
        return
    with pytest.raises(Refused) as found:
        begin(small)
    assert found.value.code == "SEQUENCE_NOT_SHARED"


def test_seq_8_a_private_sequence_is_its_owners(small):
    small.add_sequence(FLOW)
    call(small, lifecycle.share, "Welcome", Sharing("private"))
    begin(small)
    assert small.state(ANN)["state"] == "active"
