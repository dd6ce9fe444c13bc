"""Deliveries: leased by endpoint, settled in one transaction, dead where everybody sees it, replayed when told to (L7)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import Conflict, Unavailable
from segue.domain.permissions import Actor, Permission
from segue.domain.webhooks import GIVES_UP_AFTER, HOLDS_MOST, Place, hold_for, next_try, read_url
from segue.features.webhooks.endpoints import NOTICE, OLD_SECRET, SECRET, close_endpoint, get_endpoint
from segue.features.workspaces.notices import Notice, close_notices, give_notice
from segue.features.workspaces.queries import require
from segue.features.workspaces.vault import Vault

BATCH = 50
"""Deliveries of one endpoint that are leased together; the first failure ends them."""
LEASE = timedelta(minutes=5)
"""By the database's clock; a batch takes a minute at most. A crash repeats what it told last: the id shows the receiver that."""
KEPT_DELIVERED = timedelta(days=30)
KEPT_DEAD = timedelta(days=90)
GONE = 410
LOST = "the fact is not kept any more"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to be made; `body` is None where the fact is not kept any more."""

    event_id: int
    message_id: str
    attempts: int
    since: datetime
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one endpoint is to be told, in the order in which it happened."""

    endpoint_id: int
    token: int
    place: Place
    secrets: tuple[str, ...]
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request; `error` is empty where it was taken."""

    delivery: Delivery
    status: int
    error: str


def claim_batches(tx: Tx, vault: Vault, most: int) -> list[Batch]:
    """Lease endpoints that are to be told something, those longest untried first: a slow one keeps nobody else waiting."""
    rows = tx.all(
        """UPDATE webhook_endpoints AS w SET tried_at = %(now)s, lease_token = w.lease_token + 1,
             lease_until = clock_timestamp() + %(lease)s
           WHERE w.workspace_id = %(ws)s AND w.id IN (
             SELECT e.id FROM webhook_endpoints AS e WHERE e.workspace_id = %(ws)s AND e.state = 'on'
               AND (e.held_until IS NULL OR e.held_until <= %(now)s) AND (e.lease_until IS NULL OR e.lease_until <= clock_timestamp())
               AND EXISTS (SELECT FROM webhook_deliveries AS d WHERE d.workspace_id = %(ws)s AND d.endpoint_id = e.id
                           AND d.state = 'waiting' AND d.next_at <= %(now)s)
             ORDER BY e.tried_at NULLS FIRST, e.id LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED)
           RETURNING w.id, w.url, w.secret, w.old_secret, w.old_until, w.lease_token""",
        {"now": tx.now, "lease": LEASE, "most": most},
    )
    due = _list_due(tx, [row["id"] for row in rows])
    batches = []
    for row in rows:
        try:
            secrets = _secrets(tx, row, vault)
        except Unavailable as error:  # the key is another one: no reason to keep the others waiting
            _hold_unsigned(tx, row, error)
            continue
        batches.append(Batch(row["id"], row["lease_token"], read_url(row["url"]), secrets, tuple(due[row["id"]])))
    return batches


def _hold_unsigned(tx: Tx, row: dict[str, Any], error: Unavailable) -> None:
    tx.run(
        """UPDATE webhook_endpoints SET lease_until = NULL, failures = failures + 1, held_until = %(until)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": row["id"], "until": tx.now + HOLDS_MOST},
    )
    said = f"The webhook endpoint {read_url(row['url']).shown} is told nothing: {error.message}"
    give_notice(tx, Notice(NOTICE, str(row["id"]), said, f"{error.hint} Or: segue webhooks remove {row['id']}, and add it again."))


