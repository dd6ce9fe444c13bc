"""When room is short, follow-ups go before first emails (SEQ-97), also those that are only planned: a first email may go at night."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import MONDAY, Small, email, make_small, sequence
from segue.domain.send_window import DayMode, SendWindow
from segue.features.enrollments.survey import plan

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
EVENING = MONDAY + 13 * HOUR
"""22:00 in Berlin: outside every window, when only first emails go."""


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, per_day=10, jitter=timedelta(0), warm_up=False)  # nine for sequences (SEQ-89)
    yield made
    made.close()


def enroll_many(small: Small, name: str, count: int, *steps, mode: DayMode = DayMode.BUSINESS_DAYS) -> list[str]:
    addresses = [f"{name}{i}@prospect{i}.test" for i in range(count)]
    flow = small.add_sequence(sequence(*steps, name=name, window=SendWindow(540, 1020, mode)))
    small.enroll(flow, [small.add_contact(each) for each in addresses])
    return addresses


def sent_before(small: Small, addresses: list[str], end) -> int:
    return sum(bool([a for a in small.sent_to(each) if a.accepted_at < end]) for each in addresses)


def test_first_emails_at_night_leave_the_room_of_tomorrows_follow_ups(small: Small) -> None:
    """The defect: nine first emails in the evening, and six follow-ups of the next morning had no room within their hours."""
    old = enroll_many(small, "old", 6, email("a", subject="Hi", after=DAY))
    small.run_until(EVENING, step=HOUR)
    new = enroll_many(small, "new", 20, email("a", subject="Hi"))
    small.run_until(MONDAY + 23 * HOUR, step=10 * MINUTE)
    assert (sent_before(small, old, small.clock.at), sent_before(small, new, small.clock.at)) == (0, 3)
    small.run_until(MONDAY + DAY + 8 * HOUR, step=MINUTE)
    assert sent_before(small, old, small.clock.at) == 6, "within their hours"


def test_first_emails_wait_for_no_follow_up_that_leaves_them_room(small: Small) -> None:
    """Three follow-ups of tomorrow and six first emails are nine: nothing waits."""
    enroll_many(small, "old", 3, email("a", subject="Hi", after=DAY))
    small.run_until(EVENING, step=HOUR)
    new = enroll_many(small, "new", 6, email("a", subject="Hi"))
    small.run_until(EVENING + 10 * MINUTE, step=MINUTE)
    assert sent_before(small, new, small.clock.at) == 6


def test_first_emails_that_wait_go_once_the_follow_ups_are_stopped(small: Small) -> None:
    """Looked at again every hour: what was planned may have ended meanwhile."""
    enroll_many(small, "old", 9, email("a", subject="Hi", after=DAY))
    small.run_until(EVENING, step=HOUR)
    new = enroll_many(small, "new", 2, email("a", subject="Hi"))
    small.run_until(EVENING + 30 * MINUTE, step=10 * MINUTE)
    assert sent_before(small, new, small.clock.at) == 0
    assert small.state(new[0])["waiting_for"] == "LIMIT"
    with small.db.tx(small.workspace_id) as tx:
        tx.run("UPDATE enrollments SET state = 'unenrolled', due_at = NULL WHERE workspace_id = %(ws)s AND address LIKE 'old%%'", {})
    small.run_until(EVENING + 2 * HOUR, step=10 * MINUTE)
    assert sent_before(small, new, small.clock.at) == 2


def test_the_plan_keeps_the_same_room_as_the_engine(small: Small) -> None:
    """SEQ-49, SEQ-95: the planner's rules are the engine's."""
    enroll_many(small, "old", 6, email("a", subject="Hi", after=DAY))
    small.run_until(EVENING, step=HOUR)
    new = enroll_many(small, "new", 20, email("a", subject="Hi"))
    with small.db.tx(small.workspace_id) as tx:
        steps = plan(tx, until=tx.now + 5 * DAY).steps
    tonight = [s for s in steps if s.loaded.address in new and s.step.key == "a" and s.at and s.at < EVENING + 10 * HOUR]
    held = [s for s in steps if s.loaded.address in new and any("kept for follow-ups" in each for each in s.why)]
    assert len(tonight) == 3
    assert held
