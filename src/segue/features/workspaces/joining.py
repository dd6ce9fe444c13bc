"""How a user comes to a password: as the first one of an installation, by invitation, or by a reset (X1, S18).

No installation has a default admin: while nobody can sign in, the console shows a token with which somebody becomes the owner.
"""

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from segue.db.tx import Database, Tx
from segue.domain.access_tokens import digest_of, make_token
from segue.domain.account_events import PasswordResetAsked, SettingsChanged, UserInvited
from segue.domain.errors import Conflict
from segue.domain.ids import UserId, WorkspaceId
from segue.domain.permissions import Actor, Permission, Role
from segue.features.workspaces.one_time_tokens import Purpose, find_workspace, get_token, issue_token, refusal, use_token
from segue.features.workspaces.queries import get_user_row, require
from segue.features.workspaces.second_factor import get_credentials
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.sign_in import Doorkeeper, Entered, set_password
from segue.features.workspaces.user_sessions import Visitor, start_session
from segue.features.workspaces.users import UserChange, add_user, write_user

FIRST_RUN_FILE = "first-run.json"
FIRST_RUN_LASTS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NewOwner:
    """Who takes an installation into use. The workspace's name counts where there is no workspace yet."""

    email: str
    password: str = field(repr=False)
    name: str = ""
    timezone: str = "UTC"
    workspace: str = ""


def can_anybody_sign_in(db: Database) -> bool:
    """Say whether some active owner has a password."""
    for workspace_id in db.workspace_ids():
        with db.tx(workspace_id) as tx:
            if tx.one(
                """SELECT 1 AS one FROM user_credentials AS c JOIN users AS u ON u.workspace_id = c.workspace_id AND u.id = c.user_id
                   WHERE c.workspace_id = %(ws)s AND c.password_hash <> '' AND u.active AND u.role = 'owner'""",
                {},
            ):
                return True
    return False


def issue_first_run(db: Database, data_dir: Path) -> str:
    """Return a token with which somebody becomes the owner; empty where there is one who can sign in. Replaces the one before.

    Raises:
        OSError: the data folder cannot be written.
    """
    file = data_dir / FIRST_RUN_FILE
    if can_anybody_sign_in(db):
        with suppress(FileNotFoundError):
            file.unlink()
        return ""
    token = make_token(db.random_bytes(32))
    data_dir.mkdir(parents=True, exist_ok=True)
    making = file.with_name(f".{file.name}.{os.getpid()}")
    making.write_text(json.dumps({"digest": digest_of(token).hex(), "until": (db.clock.now() + FIRST_RUN_LASTS).isoformat()}))
    making.replace(file)
    return token


def take_first_run(keeper: Doorkeeper, data_dir: Path, token: str, new: NewOwner, visitor: Visitor) -> Entered:
    """Become the owner of an installation in which nobody can sign in; makes the workspace where there is none.

    Raises:
        Unauthenticated: the token is not the one on the console, or over; or somebody was faster.
        Invalid: the password, the address or the zone.
        Conflict: there are several workspaces.
    """
    keeper.let_try("first run", visitor)
    file = data_dir / FIRST_RUN_FILE
    if not _is_first_run(keeper.db, file, token) or can_anybody_sign_in(keeper.db):
        raise refusal()
    workspaces = keeper.db.workspace_ids()
    if len(workspaces) > 1:
        raise Conflict("There are several workspaces.", hint="Give their owners passwords: segue sign-in password EMAIL --workspace NAME.")
    workspace_id = workspaces[0] if workspaces else create_workspace(keeper.db, new.workspace or "Segue", timezone=new.timezone)
    with keeper.db.tx(workspace_id, actor=new.email, origin=visitor.address) as tx:
        user_id = find_or_create_user(tx, new.email, name=new.name, timezone=new.timezone)
        if get_user_row(tx, user_id)["role"] != Role.OWNER:
            write_user(tx, user_id, UserChange(role=Role.OWNER))
        set_password(tx, user_id, new.password, keeper.hasher)
        tx.record(SettingsChanged(of="installation", before={"owner": None}, after={"owner": new.email}))
        session = start_session(tx, user_id, "password", visitor)
    with suppress(FileNotFoundError):
        file.unlink()
    return Entered(session=session)


def _is_first_run(db: Database, file: Path, token: str) -> bool:
    try:
        kept = json.loads(file.read_text())
        return bool(kept["digest"] == digest_of(token).hex() and datetime.fromisoformat(kept["until"]) > db.clock.now())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def invite(tx: Tx, email: str, change: UserChange, *, by: Actor) -> tuple[UserId, str]:
    """Add a user, or one who has no password yet once more, and return the token with which they come in; it lasts a week.

    Raises:
        Forbidden: `by` may not manage users.
        Conflict: the user can sign in already.
        Invalid: the address, the zone or a seat for a viewer.
    """
    require(by, Permission.USERS)
    known = tx.one(
        "SELECT id FROM users WHERE workspace_id = %(ws)s AND email = %(email)s AND deleted_at IS NULL", {"email": email.strip().lower()}
    )
    user_id = UserId(known["id"]) if known else add_user(tx, email, change)
    if get_credentials(tx, user_id)["password_hash"]:
        raise Conflict(f"{email} can sign in already.", hint="`segue sign-in reset` lets them set a new password.")
    tx.record(UserInvited(user=get_user_row(tx, user_id)["email"]))
    return user_id, issue_token(tx, user_id, Purpose.INVITATION)


def accept_invitation(keeper: Doorkeeper, token: str, password: str, visitor: Visitor) -> Entered:
    """Set the first password, and be signed in.

    Raises:
        Unauthenticated: the token is unknown, used or over.
        Invalid: the password is not taken; the token stays good.
    """
    return Entered(session=_set_by_token(keeper, token, Purpose.INVITATION, password, visitor, sign_in=True))


def request_reset(tx: Tx, user_id: UserId) -> str:
    """Return a token with which a user sets a new password; it lasts an hour. Give it to nobody but the user."""
    tx.record(PasswordResetAsked(user=get_user_row(tx, user_id)["email"]))
    return issue_token(tx, user_id, Purpose.RESET)


def reset_password(keeper: Doorkeeper, token: str, password: str, visitor: Visitor) -> None:
    """Set a new password by a reset token. Nobody is signed in by it, and a second factor is asked for as ever.

    Raises:
        Unauthenticated: the token is unknown, used or over.
        Invalid: the password is not taken; the token stays good.
    """
    _set_by_token(keeper, token, Purpose.RESET, password, visitor)


def _set_by_token(keeper: Doorkeeper, token: str, purpose: Purpose, password: str, visitor: Visitor, *, sign_in: bool = False) -> str:
    keeper.let_try(f"token {token[:8]}", visitor)
    workspace_id = find_workspace(keeper.db, token, purpose)
    with keeper.db.tx(workspace_id, actor=f"{purpose} link", origin=visitor.address) as tx:
        row = get_token(tx, token, purpose)
        if not get_user_row(tx, row["user_id"])["active"]:
            raise refusal()
        set_password(tx, row["user_id"], password, keeper.hasher)
        use_token(tx, row["id"])
        return start_session(tx, row["user_id"], "password", visitor) if sign_in else ""


def workspace_of_token(db: Database, token: str) -> WorkspaceId:
    """Return the workspace that an invitation leads into, to show its name before. Raises Unauthenticated."""
    return find_workspace(db, token, Purpose.INVITATION)