def _list_due(tx: Tx, endpoints: Sequence[int]) -> dict[int, list[Delivery]]:
    rows = tx.all(
        """SELECT w.id AS endpoint_id, d.*, v.at, v.contact_id, v.enrollment_id, v.message_id, v.actor, v.data
           FROM unnest(%(ids)s::bigint[]) AS w(id) CROSS JOIN LATERAL (
             SELECT event_id, kind, attempts, since FROM webhook_deliveries AS d WHERE d.workspace_id = %(ws)s AND d.endpoint_id = w.id
               AND d.state = 'waiting' AND d.next_at <= %(now)s ORDER BY d.next_at, d.event_id LIMIT %(batch)s) AS d
           LEFT JOIN events AS v ON v.workspace_id = %(ws)s AND v.id = d.event_id
           ORDER BY w.id, d.event_id""",
        {"ids": list(endpoints), "now": tx.now, "batch": BATCH},
    )
    found: dict[int, list[Delivery]] = {each: [] for each in endpoints}
    for row in rows:
        message_id = f"evt_{tx.workspace_id}_{row['event_id']}"
        body = _body(row) if row["at"] is not None else None
        found[row["endpoint_id"]].append(Delivery(row["event_id"], message_id, row["attempts"], row["since"], body))
    return found


def _body(row: dict[str, Any]) -> bytes:
    """Return what is sent: `type`, `timestamp` and `data`, as Standard Webhooks recommends."""
    ids = {name: row[name] for name in ("contact_id", "enrollment_id", "message_id") if row[name] is not None}
    data = {**row["data"], "event_id": row["event_id"], **ids, "actor": row["actor"]}
    return json.dumps({"type": row["kind"], "timestamp": row["at"].isoformat(), "data": data}, ensure_ascii=False).encode()


def _secrets(tx: Tx, row: dict[str, Any], vault: Vault) -> tuple[str, ...]:
    new = vault.open(tx, row["secret"], SECRET, row["id"])
    if row["old_until"] is None or row["old_until"] <= tx.now:
        return (new,)
    return new, vault.open(tx, row["old_secret"], OLD_SECRET, row["id"])


def load_secrets(tx: Tx, endpoint_id: int, vault: Vault) -> tuple[str, ...]:
    """Return the secrets that sign for an endpoint now, the newest first."""
    row = tx.one(
        "SELECT id, secret, old_secret, old_until FROM webhook_endpoints WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": endpoint_id}
    )
    return _secrets(tx, row, vault) if row else ()


def settle_batch(tx: Tx, batch: Batch, outcomes: Sequence[Outcome]) -> None:
    """Store what became of a batch and give the endpoint back. What was not tried waits as before.

    Nothing is stored where another worker holds the lease by now, or a person switched the endpoint off: what was told is told again.
    """
    failed = next((each for each in outcomes if each.error and each.delivery.body is not None), None)
    row = tx.one(
        """UPDATE webhook_endpoints SET lease_until = NULL, failures = CASE WHEN %(failed)s THEN
               CASE WHEN %(worked)s THEN 1 ELSE failures + 1 END WHEN %(worked)s THEN 0 ELSE failures END
           WHERE workspace_id = %(ws)s AND id = %(id)s AND lease_token = %(token)s AND state = 'on' RETURNING failures, user_id""",
        {
            "id": batch.endpoint_id,
            "token": batch.token,
            "failed": failed is not None,
            "worked": any(not each.error for each in outcomes),
        },
    )
    if row is None:
        return
    _settle(tx, batch.endpoint_id, outcomes)
    if failed is not None and failed.status == GONE:
        close_endpoint(tx, batch.endpoint_id, "gone", "the endpoint says that it is gone (410)")
        _tell(tx, batch, row["user_id"], "says that it is gone (410) and is told nothing any more")
    elif failed is not None:
        tx.run(
            "UPDATE webhook_endpoints SET held_until = %(until)s WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"id": batch.endpoint_id, "until": tx.now + hold_for(row["failures"])},
        )
        if next_try(failed.delivery.attempts + 1, tx.now, failed.delivery.since) is None:
            _tell(tx, batch, row["user_id"], "could not be told of something for three days")


