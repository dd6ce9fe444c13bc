"""A misread mail put right (SEQ-138), and a start taken back (SEQ-59)."""

from dataclasses import replace
from datetime import timedelta

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain.acts import StartUndone, VerdictCorrected
from segue.domain.enrollment import State
from segue.domain.errors import Conflict
from segue.domain.replan import hurry, reopen
from segue.features.contacts.suppression import find_suppressions, lift_bounce
from segue.features.enrollments.store import Loaded, load, save
from segue.features.tasks.service import mark_enrollment_open

MISREAD = frozenset({"REPLIED", "CONTACT_EMAILED", "ALIAS_EMAILED", "COMPANY_REPLIED", "ADDRESS_RETIRED", "BOUNCED"})
"""Ends that a mail brings about, so that its verdict can be wrong."""
CORRECTABLE = timedelta(days=30)
ON_THE_WAY = frozenset({"sending", "in_doubt", "unknown"})


def correct_verdict(tx: Tx, enrollment_id: int) -> Loaded:
    """Open an enrollment again that a misread mail has ended. Both the end and the correction stay on the timeline.

    Raises:
        Conflict: the end was no mail's, lies more than 30 days back, another enrollment is open, the address gets no mail, or a mail of it
            is still under way.
    """
    [loaded] = load(tx, [enrollment_id], lock=True)
    _check(tx, loaded)
    ended = loaded.enrollment
    assert ended.ended_at is not None
    if ended.reason == "BOUNCED":
        lift_bounce(tx, loaded.contact_id, loaded.address_normal, ended.ended_at)
    barred = find_suppressions(tx, [loaded.address_normal])
    if barred:
        raise Conflict(f"{loaded.address} gets no mail: {barred[loaded.address_normal].reason}.", hint="An opt-out or complaint stays.")
    again = reopen(ended, loaded.around, tx.now)
    key = loaded.around.sequence.steps[ended.position].key
    known = loaded.message(key, ended.generation)
    if known is not None and known.state == "sent":  # it was accepted while the end was being stored
        again = machine.advance(again, loaded.around, tx.now)
    save(tx, [(again, loaded)])
    mark_enrollment_open(tx, [enrollment_id])
    tx.record(VerdictCorrected(contact_id=loaded.contact_id, enrollment_id=enrollment_id, reason=ended.reason))
    return replace(loaded, enrollment=again)


def _check(tx: Tx, loaded: Loaded) -> None:
    ended = loaded.enrollment
    if ended.is_open:
        raise Conflict(f"The enrollment of {loaded.address} is open.", hint="There is nothing to correct.")
    if ended.state is not State.UNENROLLED or ended.reason not in MISREAD:
        raise Conflict(f"It ended by {ended.reason or ended.state.value}, not by a mail.", hint="`segue reenroll` begins anew.")
    if ended.ended_at is None or tx.now - ended.ended_at > CORRECTABLE:
        raise Conflict("It ended more than 30 days ago.", hint="`segue reenroll` begins anew.")
    other = tx.one(
        """SELECT 1 AS one FROM enrollments WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')
           AND (address_normal = %(address)s OR contact_id = %(contact)s) LIMIT 1""",
        {"address": loaded.address_normal, "contact": loaded.contact_id},
    )
    if other is not None:
        raise Conflict("Another enrollment of this contact is open.", hint="End that one first.")
    if any(message.state in ON_THE_WAY for message in loaded.messages):
        raise Conflict("A mail of it is still under way.", hint="Try again when its fate is known.")


def undo_start(tx: Tx, enrollment_id: int) -> bool:
    """Take a start or an order to send now back, within its undo time (SEQ-59). True when the enrollment was withdrawn.

    A withdrawn enrollment is gone: nothing has left, nothing counts; the timeline alone tells of it. Raises Conflict where it is too late.
    """
    [loaded] = load(tx, [enrollment_id], lock=True)
    row = tx.one("SELECT undo_until, undo_due_at FROM enrollments WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": enrollment_id})
    key = loaded.around.sequence.steps[loaded.enrollment.position].key
    known = loaded.message(key, loaded.enrollment.generation)
    late = row is None or row["undo_until"] is None or row["undo_until"] <= tx.now or loaded.enrollment.due_at is None
    if late or (known is not None and known.state not in ("queued", "withdrawn")):
        raise Conflict("It is too late to undo.", hint="`segue unenroll` or `segue pause` hold what has not gone yet.")
    assert row is not None
    withdrawn = row["undo_due_at"] is None
    if withdrawn and loaded.has_started:  # whatever has left or was done stays in the books (S1)
        raise Conflict("It is too late to undo.", hint="It has begun; `segue unenroll` holds what has not gone yet.")
    if withdrawn:
        for table in ("enrollment_edits", "messages", "enrollments"):
            column = "id" if table == "enrollments" else "enrollment_id"
            tx.run(f"DELETE FROM {table} WHERE workspace_id = %(ws)s AND {column} = %(id)s", {"id": enrollment_id})
    else:
        save(tx, [(hurry(loaded.enrollment, loaded.around, row["undo_due_at"]), loaded)])
        tx.run(
            "UPDATE enrollments SET undo_until = NULL, undo_due_at = NULL WHERE workspace_id = %(ws)s AND id = %(id)s",
            {"id": enrollment_id},
        )
    tx.record(StartUndone(contact_id=loaded.contact_id, sequence=loaded.around.sequence.name, withdrawn=withdrawn))
    return withdrawn
