"""`segue doctor`: everything that can be wrong with an installation, and what to do about it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

import psycopg
import typer
from rich.text import Text

from segue.cli.confirming import FENCED, WHAT_TO_DO
from segue.cli.failures import explain
from segue.cli.looking import PROMISES
from segue.cli.mailboxes import check_stored
from segue.cli.opening import Segue, choose_workspace, open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, cell, sentence, table
from segue.domain.errors import DomainError
from segue.features.enrollments.promises import check_promises
from segue.features.enrollments.queries import list_undecided
from segue.features.enrollments.stuck import list_stuck
from segue.features.mail.doctor import blocks, check_domain
from segue.features.mail.links import lacks_postal_address
from segue.features.mail.names import look_up_at
from segue.features.mail.presets import MICROSOFT, PASSWORDS_END
from segue.features.workspaces.instance import is_fenced
from segue.ports import SystemClock
from segue.settings import Settings, read_settings
from segue.zone_data import zone_data_version

ROOM = 1 << 30
"""Bytes below which the doctor warns of a full disk."""
CLOCK_OFF = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doctor(Common):
    offline: Annotated[bool, typer.Option("--offline", help="Do not sign in to mailboxes and ask no name server.")] = False


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `ok` None is a warning or what could not be told."""

    area: str
    name: str
    ok: bool | None
    message: str


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, doctor, panel=panel)


def doctor(options: Doctor, screen: Screen) -> None:
    """Check this installation: settings, disk, database, clock, mailboxes, domains, and the promises in the ledger.

    Exit code 1 when something is broken.
    """
    found = list(_check(options, screen))
    broken = sum(each.ok is False for each in found)
    screen.show(
        {"ok": not broken, "checks": [{"area": f.area, "name": f.name, "ok": f.ok, "message": f.message} for f in found]},
        table(("", "Area", "What", "Finding"), ((_mark(f.ok), f.area, f.name, f.message) for f in found)),
        sentence(f"{broken} of {len(found)} checks failed." if broken else "Everything works.", "bold red" if broken else "bold green"),
    )
    if broken:
        raise typer.Exit(1)


def _mark(ok: bool | None) -> Text:
    return cell("?", "bold yellow") if ok is None else cell("✓" if ok else "✗", "bold green" if ok else "bold red")


def _check(options: Doctor, screen: Screen) -> Iterator[Found]:
    try:
        settings = read_settings()
    except DomainError as error:
        yield Found("settings", "environment", False, f"{error.message} {error.hint}")
        return
    yield _zones(SystemClock().now().year)
    yield Found("settings", "environment", True, f"zone data {zone_data_version()}, data folder {settings.data_dir}")
    yield _public(settings)
    yield _disk(settings)
    try:
        with open_installation() as segue:
            yield from _database(segue)
            if is_fenced(segue.db):
                yield Found("installation", "clone", False, f"{FENCED} {WHAT_TO_DO}")
            yield from _workspace(segue, options, screen)
    except (DomainError, psycopg.Error, OSError) as error:
        told = explain(error)
        yield Found("database", "connection", False, f"{told.message} {told.hint}")


def _zones(year: int) -> Found:
    """Zone data older than the year before knows nothing of newer clock changes (SEQ-72)."""
    version = zone_data_version()
    old = int(version[:4]) < year - 1
    return Found("clock", "zone data", None if old else True, f"{version}{'; install a newer Segue or tzdata' if old else ''}")


def _public(settings: Settings) -> Found:
    """How contacts reach this Segue: MAIL-46 wants a visible link, RFC 8058 wants https."""
    if not settings.public_url:
        said = "not set: mails carry no unsubscribe link and are not tracked; contacts opt out by answering. Run `segue api` and set it."
        return Found("settings", "SEGUE_PUBLIC_URL", None, said)
    if not settings.public_url.startswith("https://"):
        return Found("settings", "SEGUE_PUBLIC_URL", None, f"{settings.public_url} has no https: mail programs offer no one-click form.")
    return Found("settings", "SEGUE_PUBLIC_URL", True, settings.public_url)