def _settle(tx: Tx, endpoint_id: int, outcomes: Sequence[Outcome]) -> None:
    again = [
        next_try(o.delivery.attempts + 1, tx.now, o.delivery.since) if o.error and o.delivery.body is not None else None for o in outcomes
    ]
    tx.run(
        """UPDATE webhook_deliveries AS d SET attempts = d.attempts + 1, next_at = COALESCE(o.again, d.next_at),
             state = CASE WHEN o.error = '' THEN 'delivered' WHEN o.again IS NULL THEN 'dead' ELSE 'waiting' END,
             settled_at = CASE WHEN o.error = '' OR o.again IS NULL THEN %(now)s END, last_status = o.status, last_error = o.error
           FROM unnest(%(events)s::bigint[], %(statuses)s::int[], %(errors)s::text[], %(again)s::timestamptz[])
             AS o(event_id, status, error, again)
           WHERE d.workspace_id = %(ws)s AND d.endpoint_id = %(endpoint)s AND d.event_id = o.event_id AND d.state = 'waiting'""",
        {
            "endpoint": endpoint_id,
            "events": [each.delivery.event_id for each in outcomes],
            "statuses": [each.status for each in outcomes],
            "errors": [each.error for each in outcomes],
            "again": again,
            "now": tx.now,
        },
    )


def _tell(tx: Tx, batch: Batch, user_id: int | None, said: str) -> None:
    todo = f"When it is mended: segue webhooks on {batch.endpoint_id}, and segue webhooks replay {batch.endpoint_id}."
    give_notice(tx, Notice(NOTICE, str(batch.endpoint_id), f"The webhook endpoint {batch.place.shown} {said}.", todo, user_id))


def bury_old(tx: Tx) -> int:
    """Give up what has waited for 76 hours (L7), and forget what was settled long ago; returns how many are dead now."""
    dead = tx.all(
        """UPDATE webhook_deliveries SET state = 'dead', settled_at = %(now)s,
             last_error = CASE WHEN last_error = '' THEN 'its turn did not come in time' ELSE last_error END
           WHERE workspace_id = %(ws)s AND state = 'waiting' AND since <= %(before)s RETURNING endpoint_id""",
        {"now": tx.now, "before": tx.now - GIVES_UP_AFTER},
    )
    for endpoint_id in sorted({row["endpoint_id"] for row in dead}):
        row = tx.one("SELECT url, user_id FROM webhook_endpoints WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": endpoint_id})
        assert row is not None
        _tell(tx, Batch(endpoint_id, 0, read_url(row["url"]), (), ()), row["user_id"], "could not be told of something for three days")
    tx.run(
        """DELETE FROM webhook_deliveries WHERE workspace_id = %(ws)s
             AND (state = 'delivered' AND settled_at < %(delivered)s OR state = 'dead' AND settled_at < %(dead)s)""",
        {"delivered": tx.now - KEPT_DELIVERED, "dead": tx.now - KEPT_DEAD},
    )
    return len(dead)


def list_deliveries(tx: Tx, endpoint_id: int, *, state: str = "", most: int = 100, before: int = 0) -> list[dict[str, Any]]:
    """Return deliveries of an endpoint, the newest first; `state` is waiting, delivered or dead. Raises NotFound."""
    get_endpoint(tx, endpoint_id)
    return tx.all(
        """SELECT event_id, kind, state, attempts, since, next_at, settled_at, last_status, last_error FROM webhook_deliveries
           WHERE workspace_id = %(ws)s AND endpoint_id = %(id)s AND (%(state)s = '' OR state = %(state)s)
             AND (%(before)s = 0 OR event_id < %(before)s) ORDER BY event_id DESC LIMIT %(most)s""",
        {"id": endpoint_id, "state": state, "most": most, "before": before},
    )


def replay(tx: Tx, endpoint_id: int, event_ids: Sequence[int], *, by: Actor) -> int:
    """Let deliveries begin anew, with the same id: those named, whatever became of them, or without names all that are dead.

    Raises:
        Forbidden: `by` may not manage programs.
        NotFound: there is no such endpoint.
        Conflict: the endpoint is not on.
    """
    require(by, Permission.API)
    if get_endpoint(tx, endpoint_id)["state"] != "on":
        raise Conflict("The endpoint is not on.", hint=f"`segue webhooks on {endpoint_id}` switches it on.")
    close_notices(tx, NOTICE, [str(endpoint_id)])
    return tx.run(
        """UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, since = %(now)s, next_at = %(now)s, settled_at = NULL
           WHERE workspace_id = %(ws)s AND endpoint_id = %(id)s
             AND CASE WHEN %(events)s::bigint[] = '{}' THEN state = 'dead' ELSE event_id = ANY(%(events)s) END""",
        {"id": endpoint_id, "events": list(event_ids), "now": tx.now},
    )
