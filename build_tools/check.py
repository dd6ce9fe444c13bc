"""The steps of ./check: every one is run, also after a failure, and one table at the end says how each went."""

import os
import re
import sys
import time
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import NamedTuple

from mail_servers import install_mail_servers

BIN = ".venv/bin/"
PYTEST = [BIN + "pytest"]
NOTHING_COLLECTED = 5
Step = tuple[str, list[str]]

LINT: list[Step] = [
    ("format", [BIN + "ruff", "format", "--check"]),
    ("lint", [BIN + "ruff", "check"]),
    ("types", [BIN + "mypy"]),
    ("imports", [BIN + "lint-imports"]),
]
QUICK: list[Step] = [
    *LINT,
    ("tests", [*PYTEST, "-n", "2", "-m", "not kills and not servers and not soak and not whole", "tests/domain", "tests/architecture"]),
]
FULL: list[Step] = [
    *LINT,
    # The worlds come last and are long: a process that is through takes some of the other's.
    ("tests", [*PYTEST, "-n", "2", "--dist", "worksteal", "-m", "not kills and not servers and not soak"]),
    ("kills", [*PYTEST, "-m", "kills and not servers and not soak", "--timeout=900"]),
    # A file of end-to-end tests lives through its story once: it must not be spread over processes.
    ("mail servers", [*PYTEST, "-n", "2", "--dist", "loadfile", "-m", "servers and not soak", "--timeout=600"]),
]
SOAK: list[Step] = [("soak", [*PYTEST, "-m", "soak", "--timeout=0", "-s"])]
SETS: dict[str, list[Step]] = {"": FULL, "quick": QUICK, "soak": SOAK}

OUTCOME = re.compile(r"(\d+) (passed|failed|error)")


class Row(NamedTuple):
    """How one step went; `tests` counts its tests by outcome."""

    step: str
    seconds: float
    outcome: str
    bad: bool
    tests: dict[str, int]


def main(arguments: list[str]) -> int:
    """Return 0 when every step held."""
    steps = SETS.get(" ".join(arguments))
    if steps is None:
        print("usage: ./check [quick | soak]", file=sys.stderr)
        return 2
    rows = [carry_out(name, command) for name, command in steps]
    print("\n" + "-" * 56)
    for row in rows:
        print(f"{row.step:<14}{row.seconds:7.1f} s   {row.outcome}")
    bad = sum(row.bad for row in rows)
    print("-" * 56)
    print(f"check: {bad} of {len(rows)} steps failed" if bad else f"check: all {len(rows)} steps hold")
    passed, failed, errors = (sum(row.tests.get(outcome, 0) for row in rows) for outcome in ("passed", "failed", "error"))
    print(f"{passed} passed, {failed + errors} failed", flush=True)  # build machines read this line
    return 1 if bad else 0


def carry_out(name: str, command: list[str]) -> Row:
    """Run one step with its output in view."""
    print(f"\n=== {name}: {' '.join(command)}", flush=True)
    began = time.monotonic()
    obstacle = install_mail_servers() if name == "mail servers" else ""
    if obstacle:
        print(f"real mail servers: not run, because {obstacle}", flush=True)
        return Row(name, time.monotonic() - began, f"not run: {obstacle}", bad=False, tests={})
    code, last_words = show(command)
    seconds, is_pytest = time.monotonic() - began, "pytest" in command[0]
    tests = {outcome: int(number) for number, outcome in OUTCOME.findall(last_words)} if is_pytest else {}
    if is_pytest and code == NOTHING_COLLECTED:
        return Row(name, seconds, "no such tests", bad=name == "tests", tests={})
    return Row(name, seconds, "ok" if code == 0 else f"FAILED (exit {code})", bad=code != 0, tests=tests)


def show(command: list[str]) -> tuple[int, str]:
    """Run a command and pass its output on as it comes. Return its exit code and its last line."""
    seen = b""
    with Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT) as process:
        assert process.stdout is not None
        while piece := os.read(process.stdout.fileno(), 1 << 16):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            seen = (seen + piece)[-4000:]
    return process.returncode, seen.decode(errors="replace").strip().rpartition("\n")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
