"""`segue company list | show | name`: the firms that contacts belong to."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs, sentence, table
from segue.features.contacts.companies import get_company, list_companies, name_company


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Companies, by the domain of their people's addresses.", no_args_is_help=True)
    add_command(group, "list", list_all)
    add_command(group, "show", show)
    add_command(group, "name", rename)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Common):
    search: Annotated[str, typer.Argument(help="Part of a domain or a name.")] = ""
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=500)] = 50


def list_all(options: List, screen: Screen) -> None:
    """List companies with the number of their contacts."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_companies(tx, search=options.search, limit=options.limit)
    columns = ("Domain", "Name", "#Contacts")
    screen.show({"companies": rows}, table(columns, ((r["domain"], r["name"], r["contacts"]) for r in rows), empty="No company found."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(Common):
    domain: Annotated[str, typer.Argument(help="Domain of the company, or an address of one of its people.")]


def show(options: Show, screen: Screen) -> None:
    """Show a company and its contacts."""
    with open_segue(options) as segue, segue.tx() as tx:
        found = get_company(tx, options.domain)
    people = ((p["email"], f"{p['first_name']} {p['last_name']}".strip(), p["sequence"] or "") for p in found["contacts"])
    screen.show(
        found,
        pairs((("Domain", found["domain"]), ("Name", found["name"]))),
        table(("Address", "Name", "In sequence"), people, empty="It has no contacts."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Name(Show):
    name: Annotated[str, typer.Argument(help="Name of the company, as {{ company.name }} shows it.")]


def rename(options: Name, screen: Screen) -> None:
    """Give a company its name. The company that contacts have as text of their own stays as it is."""
    with open_segue(options) as segue, segue.tx() as tx:
        found = name_company(tx, options.domain, options.name)
    screen.show(found, sentence(f"{found['domain']} is called {found['name']}.", "bold green"))
