"""The state machine of an enrollment: enroll, decide, advance, branch, wait, pause, resume, stop.

Pure: everything a decision needs comes in (`Enrollment`, `Surroundings`, an instant), a new `Enrollment` comes out. `due_at` None means
that nothing may be claimed: the enrollment waits for a person, for a message to be settled, or has ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from segue.domain import schedule, variants
from segue.domain.conditions import UNTOLD
from segue.domain.edits import NO_EDIT, StepEdit, edited
from segue.domain.effects import Effect, Wait
from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.send_window import DayMode, Days, SendWindow, next_open
from segue.domain.sequence import BranchSettings, EmailSettings, FinishSettings, Sequence, Step, TaskSettings, WaitSettings
from segue.domain.steps import STEP_TYPES


class State(StrEnum):
    """States of sequences.md §0."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    UNENROLLED = "unenrolled"
    FAILED = "failed"


QUESTION_LOOK = timedelta(minutes=15)
"""How often an open question is asked again whose answer may change without a fact (SEQ-191)."""

OPEN = frozenset({State.ACTIVE, State.PAUSED})


class WaitingFor(StrEnum):
    """What an active enrollment waits for (sequences.md §0)."""

    START = "START"
    DELAY = "DELAY"
    WINDOW = "WINDOW"
    LIMIT = "LIMIT"
    TASK = "TASK"
    SENDING = "SENDING"
    MAILBOX = "MAILBOX"
    RETRY = "RETRY"
    BREAKER = "BREAKER"
    FIELD = "FIELD"
    UNCONFIRMED = "UNCONFIRMED"
    MANUAL_PAUSE = "MANUAL_PAUSE"
    CONDITION = "CONDITION"
    """The question of a branch stays open (SEQ-191): `raw_due_at` is its end, `due_at` when it is asked again."""
    NOTHING = ""


class PauseKind(StrEnum):
    """Why an enrollment is paused (sequences.md §0)."""

    MANUAL = "manual"
    AWAY = "away"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What moves while a contact goes through a sequence. `position` is the step that waits to run; instants are aware UTC."""

    id: EnrollmentId
    position: int
    base_at: datetime
    state: State = State.ACTIVE
    waiting_for: WaitingFor = WaitingFor.DELAY
    generation: int = 0
    first_email: bool = False
    raw_due_at: datetime | None = None
    due_at: datetime | None = None
    pause_kind: str = ""
    paused_at: datetime | None = None
    resume_at: datetime | None = None
    remainder: timedelta | None = None
    reason: str = ""
    reason_detail: str = ""
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an enrollment's times depend on: its pinned version, its zone, the days that count, the assignee's zone (SEQ-70, SEQ-71)."""

    sequence: Sequence
    zone: ZoneInfo
    days: Days = field(default_factory=Days)
    assignee_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    open_tasks: frozenset[StepKey] = frozenset()
    """Steps whose task of this enrollment is open (SEQ-41)."""
    drawn: Mapping[StepKey, int] = field(default_factory=dict)
    """Variants that are drawn already, by step (SEQ-38, SEQ-133)."""
    edits: Mapping[StepKey, StepEdit] = field(default_factory=dict)
    """What a person has changed for this contact alone (SEQ-57)."""

    @property
    def mode(self) -> DayMode:
        return self.sequence.settings.window.mode

    @property
    def window(self) -> SendWindow:
        return self.sequence.settings.window

    def step(self, enrollment: Enrollment) -> Step:
        """Return the step that waits to run, with the content of the variant that this enrollment gets and what was edited in it."""
        step = variants.with_variant(self.sequence.steps[enrollment.position], enrollment.id, self.drawn)
        return edited(step, self.edit_at(enrollment.position))

    def edit_at(self, position: int) -> StepEdit:
        """Return what was changed of the step at this place."""
        return self.edits.get(self.sequence.steps[position].key, NO_EDIT) if self.edits else NO_EDIT

    def variant(self, enrollment: Enrollment) -> int:
        """Return the ordinal of the variant that this enrollment gets of the step that waits (SEQ-38)."""
        return variants.variant_of(self.sequence.steps[enrollment.position], enrollment.id, self.drawn).ordinal

    def delay(self, enrollment: Enrollment) -> timedelta:
        """Return the delay in front of the step that waits, drawn if it is a range (SEQ-44); none where a person has named its time."""
        edit = self.edit_at(enrollment.position)
        if edit.at is not None or edit.delay is not None:
            return edit.delay if edit.at is None and edit.delay is not None else timedelta(0)
        return variants.delay_of(self.sequence.steps[enrollment.position], enrollment.id)

    def with_open_task(self, key: StepKey) -> "Surroundings":
        """Return the surroundings with the task of this step open too."""
        return replace(self, open_tasks=self.open_tasks | {key})

    def needed(self, position: int) -> frozenset[StepKey]:
        """Return the open tasks that the step at this place waits for (SEQ-41)."""
        return self.sequence.needs_of(position) & self.open_tasks


