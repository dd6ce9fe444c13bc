"""What facts do to enrollments: stop, pause, release.

Runs in the transaction of the fact, so a failing rule fails the reading of that mail (D5).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain import schedule
from segue.domain.enrollment import Enrollment, PauseKind, State
from segue.domain.events import (
    AddressSuppressed,
    AutoReplyReceived,
    CompanyBooked,
    CompanyWrote,
    ComplaintReceived,
    ContactWrote,
    EnrollmentEnded,
    EnrollmentPaused,
    EnrollmentResumed,
    Event,
    InvitationAccepted,
    ReplyReceived,
    StopMetMessageInFlight,
    TaskResolved,
    UnsubscribeReceived,
)
from segue.domain.ids import EnrollmentId
from segue.domain.sequence_events import StepReleased
from segue.domain.stop_rules import Hold, Outcome, Stop, reason_to_stop
from segue.features.enrollments.overlaps import ENDS_ALL, list_beside
from segue.features.enrollments.starts import begin_again
from segue.features.enrollments.store import Loaded, find_going_on, find_open_by_address, load, save
from segue.features.tasks.service import mark_enrollment_ended

OF_PERSON = (ReplyReceived, ContactWrote, AutoReplyReceived, InvitationAccepted, CompanyWrote, CompanyBooked)
"""What a person does concerns the enrollment that goes on from the one it names too (SEQ-12); a bounce concerns the old address alone."""
RETURN_CLAMP = (timedelta(days=1), timedelta(days=60))
"""A stated return nearer or farther is not believed (SEQ-129)."""


def stop_if_ruled(tx: Tx, event: Event) -> None:
    """Apply the stop rules to the enrollment that the fact names (architecture.md §4)."""
    if event.enrollment_id is not None:
        apply_rules(tx, event, [event.enrollment_id])


def stop_address_if_ruled(tx: Tx, event: ComplaintReceived | UnsubscribeReceived) -> None:
    """Apply the stop rules to every open enrollment of an address: an opt-out covers the whole workspace (SEQ-164)."""
    apply_rules(tx, event, find_open_by_address(tx, [event.address_normal]))


def stop_suppressed(tx: Tx, event: AddressSuppressed) -> None:
    """End what a new suppression covers (reason SUPPRESSED). Reasons stored in this transaction before stay (SEQ-144)."""
    if event.suppression_kind == "address":
        ids = find_open_by_address(tx, [event.value])
    else:
        rows = tx.all(
            """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')
               AND split_part(address_normal, '@', 2) = %(domain)s""",
            {"domain": event.value},
        )
        ids = [row["id"] for row in rows]
    stop_enrollments(tx, ids, Stop("SUPPRESSED", event.reason))


def apply_rules(tx: Tx, event: Event, enrollments: Sequence[int]) -> None:
    """Lock the enrollments, which waits for hand-offs in flight, then ask the rules."""
    beside = list_beside(tx, enrollments)
    found = load(tx, {*enrollments, *beside}, lock=True)
    loaded = {each.enrollment.id: each for each in found if each.enrollment.is_open}
    if isinstance(event, OF_PERSON) and len(loaded) < len(found):
        heirs = find_going_on(tx, [each.enrollment.id for each in found if not each.enrollment.is_open])
        loaded |= {each.enrollment.id: each for each in load(tx, heirs, lock=True) if each.enrollment.is_open}
        enrollments = [*enrollments, *heirs]
    named = [loaded[EnrollmentId(each)] for each in dict.fromkeys(enrollments) if each in loaded]
    ruled: list[tuple[Loaded, Outcome]] = []
    for each in named:
        outcome = reason_to_stop(event, each.around.sequence.settings)
        if outcome is not None:
            ruled.append((each, outcome))
    ending = next((outcome for _, outcome in ruled if isinstance(outcome, Stop) and outcome.reason in ENDS_ALL), None)
    if ending is not None:  # a stop of one kind ends all that overlap (SEQ-141)
        ruled += [(loaded[EnrollmentId(each)], ending) for each in beside if each in loaded and each not in enrollments]
    _stop(tx, [(each, outcome) for each, outcome in ruled if isinstance(outcome, Stop)])
    for each, outcome in ruled:
        if isinstance(outcome, Hold):
            _hold(tx, each, outcome)


def stop_enrollments(tx: Tx, ids: Sequence[int], stop: Stop) -> int:
    """End open enrollments with one reason; returns how many."""
    loaded = [each for each in load(tx, ids, lock=True) if each.enrollment.is_open]
    _stop(tx, [(each, stop) for each in loaded])
    return len(loaded)


def pause_enrollments(
    tx: Tx, ids: Sequence[int], kind: PauseKind = PauseKind.MANUAL, detail: str = "", *, until: date | None = None
) -> int:
    """Pause open enrollments; returns how many were not paused in this way before (SEQ-128).

    With `until` each goes on by itself at the first opening of its own window on or after that day.
    """
    changed: list[tuple[Loaded, Enrollment]] = []
    for loaded in load(tx, ids, lock=True):
        around = loaded.around
        resume_at = schedule.opening_from(until, around.window, around.days, around.zone) if until else None
        after = machine.pause(loaded.enrollment, around, tx.now, kind, resume_at) if loaded.enrollment.is_open else loaded.enrollment
        if after != loaded.enrollment:
            changed.append((loaded, after))
    _save_pauses(tx, changed, detail)
    return len(changed)


def resume_enrollments(tx: Tx, ids: Sequence[int]) -> int:
    """Resume paused enrollments; returns how many."""
    changed: list[tuple[Enrollment, Loaded]] = []
    for loaded in load(tx, ids, lock=True):
        if loaded.enrollment.state is State.PAUSED:
            after = begin_again(tx, loaded) or machine.resume(loaded.enrollment, loaded.around, tx.now)
            changed.append((after, loaded))
            tx.record(EnrollmentResumed(contact_id=loaded.contact_id, enrollment_id=after.id, due_at=after.due_at))
    save(tx, changed)
    return len(changed)


def resume_due(tx: Tx, most: int = 500) -> int:
    """Resume what paused until now (SEQ-128, SEQ-129); returns how many."""
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND state = 'paused' AND resume_at IS NOT NULL AND resume_at <= %(now)s
           ORDER BY resume_at LIMIT %(most)s""",
        {"now": tx.now, "most": most},
    )
    return resume_enrollments(tx, [row["id"] for row in rows])


