"""API keys: made once and shown once, stored as a digest, bound to a user and to scopes (reliability.md §8, X1)."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.access_tokens import START, digest_of, is_api_key, make_api_key
from segue.domain.account_events import ApiKeyCreated, ApiKeyRevoked
from segue.domain.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from segue.domain.ids import UserId, WorkspaceId
from segue.domain.permissions import Actor, Permission
from segue.domain.scopes import Principal, check_scopes
from segue.features.workspaces.queries import actor_of, get_user_row, require

MINUTE = timedelta(minutes=1)
"""How exactly it is kept when a key or session was used last: no write for every request."""
NEW_KEY = "`segue api-key create` makes a new one."


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key is to be. Without scopes it may only ask who it is; `expires_at` None: until it is revoked."""

    name: str
    scopes: tuple[str, ...] = ()
    expires_at: datetime | None = None
    addresses: tuple[str, ...] = ()
    """Networks from which it may be used, as 192.0.2.0/24; none: from anywhere."""


def create_key(tx: Tx, owner: UserId, new: NewKey, *, by: Actor) -> tuple[dict[str, Any], str]:
    """Make a key that acts as `owner`; returns its row and the key itself, which nobody can read again.

    Raises:
        Forbidden: `by` may not manage keys.
        Conflict: the owner is not active.
        Invalid: an unknown scope, no name, an end in the past, an address that is no network.
    """
    require(by, Permission.API)
    row = get_user_row(tx, owner)
    if not row["active"]:
        raise Conflict(f"{row['email']} is not active.", hint="A key acts as an active user.")
    if not 1 <= len(new.name.strip()) <= 100:
        raise Invalid("A key needs a name of 1 to 100 characters.", hint="Name it after what will use it.", field="name")
    if new.expires_at is not None and new.expires_at <= tx.now:
        raise Invalid("The key would be over before it begins.", hint="Give a later end.", field="expires_at")
    scopes, key = check_scopes(list(new.scopes)), make_api_key(tx.db.random_bytes(32))
    made = tx.one(
        """INSERT INTO api_keys (workspace_id, user_id, name, start, digest, scopes, addresses, expires_at, created_by, created_at)
           VALUES (%(ws)s, %(user)s, %(name)s, %(start)s, %(digest)s, %(scopes)s, %(addresses)s, %(expires)s, %(by)s, %(now)s)
           RETURNING id""",
        {
            "user": owner,
            "name": new.name.strip(),
            "start": key[:START],
            "digest": digest_of(key),
            "scopes": scopes,
            "addresses": [_network(each) for each in new.addresses],
            "expires": new.expires_at,
            "by": tx.actor,
            "now": tx.now,
        },
    )
    assert made is not None
    until = new.expires_at.isoformat() if new.expires_at else ""
    tx.record(ApiKeyCreated(key_id=made["id"], name=new.name.strip(), owner=row["email"], scopes=scopes, expires_at=until))
    return get_key(tx, made["id"]), key


def get_key(tx: Tx, key_id: int) -> dict[str, Any]:
    """Return what is known of a key. Raises NotFound."""
    found = [row for row in list_keys(tx, revoked=True) if row["id"] == key_id]
    if not found:
        raise NotFound(f"There is no API key {key_id}.", hint="`segue api-key list` shows them.")
    return found[0]


def list_keys(tx: Tx, *, owner: int = 0, revoked: bool = False) -> list[dict[str, Any]]:
    """Return the keys of a user, or with 0 of all; `state` is active, expired or revoked, the newest first."""
    return tx.all(
        """SELECT k.id, k.name, k.start, u.email AS owner, k.user_id, k.scopes, k.addresses, k.created_at, k.created_by, k.expires_at,
               k.last_used_at, k.last_used_from, k.revoked_at,
               CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= %(now)s THEN 'expired' ELSE 'active' END AS state
           FROM api_keys AS k JOIN users AS u ON u.workspace_id = k.workspace_id AND u.id = k.user_id
           WHERE k.workspace_id = %(ws)s AND (%(owner)s = 0 OR k.user_id = %(owner)s) AND (%(revoked)s OR k.revoked_at IS NULL)
           ORDER BY k.id DESC""",
        {"owner": owner, "revoked": revoked, "now": tx.now},
    )


