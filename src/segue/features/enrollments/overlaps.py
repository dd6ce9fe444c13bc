"""Several sequences for one address at once (SEQ-141).

Off unless both sequences and the workspace allow it. Then no index alone can refuse the one enrollment too many, so enrolling takes its
turn in the workspace; the index still refuses the same sequence twice, and everything where overlap is off (S8).
"""

from collections.abc import Sequence
from typing import Any

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.sequence import Overlap
from segue.domain.sequence import Sequence as SequenceContent

OVERLAP_MOST = 5
"""Open enrollments of one address at most (sequences.md §16)."""
ENDS_ALL = frozenset(
    {"REPLIED", "CONTACT_EMAILED", "ALIAS_EMAILED", "MEETING_BOOKED", "UNSUBSCRIBED", "OPTED_OUT", "BOUNCED", "SPAM_COMPLAINT"}
)
"""Reasons that end every enrollment of the address, not only the one they name."""


def overlap_most(content: SequenceContent, workspace_settings: dict[str, Any]) -> int:
    """Return how many open enrollments an address may have where this sequence is one of them."""
    allowed = content.settings.overlap is Overlap.ALLOWED
    return min(OVERLAP_MOST, int(workspace_settings.get("overlap_limit", 1))) if allowed else 1


def lock_enrolling(tx: Tx, workspace_settings: dict[str, Any]) -> None:
    """Enroll in turn where enrollments are counted, those of an address (SEQ-141) or of a company (SEQ-62): the count then holds until the
    commit. The settings may be a moment old: who changes them waits for no enrolling under way."""
    if int(workspace_settings.get("overlap_limit", 1)) > 1 or int(workspace_settings.get("company_limit", 0)):
        tx.lock_for_stop(LockKind.ENROLL, tx.workspace_id)
    else:
        tx.share_lock(LockKind.ENROLL, tx.workspace_id)


def list_beside(tx: Tx, enrollment_ids: Sequence[int]) -> list[int]:
    """Return the other open enrollments of the same addresses, where overlap made them possible."""
    rows = tx.all(
        """SELECT DISTINCT o.id FROM enrollments AS e
           JOIN enrollments AS o ON o.workspace_id = e.workspace_id AND o.address_normal = e.address_normal AND o.id <> e.id
           WHERE e.workspace_id = %(ws)s AND e.id = ANY(%(ids)s) AND e.overlap_slot <> 0 AND o.state IN ('active', 'paused')
           ORDER BY o.id""",
        {"ids": list(enrollment_ids)},
    )
    return [int(row["id"]) for row in rows]
