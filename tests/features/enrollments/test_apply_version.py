"""Apply to active enrollments, on the real engine (SEQ-132…134)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from make import MONDAY, email, make_small, sequence, task
from segue.domain.sequence import EmailSettings, Variant
from segue.features.enrollments.apply_version import IN_FLIGHT, finish_moves, list_to_move, move_enrollments, preview_moves
from segue.features.enrollments.edit import Change, edit_step, move_to_step
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.enrollments.store import load

DAY = timedelta(days=1)
ANN = "ann@prospect.test"
ONE, TWO = email("one", subject="Hi"), email("two", "Second text", after=2 * DAY)


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small, *steps):
    made = small.add_sequence(sequence(*steps))
    small.enroll(made, [small.add_contact(ANN)])
    small.run_until(MONDAY + timedelta(hours=1))
    return made


def move(small, act=move_enrollments, version=2):
    with small.db.tx(small.workspace_id) as tx:
        return act(tx, list_to_move(tx, small.state(ANN)["sequence_id"], version), version)


def texts(small):
    return [mail.message.get_content().strip() if hasattr(mail, "message") else mail.wire.decode() for mail in small.sent_to(ANN)]


def test_seq_131_a_new_version_alone_changes_nothing_for_those_in_the_sequence(small):
    begin(small, ONE, TWO)
    small.add_sequence(sequence(ONE, replace(TWO, settings=EmailSettings("New text"))))
    small.run_until(MONDAY + 3 * DAY)
    assert small.state(ANN)["version"] == 1
    assert "Second text" in texts(small)[1]


def test_seq_132_the_preview_tells_what_changes_and_changes_nothing(small):
    begin(small, ONE, TWO)
    small.add_sequence(sequence(ONE, email("between", after=DAY), replace(TWO, settings=EmailSettings("New text"))))
    before = small.state(ANN)
    (found,) = move(small, preview_moves)
    assert (found.address, found.version, found.current_step, found.left_out) == (ANN, 1, "two", "")
    assert (found.added, found.removed, found.changed) == (("between",), (), ("two",))
    assert (found.before.step_key, found.after.step_key) == ("two", "between")
    assert (found.before.due_at, found.after.due_at) == (before["due_at"], before["base_at"] + DAY)
    assert small.state(ANN) == before


def test_seq_133_the_moved_one_gets_the_new_text_and_the_timeline_says_so(small):
    begin(small, ONE, TWO)
    small.add_sequence(sequence(ONE, replace(TWO, settings=EmailSettings("New text"))))
    move(small)
    assert small.state(ANN)["version"] == 2
    small.run_until(MONDAY + 3 * DAY)
    assert len(texts(small)) == 2
    assert "New text" in texts(small)[1]
    (told,) = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'version_applied'")
    assert told["data"] == {"before": 1, "after": 2, "step_before": "two", "step_after": "two"}


def test_seq_134_moving_back_gives_the_old_text_again(small):
    begin(small, ONE, TWO)
    small.add_sequence(sequence(ONE, replace(TWO, settings=EmailSettings("New text"))))
    move(small)
    move(small, version=1)
    small.run_until(MONDAY + 3 * DAY)
    assert "Second text" in texts(small)[1]


def test_seq_133_one_whose_mail_is_under_way_is_moved_afterwards(small):
    begin(small, ONE, replace(TWO, delay=timedelta(0)))
    made = small.add_sequence(sequence(ONE, TWO))
    small.enroll(made, [small.add_contact("bob@prospect.test")])
    small.sql("UPDATE mailboxes SET inbox_read_at = NULL WHERE workspace_id = %(ws)s")
    claim_and_prepare(small.db, small.workspace_id, lanes=5)
    small.add_sequence(sequence(replace(ONE, settings=EmailSettings("Wholly new", "Hi")), TWO))
    with small.db.tx(small.workspace_id) as tx:
        ids = list_to_move(tx, made, 3)
        moves = {each.address: each for each in move_enrollments(tx, ids, 3)}
    assert moves["bob@prospect.test"].left_out == IN_FLIGHT
    with small.db.tx(small.workspace_id) as tx:
        assert finish_moves(tx) == 0, "its mail is still under way"
    small.sql("UPDATE messages SET lease_until = clock_timestamp() - interval '1 second' WHERE workspace_id = %(ws)s AND state = 'sending'")
    small.run_until(small.clock.now() + timedelta(hours=1))
    small.engine.tend(small.workspace_id)
    rows = small.sql(
        "SELECT version, move_to FROM enrollments WHERE workspace_id = %(ws)s AND address = 'bob@prospect.test'",
    )
    assert rows == [{"version": 3, "move_to": None}]


def test_seq_133_a_removed_task_that_is_open_is_cancelled_and_holds_nothing(small):
    begin(small, ONE, task("ring", after=timedelta(0)), TWO)
    assert small.state(ANN)["waiting_for"] == "TASK"
    small.add_sequence(sequence(ONE, TWO))
    move(small)
    assert small.sql("SELECT state FROM tasks WHERE workspace_id = %(ws)s") == [{"state": "deleted"}]
    small.run_until(MONDAY + 4 * DAY)
    assert len(small.sent_to(ANN)) == 2


def test_seq_133_a_variant_that_was_drawn_is_kept(small):
    tested = replace(ONE, variants=(Variant(2, EmailSettings("B text", "B")),))
    begin(small, tested, TWO)
    drawn = small.sql("SELECT variant FROM messages WHERE workspace_id = %(ws)s")
    small.add_sequence(sequence(replace(tested, active=False), TWO))
    move(small)
    with small.db.tx(small.workspace_id) as tx:
        (loaded,) = load(tx, [small.state(ANN)["id"]])
    assert loaded.around.drawn["one"] == drawn[0]["variant"]


def test_seq_133_one_that_has_not_started_is_moved_whole(small):
    made = small.add_sequence(sequence(ONE, TWO))
    small.enroll(made, [small.add_contact(ANN)], start_at=MONDAY + DAY)
    small.add_sequence(sequence(email("opening", "Brand new", subject="Opening"), TWO))
    move(small)
    small.run_until(MONDAY + DAY + timedelta(hours=1))
    assert len(small.sent_to(ANN)) == 1
    assert "Brand new" in texts(small)[0]


def test_seq_132_only_those_of_a_chosen_user_are_moved(small):
    made = begin(small, ONE, TWO)
    small.add_sequence(sequence(ONE, replace(TWO, settings=EmailSettings("New text"))))
    with small.db.tx(small.workspace_id) as tx:
        assert list_to_move(tx, made, 2, enrollers=[small.user_id + 1]) == []
        assert len(list_to_move(tx, made, 2, enrollers=[small.user_id])) == 1


@pytest.mark.parametrize(("overwrite", "text"), [(False, "Only for Ann"), (True, "New text")])
def test_seq_133_an_edit_wins_over_the_new_text_unless_it_is_overwritten(small, overwrite, text):
    """SEQ-57: it belongs to the enrollment."""
    begin(small, ONE, TWO)
    with small.db.tx(small.workspace_id) as tx:
        edit_step(tx, small.state(ANN)["id"], "two", Change(body="Only for Ann", delay=3 * DAY))
    small.add_sequence(sequence(ONE, replace(TWO, settings=EmailSettings("New text"))))
    with small.db.tx(small.workspace_id) as tx:
        ids = list_to_move(tx, small.state(ANN)["sequence_id"], 2)
        (foreseen,) = preview_moves(tx, ids, 2, overwrite=overwrite)
        move_enrollments(tx, ids, 2, overwrite=overwrite)
    after = small.state(ANN)
    assert after["due_at"] == foreseen.after.due_at == after["base_at"] + (2 if overwrite else 3) * DAY
    assert len(small.sql("SELECT step_key FROM enrollment_edits WHERE workspace_id = %(ws)s")) == (0 if overwrite else 1)
    small.run_until(MONDAY + 4 * DAY)
    assert text in texts(small)[1]


THREE = email("three", "Third text", after=9 * DAY)


def test_seq_133_overwriting_does_not_send_a_step_again_under_its_old_number(small):
    """S1: which run of a step comes next is no edit."""
    begin(small, ONE, TWO, THREE)
    small.run_until(MONDAY + 3 * DAY)
    with small.db.tx(small.workspace_id) as tx:
        move_to_step(tx, small.state(ANN)["id"], "two", repeat=True)
        edit_step(tx, small.state(ANN)["id"], "two", Change(body="Only for Ann"))
    small.add_sequence(sequence(ONE, replace(TWO, settings=EmailSettings("New text")), THREE))
    with small.db.tx(small.workspace_id) as tx:
        move_enrollments(tx, list_to_move(tx, small.state(ANN)["sequence_id"], 2), 2, overwrite=True)
    small.run_until(MONDAY + 7 * DAY)
    sent = small.sql("SELECT step_key, generation FROM messages WHERE workspace_id = %(ws)s AND state = 'sent' ORDER BY id")
    assert [(row["step_key"], row["generation"]) for row in sent] == [("one", 0), ("two", 0), ("two", 1)]
    assert "New text" in texts(small)[2]
