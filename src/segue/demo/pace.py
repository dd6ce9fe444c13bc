"""How fast the demo's days go by: real seconds for simulated time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from segue.ports import Clock

DAY = timedelta(days=1)
QUIET = timedelta(hours=5)
"""A gap longer than this is passed four times as fast."""
FRAME_S = 0.07


class Pace:
    """Spends real time for simulated time. What the engine itself took is not waited for again."""

    def __init__(self, clock: Clock, seconds_per_day: float) -> None:
        self._clock = clock
        self._seconds_per_day = seconds_per_day
        self._next = clock.monotonic()

    def pass_time(self, begin: datetime, end: datetime, frame: Callable[[datetime], None]) -> None:
        """Let time pass from `begin` to `end`, calling `frame` with each instant to be shown."""
        if self._seconds_per_day <= 0:
            return
        gap = max(timedelta(0), end - begin)
        slow, fast = min(gap, QUIET), max(timedelta(0), gap - QUIET)
        real = (slow / DAY + fast / DAY / 4) * self._seconds_per_day
        started = max(self._next, self._clock.monotonic() - 0.2)
        self._next = started + real
        while (left := self._next - self._clock.monotonic()) > FRAME_S / 4:
            frame(end - gap * min(1.0, left / real) if real else end)
            self._clock.sleep(min(FRAME_S, left))

    def dwell(self, real_seconds: float, frame: Callable[[], None]) -> None:
        """Stand still for a moment, shortened with the days."""
        if self._seconds_per_day <= 0:
            return
        ends = self._clock.monotonic() + real_seconds * min(1.0, self._seconds_per_day / 3)
        while self._clock.monotonic() < ends:
            frame()
            self._clock.sleep(FRAME_S)
        self._next = self._clock.monotonic()
