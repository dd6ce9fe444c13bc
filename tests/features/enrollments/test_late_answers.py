"""A reply that names an id nobody has told us yet is not lost (MAIL-13, S13, L5)."""

from datetime import timedelta

from make import MONDAY, REP, answer, email, make_small, sequence
from segue.providers.mail.fake_world import Call, Fault, FaultKind

DAY = timedelta(days=1)


def test_an_answer_from_elsewhere_that_came_before_the_providers_id_was_known_still_stops_the_sequence(db_urls):
    small = make_small(db_urls.app_url)
    small.world.mailbox(REP).rewrites_ids = True
    small.world.script(Call.FILE_SENT_COPY, REP, Fault(FaultKind.CUT))
    small.world.script(Call.SENT_FOLDER, REP, *[Fault(FaultKind.DROP)] * 2)  # else it would tell at once
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    assert small.engine.run_due(small.workspace_id) == 1
    copy = small.world.mailbox(REP).folders["Sent"].messages[-1].raw
    small.world.deliver(REP, answer(copy, sender="assistant@elsewhere.test"))
    small.engine.read(small.workspace_id, small.mailbox_id)
    assert small.state("ann@prospect.test")["state"] == "active"  # nobody knows yet whose answer this is
    small.run_until(MONDAY + 4 * DAY)
    after = small.state("ann@prospect.test")
    assert (after["state"], after["reason"]) == ("unenrolled", "REPLIED")
    assert len(small.sent_to("ann@prospect.test")) == 1
    small.close()
