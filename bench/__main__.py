"""All figures in one run and one table, what has a goal first (engine.md §7).

Run: python -m bench [--quick] [--write FILE]
"""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from bench import claiming, drain, enrolling, limits, serving
from bench.figures import Figure, table
from bench.ground import serve


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much of everything. `full` takes about ten minutes, `quick` about one."""

    emails: int
    mailboxes: int
    enroll: int
    claims: tuple[int, ...]
    overdue: int
    seconds: float
    serving: float
    """Hundredths of the full size of the workspace that is asked, each kind of request for a fifth as many seconds."""


FULL = Sizes(10_000, 200, 1_000_000, (10_000, 100_000, 1_000_000, 10_000_000), 200_000, 2.0, 100.0)
QUICK = Sizes(2_000, 100, 50_000, (10_000, 100_000, 1_000_000), 50_000, 1.0, 5.0)


def measure(sizes: Sizes) -> list[Figure]:
    """Measure everything, each on a fresh database: what one leaves behind must not be vacuumed while the next is timed."""
    with serve() as server:
        figures = limits.measure(server, sizes.seconds, sizes.emails)
        _tell("sending")
        figures = drain.measure(server, sizes.emails, sizes.mailboxes) + figures
    with serve() as server:
        _tell("enrolling")
        figures += enrolling.measure(server, sizes.enroll)
    with serve() as server:
        _tell("claiming")
        figures += claiming.measure(server, sizes.claims, sizes.overdue)
    with serve() as server:
        _tell("serving")
        figures += serving.measure(server, sizes.serving / 5, sizes.serving / 100)
    return figures


def _tell(what: str) -> None:
    print(f"measuring {what} …", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes: about a minute instead of ten")
    parser.add_argument("--write", type=Path, help="also write the table to this file")
    given = parser.parse_args()
    figures = measure(QUICK if given.quick else FULL)
    load = f"{os.cpu_count()} cores, load average at the end {os.getloadavg()[0]:.1f}"
    print(f"\n{table(figures)}\n\n{load}")
    if given.write:
        given.write.write_text(f"{table(figures)}\n\n{load}\n")


if __name__ == "__main__":
    main()
