"""`segue webhooks add | list | events | test | deliveries | replay | rotate | on | off | remove`."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, Common, add_command
from segue.cli.screen import Screen, pairs, sentence, table, when
from segue.domain.errors import Unavailable
from segue.domain.permissions import Permission
from segue.domain.webhook_events import ALL, describe, kinds
from segue.features.webhooks.deliveries import list_deliveries, replay
from segue.features.webhooks.endpoints import add_endpoint, list_endpoints, remove_endpoint, rotate_secret, switch_endpoint
from segue.features.webhooks.lane import Lane
from segue.features.workspaces.queries import require
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Webhooks: tell other programs what happens.", no_args_is_help=True)
    add_command(group, "add", add)
    add_command(group, "list", list_all)
    add_command(group, "events", list_events)
    add_command(group, "test", test)
    add_command(group, "deliveries", deliveries)
    add_command(group, "replay", replay_dead)
    add_command(group, "rotate", rotate)
    add_command(group, "on", switch_on)
    add_command(group, "off", switch_off)
    add_command(group, "remove", remove)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Acting):
    url: Annotated[str, typer.Argument(help="Where to post to.", metavar="URL")]
    event: Annotated[list[str] | None, typer.Option(help="What to tell, several times; every event by default.", metavar="EVENT")] = None


def add(options: Add, screen: Screen) -> None:
    """Tell a web server what happens, signed by Standard Webhooks 1.0. The secret is shown this once.

    It is told by `segue worker`. A private server has to be allowed with SEGUE_ALLOWED_HOSTS.
    """
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            row, secret = add_endpoint(tx, options.url, options.event or [ALL], segue.vault(), by=actor)
    _show_secret(screen, row, secret)


def list_all(options: Common, screen: Screen) -> None:
    """List the endpoints: what they are told, whether they work, what waits and what is dead."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows, zone = list_endpoints(tx), str(get_workspace(tx)["timezone"])
    screen.show(
        {"endpoints": rows},
        table(
            ("#", "Address", "Events", "State", "Waiting", "Dead", "Last try", "Last error"),
            (
                (
                    row["id"],
                    row["url"],
                    "every one" if row["kinds"] == [ALL] else ", ".join(row["kinds"]),
                    row["state"],
                    row["waiting"],
                    row["dead"],
                    when(row["tried_at"], zone),
                    row["last_error"],
                )
                for row in rows
            ),
            empty="Nobody is told anything; `segue webhooks add URL` changes that.",
        ),
    )


def list_events(_: Common, screen: Screen) -> None:
    """List the events that can be told, with their data."""
    rows = [{"type": kind, "says": describe(event)[0], "data": describe(event)[1]} for kind, event in kinds().items()]
    screen.show(
        {"events": rows},
        table(("Event", "Says", "Data"), ((row["type"], row["says"], ", ".join(row["data"])) for row in rows)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Which(Acting):
    number: Annotated[int, typer.Argument(help="Number of the endpoint, as `segue webhooks list` shows it.", metavar="NUMBER")]


def test(options: Which, screen: Screen) -> None:
    """Send an endpoint the event `webhook_test` now, and say what it answers."""
    with open_segue(options) as segue:
        require(segue.actor(options), Permission.API)
        status, error = Lane(segue.db, segue.vault(), segue.egress()).test(segue.workspace_id, options.number)
    if error:
        raise Unavailable(f"The endpoint took nothing: {error}.", hint="Nothing is kept of a test; try again when it is mended.")
    screen.show({"id": options.number, "status": status}, sentence(f"It answered {status}.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliveries(Which):
    state: Annotated[str, typer.Option(help="Only these: waiting, delivered or dead.", metavar="STATE")] = ""
    most: Annotated[int, typer.Option(help="How many at most.", min=1, max=1_000)] = 100


def deliveries(options: Deliveries, screen: Screen) -> None:
    """List what an endpoint was told, is to be told, and could not be told; the newest first."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_deliveries(tx, options.number, state=options.state, most=options.most)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"deliveries": rows},
        table(
            ("Event", "Type", "State", "Tries", "Since", "Next try", "Status", "Error"),
            (
                (
                    row["event_id"],
                    row["kind"],
                    row["state"],
                    row["attempts"],
                    when(row["since"], zone),
                    when(row["next_at"], zone) if row["state"] == "waiting" else "",
                    row["last_status"] or "",
                    row["last_error"],
                )
                for row in rows
            ),
            empty="There is none.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay(Which):
    event: Annotated[list[int] | None, typer.Option(help="Only this event, delivered or not; several times.", metavar="EVENT")] = None


def replay_dead(options: Replay, screen: Screen) -> None:
    """Tell an endpoint again what could not be told, with the same ids."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            count = replay(tx, options.number, options.event or [], by=actor)
    screen.show({"id": options.number, "replayed": count}, sentence(f"{count} will be told again.", "bold green"))


def rotate(options: Which, screen: Screen) -> None:
    """Give an endpoint a new secret. For a day both sign, so that the receiver can change over without a gap."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            row, secret = rotate_secret(tx, options.number, segue.vault(), by=actor)
    _show_secret(screen, row, secret)


def switch_on(options: Which, screen: Screen) -> None:
    """Tell an endpoint what happens from now on; `replay` brings what is dead."""
    _switch(options, screen, "on")


def switch_off(options: Which, screen: Screen) -> None:
    """Tell an endpoint nothing any more; what waits for it is dead and can be replayed later."""
    _switch(options, screen, "off")


def remove(options: Which, screen: Screen) -> None:
    """Remove an endpoint with everything that waits for it."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            row = remove_endpoint(tx, options.number, by=actor)
    screen.show(row, sentence(f"{row['url']} is told nothing any more.", "bold green"))


def _switch(options: Which, screen: Screen, state: str) -> None:
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            row = switch_endpoint(tx, options.number, state, by=actor)
    screen.show(row, sentence(f"{row['url']} is {state}.", "bold green"))


def _show_secret(screen: Screen, row: dict[str, Any], secret: str) -> None:
    screen.show(
        {**row, "secret": secret},
        sentence(secret, "bold"),
        sentence("Keep it now: it is shown this once.", "yellow"),
        pairs((("Number", row["id"]), ("Address", row["url"]), ("Events", ", ".join(row["kinds"])))),
    )