def _disk(settings: Settings) -> Found:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if not os.access(folder, os.W_OK):
        return Found("disk", "data folder", False, f"{folder} may not be written. Set SEGUE_DATA_DIR to a folder that may.")
    said = f"{free / (1 << 30):.1f} GB free"
    return Found("disk", "data folder", free >= ROOM or None, said if free >= ROOM else f"Only {said}; the database stops at none.")


def _database(segue: Segue) -> Iterator[Found]:
    with segue.db.anywhere() as conn:
        row = conn.execute("SELECT current_setting('server_version'), clock_timestamp(), current_setting('fsync')").fetchone()
    assert row is not None
    where = "the one at DATABASE_URL" if segue.settings.database_url else "the embedded one"
    yield Found("database", "server", True, f"PostgreSQL {row[0]}, {where}; schema up to date")
    if row[2] != "on":
        yield Found("database", "durability", False, "fsync is off: a power cut could make mail be sent twice. Switch it on.")
    off = abs(segue.db.clock.now() - row[1])
    right = off <= CLOCK_OFF
    yield Found("clock", "database", right or None, f"{off.total_seconds():.1f} s apart{'' if right else '; let NTP set both clocks'}")


def _workspace(segue: Segue, options: Doctor, screen: Screen) -> Iterator[Found]:
    try:
        workspace_id = choose_workspace(segue.db, options.workspace)
    except DomainError as error:
        yield Found("workspace", "choice", None, f"{error.message} {error.hint}")
        return
    opened = Segue(segue.settings, segue.db, workspace_id)
    with opened.tx() as tx:
        if lacks_postal_address(tx):
            said = "none, and mails show an unsubscribe link: `segue workspace set --postal-address` gives one"
            yield Found("workspace", "postal address", False, said)
        stuck = list_stuck(tx)
        promises, undecided = check_promises(tx), list_undecided(tx)
        mailboxes = tx.all("SELECT * FROM mailboxes WHERE workspace_id = %(ws)s ORDER BY address", {})
        sweeps = sum(row["sweeps"] for row in tx.all("SELECT sweeps FROM mailbox_lanes WHERE workspace_id = %(ws)s", {}))
    for name, said in PROMISES.items():
        yield Found("ledger", said, promises[name] == 0, f"{promises[name]}")
    yield from (Found("queue", name, None, said) for name, said in stuck)
    if sweeps:
        yield Found("ledger", "Sweeps", None, f"{sweeps}: a lane had to be woken by the sweeper; please report this")
    if undecided:
        yield Found("ledger", "Undecided mails", None, f"{len(undecided)}; `segue undecided list` shows them")
    if not mailboxes:
        yield Found("mailbox", "none", None, "No mailbox is connected; `segue mailbox add ADDRESS` connects one.")
    for row in mailboxes:
        yield from _mailbox(opened, row, options, screen)
    if not options.offline:
        yield from _domains(segue, mailboxes, screen)


def _domains(segue: Segue, mailboxes: list[dict[str, Any]], screen: Screen) -> Iterator[Found]:
    """What the name system says of the sending domains; broken is only a domain with neither SPF nor DKIM (MAIL-48)."""
    ask = look_up_at(segue.settings.name_servers)
    for domain, host in sorted({(r["address"].rpartition("@")[2], str(r["settings"].get("smtp_host", ""))) for r in mailboxes}):
        screen.note(f"Looking {domain} up …")
        found = check_domain(domain, ask, host=host)
        bad = blocks(found)
        for each in found:
            yield Found("domain", f"{domain} {each.name}", False if bad and each.name == "SPF" else each.ok or None, each.message)


def _mailbox(segue: Segue, row: dict[str, Any], options: Doctor, screen: Screen) -> Iterator[Found]:
    state = "works" if row["state"] == "ok" else f"{row['state']}: {row['state_detail']}"
    yield Found("mailbox", f"{row['address']} state", row["state"] == "ok", state)
    if str(row["settings"].get("smtp_host", "")).lower() in MICROSOFT:
        yield Found("mailbox", f"{row['address']} password", None, PASSWORDS_END)
    if not options.offline:
        screen.note(f"Signing in as {row['address']} …")
        for name, ok, said in check_stored(segue, row).results:
            yield Found("mailbox", f"{row['address']} {name}", ok, said)
