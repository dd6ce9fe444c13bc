"""What will go, when, to whom, and why then (SEQ-49, SEQ-95, SEQ-108).

The plan is a run ahead of the engine with the engine's own parts: the state machine decides and advances, `domain.limits` holds, the
schedule explains. What it must assume it assumes as the engine would find it: mail is accepted when it is handed over, nobody answers, no
task is done. Each mailbox is one lane, and a lane's next mail is chosen as the claim chooses it: by class, due time and number among what
is due (SEQ-97), one at a time with spacing and jitter, under all limits.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

from segue.domain import enrollment as machine
from segue.domain import limits, schedule
from segue.domain.conditions import Known, ask_all
from segue.domain.effects import Branch, CreateTask, Finish, SendEmail
from segue.domain.enrollment import Defer, Enrollment, State, WaitingFor
from segue.domain.ids import MailboxId
from segue.domain.limits import MailboxLimits, Usage
from segue.domain.sequence import Step
from segue.features.enrollments.explain import describe_due, describe_needs, describe_wait
from segue.features.enrollments.questions import variants_of
from segue.features.enrollments.store import Loaded
from segue.features.mail.quota import ROOM_LOOK, Caps

HORIZON = timedelta(days=60)
"""How far ahead a plan looks, unless told otherwise."""
KEEPS_ROOM = "The room that the mailbox's limit leaves is kept for follow-ups of the next 24 hours."


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step ahead. `at` None: nobody can tell, and `why` says what it waits for. `after_person`: earlier steps wait for a person."""

    loaded: Loaded
    step: Step
    generation: int
    due_at: datetime | None
    at: datetime | None
    why: tuple[str, ...]
    after_person: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps ahead in order of time, those without one at the end. `until`: the horizon."""

    now: datetime
    until: datetime
    steps: tuple[PlannedStep, ...]


@dataclass(slots=True)
class Lane:
    """A mailbox as the planner moves it: when its next slot is free, what counts against its limits, what holds it."""

    mailbox_id: MailboxId
    user_id: int
    limits: MailboxLimits
    slot: datetime
    sent: list[datetime] = field(default_factory=list)
    by_hand: tuple[datetime, ...] = ()
    sending_days: int = 0
    """Dates before today on which it has sent (SEQ-92)."""
    dates: set[date] = field(default_factory=set)
    """Dates from today on, in UTC, on which it has sent or will."""
    blocked: str = ""
    """A sentence where nothing can be sent from it at all."""


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What the plan begins with: now, lanes, mails of the last 24 hours by user and by address or company, what is blocked and why."""

    now: datetime
    lanes: dict[MailboxId, Lane]
    by_user: dict[int, list[datetime]]
    by_address: dict[str, list[datetime]]
    blocked_sequences: dict[int, str]
    caps: Caps = field(default_factory=Caps)


@dataclass(slots=True)
class _Course:
    """One enrollment on its way through the plan.

    `due_at` and `why`: of the step that waits, before queue and limits. `moved_from`: when its turn came last outside its hours.
    """

    loaded: Loaded
    enrollment: Enrollment
    why: list[str]
    due_at: datetime | None
    moved_from: datetime | None = None
    after_person: bool = False

    def caps(self, given: Caps) -> Caps:
        """Return the caps that count: one mail in 24 hours where other sequences may write to the address too (SEQ-141)."""
        return replace(given, address_shared=bool(self.loaded.overlap_slot))

    @property
    def step(self) -> Step:
        return self.loaded.around.step(self.enrollment)


def plan_ahead(loaded: Iterable[Loaded], surveyed: Surveyed, *, until: datetime, imagined_from: int | None = None) -> Plan:
    """Lay out what is ahead of these enrollments until the horizon.

    Give all open enrollments of a mailbox, or their mails would not stand in each other's way. Enrollments with ids from `imagined_from` on
    are only thought of (SEQ-49): their tasks count as done when they are created, which is the earliest that could be.
    """
    planner = _Planner(surveyed, until, imagined_from)
    for each in loaded:
        planner.begin(each)
    planner.run()
    planner.end()
    known = [step for step in planner.steps if step.at is not None]
    known.sort(key=lambda step: (step.at, step.loaded.enrollment.id))
    return Plan(surveyed.now, until, (*known, *(step for step in planner.steps if step.at is None)))


