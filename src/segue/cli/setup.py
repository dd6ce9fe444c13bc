"""`segue init`: a workspace and its first user."""

import sys
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import available_timezones

import typer

from segue.cli.opening import list_workspaces, open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs, sentence
from segue.domain.addresses import normal_form
from segue.domain.errors import Conflict, Invalid
from segue.domain.ids import WorkspaceId
from segue.features.workspaces.service import check_timezone, create_workspace, find_or_create_user


@dataclass(frozen=True, slots=True, kw_only=True)
class Init(Common):
    name: Annotated[str, typer.Option(help="Name of the workspace, such as the company's.")] = ""
    email: Annotated[str, typer.Option(help="Your address; it names you as the owner of what you make.")] = ""
    your_name: Annotated[str, typer.Option(help="Your name, as contacts read it.")] = ""
    timezone: Annotated[str, typer.Option(help="Your time zone, such as Europe/Berlin.")] = ""
    country: Annotated[str, typer.Option(help="Two letters, such as DE.")] = ""
    postal_address: Annotated[str, typer.Option(help="The company's postal address.")] = ""
    another: Annotated[bool, typer.Option("--another", help="Make a further workspace beside those there are.")] = False


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, init, panel=panel)


def init(options: Init, screen: Screen) -> None:
    """Set up a workspace.

    Asks for what is missing when used at a terminal. Run again it changes nothing.
    """
    with open_installation() as segue:
        known = list_workspaces(segue.db)
        if known and not options.another:
            _tell_known(options, screen, known)
            return
        if options.name.casefold() in {each.casefold() for each in known.values()}:
            raise Conflict(f"There is a workspace called {options.name} already.", hint="Choose another name.")
        given = _ask(options, screen)
        workspace_id = create_workspace(
            segue.db, given.name, timezone=given.timezone, country=given.country.upper(), postal_address=given.postal_address
        )
        if given.email:
            with segue.db.tx(workspace_id, actor="cli") as tx:
                find_or_create_user(tx, given.email, name=given.your_name, timezone=given.timezone)
        where = str(segue.settings.data_dir)
    document = {
        "workspace": given.name,
        "workspace_id": workspace_id,
        "created": True,
        "timezone": given.timezone,
        "user": given.email or None,
        "data_dir": where,
    }
    screen.show(
        document,
        sentence(f"The workspace {given.name} is ready.", "bold green"),
        pairs((("Time zone", given.timezone), ("User", given.email or "–"), ("Data folder", where))),
        sentence("Next: `segue mailbox add ADDRESS` connects a mailbox."),
    )


def _tell_known(options: Init, screen: Screen, known: dict[WorkspaceId, str]) -> None:
    names = {each.casefold(): (number, each) for number, each in known.items()}
    if options.name and options.name.casefold() not in names:
        raise Conflict(
            f"This Segue has a workspace already: {', '.join(known.values())}.", hint="Add --another to make a second one beside it."
        )
    number, name = names[options.name.casefold()] if options.name else next(iter(names.values()))
    screen.show(
        {"workspace": name, "workspace_id": number, "created": False},
        sentence(f"The workspace {name} is there already; nothing was changed."),
    )


def _ask(options: Init, screen: Screen) -> Init:
    """Return the options with what was missing, asked for at a terminal."""
    asking = sys.stdin.isatty() and not screen.as_json
    name = options.name or (typer.prompt("Name of the company or team", err=True) if asking else "")
    if not name.strip():
        raise Invalid("The workspace needs a name.", hint='Run `segue init --name "Acme"`.', field="name")
    asking = asking and not options.name  # who gives options is asked nothing
    email = options.email or (typer.prompt("Your address", default="", err=True, show_default=False) if asking else "")
    if email and not normal_form(email):
        raise Invalid(f"{email!r} is no address.", hint="Write it as name@company.example.", field="email")
    your_name = options.your_name or (typer.prompt("Your name", default="", err=True, show_default=False) if asking else "")
    timezone = options.timezone or (typer.prompt("Your time zone", default=_zone_of_machine(), err=True) if asking else _zone_of_machine())
    return Init(
        name=name.strip(),
        email=email.strip(),
        your_name=your_name.strip(),
        timezone=check_timezone(timezone),
        country=options.country,
        postal_address=options.postal_address,
    )


def _zone_of_machine() -> str:
    """Return the machine's zone where it can be told, else UTC."""
    from pathlib import Path

    link = Path("/etc/localtime")
    found = str(link.resolve()).partition("/zoneinfo/")[2] if link.exists() else ""
    return found if found in available_timezones() else "UTC"
