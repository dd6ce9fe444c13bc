"""The walk of architecture.md §4, whole: enroll, send, thread, answer, stop."""

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes

import pytest

from make import MONDAY, Small, answer, email, make_small, sequence, task

DAY = timedelta(days=1)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def test_a_sequence_runs_to_its_end_in_one_thread(small: Small) -> None:
    flow = sequence(email("a", subject="Hello {{ contact.first_name }}"), email("b", "Again", after=2 * DAY))
    report = small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    assert report.enrolled == 1
    small.run_until(MONDAY + 5 * DAY)
    first, second = small.sent_to("ann@prospect.test")
    assert first.accepted_at == MONDAY
    assert second.accepted_at == MONDAY + 2 * DAY
    one, two = message_from_bytes(first.wire), message_from_bytes(second.wire)
    assert two["In-Reply-To"] == one["Message-ID"]
    assert two["References"] == one["Message-ID"]
    assert two["Subject"] == "Re: Hello Ann"
    assert small.state("ann@prospect.test")["state"] == "finished"


def test_a_reply_ends_the_enrollment(small: Small) -> None:
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    small.run_until(MONDAY + DAY)
    [first] = small.sent_to("ann@prospect.test")
    small.world.deliver("rep@acme.test", answer(first.wire, sender="ann@prospect.test"))
    small.run_until(MONDAY + 5 * DAY)
    assert len(small.sent_to("ann@prospect.test")) == 1
    after = small.state("ann@prospect.test")
    assert (after["state"], after["reason"]) == ("unenrolled", "REPLIED")


def test_a_task_holds_the_next_step_until_it_is_completed(small: Small) -> None:
    flow = sequence(email("a", subject="Hi"), task("call"), email("b", "After the call", after=2 * DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact("ann@prospect.test")])
    small.run_until(MONDAY + 8 * DAY)
    assert len(small.sent_to("ann@prospect.test")) == 1
    assert small.state("ann@prospect.test")["waiting_for"] == "TASK"
