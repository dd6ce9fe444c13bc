"""Endpoints: who is told of which facts, with which secret, and switched on or off."""

from collections.abc import Sequence
from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.permissions import Actor, Permission
from segue.domain.webhook_events import WebhookChanged, check_kinds
from segue.domain.webhooks import OLD_SECRET_LASTS, SECRET_BYTES, make_secret, read_url
from segue.features.workspaces.notices import close_notices
from segue.features.workspaces.queries import require
from segue.features.workspaces.vault import Sealed, Vault

NOTICE = "webhook"
SECRET = Sealed("webhook_endpoints", "secret", "id")
OLD_SECRET = Sealed("webhook_endpoints", "old_secret", "id")
ENDPOINTS_MAX = 50
"""Of one workspace: each fact is told to each of them."""
LISTED = "`segue webhooks list` shows them."


def add_endpoint(tx: Tx, url: str, wanted: Sequence[str], vault: Vault, *, by: Actor) -> tuple[dict[str, Any], str]:
    """Add an endpoint; returns its row and its secret, which nobody can read again.

    Raises:
        Forbidden: `by` may not manage programs.
        Invalid: the address is none, or a kind of fact is unknown.
        Conflict: there are too many.
    """
    require(by, Permission.API)
    place = read_url(url)
    kinds, secret = check_kinds(wanted), make_secret(tx.db.random_bytes(SECRET_BYTES))
    if len(list_endpoints(tx)) >= ENDPOINTS_MAX:
        raise Conflict(f"There are {ENDPOINTS_MAX} endpoints already.", hint="Remove one that is not needed any more.")
    made = tx.one(
        """INSERT INTO webhook_endpoints (workspace_id, url, kinds, secret, user_id, created_at)
           VALUES (%(ws)s, %(url)s, %(kinds)s, '', %(user)s, %(now)s) RETURNING id""",
        {"url": url, "kinds": kinds, "user": by.user_id, "now": tx.now},
    )
    assert made is not None
    _store_secret(tx, made["id"], secret, vault)
    tx.record(WebhookChanged(endpoint_id=made["id"], where=place.shown, change="added"))
    return get_endpoint(tx, made["id"]), secret


def get_endpoint(tx: Tx, endpoint_id: int) -> dict[str, Any]:
    """Return what is known of an endpoint. Raises NotFound."""
    found = [row for row in list_endpoints(tx) if row["id"] == endpoint_id]
    if not found:
        raise NotFound(f"There is no webhook endpoint {endpoint_id}.", hint=LISTED)
    return found[0]


def list_endpoints(tx: Tx) -> list[dict[str, Any]]:
    """Return the endpoints in the order they came, with how many deliveries wait and are dead; never a secret."""
    return tx.all(
        """SELECT w.id, w.url, w.kinds, w.state, w.failures, w.held_until, w.tried_at, w.created_at, w.old_until, u.email AS user,
               d.waiting, d.dead, d.last_error
           FROM webhook_endpoints AS w LEFT JOIN users AS u ON u.workspace_id = w.workspace_id AND u.id = w.user_id
           CROSS JOIN LATERAL (
             SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'dead') AS dead,
               COALESCE((array_agg(last_error ORDER BY event_id DESC) FILTER (WHERE last_error <> ''))[1], '') AS last_error
             FROM webhook_deliveries AS d WHERE d.workspace_id = %(ws)s AND d.endpoint_id = w.id AND d.state <> 'delivered') AS d
           WHERE w.workspace_id = %(ws)s ORDER BY w.id""",
        {},
    )


