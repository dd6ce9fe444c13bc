"""`segue contacts track`: whose opens and clicks are recorded."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Common
from segue.cli.screen import Screen, sentence
from segue.domain.addresses import normal_form
from segue.domain.errors import NotFound
from segue.features.mail.links import set_tracked


@dataclass(frozen=True, slots=True, kw_only=True)
class Track(Common):
    emails: Annotated[list[str], typer.Argument(help="Addresses of contacts.", metavar="EMAIL…")]
    on: Annotated[bool, typer.Option("--on/--off", help="Record opens and clicks where nothing else forbids it, or never.")] = True


def track(options: Track, screen: Screen) -> None:
    """Say whether opens and clicks of contacts are recorded. --off counts for mails already sent, too."""
    normals = [normal_form(each) for each in options.emails]
    with open_segue(options) as segue, segue.tx() as tx:
        rows = tx.all(
            "SELECT id, email_normal FROM contacts WHERE workspace_id = %(ws)s AND email_normal = ANY(%(normals)s)", {"normals": normals}
        )
        known = {row["email_normal"] for row in rows}
        missing = next((given for given, normal in zip(options.emails, normals, strict=True) if normal not in known), None)
        if missing is not None:
            raise NotFound(f"There is no contact with the address {missing}.", hint="`segue contacts list` finds them; nobody was changed.")
        set_tracked(tx, [row["id"] for row in rows], options.on)
    said = "are recorded" if options.on else "are not recorded any more"
    screen.show(
        {"contacts": sorted(known), "tracked": options.on}, sentence(f"Opens and clicks of {len(known):,} contacts {said}.", "green")
    )
