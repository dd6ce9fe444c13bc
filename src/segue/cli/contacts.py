"""`segue contacts import FILE.csv` and `segue contacts list`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from segue.cli.contact_tracking import track
from segue.cli.opening import Segue, open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Maker, Screen, pairs, sentence, table
from segue.features.contacts.import_csv import ImportProgress, ImportReport, UnknownColumns, import_csv
from segue.features.contacts.queries import count_contacts, list_contacts


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    from segue.cli.contact_records import add_commands

    group = typer.Typer(help="Contacts: import, find, edit, export, erase.", no_args_is_help=True)
    add_command(group, "import", import_file)
    add_command(group, "list", list_all)
    add_commands(group)
    add_command(group, "track", track)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Common):
    file: Annotated[Path, typer.Argument(help="A table: names of the columns first, then one contact a row.", metavar="FILE.csv")]
    errors_to: Annotated[Path | None, typer.Option(help="File for rows that stay out; by default FILE.errors.csv.", metavar="FILE")] = None
    unknown_columns: Annotated[
        UnknownColumns, typer.Option(help="Columns that are no property yet: keep them as text, skip them, or refuse the file.")
    ] = UnknownColumns.KEEP


def import_file(options: Import, screen: Screen) -> None:
    """Import contacts from a CSV file. Running it again changes nothing."""
    with open_segue(options) as segue:
        report = import_with_progress(segue, options.file, screen, options.errors_to, options.unknown_columns)
    screen.show(
        document_of(report),
        *describe(report),
        sentence(f"Next: `segue enroll SEQUENCE --from {options.file}`."),
    )


def import_with_progress(
    segue: Segue, file: Path, screen: Screen, errors_to: Path | None = None, unknown: UnknownColumns = UnknownColumns.KEEP
) -> ImportReport:
    """Import a file with a bar that follows the bytes read."""
    with screen.progress(f"Reading {file.name}", 100) as moved:

        def tell(done: ImportProgress) -> None:
            moved(100 * done.bytes_read // max(done.bytes_total, 1))

        return import_csv(segue.db, segue.workspace_id, file, progress=tell, errors_path=errors_to, unknown=unknown)


def document_of(report: ImportReport) -> dict[str, Any]:
    """Return the report as JSON."""
    done = report.progress
    return {
        "rows": done.rows,
        "created": done.created,
        "updated": done.updated,
        "unchanged": done.unchanged,
        "refused": done.refused,
        "refused_rows": [{"line": row.line, "problem": row.problem} for row in report.refused],
        "errors_file": str(report.errors_path) if report.errors_path else None,
        "columns": report.columns,
        "encoding": report.encoding,
        "separator": report.separator,
    }


def describe(report: ImportReport) -> list[Maker]:
    """Return the report for people."""
    done = report.progress
    shown: list[Maker] = [
        pairs(
            (
                ("Rows", f"{done.rows:,}"),
                ("New contacts", f"{done.created:,}"),
                ("Changed", f"{done.updated:,}"),
                ("As they were", f"{done.unchanged:,}"),
                ("Left out", f"{done.refused:,}"),
            )
        )
    ]
    if report.refused:
        shown.append(table(("#Line", "Problem"), ((row.line, row.problem) for row in report.refused), title="Rows left out"))
    if report.errors_path:
        shown.append(sentence(f"All of them are in {report.errors_path}: correct them there and import that file."))
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class List(Common):
    search: Annotated[str, typer.Argument(help="Part of an address, a name or a company.")] = ""
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=500)] = 50


def list_all(options: List, screen: Screen) -> None:
    """List contacts."""
    with open_segue(options) as segue, segue.tx() as tx:
        found = list_contacts(tx, limit=options.limit, search=options.search)
        count = count_contacts(tx)
    screen.show(
        {
            "count": count,
            "contacts": [
                {
                    "id": c.id,
                    "email": c.email,
                    "first_name": c.first_name,
                    "last_name": c.last_name,
                    "company": c.company,
                    "timezone": c.timezone,
                    "country": c.country,
                    "properties": c.properties,
                    "address_dead_at": c.address_dead_at,
                }
                for c in found
            ],
        },
        table(
            ("Address", "Name", "Company", "Time zone"),
            ((c.email, f"{c.first_name} {c.last_name}".strip(), c.company, c.timezone) for c in found),
            empty="No contact found. `segue contacts import FILE.csv` brings some.",
        ),
        sentence(f"{len(found)} of {count:,} contacts."),
    )
