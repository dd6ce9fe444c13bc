"""Suppression: addresses and domains that get no mail, whatever else is stored (S4). Adding one waits for hand-offs to it (H3)."""

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.events import AddressSuppressed

LOCKS = {"address": LockKind.ADDRESS, "domain": LockKind.DOMAIN}


def suppress(tx: Tx, kind: str, value: str, reason: str, *, source: str = "") -> bool:
    """Put a normal-form address or a domain on the list; True when it was not there. The first reason stays."""
    tx.lock_for_stop(LOCKS[kind], value)
    added = tx.run(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, source, created_at)
           VALUES (%(ws)s, %(kind)s, %(value)s, %(reason)s, %(source)s, %(now)s) ON CONFLICT DO NOTHING""",
        {"kind": kind, "value": value, "reason": reason, "source": source, "now": tx.now},
    )
    if added:
        tx.record(AddressSuppressed(suppression_kind=kind, value=value, reason=reason))
    return bool(added)


def mark_address_dead(tx: Tx, contact_id: int) -> None:
    """Note on the contact that its address is dead: the check before enrolling refuses it (SEQ-165)."""
    tx.run(
        "UPDATE contacts SET address_dead_at = %(now)s, updated_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"id": contact_id, "now": tx.now},
    )
