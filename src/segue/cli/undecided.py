"""`segue undecided list | decide`: mails of which nobody knows whether they left (SEQ-99)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.domain.errors import Conflict, NotFound
from segue.domain.ids import MessageId
from segue.features.enrollments.queries import list_undecided
from segue.features.enrollments.settle import decide_undecided
from segue.features.workspaces.service import get_workspace


class Choice(StrEnum):
    WAS_SENT = "was_sent"
    SEND_AGAIN = "send_again"
    SKIP = "skip"


DONE = {
    Choice.WAS_SENT: "counts as sent; the sequence goes on from it",
    Choice.SEND_AGAIN: "is sent again as soon as its hours and limits allow",
    Choice.SKIP: "is left out; the sequence goes on without it",
}


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Decide what became of mails whose fate nobody knows.", no_args_is_help=True)
    add_command(group, "list", list_all)
    add_command(group, "decide", decide)
    app.add_typer(group, name=name, rich_help_panel=panel)


def list_all(options: Common, screen: Screen) -> None:
    """List mails of which nobody knows whether they left. Look for them in the mailbox's Sent folder, then decide."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_undecided(tx)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"undecided": rows},
        table(
            ("#Mail", "Handed over", "To", "From", "Subject", "Sequence"),
            ((r["id"], when(r["handed_at"], zone), r["recipient"], r["sender"], r["subject"], r["sequence"]) for r in rows),
            empty="Every mail's fate is known.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Common):
    mail: Annotated[int, typer.Argument(help="Number of the mail, as `segue undecided list` shows it.", metavar="MAIL")]
    choice: Annotated[Choice, typer.Argument(help="What is true of it, or shall be.")]


def decide(options: Decide, screen: Screen) -> None:
    """Say what became of a mail: it was sent; send it again; or leave it out."""
    with open_segue(options) as segue, segue.tx() as tx:
        if not decide_undecided(tx, MessageId(options.mail), options.choice.value):
            row = tx.one("SELECT state FROM messages WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": options.mail})
            if row is None:
                raise NotFound(f"There is no mail {options.mail}.", hint="`segue undecided list` shows those to decide.")
            raise Conflict(
                f"Mail {options.mail} is {row['state']}: there is nothing to decide.", hint="`segue undecided list` shows the others."
            )
    screen.show(
        {"mail": options.mail, "choice": options.choice.value},
        sentence(f"Mail {options.mail} {DONE[options.choice]}.", "bold green"),
    )
