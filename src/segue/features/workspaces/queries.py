"""What is asked about users."""

from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import Forbidden, NotFound
from segue.domain.ids import UserId
from segue.domain.permissions import Actor, Permission, Reach, Role


def get_user(tx: Tx, email: str = "") -> UserId:
    """Return the user with this address; without one, the first user of the workspace.

    Raises:
        NotFound: there is none.
    """
    row = tx.one(
        """SELECT id FROM users WHERE workspace_id = %(ws)s AND deleted_at IS NULL AND (%(email)s = '' OR email = %(email)s)
           ORDER BY NOT active, id LIMIT 1""",
        {"email": email.strip().lower()},
    )
    if row is None:
        said = f"There is no user with the address {email}." if email else "This workspace has no user yet."
        raise NotFound(said, hint="`segue mailbox add ADDRESS` makes the mailbox's owner a user.")
    return UserId(row["id"])


def get_actor(tx: Tx, email: str) -> Actor:
    """Return a user as who asks for something. Raises NotFound."""
    return actor_of(get_user_row(tx, get_user(tx, email)))


def actor_of(row: dict[str, Any]) -> Actor:
    """Return a user's row as who asks for something."""
    reach = Reach[str(row["communicate"] or Reach.ALL.name).upper()]
    return Actor(UserId(row["id"]), row["email"], Role(row["role"]), row["team"], row["seat"], row["active"], reach)


def require(actor: Actor, permission: Permission) -> None:
    """Let pass who holds a permission. Raises Forbidden."""
    if not actor.may(permission):
        raise Forbidden(f"{actor.email} may not do this: the permission {permission.value} is missing.", hint="An admin can give it.")


def require_to_manage(actor: Actor, owner: dict[str, Any]) -> None:
    """Let pass who may change what this user has enrolled: the user, their manager, an admin (SEQ-3, SEQ-122). Raises Forbidden."""
    if not actor.may_manage(owner["id"], owner["team"]):
        raise Forbidden(f"{actor.email} may not manage what {owner['email']} has enrolled.", hint="A manager of the team may.")


def get_user_row(tx: Tx, user_id: int) -> dict[str, Any]:
    """Return a user by number, one who was removed too. Raises NotFound."""
    row = tx.one(
        """SELECT id, email, name, timezone, role, team, seat, active, per_day, deleted_at, sending_stopped_at,
               (SELECT settings ->> 'communicate' FROM workspaces WHERE workspace_id = %(ws)s) AS communicate
           FROM users WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": user_id},
    )
    if row is None:
        raise NotFound(f"There is no user {user_id}.", hint="`segue user list` shows them.")
    return row


def list_users(tx: Tx) -> list[dict[str, Any]]:
    """Return the users in the order they came, without those who were removed."""
    return tx.all(
        """SELECT u.id, u.email, u.name, u.timezone, u.role, u.team, u.seat, u.active, u.sending_stopped_at,
               (SELECT array_agg(b.address ORDER BY b.id) FROM mailboxes AS b WHERE b.workspace_id = u.workspace_id AND b.user_id = u.id)
                 AS mailboxes
           FROM users AS u WHERE u.workspace_id = %(ws)s AND u.deleted_at IS NULL ORDER BY u.id""",
        {},
    )
