"""Results that come twice, late or out of order move an enrollment once (S1, S2, H1)."""

from dataclasses import replace
from datetime import timedelta

from make import email, make_small, sequence
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.mail.hand_off import Held, Result

DAY = timedelta(days=1)


def test_a_stale_result_settled_beside_the_acceptance_does_not_undo_it(db_urls):
    small = make_small(db_urls.app_url)
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    [sending] = claim_and_prepare(small.db, small.workspace_id, lanes=5)
    accepted = small.engine.deliver(sending)
    stale = Result(sending, Held("another worker has this message", small.clock.now()), small.clock.now())
    late = replace(stale, outcome=Held("inbox not fresh", small.clock.now()))
    small.engine.settle(small.workspace_id, [stale, accepted, late])
    after = small.state("ann@prospect.test")
    assert (after["position"], after["waiting_for"]) == (1, "DELAY")
    assert len(small.sent_to("ann@prospect.test")) == 1
    small.close()
