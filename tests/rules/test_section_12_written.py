"""sequences.md §12, what is written: the contact's properties change with the enrollment, and the timeline tells it."""

from datetime import timedelta

import pytest

from make import MONDAY, answer, email, sequence, task
from segue.domain.errors import Invalid
from segue.domain.stop_rules import Stop
from segue.features.contacts.edit import set_contact
from segue.features.contacts.export import read_engine_written
from segue.features.enrollments.queries import list_timeline
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"
FLOW = sequence(email("a", subject="Hi"), task("call", after=HOUR, wait=False), email("b", "Again", after=DAY))
EMPTY = {"hs_sequences_is_enrolled": "false", "hs_sequences_actively_enrolled_count": "0", "hs_sequences_enrolled_count": "0"}


def written(small, contact):
    with small.db.tx(small.workspace_id) as tx:
        return read_engine_written(tx, contact)


def test_seq_173_the_properties_on_the_contact(small):
    flow, ann, ben = small.add_sequence(FLOW), small.add_contact(ANN), small.add_contact("ben@prospect.test")
    before = written(small, ann)
    assert {name: before[name] for name in EMPTY} == EMPTY
    small.enroll(flow, [ann])
    small.run_until(MONDAY + HOUR)
    during, row = written(small, ann), small.state(ANN)
    assert (during["hs_sequences_is_enrolled"], during["hs_sequences_actively_enrolled_count"]) == ("true", "1")
    assert (during["hs_latest_sequence_enrolled"], during["hs_latest_sequence_enrolled_date"]) == (
        str(flow),
        row["enrolled_at"].isoformat(),
    )
    assert (during["hs_latest_sequence_ended_date"], during["segue_last_unenroll_reason"]) == ("", "")
    [first] = small.sent_to(ANN)
    small.world.deliver("rep@acme.test", answer(first.wire, sender=ANN))
    small.engine.read(small.workspace_id, small.mailbox_id)
    after, ended = written(small, ann), small.state(ANN)["ended_at"].isoformat()
    assert (after["hs_sequences_is_enrolled"], after["hs_sequences_enrolled_count"]) == ("false", "1")
    assert (after["segue_last_unenroll_reason"], after["hs_latest_sequence_unenrolled_date"]) == ("REPLIED", ended)
    assert (after["hs_latest_sequence_ended_date"], after["hs_latest_sequence_finished_date"]) == (ended, "")
    assert after["hs_sales_email_last_replied"] != ""
    untouched = written(small, ben)
    assert {name: untouched[name] for name in EMPTY} == EMPTY
    with small.db.tx(small.workspace_id) as tx, pytest.raises(Invalid):
        set_contact(tx, ANN, {"hs_sequences_is_enrolled": "true"})


def test_seq_175_what_happens_stands_on_the_timeline(small):
    """In order, with who did it; and nothing of it on another's."""
    small.add_contact("ben@prospect.test")
    small.enroll(small.add_sequence(FLOW), [small.add_contact(ANN)])
    small.run_until(MONDAY + 2 * HOUR)
    for act in (pause_enrollments, resume_enrollments, lambda tx, ids: stop_enrollments(tx, ids, Stop("MANUAL", "they rang"))):
        small.clock.at += HOUR
        with small.db.tx(small.workspace_id, actor="rita") as tx:
            act(tx, [small.state(ANN)["id"]])
    with small.db.tx(small.workspace_id) as tx:
        told, of_ben = list_timeline(tx, ANN), list_timeline(tx, "ben@prospect.test")
    assert [row["kind"] for row in told] == [
        "contact_enrolled",
        "email_sent",
        "task_created",
        "enrollment_paused",
        "enrollment_resumed",
        "enrollment_ended",
    ]
    assert {row["actor"] for row in told[3:]} == {"rita"}
    assert (told[-1]["data"]["reason"], told[-1]["data"]["detail"]) == ("MANUAL", "they rang")
    assert of_ben == []
