"""`segue correct | undo | review | transfer | reenroll | why`: what a person says of one contact's enrollment."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.db.tx import Tx
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.ids import MailboxId, SequenceId
from segue.domain.permissions import Permission
from segue.domain.stop_rules import Stop
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.admission import EnrollReport, EnrollRequest
from segue.features.enrollments.again import Offer, offer_again
from segue.features.enrollments.correct import correct_verdict, undo_start
from segue.features.enrollments.enroll import enroll, enroll_replacing
from segue.features.enrollments.queries import list_enrollments_of, list_open_ids, list_reviews
from segue.features.enrollments.react import resume_enrollments, stop_enrollments
from segue.features.enrollments.rights import list_manageable, require_to_hold, require_to_manage_all
from segue.features.enrollments.survey import plan
from segue.features.enrollments.transfer import change_address, change_sender
from segue.features.mail.connect import get_mailbox
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.queries import get_user_row, require, require_to_manage
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    if name == "review":
        group = typer.Typer(help="What waits for a person's look.", no_args_is_help=True)
        add_command(group, "list", list_all)
        add_command(group, "decide", decide)
        app.add_typer(group, name=name, rich_help_panel=panel)
    elif name in ("correct", "undo"):
        add_command(app, name, correct if name == "correct" else undo, panel=panel)
    elif name == "transfer":
        add_command(app, name, transfer, panel=panel)
    elif name == "reenroll":
        add_command(app, name, reenroll, panel=panel)
    else:
        add_command(app, name, why, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class One(Acting):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="EMAIL")]


def correct(options: One, screen: Screen) -> None:
    """Say that the mail which ended the contact's enrollment was misread: it goes on where it stood.

    Within 30 days, while no other enrollment is open. What a bounce put on the block list by mistake is taken off; an opt-out stays.
    """
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USE)
        with segue.tx_as(actor) as tx:
            newest = _newest(tx, options.email)
            require_to_manage_all(tx, actor, [newest])
            after = correct_verdict(tx, newest).enrollment
            zone = str(get_workspace(tx)["timezone"])
    words = f"next step {when(after.due_at, zone)}" if after.due_at else f"waits for {after.waiting_for.value.lower()}"
    document = {"contact": options.email, "due_at": after.due_at, "waiting_for": after.waiting_for.value}
    screen.show(document, sentence(f"{options.email}: open again, {words}.", "bold green"))


def undo(options: One, screen: Screen) -> None:
    """Take a start, or an order to send now, back within its undo time. What has left cannot be taken back."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USE)
        with segue.tx_as(actor) as tx:
            newest = _newest(tx, options.email)
            require_to_manage_all(tx, actor, [newest])
            withdrawn = undo_start(tx, newest)
    said = "withdrawn; nothing has left" if withdrawn else "waits for its time again"
    screen.show({"contact": options.email, "withdrawn": withdrawn}, sentence(f"{options.email}: {said}.", "bold green"))


def _newest(tx: Tx, email: str) -> int:
    get_contact_by_email(tx, email)
    rows = list_enrollments_of(tx, email)
    if not rows:
        raise NotFound(f"{email} was never enrolled.", hint="`segue enroll` begins.")
    return int(rows[0]["id"])


class Choice(StrEnum):
    CONTINUE = "continue"
    UNENROLL = "unenroll"
    READDRESS = "readdress"


