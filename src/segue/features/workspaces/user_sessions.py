"""Sessions of people who signed in: an opaque token in the browser, its digest here, an end by idleness and one for good (X1)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.access_tokens import digest_of, make_token
from segue.domain.account_events import AccessEnded, SessionEnded, SignedIn
from segue.domain.errors import NotFound, Unauthenticated
from segue.domain.scopes import ALL_SCOPES, Principal
from segue.features.workspaces.api_keys import MINUTE, find_token
from segue.features.workspaces.queries import actor_of, get_user_row
from segue.features.workspaces.service import get_workspace

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=14)
"""Ends of a session (reliability.md §8)."""
SIGN_IN = "Sign in again."
REQUIRE_SECOND_FACTOR = "require_second_factor"
"""The workspace's setting: nobody does anything without a second factor."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where and with what somebody comes."""

    address: str = ""
    agent: str = ""


def start_session(tx: Tx, user_id: int, method: str, visitor: Visitor) -> str:
    """Begin a session for a user who has proved who they are, and return its token: it goes into the cookie and is stored nowhere.

    Always a new one: what a browser brought before the sign-in is never taken over (X1).
    """
    token = make_token(tx.db.random_bytes(32))
    made = tx.one(
        """INSERT INTO user_sessions (workspace_id, user_id, digest, method, address, agent, created_at, seen_at, expires_at)
           VALUES (%(ws)s, %(user)s, %(digest)s, %(method)s, %(address)s, %(agent)s, %(now)s, %(now)s, %(end)s) RETURNING id""",
        {
            "user": user_id,
            "digest": digest_of(token),
            "method": method,
            "address": visitor.address,
            "agent": visitor.agent[:300],
            "now": tx.now,
            "end": tx.now + ABSOLUTE,
        },
    )
    assert made is not None
    tx.record(SignedIn(session_id=made["id"], user=get_user_row(tx, user_id)["email"], method=method))
    return token


def authenticate_session(db: Database, presented: str, *, address: str = "") -> Principal:
    """Turn a session's token into who stands behind it.

    Where the workspace wants a second factor and the user signed in without one, the session has no scope: it can set one up, no more.

    Raises:
        Unauthenticated: with the code session_unknown, session_over, user_inactive.
    """
    found = find_token(db, presented)
    if found is None or found[0] != "session":
        raise Unauthenticated("You are not signed in.", hint="Sign in.", code="session_unknown")
    _, workspace_id, session_id = found
    with db.tx(workspace_id) as tx:
        row = tx.one(
            "SELECT user_id, method, seen_at, expires_at, ended_at FROM user_sessions WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"id": session_id},
        )
        assert row is not None
        user = get_user_row(tx, row["user_id"])
        if row["ended_at"] is not None or row["expires_at"] <= tx.now or row["seen_at"] + IDLE <= tx.now:
            raise Unauthenticated("Your session is over.", hint=SIGN_IN, code="session_over")
        if not user["active"] or user["deleted_at"] is not None:
            raise Unauthenticated("Your user is not active.", hint="An admin can activate it.", code="user_inactive")
        scopes = ALL_SCOPES if "+" in row["method"] or row["method"] == "passkey" or not _wants_second_factor(tx) else frozenset()
        if tx.now - row["seen_at"] >= MINUTE:
            tx.run(
                "UPDATE user_sessions SET seen_at = %(now)s, address = %(from)s WHERE workspace_id = %(ws)s AND id = %(id)s",
                {"id": session_id, "now": tx.now, "from": address},
            )
    return Principal(workspace_id, actor_of(user), "session", session_id, row["method"], scopes, address)


def _wants_second_factor(tx: Tx) -> bool:
    return bool(get_workspace(tx)["settings"].get(REQUIRE_SECOND_FACTOR))


def list_sessions(tx: Tx, user_id: int) -> list[dict[str, Any]]:
    """Return a user's sessions that are not over, the newest first."""
    return tx.all(
        """SELECT id, method, address, agent, created_at, seen_at, expires_at FROM user_sessions
           WHERE workspace_id = %(ws)s AND user_id = %(user)s AND ended_at IS NULL AND expires_at > %(now)s AND seen_at > %(idle)s
           ORDER BY id DESC""",
        {"user": user_id, "now": tx.now, "idle": tx.now - IDLE},
    )


def end_session(tx: Tx, user_id: int, session_id: int) -> None:
    """End one session of a user: signing out, or a lost laptop.

    Raises:
        NotFound: the user has no such session; one that is over already is left.
    """
    row = tx.one(
        """SELECT s.ended_at, u.email FROM user_sessions AS s JOIN users AS u ON u.workspace_id = s.workspace_id AND u.id = s.user_id
           WHERE s.workspace_id = %(ws)s AND s.id = %(id)s AND s.user_id = %(user)s""",
        {"id": session_id, "user": user_id},
    )
    if row is None:
        raise NotFound(f"There is no session {session_id}.")
    if row["ended_at"] is None:
        tx.run("UPDATE user_sessions SET ended_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": session_id, "now": tx.now})
        tx.record(SessionEnded(session_id=session_id, user=row["email"]))


def end_access(tx: Tx, user_id: int, why: str, *, keep_session: int = 0) -> tuple[int, int]:
    """End at once what a user is signed in with, API keys included, and what would let them in; returns sessions and keys (X1).

    `keep_session` is the one in which a person has just changed their own password: they stay signed in there alone.
    """
    given = {"user": user_id, "now": tx.now, "keep": keep_session}
    sessions = tx.run(
        """UPDATE user_sessions SET ended_at = %(now)s
           WHERE workspace_id = %(ws)s AND user_id = %(user)s AND ended_at IS NULL AND id <> %(keep)s""",
        given,
    )
    keys = tx.run(
        "UPDATE api_keys SET revoked_at = %(now)s WHERE workspace_id = %(ws)s AND user_id = %(user)s AND revoked_at IS NULL", given
    )
    tx.run("UPDATE sign_in_tokens SET used_at = %(now)s WHERE workspace_id = %(ws)s AND user_id = %(user)s AND used_at IS NULL", given)
    if sessions or keys:
        tx.record(AccessEnded(user=get_user_row(tx, user_id)["email"], why=why, sessions=sessions, keys=keys))
    return sessions, keys
