"""Waiting for what must become true."""

from collections.abc import Callable

from segue.ports import SystemClock

CLOCK = SystemClock()


def wait_until(what: Callable[[], bool], within_s: float = 20.0) -> float:
    """Wait for something to become true; return how long it took."""
    began = CLOCK.monotonic()
    while not what():
        assert CLOCK.monotonic() - began < within_s, "it did not happen"
        CLOCK.sleep(0.01)
    return CLOCK.monotonic() - began
