"""The state machine of an enrollment: start, decide, advance, wait, stop (sequences.md §0, §5, §11)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from segue.domain import enrollment as machine
from segue.domain.effects import CreateTask, Finish, SendEmail
from segue.domain.enrollment import Defer, Enrollment, Run, State, Surroundings, WaitingFor
from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.sequence import EmailSettings, FinishSettings, Sequence, SequenceSettings, Step, TaskKind, TaskSettings

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)
A = Step(StepKey("a"), "email", EmailSettings("Hello", "Hi"))
CALL = Step(StepKey("call"), "call", TaskSettings(TaskKind.CALL), DAY)
B = Step(StepKey("b"), "email", EmailSettings("Again"), 2 * DAY)
END = Step(StepKey("finish"), "finish", FinishSettings(), DAY)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(f"2027-01-{text}").replace(tzinfo=BERLIN).astimezone(UTC)


def around(*steps: Step, **settings) -> Surroundings:
    return Surroundings(Sequence("Welcome", (*steps, END), SequenceSettings(**settings)), BERLIN, assignee_zone=BERLIN)


def begin(world: Surroundings, at: datetime, **more) -> Enrollment:
    return machine.start(EnrollmentId(1), world, now=at, **more)


@pytest.mark.parametrize("at", ["11T10:00", "16T03:00", "17T23:59"])
def test_a_first_email_goes_at_once_at_any_hour_and_day(at):
    """SEQ-81."""
    started = begin(around(A, B), berlin(at))
    assert (started.first_email, started.due_at, machine.priority(started, around(A, B))) == (True, berlin(at), 2)
    assert isinstance(machine.decide(started, around(A, B), berlin(at)), Run)


def test_a_held_first_email_waits_for_the_window():
    """SEQ-81, hold first email."""
    world = around(A, B, hold_first_email=True)
    started = begin(world, berlin("16T03:00"))
    assert started.due_at == berlin("18T09:00")
    assert machine.decide(started, world, berlin("16T03:00")) == Defer(berlin("18T09:00"), WaitingFor.DELAY)


def test_a_start_time_ahead_is_waited_for():
    started = begin(around(A, B), berlin("11T10:00"), start_at=berlin("13T06:00"))
    assert (started.waiting_for, started.due_at) == (WaitingFor.START, berlin("13T06:00"))


def test_a_delay_on_the_first_step_is_waited_for_and_makes_it_a_follow_up():
    """SEQ-54."""
    world = around(replace(A, delay=DAY))
    started = begin(world, berlin("11T20:00"))
    assert (started.first_email, started.due_at) == (False, berlin("13T09:00"))


def test_starting_in_the_middle_drops_that_steps_delay():
    """SEQ-54."""
    started = begin(around(A, B), berlin("11T20:00"), start_position=1)
    assert (started.position, started.due_at) == (1, berlin("11T20:00"))


def test_a_follow_up_that_has_become_due_outside_the_window_is_deferred_again():
    """SEQ-80: due times are advice."""
    world = around(A, B)
    second = machine.advance(begin(world, berlin("11T10:00")), world, berlin("11T10:00"))
    assert second.due_at == berlin("13T10:00")
    assert machine.decide(second, world, berlin("13T18:00")) == Defer(berlin("14T09:00"), WaitingFor.WINDOW)
    decision = machine.decide(second, world, berlin("13T16:59"))
    assert isinstance(decision, Run)
    assert isinstance(decision.effect, SendEmail)


def test_a_task_is_created_at_the_assignees_hour_and_holds_what_follows():
    """SEQ-111, SEQ-114, E10."""
    world = around(A, CALL, B)
    at_task = machine.advance(begin(world, berlin("11T10:00")), world, berlin("11T10:00"))
    assert (at_task.due_at, machine.priority(at_task, world)) == (berlin("12T08:00"), 3)
    decision = machine.decide(at_task, world, berlin("12T08:00"))
    assert isinstance(decision, Run)
    assert isinstance(decision.effect, CreateTask)
    held = machine.advance(at_task, world, berlin("12T08:00"), waits=True)
    assert (held.waiting_for, held.due_at, machine.decide(held, world, berlin("20T10:00"))) == (WaitingFor.TASK, None, None)
    assert machine.resolve_task(held, world, berlin("13T15:40")).due_at == berlin("15T15:40")
    assert machine.resolve_task(held, world, berlin("13T19:30")).due_at == berlin("18T09:00")


def test_resolving_a_task_that_nothing_waits_for_changes_nothing():
    world = around(A, B)
    started = begin(world, berlin("11T10:00"))
    assert machine.resolve_task(started, world, berlin("12T10:00")) == started


def test_the_end_follows_the_days_and_not_the_window():
    """SEQ-35."""
    world = around(A)
    last = machine.advance(begin(world, berlin("15T22:00")), world, berlin("15T22:00"))
    assert last.due_at == berlin("18T22:00")
    decision = machine.decide(last, world, berlin("18T22:00"))
    assert isinstance(decision, Run)
    assert isinstance(decision.effect, Finish)


@pytest.mark.parametrize("state", [State.FINISHED, State.UNENROLLED, State.FAILED])
def test_an_ended_enrollment_keeps_its_first_reason_and_does_nothing_more(state):
    """SEQ-144."""
    world = around(A, B)
    ended = machine.stop(begin(world, berlin("11T10:00")), state, "REPLIED", berlin("12T10:00"))
    assert (ended.due_at, ended.reason, ended.ended_at, ended.is_open) == (None, "REPLIED", berlin("12T10:00"), False)
    assert machine.stop(ended, State.UNENROLLED, "BOUNCED", berlin("13T10:00")) == ended
    assert machine.decide(ended, world, berlin("14T10:00")) is None


def test_a_retry_stays_in_the_window_unless_it_is_the_first_email():
    """SEQ-104."""
    world = around(A, B)
    first = begin(world, berlin("11T16:50"))
    assert machine.retry(first, world, berlin("11T17:20")).due_at == berlin("11T17:20")
    second = machine.advance(first, world, berlin("11T16:50"))
    assert machine.retry(second, world, berlin("13T17:20")).due_at == berlin("14T09:00")


def test_a_repeated_mail_is_a_new_generation_and_the_next_step_begins_anew():
    """SEQ-99."""
    world = around(A, B)
    undecided = machine.wait(begin(world, berlin("11T10:00")), None, WaitingFor.UNCONFIRMED)
    again = machine.send_again(undecided, berlin("12T10:00"))
    assert (again.generation, again.due_at) == (1, berlin("12T10:00"))
    assert machine.advance(again, world, berlin("12T10:01")).generation == 0
