"""Once more: corrections (SEQ-138), re-enrolling (SEQ-137, SEQ-139), another sender or address (SEQ-12, SEQ-130), undo (SEQ-59)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import MONDAY, REP, Small, email, make_small, sequence, task
from segue.domain.errors import Conflict, Invalid
from segue.domain.stop_rules import Stop
from segue.features.contacts.suppression import mark_address_dead, suppress
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.again import offer_again
from segue.features.enrollments.correct import correct_verdict, undo_start
from segue.features.enrollments.edit import send_now
from segue.features.enrollments.enroll import enroll_replacing
from segue.features.enrollments.queries import list_reviews
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.enrollments.transfer import change_address, change_sender
from world import letters

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def flow(name: str = "Welcome"):
    return sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY), email("c", "Last", after=2 * DAY), name=name)


def begin(small: Small) -> int:
    small.enroll(small.add_sequence(flow()), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    return int(small.state(ANN)["id"])


def end(small: Small, enrollment: int, reason: str) -> None:
    with small.db.tx(small.workspace_id) as tx:
        stop_enrollments(tx, [enrollment], Stop(reason))


def correct(small: Small, enrollment: int) -> None:
    with small.db.tx(small.workspace_id, actor="rita") as tx:
        correct_verdict(tx, enrollment)


def kinds(small: Small) -> list[str]:
    return [row["kind"] for row in small.sql("SELECT kind FROM events WHERE workspace_id = %(ws)s ORDER BY id")]


def test_a_corrected_end_is_a_pause_that_began_at_the_end(small: Small) -> None:
    """SEQ-138: sent Mon 10:00, due Wed 10:00, ended Tue 10:00 with a day left, corrected Fri 10:00: due Mon 10:00."""
    enrollment = begin(small)
    small.clock.at = MONDAY + DAY
    end(small, enrollment, "REPLIED")
    small.clock.at = MONDAY + 4 * DAY
    correct(small, enrollment)
    after = small.state(ANN)
    assert (after["state"], after["reason"], after["due_at"]) == ("active", "", MONDAY + 7 * DAY)
    assert [kind for kind in kinds(small) if kind in ("enrollment_ended", "verdict_corrected")] == ["enrollment_ended", "verdict_corrected"]
    small.run_until(MONDAY + 10 * DAY)
    assert len(small.sent_to(ANN)) == 3


@pytest.mark.parametrize("reason", ["MANUAL", "UNSUBSCRIBED", "SENDER_LOST", "SPAM_COMPLAINT"])
def test_what_no_mail_ended_cannot_be_corrected(small: Small, reason: str) -> None:
    enrollment = begin(small)
    end(small, enrollment, reason)
    with pytest.raises(Conflict, match="not by a mail"):
        correct(small, enrollment)


def test_a_correction_has_thirty_days_and_needs_the_place_free(small: Small) -> None:
    enrollment = begin(small)
    end(small, enrollment, "REPLIED")
    other = small.add_sequence(flow("Other"))
    small.enroll(other, [small.state(ANN)["contact_id"]])
    with pytest.raises(Conflict, match="Another enrollment"):
        correct(small, enrollment)
    end(small, int(small.state(ANN)["id"]), "MANUAL")
    small.clock.at = MONDAY + 32 * DAY
    with pytest.raises(Conflict, match="30 days"):
        correct(small, enrollment)


def test_a_wrong_bounce_is_taken_off_the_list_and_an_opt_out_stays(small: Small) -> None:
    enrollment = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        stop_enrollments(tx, [enrollment], Stop("BOUNCED"))
        mark_address_dead(tx, small.state(ANN)["contact_id"], ANN)
        suppress(tx, "address", ANN, "bounced")
    correct(small, enrollment)
    assert small.sql("SELECT 1 FROM suppressions WHERE workspace_id = %(ws)s") == []
    assert small.sql("SELECT address_dead_at FROM contacts WHERE workspace_id = %(ws)s")[0]["address_dead_at"] is None
    end(small, enrollment, "REPLIED")
    small.sql(
        "INSERT INTO suppressions (workspace_id, kind, value, reason, created_at) VALUES (%(ws)s, 'address', %(a)s, 'complaint', %(at)s)",
        {"a": ANN, "at": MONDAY},
    )
    with pytest.raises(Conflict, match="complaint"):
        correct(small, enrollment)


def test_a_corrected_enrollment_still_waits_for_its_task(small: Small) -> None:
    """S9."""
    small.enroll(
        small.add_sequence(sequence(task("call", after=timedelta(0)), email("b", "B", subject="Hi", after=DAY))), [small.add_contact(ANN)]
    )
    small.run_until(MONDAY + HOUR)
    enrollment = int(small.state(ANN)["id"])
    end(small, enrollment, "CONTACT_EMAILED")
    correct(small, enrollment)
    assert (small.state(ANN)["waiting_for"], small.state(ANN)["due_at"]) == ("TASK", None)
    assert small.sql("SELECT enrollment_active FROM tasks WHERE workspace_id = %(ws)s") == [{"enrollment_active": True}]


def test_enrolling_again_is_offered_behind_the_last_step_and_warns_of_repeats(small: Small) -> None:
    """SEQ-139."""
    enrollment = begin(small)
    end(small, enrollment, "MANUAL")
    row = small.state(ANN)
    with small.db.tx(small.workspace_id) as tx:
        offer = offer_again(tx, row["contact_id"], row["sequence_id"])
        never = offer_again(tx, small.add_contact("new@prospect.test"), row["sequence_id"])
    assert (offer.start_step, [each.step_key for each in offer.received]) == ("b", ["a"])
    assert (offer.repeats(offer.start_position), offer.repeats(0)) == ((), ("a",))
    assert (never.start_position, never.received) == (0, ())


def test_replacing_ends_the_old_one_only_where_the_new_one_begins(small: Small) -> None:
    """REPLACED, in one transaction."""
    old = begin(small)
    other = small.add_sequence(flow("Other"))
    contact = small.state(ANN)["contact_id"]
    request = EnrollRequest(other, small.mailbox_id, small.user_id)
    small.sql("UPDATE contacts SET address_dead_at = %(at)s WHERE workspace_id = %(ws)s", {"at": MONDAY})
    report = enroll_replacing(small.db, small.workspace_id, request, [contact])
    assert (report.enrolled, report.refused[0].code) == (0, "RECIPIENT_PREVIOUSLY_BOUNCED_ON_PORTAL")
    assert (small.state(ANN)["id"], small.state(ANN)["state"]) == (old, "active")
    assert kinds(small).count("enrollment_refused") == 1
    small.sql("UPDATE contacts SET address_dead_at = NULL WHERE workspace_id = %(ws)s")
    assert enroll_replacing(small.db, small.workspace_id, request, [contact]).enrolled == 1
    rows = small.sql("SELECT state, reason FROM enrollments WHERE workspace_id = %(ws)s ORDER BY id")
    assert [(row["state"], row["reason"]) for row in rows] == [("unenrolled", "REPLACED"), ("active", "")]


def test_a_refusal_stands_on_the_timeline_and_a_trial_leaves_none(small: Small) -> None:
    """SEQ-63."""
    begin(small)
    contact, other = small.state(ANN)["contact_id"], small.add_sequence(flow("Other"))
    small.enroll(other, [contact], dry_run=True)
    assert "enrollment_refused" not in kinds(small)
    small.enroll(other, [contact])
    [row] = small.sql("SELECT contact_id, data FROM events WHERE workspace_id = %(ws)s AND kind = 'enrollment_refused'")
    assert (row["contact_id"], row["data"]) == (contact, {"code": "ALREADY_ENROLLED", "sequence": "Other"})


def test_another_sender_goes_on_at_the_next_step_with_the_rest_of_the_delay(small: Small) -> None:
    """SEQ-12."""
    old = begin(small)
    bob, box = small.add_rep("bob@acme.test")
    with small.db.tx(small.workspace_id) as tx:
        assert change_sender(tx, [old], box).moved == 1
    after = small.state(ANN)
    assert (after["sender_user_id"], after["due_at"], after["position"]) == (bob, MONDAY + 2 * DAY, 1)
    assert small.sql("SELECT reason FROM enrollments WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": old}) == [{"reason": "REPLACED"}]
    small.run_until(MONDAY + 5 * DAY)
    assert [each.sender for each in small.sent_to(ANN)] == [REP, "bob@acme.test", "bob@acme.test"]


def test_a_follow_up_handed_over_in_a_pause_stays_one_where_starts_are_limited(small: Small) -> None:
    """S5, S7, SEQ-98. The defect: resumed, it began anew as a first email, without delay and outside its hours."""
    limited = sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY), max_starts_per_day=5)
    small.enroll(small.add_sequence(limited), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    _, box = small.add_rep("bob@acme.test")
    with small.db.tx(small.workspace_id) as tx:
        pause_enrollments(tx, [small.state(ANN)["id"]])
        change_sender(tx, [small.state(ANN)["id"]], box)
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [small.state(ANN)["id"]])
    after = small.state(ANN)
    assert (after["first_email"], after["position"], after["due_at"] >= MONDAY + 2 * DAY) == (False, 1, True)


def test_a_mailbox_whose_user_has_no_seat_takes_nothing_over(small: Small) -> None:
    old = begin(small)
    _, box = small.add_rep("bob@acme.test", seat=False)
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict):
        change_sender(tx, [old], box)
    assert small.state(ANN)["id"] == old


def test_a_doubt_is_listed_and_can_go_on_with_another_address(small: Small) -> None:
    """SEQ-130: a bounce matched by address alone."""
    old = begin(small)
    small.world.deliver(REP, letters.delivery_notice(7, MONDAY, REP, ANN, action="failed"))
    small.engine.read(small.workspace_id, small.mailbox_id)
    with small.db.tx(small.workspace_id) as tx:
        [row] = list_reviews(tx)
        assert (row["id"], row["contact"]) == (old, ANN)
        with pytest.raises(Invalid):
            change_address(tx, old, REP)
        change_address(tx, old, "ann.lee@prospect.test")
    after = small.state(ANN)
    assert (after["address"], after["state"], after["pause_kind"]) == ("ann.lee@prospect.test", "paused", "review")
    assert "ann.lee@prospect.test" in small.sql("SELECT other_addresses FROM contacts WHERE workspace_id = %(ws)s")[0]["other_addresses"]


def test_a_start_can_be_undone_within_its_time_and_leaves_no_trace_but_on_the_timeline(small: Small) -> None:
    """SEQ-59."""
    welcome, ann = small.add_sequence(flow()), small.add_contact(ANN)
    small.enroll(welcome, [ann], undo=timedelta(seconds=30))
    small.engine.run_due(small.workspace_id)
    assert small.sent_to(ANN) == []
    with small.db.tx(small.workspace_id) as tx:
        assert undo_start(tx, small.state(ANN)["id"]) is True
    assert small.sql("SELECT 1 FROM enrollments WHERE workspace_id = %(ws)s") == []
    assert kinds(small)[-2:] == ["contact_enrolled", "start_undone"]
    small.enroll(welcome, [ann], undo=timedelta(seconds=30))
    small.run_until(MONDAY + HOUR)
    assert len(small.sent_to(ANN)) == 1
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict, match="too late"):
        undo_start(tx, small.state(ANN)["id"])


def test_what_was_sent_meanwhile_can_no_longer_be_undone(small: Small) -> None:
    """SEQ-59, S1. The defect: `send now` within the undo time let the mail go, and undoing then removed it from the books."""
    small.enroll(small.add_sequence(flow()), [small.add_contact(ANN)], undo=timedelta(seconds=30))
    enrollment = small.state(ANN)["id"]
    with small.db.tx(small.workspace_id) as tx:
        send_now(tx, enrollment)
    small.engine.run_due(small.workspace_id)
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict, match="too late"):
        undo_start(tx, enrollment)
    assert len(small.sql("SELECT 1 FROM accepted WHERE workspace_id = %(ws)s")) == len(small.sent_to(ANN)) == 1


def test_a_second_order_to_send_now_ends_the_undo_time_of_the_first(small: Small) -> None:
    """S7. The defect: undoing then gave the step after it the old time of the one that was sent."""
    enrollment = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        send_now(tx, enrollment, undo=timedelta(seconds=30))
        send_now(tx, enrollment)
    small.engine.run_due(small.workspace_id)
    assert len(small.sent_to(ANN)) == 2
    due = small.state(ANN)["due_at"]
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Conflict, match="too late"):
        undo_start(tx, enrollment)
    assert small.state(ANN)["due_at"] == due


def test_sending_now_can_be_undone_too(small: Small) -> None:
    enrollment = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        send_now(tx, enrollment, undo=timedelta(seconds=30))
    small.engine.run_due(small.workspace_id)
    with small.db.tx(small.workspace_id) as tx:
        assert undo_start(tx, enrollment) is False
    assert (len(small.sent_to(ANN)), small.state(ANN)["due_at"]) == (1, MONDAY + 2 * DAY)


def test_a_wait_of_more_than_a_day_is_told_once(small: Small) -> None:
    """SEQ-175: for a task from Monday 10:00; a delay is told of never."""
    small.enroll(small.add_sequence(sequence(task("call", after=timedelta(0)), email("b", "B", subject="Hi"))), [small.add_contact(ANN)])
    small.enroll(small.add_sequence(flow("Other")), [small.add_contact("bob@other.test")])
    small.run_until(MONDAY + 23 * HOUR, step=HOUR)
    assert "waits_long" not in kinds(small)
    small.run_until(MONDAY + 2 * DAY - HOUR, step=HOUR)
    rows = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'waits_long'")
    assert [row["data"]["waiting_for"] for row in rows] == ["TASK"]
