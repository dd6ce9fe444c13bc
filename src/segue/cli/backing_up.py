"""`segue backup | restore | move-database`: the whole database in a file, out of it, and over to another server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from segue import __version__
from segue.cli.opening import open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, pairs, sentence
from segue.db.backup import TABLES, give_to, load_backup, read_manifest, write_backup
from segue.db.embedded import database_urls
from segue.db.migrate import upgrade
from segue.db.tx import Database
from segue.domain.errors import Conflict, Invalid
from segue.features.workspaces.instance import is_fenced, leave_database, return_to_database
from segue.features.workspaces.vault import KEY_FILE
from segue.ports import system_random
from segue.settings import Settings, read_settings

OVER = ".over"


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    if name == "move-database":
        add_command(app, name, move, panel=panel)
    else:
        add_command(app, name, {"backup": backup, "restore": restore}[name], panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class File(Common):
    file: Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")]


def backup(options: File, screen: Screen) -> None:
    """Write a backup of everything, as one instant sees it. Workers go on meanwhile.

    The master key is not in it: back it up apart, or the stored mailbox passwords cannot be opened again.
    """
    if options.file.exists():
        raise Conflict(f"There is a file {options.file} already.", hint="Name a new one.")
    settings = read_settings()
    with database_urls(settings) as urls:
        upgrade(urls.owner_url)
        with screen.progress("Saving", TABLES) as moved:
            made = write_backup(urls.owner_url, options.file, program=__version__, progress=moved)
    key = _where_the_key_is(settings)
    screen.show(
        {"file": str(options.file), "rows": made.rows, "revision": made.revision, "made_at": made.made_at, "key": key},
        sentence(f"{made.rows:,} rows are in {options.file}.", "bold green"),
        sentence(f"Not in it is the master key: back up {key} in another place.", "yellow"),
    )


def restore(options: File, screen: Screen) -> None:
    """Load a backup into a new data folder, or the new database that DATABASE_URL names.

    Nothing is sent from it until `segue confirm-instance`. Everybody signs in again; API keys that were revoked since the backup work
    again: look at `segue api-key list`.
    """
    read_manifest(options.file)
    settings = read_settings()
    with database_urls(settings) as urls, screen.progress("Loading", TABLES) as moved:
        made = load_backup(urls.owner_url, options.file, instance=f"restored-{system_random(8).hex()}", progress=moved)
    key = _where_the_key_is(settings)
    screen.show(
        {"rows": made.rows, "made_at": made.made_at, "made_by": made.program, "fenced": True, "key": key},
        sentence(f"{made.rows:,} rows of {made.made_at} are loaded.", "bold green"),
        pairs(
            (
                ("Next", f"put the master key of the original into {key}, then `segue mailbox test`"),
                ("Then", "`segue plan`: what was due since may have been sent; docs/operate/backup.md"),
                ("At last", "`segue confirm-instance`: until then nothing is sent"),
            )
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Common):
    url: Annotated[str, typer.Argument(help="postgresql://… of a new, empty database.", metavar="URL")]


def move(options: Move, screen: Screen) -> None:
    """Move everything to another PostgreSQL: from then on the old database sends nothing, and the new one does.

    Broken off, the old one goes on as before; where it was killed, `segue confirm-instance` lets it.
    """
    if not options.url.startswith(("postgresql://", "postgres://")):
        raise Invalid("This is not the address of a PostgreSQL.", hint="postgresql://user:password@host/database", field="url")
    settings = read_settings()
    over = settings.data_dir / f"{OVER}.{system_random(4).hex()}"
    with open_installation() as segue, database_urls(settings) as urls:
        with _left(segue.db, fenced=is_fenced(segue.db)) as instance:
            try:
                with screen.progress("Saving", TABLES) as moved:
                    write_backup(urls.owner_url, over, program=__version__, progress=moved)
                with screen.progress("Loading", TABLES) as moved:
                    made = load_backup(options.url, over, instance=f"moving-{system_random(8).hex()}", progress=moved)
            finally:
                over.unlink(missing_ok=True)
        give_to(options.url, instance)  # behind the block: whatever fails from here on, never do both send
    screen.show(
        {"rows": made.rows, "instance": instance},
        sentence(f"{made.rows:,} rows are there. The old database sends nothing any more.", "bold green"),
        sentence("Set DATABASE_URL to the new one, for every process; the master key stays as it is.", "bold"),
    )


@contextmanager
def _left(db: Database, *, fenced: bool) -> Iterator[str]:
    """Fence the database for the block; where the block fails it is this installation's own again."""
    if fenced:
        raise Conflict("This database belongs to another installation.", hint="`segue confirm-instance` first.")
    own = leave_database(db)
    try:
        yield own
    except BaseException:
        return_to_database(db, own)
        raise


def _where_the_key_is(settings: Settings) -> str:
    return "SEGUE_SECRET_KEY" if settings.secret_key else str(settings.data_dir / KEY_FILE)
