"""Moving an open enrollment to another version of its sequence (SEQ-133). Pure.

Steps are matched by key. What has run stays as it was and never runs again; the position is behind the last step that was passed and still
exists; the delay of the step that waits is counted from the same base.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from segue.domain import enrollment as machine
from segue.domain import schedule
from segue.domain.enrollment import Enrollment, State, Surroundings, WaitingFor
from segue.domain.ids import StepKey
from segue.domain.sequence import BranchSettings, FinishSettings, Sequence
from segue.domain.sequence_order import reached_from

Ways = Mapping[StepKey, bool]
"""How branches were answered: True is *yes*."""


@dataclass(frozen=True, slots=True)
class Done:
    """What an enrollment has behind it: whether its first step is complete, steps that have left a mail or a task, answers of branches."""

    started: bool = True
    ran: frozenset[StepKey] = frozenset()
    ways: Ways = field(default_factory=dict)


def move(enrollment: Enrollment, before: Surroundings, after: Surroundings, done: Done, now: datetime) -> Enrollment:
    """Return the enrollment as it stands in the version of `after`."""
    if not done.started:
        return _start_anew(enrollment, before, after)
    old = before.sequence.steps[enrollment.position]
    place = _new_place(enrollment, before.sequence, after.sequence, done)
    same = after.sequence.steps[place].key == old.key
    moved = replace(enrollment, position=place, generation=enrollment.generation if same else 0)
    if same and _waits_alike(enrollment, before, after, place):
        return moved
    return _wait_anew(replace(moved, first_email=enrollment.first_email and same), before, after, now, same=same)


def _start_anew(enrollment: Enrollment, before: Surroundings, after: Surroundings) -> Enrollment:
    """Move one that has not started whole: from the base that it has (SEQ-133)."""
    key = before.sequence.steps[enrollment.position].key
    place = after.sequence.place_of(key, 0) if enrollment.position else 0
    if isinstance(after.sequence.steps[place].settings, FinishSettings):
        place = 0
    fresh = machine.start(enrollment.id, after, now=enrollment.base_at, start_position=place)
    if enrollment.state is not State.PAUSED:
        return replace(fresh, waiting_for=enrollment.waiting_for if enrollment.waiting_for is WaitingFor.START else fresh.waiting_for)
    return replace(
        enrollment, position=place, first_email=fresh.first_email, raw_due_at=fresh.raw_due_at, remainder=_rest(enrollment, after, fresh)
    )


def passed(sequence: Sequence, position: int, ways: Ways) -> tuple[int, ...]:
    """Return the places on the way to `position`, in order: along the answers that are known, else along a way that leads there."""
    places: list[int] = []
    place = 0
    while place < position:
        places.append(place)
        step = sequence.steps[place]
        following = sequence.followers(place)
        if isinstance(step.settings, BranchSettings) and step.key in ways:
            yes, no = sequence.ways(place)
            following = (yes if ways[step.key] else no, *following)
        place = next((each for each in following if each <= position and position in reached_from(sequence, each)), position)
    return tuple(places)


def _passed(sequence: Sequence, enrollment: Enrollment, done: Done) -> tuple[int, ...]:
    return passed(sequence, enrollment.position, done.ways)


def _new_place(enrollment: Enrollment, old: Sequence, new: Sequence, done: Done) -> int:
    """Return the place behind the last passed step that still exists, over steps that have run elsewhere."""
    place = 0
    for each in reversed(_passed(old, enrollment, done)):
        found = new.position_of(old.steps[each].key)
        if found is not None:
            place = _behind(new, found, done.ways)
            break
    while new.steps[place].key in done.ran and new.steps[place].key != old.steps[enrollment.position].key:
        place = _behind(new, place, done.ways)
    return place


def _behind(sequence: Sequence, place: int, ways: Ways) -> int:
    step = sequence.steps[place]
    if isinstance(step.settings, FinishSettings):
        return place
    if not isinstance(step.settings, BranchSettings):
        return min(sequence.after(place), len(sequence.steps) - 1)
    yes, no = sequence.ways(place)
    return yes if ways.get(step.key, False) else no


def _waits_alike(enrollment: Enrollment, before: Surroundings, after: Surroundings, place: int) -> bool:
    """Say whether the step waits under the same rules as before, so that nothing of its times changes."""
    old, new = before.sequence, after.sequence
    alike = (
        before.delay(enrollment) == after.delay(replace(enrollment, position=place))
        and old.settings.window == new.settings.window
        and old.settings.hold_first_email == new.settings.hold_first_email
        and old.settings.task_creation_minute == new.settings.task_creation_minute
        and type(old.steps[enrollment.position].settings) is type(new.steps[place].settings)
    )
    waits = enrollment.waiting_for
    if waits is WaitingFor.TASK:
        return alike and bool(after.needed(place))
    if waits is WaitingFor.MANUAL_PAUSE:
        return alike and new.steps[place].hold
    return alike


def _wait_anew(moved: Enrollment, before: Surroundings, after: Surroundings, now: datetime, *, same: bool) -> Enrollment:
    """Let the step that waits now wait by its own rules, from the same base; what was waited for and is gone counts as resolved now."""
    dependent = moved.waiting_for in (WaitingFor.TASK, WaitingFor.MANUAL_PAUSE)
    base = now if dependent else moved.base_at
    asked = moved.waiting_for is WaitingFor.CONDITION
    if moved.first_email:
        fresh = machine.start(moved.id, after, now=moved.base_at, start_position=moved.position)
    else:
        fresh = machine.go_to(replace(moved, state=State.ACTIVE), after, moved.position, base)
    fresh = replace(fresh, generation=moved.generation)
    if asked and same and fresh.due_at is not None:  # an open question is asked once more
        fresh = replace(fresh, due_at=now)
    if moved.state is not State.PAUSED:
        return fresh
    return replace(
        moved,
        waiting_for=fresh.waiting_for,
        base_at=fresh.base_at,
        raw_due_at=fresh.raw_due_at,
        remainder=_rest(moved, before, fresh),
    )


def _rest(paused: Enrollment, around: Surroundings, fresh: Enrollment) -> timedelta | None:
    """Return what is left of the new delay at the instant of the pause (SEQ-126)."""
    if fresh.raw_due_at is None or paused.paused_at is None:
        return None
    return schedule.remainder(paused.paused_at, fresh.raw_due_at, around.mode, around.days, around.zone)
