"""`segue stop`: the emergency stop, for everything, a mailbox, a user or a sequence."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Screen, sentence
from segue.db.tx import Tx
from segue.domain.errors import Invalid
from segue.features.enrollments.emergency import Reach, Scope, allow_sending, check_may_stop, stop_sending
from segue.features.mail.connect import get_mailbox
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.queries import get_user, get_user_row


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, stop, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopSending(Acting):
    all: Annotated[bool, typer.Option("--all", help="All sending of the workspace.")] = False
    mailbox: Annotated[str, typer.Option(help="Everything sent from a mailbox.", metavar="ADDRESS")] = ""
    user: Annotated[str, typer.Option(help="Everything a user sends.", metavar="EMAIL")] = ""
    sequence: Annotated[str, typer.Option(help="Everything of a sequence.", metavar="NAME")] = ""
    lift: Annotated[bool, typer.Option("--lift", help="Take the stop back.")] = False


def stop(options: StopSending, screen: Screen) -> None:
    """Stop all sending of the workspace, a mailbox, a user or a sequence, at once.

    Enrollments keep their state, and delays run on. No mail begins once the command has returned. After --lift what has become due goes,
    oldest first, under all limits and hours.
    """
    if sum(map(bool, (options.all, options.mailbox, options.user, options.sequence))) != 1:
        raise Invalid("What to stop is not said.", hint="Give one of: --all, --mailbox ADDRESS, --user EMAIL, --sequence NAME.")
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            what, scope = _scope(tx, options)
            check_may_stop(tx, actor, scope)
            changed = (allow_sending if options.lift else stop_sending)(tx, scope)
    state = "allowed" if options.lift else "stopped"
    said = f"{what}: sending is {state}." if changed else f"{what}: sending is {state} already; nothing was changed."
    screen.show({"what": what, "state": state, "changed": int(changed)}, sentence(said, "bold green" if changed else ""))


def _scope(tx: Tx, options: StopSending) -> tuple[str, Scope]:
    if options.mailbox:
        row = get_mailbox(tx, options.mailbox)
        return f"The mailbox {row['address']}", Scope(Reach.MAILBOX, row["id"], row["address"])
    if options.user:
        row = get_user_row(tx, get_user(tx, options.user))
        return str(row["email"]), Scope(Reach.USER, row["id"], row["email"])
    if options.sequence:
        row = get_sequence(tx, options.sequence)
        return f'The sequence "{row["name"]}"', Scope(Reach.SEQUENCE, row["id"], row["name"])
    return "The workspace", Scope(Reach.WORKSPACE)
