"""Workers without damage, for tests that aim theirs: forked from one parent, ended by SIGTERM.

    python -m kills.stable FIELD

`start N` on its input forks workers, it prints their process ids; `stop` ends them, it prints [exit code, seconds] of each.
"""

import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kills.field import Field
from kills.office import HERE
from kills.worker_process import fork_worker


class Stable:
    """The workers, seen from the test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.pids: list[int] = []

    def start(self, number: int) -> list[int]:
        self.pids = self._ask(f"start {number}")
        return self.pids

    def stop(self) -> list[tuple[int, float]]:
        """SIGTERM all and wait; return exit code and seconds of each."""
        self.pids = []
        return [(code, seconds) for code, seconds in self._ask("stop")]

    def _ask(self, what: str) -> Any:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def stable_workers(folder: Path, field: Field, number: int) -> Iterator[Stable]:
    """Run workers; those that are still there at the end are stopped."""
    field.write(folder / "field.json")
    command = [sys.executable, "-m", "kills.stable", str(folder / "field.json")]
    process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    workers = Stable(process)
    try:
        workers.start(number)
        yield workers
    finally:
        for pid in workers.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        process.communicate("stop\n")


def main(field_path: str) -> None:
    """Obey until the input closes."""
    field = Field.read(Path(field_path))
    gc.collect()
    gc.freeze()
    pids: list[int] = []
    for line in sys.stdin:
        if line.startswith("start"):
            pids = [fork_worker(field) for _ in range(int(line.split()[1]))]
            print(json.dumps(pids), flush=True)
        else:
            print(json.dumps(end(pids)), flush=True)
            pids = []


def end(pids: list[int]) -> list[tuple[int, float]]:
    began = time.monotonic()
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    return [(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), round(time.monotonic() - began, 3)) for pid in pids]


if __name__ == "__main__":
    main(*sys.argv[1:])
