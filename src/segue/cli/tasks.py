"""`segue tasks list | complete | skip`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table
from segue.domain.ids import TaskId
from segue.features.tasks.service import list_tasks, resolve_task


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="List tasks and complete them.", no_args_is_help=True)
    add_command(group, "list", list_all)
    add_command(group, "complete", complete)
    add_command(group, "skip", skip)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Common):
    all: Annotated[bool, typer.Option("--all", help="Also those that are done.")] = False
    most: Annotated[int, typer.Option(help="How many at most.", min=1, max=10_000)] = 200


def list_all(options: List, screen: Screen) -> None:
    """List open tasks, the earliest due first."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_tasks(tx, state="all" if options.all else "open", most=options.most)
    screen.show(
        {"tasks": rows},
        table(
            ("#Task", "Due", "What", "Contact", "Subject", "State"),
            (
                (
                    row["id"],
                    row["due_on"],
                    row["kind"].replace("_", " "),
                    f"{row['name']} <{row['contact']}>" if row["name"] else row["contact"],
                    row["subject"],
                    row["state"] if row["enrollment_active"] or row["state"] != "open" else "open; the sequence has ended",
                )
                for row in rows
            ),
            empty="No open task.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Common):
    task: Annotated[int, typer.Argument(help="Number of the task, as `segue tasks list` shows it.", metavar="TASK")]
    outcome: Annotated[str, typer.Option(help="What came of it, such as connected or no answer.")] = ""
    note: Annotated[str, typer.Option(help="Anything worth remembering.")] = ""


def complete(options: Complete, screen: Screen) -> None:
    """Mark a task as done; a step that waited for it goes on."""
    _resolve(options, "complete", screen)


def skip(options: Complete, screen: Screen) -> None:
    """Leave a task undone; a step that waited for it goes on."""
    _resolve(options, "skip", screen)


def _resolve(options: Complete, how: str, screen: Screen) -> None:
    with open_segue(options) as segue, segue.tx() as tx:
        resolve_task(tx, TaskId(options.task), how, outcome=options.outcome, note=options.note)
    state = "completed" if how == "complete" else "skipped"
    screen.show({"task": options.task, "state": state}, sentence(f"Task {options.task} is {state}.", "bold green"))
