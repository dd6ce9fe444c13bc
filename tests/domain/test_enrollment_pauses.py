"""Pausing and resuming (SEQ-124…129): what is left of a delay is served after the pause, and nothing is due while it lasts."""

from datetime import timedelta

import pytest

from domain.test_enrollment import BERLIN, CALL, DAY, END, A, B, around, begin, berlin
from segue.domain import enrollment as machine
from segue.domain.enrollment import PauseKind, State, Surroundings, WaitingFor
from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import EmailSettings, Sequence, SequenceSettings, Step

TABLE = [
    # mode, mail sent, delay in days, paused, remainder, resumed, sent
    (DayMode.BUSINESS_DAYS, "11T10:00", 3, "13T10:00", DAY, "18T14:00", "19T14:00"),
    (DayMode.BUSINESS_DAYS, "11T10:00", 3, "12T16:00", DAY + timedelta(hours=18), "20T11:00", "22T09:00"),
    (DayMode.BUSINESS_DAYS, "15T10:00", 3, "16T10:00", 2 * DAY + timedelta(hours=10), "18T10:00", "21T09:00"),
    (DayMode.WEEKDAYS_ONLY, "15T10:00", 3, "16T10:00", 2 * DAY, "18T10:00", "20T10:00"),
    (DayMode.BUSINESS_DAYS, "11T10:00", 1, "12T09:30", timedelta(minutes=30), "19T08:00", "19T09:00"),
]


def waiting(mode: DayMode, sent: str, days: int) -> tuple[Surroundings, machine.Enrollment]:
    steps = (A, Step(StepKey("b"), "email", EmailSettings("Again"), days * DAY), END)
    world = Surroundings(Sequence("Welcome", steps, SequenceSettings(window=SendWindow(mode=mode))), BERLIN)
    return world, machine.advance(begin(world, berlin(sent)), world, berlin(sent))


@pytest.mark.parametrize("row", TABLE)
def test_the_rest_of_a_delay_is_served_after_the_pause(row):
    """The table of sequences.md §8."""
    mode, sent, days, paused, remainder, resumed, goes = row
    world, enrollment = waiting(mode, sent, days)
    held = machine.pause(enrollment, world, berlin(paused), PauseKind.MANUAL)
    assert (held.state, held.due_at, held.remainder) == (State.PAUSED, None, remainder)
    assert machine.resume(held, world, berlin(resumed)).due_at == berlin(goes)


def test_a_pause_while_a_task_is_waited_for_leaves_the_next_delay_whole():
    """SEQ-124, SEQ-127."""
    world = around(A, CALL, B)
    task = machine.advance(begin(world, berlin("11T10:00")), world, berlin("11T10:00"))
    held = machine.pause(machine.advance(task, world, berlin("12T08:00"), waits=True), world, berlin("12T09:00"), PauseKind.MANUAL)
    assert machine.resume(held, world, berlin("12T10:00")).waiting_for is WaitingFor.TASK
    done = machine.resolve_task(held, world, berlin("12T10:00"))
    assert (done.state, done.due_at) == (State.PAUSED, None)
    assert machine.resume(done, world, berlin("18T14:00")).due_at == berlin("20T14:00")


def test_a_step_completed_during_a_pause_is_followed_by_its_whole_delay_after_it():
    """SEQ-124: the mail was in flight when the pause came."""
    world = around(A, B)
    in_flight = machine.wait(begin(world, berlin("11T10:00")), None, WaitingFor.SENDING)
    held = machine.advance(machine.pause(in_flight, world, berlin("11T10:00"), PauseKind.MANUAL), world, berlin("11T10:01"))
    assert (held.state, held.due_at) == (State.PAUSED, None)
    assert machine.resume(held, world, berlin("18T14:00")).due_at == berlin("20T14:00")


def test_a_start_time_that_is_still_ahead_is_kept():
    """SEQ-126."""
    world = around(A, B)
    held = machine.pause(begin(world, berlin("11T10:00"), start_at=berlin("20T06:00")), world, berlin("12T10:00"), PauseKind.MANUAL)
    assert machine.resume(held, world, berlin("13T10:00")).due_at == berlin("20T06:00")
    assert machine.resume(held, world, berlin("21T10:00")).due_at == berlin("21T10:00")


def test_pausing_and_resuming_twice_has_no_further_effect():
    """SEQ-128."""
    world, enrollment = waiting(DayMode.BUSINESS_DAYS, "11T10:00", 3)
    held = machine.pause(enrollment, world, berlin("12T10:00"), PauseKind.MANUAL)
    assert machine.pause(held, world, berlin("13T10:00"), PauseKind.MANUAL) == held
    going = machine.resume(held, world, berlin("18T10:00"))
    assert machine.resume(going, world, berlin("19T10:00")) == going


def test_a_manual_pause_takes_the_resume_date_of_an_absence_away():
    """SEQ-128: what a person pauses, only a person or their date resumes."""
    world, enrollment = waiting(DayMode.BUSINESS_DAYS, "11T10:00", 3)
    away = machine.pause(enrollment, world, berlin("12T10:00"), PauseKind.AWAY, berlin("25T09:00"))
    manual = machine.pause(away, world, berlin("13T10:00"), PauseKind.MANUAL)
    assert (manual.pause_kind, manual.resume_at, manual.remainder) == ("manual", None, away.remainder)
    assert machine.pause(manual, world, berlin("14T10:00"), PauseKind.AWAY, berlin("25T09:00")) == manual


def test_time_away_does_not_use_up_the_delay():
    """SEQ-129's own example: back on 25 January, next mail 28 January 09:00."""
    world, enrollment = waiting(DayMode.BUSINESS_DAYS, "11T10:00", 3)
    away = machine.pause(enrollment, world, berlin("11T10:02"), PauseKind.AWAY, berlin("25T09:00"))
    assert away.remainder == 2 * DAY + timedelta(hours=23, minutes=58)
    assert machine.resume(away, world, berlin("25T09:00")).due_at == berlin("28T09:00")


def test_an_answer_ends_a_paused_enrollment_too():
    """SEQ-127, SEQ-144."""
    world, enrollment = waiting(DayMode.BUSINESS_DAYS, "11T10:00", 3)
    held = machine.pause(enrollment, world, berlin("12T10:00"), PauseKind.AWAY, berlin("25T09:00"))
    ended = machine.stop(held, State.UNENROLLED, "REPLIED", berlin("13T10:00"))
    assert (ended.state, ended.reason, ended.resume_at) == (State.UNENROLLED, "REPLIED", None)


def test_a_mail_that_is_to_be_sent_again_waits_for_the_end_of_the_pause():
    """SEQ-99 in a pause: nothing is due while it lasts, or the row would block its mailbox's lane."""
    world = around(A, B)
    undecided = machine.wait(begin(world, berlin("11T10:00")), None, WaitingFor.UNCONFIRMED)
    held = machine.pause(undecided, world, berlin("11T11:00"), PauseKind.MANUAL)
    again = machine.send_again(held, berlin("12T10:00"))
    assert (again.state, again.due_at, again.generation) == (State.PAUSED, None, 1)
    assert machine.resume(again, world, berlin("13T10:00")).due_at == berlin("13T10:00")
