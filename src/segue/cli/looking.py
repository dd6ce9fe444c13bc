"""`segue status` and `segue timeline`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from segue.cli.confirming import FENCED, WHAT_TO_DO
from segue.cli.mailboxes import describe_state, tell_todos
from segue.cli.opening import open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Maker, Screen, cell, pairs, sentence, table, when
from segue.cli.sentences import tell
from segue.db.claim import find_next_at
from segue.features.enrollments.promises import check_promises
from segue.features.enrollments.queries import get_figures, list_enrollments_of, list_timeline, list_undecided
from segue.features.mail.connect import list_mailboxes
from segue.features.sequences.service import list_sequences
from segue.features.workspaces.instance import is_fenced
from segue.features.workspaces.notices import list_notices
from segue.features.workspaces.service import get_workspace

PROMISES = {
    "sent_twice": "Mails sent twice",
    "after_stop": "Mails sent after a stop",
    "outside_window": "Follow-ups outside their hours",
}


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, {"status": status, "timeline": timeline}[name], panel=panel)


def status(options: Common, screen: Screen) -> None:
    """Show where everything stands, and that the promises hold.

    The promises are counted anew from the ledger of everything that was ever sent.
    """
    with open_segue(options) as segue, segue.tx() as tx:
        fenced = is_fenced(segue.db)
        workspace = get_workspace(tx)
        figures = get_figures(tx)
        promises = check_promises(tx)
        mailboxes = list_mailboxes(tx)
        sequences = list_sequences(tx)
        undecided = list_undecided(tx)
        next_at = find_next_at(tx)
        notices = list_notices(tx)
        now = tx.now
    zone = str(workspace["timezone"])
    document = {
        "workspace": workspace["name"],
        "now": now,
        "next_at": next_at,
        **figures,
        "undecided": len(undecided),
        "fenced": fenced,
        "notices": notices,
        "promises": promises,
        "promises_kept": not any(promises.values()),
        "mailboxes": mailboxes,
        "sequences": sequences,
    }
    screen.show(document, *_draw_status(document, zone))


def _draw_status(document: Mapping[str, Any], zone: str) -> list[Maker]:
    promises = document["promises"]
    return [
        sentence(f"{document['workspace']}, {when(document['now'], zone)}", "bold"),
        pairs(_figures(document, when(document["next_at"], zone), document["undecided"])),
        table(
            ("Mailbox", "State", "#Sent in 24 h", "#Limit"),
            ((row["address"], describe_state(row), row["sent_24h"], row["per_day"]) for row in document["mailboxes"]),
            empty="No mailbox is connected; `segue mailbox add ADDRESS` connects one.",
        ),
        *tell_todos(document["mailboxes"]),
        table(
            ("Sequence", "#Enrolled", "#Open", "#Replied"),
            ((row["name"], row["enrolled"], row["open"], row["replied"]) for row in document["sequences"]),
            empty="There is no sequence yet; `segue sequence apply FILE.yaml` adds one.",
        ),
        table(("Promises, counted from the ledger", "#Breaches"), ((said, _kept(promises[name])) for name, said in PROMISES.items())),
    ]


def _figures(figures: Mapping[str, Any], next_at: str, undecided: int) -> Iterator[tuple[str, object]]:
    if figures["fenced"]:
        yield "Installation", cell(f"{FENCED} {WHAT_TO_DO}", "bold red")
    if figures["sending_stopped_at"] is not None:
        yield "Sending", cell("stopped; `segue resume --all` starts it again", "bold red")
    yield "Contacts", f"{figures['contacts']:,}"
    yield "Enrollments", _listed(figures["enrollments"])
    if figures["ended_because"]:
        yield "Ended because", _listed(figures["ended_because"])
    yield "Mails sent", f"{figures['sent']:,}, in the last 24 hours {figures['sent_24h']:,}"
    if figures["answers"]:
        yield "Answers", _listed(figures["answers"])
    yield "Open tasks", f"{figures['tasks_open']:,}"
    if figures["suppressed"]:
        yield "Suppressed", f"{figures['suppressed']:,}"
    if figures["notices"]:
        yield "Notices", cell(f"{len(figures['notices']):,}; `segue notices` shows them", "bold yellow")
    if undecided:
        yield "Undecided mails", cell(f"{undecided:,}; `segue undecided list` shows them", "bold yellow")
    if figures["quarantined"]:
        yield "Unreadable mails", cell(f"{figures['quarantined']:,}; `segue mail quarantine list` shows them", "yellow")
    yield "Next work", next_at


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(counts.items())) or "none"


def _kept(breaches: int) -> Text:
    return cell(breaches, "bold red" if breaches else "bold green")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Common):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="EMAIL")]
    most: Annotated[int, typer.Option(help="The newest so many entries.", min=1, max=10_000)] = 500
    machines: Annotated[bool, typer.Option("--machines", help="Show every open and click of machines.")] = False


def timeline(options: Timeline, screen: Screen) -> None:
    """Show everything that happened with a contact, oldest first."""
    with open_segue(options) as segue, segue.tx() as tx:
        entries = list_timeline(tx, options.email, most=options.most, machines=options.machines)
        enrollments = list_enrollments_of(tx, options.email)
        zone = str(get_workspace(tx)["timezone"])
    told = [{**entry, "sentence": _told(entry)} for entry in entries]
    screen.show(
        {"contact": options.email, "enrollments": enrollments, "entries": told},
        table(
            ("When", "What", "By"),
            ((when(entry["at"], zone), entry["sentence"], entry["actor"]) for entry in told),
            title=options.email,
            empty="Nothing has happened with this contact yet.",
        ),
        *(sentence(_state(row, zone)) for row in enrollments[:1]),
    )


def _told(entry: Mapping[str, Any]) -> str:
    data = dict(entry["data"])
    if entry["sequence"]:
        data["sequence"] = entry["sequence"]
    subject = f' "{entry["inbound_subject"]}"' if entry["inbound_subject"] else ""
    return f"{tell(entry['kind'], data)}{subject}"


def _state(row: Mapping[str, Any], zone: str) -> str:
    if row["state"] == "active" and row["due_at"] is not None:
        return f"Now: step {row['position'] + 1} of {row['sequence']} is due {when(row['due_at'], zone)}. `segue plan --contact` says more."
    reason = f" ({row['reason']})" if row["reason"] else f", waits for {row['waiting_for'].lower()}" if row["waiting_for"] else ""
    return f"Now: {row['state']}{reason} in {row['sequence']}."
