"""What is asked about users."""

from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import NotFound
from segue.domain.ids import UserId


def get_user(tx: Tx, email: str = "") -> UserId:
    """Return the user with this address; without one, the first user of the workspace.

    Raises:
        NotFound: there is none.
    """
    row = tx.one(
        "SELECT id FROM users WHERE workspace_id = %(ws)s AND (%(email)s = '' OR email = %(email)s) ORDER BY id LIMIT 1",
        {"email": email.strip().lower()},
    )
    if row is None:
        said = f"There is no user with the address {email}." if email else "This workspace has no user yet."
        raise NotFound(said, hint="`segue mailbox add ADDRESS` makes the mailbox's owner a user.")
    return UserId(row["id"])


def list_users(tx: Tx) -> list[dict[str, Any]]:
    """Return the users in the order they came."""
    return tx.all("SELECT id, email, name, timezone, active FROM users WHERE workspace_id = %(ws)s ORDER BY id", {})
