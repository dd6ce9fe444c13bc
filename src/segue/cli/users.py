"""`segue user add | list | show | set | seat | deactivate | delete`: who uses the workspace, and what a leaving user leaves behind."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any

import typer

from segue.cli.calendars import UserCalendar, change_user_calendar, document_of_user_calendar, lines_of_user_calendar
from segue.cli.opening import Segue, name_of, open_segue
from segue.cli.options import Acting, Common, add_command
from segue.cli.screen import Screen, pairs, sentence, table
from segue.domain.errors import Invalid
from segue.domain.ids import UserId
from segue.domain.permissions import Actor, Permission, Role
from segue.features.enrollments.leaving import Hanging, Left, change_user, count_hanging
from segue.features.workspaces.queries import get_user, get_user_row, list_users, require
from segue.features.workspaces.users import UserChange, add_user


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Users: roles, seats, absences, and leaving.", no_args_is_help=True)
    add_command(group, "add", add)
    add_command(group, "list", list_all)
    add_command(group, "show", show)
    add_command(group, "set", set_user)
    add_command(group, "seat", seat)
    add_command(group, "deactivate", deactivate)
    add_command(group, "activate", activate)
    add_command(group, "delete", delete)
    app.add_typer(group, name=name, rich_help_panel=panel)


_Role = Annotated[Role | None, typer.Option(help="owner, admin, manager, user or viewer.")]
_Team = Annotated[str | None, typer.Option(help="Team; its managers may manage what its users enroll.", metavar="NAME")]
_HandOver = Annotated[str, typer.Option("--hand-over-to", help="Gets the sequences and tasks; everyone in them stays.", metavar="EMAIL")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUser(Acting):
    email: Annotated[str, typer.Argument(help="The user's address.", metavar="EMAIL")]
    name: Annotated[str | None, typer.Option(help="The name that contacts read.")] = None
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None
    role: _Role = None
    team: _Team = None
    no_seat: Annotated[bool, typer.Option("--no-seat", help="Without the right to create, enroll and send.")] = False


def add(options: AddUser, screen: Screen) -> None:
    """Add a user. The first user of a workspace is its owner."""
    with open_segue(options) as segue:
        actor = _manager(segue, options)
        with segue.tx_as(actor) as tx:
            change = UserChange(options.name, options.timezone, options.role, options.team, False if options.no_seat else None)
            row = get_user_row(tx, add_user(tx, options.email, change))
    screen.show(_document(row), sentence(f"{row['email']}: {row['role']}, {_seat(row)}.", "bold green"))


def list_all(options: Common, screen: Screen) -> None:
    """List the users with their roles and seats."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_users(tx)
    screen.show(
        {"users": rows},
        table(
            ("User", "Name", "Role", "Team", "Seat", "State", "Mailboxes"),
            (
                (row["email"], row["name"], row["role"], row["team"], _seat(row), _state(row), ", ".join(row["mailboxes"] or ()) or "–")
                for row in rows
            ),
            empty="There is no user yet; `segue user add EMAIL` adds one.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowUser(Common):
    user: Annotated[str, typer.Argument(help="Address of the user; by default the first one.")] = ""


def show(options: ShowUser, screen: Screen) -> None:
    """Show a user: role, seat, holidays, absences, and what hangs on them."""
    with open_segue(options) as segue, segue.tx() as tx:
        user = get_user(tx, options.user)
        row, calendar, hanging = get_user_row(tx, user), document_of_user_calendar(tx, user), count_hanging(tx, user)
    screen.show(
        {**_document(row), **calendar, "hanging": asdict(hanging)},
        sentence(str(row["email"]), "bold"),
        pairs(
            (
                ("Role", row["role"]),
                ("Team", row["team"] or "–"),
                ("Seat", _seat(row)),
                *lines_of_user_calendar(calendar),
                ("Hangs on them", _hangs(hanging)),
            )
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUser(UserCalendar):
    user: Annotated[str, typer.Argument(help="Address of the user; by default the first one.")] = ""
    name: Annotated[str | None, typer.Option(help="The name that contacts read.")] = None
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None
    role: _Role = None
    team: _Team = None
    per_day: Annotated[int | None, typer.Option(help="Automated mails in 24 hours over all mailboxes, 1 to 10,000.")] = None
    hand_over_to: _HandOver = ""
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before ending what hangs on them.")] = False


def set_user(options: SetUser, screen: Screen) -> None:
    """Change what is given of a user: name, zone, role, team, limit, holidays, absences.

    Nothing goes from a sender on days of absence but first emails started by hand. Who becomes a viewer loses the seat.
    """
    with open_segue(options) as segue:
        with segue.tx() as tx:
            user = get_user(tx, options.user)
        change = UserChange(options.name, options.timezone, options.role, options.team, per_day=options.per_day)
        changes = options.hand_over_to or change != UserChange()
        left = _change(segue, options, user, change, screen) if changes else Left()
        with segue.tx() as tx:
            change_user_calendar(tx, user, options)
            row, calendar = get_user_row(tx, user), document_of_user_calendar(tx, user)
    screen.show(
        {**_document(row), **calendar, "left": asdict(left)},
        sentence(str(row["email"]), "bold"),
        pairs(
            (
                ("Role", row["role"]),
                ("Seat", _seat(row)),
                *lines_of_user_calendar(calendar),
            )
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OneUser(Acting):
    user: Annotated[str, typer.Argument(help="Address of the user.", metavar="EMAIL")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoseUser(OneUser):
    hand_over_to: _HandOver = ""
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before ending what hangs on them.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat(LoseUser):
    take: Annotated[bool, typer.Option("--take", help="Take the seat away.")] = False


def seat(options: Seat, screen: Screen) -> None:
    """Give a user a sequence seat, or take it away.

    Without a seat nobody creates, enrolls or sends: everyone in the user's sequences is unenrolled, and everyone the user has enrolled.
    Sequences that are handed over first keep everyone in them.
    """
    _carry_out(options, UserChange(seat=not options.take), screen)


def deactivate(options: LoseUser, screen: Screen) -> None:
    """Deactivate a user. What follows is what follows from a lost seat."""
    _carry_out(options, UserChange(active=False), screen)


def activate(options: OneUser, screen: Screen) -> None:
    """Let a deactivated user work again. What has ended stays ended."""
    with open_segue(options) as segue:
        actor = _manager(segue, options)
        with segue.tx() as tx:
            user = get_user(tx, options.user)
        change_user(segue.db, segue.workspace_id, user, UserChange(active=True), actor=name_of(actor))
    screen.show({"user": options.user, "active": True}, sentence(f"{options.user} is active.", "bold green"))


def delete(options: LoseUser, screen: Screen) -> None:
    """Remove a user from the workspace. What follows is what follows from a lost seat; the history keeps the name."""
    _carry_out(options, UserChange(deleted=True), screen)


def _carry_out(options: LoseUser, change: UserChange, screen: Screen) -> None:
    with open_segue(options) as segue:
        with segue.tx() as tx:
            user = get_user(tx, options.user)
        left = _change(segue, options, user, change, screen)
        with segue.tx() as tx:
            row = get_user_row(tx, user)
    said = [f"{row['email']}: {_state(row)}, {_seat(row)}."]
    if left.handed_over:
        said.append(f"{left.handed_over:,} sequences handed over.")
    if left.archived:
        said.append(f"{left.archived:,} sequences archived.")
    if left.creator_lost or left.sender_lost:
        said.append(f"{left.creator_lost + left.sender_lost:,} contacts unenrolled.")
    if left.tasks:
        said.append(f"{left.tasks:,} tasks given to others.")
    screen.show({**_document(row), "left": asdict(left)}, sentence(" ".join(said), "bold green"))


def _change(segue: Segue, options: LoseUser | SetUser, user: UserId, change: UserChange, screen: Screen) -> Left:
    actor = _manager(segue, options)
    with segue.tx() as tx:
        hanging = count_hanging(tx, user)
        to = get_user(tx, options.hand_over_to) if options.hand_over_to else None
    if change.deleted or change.seat is False or change.active is False or change.role is Role.VIEWER:
        _confirm(options, hanging, screen)
    with screen.progress("Unenrolling", hanging.in_sequences + hanging.enrollments) as moved:
        return change_user(segue.db, segue.workspace_id, user, replace(change, hand_over_to=to), actor=name_of(actor), progress=moved)


def _confirm(options: LoseUser | SetUser, hanging: Hanging, screen: Screen) -> None:
    """Say what hangs on the user before it ends (SEQ-12)."""
    if options.yes or not (hanging.in_sequences or hanging.enrollments or hanging.sequences or hanging.tasks):
        return
    said = f"On {options.user} hang {_hangs(hanging)}."
    if screen.as_json:
        raise Invalid(said, hint="Add --yes, and --hand-over-to EMAIL to keep the sequences going.")
    typer.confirm(f"{said} Go on?", abort=True, err=True)


def _hangs(hanging: Hanging) -> str:
    return (
        f"{hanging.sequences:,} sequences with {hanging.in_sequences:,} open enrollments, {hanging.enrollments:,} own enrollments, "
        f"{hanging.tasks:,} open tasks, {hanging.mailboxes:,} mailboxes"
    )


def _manager(segue: Segue, options: Acting) -> Actor:
    actor = segue.actor(options)
    require(actor, Permission.USERS)
    return actor


def _document(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: row[name]
        for name in ("email", "name", "role", "team", "seat", "active", "timezone", "per_day", "deleted_at", "sending_stopped_at")
    }


def _seat(row: dict[str, Any]) -> str:
    return "seat" if row["seat"] else "no seat"


def _state(row: dict[str, Any]) -> str:
    if row.get("deleted_at"):
        return "removed"
    if row["sending_stopped_at"]:
        return "stopped"
    return "active" if row["active"] else "deactivated"
