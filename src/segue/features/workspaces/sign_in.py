"""Signing in: a password, then a second factor where there is one; every wrong try is counted, and many make it wait (X1, X7)."""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.account_events import PasswordChanged, SignInRefused
from segue.domain.errors import TooMany, Unauthenticated
from segue.domain.ids import UserId, WorkspaceId
from segue.domain.passwords import check_password
from segue.domain.scopes import Principal
from segue.features.workspaces.one_time_tokens import Purpose, count_try, find_workspace, get_token, issue_token, use_token
from segue.features.workspaces.passwords import Hasher
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.second_factor import get_credentials, take_second_factor
from segue.features.workspaces.service import get_workspace
from segue.features.workspaces.user_sessions import Visitor, end_access, start_session
from segue.features.workspaces.vault import Vault
from segue.http.limits import RateLimit

FREE_TRIES = 5
"""Wrong tries in a row that cost nothing; each further one doubles the wait, up to a quarter of an hour."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
A_MINUTE = 5
"""Tries of one account in a minute, counted before anything is hashed; of one network address four times as many."""


class Doorkeeper:
    """What signing in needs: the database, the vault, the hasher, and how often was tried in this process."""

    def __init__(self, db: Database, vault: Vault, hasher: Hasher) -> None:
        self.db = db
        self.vault = vault
        self.hasher = hasher
        self.by_account = RateLimit(db.clock, A_MINUTE)
        self.by_address = RateLimit(db.clock, 4 * A_MINUTE)

    def let_try(self, account: str, visitor: Visitor) -> None:
        """Count a try. Raises TooMany."""
        if not (self.by_address.allows(visitor.address) and self.by_account.allows(account)):
            raise TooMany("Too many tries.", retry_after=60, hint="Wait a minute.")


@dataclass(frozen=True, slots=True)
class Entered:
    """How far somebody has come. `session` is the token of a session; empty where `second_factor` is still asked for with its token."""

    session: str = ""
    second_factor: str = ""


def sign_in(keeper: Doorkeeper, email: str, password: str, visitor: Visitor, *, workspace: WorkspaceId | None = None) -> Entered:
    """Sign a user in by password. A person of several workspaces names one, or comes into the first that this password opens.

    Raises:
        Unauthenticated: address or password is wrong; nothing says which.
        TooMany: too often tried.
    """
    account = email.strip().lower()
    keeper.let_try(account, visitor)
    with keeper.db.anywhere() as conn:
        rows = conn.execute("SELECT workspace_id, user_id FROM segue_find_users(%s)", (account,)).fetchall()
    found = [(WorkspaceId(ws), UserId(user)) for ws, user in rows if workspace in (None, ws)][:A_MINUTE]
    for workspace_id, user_id in found:
        entered = _try_password(keeper, workspace_id, user_id, password, visitor)
        if entered is not None:
            return entered
    if not found:
        keeper.hasher.verify("", password)  # an unknown address takes as long as a known one
    raise wrong()


def _try_password(keeper: Doorkeeper, workspace_id: WorkspaceId, user_id: UserId, password: str, visitor: Visitor) -> Entered | None:
    with keeper.db.tx(workspace_id, actor="sign-in", origin=visitor.address) as tx:
        row = get_credentials(tx, user_id)
        locked, stored = row["locked_until"], row["password_hash"]
    is_locked = locked is not None and locked > keeper.db.clock.now()
    # Outside any transaction: it takes a tenth of a second. Where it is locked it takes as long and says no, whatever the password.
    right = keeper.hasher.verify("" if is_locked else stored, password_form(password))
    if is_locked:
        return None
    with keeper.db.tx(workspace_id, actor="sign-in", origin=visitor.address) as tx:
        row, user = get_credentials(tx, user_id), get_user_row(tx, user_id)
        if not right or row["password_hash"] != stored or not user["active"]:
            count_failure(tx, row, user["email"], "password")
            return None
        if keeper.hasher.is_outdated(stored):
            _store_password(tx, user_id, keeper.hasher.hash(password_form(password)))
        if row["totp_confirmed_at"] is not None:
            return Entered(second_factor=issue_token(tx, user_id, Purpose.SECOND_FACTOR))
        _forget_failures(tx, user_id)
        return Entered(session=start_session(tx, user_id, "password", visitor))


def give_second_factor(keeper: Doorkeeper, token: str, code: str, visitor: Visitor) -> Entered:
    """Go on with the code of an authenticator, or a recovery code, after the password was right.

    Raises:
        Unauthenticated: the code is wrong or was used, with the code second_factor_wrong; or the token is over, or was tried five times.
        TooMany: too often tried.
    """
    keeper.let_try(f"token {token[:8]}", visitor)
    workspace_id = find_workspace(keeper.db, token, Purpose.SECOND_FACTOR)
    with keeper.db.tx(workspace_id, actor="sign-in", origin=visitor.address) as tx:
        asked = get_token(tx, token, Purpose.SECOND_FACTOR)
        row, user = get_credentials(tx, asked["user_id"]), get_user_row(tx, asked["user_id"])
        kind = take_second_factor(tx, row, code, keeper.vault)
        if kind and user["active"]:
            use_token(tx, asked["id"])
            _forget_failures(tx, user["id"])
            return Entered(session=start_session(tx, user["id"], f"password+{kind}", visitor))
        count_try(tx, asked["id"])
        count_failure(tx, row, user["email"], "second_factor")
    raise Unauthenticated("This code is wrong or was used.", hint="Take the newest one, or a recovery code.", code="second_factor_wrong")


def set_password(tx: Tx, user_id: UserId, password: str, hasher: Hasher) -> None:
    """Give a user a password. Everything they were signed in with ends, keys included (X1).

    Raises:
        Invalid: the password is too short, or among the first that anybody would try.
    """
    user = get_user_row(tx, user_id)
    about = (user["email"].partition("@")[0], user["email"].partition("@")[2].partition(".")[0], user["name"], get_workspace(tx)["name"])
    hashed = hasher.hash(check_password(password, about=about))
    get_credentials(tx, user_id)
    _store_password(tx, user_id, hashed)
    _forget_failures(tx, user_id)
    end_access(tx, user_id, "password changed")
    tx.record(PasswordChanged(user=user["email"]))


def change_password(keeper: Doorkeeper, who: Principal, old: str, new: str, visitor: Visitor) -> str:
    """Change one's own password, knowing the old one; returns the token of a new session: all others are over (X1).

    Raises:
        Unauthenticated: the old password is wrong.
        Forbidden: an API key asks.
        Invalid: the new one is not taken.
        TooMany: too often tried.
    """
    user_id = who.person()
    keeper.let_try(f"{who.workspace_id}:{user_id}", visitor)
    with keeper.db.tx(who.workspace_id) as tx:
        stored = get_credentials(tx, user_id)["password_hash"]
    if not keeper.hasher.verify(stored, password_form(old)):
        with keeper.db.tx(who.workspace_id, actor=who.name, origin=visitor.address) as tx:
            count_failure(tx, get_credentials(tx, user_id), who.actor.email, "password")
        raise wrong()
    with keeper.db.tx(who.workspace_id, actor=who.name, origin=visitor.address) as tx:
        set_password(tx, user_id, new, keeper.hasher)
        return start_session(tx, user_id, who.credential_name, visitor)


def count_failure(tx: Tx, row: dict[str, Any], email: str, why: str) -> None:
    """Count a wrong try of a user; from the sixth in a row on each makes the next wait. `row` is locked."""
    failures = row["failures"] + 1
    over = failures - FREE_TRIES
    locked = tx.now + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over > 0 else None
    tx.run(
        """UPDATE user_credentials SET failures = %(failures)s, locked_until = %(locked)s
           WHERE workspace_id = %(ws)s AND user_id = %(user)s""",
        {"user": row["user_id"], "failures": failures, "locked": locked},
    )
    tx.record(SignInRefused(user=email, why=why))


def password_form(password: str) -> str:
    """Return a password in the form that was hashed, whatever its length."""
    return unicodedata.normalize("NFKC", password[:1024])


def wrong() -> Unauthenticated:
    """Return the one answer to a wrong address and a wrong password."""
    hint = "Try again, or have the password reset. After several wrong tries in a row it takes up to 15 minutes until the right one works."
    return Unauthenticated("The address or the password is wrong.", hint=hint, code="sign_in_wrong")


def _store_password(tx: Tx, user_id: int, hashed: str) -> None:
    tx.run(
        """UPDATE user_credentials SET password_hash = %(hash)s, password_set_at = %(now)s
           WHERE workspace_id = %(ws)s AND user_id = %(user)s""",
        {"user": user_id, "hash": hashed, "now": tx.now},
    )


def _forget_failures(tx: Tx, user_id: int) -> None:
    tx.run(
        "UPDATE user_credentials SET failures = 0, locked_until = NULL WHERE workspace_id = %(ws)s AND user_id = %(user)s",
        {"user": user_id},
    )
