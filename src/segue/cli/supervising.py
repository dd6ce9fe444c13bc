"""Child processes that belong together: started, started again when they die, and ended together (L9)."""

import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from segue.ports import Clock

LOOK_EVERY_S = 0.2
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 30.0
"""Before a child that dies at once is started again: doubled each time, so that nothing spins."""
STEADY_S = 60.0
"""After so long a child counts as healthy, and its next death as a first one."""
DRAIN_S = 30.0
"""What a child has to finish what is under way (L9); then it is killed, which the promises stand."""


@dataclass(slots=True)
class Child:
    """One process. `command` are the words behind `segue`; `wanted` says whether it can do anything yet."""

    name: str
    command: Sequence[str]
    wanted: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    wait: float = field(default=0.0)
    not_before: float = 0.0


class Supervisor:
    """Keeps children running until `stop` is called."""

    def __init__(self, children: Sequence[Child], clock: Clock, say: Callable[[str], object]) -> None:
        self.children = children
        self.clock = clock
        self.say = say
        self.stopping = False

    def stop(self, *_: object) -> None:
        """End everything; may be called from a signal handler."""
        self.stopping = True

    def run(self) -> None:
        """Start the children, watch them, and at the end let each finish what is under way."""
        before = {number: signal.signal(number, self.stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self.stopping:
                for child in self.children:
                    self._tend(child)
                self.clock.sleep(LOOK_EVERY_S)
        finally:
            self._drain()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _tend(self, child: Child) -> None:
        now = self.clock.monotonic()
        if child.process is not None and child.process.poll() is not None:
            child.wait = FIRST_WAIT_S if now - child.began >= STEADY_S else min(LONGEST_WAIT_S, max(FIRST_WAIT_S, 2 * child.wait))
            child.not_before = now + child.wait
            self.say(f"{child.name} ended with {child.process.returncode}; it is started again in {child.wait:g} s.")
            child.process = None
        if child.process is None and now >= child.not_before and child.wanted():
            # A session of its own: Ctrl-C at the terminal reaches this process alone, which then ends them in order.
            command = [sys.executable, "-m", "segue.cli", *child.command]
            child.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own program
            child.began = self.clock.monotonic()

    def _drain(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        ends = self.clock.monotonic() + DRAIN_S
        while any(process.poll() is None for process in running) and self.clock.monotonic() < ends:
            self.clock.sleep(LOOK_EVERY_S)
        for process in running:
            if process.poll() is None:
                process.kill()
            process.wait()
