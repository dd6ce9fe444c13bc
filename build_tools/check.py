"""The steps of ./check: every one is run, also after a failure, and one table at the end says how each went."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from subprocess import DEVNULL, run

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
    ("tests", [*PYTEST, "-n", "2", "-m", "not kills and not servers and not soak", "tests/domain", "tests/architecture"]),
]
FULL: list[Step] = [
    *LINT,
    ("tests", [*PYTEST, "-n", "2", "-m", "not kills and not servers and not soak"]),
    ("kills", [*PYTEST, "-m", "kills and not servers and not soak", "--timeout=900"]),
    ("mail servers", [*PYTEST, "-m", "servers and not soak", "--timeout=600"]),
]
SOAK: list[Step] = [("soak", [*PYTEST, "-m", "soak", "--timeout=0", "-s"])]
SETS: dict[str, list[Step]] = {"": FULL, "quick": QUICK, "soak": SOAK}

Row = tuple[str, float, str, bool]
"""Step, seconds, what became of it, whether it fails the check."""


def main(arguments: list[str]) -> int:
    """Return 0 when every step held."""
    steps = SETS.get(" ".join(arguments))
    if steps is None:
        print("usage: ./check [quick | soak]", file=sys.stderr)
        return 2
    rows = list(carry_out(steps, install_mail_servers))
    print("\n" + "-" * 56)
    for name, seconds, outcome, _ in rows:
        print(f"{name:<14}{seconds:7.1f} s   {outcome}")
    failed = sum(bad for *_, bad in rows)
    print("-" * 56)
    print(f"check: {failed} of {len(rows)} steps failed" if failed else f"check: all {len(rows)} steps hold", flush=True)
    return 1 if failed else 0


def carry_out(steps: list[Step], prepare_servers: Callable[[], str]) -> Iterator[Row]:
    """Run the steps in order, each with its output in view."""
    for name, command in steps:
        print(f"\n=== {name}: {' '.join(command)}", flush=True)
        began = time.monotonic()
        obstacle = prepare_servers() if name == "mail servers" else ""
        if obstacle:
            print(f"real mail servers: not run, because {obstacle}", flush=True)
            yield name, time.monotonic() - began, f"not run: {obstacle}", False
            continue
        code = run(command, check=False, stdin=DEVNULL, env=os.environ | {"PYTHONUNBUFFERED": "1"}).returncode
        seconds = time.monotonic() - began
        if code == NOTHING_COLLECTED and "pytest" in command[0]:
            yield name, seconds, "no such tests", name == "tests"
        else:
            yield name, seconds, "ok" if code == 0 else f"FAILED (exit {code})", code != 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
