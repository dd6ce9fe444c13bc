"""Notices of failure, by class and age (SEQ-165…167, MAIL-71)."""

from collections.abc import Iterator

import pytest

from features.mail.arriving import ANN, DAY, FLOW, HOUR, OFF, ON, arrives, barred, begin, bounced, outcome
from make import MONDAY, Small, email, make_small, sequence
from segue.features.contacts.edit import set_contact


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


CLASSES = {
    "SEQ-165 unknown user": ("5.1.1", "550 5.1.1 user unknown", ("unenrolled", "BOUNCED"), [ANN]),
    "SEQ-166 mailbox full": ("5.2.2", "552 5.2.2 mailbox full", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 restricted": ("5.7.133", "550 5.7.133 sender not authenticated for group", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 too large": ("5.3.4", "552 5.3.4 message too large", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 gave up": ("4.4.1", "connection timed out", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 blocked": ("5.7.1", "554 5.7.1 blocked using zen.spamhaus.org", OFF, []),
    "SEQ-166 not understood": ("5.0.0", "554 transaction failed", ("unenrolled", "BOUNCED"), []),
}


@pytest.mark.parametrize("case", CLASSES)
def test_a_notice_does_what_its_class_says_and_only_a_dead_address_is_barred(small: Small, case: str) -> None:
    status, words, ends, suppressed = CLASSES[case]
    arrives(small, bounced(begin(small), status, words))
    assert (outcome(small), barred(small)) == (ends, suppressed)


def test_the_death_of_an_old_address_leaves_the_contacts_new_one_alone(small: Small) -> None:
    """SEQ-165, SEQ-55. The defect: the new address was refused at enrolling as one that had bounced."""
    mail = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        set_contact(tx, ANN, {"email": "ann@new.test"})
    arrives(small, bounced(mail, "5.1.1", "550 5.1.1 user unknown"))
    assert barred(small) == [ANN]
    [row] = small.sql("SELECT id, address_dead_at FROM contacts WHERE workspace_id = %(ws)s AND email = 'ann@new.test'")
    assert row["address_dead_at"] is None
    assert small.enroll(small.add_sequence(sequence(*FLOW, name="Second")), [row["id"]]).enrolled == 1


def test_a_refusal_for_policy_marks_the_contact_for_thirty_days(small: Small) -> None:
    """SEQ-166: OTHER_SEND_REJECTED, and then no more."""
    arrives(small, bounced(begin(small), "5.7.1", "554 5.7.1 blocked using zen.spamhaus.org"))
    contact = small.state(ANN)["contact_id"]
    small.sql("UPDATE enrollments SET state = 'unenrolled', reason = 'MANUAL', due_at = NULL, ended_at = now() WHERE workspace_id = %(ws)s")
    second = small.add_sequence(sequence(*FLOW, name="Second"))
    assert [each.code for each in small.enroll(second, [contact]).refused] == ["OTHER_SEND_REJECTED"]
    small.clock.advance(31 * DAY)
    assert small.enroll(second, [contact]).enrolled == 1


def test_a_notice_about_an_earlier_mail_still_counts_after_the_next_has_gone(small: Small) -> None:
    """MAIL-71."""
    first = begin(small)
    small.run_until(MONDAY + 3 * DAY)
    assert len(small.sent_to(ANN)) == 2
    arrives(small, bounced(first, "5.1.1", "550 5.1.1 user unknown"))
    assert (outcome(small), barred(small)) == (("unenrolled", "BOUNCED"), [ANN])


def test_a_notice_about_a_mail_of_more_than_thirty_days_ago_changes_nothing(small: Small) -> None:
    """SEQ-167, S16."""
    flow = (email("a", subject="Hi"), email("b", "Again", after=60 * DAY))
    small.enroll(small.add_sequence(sequence(*flow)), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    [first] = small.sent_to(ANN)
    small.clock.advance(31 * DAY)
    arrives(small, bounced(bytes(first.wire), "5.1.1", "550 5.1.1 user unknown"))
    assert (outcome(small), barred(small)) == (ON, [])
