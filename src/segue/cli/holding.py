"""`segue pause | resume | unenroll`: for a contact, a sequence, all of a user's enrollments, a mailbox or everything."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer

from segue.cli.opening import Segue, name_of, open_segue
from segue.cli.options import Acting, add_command
from segue.cli.screen import Maker, Screen, sentence, table, when
from segue.db.tx import Tx
from segue.domain.enrollment import PauseKind
from segue.domain.errors import Conflict, Invalid
from segue.domain.permissions import Actor, Permission, Reach
from segue.domain.stop_rules import Stop
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments import emergency
from segue.features.enrollments.pauses import Whose, foresee_resume, list_paused_ids, pause_whole, resume_whole
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.enrollments.rights import require_to_hold, require_to_manage_all
from segue.features.mail.connect import get_mailbox
from segue.features.sequences.service import get_sequence
from segue.features.workspaces.calendars import read_dates
from segue.features.workspaces.queries import get_user, get_user_row, list_users, require, require_to_manage
from segue.features.workspaces.service import get_workspace

SHOWN = 40


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    if name == "unenroll":
        add_command(app, name, unenroll, panel=panel)
    elif name == "pause":
        add_command(app, name, pause, panel=panel)
    else:
        add_command(app, name, resume, panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom(Acting):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="[EMAIL]")] = ""
    sequence: Annotated[str, typer.Option(help="A whole sequence.", metavar="NAME")] = ""
    user: Annotated[str, typer.Option(help="Only what this user has enrolled; alone: in all sequences.", metavar="EMAIL")] = ""
    mailbox: Annotated[str, typer.Option(help="Everything sent from a mailbox.", metavar="ADDRESS")] = ""
    all: Annotated[bool, typer.Option("--all", help="All sending of the workspace.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Whom):
    until: Annotated[str, typer.Option(help="Go on by itself on this day; a contact, a sequence or a user.", metavar="DATE")] = ""
    away: Annotated[bool, typer.Option("--away", help="The contact is away until that day; corrects a day that an answer named.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Whom):
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Resume nothing; show what would be due when.")] = False


def pause(options: Pause, screen: Screen) -> None:
    """Pause a contact, a sequence, what a user has enrolled, a mailbox or everything.

    Holds from the moment the command returns: a mail that was being handed over is finished first, and no other begins. Who is enrolled
    into a paused sequence begins paused.
    """
    _check_one(options)
    until = _day(options.until) if options.until else None
    if until and (options.mailbox or options.all):
        raise Invalid("A mailbox or all sending has no day on which it goes on.", hint="Use `segue resume` when it shall.", field="until")
    if options.away and not (options.email and until):
        raise Invalid("Who is away, and until when, is not said.", hint="Give a contact's address and --until DATE.", field="away")
    with open_segue(options) as segue:
        actor = segue.actor(options)
        if options.mailbox or options.all:
            what, changed = _emergency(segue, options, actor, stop=True)
        elif options.email:
            what = options.email
            with segue.tx_as(actor) as tx:
                kind = PauseKind.AWAY if options.away else PauseKind.MANUAL
                changed = pause_enrollments(tx, _of_contact(tx, options.email, actor), kind, until=until)
        else:
            what, whose = _whole(segue, options, actor)
            with screen.progress("Pausing", None):
                changed = pause_whole(segue.db, segue.workspace_id, whose, until=until, actor=name_of(actor))
    _tell(screen, what, "paused", changed, until)


def resume(options: Resume, screen: Screen) -> None:
    """Take a pause back. What was left of a delay is still waited for.

    A contact goes on whatever held it. With a sequence or a user only pauses by hand are taken back: an absence or a doubt holds on.
    """
    _check_one(options)
    with open_segue(options) as segue:
        actor = segue.actor(options)
        if options.mailbox or options.all:
            if options.dry_run:
                raise Invalid("Enrollments keep their times while sending is stopped.", hint="`segue plan` shows what is ahead.")
            what, changed = _emergency(segue, options, actor, stop=False)
            _tell(screen, what, "resumed", changed)
        elif options.dry_run:
            _show_times(segue, options, actor, screen)
        elif options.email:
            with segue.tx_as(actor) as tx:
                ids = _of_contact(tx, options.email, actor)
                require_to_manage_all(tx, actor, ids)
                changed = resume_enrollments(tx, ids)
            _tell(screen, options.email, "resumed", changed)
        else:
            what, whose = _whole(segue, options, actor)
            with screen.progress("Resuming", None):
                changed = resume_whole(segue.db, segue.workspace_id, whose, actor=name_of(actor))
            _tell(screen, what, "resumed", changed)


def _check_one(options: Whom) -> None:
    given = (options.email, options.sequence or options.user, options.mailbox, options.all)
    if sum(map(bool, given)) != 1:
        hint = "Give one of: a contact's address, --sequence NAME, --user EMAIL, --mailbox ADDRESS, --all."
        raise Invalid("What is meant is not said.", hint=hint)


def _tell(screen: Screen, what: str, state: str, changed: int, until: date | None = None) -> None:
    said = f"{what}: {state}{f' until {until}' if until else ''}."
    if not changed:
        said = f"{what}: {'paused' if state == 'paused' else 'not paused'} already; nothing was changed."
    screen.show({"what": what, "state": state, "changed": changed, "until": until}, sentence(said, "bold green" if changed else ""))


def _day(text: str) -> date:
    days = read_dates(text)
    if len(days) != 1:
        raise Invalid(f"{text!r} is not one day.", hint="Write it as 2027-01-25.", field="until")
    return days[0]


def _of_contact(tx: Tx, email: str, actor: Actor) -> list[int]:
    """Return the open enrollments of a contact. Who may communicate with the contact may pause and unenroll it (SEQ-10)."""
    get_contact_by_email(tx, email)
    ids = list_open_ids(tx, email=email)
    if not ids:
        raise Conflict(f"{email} is in no sequence.", hint="`segue timeline` shows what was.")
    require_to_hold(tx, actor, ids)
    return ids


def _emergency(segue: Segue, options: Whom, actor: Actor, *, stop: bool) -> tuple[str, int]:
    with segue.tx_as(actor) as tx:
        if options.all:
            what, scope = "All sending", emergency.Scope(emergency.Reach.WORKSPACE)
        else:
            row = get_mailbox(tx, options.mailbox)
            what, scope = f"The mailbox {row['address']}", emergency.Scope(emergency.Reach.MAILBOX, row["id"], row["address"])
        emergency.check_may_stop(tx, actor, scope)
        return what, int((emergency.stop_sending if stop else emergency.allow_sending)(tx, scope))


def _whole(segue: Segue, options: Whom, actor: Actor) -> tuple[str, Whose]:
    """Return which enrollments are meant: a user's own unless they may manage others' (SEQ-122). Raises Forbidden."""
    with segue.tx() as tx:
        sequence = get_sequence(tx, options.sequence) if options.sequence else None
        users = _users(tx, options, actor)
        names = [str(get_user_row(tx, each)["email"]) for each in users or ()]
    what = f'The sequence "{sequence["name"]}"' if sequence else "Every sequence"
    of = f" of {', '.join(names)}" if names else ""
    return what + of, Whose(sequence["id"] if sequence else 0, users)


def _users(tx: Tx, options: Whom, actor: Actor) -> tuple[int, ...] | None:
    if options.user:
        row = get_user_row(tx, get_user(tx, options.user))
        require_to_manage(actor, row)
        return (int(row["id"]),)
    if actor.user_id is None:
        return None
    require(actor, Permission.USE)
    return (actor.user_id,)


def _show_times(segue: Segue, options: Resume, actor: Actor, screen: Screen) -> None:
    """Show when the next step of each would be due if it were resumed now (SEQ-126)."""
    with segue.tx() as tx:
        ids = _of_contact(tx, options.email, actor) if options.email else None
    whose = None if ids is not None else _whole(segue, options, actor)[1]
    with segue.tx() as tx:
        found = foresee_resume(tx, ids if ids is not None else list_paused_ids(tx, whose or Whose()))
        zone = str(get_workspace(tx)["timezone"])
    rows: list[dict[str, Any]] = [
        {
            "contact": loaded.address,
            "sequence": loaded.around.sequence.name,
            "step": loaded.around.step(after).key,
            "pause_kind": loaded.enrollment.pause_kind,
            "due_at": after.due_at,
            "waiting_for": after.waiting_for.value,
        }
        for loaded, after in found
    ]
    shown: list[Maker] = [
        table(
            ("Contact", "Sequence", "Step", "Would be due"),
            (
                (row["contact"], row["sequence"], row["step"], when(row["due_at"], zone) if row["due_at"] else row["waiting_for"].lower())
                for row in rows[:SHOWN]
            ),
            empty="Nothing is paused.",
        )
    ]
    if len(rows) > SHOWN:
        shown.append(sentence(f"… and {len(rows) - SHOWN:,} more; --json shows all.", "dim"))
    screen.show({"dry_run": True, "would_resume": rows}, *shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unenroll(Acting):
    email: Annotated[str, typer.Argument(help="A contact's address.", metavar="[EMAIL]")] = ""
    sequence: Annotated[str, typer.Option(help="Everybody in a sequence.", metavar="NAME")] = ""
    note: Annotated[str, typer.Option(help="Why, for the timeline.")] = ""
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before unenrolling a whole sequence.")] = False


def unenroll(options: Unenroll, screen: Screen) -> None:
    """End a contact's enrollment, or all of a sequence. Nothing more is sent; what happened stays on the timeline."""
    if bool(options.email) == bool(options.sequence):
        raise Invalid("Whom to unenroll is not said.", hint="Give a contact's address, or --sequence NAME.")
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx() as tx:
            ids = _of_contact(tx, options.email, actor) if options.email else _of_sequence(tx, options, actor)
        if options.sequence and not options.yes and ids:
            if screen.as_json:
                raise Invalid(f"This would unenroll {len(ids):,} contacts.", hint="Add --yes.")
            typer.confirm(f"Unenroll {len(ids):,} contacts?", abort=True, err=True)
        ended = 0
        with screen.progress("Unenrolling", len(ids)) as moved:
            for start in range(0, len(ids), 500):
                with segue.tx_as(actor) as tx:
                    ended += stop_enrollments(tx, ids[start : start + 500], Stop("MANUAL", options.note))
                moved(start + 500)
    whom = options.email or options.sequence
    screen.show({"what": whom, "unenrolled": ended}, sentence(f"{whom}: {ended:,} unenrolled.", "bold green"))


def _of_sequence(tx: Tx, options: Unenroll, actor: Actor) -> list[int]:
    """Return the open enrollments of a sequence that the actor may end: their own, their team's, all (SEQ-3)."""
    sequence = get_sequence(tx, options.sequence)["id"]
    if actor.reach(Permission.MANAGE_ANY) is Reach.ALL:
        return list_open_ids(tx, sequence_id=sequence)
    require(actor, Permission.USE)
    mine = [int(row["id"]) for row in list_users(tx) if actor.may_manage(row["id"], row["team"])]
    return list_open_ids(tx, sequence_id=sequence, enrollers=mine)
