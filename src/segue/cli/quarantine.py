"""`segue mail quarantine list | show | retry`."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs, sentence, table, when
from segue.domain.errors import Invalid
from segue.features.mail.quarantine import Place, get_quarantined, list_quarantined, retry_quarantined
from segue.features.workspaces.service import get_workspace

SHOWN = 4_000


def add_quarantine(app: typer.Typer) -> None:
    group = typer.Typer(help="Mails that could not be read, with their bytes.", no_args_is_help=True)
    add_command(group, "list", list_all)
    add_command(group, "show", show)
    add_command(group, "retry", retry)
    app.add_typer(group, name="quarantine")


@dataclass(frozen=True, slots=True, kw_only=True)
class One(Common):
    place: Annotated[str, typer.Argument(help="A quarantined mail, as the list names it.", metavar="PLACE")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Common):
    place: Annotated[str, typer.Argument(help="A quarantined mail, as the list names it.", metavar="[PLACE]")] = ""
    all: Annotated[bool, typer.Option("--all", help="Every quarantined mail.")] = False


def list_all(options: Common, screen: Screen) -> None:
    """List mails that could not be read after three tries. The inbox went on without them."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows, zone = list_quarantined(tx), str(get_workspace(tx)["timezone"])
    screen.show(
        {"quarantined": rows},
        table(
            ("Place", "Mailbox", "Since", "#Octets", "#Tries", "Error"),
            ((r["place"], r["mailbox"], when(r["at"], zone), r["size"], r["tries"], r["error"]) for r in rows),
            empty="No mail is in quarantine.",
        ),
    )


def show(options: One, screen: Screen) -> None:
    """Show the bytes of a quarantined mail, the first 4,000 of them; with --json all, in Latin-1."""
    with open_segue(options) as segue, segue.tx() as tx:
        row = get_quarantined(tx, Place.read(options.place))
    raw = bytes(row["raw"]).decode("latin-1")
    screen.show(
        {"place": options.place, "error": row["error"], "tries": row["tries"], "at": row["at"], "raw": raw},
        pairs((("Error", row["error"]), ("Tries", row["tries"]), ("Octets", f"{len(raw):,}"))),
        sentence(raw[:SHOWN]),
    )


def retry(options: Retry, screen: Screen) -> None:
    """Judge quarantined mails again: after an update, or when the cause is gone. What can be read then has its full effect."""
    if bool(options.place) == options.all:
        raise Invalid("Which mail is meant is not said.", hint="Give the place of one, or --all.")
    with open_segue(options) as segue:
        with segue.tx() as tx:
            places = [row["place"] for row in list_quarantined(tx, most=100_000)] if options.all else [options.place]
        told = [(each, retry_quarantined(segue.db, segue.workspace_id, Place.read(each))) for each in places]
    left = [(place, error) for place, error in told if error]
    screen.show(
        {"judged": len(told) - len(left), "left": [{"place": place, "error": error} for place, error in left]},
        sentence(f"{len(told) - len(left):,} of {len(told):,} mails were read.", "bold green" if not left else "bold yellow"),
        *([table(("Place", "Error"), left)] if left else []),
    )
    if left:
        raise typer.Exit(1)
