"""`segue audit list | verify`: who did what, when and from where."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.domain.errors import Conflict
from segue.features.workspaces.audit import AuditFilter, list_audit, verify_audit
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="The audit log: read it, and check that it is whole.", no_args_is_help=True)
    add_command(group, "list", list_entries)
    add_command(group, "verify", verify)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntries(Common):
    kind: Annotated[str, typer.Option(help="Only this kind, such as user_changed.", metavar="KIND")] = ""
    actor: Annotated[str, typer.Option(help="Only what was done by this user or key.", metavar="TEXT")] = ""
    days: Annotated[int, typer.Option(help="Only the last so many days; 0: all.", min=0, max=36_500)] = 0
    most: Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)] = 100
    before: Annotated[int, typer.Option(help="Only what came before the entry with this number.", metavar="NUMBER", min=0)] = 0


def list_entries(options: ListEntries, screen: Screen) -> None:
    """Show the audit log, the newest first: sign-ins, keys, users, settings, with what was before and after."""
    with open_segue(options) as segue, segue.tx() as tx:
        since = tx.now - timedelta(days=options.days) if options.days else None
        rows = list_audit(tx, AuditFilter(options.kind, options.actor, since, options.before), most=options.most)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"entries": rows},
        table(
            ("#", "When", "Who", "From", "What", "Details"),
            ((row["id"], when(row["at"], zone), row["actor"], row["address"] or "–", row["kind"], _details(row["data"])) for row in rows),
            empty="Nothing stands in the audit log yet.",
        ),
    )


def verify(options: Common, screen: Screen) -> None:
    """Check that no entry of the audit log was changed or taken out.

    Keep the last digest elsewhere: entries cut off at the end show when a later log does not lead on from it.
    """
    with open_segue(options) as segue, segue.tx() as tx:
        chain = verify_audit(tx)
    if chain.broken_at:
        raise Conflict(
            f"The audit log is broken at entry {chain.broken_at}: it, or the one before, was changed or taken out.",
            hint="Compare with a backup; only the database's owner can have done this.",
            code="audit_broken",
        )
    screen.show(asdict(chain), sentence(f"{chain.entries:,} entries, all in order. Last digest: {chain.head}", "bold green"))


def _details(data: dict[str, Any]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in data.items() if value not in ("", None, [], {}))
