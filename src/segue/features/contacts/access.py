"""Whom a user may write to (SEQ-3): everybody, the contacts of their team, or their own. Whose a contact is, its `owner` says."""

from collections.abc import Sequence

from segue.db.tx import Tx
from segue.domain.errors import Forbidden
from segue.domain.permissions import Actor, Permission, Reach


def list_owners_in_reach(tx: Tx, actor: Actor) -> list[str] | None:
    """Return the addresses of the users to whose contacts the actor may write; None: to every contact, one without an owner too."""
    reach = actor.reach(Permission.COMMUNICATE)
    if reach is Reach.ALL:
        return None
    if reach is Reach.NONE:
        return []
    if reach is Reach.OWN or not actor.team:
        return [actor.email]
    rows = tx.all("SELECT email FROM users WHERE workspace_id = %(ws)s AND team = %(team)s", {"team": actor.team})
    return [row["email"] for row in rows]


def require_to_communicate(tx: Tx, actor: Actor, contacts: Sequence[int]) -> None:
    """Let pass who may write to all of these contacts (SEQ-10). Raises Forbidden."""
    owners = list_owners_in_reach(tx, actor)
    if owners is None:
        return
    barred = tx.one(
        """SELECT email FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)
             AND lower(COALESCE(properties ->> 'owner', '')) <> ALL(%(owners)s::text[]) LIMIT 1""",
        {"ids": list(contacts), "owners": owners},
    )
    if barred is not None:
        raise Forbidden(f"{actor.email} may not write to {barred['email']}.", hint="Its owner may, or somebody who may write to all.")
