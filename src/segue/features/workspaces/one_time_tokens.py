"""What lets a user do one thing once: accept an invitation, set a new password, give the second factor. Only digests are stored (S18)."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.access_tokens import digest_of, make_token
from segue.domain.errors import Unauthenticated
from segue.domain.ids import WorkspaceId
from segue.features.workspaces.api_keys import find_token


class Purpose(StrEnum):
    """What a token is good for; for anything else it is unknown."""

    INVITATION = "invitation"
    RESET = "reset"
    SECOND_FACTOR = "second_factor"


LASTS = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: timedelta(hours=1), Purpose.SECOND_FACTOR: timedelta(minutes=5)}
TRIES = 5
"""Wrong codes after which a token is void."""


def issue_token(tx: Tx, user_id: int, purpose: Purpose) -> str:
    """Return a new token of a user; one of the same purpose from before is void."""
    tx.run(
        """UPDATE sign_in_tokens SET used_at = %(now)s
           WHERE workspace_id = %(ws)s AND user_id = %(user)s AND purpose = %(purpose)s AND used_at IS NULL""",
        {"user": user_id, "purpose": purpose, "now": tx.now},
    )
    token = make_token(tx.db.random_bytes(32))
    tx.run(
        """INSERT INTO sign_in_tokens (workspace_id, user_id, purpose, digest, created_at, expires_at)
           VALUES (%(ws)s, %(user)s, %(purpose)s, %(digest)s, %(now)s, %(end)s)""",
        {"user": user_id, "purpose": purpose, "digest": digest_of(token), "now": tx.now, "end": tx.now + LASTS[purpose]},
    )
    return token


def find_workspace(db: Database, presented: str, purpose: Purpose) -> WorkspaceId:
    """Return whose token this is. Raises Unauthenticated, for unknown ones and those of another purpose alike."""
    found = find_token(db, presented)
    if found is None or found[0] != purpose:
        raise refusal()
    return found[1]


def get_token(tx: Tx, presented: str, purpose: Purpose) -> dict[str, Any]:
    """Return a token's row, locked until the commit.

    Raises:
        Unauthenticated: it is unknown, used, over, or was tried too often.
    """
    row = tx.one(
        """SELECT id, user_id, tries FROM sign_in_tokens WHERE workspace_id = %(ws)s AND digest = %(digest)s AND purpose = %(purpose)s
             AND used_at IS NULL AND expires_at > %(now)s AND tries < %(tries)s FOR UPDATE""",
        {"digest": digest_of(presented), "purpose": purpose, "now": tx.now, "tries": TRIES},
    )
    if row is None:
        raise refusal()
    return row


def use_token(tx: Tx, token_id: int) -> None:
    """Make a token void."""
    tx.run("UPDATE sign_in_tokens SET used_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": token_id, "now": tx.now})


def count_try(tx: Tx, token_id: int) -> None:
    """Count a wrong code."""
    tx.run("UPDATE sign_in_tokens SET tries = tries + 1 WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": token_id})


def refusal() -> Unauthenticated:
    """Return the one answer to every token that lets nobody in."""
    return Unauthenticated("This link was used, is over, or never was one.", hint="Ask for a new one.", code="token_unknown")
