"""sequences.md §15: time rules, limits and stops apply on every way of a branch as everywhere else."""

from datetime import timedelta

import pytest

from domain.sequences import branch
from make import MONDAY, answer, email, sequence
from segue.domain.send_window import DayMode, SendWindow

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"


@pytest.mark.parametrize("way", ["yes", "no"])
@pytest.mark.parametrize("answered", [True, False])
def test_seq_193_windows_and_stops_hold_on_every_way(small, way, answered):
    """The way's first email would be due on Saturday: it goes on Monday in the window, or never if Ann has answered."""
    asked = branch("ask", when=({"property": "company", "known": way == "yes"},), yes="left", no="right")
    flow = sequence(
        email("a", subject="Hi"),
        asked,
        email("left", "Left", after=5 * DAY, subject="Left"),
        email("right", "Right", after=5 * DAY, subject="Right"),
        window=SendWindow(mode=DayMode.WEEKDAYS_ONLY),
    )
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    [first] = small.sent_to(ANN)
    if answered:
        small.world.deliver("rep@acme.test", answer(first.wire, sender=ANN))
        small.engine.read(small.workspace_id, small.mailbox_id)
    small.run_until(MONDAY + 8 * DAY, step=HOUR)
    at = [each.accepted_at for each in small.sent_to(ANN)[1:2]]
    assert at == ([] if answered else [MONDAY + 7 * DAY])
