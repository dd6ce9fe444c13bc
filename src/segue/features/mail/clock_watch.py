"""Whether the clock may be believed (S29): no mail goes early because somebody, or a broken time service, set it.

Two witnesses: the seconds this process has really run, which no setting moves, and the database's clock. The first shows a jump, also where
the database stands on the same machine; the second a clock that has been wrong since before, or runs fast or slow.
"""

import threading
from datetime import datetime, timedelta

from segue.ports import Clock

MOST_OFF = timedelta(seconds=60)
SETTLE_S = 600.0
"""After a jump nothing is sent for so long: a clock that was set wrongly is mostly set right within it."""


class ClockWatch:
    """Watches one clock. Safe for threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = (clock.now(), clock.monotonic())
        self._jumped_at: float | None = None
        self._jump = timedelta(0)

    def why_doubted(self, database_now: datetime | None = None) -> str:
        """Return why the clock is not to be believed at this moment; empty when it is."""
        now, seconds = self._clock.now(), self._clock.monotonic()
        with self._lock:
            off = now - self._seen[0] - self._clock.stretch(seconds - self._seen[1])
            self._seen = (now, seconds)
            if abs(off) > MOST_OFF:
                self._jump, self._jumped_at = self._jump + off if self._is_settling(seconds) else off, seconds
                if abs(self._jump) <= MOST_OFF:  # set back to where it was
                    self._jumped_at = None
            if self._is_settling(seconds):
                return f"the clock was moved by {_words(self._jump)}; nothing is sent for ten minutes"
        if database_now is not None and abs(now - database_now) > MOST_OFF:
            return f"the clock differs from the database's by {_words(now - database_now)}"
        return ""

    def _is_settling(self, seconds: float) -> bool:
        return self._jumped_at is not None and seconds - self._jumped_at < SETTLE_S


def _words(span: timedelta) -> str:
    seconds = int(abs(span).total_seconds())
    return f"{'-' if span < timedelta(0) else '+'}{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02} h"