def rotate_secret(tx: Tx, endpoint_id: int, vault: Vault, *, by: Actor) -> tuple[dict[str, Any], str]:
    """Give an endpoint a new secret; the old one signs besides for a day. Returns row and secret. Raises Forbidden, NotFound."""
    require(by, Permission.API)
    row = tx.one("SELECT id, url, secret FROM webhook_endpoints WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": endpoint_id})
    if row is None:
        raise NotFound(f"There is no webhook endpoint {endpoint_id}.", hint=LISTED)
    old = vault.open(tx, row["secret"], SECRET, endpoint_id)
    secret = make_secret(tx.db.random_bytes(SECRET_BYTES))
    _store_secret(tx, endpoint_id, secret, vault)
    tx.run(
        "UPDATE webhook_endpoints SET old_secret = %(old)s, old_until = %(until)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"id": endpoint_id, "old": vault.seal(tx, old, OLD_SECRET, endpoint_id), "until": tx.now + OLD_SECRET_LASTS},
    )
    tx.record(WebhookChanged(endpoint_id=endpoint_id, where=read_url(row["url"]).shown, change="new secret"))
    return get_endpoint(tx, endpoint_id), secret


def switch_endpoint(tx: Tx, endpoint_id: int, state: str, *, by: Actor) -> dict[str, Any]:
    """Switch an endpoint on or off. What was recorded while it was off is never told; what was dead before can be replayed.

    Raises:
        Forbidden: `by` may not manage programs.
        NotFound: there is no such endpoint.
        Invalid: `state` is neither on nor off.
    """
    require(by, Permission.API)
    if state not in ("on", "off"):
        raise Invalid(f"{state!r} is neither on nor off.", field="state")
    row = get_endpoint(tx, endpoint_id)
    if row["state"] != state:
        close_endpoint(tx, endpoint_id, state, "switched off") if state == "off" else _open(tx, endpoint_id)
        tx.record(WebhookChanged(endpoint_id=endpoint_id, where=read_url(row["url"]).shown, change=state))
    return get_endpoint(tx, endpoint_id)


def close_endpoint(tx: Tx, endpoint_id: int, state: str, why: str) -> None:
    """Take an endpoint out of use; what still waits for it is dead, where everybody sees it."""
    tx.run(
        "UPDATE webhook_endpoints SET state = %(state)s, held_until = NULL WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"id": endpoint_id, "state": state},
    )
    tx.run(
        """UPDATE webhook_deliveries SET state = 'dead', settled_at = %(now)s, last_error = %(why)s
           WHERE workspace_id = %(ws)s AND endpoint_id = %(id)s AND state = 'waiting'""",
        {"id": endpoint_id, "now": tx.now, "why": why},
    )


def remove_endpoint(tx: Tx, endpoint_id: int, *, by: Actor) -> dict[str, Any]:
    """Remove an endpoint and all its deliveries. Raises Forbidden, NotFound."""
    require(by, Permission.API)
    row = get_endpoint(tx, endpoint_id)
    # The endpoint first: its row lock keeps facts that are just being recorded from adding deliveries behind our back.
    tx.one("SELECT id FROM webhook_endpoints WHERE workspace_id = %(ws)s AND id = %(id)s FOR UPDATE", {"id": endpoint_id})
    tx.run("DELETE FROM webhook_deliveries WHERE workspace_id = %(ws)s AND endpoint_id = %(id)s", {"id": endpoint_id})
    tx.run("DELETE FROM webhook_endpoints WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": endpoint_id})
    close_notices(tx, NOTICE, [str(endpoint_id)])
    tx.record(WebhookChanged(endpoint_id=endpoint_id, where=read_url(row["url"]).shown, change="removed"))
    return row


def _open(tx: Tx, endpoint_id: int) -> None:
    tx.run(
        """UPDATE webhook_endpoints SET state = 'on', failures = 0, held_until = NULL, lease_until = NULL
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": endpoint_id},
    )
    close_notices(tx, NOTICE, [str(endpoint_id)])


def _store_secret(tx: Tx, endpoint_id: int, secret: str, vault: Vault) -> None:
    tx.run(
        "UPDATE webhook_endpoints SET secret = %(sealed)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"id": endpoint_id, "sealed": vault.seal(tx, secret, SECRET, endpoint_id)},
    )
