"""`segue enroll`: contacts into a sequence, each one answered for."""

import csv
import re
import sys
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from segue.cli.contacts import document_of, import_with_progress
from segue.cli.editing import read_edits, read_fills, read_time
from segue.cli.opening import Segue, open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Maker, Screen, sentence, table
from segue.cli.stepping import document_of_steps, draw_plan
from segue.db.tx import Tx
from segue.domain.contacts_csv import neutralise
from segue.domain.edits import OwnSettings
from segue.domain.errors import Invalid, Refused, Unavailable
from segue.domain.ids import MailboxId, SequenceId, UserId
from segue.domain.permissions import Actor
from segue.domain.send_window import DayMode
from segue.features.contacts.lists import find_contacts, list_members
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.admission import EnrollReport, EnrollRequest, OverLimit, RefusedContact
from segue.features.enrollments.by_owner import enroll_for_owners
from segue.features.enrollments.csv_selection import list_contacts_of_file
from segue.features.enrollments.plan import Plan
from segue.features.enrollments.preview import preview
from segue.features.enrollments.refusals import MESSAGES
from segue.features.enrollments.spread import Starts, enroll_spread, plan_starts
from segue.features.mail.connect import get_mailbox, list_mailboxes
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.calendars import read_dates
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.service import check_timezone, get_workspace

SHOWN_REFUSALS = 20
OWNER = "owner"
"""In place of a mailbox: each contact's owner sends."""
UNDO_SECONDS = 30
"""sequences.md §16."""


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, enroll_contacts, panel=panel)


class Days(StrEnum):
    BUSINESS = "business"
    WEEKDAYS = "weekdays"
    EVERYDAY = "everyday"


