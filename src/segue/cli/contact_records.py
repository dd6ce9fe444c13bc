"""`segue contacts show | set | delete | restore | merge | erase | export | find`: one contact, or those that a filter finds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs, sentence, table, when
from segue.domain.account_events import DataExported
from segue.domain.errors import Invalid
from segue.domain.properties import FIELDS
from segue.features.contacts.companies import find_company
from segue.features.contacts.consent import list_consents
from segue.features.contacts.edit import delete_contact, restore_contact, set_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.export import collect_everything, export_csv, read_engine_written
from segue.features.contacts.lists import find_contacts, list_members
from segue.features.contacts.merge import merge_contacts
from segue.features.contacts.queries import get_contact_by_email, list_contacts_by_id, list_ids
from segue.features.contacts.suppression import find_suppressions
from segue.features.contacts.zones import find_zones
from segue.features.workspaces.service import get_workspace


def add_commands(group: typer.Typer) -> None:
    """Add the commands to the group `contacts`."""
    add_command(group, "show", show)
    add_command(group, "set", change)
    add_command(group, "find", find)
    add_command(group, "export", export)
    add_command(group, "delete", delete)
    add_command(group, "restore", restore)
    add_command(group, "merge", merge)
    add_command(group, "erase", erase)


@dataclass(frozen=True, slots=True, kw_only=True)
class One(Common):
    email: Annotated[str, typer.Argument(help="Any address of the contact.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(One):
    everything: Annotated[bool, typer.Option("--everything", help="Every row about the person in any table, as JSON.")] = False


def show(options: Show, screen: Screen) -> None:
    """Show what is known of a contact; with --everything all that any table says, to be handed to the person who asks for it."""
    with open_segue(options) as segue, segue.tx() as tx:
        if options.everything:
            Screen(as_json=True).show(collect_everything(tx, options.email))
            return
        contact = get_contact_by_email(tx, options.email)
        engine = read_engine_written(tx, contact.id)
        zone = find_zones(tx, [contact.id]).get(contact.id)
        company = find_company(tx, contact.company_id)
        addresses = [contact.email_normal, *contact.other_addresses]
        consents = list_consents(tx, addresses)
        bars = find_suppressions(tx, addresses)
        clock = str(get_workspace(tx)["timezone"])
    values = {field.name: getattr(contact, field.name) for field in FIELDS} | contact.properties
    document: dict[str, Any] = {
        "id": contact.id,
        "properties": values,
        "other_addresses": contact.other_addresses,
        "company": company,
        "zone": {"timezone": zone.zone, "source": zone.source} if zone else None,
        "engine_written": {name: value for name, value in engine.items() if value},
        "consents": consents,
        "suppressed": {address: bar.reason for address, bar in bars.items()},
        "address_dead_at": contact.address_dead_at,
        "deleted_at": contact.deleted_at,
        "created_at": contact.created_at,
        "updated_at": contact.updated_at,
    }
    rows = [(name, value) for name, value in values.items() if value]
    rows += [("other addresses", ", ".join(contact.other_addresses))] if contact.other_addresses else []
    rows += [("company record", company["name"] or company["domain"])] if company else []
    rows += [("lives by", f"{zone.zone} (told by: {zone.source})")] if zone else []
    rows += [("consent", f"{each['kind']}: {each['source']}, until {when(each['expires_at'], clock)}") for each in consents]
    rows += [("gets no mail", f"{address}: {bar.reason}") for address, bar in bars.items()]
    rows += [("deleted", when(contact.deleted_at, clock))] if contact.deleted_at else []
    screen.show(document, pairs([*rows, *((name, value) for name, value in engine.items() if value)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(One):
    values: Annotated[list[str] | None, typer.Argument(help="Once for each; an empty value takes it away.", metavar="NAME=VALUE")] = None
    add_address: Annotated[list[str] | None, typer.Option(help="A further address of the person.", metavar="EMAIL")] = None
    remove_address: Annotated[list[str] | None, typer.Option(help="Takes a further address away.", metavar="EMAIL")] = None


def change(options: Set, screen: Screen) -> None:
    """Change properties and further addresses of a contact. What is open follows: mail keeps its address, times follow a changed zone."""
    values = {}
    for given in options.values or ():
        name, equals, value = given.partition("=")
        if not equals:
            raise Invalid(f"{given!r} is not NAME=VALUE.", hint='Write first_name=Ann, or city="New York".', field="values")
        values[name.strip().lower()] = value
    if not values and not options.add_address and not options.remove_address:
        raise Invalid("Nothing is to be changed.", hint="Add NAME=VALUE, --add-address or --remove-address.", field="values")
    with open_segue(options) as segue, segue.tx() as tx:
        after = set_contact(tx, options.email, values, add=options.add_address or (), remove=options.remove_address or ())
    document = {field.name: getattr(after, field.name) for field in FIELDS} | after.properties
    screen.show(
        {"id": after.id, "properties": document, "other_addresses": after.other_addresses},
        sentence(f"{after.email} is changed.", "bold green"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(Common):
    emails: Annotated[list[str], typer.Argument(help="Addresses of contacts.", metavar="EMAIL…")]


def delete(options: Several, screen: Screen) -> None:
    """Delete contacts; each leaves every sequence at once. `contacts restore` brings one back, but not into its sequences."""
    with open_segue(options) as segue, segue.tx() as tx:
        done = {email: delete_contact(tx, email) for email in sorted(options.emails)}
    screen.show({"deleted": [email for email, new in done.items() if new]}, sentence(f"{sum(done.values()):,} deleted.", "bold green"))


def restore(options: Several, screen: Screen) -> None:
    """Bring deleted contacts back. Their enrollments stay ended."""
    with open_segue(options) as segue, segue.tx() as tx:
        done = {email: restore_contact(tx, email) for email in sorted(options.emails)}
    screen.show({"restored": [email for email, new in done.items() if new]}, sentence(f"{sum(done.values()):,} restored.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Common):
    keep: Annotated[str, typer.Argument(help="The contact that stays.", metavar="KEEP")]
    other: Annotated[str, typer.Argument(help="The contact that becomes part of it.", metavar="OTHER")]


def merge(options: Merge, screen: Screen) -> None:
    """Make one contact of two that are one person. The older open enrollment goes on, the other ends."""
    with open_segue(options) as segue, segue.tx() as tx:
        kept = merge_contacts(tx, options.keep, options.other)
    screen.show(
        {"id": kept.id, "email": kept.email, "other_addresses": kept.other_addresses},
        sentence(f"{options.other} is part of {kept.email} now.", "bold green"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase(One):
    yes: Annotated[bool, typer.Option("--yes", help="Do it without being asked again; it cannot be taken back.")] = False


def erase(options: Erase, screen: Screen) -> None:
    """Erase a person from every table, for good. A keyed hash of the address stays, so that no import brings them back."""
    if not options.yes:
        hint = "Write `segue contacts show EMAIL --everything > person.json` first if they asked for it; then add --yes."
        raise Invalid("Erasing cannot be taken back.", hint=hint, field="yes")
    with open_segue(options) as segue, segue.tx() as tx:
        kept = erase_person(tx, options.email)
    screen.show(
        {"erased": True, "hashes_kept": kept}, sentence("Nothing of this person is left but a keyed hash of the address.", "bold green")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Find(Common):
    filter: Annotated[str, typer.Option("--filter", help="Such as: country = DE and seats >= 50.", metavar="FILTER")]
    limit: Annotated[int, typer.Option(help="How many to show at most.", min=1, max=500)] = 50


def find(options: Find, screen: Screen) -> None:
    """Find contacts by a filter over their properties."""
    with open_segue(options) as segue, segue.tx() as tx:
        ids = find_contacts(tx, options.filter)
        found = list_contacts_by_id(tx, ids[: options.limit])
    screen.show(
        {"count": len(ids), "contacts": [{"id": each.id, "email": each.email} for each in found]},
        table(
            ("Address", "Name", "Company", "Country"),
            ((each.email, f"{each.first_name} {each.last_name}".strip(), each.company, each.country) for each in found),
            empty="The filter finds nobody.",
        ),
        sentence(f"{len(found):,} of {len(ids):,} contacts found."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Export(Common):
    file: Annotated[Path, typer.Argument(help="Where to write them; a file that is there is replaced.", metavar="FILE.csv")]
    filter: Annotated[str, typer.Option("--filter", help="Only those that a filter finds.", metavar="FILTER")] = ""
    from_list: Annotated[str, typer.Option("--list", help="Only the members of a list.", metavar="NAME")] = ""
    raw: Annotated[bool, typer.Option("--raw", help="Cells as they are, for programs and not for spreadsheets.")] = False


def export(options: Export, screen: Screen) -> None:
    """Write contacts to a CSV file, safe to open in a spreadsheet; `contacts import` reads it back."""
    if options.filter and options.from_list:
        raise Invalid("--filter and --list cannot be given together.", hint='A filter may ask for a list: list = "Customers".')
    with open_segue(options) as segue:
        with segue.tx() as tx:
            ids = (
                find_contacts(tx, options.filter)
                if options.filter
                else list_members(tx, options.from_list)
                if options.from_list
                else list_ids(tx)
            )
        with screen.progress("Writing", len(ids)) as moved:
            written = export_csv(segue.db, segue.workspace_id, options.file, ids, raw=options.raw, progress=moved)
        with segue.tx() as tx:
            tx.record(DataExported(what="contacts", rows=written))
    screen.show({"contacts": written, "file": str(options.file)}, sentence(f"{written:,} contacts are in {options.file}.", "bold green"))
