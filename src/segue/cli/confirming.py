"""`segue confirm-instance`: lift the fence of a restored or copied database (S26)."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence
from segue.domain.errors import Invalid
from segue.features.workspaces.instance import confirm_instance, is_fenced, list_instances

FENCED = "This database belongs to another installation, as after a restore or a copy. Nothing is sent from it."
WHAT_TO_DO = "See docs/operate/backup.md, then `segue confirm-instance`."


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, confirm, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Common):
    join: Annotated[bool, typer.Option("--join", help="This is one more machine of the same installation, not a copy of it.")] = False
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False


def confirm(options: Confirm, screen: Screen) -> None:
    """Let a restored or copied database send.

    Only when nothing else sends from the original any more: what was due since the backup would go twice. With --join for a further machine
    that works on the same database.
    """
    with open_installation() as segue:
        fenced, before = is_fenced(segue.db), sorted(list_instances(segue.db))
        if fenced and not options.yes:
            if screen.as_json:
                raise Invalid("Confirming lets this database send.", hint="Add --yes.")
            question = (
                "Is this one more machine of the same installation?" if options.join else "Does nothing send from the original any more?"
            )
            typer.confirm(f"{FENCED} {question}", abort=True, err=True)
        own = confirm_instance(segue.db, segue.settings, join=options.join) if fenced else segue.db.instance_id
    said = (
        "Confirmed: workers send from this database."
        if fenced
        else "There is nothing to confirm: this database is this installation's own."
    )
    screen.show({"confirmed": fenced, "instance": own, "before": before}, sentence(said, "bold green"))
