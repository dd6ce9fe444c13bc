"""Reading the audit log, and proving that nothing was taken out of it or changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.db.audit import BEGIN, Entry, digest_of
from segue.db.tx import Tx


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to show; empty: all. `before` is the number of the last entry seen, to go on behind it."""

    kind: str = ""
    actor: str = ""
    since: datetime | None = None
    before: int = 0


def list_audit(tx: Tx, wanted: AuditFilter | None = None, *, most: int = 100) -> list[dict[str, Any]]:
    """Return entries of the audit log, the newest first: who did what, when, from where, before and after (SEQ-13)."""
    wanted = wanted or AuditFilter()
    return tx.all(
        """SELECT id, at, kind, actor, address, data FROM audit_entries
           WHERE workspace_id = %(ws)s AND (%(kind)s = '' OR kind = %(kind)s)
             AND (%(actor)s = '' OR strpos(lower(actor), lower(%(actor)s)) > 0)
             AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(before)s = 0 OR id < %(before)s)
           ORDER BY id DESC LIMIT %(most)s""",
        {"kind": wanted.kind, "actor": wanted.actor, "since": wanted.since, "before": wanted.before, "most": most},
    )


@dataclass(frozen=True, slots=True)
class Chain:
    """How far the log holds together: `broken_at` is the number of the first entry that does not fit, 0 where all do."""

    entries: int
    broken_at: int
    head: str
    """The last digest: kept elsewhere, it also shows entries cut off at the end."""


def verify_audit(tx: Tx, *, batch: int = 5_000) -> Chain:
    """Go through the whole log of the workspace and check each entry against the one before."""
    previous, last, seen = BEGIN, 0, 0
    while True:
        rows = tx.all(
            """SELECT id, at, kind, actor, address, data, previous, digest FROM audit_entries
               WHERE workspace_id = %(ws)s AND id > %(last)s ORDER BY id LIMIT %(batch)s""",
            {"last": last, "batch": batch},
        )
        for row in rows:
            entry = Entry(row["at"], row["kind"], row["actor"], row["address"], row["data"])
            if bytes(row["previous"]) != previous or bytes(row["digest"]) != digest_of(entry, previous):
                return Chain(seen, row["id"], previous.hex())
            previous, last, seen = bytes(row["digest"]), row["id"], seen + 1
        if len(rows) < batch:
            return Chain(seen, 0, previous.hex())
