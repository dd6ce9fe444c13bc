"""An enrollment that goes on from another mailbox is the same conversation: what answers its earlier mails stops it (SEQ-12, SEQ-148, S3)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import MONDAY, REP, Small, answer, email, make_small, sequence
from segue.features.enrollments.transfer import change_sender
from world import letters

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ANN, BOB, EVE = "ann@prospect.test", "bob@acme.test", "eve@acme.test"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small: Small) -> bytes:
    """Rita's first mail to Ann, as Ann has it."""
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY), email("c", "Last", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    return bytes(small.sent_to(ANN)[0].wire)


def go_on(small: Small, address: str, **user) -> None:
    """Let Ann's enrollment go on from another user's mailbox."""
    _, box = small.add_rep(address, **user)
    with small.db.tx(small.workspace_id) as tx:
        assert change_sender(tx, [small.state(ANN)["id"]], box).moved == 1


def read(small: Small) -> None:
    small.engine.read(small.workspace_id, small.mailbox_id)


@pytest.mark.parametrize("sender", [ANN, "assistant@prospect.test"])
@pytest.mark.parametrize("times", [1, 2])
def test_an_answer_to_a_mail_from_before_ends_what_goes_on(small: Small, sender: str, times: int) -> None:
    """The defect: it ended nothing, for the enrollment whose mail it names had ended when the sender changed."""
    first = begin(small)
    for address in (BOB, EVE)[:times]:
        small.clock.at += MINUTE
        go_on(small, address)
    small.clock.at += MINUTE
    small.world.deliver(REP, answer(first, sender=sender))
    read(small)
    assert (small.state(ANN)["state"], small.state(ANN)["reason"]) == ("unenrolled", "REPLIED")
    small.run_until(MONDAY + 6 * DAY, step=HOUR)
    assert len(small.sent_to(ANN)) == 1
    told = small.sql("SELECT count(*) AS n FROM events WHERE workspace_id = %(ws)s AND kind IN ('reply_received', 'contact_wrote')")
    assert told == [{"n": 1}]


def test_a_mail_that_came_before_the_change_and_is_read_after_it_counts(small: Small) -> None:
    """The defect: it counted as older than the enrollment (SEQ-145)."""
    begin(small)
    small.world.deliver(REP, letters.person_mail(3, small.clock.now(), ANN, REP, "By the way, what does it cost?"))
    small.clock.at += MINUTE
    go_on(small, BOB)
    read(small)
    assert (small.state(ANN)["state"], small.state(ANN)["reason"]) == ("unenrolled", "CONTACT_EMAILED")


def test_a_mail_from_before_the_first_enrolling_still_ends_nothing(small: Small) -> None:
    """SEQ-145."""
    small.world.deliver(REP, letters.person_mail(3, MONDAY - HOUR, ANN, REP, "Hello"))
    small.clock.at = MONDAY + HOUR
    flow = small.add_sequence(sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY)))
    small.enroll(flow, [small.add_contact(ANN)])
    go_on(small, BOB)
    read(small)
    assert small.state(ANN)["state"] == "active"


def test_who_writes_to_the_sender_before_is_heard(small: Small) -> None:
    """Ann knows Rita's address and no other; Bob has enrolled her and Eve goes on (SEQ-150)."""
    bob, _ = small.add_rep(BOB)
    flow = small.add_sequence(sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY)))
    small.enroll(flow, [small.add_contact(ANN)], by=bob)
    small.run_until(MONDAY + HOUR)
    go_on(small, EVE)
    small.world.deliver(REP, letters.person_mail(3, small.clock.now(), ANN, REP, "By the way, what does it cost?"))
    read(small)
    assert small.state(ANN)["reason"] == "CONTACT_EMAILED"


def test_a_note_of_absence_about_a_mail_from_before_holds_what_goes_on(small: Small) -> None:
    """SEQ-129."""
    first = begin(small)
    go_on(small, BOB)
    note = letters.away_mail(1, small.clock.now(), ANN, REP, "I am out of the office. I will be back on 25 January 2027.", answers=first)
    small.world.deliver(REP, note)
    read(small)
    assert (small.state(ANN)["state"], small.state(ANN)["pause_kind"]) == ("paused", "away")


def test_a_reply_to_an_enrollment_that_simply_ended_is_no_reply_to_another(small: Small) -> None:
    """SEQ-148 names the mails of this enrollment: an assistant's answer to an earlier sequence stops nothing."""
    first = begin(small)
    small.sql(
        "UPDATE enrollments SET state = 'unenrolled', reason = 'MANUAL', ended_at = %(now)s, due_at = NULL", {"now": small.clock.now()}
    )
    small.enroll(small.add_sequence(sequence(email("x", subject="New"), name="Other")), [small.state(ANN)["contact_id"]])
    small.world.deliver(REP, answer(first, sender="assistant@prospect.test"))
    read(small)
    assert small.state(ANN)["state"] == "active"


def test_the_clock_is_the_new_senders(small: Small) -> None:
    """SEQ-70: in SENDER mode the zone is the sender's. Due Wed 10:00 in Berlin, at night in New York: it goes at 09:00 there."""
    begin(small)
    go_on(small, BOB, timezone="America/New_York")
    small.run_until(MONDAY + 3 * DAY, step=10 * MINUTE)
    at = [each.accepted_at for each in small.sent_to(ANN)]
    assert at == [MONDAY, MONDAY + 2 * DAY + 5 * HOUR]
    assert small.state(ANN)["timezone"] == "America/New_York"
