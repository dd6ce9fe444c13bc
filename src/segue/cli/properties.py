"""`segue property add | list`: which properties contacts have, and of what type."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table
from segue.domain.properties import BUILT_IN, ENGINE_WRITTEN
from segue.features.contacts.properties import add_property, load_properties


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Properties of contacts and their types.", no_args_is_help=True)
    add_command(group, "add", add)
    add_command(group, "list", list_all)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Common):
    name: Annotated[str, typer.Argument(help="Name as tokens and filters use it, such as contract_end.")]
    kind: Annotated[str, typer.Option("--type", help="text, number, date, datetime, boolean, choice, phone or url.")] = "text"
    label: Annotated[str, typer.Option(help="What people read; columns of a file with this heading fill it.")] = ""
    choice: Annotated[list[str] | None, typer.Option(help="One choice of the type choice; once for each.")] = None


def add(options: Add, screen: Screen) -> None:
    """Define a property, or give one that was text so far a type. Values that are there already are checked and brought into its form."""
    with open_segue(options) as segue, segue.tx() as tx:
        made = add_property(tx, options.name, options.label, options.kind, tuple(options.choice or ()))
    screen.show(
        {"name": made.name, "label": made.label, "type": made.kind, "choices": made.choices},
        sentence(f"{made.name} is a property of type {made.kind}; in texts it is {{{{ contact.{made.name} }}}}.", "bold green"),
    )


def list_all(options: Common, screen: Screen) -> None:
    """List the properties of contacts."""
    with open_segue(options) as segue, segue.tx() as tx:
        known = load_properties(tx)
    rows = [(each, "built in" if name in BUILT_IN else "own") for name, each in known.items()]
    rows += [(each, "written by the engine") for each in ENGINE_WRITTEN.values()]
    screen.show(
        {
            "properties": [
                {"name": each.name, "label": each.label, "type": each.kind, "choices": each.choices, "origin": origin}
                for each, origin in rows
            ]
        },
        table(
            ("Name", "Label", "Type", "Choices", "Origin"),
            ((each.name, each.label, each.kind.value, ", ".join(each.choices), origin) for each, origin in rows),
        ),
    )