@dataclass(frozen=True, slots=True)
class Run:
    """Decision: carry this effect out now."""

    step: Step
    effect: Effect


@dataclass(frozen=True, slots=True)
class Defer:
    """Decision: not now; try again at `at` for this reason."""

    at: datetime
    waiting_for: WaitingFor


Decision = Run | Defer | None

NO_MAIL = 3
"""The class of steps that need no mailbox."""


def start(
    enrollment_id: EnrollmentId, around: Surroundings, *, now: datetime, start_position: int = 0, start_at: datetime | None = None
) -> Enrollment:
    """Begin an enrollment (SEQ-54).

    Starting in the middle drops the start step's delay; only a delay on step 0 itself is waited for.
    """
    begin = max(now, start_at) if start_at else now
    step = around.sequence.steps[start_position]
    delay = around.delay(Enrollment(id=enrollment_id, position=start_position, base_at=begin))
    waits = start_position == 0 and delay > timedelta(0)
    first = isinstance(step.settings, EmailSettings) and not waits
    fresh = Enrollment(id=enrollment_id, position=start_position, base_at=begin, first_email=first)
    fitted = planned(fresh, around, begin, delay if waits else timedelta(0))
    return replace(fitted, waiting_for=WaitingFor.START if begin > now else WaitingFor.DELAY)


def decide(enrollment: Enrollment, around: Surroundings, now: datetime) -> Decision:
    """Say what is to be done with a claimed enrollment. `due_at` is advice: the decision is taken again with the clock of now (SEQ-80)."""
    if enrollment.state is not State.ACTIVE or enrollment.due_at is None:
        return None
    if enrollment.due_at > now:
        return Defer(enrollment.due_at, enrollment.waiting_for)
    step = around.step(enrollment)
    if around.edit_at(enrollment.position).skipped:
        return Run(step, Wait())
    if isinstance(step.settings, EmailSettings) and not is_exempt(enrollment, around):
        opens = next_open(around.window, around.days, around.zone, now)
        if opens > now:
            return Defer(opens, WaitingFor.WINDOW)
    return Run(step, STEP_TYPES[step.type].effect(step, around.sequence))


def is_exempt(enrollment: Enrollment, around: Surroundings) -> bool:
    """Say whether the step is a first email that no window holds (SEQ-81)."""
    return enrollment.first_email and not around.sequence.settings.hold_first_email


def advance(enrollment: Enrollment, around: Surroundings, completed_at: datetime, *, waits: bool = False) -> Enrollment:
    """Move past the step that is complete. With `waits`, hold the next step until the task is resolved; the delay does not run (SEQ-73)."""
    return go_to(enrollment, around, around.sequence.after(enrollment.position), completed_at, waits=waits)


def go_to(enrollment: Enrollment, around: Surroundings, position: int, at: datetime, *, waits: bool = False) -> Enrollment:
    """Let the step at `position` be the one that waits; its delay begins at `at`, or when what it depends on is resolved (SEQ-73)."""
    following = replace(enrollment, position=position, generation=around.edit_at(position).generation, first_email=False, base_at=at)
    waiting = _dependency(around, position, waits=waits)
    if enrollment.state is State.PAUSED:  # its delay runs in full after the pause (SEQ-124)
        return replace(following, waiting_for=waiting or WaitingFor.DELAY, raw_due_at=None, due_at=None, remainder=None)
    if waiting:
        return replace(following, waiting_for=waiting, raw_due_at=None, due_at=None)
    fitted = planned(following, around, at, around.delay(following))
    return replace(fitted, waiting_for=WaitingFor.DELAY)


