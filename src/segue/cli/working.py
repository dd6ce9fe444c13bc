"""`segue worker`: the engine in the foreground, telling what it does."""

import json
import logging
import os
import signal
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from segue.cli.confirming import FENCED, WHAT_TO_DO
from segue.cli.opening import choose_workspace, open_installation
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, cell, clean, pairs, sentence
from segue.cli.sentences import tell
from segue.cli.trial_clock import sharing
from segue.db.tx import Database, Handlers, Tx
from segue.domain.errors import Invalid, NotFound
from segue.domain.events import Event
from segue.domain.ids import WorkspaceId
from segue.features.webhooks.lane import Lane
from segue.features.workspaces.instance import is_fenced
from segue.features.workspaces.service import get_workspace
from segue.ports import Clock, FastClock, SystemClock
from segue.settings import read_settings
from segue.worker import SENDERS, Worker, run_worker


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, work, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work(Common):
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Stop when nothing is due, in flight or waiting for time.")] = False
    clock_start: Annotated[str, typer.Option(help="For trials: the time at which the clock begins, in ISO 8601.", metavar="ISO")] = ""
    clock_speed: Annotated[float, typer.Option(help="For trials: how many times as fast the clock runs.", min=0.001, max=1_000_000)] = 1.0


def work(options: Work, screen: Screen) -> None:
    """Send what is due and read the inboxes.

    Runs until it is stopped with Ctrl-C or SIGTERM: a mail that is being handed over is finished first. Any number of workers may run.
    """
    set_up_logs(read_settings().log_format)
    clock = make_clock(options.clock_start, options.clock_speed)
    with open_installation(clock=clock) as segue, sharing(clock, segue.settings.data_dir):
        segue.db.ring = lambda: None  # its own threads are woken without
        if is_fenced(segue.db):
            screen.note(f"{FENCED} {WHAT_TO_DO}", style="bold red")
        workspaces = [choose_workspace(segue.db, options.workspace)] if options.workspace else segue.db.workspace_ids()
        began = {each: _newest_event(segue.db, each) for each in workspaces}
        zone = _zone(segue.db, workspaces)
        if not screen.as_json:
            segue.db.handlers = telling(segue.db.handlers, screen, zone)
        speed = f", {options.clock_speed:g} times as fast as the wall" if options.clock_speed != 1 else ""
        screen.note(f"Working from {segue.db.clock.now():%Y-%m-%d %H:%M} UTC{speed}; Ctrl-C stops after the mail under way.")
        run_worker(
            segue.engine(threads=SENDERS),
            until_idle=options.until_idle,
            install=_stop_on_signals,
            revive=segue.revive,
            beside=Lane(segue.db, segue.vault(), segue.egress()).run,
        )
        counts = _count_events(segue.db, began)
        ended = segue.db.clock.now()
    told = sorted((kind.replace("_", " ").capitalize(), f"{count:,}") for kind, count in counts.items())
    screen.show(
        {"stopped_at": ended, "events": counts, "sent": counts.get("email_sent", 0), "replies": counts.get("reply_received", 0)},
        sentence("Stopped." if told else "Stopped; nothing happened.", "bold"),
        *([pairs(told)] if told else []),
    )


def make_clock(start: str, speed: float) -> Clock | None:
    """Return None for the clock that everybody lives on, or for trials one that begins elsewhere or runs fast.

    Raises:
        Invalid: the start is no time.
    """
    if not start and speed == 1.0:
        return None
    try:
        begins = datetime.fromisoformat(start) if start else SystemClock().now()
    except ValueError as error:
        raise Invalid(f"{start!r} is not a time.", hint="Write it as 2027-01-11T09:00:00+01:00.", field="clock-start") from error
    return FastClock.starting(begins if begins.tzinfo else begins.replace(tzinfo=UTC), speed)


def telling(handlers: Handlers, screen: Screen, zone: str) -> Handlers:
    """Return the reactions to facts, each followed by a line on the screen once its transaction is committed."""
    console = screen.console()
    known: dict[tuple[str, int], str] = {}

    def show(tx: Tx, event: Event) -> None:
        data = event.data()
        told = tell(event.kind, data)
        at = f"{tx.now.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S}"
        whom = _name(tx, "contacts", event.contact_id, known) or _name(tx, "mailboxes", data.get("mailbox_id"), known)
        tx.after_commit(lambda: console.print(cell(f"{at}  ", "dim") + cell(f"{clean(whom):<32} ", "bold") + cell(told)))

    return {kind: (*handlers.get(kind, ()), show) for kind in Event.__subclasses__()}


_NAMES = {
    "contacts": "SELECT email AS name FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s",
    "mailboxes": "SELECT address AS name FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(id)s",
}


def _name(tx: Tx, table: str, number: int | None, known: dict[tuple[str, int], str]) -> str:
    """Return the address of a contact or mailbox, asked for once."""
    if number is None:
        return ""
    key = (f"{tx.workspace_id}/{table}", number)
    if key not in known:
        row = tx.one(_NAMES[table], {"id": number})
        known[key] = str(row["name"]) if row else ""
    return known[key]


def _stop_on_signals(worker: Worker) -> None:
    """Let the first signal finish what is under way (L9). A second one of the keyboard ends the program as always."""

    def stop(number: int, _: Any) -> None:
        worker.stop()
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _zone(db: Database, workspaces: list[WorkspaceId]) -> str:
    """Return the zone whose clock the lines show: the workspace's, and UTC for several."""
    if not workspaces:
        raise NotFound("There is no workspace yet.", hint="Run `segue init` first.")
    with db.tx(workspaces[0]) as tx:
        return str(get_workspace(tx)["timezone"]) if len(workspaces) == 1 else "UTC"


def _newest_event(db: Database, workspace_id: WorkspaceId) -> int:
    with db.tx(workspace_id) as tx:
        row = tx.one("SELECT COALESCE(max(id), 0) AS id FROM events WHERE workspace_id = %(ws)s", {})
    return int(row["id"]) if row else 0


def _count_events(db: Database, began: dict[WorkspaceId, int]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for workspace_id, after in began.items():
        with db.tx(workspace_id) as tx:
            rows = tx.all(
                "SELECT kind, count(*) AS n FROM events WHERE workspace_id = %(ws)s AND id > %(after)s GROUP BY kind", {"after": after}
            )
        counts.update({str(row["kind"]): int(row["n"]) for row in rows})
    return dict(sorted(counts.items()))


def set_up_logs(form: str) -> None:
    """Send the log to stderr: lines for people, or JSON for machines."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if form == "json" else _Line("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.DEBUG if os.environ.get("SEGUE_DEBUG") else logging.WARNING, handlers=[handler], force=True)


class _Json(logging.Formatter):
    """A log line as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line = {"at": self.formatTime(record), "level": record.levelname, "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[0]:
            line["error"] = f"{record.exc_info[0].__name__}: {record.exc_info[1]}"
        return json.dumps(line)


class _Line(logging.Formatter):
    """A log line without traceback, unless the operator asks where errors come from."""

    def formatException(self, ei: Any) -> str:  # noqa: N802  the name that logging calls
        return super().formatException(ei) if os.environ.get("SEGUE_DEBUG") else f"  {ei[0].__name__}: {' '.join(str(ei[1]).split())}"
