"""The ports to time, chance and threads: the only place of the code that reads a clock or rolls dice.

Everything else receives `Clock` and `Random` as parameters, so that months run in seconds (D12) and a simulation is replayed by its seed.
"""

import os
import platform
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the engine may know of time."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...

    def wall(self) -> datetime:
        """Return the instant that servers outside would tell; differs from `now` only where the clock runs fast."""
        ...

    def monotonic(self) -> float:
        """Return seconds of real time that also count suspend (H6); never runs fast."""
        ...

    def sleep(self, real_seconds: float) -> None:
        """Wait in real seconds."""
        ...

    def stretch(self, real_seconds: float) -> timedelta:
        """Return how far this clock moves in so many real seconds: what a fast clock passes while a server answers."""
        ...


class SystemClock:
    """The wall clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))

    def sleep(self, real_seconds: float) -> None:
        time.sleep(real_seconds)

    def stretch(self, real_seconds: float) -> timedelta:
        return timedelta(seconds=real_seconds)


@dataclass(frozen=True, slots=True)
class FastClock:
    """A clock that begins at `start` and runs `speed` times as fast as the machine's (demo, trials).

    `origin` is the monotonic second at which it stood at `start`, so that several processes can share one fast clock.
    """

    start: datetime
    speed: float
    origin: float

    @classmethod
    def starting(cls, start: datetime, speed: float) -> "FastClock":
        """Return a clock that stands at `start` now."""
        return cls(start, speed, SystemClock().monotonic())

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(self.monotonic() - self.origin) * self.speed)

    def wall(self) -> datetime:
        return SystemClock().now()

    def monotonic(self) -> float:
        return SystemClock().monotonic()

    def sleep(self, real_seconds: float) -> None:
        time.sleep(real_seconds)

    def stretch(self, real_seconds: float) -> timedelta:
        return timedelta(seconds=real_seconds * self.speed)


class StoppedClock:
    """A clock that moves only when told to (tests, previews)."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._monotonic = 0.0

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, real_seconds: float) -> None:
        self.advance(timedelta(seconds=real_seconds))

    def stretch(self, real_seconds: float) -> timedelta:
        return timedelta(seconds=real_seconds)

    def advance(self, by: timedelta) -> None:
        self.at += by
        self._monotonic += by.total_seconds()


RandomBytes = Callable[[int], bytes]
"""A source of unguessable bytes; tests pass a seeded one."""

system_random: RandomBytes = secrets.token_bytes


def process_name() -> str:
    """Return which process of which machine this is, for the audit log."""
    return f"{platform.node()}:{os.getpid()}"
