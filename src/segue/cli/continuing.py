"""`segue continue`: a person's word, where a step waits for it (SEQ-118)."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Screen, sentence
from segue.domain.errors import Conflict
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.react import continue_enrollments
from segue.features.enrollments.rights import require_to_manage_all


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, let_begin, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue(Acting):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="EMAIL")]


def let_begin(options: Continue, screen: Screen) -> None:
    """Let the step begin that waits for a person's word; its delay runs from now."""
    with open_segue(options) as segue, segue.tx_as(actor := segue.actor(options)) as tx:
        get_contact_by_email(tx, options.email)
        ids = list_open_ids(tx, email=options.email)
        require_to_manage_all(tx, actor, ids)
        released = continue_enrollments(tx, ids)
        if not released:
            raise Conflict(f"Nothing of {options.email} waits for a word.", hint="`segue plan` shows what it waits for.")
    screen.show({"what": options.email, "released": released}, sentence(f"{options.email}: goes on.", "bold green"))
