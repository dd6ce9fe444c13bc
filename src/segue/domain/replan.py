"""A due time computed anew: because a person has changed a delay or a time, or the zone is another one. Pure, like `enrollment`."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from segue.domain.enrollment import Enrollment, PauseKind, State, Surroundings, WaitingFor, is_exempt, pause, planned, resume
from segue.domain.send_window import next_open
from segue.domain.sequence import EmailSettings


def replan(enrollment: Enrollment, around: Surroundings) -> Enrollment:
    """Compute anew when the step that waits is due, from the same base, because a person has changed its delay or time (SEQ-58)."""
    if enrollment.state is State.PAUSED and enrollment.remainder is not None and enrollment.paused_at is not None:
        awake = planned(replace(enrollment, state=State.ACTIVE), around, enrollment.base_at, around.delay(enrollment))
        held = pause(awake, around, enrollment.paused_at, PauseKind(enrollment.pause_kind), enrollment.resume_at)
        return replace(held, waiting_for=enrollment.waiting_for)
    if enrollment.state is not State.ACTIVE or enrollment.due_at is None or enrollment.waiting_for is WaitingFor.CONDITION:
        return enrollment
    again = planned(enrollment, around, enrollment.base_at, around.delay(enrollment))
    return replace(again, waiting_for=enrollment.waiting_for if enrollment.waiting_for is WaitingFor.START else WaitingFor.DELAY)


def hurry(enrollment: Enrollment, around: Surroundings, at: datetime) -> Enrollment:
    """Let the step that waits go at `at`, without the rest of its delay; a follow-up still waits for its hours (SEQ-58, S5)."""
    due = at if is_exempt(enrollment, around) else next_open(around.window, around.days, around.zone, at)
    return replace(enrollment, raw_due_at=at, due_at=due, waiting_for=WaitingFor.DELAY)


def change_zone(enrollment: Enrollment, around: Surroundings, zone: ZoneInfo) -> Enrollment:
    """Fit a step that waits for its time into another zone (SEQ-70); one that is being sent or waits for a person is left alone.

    A delay that runs from its base is computed anew. What was due for another reason (a remainder, a limit, a second try) keeps its
    instant and only moves into the new window.
    """
    if enrollment.state is not State.ACTIVE or enrollment.due_at is None or enrollment.raw_due_at is None:
        return enrollment
    moved = replace(around, zone=zone)
    for delay in (timedelta(0), around.delay(enrollment)):
        if planned(enrollment, around, enrollment.base_at, delay) == enrollment:
            return planned(enrollment, moved, enrollment.base_at, delay)
    return _into_window(enrollment, moved)


def refit(enrollment: Enrollment, around: Surroundings) -> Enrollment:
    """Compute anew a due time that older zone data has computed (SEQ-72): its civil time stays, its instant follows the new offset.

    Only a delay that runs from its base has a civil time. Its instants by old and new data differ by whole quarters of an hour and by a day
    at most (Samoa, 2011); anything else was due for another reason, keeps its instant and only moves into the window.
    """
    if enrollment.state is not State.ACTIVE or enrollment.due_at is None or enrollment.raw_due_at is None:
        return enrollment
    if enrollment.waiting_for is WaitingFor.DELAY:
        again = planned(enrollment, around, enrollment.base_at, around.delay(enrollment))
        moved_by = abs(again.raw_due_at - enrollment.raw_due_at) if again.raw_due_at else timedelta.max
        if moved_by <= timedelta(days=1) and moved_by % timedelta(minutes=15) == timedelta(0):
            return again
    return _into_window(enrollment, around)


def _into_window(enrollment: Enrollment, around: Surroundings) -> Enrollment:
    """Move an email that keeps its instant into the window; one that a limit, a second try or the mailbox puts off stays put off."""
    if not isinstance(around.step(enrollment).settings, EmailSettings) or is_exempt(enrollment, around):
        return enrollment
    assert enrollment.due_at is not None
    assert enrollment.raw_due_at is not None
    held = enrollment.waiting_for in (WaitingFor.LIMIT, WaitingFor.RETRY, WaitingFor.MAILBOX)
    at = enrollment.due_at if held else enrollment.raw_due_at
    return replace(enrollment, due_at=next_open(around.window, around.days, around.zone, at))


def reopen(enrollment: Enrollment, around: Surroundings, now: datetime) -> Enrollment:
    """Open an ended enrollment again, as after a pause that began at its end (SEQ-138); a pause that held it then is over too."""
    if enrollment.is_open or enrollment.ended_at is None:
        return enrollment
    hold = around.sequence.steps[enrollment.position].hold and enrollment.raw_due_at is None
    waits = WaitingFor.TASK if around.needed(enrollment.position) else WaitingFor.MANUAL_PAUSE if hold else WaitingFor.DELAY
    awake = replace(enrollment, state=State.ACTIVE, waiting_for=waits, reason="", reason_detail="", ended_at=None)
    if enrollment.paused_at is not None:
        held = replace(awake, state=State.PAUSED)
    else:
        held = pause(replace(awake, due_at=enrollment.raw_due_at), around, enrollment.ended_at, PauseKind.MANUAL)
    return resume(held, around, now)
