"""sequences.md §6, sending: what the tests of limits and outcomes do not hold against its rule."""

from datetime import timedelta

import pytest

from make import MONDAY, REP, answer, email, sequence
from segue.features.mail.connect import NewMailbox, connect_mailbox

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ANN = "ann@prospect.test"
FLOW = sequence(email("a", subject="Hi"), email("b", "Again", after=DAY), email("c", "Last", after=DAY))


def limit(small, address, per_day):
    with small.db.tx(small.workspace_id) as tx:
        connect_mailbox(
            tx, small.user_id, NewMailbox(address=address, provider="fake", secret="pw", per_day=per_day, warm_up=False), small.vault
        )


def test_seq_85_a_mailbox_has_one_limit_whoever_uses_it(small):
    """Two users and two sequences share the four fifths of five that a sequence may use; another mailbox has room of its own."""
    limit(small, REP, 5)
    bob, box = small.add_rep("bob@acme.test")
    flows = [small.add_sequence(sequence(email("a", subject="Hi"), name=name)) for name in ("One", "Two")]
    for n in range(6):
        small.enroll(flows[n % 2], [small.add_contact(f"p{n}@prospect.test")], by=(small.user_id, bob)[n % 2])
    small.enroll(flows[0], [small.add_contact("other@prospect.test")], sender=box)
    small.run_until(MONDAY + 2 * HOUR)
    senders = [each.sender for each in small.world.acceptances()]
    assert (senders.count(REP), senders.count("bob@acme.test")) == (4, 1)


@pytest.mark.parametrize(("read_before", "read_again"), [(MINUTE, False), (2 * MINUTE, False), (3 * MINUTE, True)])
def test_seq_101_the_inbox_is_read_before_a_follow_up_unless_it_was_just_now(small, read_before, read_again):
    """An answer that came meanwhile stops the follow-up at the gate; within two minutes of a reading nobody looks again."""
    small.enroll(small.add_sequence(FLOW), [small.add_contact(ANN)])
    run_due(small)
    [first] = small.sent_to(ANN)
    small.clock.at = MONDAY + DAY - read_before
    small.engine.read(small.workspace_id, small.mailbox_id)
    small.world.deliver(REP, answer(first.wire, sender=ANN))
    small.clock.at = MONDAY + DAY
    run_due(small)
    assert (len(small.sent_to(ANN)), small.state(ANN)["reason"]) == ((1, "REPLIED") if read_again else (2, ""))


def run_due(small):
    while small.engine.run_due(small.workspace_id):
        pass


def test_seq_103_after_an_outage_nobody_gets_two_steps_in_a_burst(small):
    """Three days without a worker: the overdue step goes at once, the next keeps its whole delay after it."""
    small.enroll(small.add_sequence(FLOW), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    small.clock.at = MONDAY + 3 * DAY
    small.run_until(MONDAY + 7 * DAY)
    at = [each.accepted_at for each in small.sent_to(ANN)]
    assert at == [MONDAY, MONDAY + 3 * DAY, MONDAY + 4 * DAY]