MODES = {Days.BUSINESS: DayMode.BUSINESS_DAYS, Days.WEEKDAYS: DayMode.WEEKDAYS_ONLY, Days.EVERYDAY: DayMode.EVERYDAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enroll(Acting):
    sequence: Annotated[str, typer.Argument(help="Name of the sequence.")]
    from_file: Annotated[Path | None, typer.Option("--from", help="CSV file: imported first, then enrolled.", metavar="FILE.csv")] = None
    contact: Annotated[list[str] | None, typer.Option(help="A contact's address; may be given several times.", metavar="EMAIL")] = None
    from_list: Annotated[str, typer.Option("--list", help="The members that a list has now.", metavar="NAME")] = ""
    filter: Annotated[str, typer.Option("--filter", help="Whom a filter finds, such as: country = DE.", metavar="FILTER")] = ""
    sender: Annotated[
        str, typer.Option(help="Mailbox to send from, needed where there are several; or: owner, each contact's.", metavar="EMAIL|owner")
    ] = ""
    start_step: Annotated[int, typer.Option(help="Step to begin with.", min=1)] = 1
    over_limit: Annotated[OverLimit, typer.Option(help="First emails that find the mailbox full: wait in line, or are refused.")] = (
        OverLimit.QUEUE
    )
    per_day: Annotated[int, typer.Option(help="Start at most so many a day, on working days.", min=0, max=10_000)] = 0
    between: Annotated[str, typer.Option(help="Spread the starts evenly over these days.", metavar="DATE..DATE")] = ""
    undo_seconds: Annotated[
        int | None, typer.Option(help="Hold first emails so long for `segue undo`; 30 at a terminal.", min=0, max=120)
    ] = None
    fill: Annotated[list[str] | None, typer.Option(help="Value of a placeholder, for all.", metavar="NAME=VALUE")] = None
    delay: Annotated[list[str] | None, typer.Option(help="Delay in front of a step, for all.", metavar="KEY=DELAY")] = None
    subject: Annotated[list[str] | None, typer.Option(help="Subject of a step, for all.", metavar="KEY=TEXT")] = None
    text: Annotated[list[str] | None, typer.Option(help="Text of a step, for all; @FILE reads it from a file.", metavar="KEY=TEXT")] = None
    at: Annotated[str, typer.Option(help="Start then instead of now, at most 90 days ahead.", metavar="DATE[THH:MM]")] = ""
    timezone: Annotated[str, typer.Option(help="Time zone in place of the sequence's choice.", metavar="ZONE")] = ""
    window: Annotated[str, typer.Option(help="Hours in place of the sequence's.", metavar="HH:MM-HH:MM")] = ""
    days: Annotated[Days | None, typer.Option(help="Days in place of the sequence's.")] = None
    hold_first_email: Annotated[
        bool | None, typer.Option("--hold-first-email/--no-hold-first-email", help="Let the first email wait for days and hours too.")
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Enroll nobody; show what would go, when, and why then.")] = False
    refused_to: Annotated[Path | None, typer.Option(help="Write refused contacts with their reasons to a CSV file.", metavar="FILE")] = None


def enroll_contacts(options: Enroll, screen: Screen) -> None:
    """Enroll contacts into a sequence.

    A contact who may not be enrolled is listed with the reason and stops no other. Enrolling the same contacts again changes nothing.
    """
    if sum(map(bool, (options.from_file, options.contact, options.from_list, options.filter))) != 1:
        raise Invalid("Whom to enroll is not said.", hint="Add one of --from FILE.csv, --contact EMAIL, --list NAME, --filter FILTER.")
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx() as tx:
            request = _request(tx, options, actor)
            zone = options.timezone or str(get_workspace(tx)["timezone"])
        imported, contacts = _selection(segue, options, screen)
        by_owner = options.sender == OWNER
        begin = enroll_for_owners if by_owner else enroll_spread
        with screen.progress("Enrolling", len(contacts)) as moved:
            spread = _spread(segue, request, options, len(contacts))
            report = begin(segue.db, segue.workspace_id, (request, spread), contacts, _counting(moved))
        planned = _preview(segue, request, contacts, report) if options.dry_run and len(spread) == 1 and not by_owner else None
    written = _write_refused(options.refused_to, report.refused) if options.refused_to else None
    document: dict[str, Any] = {
        "sequence": options.sequence,
        "dry_run": options.dry_run,
        "selected": len(contacts),
        "enrolled": report.enrolled,
        "paused": report.paused,
        "refused": [_document_of_refusal(each) for each in report.refused],
        "warnings": [{**asdict(each), "emails": list(each.emails)} for each in report.warnings],
        "without_consent": report.without_consent,
        "last_first_email_on": report.last_first_on,
        "starts": [{"at": start.at, "contacts": start.count} for start in spread],
        "refused_file": str(written) if written else None,
        "import": imported,
    }
    if planned is not None:
        document["plan"] = document_of_steps(planned)
    screen.show(document, *_describe(options, report, len(contacts), planned, zone))


def _document_of_refusal(refused: RefusedContact) -> dict[str, Any]:
    also = [{"code": code, "message": message} for code, message in refused.also]
    return {"email": refused.email, "code": refused.code, "message": refused.message, "also": also}


def _request(tx: Tx, options: Enroll, actor: Actor) -> EnrollRequest:
    sequence = get_sequence(tx, options.sequence)
    own = "" if options.sender == OWNER else options.sender
    mailbox = get_mailbox(tx, own or _only_mailbox(tx, actor, options))
    return EnrollRequest(
        sequence_id=SequenceId(sequence["id"]),
        mailbox_id=MailboxId(mailbox["id"]),
        enroller_user_id=actor.user_id or UserId(mailbox["user_id"]),
        actor=actor,
        warn=True,
        start_position=options.start_step - 1,
        entry_point="import" if options.from_file else "list" if options.from_list or options.filter else "cli",
        dry_run=options.dry_run,
        over_limit=options.over_limit,
        undo=timedelta(seconds=_undo_seconds(options)),
        fill=read_fills(options.fill or []),
        edits=read_edits(options.delay or [], options.subject or [], options.text or []),
        own=OwnSettings(*_minutes(options.window), MODES[options.days] if options.days else None, options.hold_first_email),
        timezone=options.timezone,
        start_at=_start_at(tx, options, mailbox["user_id"]) if options.at else None,
    )


def _minutes(window: str) -> tuple[int | None, int | None]:
    if not window:
        return None, None
    found = re.fullmatch(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", window.strip())
    if found is None or int(found[2]) > 59 or int(found[4]) > 59:
        raise Invalid(f"{window!r} is no time of day to another.", hint="Write it as 09:00-17:00.", field="window")
    return int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])


def _start_at(tx: Tx, options: Enroll, sender: int) -> datetime:
    zone = check_timezone(options.timezone) if options.timezone else str(get_user_row(tx, sender)["timezone"])
    return read_time(options.at, ZoneInfo(zone))


def _spread(segue: Segue, request: EnrollRequest, options: Enroll, contacts: int) -> tuple[Starts, ...]:
    """Say how many start when (SEQ-68). Raises Invalid."""
    if options.at and (options.per_day or options.between):
        raise Invalid("--at and a spread are both given.", hint="Keep one of them.", field="at")
    if options.per_day and options.between:
        raise Invalid("--per-day and --between are both given.", hint="Keep one of them.", field="between")
    days = read_dates(options.between) if options.between else []
    with segue.tx() as tx:
        return plan_starts(tx, request, contacts, per_day=options.per_day, days=days)


def _undo_seconds(options: Enroll) -> int:
    """Return the undo time (SEQ-59): a person at a terminal has 30 seconds; programs and automation have none."""
    if options.undo_seconds is not None:
        return options.undo_seconds
    return UNDO_SECONDS if sys.stdout.isatty() and not options.json else 0


def _only_mailbox(tx: Tx, actor: Actor, options: Enroll) -> str:
    """Return the mailbox of who acts, or the only one there is; with an owner as sender any, for each contact has its own."""
    rows = list_mailboxes(tx)
    found = [str(row["address"]) for row in rows if not actor.email or row["user"] == actor.email]
    if options.sender == OWNER and rows:
        return str(rows[0]["address"])
    if not found and rows:
        raise Refused(MESSAGES["SENDER_NO_MAILBOX"].format(sender=actor.email), code="SENDER_NO_MAILBOX")
    if not found:
        raise Invalid("No mailbox is connected, so nothing can be sent.", hint="`segue mailbox add ADDRESS` connects one.", field="sender")
    if len(found) > 1:
        raise Invalid(
            f"There are {len(found)} mailboxes to send from.", hint=f"Say which with --sender: {', '.join(found)}.", field="sender"
        )
    return found[0]


def _selection(segue: Segue, options: Enroll, screen: Screen) -> tuple[dict[str, Any] | None, list[int]]:
    if options.from_file is not None:
        report = import_with_progress(segue, options.from_file, screen)
        if report.progress.refused:
            screen.note(f"{report.progress.refused:,} rows of the file were left out; see {report.errors_path}.", style="yellow")
        return document_of(report), list_contacts_of_file(segue.db, segue.workspace_id, options.from_file)
    with segue.tx() as tx:
        if options.from_list:
            return None, list_members(tx, options.from_list)
        if options.filter:
            return None, find_contacts(tx, options.filter)
        return None, [int(get_contact_by_email(tx, email).id) for email in options.contact or []]


def _counting(moved: Any) -> Any:
    """Return what counts batches up, for a bar that wants to know how far it is."""
    done = 0

    def count(batch: int) -> None:
        nonlocal done
        done += batch
        moved(done)

    return count


def _preview(segue: Segue, request: EnrollRequest, contacts: list[int], report: EnrollReport) -> Plan:
    refused = {each.email for each in report.refused}
    with segue.tx() as tx:
        return preview(tx, request, contacts, without=refused)


def _write_refused(path: Path, refused: list[RefusedContact]) -> Path:
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("email", "code", "reason"))
            writer.writerows((neutralise(each.email), each.code, neutralise(each.message)) for each in refused)
    except OSError as error:
        hint = "The contacts are enrolled; name another file and run the same command again to list the refused ones."
        raise Unavailable(f"{path} cannot be written: {error.strerror}.", hint=hint) from error
    return path


