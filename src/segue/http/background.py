"""Work that a request starts and does not wait for: one thread that carries it out, woken by each new piece."""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger("segue.http")

LOOK_EVERY_S = 30.0
"""What another process left behind is found at the latest then."""


class Background:
    """Calls `work` when it is woken, and now and then unasked."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        self.work = work
        self._wake = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    def close(self) -> None:
        """End after the piece under way."""
        self._over.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            self._wake.clear()
            try:
                self.work()
            except Exception as error:  # the edge of a thread: it is tried again
                log.warning("work in the background broke off", exc_info=error)
            self._wake.wait(LOOK_EVERY_S)