def _dependency(around: Surroundings, position: int, *, waits: bool = False, released: bool = False) -> WaitingFor | None:
    """Return what holds the step at `position`: an open task it needs, or a person's word (SEQ-41, SEQ-118)."""
    if waits or around.needed(position):
        return WaitingFor.TASK
    return WaitingFor.MANUAL_PAUSE if around.sequence.steps[position].hold and not released else None


def resolve_task(enrollment: Enrollment, around: Surroundings, at: datetime) -> Enrollment:
    """Start the next delay now that a task is completed, skipped or deleted (SEQ-114, SEQ-115). No effect unless it was waited for and is
    the last one; `around` knows the tasks that are open still."""
    if enrollment.waiting_for is not WaitingFor.TASK or around.needed(enrollment.position):
        return enrollment
    return _begin_delay(enrollment, around, at)


def release(enrollment: Enrollment, around: Surroundings, at: datetime) -> Enrollment:
    """Start the next delay because a person said *continue* (SEQ-118). No effect unless that was waited for."""
    if enrollment.waiting_for is not WaitingFor.MANUAL_PAUSE:
        return enrollment
    return _begin_delay(enrollment, around, at, released=True)


def _begin_delay(enrollment: Enrollment, around: Surroundings, at: datetime, *, released: bool = False) -> Enrollment:
    waiting = _dependency(around, enrollment.position, released=released)
    if waiting:
        return replace(enrollment, waiting_for=waiting)
    if enrollment.state is State.PAUSED:  # counts as resolved at resume (SEQ-127)
        return replace(enrollment, waiting_for=WaitingFor.DELAY, remainder=None)
    fitted = planned(replace(enrollment, base_at=at), around, at, around.delay(enrollment))
    return replace(fitted, waiting_for=WaitingFor.DELAY)


def branch(enrollment: Enrollment, around: Surroundings, now: datetime, *, holds: bool) -> Enrollment:
    """Go the way of the answer; a *no* whose question stays open waits for its end (SEQ-191)."""
    settings = around.step(enrollment).settings
    assert isinstance(settings, BranchSettings)
    if not holds and settings.within:
        first = enrollment.waiting_for is not WaitingFor.CONDITION or enrollment.raw_due_at is None
        ends = schedule.add_delay(now, settings.within, around.mode, around.days, around.zone) if first else enrollment.raw_due_at
        if ends is not None and now < ends:
            untold = any(condition.about in UNTOLD for condition in settings.when)
            again = min(ends, now + QUESTION_LOOK) if untold else ends
            return replace(enrollment, waiting_for=WaitingFor.CONDITION, raw_due_at=ends, due_at=again)
    yes, no = around.sequence.ways(enrollment.position)
    return go_to(enrollment, around, yes if holds else no, now)


def ask_again(enrollment: Enrollment, now: datetime) -> Enrollment:
    """Have an open question asked now, because something has happened that may change its answer (SEQ-191)."""
    if enrollment.state is not State.ACTIVE or enrollment.waiting_for is not WaitingFor.CONDITION:
        return enrollment
    return replace(enrollment, due_at=now)


def priority(enrollment: Enrollment, around: Surroundings) -> int:
    """Return the class in the mailbox's queue: 1 follow-up, 2 first email (SEQ-97), 3 needs no mailbox at all."""
    if not isinstance(around.step(enrollment).settings, EmailSettings) or around.edit_at(enrollment.position).skipped:
        return NO_MAIL
    return 2 if enrollment.first_email else 1


def wait(enrollment: Enrollment, until: datetime | None, waiting_for: WaitingFor) -> Enrollment:
    """Put the step off without consuming it."""
    return replace(enrollment, due_at=until, waiting_for=waiting_for)


def retry(enrollment: Enrollment, around: Surroundings, at: datetime) -> Enrollment:
    """Try the same message again at `at`, inside days and window unless it is an exempt first email (SEQ-104)."""
    due = at if is_exempt(enrollment, around) else next_open(around.window, around.days, around.zone, at)
    return replace(enrollment, due_at=due, waiting_for=WaitingFor.RETRY)


