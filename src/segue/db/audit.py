"""The audit log: entries that are only ever added, each holding the digest of the one before it.

The app's role may add and read entries and nothing else; whoever changed one as the database's owner would break the chain for all to
see. Entries are written last in a transaction, so that the lock that puts them in order is held for the moment of the commit alone.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from segue.db.locks import LockKind, lock_key

BEGIN = b"\0" * 32
"""What stands before the first entry of a workspace."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who did what, when and from where."""

    at: datetime
    kind: str
    actor: str
    address: str
    data: Mapping[str, Any]


def digest_of(entry: Entry, previous: bytes) -> bytes:
    """Return what an entry behind this one has to hold."""
    said = [entry.at.astimezone(UTC).isoformat(), entry.kind, entry.actor, entry.address, entry.data]
    return hashlib.sha256(previous + json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).digest()


def append_entries(conn: psycopg.Connection[Any], workspace_id: int, entries: Sequence[Entry]) -> None:
    """Add entries at the end of a workspace's log: one statement for any number."""
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (lock_key(LockKind.AUDIT, workspace_id, 0),))
    with conn.cursor(row_factory=dict_row) as cursor:
        last = cursor.execute(
            "SELECT digest FROM audit_entries WHERE workspace_id = %s ORDER BY id DESC LIMIT 1", (workspace_id,)
        ).fetchone()
    chain = [bytes(last["digest"]) if last else BEGIN]
    for entry in entries:
        chain.append(digest_of(entry, chain[-1]))
    conn.execute(
        """INSERT INTO audit_entries (workspace_id, at, kind, actor, address, data, previous, digest)
           SELECT %(ws)s, at, kind, actor, address, data, previous, digest
           FROM unnest(%(at)s::timestamptz[], %(kind)s::text[], %(actor)s::text[], %(address)s::text[], %(data)s::jsonb[],
               %(previous)s::bytea[], %(digest)s::bytea[]) WITH ORDINALITY AS e(at, kind, actor, address, data, previous, digest, place)
           ORDER BY place""",
        {
            "ws": workspace_id,
            "at": [entry.at for entry in entries],
            "kind": [entry.kind for entry in entries],
            "actor": [entry.actor for entry in entries],
            "address": [entry.address for entry in entries],
            "data": [Jsonb(dict(entry.data)) for entry in entries],
            "previous": chain[:-1],
            "digest": chain[1:],
        },
    )
