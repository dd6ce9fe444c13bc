"""Entry of `segue demo`: a database of its own that is thrown away, the story, the summary."""

import json as json_module
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from types import FrameType

from rich.console import Console

from segue.db.embedded import start, temporary_data_dir
from segue.db.migrate import upgrade
from segue.demo.cast import REPS, Dice, Nature
from segue.demo.ledger import Figures, Invariants, count_figures, count_invariants
from segue.demo.pace import Pace
from segue.demo.screen import Screen
from segue.demo.story import BEGIN, Story, View
from segue.demo.summary import print_summary
from segue.demo.telling import SHOWN_ZONE, Cell, Line
from segue.ports import SystemClock

INTERRUPTED = 130
"""Exit code of a program ended by Ctrl-C (128 + SIGINT)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run came to."""

    seed: int
    days: int
    natures: dict[str, int]
    worker_kills: int
    recovered_by_evidence: int
    figures: Figures
    invariants: Invariants

    def as_json(self) -> dict[str, object]:
        """Return it as one JSON object."""
        return {"ok": self.invariants.hold, **asdict(self)}

    def in_words(self) -> str:
        """Return one sentence about the run."""
        proof = "by evidence, not sent twice" if self.recovered_by_evidence == self.worker_kills else "NOT"
        return f"{self.days} days. One worker killed: recovered {proof}."


class PlainView:
    """One line for each event, no control codes: for pipes, logs and NO_COLOR."""

    def __init__(self, console: Console, pace: Pace) -> None:
        self._console = console
        self._pace = pace

    def say(self, line: Line) -> None:
        local = line.at.astimezone(SHOWN_ZONE)
        self._console.print(f"{local:%a %Y-%m-%d %H:%M}  {line.text}", markup=False, highlight=False, soft_wrap=True)

    def board(self, cells: Sequence[Cell]) -> None:
        """Lines say it all."""

    def pass_time(self, begin: datetime, end: datetime) -> None:
        self._pace.pass_time(begin, end, lambda _: None)

    def dwell(self, real_seconds: float) -> None:
        self._pace.dwell(real_seconds, lambda: None)


class SilentView:
    """Shows nothing: for `--json` and tests."""

    def say(self, line: Line) -> None:
        """Not told."""

    def board(self, cells: Sequence[Cell]) -> None:
        """Not drawn."""

    def pass_time(self, begin: datetime, end: datetime) -> None:
        """Nobody waits."""

    def dwell(self, real_seconds: float) -> None:
        """Nobody reads."""


def play(app_url: str, view: View, *, seed: int) -> Summary:
    """Tell the story on a migrated database and count."""
    story = Story(app_url, Dice(seed), view)
    try:
        story.tell()
        natures = {nature.value: sum(person.nature is nature for person in story.cast) for nature in Nature}
        return Summary(
            seed=seed,
            days=(story.clock.now() - BEGIN).days + 1,
            natures=natures,
            worker_kills=story.kills,
            recovered_by_evidence=story.proven,
            figures=count_figures(story.db, story.workspace_id),
            invariants=count_invariants(story.db, story.workspace_id, story.world, [rep.address for rep in REPS]),
        )
    finally:
        story.close()


def run_demo(*, json: bool = False, seconds_per_day: float = 3.0, seed: int = 7) -> int:
    """Run the demo and return the exit code: 0; 1 if an invariant is not 0; 130 if it was interrupted.

    `seconds_per_day` is the real time of a simulated day; with 0, and with `json`, nothing is waited for. Raises Unavailable where no
    database can be started. Everything is removed at the end.
    """
    console = Console()
    if not is_live(console):  # no frames, no colours, no bold type either
        console = Console(force_terminal=False, color_system=None)
    try:
        with _interruptible():
            summary = _run(console, 0.0 if json else seconds_per_day, seed, silent=json)
    except KeyboardInterrupt:
        with suppress(OSError):  # the terminal may be gone
            if not json:
                console.print("Stopped. Nothing is left behind.")
        return INTERRUPTED
    if json:
        sys.stdout.write(json_module.dumps(summary.as_json(), indent=2) + "\n")
    else:
        print_summary(console, summary.figures, summary.invariants, summary.in_words())
    return 0 if summary.invariants.hold else 1


@contextmanager
def _interruptible() -> Iterator[None]:
    """Take a closed terminal and a polite kill as Ctrl-C: whatever ends the demo, its database is stopped and removed."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        logging.getLogger("psycopg").setLevel(logging.CRITICAL)  # a statement cut short is no news any more
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def is_live(console: Console) -> bool:
    """Say whether a moving picture can be drawn: a terminal that moves its cursor, and no NO_COLOR."""
    return console.is_terminal and not console.no_color and not console.is_dumb_terminal


def _run(console: Console, seconds_per_day: float, seed: int, *, silent: bool) -> Summary:
    if not silent:
        console.print("Segue demo: starting a PostgreSQL of its own in a temporary folder …", highlight=False, soft_wrap=True)
    with temporary_data_dir() as data_dir, start(data_dir, small=True, durable=False) as server:
        upgrade(server.owner_url)
        pace = Pace(SystemClock(), seconds_per_day)
        view: View = SilentView() if silent else Screen(console, pace) if is_live(console) else PlainView(console, pace)
        with view if isinstance(view, Screen) else nullcontext():
            return play(server.app_url, view, seed=seed)
