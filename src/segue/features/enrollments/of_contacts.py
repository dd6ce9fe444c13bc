"""What happens to enrollments when their contact is deleted, merged into another, or erased (SEQ-143, SEQ-170, S27)."""

from segue.db.tx import Tx
from segue.domain.contact_events import ContactDeleted, ContactErased, ContactMerged
from segue.domain.stop_rules import Stop
from segue.features.enrollments.react import stop_enrollments
from segue.features.enrollments.store import lock_rows


def end_deleted(tx: Tx, event: ContactDeleted) -> None:
    """End what is open of a deleted contact; the lock waits for a mail that is just being handed over (S3)."""
    stop_enrollments(tx, _list_open(tx, [event.contact_id]), Stop("CONTACT_DELETED"))


def join_merged(tx: Tx, event: ContactMerged) -> None:
    """Keep the oldest open enrollment and those that may stand beside it (SEQ-141), end the others, give all to the contact that is kept
    (SEQ-143). Nobody is enrolled meanwhile: both contacts are locked."""
    lock_rows(tx, _list_open(tx, [event.contact_id, event.other_id]))
    stop_enrollments(tx, _list_too_many(tx, [event.contact_id, event.other_id]), Stop("CONTACT_MERGED"))
    ids = {"kept": event.contact_id, "gone": event.other_id}
    tx.run("UPDATE enrollments SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", ids)
    tx.run("UPDATE tasks SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", ids)


def erase_enrollments(tx: Tx, event: ContactErased) -> None:
    """Empty the words in enrollments, their edits and their tasks; the rows stay for the figures (SEQ-186)."""
    mine = "enrollment_id IN (SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = %(id)s)"
    for statement in (
        f"UPDATE enrollment_edits SET subject = NULL, body = NULL WHERE workspace_id = %(ws)s AND {mine}",
        "UPDATE tasks SET subject = '', notes = '', note = '' WHERE workspace_id = %(ws)s AND contact_id = %(id)s",
        """UPDATE enrollments SET address = '', address_normal = '', reason_detail = '', placeholders = '{}', timezone = 'UTC'
           WHERE workspace_id = %(ws)s AND contact_id = %(id)s""",
    ):
        tx.run(statement, {"id": event.contact_id})


def _list_too_many(tx: Tx, contacts: list[int | None]) -> list[int]:
    """Return all open enrollments but the oldest and those that overlap with it at its own address: what ends one ends them all, and a day
    lies between their mails. An enrollment of another address would know of neither (SEQ-141)."""
    rows = tx.all(
        """SELECT id, address_normal, overlap_slot FROM enrollments
           WHERE workspace_id = %(ws)s AND contact_id = ANY(%(contacts)s) AND state IN ('active', 'paused') ORDER BY enrolled_at, id""",
        {"contacts": contacts},
    )
    oldest = rows[0] if rows else None
    return sorted(
        row["id"]
        for row in rows[1:]
        if oldest is not None and not (oldest["overlap_slot"] and row["overlap_slot"] and row["address_normal"] == oldest["address_normal"])
    )


def _list_open(tx: Tx, contacts: list[int | None]) -> list[int]:
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = ANY(%(contacts)s) AND state IN ('active', 'paused')
           ORDER BY enrolled_at, id""",
        {"contacts": contacts},
    )
    return [int(row["id"]) for row in rows]
