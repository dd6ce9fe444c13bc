"""A mail whose sender stands still before the dot may go at any later instant: nothing counts from before that (H8, S1, S6, S7)."""

from datetime import timedelta

from make import MONDAY, email, make_small, sequence
from segue.db.locks import LockKind
from segue.features.enrollments.execute import claim_and_prepare

DAY = timedelta(days=1)
FROZEN = timedelta(minutes=18)


def test_a_mail_whose_sender_was_seen_frozen_is_dated_after_it_thawed(db_urls):
    small = make_small(db_urls.app_url)
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    [sending] = claim_and_prepare(small.db, small.workspace_id, lanes=5)
    small.engine.deliver(sending)  # the process dies before it settles
    small.sql("UPDATE messages SET lease_until = now()")
    with small.db.tx(small.workspace_id) as frozen:
        assert frozen.try_lock(LockKind.FENCE, sending.id)
        small.clock.advance(FROZEN)
        small.engine.tend(small.workspace_id)
        [doubted] = small.sql("SELECT state, handed_at FROM messages")
        assert (doubted["state"], doubted["handed_at"]) == ("in_doubt", MONDAY + FROZEN)
    small.clock.advance(timedelta(minutes=1))
    small.engine.tend(small.workspace_id)
    [after] = small.sql("SELECT state, accepted_at FROM messages")
    assert after["state"] == "sent"
    assert after["accepted_at"] >= MONDAY + FROZEN
    assert small.state("ann@prospect.test")["due_at"] >= MONDAY + FROZEN + DAY
    small.close()


def test_another_worker_that_looks_for_evidence_is_no_frozen_sender(db_urls):
    small = make_small(db_urls.app_url)
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    [sending] = claim_and_prepare(small.db, small.workspace_id, lanes=5)
    small.engine.deliver(sending)
    small.sql("UPDATE messages SET lease_until = now()")
    with small.db.tx(small.workspace_id) as looking:
        assert looking.try_lock(LockKind.RECOVERY, sending.id)
        assert looking.try_lock(LockKind.FENCE, sending.id)
        small.clock.advance(FROZEN)
        small.engine.tend(small.workspace_id)
    [after] = small.sql("SELECT state, handed_at FROM messages")
    assert (after["state"], after["handed_at"]) == ("in_doubt", MONDAY)
    small.close()
