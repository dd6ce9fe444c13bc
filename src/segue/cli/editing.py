"""`segue edit`: what is ahead of one contact, changed for this contact alone."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from segue.cli.opening import open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Screen
from segue.cli.stepping import document_of_steps, draw_plan
from segue.db.tx import Tx
from segue.domain.durations import DURATION, read_duration
from segue.domain.edits import NO_EDIT, StepEdit
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.ids import StepKey
from segue.domain.permissions import Actor
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.edit import Change, edit_step, fill_placeholders, move_to_step, send_now
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.store import Loaded, load
from segue.features.enrollments.survey import plan
from segue.features.workspaces.queries import get_user_row, require_to_manage
from segue.features.workspaces.service import get_workspace


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    add_command(app, name, edit, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit(Acting):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="EMAIL")]
    step: Annotated[str, typer.Option(help="Key of the step; the one that comes next by default.", metavar="KEY")] = ""
    subject: Annotated[str | None, typer.Option(help="Its subject.")] = None
    text: Annotated[str | None, typer.Option(help="Its text; of a task its notes.")] = None
    text_file: Annotated[Path | None, typer.Option(help="File with its text.", metavar="FILE")] = None
    delay: Annotated[str, typer.Option(help="Delay in front of it, such as 2 days.")] = ""
    at: Annotated[str, typer.Option(help="Time in place of the delay, in the contact's zone.", metavar="DATE[THH:MM]")] = ""
    skip: Annotated[bool | None, typer.Option("--skip/--no-skip", help="Leave it out, or take that back.")] = None
    now: Annotated[bool, typer.Option("--now", help="Let it go now; a follow-up keeps to its hours.")] = False
    undo_seconds: Annotated[int, typer.Option(help="How long --now can be taken back by `segue undo`.", min=0, max=120)] = 0
    to_step: Annotated[str, typer.Option(help="Go on with this step instead.", metavar="KEY")] = ""
    repeat: Annotated[bool, typer.Option("--repeat", help="Even if the contact then gets something again.")] = False
    fill: Annotated[list[str] | None, typer.Option(help="Value of a placeholder.", metavar="NAME=VALUE")] = None
    sequence: Annotated[str, typer.Option(help="Which one, where the contact is in several.", metavar="NAME")] = ""


def edit(options: Edit, screen: Screen) -> None:
    """Change what is ahead of one contact: a text, a time, a step left out, gone to, or sent now.

    Only this contact is meant; the sequence stays as it is. What is being sent can no longer be changed.
    """
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            loaded = _find(tx, options, actor)
            _apply(tx, options, loaded)
        with segue.tx() as tx:
            made = plan(tx, email=options.email)
            zone = str(get_workspace(tx)["timezone"])
    screen.show({"contact": loaded.address, "plan": document_of_steps(made)}, *draw_plan(made, zone, texts=True))


def _find(tx: Tx, options: Edit, actor: Actor) -> Loaded:
    get_contact_by_email(tx, options.email)
    found = load(tx, list_open_ids(tx, email=options.email))
    if options.sequence:
        found = [each for each in found if each.around.sequence.name.casefold() == options.sequence.casefold()]
    if not found:
        raise Conflict(f"{options.email} is in no sequence.", hint="`segue timeline` shows what was.")
    if len(found) > 1:
        raise Invalid(f"{options.email} is in {len(found)} sequences.", hint="Say which with --sequence NAME.", field="sequence")
    require_to_manage(actor, get_user_row(tx, found[0].enroller_user_id))
    return found[0]


def _apply(tx: Tx, options: Edit, loaded: Loaded) -> None:
    enrollment = loaded.enrollment
    key = StepKey(options.step or loaded.around.sequence.steps[enrollment.position].key)
    change = Change(
        subject=options.subject,
        body=_text(options),
        delay=_delay(options.delay) if options.delay else None,
        at=read_time(options.at, loaded.around.zone) if options.at else None,
        skipped=options.skip,
    )
    if not (change.named or options.now or options.to_step or options.fill):
        raise Invalid("What to change is not said.", hint="Give --subject, --text, --delay, --at, --skip, --now, --to-step or --fill.")
    if options.fill:
        fill_placeholders(tx, enrollment.id, read_fills(options.fill))
    if options.to_step:
        move_to_step(tx, enrollment.id, StepKey(options.to_step), repeat=options.repeat)
    if change.named:
        edit_step(tx, enrollment.id, StepKey(options.to_step) if options.to_step and not options.step else key, change)
    if options.now:
        send_now(tx, enrollment.id, undo=timedelta(seconds=options.undo_seconds))


def _text(options: Edit) -> str | None:
    return options.text if options.text_file is None else _read_text(options.text_file)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Name a text file.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is no UTF-8 text.", hint="Save it as UTF-8.") from error


def _delay(text: str) -> timedelta:
    if not re.match(DURATION, text):
        raise Invalid(f"{text!r} is no delay.", hint="Write it as 2 days, 3 hours or 90 minutes.", field="delay")
    return read_duration(text)


def read_edits(delays: list[str], subjects: list[str], texts: list[str]) -> dict[StepKey, StepEdit]:
    """Read what is edited of steps as KEY=DELAY and KEY=TEXT, where @FILE is the text of a file. Raises Invalid, NotFound."""
    edits: dict[StepKey, StepEdit] = {}
    for name, given in (("delay", delays), ("subject", subjects), ("text", texts)):
        for each in given:
            key, equals, text = each.partition("=")
            if not equals or not key.strip():
                raise Invalid(f"{each!r} names no step.", hint=f"Write it as KEY={'2 days' if name == 'delay' else 'TEXT'}.", field=name)
            before = edits.get(StepKey(key.strip()), NO_EDIT)
            if name == "delay":
                edits[StepKey(key.strip())] = replace(before, delay=_delay(text.strip()))
            elif name == "subject":
                edits[StepKey(key.strip())] = replace(before, subject=text.strip())
            else:
                body = _read_text(Path(text[1:])) if text.startswith("@") else text
                edits[StepKey(key.strip())] = replace(before, body=body)
    return edits


def read_time(text: str, zone: ZoneInfo) -> datetime:
    """Read a date, or a date with a time, in a zone unless it names its own. Raises Invalid."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Invalid(f"{text!r} is no time.", hint="Write it as 2027-01-25 or 2027-01-25T10:30.", field="at") from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def read_fills(given: list[str]) -> dict[str, str]:
    """Read placeholders as NAME=VALUE, with or without `placeholder.` in front. Raises Invalid."""
    filled = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise Invalid(f"{each!r} fills nothing in.", hint="Write it as reason=your talk in Graz.", field="fill")
        filled[name.strip().removeprefix("placeholder.")] = value.strip()
    return filled
