"""sequences.md §10, enrolling again: an end is final, and everything stays on the contact."""

from datetime import timedelta

import pytest

from make import MONDAY, email, sequence
from segue.domain.stop_rules import Stop
from segue.features.enrollments.queries import list_enrollments_of, list_timeline
from segue.features.enrollments.react import resume_enrollments, stop_enrollments

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"
FLOW = sequence(email("a", subject="Hi"), email("b", "Again", after=DAY), email("c", "Last", after=DAY))


def begin(small, flow, contact, **more):
    small.enroll(flow, [contact], **more)
    small.run_until(small.clock.now() + HOUR)
    return small.state(ANN)["id"]


def end(small, enrollment):
    with small.db.tx(small.workspace_id) as tx:
        stop_enrollments(tx, [enrollment], Stop("MANUAL", "not now"))


@pytest.mark.parametrize("start", [0, 1, 2])
def test_seq_137_an_end_is_final_and_a_new_enrollment_begins_at_any_step(small, start):
    flow, ann = small.add_sequence(FLOW), small.add_contact(ANN)
    first = begin(small, flow, ann)
    end(small, first)
    with small.db.tx(small.workspace_id) as tx:
        assert resume_enrollments(tx, [first]) == 0
    small.run_until(MONDAY + 3 * DAY, step=HOUR)
    assert len(small.sent_to(ANN)) == 1
    second = begin(small, flow, ann, start_position=start)
    assert second != first
    steps = small.sql("SELECT step_key FROM messages WHERE workspace_id = %(ws)s AND enrollment_id = %(id)s", {"id": second})
    assert [row["step_key"] for row in steps] == ["abc"[start]]


def test_seq_142_every_enrollment_stays_on_the_contact_for_good(small):
    flow, ann = small.add_sequence(FLOW), small.add_contact(ANN)
    for start in (0, 1):
        end(small, begin(small, flow, ann, start_position=start))
        small.run_until(small.clock.now() + DAY, step=HOUR)
    other = small.add_contact("ben@prospect.test")
    with small.db.tx(small.workspace_id) as tx:
        assert [row["reason"] for row in list_enrollments_of(tx, ANN)] == ["MANUAL", "MANUAL"]
        told = [row["kind"] for row in list_timeline(tx, ANN)]
        assert list_enrollments_of(tx, "ben@prospect.test") == []
    assert (told.count("contact_enrolled"), told.count("enrollment_ended"), told.count("email_sent")) == (2, 2, 2)
    assert other
