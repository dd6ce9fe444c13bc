"""`segue pause | resume | unenroll`: for a contact, a sequence, a mailbox or everything."""

from dataclasses import dataclass
from typing import Annotated

import typer

from segue.cli.opening import Segue, open_segue
from segue.cli.options import Common, add_command
from segue.cli.screen import Screen, sentence
from segue.domain.errors import Conflict, Invalid
from segue.domain.ids import MailboxId, SequenceId
from segue.domain.stop_rules import Stop
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.mail.connect import get_mailbox
from segue.features.mail.stops import set_mailbox_paused, set_sending_stopped
from segue.features.sequences.service import get_sequence, set_sequence_paused


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    if name == "unenroll":
        add_command(app, name, unenroll, panel=panel)
    else:
        add_command(app, name, pause if name == "pause" else resume, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom(Common):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="[EMAIL]")] = ""
    sequence: Annotated[str, typer.Option(help="A whole sequence.", metavar="NAME")] = ""
    mailbox: Annotated[str, typer.Option(help="Everything sent from a mailbox.", metavar="ADDRESS")] = ""
    all: Annotated[bool, typer.Option("--all", help="All sending of the workspace.")] = False


def pause(options: Whom, screen: Screen) -> None:
    """Pause a contact, a sequence, a mailbox or everything.

    Holds from the moment the command returns: a mail that was being handed over is finished first, and no other begins.
    """
    _set(options, screen, paused=True)


def resume(options: Whom, screen: Screen) -> None:
    """Take a pause back. What was left of a delay is still waited for."""
    _set(options, screen, paused=False)


def _set(options: Whom, screen: Screen, *, paused: bool) -> None:
    if sum(map(bool, (options.email, options.sequence, options.mailbox, options.all))) != 1:
        raise Invalid("What is meant is not said.", hint="Give one of: a contact's address, --sequence NAME, --mailbox ADDRESS, --all.")
    with open_segue(options) as segue:
        what, changed = _change(segue, options, paused=paused)
    state = "paused" if paused else "resumed"
    said = f"{what}: {state}." if changed else f"{what}: {'paused' if paused else 'not paused'} already; nothing was changed."
    screen.show({"what": what, "state": state, "changed": changed}, sentence(said, "bold green" if changed else ""))


def _change(segue: Segue, options: Whom, *, paused: bool) -> tuple[str, int]:
    with segue.tx() as tx:
        if options.all:
            return "All sending", int(set_sending_stopped(tx, paused))
        if options.mailbox:
            row = get_mailbox(tx, options.mailbox)
            return f"The mailbox {row['address']}", int(set_mailbox_paused(tx, MailboxId(row["id"]), paused))
        if options.sequence:
            row = get_sequence(tx, options.sequence)
            if row["paused"] != paused:
                set_sequence_paused(tx, SequenceId(row["id"]), paused)
            return f'The sequence "{row["name"]}"', int(row["paused"] != paused)
        get_contact_by_email(tx, options.email)
        ids = list_open_ids(tx, email=options.email)
        if not ids:
            raise Conflict(f"{options.email} is in no sequence.", hint="`segue timeline` shows what was.")
        return options.email, (pause_enrollments if paused else resume_enrollments)(tx, ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unenroll(Common):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="[EMAIL]")] = ""
    sequence: Annotated[str, typer.Option(help="Everybody in a sequence.", metavar="NAME")] = ""
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before unenrolling a whole sequence.")] = False


def unenroll(options: Unenroll, screen: Screen) -> None:
    """End a contact's enrollment, or all of a sequence. Nothing more is sent; what happened stays on the timeline."""
    if bool(options.email) == bool(options.sequence):
        raise Invalid("Whom to unenroll is not said.", hint="Give a contact's address, or --sequence NAME.")
    with open_segue(options) as segue:
        with segue.tx() as tx:
            if options.email:
                get_contact_by_email(tx, options.email)
                ids = list_open_ids(tx, email=options.email)
            else:
                ids = list_open_ids(tx, sequence_id=get_sequence(tx, options.sequence)["id"])
        if options.sequence and not options.yes and ids:
            if screen.as_json:
                raise Invalid(f"This would unenroll {len(ids):,} contacts.", hint="Add --yes.")
            typer.confirm(f"Unenroll {len(ids):,} contacts?", abort=True, err=True)
        ended = 0
        with screen.progress("Unenrolling", len(ids)) as moved:
            for start in range(0, len(ids), 500):
                with segue.tx() as tx:
                    ended += stop_enrollments(tx, ids[start : start + 500], Stop("MANUAL"))
                moved(start + 500)
    whom = options.email or options.sequence
    if not ended and options.email:
        raise Conflict(f"{whom} is in no sequence.", hint="`segue timeline` shows what was.")
    screen.show({"what": whom, "unenrolled": ended}, sentence(f"{whom}: {ended:,} unenrolled.", "bold green"))
