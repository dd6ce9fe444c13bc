"""`segue keys rotate`: new keys for stored secrets."""

from dataclasses import dataclass

import typer

from segue.cli.opening import open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence
from segue.features.workspaces.vault import KEY_FILE, rotate_keys
from segue.wiring import SEALED


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Keys that seal stored secrets.", no_args_is_help=True)
    add_command(group, "rotate", rotate)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate(Common):
    """Of every workspace."""


def rotate(_: Rotate, screen: Screen) -> None:
    """Seal every stored secret anew with new keys, while everything goes on working.

    The key file gets a new master key. Where SEGUE_SECRET_KEY gives it, set the new one there and the old one as SEGUE_SECRET_KEY_BEFORE
    first, for every process; afterwards drop the latter.
    """
    with open_installation() as segue:
        vault = segue.vault()
        file = None if segue.settings.secret_key else segue.settings.data_dir / KEY_FILE
        done = rotate_keys(segue.db, vault, SEALED, file)
        now = segue.vault().key_id
    said = f"{done:,} secrets are sealed anew. Master key: {now}. Back up the key with the database."
    screen.show({"secrets": done, "master_key": now}, sentence(said, "bold green"))
    if segue.settings.secret_key_before:
        screen.note("SEGUE_SECRET_KEY_BEFORE is not needed any more.")
