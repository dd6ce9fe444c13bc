"""`segue breaker list | close | half-open`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.db.tx import Tx
from segue.domain.errors import Conflict, Invalid
from segue.features.mail.breaker import HALF_OPEN_MAILS, MAILBOX, SEQUENCE, Circuit, get_mode, list_breakers, set_breaker
from segue.features.mail.connect import get_mailbox
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Circuit breakers: what stopped sending by itself, and how to go on.", no_args_is_help=True)
    add_command(group, "list", list_all)
    add_command(group, "close", close)
    add_command(group, "half-open", half_open)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which(Common):
    mailbox: Annotated[str, typer.Option(help="The breaker of a mailbox.", metavar="ADDRESS")] = ""
    sequence: Annotated[str, typer.Option(help="The breaker of a sequence.", metavar="NAME")] = ""


def list_all(options: Common, screen: Screen) -> None:
    """List the breakers that are not closed: since when, and why."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows, mode = list_breakers(tx), get_mode(tx)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"mode": mode, "breakers": rows},
        table(
            ("Of", "Which", "State", "Since", "Why"),
            ((row["kind"], row["name"], row["state"].replace("_", " "), when(row["since"], zone), row["detail"]) for row in rows),
            empty="No breaker is open." if mode != "off" else "Breakers are switched off; `segue workspace set --breaker on`.",
        ),
    )


def close(options: Which, screen: Screen) -> None:
    """Close a breaker: its mails go on, under all limits. What opened it counts no more."""
    _change(options, screen, "", "closed; its mails go on")


def half_open(options: Which, screen: Screen) -> None:
    """Let a breaker try 5 mails. It closes after a day without trouble, and opens again with the first."""
    _change(options, screen, "half_open", f"half open; {HALF_OPEN_MAILS} mails are tried")


def _change(options: Which, screen: Screen, state: str, said: str) -> None:
    if bool(options.mailbox) == bool(options.sequence):
        raise Invalid("Which breaker is meant is not said.", hint="Give --mailbox ADDRESS or --sequence NAME.")
    with open_segue(options) as segue, segue.tx() as tx:
        circuit, number, name = _find(tx, options)
        if not set_breaker(tx, circuit, number, state):
            raise Conflict(f"The breaker of {name} is not open.", hint="`segue breaker list` shows the open ones.")
    screen.show({"kind": circuit.kind, "name": name, "state": state or "closed"}, sentence(f"{name}: {said}.", "bold green"))


def _find(tx: Tx, options: Which) -> tuple[Circuit, int, str]:
    if options.mailbox:
        row = get_mailbox(tx, options.mailbox)
        return MAILBOX, int(row["id"]), str(row["address"])
    row = get_sequence(tx, options.sequence)
    return SEQUENCE, int(row["id"]), str(row["name"])
