"""Deadlines that are enforced from outside the socket call (H6, MAIL-23).

A socket's time-out counts per read, so a server that drips one byte at a time would hold us for ever. One thread per process keeps all
deadlines and calls `shutdown` on a *duplicate* of the descriptor: the original may be closed, and its number reused, at any moment.
"""

import contextlib
import math
import os
import socket
import threading

from segue.ports import Clock, SystemClock


class Watchdog:
    """Cuts connections when their time is over. Arming costs a dictionary entry, not a thread: it happens twice for every mail."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._begin_anew()
        # A forked child must not cut its parent's connections, and has no thread: it begins with nothing.
        os.register_at_fork(after_in_child=self._begin_anew)

    def _begin_anew(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._armed: dict[int, tuple[float, socket.socket]] = {}
        self._wake_at = math.inf
        self._last_ticket = 0
        self._thread: threading.Thread | None = None

    def arm(self, twin: socket.socket, at: float) -> int:
        """Cut `twin` at the monotonic second `at` unless disarmed before; return a ticket."""
        with self._changed:
            self._last_ticket += 1
            self._armed[self._last_ticket] = (at, twin)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            if at < self._wake_at:
                self._wake_at = at
                self._changed.notify()
            return self._last_ticket

    def disarm(self, ticket: int) -> bool:
        """Forget a deadline; return False when it had passed already."""
        with self._changed:
            return self._armed.pop(ticket, None) is not None

    def _run(self) -> None:
        while True:
            with self._changed:
                now = self._clock.monotonic()
                for ticket in [t for t, (at, _) in self._armed.items() if at <= now]:
                    _, twin = self._armed.pop(ticket)
                    with contextlib.suppress(OSError):
                        twin.shutdown(socket.SHUT_RDWR)
                self._wake_at = min((at for at, _ in self._armed.values()), default=math.inf)
                self._changed.wait(None if self._wake_at == math.inf else max(self._wake_at - self._clock.monotonic(), 0.001))


WATCHDOG = Watchdog()
"""The process's own."""