def revoke_key(tx: Tx, key_id: int, *, by: Actor) -> dict[str, Any]:
    """End a key for good; one that is revoked stays as it was. Its owner may, and who manages keys.

    Raises:
        NotFound: there is no such key, or it is somebody else's and the actor manages none.
    """
    row = get_key(tx, key_id)
    if by.user_id != row["user_id"] and not by.may(Permission.API):
        raise NotFound(f"There is no API key {key_id}.", hint="`segue api-key list` shows them.")
    if row["revoked_at"] is None:
        tx.run("UPDATE api_keys SET revoked_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": key_id, "now": tx.now})
        tx.record(ApiKeyRevoked(key_id=key_id, name=row["name"], owner=row["owner"]))
    return get_key(tx, key_id)


def authenticate_key(db: Database, presented: str, *, address: str = "") -> Principal:
    """Turn a presented key into who stands behind it. `address` is where the request came from.

    Raises:
        Unauthenticated: with the code key_malformed, key_unknown, key_revoked, key_expired, user_inactive.
        Forbidden: with the code address_not_allowed.
    """
    if not is_api_key(presented):
        raise Unauthenticated("This is not an API key of Segue.", hint="Copy the whole key; it begins with segue_.", code="key_malformed")
    found = find_token(db, presented)
    if found is None or found[0] != "api_key":
        raise Unauthenticated("This API key is not known here.", hint=NEW_KEY, code="key_unknown")
    _, workspace_id, key_id = found
    with db.tx(workspace_id) as tx:
        row = tx.one(
            """SELECT k.id, k.user_id, k.name, k.scopes, k.addresses, k.expires_at, k.revoked_at, k.last_used_at FROM api_keys AS k
               WHERE k.workspace_id = %(ws)s AND k.id = %(id)s""",
            {"id": key_id},
        )
        assert row is not None
        user = get_user_row(tx, row["user_id"])
        _check_usable(tx, row, user)
        if row["addresses"] and not _is_within(address, row["addresses"]):
            raise Forbidden("This API key may not be used from here.", hint="It is bound to other addresses.", code="address_not_allowed")
        if row["last_used_at"] is None or tx.now - row["last_used_at"] >= MINUTE:
            tx.run(
                """UPDATE api_keys SET last_used_at = %(now)s, last_used_from = %(from)s WHERE workspace_id = %(ws)s AND id = %(id)s""",
                {"id": key_id, "now": tx.now, "from": address},
            )
    return Principal(workspace_id, actor_of(user), "api_key", key_id, row["name"], frozenset(row["scopes"]), address)


def find_token(db: Database, presented: str) -> tuple[str, WorkspaceId, int] | None:
    """Return what a presented key or token is, of which workspace, and its number there; None where nobody knows it."""
    with db.anywhere() as conn:
        row = conn.execute("SELECT kind, workspace_id, id FROM segue_find_token(%s)", (digest_of(presented),)).fetchone()
    return (str(row[0]), WorkspaceId(row[1]), int(row[2])) if row else None


def _check_usable(tx: Tx, row: dict[str, Any], user: dict[str, Any]) -> None:
    if row["revoked_at"] is not None:
        raise Unauthenticated("This API key was revoked.", hint=NEW_KEY, code="key_revoked")
    if row["expires_at"] is not None and row["expires_at"] <= tx.now:
        raise Unauthenticated("This API key has expired.", hint=NEW_KEY, code="key_expired")
    if not user["active"] or user["deleted_at"] is not None:
        raise Unauthenticated("The user of this API key is not active.", hint="An admin can activate the user.", code="user_inactive")


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid(f"{text!r} is no address and no network.", hint="Write 192.0.2.7 or 192.0.2.0/24.", field="addresses") from None


def _is_within(address: str, networks: list[str]) -> bool:
    try:
        here = ipaddress.ip_address(address)
    except ValueError:
        return False
    here = getattr(here, "ipv4_mapped", None) or here
    return any(here in ipaddress.ip_network(network) for network in networks)
