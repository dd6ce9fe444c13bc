"""`segue tasks list | complete | skip | assign`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, Common, add_command
from segue.cli.screen import Screen, sentence, table
from segue.domain.errors import Conflict
from segue.domain.ids import TaskId
from segue.features.enrollments.rights import require_to_resolve
from segue.features.tasks.service import assign_tasks, get_task, list_tasks, resolve_task
from segue.features.workspaces.queries import get_user, get_user_row
from segue.features.workspaces.users import is_seated


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="List tasks and complete them.", no_args_is_help=True)
    add_command(group, "list", list_all)
    add_command(group, "complete", complete)
    add_command(group, "skip", skip)
    add_command(group, "assign", assign)
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
class Complete(Acting):
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
    with open_segue(options) as segue, segue.tx_as(actor := segue.actor(options)) as tx:
        require_to_resolve(tx, actor, TaskId(options.task))
        resolve_task(tx, TaskId(options.task), how, outcome=options.outcome, note=options.note)
    state = "completed" if how == "complete" else "skipped"
    screen.show({"task": options.task, "state": state}, sentence(f"Task {options.task} is {state}.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Acting):
    task: Annotated[int, typer.Argument(help="Number of the task, as `segue tasks list` shows it.", metavar="TASK")]
    to: Annotated[str, typer.Option(help="The user who is to do it.", metavar="EMAIL")]


def assign(options: Assign, screen: Screen) -> None:
    """Give an open task to another user. Whoever enrolled the contact stays its enroller."""
    with open_segue(options) as segue, segue.tx_as(actor := segue.actor(options)) as tx:
        require_to_resolve(tx, actor, TaskId(options.task))
        task, user = get_task(tx, TaskId(options.task)), get_user_row(tx, get_user(tx, options.to))
        if task["state"] != "open":
            raise Conflict(f"Task {options.task} is {task['state']} already.")
        if not is_seated(user):
            raise Conflict(f"{user['email']} has no sequence seat.", hint="`segue user seat EMAIL` gives one.")
        changed = assign_tasks(tx, [options.task], user["id"])
    said = f"Task {options.task} is {user['email']}'s{'' if changed else ' already'}."
    screen.show({"task": options.task, "assignee": user["email"], "changed": changed}, sentence(said, "bold green"))
