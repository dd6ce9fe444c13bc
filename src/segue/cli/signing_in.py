"""`segue sign-in invite | password | reset | sessions | end | second-factor`: how people get in, for whoever runs the machine."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from segue.cli.opening import Segue, open_segue
from segue.cli.options import Acting, Common, add_command
from segue.cli.screen import Screen, sentence, table, when
from segue.domain.errors import Invalid
from segue.domain.permissions import Permission, Role
from segue.features.workspaces.joining import invite as invite_user
from segue.features.workspaces.joining import request_reset
from segue.features.workspaces.passwords import Hasher
from segue.features.workspaces.queries import get_user, require
from segue.features.workspaces.second_factor import remove_totp, require_second_factor
from segue.features.workspaces.service import get_workspace
from segue.features.workspaces.sign_in import set_password
from segue.features.workspaces.user_sessions import end_access, end_session, list_sessions
from segue.features.workspaces.users import UserChange


def add_to(app: typer.Typer, name: str, panel: str) -> None:
    group = typer.Typer(help="Signing in: invitations, passwords, sessions, second factors.", no_args_is_help=True)
    add_command(group, "invite", invite)
    add_command(group, "password", password)
    add_command(group, "reset", reset)
    add_command(group, "sessions", sessions)
    add_command(group, "end", end)
    add_command(group, "second-factor", second_factor)
    app.add_typer(group, name=name, rich_help_panel=panel)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneUser(Acting):
    user: Annotated[str, typer.Argument(help="Address of the user.", metavar="EMAIL")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite(OneUser):
    name: Annotated[str | None, typer.Option(help="The name that contacts read.")] = None
    timezone: Annotated[str | None, typer.Option(help="Such as Europe/Berlin.")] = None
    role: Annotated[Role | None, typer.Option(help="owner, admin, manager, user or viewer.")] = None
    team: Annotated[str | None, typer.Option(help="Team of the user.", metavar="NAME")] = None


def invite(options: Invite, screen: Screen) -> None:
    """Add a user and print a link with which they set their password. It lasts a week; inviting again makes the one before void."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            change = UserChange(options.name, options.timezone, options.role, options.team)
            _, token = invite_user(tx, options.user, change, by=actor)
        link = _link(segue, "invitation", token)
    screen.show({"user": options.user, "token": token, "link": link}, sentence(f"Give {options.user} this link:"), sentence(link, "bold"))


def reset(options: OneUser, screen: Screen) -> None:
    """Print a link with which a user sets a new password. It lasts an hour; a second factor is asked for as ever."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USERS)
        with segue.tx_as(actor) as tx:
            token = request_reset(tx, get_user(tx, options.user))
        link = _link(segue, "reset", token)
    screen.show({"user": options.user, "token": token, "link": link}, sentence(f"Give {options.user} this link:"), sentence(link, "bold"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Password(OneUser):
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")] = False
    password_file: Annotated[Path | None, typer.Option(help="Read the password from this file.", metavar="FILE")] = None


def password(options: Password, screen: Screen) -> None:
    """Give a user a password. Whatever they are signed in with ends, API keys included."""
    given = _typed(options, screen)
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USERS)
        with segue.tx_as(actor) as tx:
            set_password(tx, get_user(tx, options.user), given, Hasher())
    screen.show({"user": options.user, "changed": True}, sentence(f"{options.user} has a new password.", "bold green"))


def _typed(options: Password, screen: Screen) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if options.password_file:
        try:
            return options.password_file.read_text(encoding="utf-8").strip("\r\n")
        except OSError as error:
            raise Invalid(f"The password file cannot be read: {error.strerror}.", hint="Check --password-file.") from error
    if screen.as_json or not sys.stdin.isatty():
        hint = "Pipe it in with --password-stdin, or name a file with --password-file."
        raise Invalid("Nobody is here to type the password.", hint=hint, field="password")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions(Common):
    user: Annotated[str, typer.Argument(help="Address of the user.", metavar="EMAIL")]


def sessions(options: Sessions, screen: Screen) -> None:
    """List where a user is signed in."""
    with open_segue(options) as segue, segue.tx() as tx:
        rows = list_sessions(tx, get_user(tx, options.user))
        zone = str(get_workspace(tx)["timezone"])
    screen.show(
        {"sessions": rows},
        table(
            ("#", "Since", "Seen", "By", "From", "With"),
            (
                (row["id"], when(row["created_at"], zone), when(row["seen_at"], zone), row["method"], row["address"], row["agent"])
                for row in rows
            ),
            empty=f"{options.user} is signed in nowhere.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class End(OneUser):
    number: Annotated[int, typer.Option("--session", help="Only this session.", metavar="NUMBER", min=0)] = 0


def end(options: End, screen: Screen) -> None:
    """End one session of a user; without a number all of them, and their API keys."""
    with open_segue(options) as segue:
        actor = segue.actor(options)
        with segue.tx_as(actor) as tx:
            user = get_user(tx, options.user)
            if actor.user_id != user:
                require(actor, Permission.USERS)
            if options.number:
                end_session(tx, user, options.number)
            ended, keys = (1, 0) if options.number else end_access(tx, user, "ended by hand")
    said = f"{options.user} is signed out: {ended:,} sessions and {keys:,} API keys ended."
    screen.show({"user": options.user, "sessions": ended, "api_keys": keys}, sentence(said, "bold green"))


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactor(Acting):
    user: Annotated[str, typer.Argument(help="Address of the user.", metavar="EMAIL")] = ""
    remove: Annotated[bool, typer.Option("--remove", help="Take the user's authenticator away: it is lost.")] = False
    require: Annotated[bool | None, typer.Option("--require/--optional", help="Whether everybody of the workspace needs one.")] = None


def second_factor(options: SecondFactor, screen: Screen) -> None:
    """Say whether the workspace wants a second factor of everybody, or take a lost one away."""
    if not options.remove and options.require is None:
        raise Invalid("There is nothing to do.", hint="Say --remove EMAIL, --require or --optional.")
    with open_segue(options) as segue:
        actor = segue.actor(options)
        require(actor, Permission.USERS)
        with segue.tx_as(actor) as tx:
            if options.remove:
                user = get_user(tx, options.user)
                remove_totp(tx, user)
                end_access(tx, user, "second factor removed")
            if options.require is not None:
                require_second_factor(tx, required=options.require)
    screen.show({"removed": options.remove, "required": options.require}, sentence("Done.", "bold green"))


def _link(segue: Segue, purpose: str, token: str) -> str:
    """Return the address to give away; the token stands behind the #, where no server's log sees it."""
    return f"{segue.settings.public_url or 'http://localhost'}/{purpose}#{token}"
