"""`segue demo`: a month of a sales team in a minute, in a world of mail that exists in memory alone."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.options import Common, add_command
from segue.cli.screen import Screen
from segue.demo import run_demo


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, demo, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo(Common):
    seconds_per_day: Annotated[float, typer.Option(help="Real time of a simulated day; 0 waits for nothing.", min=0, max=600)] = 3.0
    seed: Annotated[int, typer.Option(help="Another number is another month.")] = 7


def demo(options: Demo, screen: Screen) -> None:  # noqa: ARG001  the demo draws its own screen
    """Watch a month of a sales team in a minute.

    Everything runs on a database and in a world of mail of its own, which are removed at the end. Nobody is written to.
    """
    raise typer.Exit(run_demo(json=options.json, seconds_per_day=options.seconds_per_day, seed=options.seed))
