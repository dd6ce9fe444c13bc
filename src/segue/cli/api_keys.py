"""`segue api-key create | list | revoke`: keys with which programs act as a user."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, Common, add_command
from segue.cli.screen import Screen, pairs, sentence, table, when
from segue.domain.scopes import SCOPES
from segue.features.workspaces.api_keys import NewKey, create_key, list_keys, revoke_key
from segue.features.workspaces.queries import get_user
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="API keys: made, listed, revoked.", no_args_is_help=True)
    add_command(group, "create", create)
    add_command(group, "list", list_all)
    add_command(group, "revoke", revoke)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Acting):
    name: Annotated[str, typer.Argument(help="What will use it.", metavar="NAME")]
    user: Annotated[str, typer.Option(help="As whom it acts; by default who asks, else the first user.", metavar="EMAIL")] = ""
    scope: Annotated[list[str] | None, typer.Option(help=f"all, or any of {', '.join(SCOPES)}.", metavar="SCOPE")] = None
    days: Annotated[int, typer.Option(help="Days until it expires; 0: never.", min=0, max=3650)] = 365
    address: Annotated[list[str] | None, typer.Option("--from", help="Only from this address or network.", metavar="NETWORK")] = None


def create(options: Create, screen: Screen) -> None:
    """Make an API key. It is shown this once and can never be read again.

    It acts with the rights of its user, within its scopes; without a scope it can only ask who it is. It ends when the user loses the
    seat, gets another role, or is deactivated.
    """
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            end = tx.now + timedelta(days=options.days) if options.days else None
            new = NewKey(options.name, tuple(options.scope or ()), end, tuple(options.address or ()))
            row, key = create_key(tx, get_user(tx, options.user or options.as_user), new, by=actor)
            zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {**row, "key": key},
        sentence(key, "bold"),
        sentence("Keep it now: it is shown this once.", "yellow"),
        pairs((("Number", row["id"]), ("Acts as", row["owner"]), ("Scopes", _scopes(row)), ("Expires", when(row["expires_at"], zone)))),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListKeys(Common):
    user: Annotated[str, typer.Option(help="Only keys of this user.", metavar="EMAIL")] = ""
    all: Annotated[bool, typer.Option("--all", help="Also revoked ones.")] = False


def list_all(options: ListKeys, screen: Screen) -> None:
    """List API keys: whose they are, what they may do, when they were used last."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_keys(tx, owner=get_user(tx, options.user) if options.user else 0, revoked=options.all)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"api_keys": rows},
        table(
            ("#", "Name", "Begins", "Acts as", "Scopes", "State", "Expires", "Last used"),
            (
                (
                    row["id"],
                    row["name"],
                    row["start"] + "…",
                    row["owner"],
                    _scopes(row),
                    row["state"],
                    when(row["expires_at"], zone),
                    f"{when(row['last_used_at'], zone)} {row['last_used_from']}".strip(),
                )
                for row in rows
            ),
            empty="There is no API key; `segue api-key create NAME` makes one.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoke(Acting):
    number: Annotated[int, typer.Argument(help="Number of the key, as `segue api-key list` shows it.", metavar="NUMBER")]


def revoke(options: Revoke, screen: Screen) -> None:
    """End an API key for good. What comes with it from then on is refused."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            row = revoke_key(tx, options.number, by=actor)
    screen.show(row, sentence(f"The key {row['name']} ({row['start']}…) is revoked.", "bold green"))


def _scopes(row: dict[str, Any]) -> str:
    return "all" if len(row["scopes"]) == len(SCOPES) else ", ".join(row["scopes"]) or "none"