def list_all(options: Common, screen: Screen) -> None:
    """List what waits for a person: doubtful mails, refusals, missing values."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_reviews(tx)
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"reviews": rows},
        table(
            ("Contact", "Sequence", "Since", "Why"),
            ((row["contact"], row["sequence"], when(row["since"], zone), row["why"]) for row in rows),
            empty="Nothing waits for a look.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(One):
    choice: Annotated[Choice, typer.Argument(help="continue, unenroll, or readdress with --address.")]
    address: Annotated[str, typer.Option(help="Another address of the contact, to go on with.", metavar="EMAIL")] = ""
    note: Annotated[str, typer.Option(help="Why, for the timeline.")] = ""


def decide(options: Decide, screen: Screen) -> None:
    """Decide what becomes of a doubt: go on, end it, or go on with another address."""
    if (options.choice is Choice.READDRESS) != bool(options.address):
        raise Invalid("An address belongs to readdress, and only to it.", hint="segue review decide EMAIL readdress --address NEW")
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USE)
        with segue.tx_as(actor) as tx:
            waiting = {row["id"] for row in list_reviews(tx) if row["pause_kind"] == "review"}
            ids = [each for each in list_open_ids(tx, email=options.email) if each in waiting]
            if not ids:
                raise Conflict(f"Nothing of {options.email} waits for a look.", hint="`segue review list` shows what does.")
            if options.choice is Choice.UNENROLL:
                require_to_hold(tx, actor, ids)
            else:
                require_to_manage_all(tx, actor, ids)
            if options.choice is Choice.CONTINUE:
                resume_enrollments(tx, ids)
            elif options.choice is Choice.UNENROLL:
                stop_enrollments(tx, ids, Stop("MANUAL", options.note))
            else:
                change_address(tx, ids[0], options.address)
                resume_enrollments(tx, list_open_ids(tx, email=options.address))
    screen.show({"contact": options.email, "choice": options.choice.value}, sentence(f"{options.email}: decided.", "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Acting):
    to: Annotated[str, typer.Option(help="Mailbox to send from.", metavar="ADDRESS")]
    sender: Annotated[str, typer.Option("--from", help="Everything sent from this mailbox.", metavar="ADDRESS")] = ""
    contact: Annotated[str, typer.Option(help="One contact.", metavar="EMAIL")] = ""


def transfer(options: Transfer, screen: Screen) -> None:
    """Let contacts go on from another mailbox, at the step where they are, with what is left of the delay.

    An enrollment keeps its sender for life: it ends and goes on as a new one, in one step. Follow-ups begin a new thread.
    """
    if bool(options.sender) == bool(options.contact):
        raise Invalid("Whose enrollments is not said.", hint="Give --from MAILBOX, or --contact EMAIL.")
    moved = 0
    left: list[str] = []
    not_shared: list[str] = []
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USE)
        with segue.tx() as tx:
            target = get_mailbox(tx, options.to)
            to = MailboxId(target["id"])
            require_to_manage(actor, get_user_row(tx, target["user_id"]))
            ids = list_open_ids(tx, email=options.contact) if options.contact else _of_mailbox(tx, options.sender)
            if options.contact:
                require_to_manage_all(tx, actor, ids)
            ids = list_manageable(tx, actor, ids)
        with screen.progress("Moving", len(ids)) as counted:
            for start in range(0, len(ids), 500):
                with segue.tx_as(actor) as tx:
                    done = change_sender(tx, ids[start : start + 500], to)
                moved, left, not_shared = moved + done.moved, [*left, *done.left_out], [*not_shared, *done.not_shared]
                counted(start + 500)
    said = f"{moved:,} go on from {options.to}." + (f" {len(left):,} are being sent at this moment; run it again." if left else "")
    if not_shared:
        said += f" {len(not_shared):,} stay: their sequence is not shared with the owner of {options.to}."
    screen.show({"moved": moved, "left_out": left, "not_shared": not_shared}, sentence(said, "bold green"))


def _of_mailbox(tx: Tx, address: str) -> list[int]:
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND mailbox_id = %(box)s AND state IN ('active', 'paused')
           ORDER BY id""",
        {"box": get_mailbox(tx, address)["id"]},
    )
    return [int(row["id"]) for row in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again(One):
    sequence: Annotated[str, typer.Argument(help="Name of the sequence.")]
    start_step: Annotated[str, typer.Option(help="Key of the step; by default the one after the last executed.", metavar="KEY")] = ""
    sender: Annotated[str, typer.Option(help="Mailbox to send from; by default the one of the last time.", metavar="EMAIL")] = ""
    replace: Annotated[bool, typer.Option("--replace", help="End what the contact is in now.")] = False
    repeat: Annotated[bool, typer.Option("--repeat", help="Even if the contact then gets an email again.")] = False
    override_cool_off: Annotated[bool, typer.Option("--override-cool-off", help="In spite of the cool-off time.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show where it would begin, and what was received.")] = False


def reenroll(options: Again, screen: Screen) -> None:
    """Enroll a contact once more, by default at the step after the last one that was executed.

    Shows what the contact has received already, and refuses to send an email of it again unless --repeat is said.
    """
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx() as tx:
            contact = get_contact_by_email(tx, options.email)
            if options.replace:
                require_to_hold(tx, actor, list_open_ids(tx, email=options.email))
            sequence = get_sequence(tx, options.sequence)
            offer = offer_again(tx, contact.id, SequenceId(sequence["id"]))
            position = _position(options, offer)
            before = list_enrollments_of(tx, options.email)
            mailbox = get_mailbox(tx, options.sender or (str(before[0]["mailbox"]) if before else ""))
        repeats = offer.repeats(position)
        if repeats and not options.repeat and not options.dry_run:
            raise Conflict(f"The contact has had: {', '.join(repeats)}.", hint="Say --repeat, or begin later with --start-step KEY.")
        request = EnrollRequest(
            SequenceId(sequence["id"]),
            MailboxId(mailbox["id"]),
            actor.user_id or mailbox["user_id"],
            position,
            actor=actor,
            dry_run=options.dry_run,
            override_cool_off=options.override_cool_off,
        )
        begin = enroll_replacing if options.replace else enroll
        report: EnrollReport = begin(segue.db, segue.workspace_id, request, [contact.id])
    _tell_again(options, screen, offer, position, report)


def _tell_again(options: Again, screen: Screen, offer: Offer, position: int, report: EnrollReport) -> None:
    document: dict[str, Any] = {
        "contact": options.email,
        "start_step": next(key for key, place in offer.places.items() if place == position),
        "received": [{"step": each.step_key, "subject": each.subject, "at": each.at} for each in offer.received],
        "repeats": list(offer.repeats(position)),
        "enrolled": report.enrolled,
        "refused": [{"code": each.code, "message": each.message} for each in report.refused],
    }
    said = f"{options.email}: {'would begin' if options.dry_run else 'begins'} at {document['start_step']}."
    if report.refused:
        said = f"{options.email}: {report.refused[0].message}"
    screen.show(
        document,
        sentence(said, "bold green" if report.enrolled else "bold"),
        table(("Received", "Subject"), ((each.step_key, each.subject) for each in offer.received), empty="Nothing received yet."),
    )


def _position(options: Again, offer: Offer) -> int:
    if not options.start_step:
        return offer.start_position
    found = {str(key): place for key, place in offer.places.items()}.get(options.start_step)
    if found is None:
        raise Invalid(f"There is no step {options.start_step!r}.", hint=f"Steps: {', '.join(offer.places)}.", field="start_step")
    return found


def why(options: One, screen: Screen) -> None:
    """Say in a sentence why the next step has not gone yet and when it will."""
    with open_segue(options) as segue, segue.tx() as tx:
        get_contact_by_email(tx, options.email)
        made = plan(tx, email=options.email)
        zone = str(get_workspace(tx)["timezone"])
        waiting = {row["id"]: row["waiting_for"] or row["state"] for row in list_enrollments_of(tx, options.email)}
    first: dict[int, dict[str, Any]] = {}
    for step in made.steps:
        loaded = step.loaded
        goes = f"goes {when(step.at, zone)}" if step.at else "has no time yet"
        said = f"Step {step.step.key} of {loaded.around.sequence.name} {goes}. {' '.join(step.why)}".strip()
        row = {"sequence": loaded.around.sequence.name, "step": step.step.key, "at": step.at, "said": said}
        first.setdefault(loaded.enrollment.id, {**row, "waiting_for": waiting.get(loaded.enrollment.id, "")})
    if not first:
        first[0] = {"said": f"{options.email} is in no sequence; `segue timeline {options.email}` shows what was."}
    screen.show({"contact": options.email, "waits": list(first.values())}, *(sentence(row["said"]) for row in first.values()))
