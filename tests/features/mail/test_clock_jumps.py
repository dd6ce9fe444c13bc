"""S29: jumps of the clock, and clocks that are wrong, make no mail early, none twice and no burst."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from make import MONDAY, Small, email, make_small, sequence
from segue.features.mail.clock_watch import SETTLE_S, ClockWatch
from segue.ports import StoppedClock

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
FLOW = sequence(email("a", subject="Hi"), email("b", after=2 * DAY))


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    made.engine.clock_watch = ClockWatch(made.clock)
    yield made
    made.close()


def live(small: Small, span: timedelta, *, step: timedelta = 5 * MINUTE) -> None:
    """Let real time pass: the clock and the seconds that no setting moves go together."""
    passed = timedelta(0)
    while passed < span:
        small.clock.advance(step)
        passed += step
        if not small.engine.why_clock_doubted():
            small.engine.tend(small.workspace_id)
        while small.engine.run_due(small.workspace_id):
            if small.engine.why_clock_doubted():
                break  # a worker waits here


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY])
@pytest.mark.parametrize("away", [2 * MINUTE, 9 * MINUTE])
def test_a_jump_that_is_set_right_again_changes_no_mail(small: Small, jump: timedelta, away: timedelta) -> None:
    contacts = [small.add_contact(f"p{i}@prospect{i}.test") for i in range(5)]
    small.enroll(small.add_sequence(FLOW), contacts)
    live(small, 2 * DAY - HOUR, step=10 * MINUTE)
    assert len(small.world.acceptances()) == 5
    small.clock.at += jump
    live(small, away, step=MINUTE)
    assert len(small.world.acceptances()) == 5, "nothing while the clock is not believed"
    small.clock.at -= jump
    live(small, 5 * HOUR)
    second = sorted(a.accepted_at for a in small.world.acceptances())[5:]
    assert len(second) == 5
    assert min(second) >= MONDAY + 2 * DAY
    assert all(b - a >= 20 * SECOND for a, b in pairwise(second))


@pytest.mark.parametrize("jump", [HOUR, -HOUR, DAY, -DAY])
def test_a_jump_that_stays_is_believed_after_ten_minutes(jump: timedelta) -> None:
    """Nobody else can say which time is right; the old one may have been wrong."""
    clock = StoppedClock(MONDAY)
    watch = ClockWatch(clock)
    assert watch.why_doubted() == ""
    clock.at += jump
    assert "the clock was moved by" in watch.why_doubted()
    clock.advance(timedelta(seconds=SETTLE_S - 1))
    assert watch.why_doubted() != ""
    clock.advance(2 * SECOND)
    assert watch.why_doubted() == ""


def test_a_jump_back_within_the_ten_minutes_ends_the_doubt_at_once() -> None:
    clock = StoppedClock(MONDAY)
    watch = ClockWatch(clock)
    clock.at += DAY
    assert watch.why_doubted() != ""
    clock.advance(MINUTE)
    clock.at -= DAY
    assert watch.why_doubted() == ""


def test_a_time_service_that_corrects_by_seconds_disturbs_nothing() -> None:
    clock = StoppedClock(MONDAY)
    watch = ClockWatch(clock)
    for _ in range(100):
        clock.advance(MINUTE)
        clock.at += 2 * SECOND
        assert watch.why_doubted() == ""


@pytest.mark.parametrize(("off", "doubted"), [(30 * SECOND, False), (-30 * SECOND, False), (2 * MINUTE, True), (-DAY, True)])
def test_a_clock_that_differs_from_the_database_s_is_not_believed(off: timedelta, doubted: bool) -> None:
    """Also one that runs fast or slow, or was wrong from the beginning."""
    clock = StoppedClock(MONDAY)
    assert bool(ClockWatch(clock).why_doubted(MONDAY - off)) is doubted


def test_suspended_machines_wake_up_without_doubt() -> None:
    """The seconds that are compared count suspend (H6)."""
    clock = StoppedClock(MONDAY)
    watch = ClockWatch(clock)
    clock.advance(3 * DAY)
    assert watch.why_doubted() == ""
