"""`segue consent record | import | withdraw | policy | policies`: why somebody may be written to, and what it means where nobody knows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table
from segue.domain.consent import Basis, Policy
from segue.domain.errors import Invalid
from segue.features.contacts.consent import load_policies, record_consent, set_policy, withdraw_consent
from segue.features.contacts.import_consents import import_consents


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Consent of contacts, and each country's policy.", no_args_is_help=True)
    add_command(group, "record", record)
    add_command(group, "import", import_file)
    add_command(group, "withdraw", withdraw)
    add_command(group, "policy", policy)
    add_command(group, "policies", policies)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Common):
    emails: Annotated[list[str], typer.Argument(help="Addresses.", metavar="EMAIL…")]
    source: Annotated[str, typer.Option(help="Where it comes from: a form, a contract, a call on a date.")]
    kind: Annotated[Basis, typer.Option(help="express, or implied by business, inquiry or a published address.")] = Basis.EXPRESS
    at: Annotated[str, typer.Option(help="When it was given; by default now.", metavar="DATE")] = ""
    expires: Annotated[str, typer.Option(help="When it ends; else business after 2 years, inquiry after 6 months.", metavar="DATE")] = ""


def record(options: Record, screen: Screen) -> None:
    """Record a consent. Where a policy blocks, it lets mail go from now on."""
    given, until = _instant(options.at, "at"), _instant(options.expires, "expires")
    with open_segue(options) as segue, segue.tx() as tx:
        for email in options.emails:
            record_consent(tx, email, options.kind, options.source, given_at=given, until=until)
    screen.show({"recorded": options.emails, "kind": options.kind}, sentence(f"{len(options.emails):,} recorded.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Common):
    file: Annotated[
        Path, typer.Argument(help="CSV with the columns email, kind, source, given, expires; only email must be there.", metavar="FILE")
    ]
    source: Annotated[str, typer.Option(help="Where they come from, for rows that do not say.")] = ""
    kind: Annotated[Basis, typer.Option(help="The kind, for rows that do not say.")] = Basis.EXPRESS


def import_file(options: Import, screen: Screen) -> None:
    """Record the consents of a file. A row that cannot be taken is named and stops no other; running it again changes nothing."""
    with open_segue(options) as segue, screen.progress(f"Reading {options.file.name}", 100) as moved:
        report = import_consents(segue.db, segue.workspace_id, options.file, source=options.source, kind=options.kind, progress=moved)
    screen.show(
        {"recorded": report.recorded, "bad": [{"line": line, "message": message} for line, message in report.bad]},
        sentence(f"{report.recorded:,} recorded.", "bold green"),
        table(("#Line", "Left out, because"), report.bad[:20], empty="Every line was taken."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Common):
    email: Annotated[str, typer.Argument(help="Address.")]


def withdraw(options: Withdraw, screen: Screen) -> None:
    """Take back every consent of an address. To bar it for good, `segue suppress add` it."""
    with open_segue(options) as segue, segue.tx() as tx:
        taken = withdraw_consent(tx, options.email)
    screen.show({"withdrawn": taken}, sentence(f"{taken:,} taken back.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPolicy(Common):
    country: Annotated[str, typer.Argument(help="A country by name or two letters; * for all others.")]
    what: Annotated[Policy, typer.Argument(help="off, warn, or block: enrolls and sends only with a recorded consent.")]


def policy(options: SetPolicy, screen: Screen) -> None:
    """Set what a missing consent does in a country. It holds at once, for what is enrolled already too."""
    with open_segue(options) as segue, segue.tx() as tx:
        code = set_policy(tx, options.country, options.what)
    screen.show({"country": code, "policy": options.what}, sentence(f"{code}: {options.what.value}.", "bold green"))


def policies(options: Common, screen: Screen) -> None:
    """Show the policies by country."""
    with open_segue(options) as segue, segue.tx() as tx:
        found = load_policies(tx).by_country
    screen.show({"policies": found}, table(("Country", "Policy"), sorted((country, each.value) for country, each in found.items())))


def _instant(text: str, field: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text!r} is no date.", hint="Write it as 2027-01-31.", field=field) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
