"""Suppressing hundreds in one transaction, set-wise: the same rows, locks and facts as one at a time, in a handful of statements (D10)."""

from collections.abc import Collection
from typing import Any

from segue.db.tx import Tx
from segue.domain.events import AddressSuppressed
from segue.features.contacts.suppression import LOCKS, OWN_WISHES, as_strong, normal_of


def suppress_many(tx: Tx, entries: Collection[tuple[str, str]], reason: str, *, source: str) -> int:
    """Put addresses and domains on the list; returns how many were not there. The first reason stays, but for a person's own wish, which
    takes the place of a weaker one.

    Each is locked, domains before addresses (H4), so this waits for hand-offs to them (H3) and returns once none is under way. What they
    cover is ended through `AddressSuppressed`; of the others, whom no enrollment names, the same fact is written all at once.

    Raises:
        Invalid: a value is no address, or no domain.
    """
    normals = {(kind, normal_of(kind, value)) for kind, value in entries}
    ordered = sorted(normals, key=lambda each: (each[0] == "address", each[1]))
    tx.lock_many_for_stop([(LOCKS[kind], value) for kind, value in ordered])
    given = {"kinds": [kind for kind, _ in ordered], "values": [value for _, value in ordered]}
    about = {"reason": reason, "source": source, "now": tx.now}
    added = {(row["kind"], row["value"]) for row in tx.all(ADD, given | about)}
    if reason in OWN_WISHES:
        tx.run(STRENGTHEN, given | about | {"as_strong": as_strong(reason)})
    concerned = _find_concerned(tx, added)
    for row in concerned:
        tx.record(AddressSuppressed(contact_id=row["contact_id"], suppression_kind=row["kind"], value=row["value"], reason=reason))
    rest = added - {(row["kind"], row["value"]) for row in concerned}
    tx.run(TELL, about | {"kinds": [kind for kind, _ in rest], "values": [value for _, value in rest], "actor": tx.actor})
    return len(added)


def _find_concerned(tx: Tx, added: set[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return those that cover an open enrollment, domains first."""
    domains = [value for kind, value in added if kind == "domain"]
    addresses = [value for kind, value in added if kind == "address"]
    found = tx.all(OF_DOMAINS, {"values": domains}) if domains else []
    return found + (tx.all(OF_ADDRESSES, {"values": addresses}) if addresses else [])


ADD = """
    INSERT INTO suppressions (workspace_id, kind, value, reason, source, created_at)
    SELECT %(ws)s, n.kind, n.value, %(reason)s, %(source)s, %(now)s FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS n(kind, value)
    ON CONFLICT DO NOTHING RETURNING kind, value
"""

STRENGTHEN = """
    UPDATE suppressions AS s SET reason = %(reason)s, source = %(source)s
    FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS n(kind, value)
    WHERE s.workspace_id = %(ws)s AND s.kind = 'address' AND n.kind = 'address' AND s.value = n.value
      AND s.reason <> ALL(%(as_strong)s::text[])
"""

OF_DOMAINS = """
    SELECT DISTINCT 'domain' AS kind, split_part(e.address_normal, '@', 2) AS value, NULL::bigint AS contact_id FROM enrollments AS e
    WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') AND split_part(e.address_normal, '@', 2) = ANY(%(values)s::text[])
    ORDER BY value
"""

# As `find_open_by_address` finds them: by the enrolled address, the contact's, a further one of theirs. Three lookups by key, never one
# OR; OFFSET 0 keeps each contact's enrollments a lookup, where a planner without statistics would read all open ones once for every batch.
OF_ADDRESSES = """
    SELECT 'address' AS kind, n.value, c.id AS contact_id
    FROM (
        SELECT e.address_normal AS value FROM enrollments AS e
        WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') AND e.address_normal = ANY(%(values)s::text[])
        UNION
        SELECT c.email_normal FROM contacts AS c CROSS JOIN LATERAL (
            SELECT e.state FROM enrollments AS e WHERE e.workspace_id = %(ws)s AND e.contact_id = c.id OFFSET 0) AS ever
        WHERE c.workspace_id = %(ws)s AND c.email_normal = ANY(%(values)s::text[]) AND ever.state IN ('active', 'paused')
        UNION
        SELECT further.address FROM contacts AS o CROSS JOIN LATERAL (
            SELECT e.state FROM enrollments AS e WHERE e.workspace_id = %(ws)s AND e.contact_id = o.id OFFSET 0) AS ever
        CROSS JOIN LATERAL unnest(o.other_addresses) AS further(address)
        WHERE o.workspace_id = %(ws)s AND o.other_addresses <> '{}' AND o.other_addresses && %(values)s::text[]
          AND ever.state IN ('active', 'paused') AND further.address = ANY(%(values)s::text[])) AS n
    LEFT JOIN LATERAL (SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = n.value OFFSET 0) AS c ON true
    ORDER BY n.value
"""

TELL = """
    INSERT INTO events (workspace_id, at, kind, contact_id, actor, data)
    SELECT %(ws)s, %(now)s, 'address_suppressed', c.id, %(actor)s,
        jsonb_build_object('suppression_kind', n.kind, 'value', n.value, 'reason', %(reason)s::text)
    FROM unnest(%(kinds)s::text[], %(values)s::text[]) AS n(kind, value)
    LEFT JOIN LATERAL (
        SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = n.value AND n.kind = 'address' OFFSET 0) AS c ON true
    ORDER BY n.value
"""
