"""`segue suppress add | list`: addresses and domains that get no mail, whatever else is stored."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.domain.consent import Basis
from segue.features.contacts.consent import record_consent
from segue.features.contacts.import_suppressions import import_suppressions
from segue.features.contacts.suppression import UNSUBSCRIBED_ALL, lift, opt_in, suppress
from segue.features.enrollments.queries import list_suppressions
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Addresses and domains that get no mail.", no_args_is_help=True)
    add_command(group, "add", add)
    add_command(group, "import", import_file)
    add_command(group, "lift", take_off)
    add_command(group, "opt-in", opted_in)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Common):
    file: Annotated[Path, typer.Argument(help="Addresses and domains in the first column, one a line.", metavar="FILE")]
    reason: Annotated[str, typer.Option(help="Why; shown when somebody tries to enroll them.")] = "imported list"
    opted_out: Annotated[bool, typer.Option("--opted-out", help="They opted out of mail themselves, elsewhere.")] = False


def import_file(options: Import, screen: Screen) -> None:
    """Put the addresses and domains of a file on the list. Running it again changes nothing."""
    reason = UNSUBSCRIBED_ALL if options.opted_out else options.reason
    with open_segue(options) as segue, screen.progress(f"Reading {options.file.name}", 100) as moved:
        report = import_suppressions(segue.db, segue.workspace_id, options.file, reason, progress=moved)
    screen.show(
        {"added": report.added, "known": report.known, "bad": [{"line": line, "value": value} for line, value in report.bad]},
        sentence(f"{report.added:,} added, {report.known:,} on the list already.", "bold green"),
        table(("#Line", "Neither address nor domain"), report.bad[:20], empty="Every line was understood."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift(Common):
    value: Annotated[str, typer.Argument(help="Address or domain.")]
    why: Annotated[str, typer.Option(help="The reason, which stays on the timeline.")]


def take_off(options: Lift, screen: Screen) -> None:
    """Take a bounce or a block off the list, with a reason. Somebody's own opt-out or complaint stays."""
    with open_segue(options) as segue, segue.tx() as tx:
        was = lift(tx, options.value, options.why)
    screen.show({"lifted": options.value, "was": was}, sentence(f"{options.value} may be written to again; it was: {was}.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class OptIn(Common):
    email: Annotated[str, typer.Argument(help="Address.")]
    source: Annotated[str, typer.Option(help="Where and when they opted in.")]


def opted_in(options: OptIn, screen: Screen) -> None:
    """Take an opt-out back because the person has opted in anew. A complaint stays."""
    with open_segue(options) as segue, segue.tx() as tx:
        was = opt_in(tx, options.email, options.source)
        record_consent(tx, options.email, Basis.EXPRESS, options.source)
    screen.show({"opted_in": options.email, "was": was}, sentence(f"{options.email} may be written to again.", "bold green"))


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
