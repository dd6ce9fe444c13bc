"""`segue notices`: what users and admins were told of."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.domain.errors import NotFound
from segue.features.workspaces.notices import close_notice, list_notices
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, notices, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices(Common):
    all: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False
    done: Annotated[int, typer.Option(help="Put the notice with this number away.", metavar="NUMBER", min=0)] = 0


def notices(options: Notices, screen: Screen) -> None:
    """Show what users and admins were told of: mailboxes that fail, breakers that opened, folders that vanished, tasks.

    A notice goes away by itself when its cause is over.
    """
    with open_segue(options) as segue, segue.tx() as tx:
        if options.done and not close_notice(tx, options.done):
            raise NotFound(f"There is no open notice {options.done}.", hint="`segue notices` lists the open ones.")
        rows = list_notices(tx, closed=options.all)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"notices": rows},
        table(
            ("#", "Since", "Over", "For", "What", "What to do"),
            (
                (row["id"], when(row["created_at"], zone), when(row["closed_at"], zone), row["user"] or "", row["said"], row["todo"])
                for row in rows
            ),
            empty="Nothing needs you.",
        ),
        *([sentence(f"Notice {options.done} is put away.", "bold green")] if options.done else []),
    )