class _Planner:
    """The run ahead. Events come from one heap; a lane is looked at when its slot is free and something is due in it."""

    def __init__(self, surveyed: Surveyed, until: datetime, imagined_from: int | None) -> None:
        self.surveyed = surveyed
        self.until = until
        self.imagined_from = imagined_from
        self.steps: list[PlannedStep] = []
        self._events: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._number = count()
        self._waiting: dict[MailboxId, list[tuple[datetime, int, _Course]]] = {m: [] for m in surveyed.lanes}
        self._ready: dict[MailboxId, list[tuple[int, datetime, int, _Course]]] = {m: [] for m in surveyed.lanes}
        self._holds: dict[MailboxId, list[tuple[datetime, str]]] = {m: [] for m in surveyed.lanes}
        self._follow_ups: dict[MailboxId, list[datetime]] = {m: [] for m in surveyed.lanes}
        """Due times of the follow-ups that wait or are ready, sorted: first emails leave them their room (SEQ-97)."""
        self._firsts_from: dict[MailboxId, datetime] = {}
        self._wakes: dict[MailboxId, datetime] = {}
        self._open: dict[int, _Course] = {}

    def begin(self, loaded: Loaded) -> None:
        """Take an enrollment in as it stands."""
        enrollment, now = loaded.enrollment, self.surveyed.now
        course = self._open[enrollment.id] = _Course(loaded, enrollment, [], enrollment.due_at)
        if enrollment.state is State.PAUSED and enrollment.resume_at is not None:
            self._at(max(now, enrollment.resume_at), lambda at: self._resume(course, at))
        elif enrollment.state is State.ACTIVE and enrollment.due_at is not None:
            course.why = list(describe_due(enrollment, loaded.around))
            self._queue(course)
        elif enrollment.waiting_for is WaitingFor.SENDING and enrollment.state is State.ACTIVE:
            course.why = ["It is being handed over at this moment."]
            self._accept(course, now)
        else:
            self._give_up(course, describe_wait(loaded, now))

    def run(self) -> None:
        """Let time pass until the horizon or until nothing is left."""
        while self._events and self._events[0][0] <= self.until:
            at, _, act = heapq.heappop(self._events)
            act(at)

    def end(self) -> None:
        """Say of what is still on its way that it lies behind the horizon."""
        for course in list(self._open.values()):
            self._give_up(course, f"Not before {self.until:%Y-%m-%d}, where this plan ends; `segue plan --days` looks further.")

    def _at(self, at: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._events, (at, next(self._number), act))

    def _queue(self, course: _Course) -> None:
        """Put a course where its next step waits: in the lane of its mailbox, or among what needs none."""
        due = max(self._due(course), self.surveyed.now)
        if machine.priority(course.enrollment, course.loaded.around) == machine.NO_MAIL:
            self._at(due, lambda at: self._carry_out(course, at))
            return
        lane = self.surveyed.lanes[course.loaded.mailbox.id]
        blocked = lane.blocked or self.surveyed.blocked_sequences.get(course.loaded.sequence_id, "")
        if blocked:
            self._give_up(course, blocked)
            return
        heapq.heappush(self._waiting[lane.mailbox_id], (due, course.enrollment.id, course))
        if not course.enrollment.first_email:
            insort(self._follow_ups[lane.mailbox_id], due)
        self._wake(lane, max(due, lane.slot))

    def _due(self, course: _Course) -> datetime:
        assert course.enrollment.due_at is not None
        return course.enrollment.due_at

    # --- mail -------------------------------------------------------------------------------------------------------------------------

    def _wake(self, lane: Lane, at: datetime) -> None:
        """Have the lane looked at; one look at a time, the earliest asked for."""
        planned = self._wakes.get(lane.mailbox_id)
        if planned is None or at < planned:
            self._wakes[lane.mailbox_id] = at
            self._at(at, lambda now: self._serve(lane, now))

    def _serve(self, lane: Lane, at: datetime) -> None:
        """Send the lane's next mail if its slot is free, and have the lane looked at again when there is something to do."""
        if self._wakes.get(lane.mailbox_id) != at:
            return  # an earlier look has taken its place
        del self._wakes[lane.mailbox_id]
        waiting, ready = self._waiting[lane.mailbox_id], self._ready[lane.mailbox_id]
        while waiting and waiting[0][0] <= at:
            due, number, course = heapq.heappop(waiting)
            heapq.heappush(ready, (machine.priority(course.enrollment, course.loaded.around), due, number, course))
        if ready and lane.slot <= at and not self._keeps_room(lane, ready[0][-1], at):
            _, due, _, course = heapq.heappop(ready)
            if not course.enrollment.first_email:
                follow_ups = self._follow_ups[lane.mailbox_id]
                del follow_ups[bisect_left(follow_ups, due)]
            self._try(lane, course, at)
        nexts = [waiting[0][0]] if waiting else []
        if ready:
            nexts.append(self._firsts_from.get(lane.mailbox_id, at) if ready[0][-1].enrollment.first_email else at)
        if nexts:
            self._wake(lane, max(at, lane.slot, min(nexts)))

    def _keeps_room(self, lane: Lane, course: _Course, at: datetime) -> bool:
        """Say whether the next mail is a first email that must leave its room to follow-ups, and remember until when (SEQ-97)."""
        if not course.enrollment.first_email:
            return False
        until = self._firsts_from.get(lane.mailbox_id, at)
        if until <= at:
            usage = self._usage(lane, at)
            ahead = self._follow_ups[lane.mailbox_id]
            planned = ahead[: bisect_right(ahead, at + limits.DAY)]
            cap = lane.limits.sequence_cap(at, usage.sending_days, usage.by_hand_at(at))
            if not planned or len(usage.sent) + len(planned) < cap:
                return False
            until = min(limits.room_beside(usage.sent, planned[:cap], cap, at), at + ROOM_LOOK)
            self._firsts_from[lane.mailbox_id] = until
        if until > at:
            course.why = [*(each for each in course.why if each != KEEPS_ROOM), KEEPS_ROOM]
        return until > at

    def _try(self, lane: Lane, course: _Course, at: datetime) -> None:
        decision = machine.decide(course.enrollment, course.loaded.around, at)
        if isinstance(decision, Defer):  # the lane was busy until its window had closed (SEQ-79)
            course.moved_from = at
            course.enrollment = machine.wait(course.enrollment, decision.at, decision.waiting_for)
            self._queue(course)
            return
        hold = limits.holding_limit(lane.limits, self._usage(lane, at), at)
        if hold is not None:
            if hold.name is not limits.LimitName.SPACING:
                said = str(hold).partition(": ")[2]
                self._holds[lane.mailbox_id].append((hold.until, f"{said[:1].upper()}{said[1:]}."))
            lane.slot = hold.until
            self._queue(course)
            return
        free = self._address_free(course, at)
        if free > at:
            course.why.append("Its address or company has had as many mails in 24 hours as the workspace allows.")
            course.due_at = free
            course.enrollment = machine.wait(course.enrollment, free, WaitingFor.LIMIT)
            self._queue(course)
            return
        self._tell_queue(lane, course, at)
        self._accept(course, at)

    def _usage(self, lane: Lane, at: datetime) -> Usage:
        """Return what counts at `at`: the mails of the 24 hours before, and how many dates before that day had any."""
        day_ago = at - limits.DAY
        mails = self.surveyed.by_user.setdefault(lane.user_id, [])
        today = at.astimezone(UTC).date()
        days = lane.sending_days + sum(day < today for day in lane.dates) if lane.limits.warming_up(at) else 0
        return Usage(
            sent=tuple(lane.sent[bisect_right(lane.sent, day_ago) :]),
            user_sent=tuple(mails[bisect_right(mails, day_ago) :]),
            sending_days=days,
            by_hand=lane.by_hand,
        )

    def _address_free(self, course: _Course, at: datetime) -> datetime:
        free = at
        for whom, most in course.caps(self.surveyed.caps).of(course.loaded.address_normal):
            mails = self.surveyed.by_address.get(whom, [])
            free = max(free, limits.room_from(mails[bisect_right(mails, at - limits.DAY) :], most, at))
        return free

    def _tell_queue(self, lane: Lane, course: _Course, at: datetime) -> None:
        """Say what stood before a mail between its due time and now: limits that held the lane, mails of the same mailbox, closed hours."""
        due = max(course.due_at or at, self.surveyed.now)
        if at <= due:
            return
        holds = self._holds[lane.mailbox_id]
        held = next(((until, said) for until, said in reversed(holds) if until <= at), None)
        if held is not None and held[0] > due:
            course.why.append(held[1])
        before = bisect_left(lane.sent, at) - bisect_left(lane.sent, due)
        if before > 0:
            spacing = int(lane.limits.spacing_at(at).total_seconds())
            mails = "One mail" if before == 1 else f"{before:,} mails"
            course.why.append(f"{mails} of this mailbox {'goes' if before == 1 else 'go'} before it, at least {spacing} seconds apart.")
        if course.moved_from is not None:
            around = course.loaded.around
            course.why += schedule.explain_open(course.moved_from, around.window, around.days, around.zone).reasons
        elif held is None and before <= 0:
            course.why.append("The mailbox keeps a distance to its last mail.")

    def _accept(self, course: _Course, at: datetime) -> None:
        """Take a mail as accepted at `at`, and move on."""
        lane = self.surveyed.lanes[course.loaded.mailbox.id]
        if course.enrollment.waiting_for is not WaitingFor.SENDING:  # what is in flight is counted already
            for mails in (lane.sent, self.surveyed.by_user[lane.user_id]):
                mails.append(at)
            for whom, _ in self.surveyed.caps.of(course.loaded.address_normal):
                self.surveyed.by_address.setdefault(whom, []).append(at)
            lane.dates.add(at.astimezone(UTC).date())
            jitter = limits.jitter_of(lane.limits.jitter, f"{course.enrollment.id}/{course.step.key}/{course.enrollment.generation}")
            lane.slot = at + lane.limits.spacing_at(at) + jitter
        self._note(course, at)
        self._advance(course, at)

    # --- everything else ----------------------------------------------------------------------------------------------------------------

    def _carry_out(self, course: _Course, at: datetime) -> None:
        decision = machine.decide(course.enrollment, course.loaded.around, at)
        assert isinstance(decision, machine.Run)
        assert not isinstance(decision.effect, SendEmail)
        self._note(course, at)
        if isinstance(decision.effect, Finish):
            del self._open[course.enrollment.id]
            return
        if isinstance(decision.effect, Branch):
            self._answer(course, decision.effect, at)
            return
        if isinstance(decision.effect, CreateTask):
            if self._is_imagined(course):
                course.after_person = course.after_person or decision.effect.settings.wait
            else:
                course.loaded = replace(course.loaded, around=course.loaded.around.with_open_task(course.step.key))
        self._advance(course, at)

    def _advance(self, course: _Course, at: datetime) -> None:
        around = course.loaded.around
        course.enrollment = machine.advance(course.enrollment, around, at)
        self._go_on(course, at)

    def _go_on(self, course: _Course, at: datetime, *said: str) -> None:
        """Queue the step that waits now, or say what it waits for."""
        around = course.loaded.around
        course.moved_from = None
        if course.enrollment.waiting_for is WaitingFor.TASK:
            self._give_up(course, describe_needs(around, course.enrollment.position))
            return
        if course.enrollment.waiting_for is WaitingFor.MANUAL_PAUSE:
            if not self._is_imagined(course):
                self._give_up(course, describe_wait(replace(course.loaded, enrollment=course.enrollment), at))
                return
            course.after_person = True
            course.enrollment = machine.release(course.enrollment, around, at)
        course.due_at = course.enrollment.due_at
        course.why = [*said, *describe_due(course.enrollment, around)]
        self._queue(course)

    def _is_imagined(self, course: _Course) -> bool:
        return self.imagined_from is not None and course.enrollment.id >= self.imagined_from

    def _answer(self, course: _Course, effect: Branch, at: datetime) -> None:
        """Answer a branch as it stands: by the contact's values of today and the drawn variants; nobody reacts, so the rest is *no*."""
        around = course.loaded.around
        known = Known(contact=course.loaded.contact, variants=variants_of(around, course.enrollment.id))
        holds = ask_all(effect.settings.when, effect.settings.match, known).holds
        asked = course.enrollment.position
        course.enrollment = machine.branch(course.enrollment, around, at, holds=holds)
        said = f"If the answer at {around.sequence.steps[asked].key} is {'yes' if holds else 'no'}."
        self._go_on(course, at, *([said] if course.enrollment.position != asked else []))

    def _resume(self, course: _Course, at: datetime) -> None:
        course.enrollment = machine.resume(course.enrollment, course.loaded.around, at)
        course.due_at = course.enrollment.due_at
        if course.enrollment.due_at is None:
            self._give_up(course, describe_wait(replace(course.loaded, enrollment=course.enrollment), at))
            return
        course.why = [f"Paused until {at:%Y-%m-%d %H:%M} UTC.", *describe_due(course.enrollment, course.loaded.around)]
        self._queue(course)

    def _note(self, course: _Course, at: datetime) -> None:
        self.steps.append(
            PlannedStep(course.loaded, course.step, course.enrollment.generation, course.due_at, at, tuple(course.why), course.after_person)
        )

    def _give_up(self, course: _Course, why: str) -> None:
        """Note that nobody can tell when the step that waits will run."""
        del self._open[course.enrollment.id]
        self.steps.append(
            PlannedStep(course.loaded, course.step, course.enrollment.generation, course.due_at, None, (why,), course.after_person)
        )


def of_enrollments(plan: Plan, wanted: Sequence[int]) -> Plan:
    """Return the part of a plan that concerns these enrollments."""
    ids = set(wanted)
    return replace(plan, steps=tuple(step for step in plan.steps if step.loaded.enrollment.id in ids))