def release_task(tx: Tx, event: TaskResolved) -> None:
    """Start the delay that waited for this task, if it was the last one waited for (SEQ-41, SEQ-114)."""
    assert event.enrollment_id is not None
    _move(tx, [event.enrollment_id], lambda loaded: machine.resolve_task(loaded.enrollment, loaded.around, tx.now))


def ask_again(tx: Tx, event: Event) -> None:
    """Have open questions about this contact asked again: something has happened that may change the answer (SEQ-191)."""
    if event.contact_id is not None:
        ask_again_about(tx, [event.contact_id])


def ask_again_about(tx: Tx, contacts: Sequence[int]) -> None:
    """Have open questions about these contacts asked again."""
    if not contacts:
        return
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = ANY(%(contacts)s) AND state = 'active'
           AND waiting_for = 'CONDITION'""",
        {"contacts": list(contacts)},
    )
    _move(tx, [row["id"] for row in rows], lambda loaded: machine.ask_again(loaded.enrollment, tx.now))


def continue_enrollments(tx: Tx, ids: Sequence[int]) -> int:
    """Let steps begin that wait for a person's word (SEQ-118); returns how many did."""
    moved = _move(tx, ids, lambda loaded: machine.release(loaded.enrollment, loaded.around, tx.now))
    for loaded in moved:
        key = loaded.around.sequence.steps[loaded.enrollment.position].key
        tx.record(StepReleased(contact_id=loaded.contact_id, enrollment_id=loaded.enrollment.id, step_key=key))
    return len(moved)


def _move(tx: Tx, ids: Sequence[int], change: Callable[[Loaded], Enrollment]) -> list[Loaded]:
    """Change open enrollments; returns those that were changed, as they were before."""
    changed = [(change(loaded), loaded) for loaded in load(tx, ids, lock=True) if loaded.enrollment.is_open]
    changed = [(after, loaded) for after, loaded in changed if after != loaded.enrollment]
    save(tx, changed)
    return [loaded for _, loaded in changed]


def take_back_queued(tx: Tx, enrollments: Sequence[int]) -> None:
    """Withdraw what is still queued (SEQ-144)."""
    if enrollments:
        tx.run(
            "UPDATE messages SET state = 'withdrawn' WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) AND state = 'queued'",
            {"ids": list(enrollments)},
        )


def _stop(tx: Tx, stopped: Sequence[tuple[Loaded, Stop]]) -> None:
    """End enrollments, the same four statements for any number."""
    if not stopped:
        return
    save(tx, [(machine.stop(loaded.enrollment, stop.state, stop.reason, tx.now, stop.detail), loaded) for loaded, stop in stopped])
    ids = [loaded.enrollment.id for loaded, _ in stopped]
    take_back_queued(tx, ids)
    mark_enrollment_ended(tx, ids, cancel=[loaded.enrollment.id for loaded, _ in stopped if loaded.cancels_tasks])
    for loaded, stop in stopped:
        whom = {"contact_id": loaded.contact_id, "enrollment_id": loaded.enrollment.id}
        in_flight = next((m.id for m in loaded.messages if m.state == "in_doubt"), None)
        if in_flight is not None:
            tx.record(StopMetMessageInFlight(**whom, message_id=in_flight, reason=stop.reason))
        tx.record(EnrollmentEnded(**whom, state=stop.state.value, reason=stop.reason, detail=stop.detail))


def _hold(tx: Tx, loaded: Loaded, hold: Hold) -> None:
    around = loaded.around
    resume_at = None
    if hold.until is not None:
        today = tx.now.astimezone(around.zone).date()
        if RETURN_CLAMP[0] <= hold.until - today <= RETURN_CLAMP[1]:
            resume_at = schedule.opening_from(hold.until, around.window, around.days, around.zone)
    if resume_at is None and (hold.kind is PauseKind.AWAY or hold.days):
        days = hold.days or around.sequence.settings.away_days
        if not days:
            return
        resume_at = schedule.away_until(tx.now, days, around.window, around.days, around.zone)
    after = machine.pause(loaded.enrollment, around, tx.now, hold.kind, resume_at)
    if after != loaded.enrollment:
        _save_pauses(tx, [(loaded, after)], hold.detail)


def _save_pauses(tx: Tx, paused: Sequence[tuple[Loaded, Enrollment]], detail: str) -> None:
    save(tx, [(replace(after, reason_detail=detail), loaded) for loaded, after in paused])
    take_back_queued(tx, [after.id for _, after in paused])
    for loaded, after in paused:
        tx.record(
            EnrollmentPaused(
                contact_id=loaded.contact_id, enrollment_id=after.id, pause_kind=after.pause_kind, detail=detail, resume_at=after.resume_at
            )
        )