def send_again(enrollment: Enrollment, now: datetime) -> Enrollment:
    """Repeat the step as a new generation because a person said so (SEQ-99); a paused one does it when it resumes."""
    again = replace(enrollment, generation=enrollment.generation + 1, waiting_for=WaitingFor.DELAY)
    if enrollment.state is State.PAUSED:
        return replace(again, remainder=timedelta(0))
    return replace(again, due_at=now)


def pause(enrollment: Enrollment, around: Surroundings, now: datetime, kind: PauseKind, resume_at: datetime | None = None) -> Enrollment:
    """Pause; a manual pause wins over any other, and repeating it has no effect (SEQ-128). The rest of the delay is kept (SEQ-126)."""
    if enrollment.state is State.PAUSED:
        if kind is PauseKind.MANUAL or (kind.value == enrollment.pause_kind and resume_at is not None):
            return replace(enrollment, pause_kind=kind.value, resume_at=resume_at)
        return enrollment
    rest = None
    if enrollment.due_at is not None and enrollment.raw_due_at is not None:
        rest = schedule.remainder(now, enrollment.raw_due_at, around.mode, around.days, around.zone)
    return replace(enrollment, state=State.PAUSED, pause_kind=kind.value, paused_at=now, resume_at=resume_at, remainder=rest, due_at=None)


def resume(enrollment: Enrollment, around: Surroundings, now: datetime) -> Enrollment:
    """Go on: the remainder is a delay like any other, based at the resume instant (SEQ-126); a step that waited for a task waits on."""
    if enrollment.state is not State.PAUSED:
        return enrollment
    awake = replace(enrollment, state=State.ACTIVE, pause_kind="", paused_at=None, resume_at=None, remainder=None)
    if awake.waiting_for in (WaitingFor.TASK, WaitingFor.MANUAL_PAUSE, WaitingFor.UNCONFIRMED, WaitingFor.SENDING):
        return awake
    if awake.waiting_for is WaitingFor.CONDITION:  # it is asked at once; what was left of its time still runs
        left = enrollment.remainder or timedelta(0)
        return replace(awake, raw_due_at=schedule.add_delay(now, left, around.mode, around.days, around.zone), due_at=now)
    if awake.waiting_for is WaitingFor.START and awake.base_at > now:  # its start time is still ahead (SEQ-126)
        return planned(awake, around, awake.base_at, timedelta(0))
    rest = enrollment.remainder if enrollment.remainder is not None else around.delay(awake)
    return replace(planned(replace(awake, base_at=now), around, now, rest), waiting_for=WaitingFor.DELAY)


def stop(enrollment: Enrollment, state: State, reason: str, now: datetime, detail: str = "") -> Enrollment:
    """End an enrollment with exactly one reason: the first one stored (SEQ-144)."""
    if not enrollment.is_open:
        return enrollment
    return replace(
        enrollment,
        state=state,
        reason=reason,
        reason_detail=detail,
        ended_at=now,
        due_at=None,
        resume_at=None,
        waiting_for=WaitingFor.NOTHING,
    )


def planned(enrollment: Enrollment, around: Surroundings, base: datetime, delay: timedelta) -> Enrollment:
    """Fill in when the step at `position` is due, by its kind (SEQ-78, SEQ-81, SEQ-111, SEQ-35)."""
    settings = around.step(enrollment).settings
    named = around.edit_at(enrollment.position).at
    if named is not None and named > base:
        base, delay = named, timedelta(0)
    if enrollment.first_email:
        due = base if is_exempt(enrollment, around) else next_open(around.window, around.days, around.zone, base)
        return replace(enrollment, raw_due_at=base, due_at=due)
    raw = schedule.add_delay(base, delay, around.mode, around.days, around.zone)
    if isinstance(settings, EmailSettings):
        due = next_open(around.window, around.days, around.zone, raw)
    elif isinstance(settings, TaskSettings):
        minute = around.sequence.settings.task_creation_minute
        due = schedule.task_due_at(base, delay, around.mode, around.days, task_creation_minute=minute, assignee_zone=around.assignee_zone)
    elif isinstance(settings, FinishSettings):
        due = next_open(SendWindow(0, 1440, around.mode), around.days, around.zone, raw)
    else:
        assert isinstance(settings, WaitSettings | BranchSettings)
        due = raw
    return replace(enrollment, raw_due_at=raw, due_at=due)