def _describe(options: Enroll, report: EnrollReport, selected: int, planned: Plan | None, zone: str) -> list[Maker]:
    verb = "would be enrolled" if options.dry_run else "enrolled"
    shown: list[Maker] = [sentence(f"{report.enrolled:,} of {selected:,} contacts {verb}.", "bold green" if report.enrolled else "bold")]
    if report.paused and report.enrolled:
        shown.append(sentence(report.paused, "yellow"))
    if report.refused:
        rows = [
            (each.email, ", ".join((each.code, *(code for code, _ in each.also))), each.message) for each in report.refused[:SHOWN_REFUSALS]
        ]
        shown.append(table(("Refused", "Code", "Reason"), rows))
        rest = len(report.refused) - len(rows)
        if rest > 0:
            shown.append(sentence(f"… and {rest:,} more; --refused-to FILE writes them all.", "dim"))
    if report.warnings:
        noted = ((each.message, each.count, ", ".join(each.emails[:3]) + (" …" if each.count > 3 else "")) for each in report.warnings)
        shown.append(table(("Worth a word", "#Contacts", "Who"), noted))
    if report.last_first_on is not None:
        verb = "would go" if options.dry_run else "goes"
        shown.append(
            sentence(f"The last first email {verb} out {report.last_first_on:%a %-d %b %Y}; the mailbox's limit spreads them.", "yellow")
        )
    if planned is not None:
        shown += draw_plan(planned, zone, texts=True)
    elif report.enrolled and not report.paused:
        shown.append(sentence("Next: `segue worker` sends what is due; `segue plan` shows what that will be."))
    return shown
