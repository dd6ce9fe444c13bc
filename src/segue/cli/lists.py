"""`segue list create | add | remove | show | list | delete`: lists of contacts and saved filters."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.contacts import import_with_progress
from segue.cli.opening import Segue, open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table
from segue.domain.errors import Invalid, NotFound
from segue.features.contacts.lists import (
    change_members,
    create_list,
    delete_list,
    find_by_addresses,
    get_list,
    iterate_pages,
    list_lists,
    list_members,
)
from segue.features.contacts.queries import list_contacts_by_id
from segue.features.enrollments.csv_selection import list_contacts_of_file


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Lists of contacts, and saved filters.", no_args_is_help=True)
    add_command(group, "create", create)
    add_command(group, "add", add)
    add_command(group, "remove", remove)
    add_command(group, "show", show)
    add_command(group, "list", list_all)
    add_command(group, "delete", delete)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Common):
    name: Annotated[str, typer.Argument(help="Name of the list.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Named):
    filter: Annotated[str, typer.Option("--filter", help="Makes a saved filter: members are whom it finds.", metavar="FILTER")] = ""


def create(options: Create, screen: Screen) -> None:
    """Make a list, or with --filter a saved filter."""
    with open_segue(options) as segue, segue.tx() as tx:
        made = create_list(tx, options.name, options.filter)
    screen.show({"id": made, "name": options.name, "filter": options.filter}, sentence(f'The list "{options.name}" is made.', "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Members(Named):
    emails: Annotated[list[str] | None, typer.Argument(help="Addresses of contacts.", metavar="EMAIL…")] = None
    from_file: Annotated[Path | None, typer.Option("--from", help="CSV file of contacts.", metavar="FILE.csv")] = None


def add(options: Members, screen: Screen) -> None:
    """Put contacts on a list, by address or from a file, which is imported first."""
    with open_segue(options) as segue:
        if options.from_file is not None:
            import_with_progress(segue, options.from_file, screen)
        _change(segue, options, screen, adding=True)


def remove(options: Members, screen: Screen) -> None:
    """Take contacts off a list. They stay contacts."""
    with open_segue(options) as segue:
        _change(segue, options, screen, adding=False)


def _change(segue: Segue, options: Members, screen: Screen, *, adding: bool) -> None:
    if (options.from_file is None) == (not options.emails):
        raise Invalid("Which contacts is not said.", hint="Add addresses, or --from FILE.csv.", field="emails")
    if options.from_file is not None:
        ids = list_contacts_of_file(segue.db, segue.workspace_id, options.from_file)
    else:
        with segue.tx() as tx:
            ids, unknown = find_by_addresses(tx, options.emails or ())
        if unknown:
            raise NotFound(f"No contact has the address {', '.join(unknown)}.", hint="Import them first.")
    changed = 0
    for page in iterate_pages(ids):
        with segue.tx() as tx:
            changed += change_members(tx, options.name, page, add=adding)
    verb = "added to" if adding else "taken off"
    screen.show({"list": options.name, "changed": changed, "given": len(ids)}, sentence(f"{changed:,} {verb} the list.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(Named):
    limit: Annotated[int, typer.Option(help="How many members to show at most.", min=1, max=500)] = 50


def show(options: Show, screen: Screen) -> None:
    """Show a list and its members at this moment."""
    with open_segue(options) as segue, segue.tx() as tx:
        found = get_list(tx, options.name)
        ids = list_members(tx, options.name)
        members = list_contacts_by_id(tx, ids[: options.limit])
    screen.show(
        {**found, "count": len(ids), "members": [{"id": each.id, "email": each.email} for each in members]},
        sentence(f"{found['name']}: {found['filter']}" if found["filter"] else found["name"], "bold"),
        table(
            ("Address", "Name", "Company"),
            ((each.email, f"{each.first_name} {each.last_name}".strip(), each.company) for each in members),
            empty="Nobody is on it.",
        ),
        sentence(f"{len(members):,} of {len(ids):,} contacts."),
    )


def list_all(options: Common, screen: Screen) -> None:
    """List the lists and saved filters."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_lists(tx)
    shown = ((row["name"], "–" if row["members"] is None else f"{row['members']:,}", row["filter"]) for row in rows)
    screen.show({"lists": rows}, table(("Name", "#Members", "Filter"), shown, empty="There is no list."))


def delete(options: Named, screen: Screen) -> None:
    """Delete a list. Its contacts stay."""
    with open_segue(options) as segue, segue.tx() as tx:
        delete_list(tx, options.name)
    screen.show({"deleted": options.name}, sentence(f'The list "{options.name}" is gone.', "bold green"))
