"""Changes for one contact alone (SEQ-57, SEQ-58, SEQ-20, SEQ-21): what is rendered, planned and sent, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from make import MONDAY, Small, email, make_small, sequence, task
from segue.domain.edits import StepEdit
from segue.domain.errors import Conflict, Invalid, Refused
from segue.domain.ids import StepKey
from segue.features.enrollments.edit import BEING_SENT, Change, edit_step, fill_placeholders, move_to_step, send_now
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.enrollments.preview import render_step
from segue.features.enrollments.react import pause_enrollments, resume_enrollments
from segue.features.enrollments.survey import plan

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"
A, B, C = StepKey("a"), StepKey("b"), StepKey("c")


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small: Small, **more: Any) -> int:
    """Enroll Ann into three mails, two days apart, and let the first go."""
    flow = sequence(email("a", "First", subject="Hi"), email("b", "Second", after=2 * DAY), email("c", "Third", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)], **more)
    small.run_until(MONDAY + HOUR)
    return int(small.state(ANN)["id"])


def change(small: Small, enrollment: int, key: StepKey, **what: Any) -> None:
    with small.db.tx(small.workspace_id, actor="cli as rita@acme.test") as tx:
        edit_step(tx, enrollment, key, Change(**what))


def bodies(small: Small) -> list[str]:
    """Return the first line of each mail as Ann reads it."""
    mails = [message_from_bytes(each.wire, policy=policy.default) for each in small.sent_to(ANN)]
    return [mail.get_body(("plain",)).get_content().splitlines()[0] for mail in mails]


def planned(small: Small) -> dict[str, Any]:
    with small.db.tx(small.workspace_id) as tx:
        return {step.step.key: step for step in plan(tx, email=ANN).steps}


def test_an_edited_text_is_shown_in_the_plan_and_sent_to_this_contact_alone(small: Small) -> None:
    """SEQ-57."""
    enrollment = begin(small)
    small.enroll(small.state(ANN)["sequence_id"], [small.add_contact("bob@other.test")])
    change(small, enrollment, B, body="Only for you, {{ contact.first_name }}", subject="Anew")
    text = render_step(planned(small)["b"])
    assert text is not None
    assert text.body.startswith("Only for you, Ann")
    small.run_until(MONDAY + 3 * DAY)
    assert b"Only for you, Ann" in small.sent_to(ANN)[1].wire
    assert b"Second" in small.sent_to("bob@other.test")[1].wire
    [row] = small.sql("SELECT actor, data FROM events WHERE workspace_id = %(ws)s AND kind = 'step_edited'")
    assert (row["actor"], row["data"]["what"]) == ("cli as rita@acme.test", "subject, text")


@pytest.mark.parametrize("what", [{"body": "{{ contact.first_name"}, {"body": "{{ nonsense.x }}"}, {"body": ""}, {"subject": "a\nb"}])
def test_a_text_that_no_sequence_may_have_is_refused(small: Small, what: dict[str, str]) -> None:
    enrollment = begin(small)
    with pytest.raises(Invalid):
        change(small, enrollment, B, **what)
    assert small.sql("SELECT 1 FROM enrollment_edits WHERE workspace_id = %(ws)s") == []


def test_a_delay_and_a_time_can_be_changed_and_hours_still_hold(small: Small) -> None:
    """SEQ-58, S5: sent Mon 10:00."""
    enrollment = begin(small)
    change(small, enrollment, B, delay=DAY)
    assert small.state(ANN)["due_at"] == MONDAY + DAY
    change(small, enrollment, B, at=datetime(2027, 1, 14, 19, 0, tzinfo=UTC))  # Thu 20:00 in Berlin: Fri 09:00
    assert small.state(ANN)["due_at"] == datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    change(small, enrollment, C, at=datetime(2027, 1, 20, 9, 30, tzinfo=UTC))
    with pytest.raises(Invalid):
        change(small, enrollment, C, at=MONDAY)
    why = planned(small)["b"].why
    assert "Moved by hand" in why[0]
    assert "after the send window" in why[1]
    small.run_until(datetime(2027, 1, 21, 9, 0, tzinfo=UTC))
    assert [each.accepted_at for each in small.sent_to(ANN)][1:] == [
        datetime(2027, 1, 15, 8, 0, tzinfo=UTC),
        datetime(2027, 1, 20, 9, 30, tzinfo=UTC),
    ]


def test_a_changed_time_during_a_pause_is_the_rest_that_is_served(small: Small) -> None:
    """SEQ-126: paused at once after the mail of Mon 10:00."""
    enrollment = begin(small)
    small.sql(
        "UPDATE enrollments SET state = 'paused', pause_kind = 'manual', paused_at = %(at)s, remainder = '1 day', due_at = NULL",
        {"at": MONDAY},
    )
    change(small, enrollment, B, delay=3 * DAY)
    assert (small.state(ANN)["state"], small.state(ANN)["remainder"]) == ("paused", 3 * DAY)


def test_a_step_left_out_is_passed_at_its_time_and_told(small: Small) -> None:
    """SEQ-58, SEQ-175: the others keep their times."""
    enrollment = begin(small)
    change(small, enrollment, B, skipped=True)
    assert planned(small)["b"].why == ("Left out by hand; the next step follows from here.",)
    small.run_until(MONDAY + 5 * DAY)
    assert bodies(small) == ["First", "Third"]
    assert small.sent_to(ANN)[1].accepted_at == MONDAY + 4 * DAY
    assert len(small.sql("SELECT 1 FROM events WHERE workspace_id = %(ws)s AND kind = 'step_skipped'")) == 1


def test_leaving_out_can_be_taken_back(small: Small) -> None:
    enrollment = begin(small)
    change(small, enrollment, B, skipped=True)
    change(small, enrollment, B, skipped=False)
    small.run_until(MONDAY + 3 * DAY)
    assert bodies(small) == ["First", "Second"]


def test_a_left_out_task_is_not_created(small: Small) -> None:
    flow = sequence(email("a", "First", subject="Hi"), task("call"), email("c", "Third", after=DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    change(small, int(small.state(ANN)["id"]), StepKey("call"), skipped=True)
    small.run_until(MONDAY + 4 * DAY)
    assert (bodies(small), small.sql("SELECT 1 FROM tasks WHERE workspace_id = %(ws)s")) == (["First", "Third"], [])


def test_send_now_drops_the_delay_and_keeps_to_the_hours(small: Small) -> None:
    enrollment = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        send_now(tx, enrollment)
    small.run_until(MONDAY + 2 * HOUR)
    assert bodies(small) == ["First", "Second"]
    small.clock.at = datetime(2027, 1, 11, 18, 0, tzinfo=UTC)  # Mon 19:00 in Berlin
    with small.db.tx(small.workspace_id) as tx:
        assert send_now(tx, enrollment).enrollment.due_at == datetime(2027, 1, 12, 8, 0, tzinfo=UTC)


def test_going_forward_passes_over_what_lies_between(small: Small) -> None:
    """SEQ-58: its own delay counts from the last mail that went (S7)."""
    enrollment = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        assert move_to_step(tx, enrollment, C)[1] == ()
    small.run_until(MONDAY + 5 * DAY)
    assert bodies(small) == ["First", "Third"]
    assert small.sent_to(ANN)[1].accepted_at == MONDAY + 2 * DAY


def test_going_back_warns_of_what_repeats_and_then_repeats_it(small: Small) -> None:
    enrollment = begin(small)
    small.run_until(MONDAY + 2 * DAY + HOUR)
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict, match="get again: b"):
        move_to_step(tx, enrollment, B)
    with small.db.tx(small.workspace_id) as tx:
        assert move_to_step(tx, enrollment, B, repeat=True)[1] == ("b",)
    small.run_until(MONDAY + 9 * DAY)
    assert bodies(small) == ["First", "Second", "Second", "Third"]
    rows = small.sql("SELECT step_key, generation FROM accepted WHERE workspace_id = %(ws)s ORDER BY accepted_at")
    assert [(row["step_key"], row["generation"]) for row in rows] == [("a", 0), ("b", 0), ("b", 1), ("c", 0)]


def test_what_is_being_sent_can_no_longer_be_changed(small: Small) -> None:
    """SEQ-58."""
    enrollment = begin(small)
    small.clock.at = MONDAY + 2 * DAY
    [sending] = claim_and_prepare(small.db, small.workspace_id, lanes=5)
    acts = (
        lambda tx: edit_step(tx, enrollment, B, Change(body="Too late")),
        lambda tx: send_now(tx, enrollment),
        lambda tx: move_to_step(tx, enrollment, C),
    )
    for act in acts:
        with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict, match=BEING_SENT):
            act(tx)
    small.engine.settle(small.workspace_id, [small.engine.deliver(sending)])
    assert bodies(small) == ["First", "Second"]
    with pytest.raises(Conflict, match="has run"):
        change(small, enrollment, B, body="Too late")
    with pytest.raises(Invalid, match="no step"):
        change(small, enrollment, StepKey("x"), body="Nobody")


def test_placeholders_are_filled_in_by_who_enrolls(small: Small) -> None:
    """SEQ-21: without, enrolling is refused."""
    flow = small.add_sequence(sequence(email("a", "Because of {{ placeholder.reason }}", subject="Hi")))
    ann = small.add_contact(ANN)
    with pytest.raises(Refused) as refused:
        small.enroll(flow, [ann])
    assert (refused.value.code, refused.value.message) == (
        "UNFILLED_PLACEHOLDER",
        'The email "a" lacks a value for placeholder.reason.',
    )
    small.enroll(flow, [ann], fill={"reason": "your talk"})
    small.run_until(MONDAY + HOUR)
    assert bodies(small) == ["Because of your talk"]


def test_delays_can_be_given_for_those_who_are_enrolled(small: Small) -> None:
    """sequences.md 4.2."""
    begin(small, edits={B: StepEdit(delay=3 * DAY)})
    assert small.state(ANN)["due_at"] == MONDAY + 3 * DAY


def test_a_follow_up_that_lost_a_value_waits_says_so_once_and_goes_on_by_itself(small: Small) -> None:
    """SEQ-20."""
    flow = sequence(email("a", "First", subject="Hi"), email("b", "Dear {{ contact.first_name }}", after=DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    small.sql("UPDATE contacts SET first_name = '' WHERE workspace_id = %(ws)s")
    small.run_until(MONDAY + DAY + 4 * HOUR)
    assert small.state(ANN)["waiting_for"] == "FIELD"
    told = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'value_missing'")
    assert [row["data"]["names"] for row in told] == ["contact.first_name"]
    small.sql("UPDATE contacts SET first_name = 'Anna' WHERE workspace_id = %(ws)s")
    small.run_until(MONDAY + DAY + 6 * HOUR)
    assert bodies(small) == ["First", "Dear Anna"]


def test_a_placeholder_filled_in_later_wakes_what_waits_for_it(small: Small) -> None:
    flow = sequence(email("a", "First", subject="Hi"), email("b", "On {{ placeholder.topic }}", after=DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)], fill={"topic": "x"})
    small.sql("UPDATE enrollments SET placeholders = '{}' WHERE workspace_id = %(ws)s")
    small.run_until(MONDAY + DAY + HOUR)
    enrollment = int(small.state(ANN)["id"])
    assert small.state(ANN)["waiting_for"] == "FIELD"
    with small.db.tx(small.workspace_id) as tx:
        fill_placeholders(tx, enrollment, {"topic": "boats"})
    small.engine.run_due(small.workspace_id)
    assert bodies(small) == ["First", "On boats"]


def test_a_placeholder_filled_in_during_a_pause_makes_nothing_due(small: Small) -> None:
    """The defect: a paused row with a due time stood at the head of its mailbox's queue and held up everything behind it."""
    flow = sequence(email("a", "First", subject="Hi"), email("b", "On {{ placeholder.topic }}", after=DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)], fill={"topic": "x"})
    small.sql("UPDATE enrollments SET placeholders = '{}' WHERE workspace_id = %(ws)s")
    small.run_until(MONDAY + DAY + HOUR)
    enrollment = int(small.state(ANN)["id"])
    with small.db.tx(small.workspace_id) as tx:
        pause_enrollments(tx, [enrollment])
        fill_placeholders(tx, enrollment, {"topic": "boats"})
    assert (small.state(ANN)["state"], small.state(ANN)["due_at"]) == ("paused", None)
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [enrollment])
    small.run_until(MONDAY + DAY + 2 * HOUR)
    assert bodies(small) == ["First", "On boats"]
