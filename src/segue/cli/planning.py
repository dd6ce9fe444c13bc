"""`segue plan`: what will go, when, to whom, and why then."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen
from segue.cli.stepping import SHOWN_ROWS, document_of_steps, draw_plan
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.survey import plan
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, show_plan, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPlan(Common):
    contact: Annotated[str, typer.Option(help="Only what is ahead of this contact.", metavar="EMAIL")] = ""
    days: Annotated[int, typer.Option(help="How far ahead to look.", min=1, max=400)] = 60
    texts: Annotated[bool, typer.Option("--texts", help="Show the mails as they will be read.")] = False
    most: Annotated[int, typer.Option(help="How many steps to show.", min=1, max=100_000)] = SHOWN_ROWS


def show_plan(options: ShowPlan, screen: Screen) -> None:
    """Show what will go, when, to whom, and why then.

    The plan runs ahead of the engine with the engine's own rules, as if every mail were accepted at once, nobody answered and no task were
    done. Real sending differs by what people and servers do, and by a few seconds of jitter.
    """
    with open_segue(options) as segue, segue.tx() as tx, screen.progress("Looking ahead", None):
        if options.contact:
            get_contact_by_email(tx, options.contact)
        made = plan(tx, email=options.contact, until=tx.now + timedelta(days=options.days))
        zone = str(get_workspace(tx)["timezone"])
    most = max(options.most, 1_000) if options.most == SHOWN_ROWS else options.most
    screen.show(
        document_of_steps(made, texts=options.texts, most=most),
        *draw_plan(made, zone, texts=options.texts, most=options.most),
    )
