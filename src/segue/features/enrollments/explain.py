"""Why a step is due when it is due, and why one is not: one sentence each (SEQ-108)."""

from datetime import datetime

from segue.domain import enrollment as machine
from segue.domain import schedule
from segue.domain.enrollment import Enrollment, PauseKind, State, Surroundings, WaitingFor
from segue.domain.sequence import EmailSettings, FinishSettings, TaskSettings
from segue.features.enrollments.store import Loaded


def describe_due(enrollment: Enrollment, around: Surroundings) -> tuple[str, ...]:
    """Say how the due time of the step that waits came about: what moved it away from "previous step plus delay"."""
    step, edit = around.step(enrollment), around.edit_at(enrollment.position)
    if edit.skipped:
        return ("Left out by hand; the next step follows from here.",)
    if edit.at is not None and edit.at == enrollment.raw_due_at:
        return (f"Moved by hand to {edit.at:%Y-%m-%d %H:%M} UTC.", *_opening(enrollment, around))
    if enrollment.waiting_for is WaitingFor.CONDITION:
        return (f"The question of step {step.key} stays open until {enrollment.raw_due_at:%Y-%m-%d %H:%M} UTC.",)
    if enrollment.waiting_for is WaitingFor.START:
        return (f"It begins at the chosen time, {enrollment.base_at:%Y-%m-%d %H:%M} UTC.",)
    if enrollment.waiting_for is WaitingFor.RETRY:
        return ("The last try failed for the moment; it is tried again.",)
    if enrollment.waiting_for is WaitingFor.BREAKER:
        return ("A circuit breaker holds it; `segue breaker list` says why.",)
    if enrollment.waiting_for is WaitingFor.FIELD:
        return (f"{enrollment.reason_detail} It is looked at again every hour.",)
    if isinstance(step.settings, EmailSettings):
        return _mail(enrollment, around)
    if isinstance(step.settings, TaskSettings):
        return ("Tasks appear at the start of the assignee's day.",) if step.delay.days else ()
    return ("The days in which an answer still counts.",) if isinstance(step.settings, FinishSettings) else ()


def _opening(enrollment: Enrollment, around: Surroundings) -> tuple[str, ...]:
    """Say what moved a named time of a mail to its hours."""
    if enrollment.raw_due_at is None or machine.priority(enrollment, around) != 1:
        return ()
    return schedule.explain_open(enrollment.raw_due_at, around.window, around.days, around.zone).reasons


def _mail(enrollment: Enrollment, around: Surroundings) -> tuple[str, ...]:
    if machine.is_exempt(enrollment, around):
        return ("A first email waits for no day and no hour.",)
    window, days, zone = around.window, around.days, around.zone
    delay = around.delay(enrollment)
    explained = schedule.explain_due(enrollment.base_at, delay, window, days, zone)
    if explained.at == enrollment.due_at:
        return explained.reasons
    raw = enrollment.raw_due_at
    if raw is not None:  # a rest after a pause, or a first email that is held for its hours
        opened = schedule.explain_open(raw, window, days, zone)
        if opened.at == enrollment.due_at:
            return opened.reasons
    if enrollment.waiting_for is WaitingFor.LIMIT:
        return ("A limit of the mailbox held it before.",)
    if enrollment.waiting_for is WaitingFor.WINDOW:
        return ("Its hours were over when its turn came; it goes at the next opening.",)
    return ()


def describe_needs(around: Surroundings, position: int) -> str:
    """Say which tasks the step at this place waits for (SEQ-41)."""
    keys = sorted(around.needed(position) or around.sequence.needs_of(position))
    tasks = f"task of step {keys[0]} is" if len(keys) == 1 else f"tasks of steps {', '.join(keys)} are"
    return f"Waits until the {tasks} done or skipped; `segue tasks list` shows {'it' if len(keys) == 1 else 'them'}."


def describe_wait(loaded: Loaded, now: datetime) -> str:
    """Say what an enrollment without a due time waits for, and what to do."""
    enrollment, email = loaded.enrollment, loaded.address
    if enrollment.state is State.PAUSED:
        since = f" since {enrollment.paused_at:%Y-%m-%d}" if enrollment.paused_at else ""
        by = {PauseKind.MANUAL: "by hand", PauseKind.AWAY: "while the contact is away", PauseKind.REVIEW: "until somebody has looked"}
        return f"Paused {by.get(PauseKind(enrollment.pause_kind or 'manual'), '')}{since}; `segue resume {email}` goes on."
    if enrollment.waiting_for is WaitingFor.TASK:
        return describe_needs(loaded.around, enrollment.position)
    if enrollment.waiting_for is WaitingFor.MANUAL_PAUSE:
        return f"Step {loaded.around.step(enrollment).key} waits for a person's word; `segue continue {email}` lets it begin."
    if enrollment.waiting_for is WaitingFor.UNCONFIRMED:
        return "Nobody can say whether the last mail left; `segue undecided list` shows it, a person decides."
    if not enrollment.is_open:
        return f"It has ended: {enrollment.reason or enrollment.state.value}."
    return f"Nothing is planned ({enrollment.waiting_for.value or 'no reason'}), as of {now:%Y-%m-%d %H:%M} UTC."
