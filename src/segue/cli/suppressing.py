"""`segue suppress add | list`: addresses and domains that get no mail, whatever else is stored."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.features.contacts.suppression import suppress
from segue.features.enrollments.queries import list_suppressions
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Addresses and domains that get no mail.", no_args_is_help=True)
    add_command(group, "add", add)
    add_command(group, "list", list_all)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Common):
    values: Annotated[list[str], typer.Argument(help="Addresses such as ann@prospect.example, or whole domains.", metavar="VALUE…")]
    reason: Annotated[str, typer.Option(help="Why; shown when somebody tries to enroll them.")] = "by hand"


def add(options: Add, screen: Screen) -> None:
    """Put addresses or domains on the list. Enrollments that they cover end at once."""
    # Domains before addresses: the order in which locks are taken everywhere (H4).
    ordered = sorted(options.values, key=lambda value: ("@" in value.strip().removeprefix("@"), value))
    with open_segue(options) as segue, segue.tx() as tx:
        added = {}
        for value in ordered:
            kind = "address" if "@" in value.strip().removeprefix("@") else "domain"
            added[value] = suppress(tx, kind, value, options.reason, source="cli")
    new = sum(added.values())
    screen.show(
        {"added": [value for value, is_new in added.items() if is_new], "known": [value for value, is_new in added.items() if not is_new]},
        sentence(f"{new:,} added, {len(added) - new:,} on the list already.", "bold green"),
    )


def list_all(options: Common, screen: Screen) -> None:
    """List what is suppressed and why."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_suppressions(tx)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"suppressions": rows},
        table(
            ("What", "Kind", "Reason", "By", "Since"),
            ((row["value"], row["kind"], row["reason"], row["source"], when(row["created_at"], zone)) for row in rows),
            empty="Nobody is suppressed.",
        ),
    )
