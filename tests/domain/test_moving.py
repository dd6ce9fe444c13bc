"""Moving open enrollments to another version, rule by rule (SEQ-133, SEQ-134)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.sequences import DAY, branch, email, finish, sequence, task
from segue.domain import enrollment as machine
from segue.domain.enrollment import Enrollment, PauseKind, State, Surroundings, WaitingFor
from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.moving import Done, move

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
INTRO, LATER, LAST, END = email("intro", subject="Hi", delay=timedelta(0)), email("later"), email("last"), finish()
OLD = sequence(INTRO, LATER, LAST, END)
SENT = Done(ran=frozenset({StepKey("intro")}))


def around(content, **more) -> Surroundings:
    return Surroundings(content, BERLIN, **more)


def waiting(content=OLD, at="intro", **more) -> Enrollment:
    """An enrollment whose step `at` was complete on Monday."""
    place = content.position_of(StepKey(at))
    begun = Enrollment(EnrollmentId(1), place, MONDAY, first_email=True)
    return replace(machine.advance(begun, around(content, **more), MONDAY))


def moved(new, before=None, *, done=SENT, now=MONDAY + timedelta(hours=1), old=OLD, **more):
    before = before or waiting()
    return move(before, around(old, **more), around(new, **more), done, now)


def key(content, enrollment):
    return content.steps[enrollment.position].key


def test_seq_133_what_is_the_same_stays_to_the_second():
    new = sequence(INTRO, LATER, replace(LAST, delay=5 * DAY), END)
    assert moved(new) == waiting()


def test_seq_133_an_inserted_step_behind_the_last_one_that_ran_comes_next_from_the_same_base():
    new = sequence(INTRO, email("between", delay=DAY), LATER, LAST, END)
    after = moved(new)
    assert (key(new, after), after.base_at, after.due_at) == ("between", MONDAY, MONDAY + DAY)


def test_seq_133_a_step_inserted_before_the_position_is_not_run():
    new = sequence(email("earlier", subject="First"), INTRO, LATER, LAST, END)
    assert key(new, moved(new)) == "later"


def test_seq_133_a_changed_delay_is_counted_from_the_same_base():
    new = sequence(INTRO, replace(LATER, delay=4 * DAY), LAST, END)
    assert moved(new).due_at == MONDAY + 4 * DAY


def test_seq_133_a_changed_delay_that_is_over_makes_the_step_due_at_once():
    new = sequence(INTRO, replace(LATER, delay=timedelta(minutes=30)), LAST, END)
    after = moved(new, now=MONDAY + DAY)
    assert after.due_at == MONDAY + timedelta(minutes=30)
    assert isinstance(machine.decide(after, around(new), MONDAY + DAY), machine.Run)


def test_seq_133_a_removed_step_gives_its_place_to_the_next_with_its_own_delay():
    new = sequence(INTRO, replace(LAST, delay=3 * DAY), END)
    after = moved(new)
    assert (key(new, after), after.due_at) == ("last", MONDAY + 3 * DAY)


def test_seq_133_the_position_is_behind_the_last_step_that_still_exists():
    at_last = waiting(at="later")
    new = sequence(INTRO, email("fresh", delay=DAY), LAST, END)  # `later`, which ran, is gone
    after = moved(new, at_last, done=Done(ran=frozenset({StepKey("intro"), StepKey("later")})))
    assert key(new, after) == "fresh"


def test_seq_133_a_step_that_ran_never_runs_again_though_it_moved_behind():
    at_last = waiting(at="later")
    new = sequence(LATER, INTRO, LAST, END)
    new = replace(new, steps=(replace(LATER, settings=replace(LATER.settings, subject="x")), *new.steps[1:]))
    after = moved(new, at_last, done=Done(ran=frozenset({StepKey("intro"), StepKey("later")})))
    assert key(new, after) == "last"


def test_seq_133_one_that_has_not_started_is_moved_whole():
    fresh = machine.start(EnrollmentId(1), around(OLD), now=MONDAY, start_at=MONDAY + DAY)
    new = sequence(email("opening", subject="New", delay=timedelta(0)), LAST, END)
    after = moved(new, fresh, done=Done(started=False))
    assert (key(new, after), after.base_at, after.due_at, after.first_email) == ("opening", MONDAY + DAY, MONDAY + DAY, True)
    assert after.waiting_for is WaitingFor.START


def test_seq_133_one_that_begins_in_the_middle_keeps_its_start_step():
    fresh = machine.start(EnrollmentId(1), around(OLD), now=MONDAY, start_position=1)
    new = sequence(INTRO, email("between"), LATER, LAST, END)
    after = moved(new, fresh, done=Done(started=False))
    assert (key(new, after), after.due_at) == ("later", MONDAY)


def test_seq_133_a_removed_task_that_is_open_resolves_its_dependency():
    old = sequence(INTRO, task("ring"), LATER, END)
    held = machine.advance(Enrollment(EnrollmentId(1), 1, MONDAY), around(old, open_tasks=frozenset({StepKey("ring")})), MONDAY)
    assert held.waiting_for is WaitingFor.TASK
    new = sequence(INTRO, LATER, END)
    now = MONDAY + timedelta(hours=2)
    before = around(old, open_tasks=frozenset({StepKey("ring")}))
    after = move(held, before, around(new), Done(ran=frozenset({StepKey("intro"), StepKey("ring")})), now)
    assert (key(new, after), after.waiting_for, after.base_at, after.due_at) == ("later", WaitingFor.DELAY, now, now + 2 * DAY)


def test_seq_133_a_task_that_is_still_there_is_waited_for_still():
    old = sequence(INTRO, task("ring"), LATER, END)
    open_call = {"open_tasks": frozenset({StepKey("ring")})}
    held = machine.advance(Enrollment(EnrollmentId(1), 1, MONDAY), around(old, **open_call), MONDAY)
    new = sequence(INTRO, task("ring"), replace(LATER, delay=5 * DAY), END)
    after = move(held, around(old, **open_call), around(new, **open_call), SENT, MONDAY)
    assert (key(new, after), after.waiting_for, after.due_at) == ("later", WaitingFor.TASK, None)


def test_seq_133_a_paused_one_stays_paused_with_the_rest_of_the_new_delay():
    paused = machine.pause(waiting(), around(OLD), MONDAY + DAY, PauseKind.MANUAL)
    new = sequence(INTRO, replace(LATER, delay=4 * DAY), LAST, END)
    after = moved(new, paused)
    assert (after.state, after.remainder, after.due_at) == (State.PAUSED, 3 * DAY, None)
    assert moved(sequence(INTRO, LATER, END), paused) == paused


def test_seq_134_moving_back_is_the_same_operation():
    new = sequence(INTRO, replace(LATER, delay=4 * DAY), LAST, END)
    assert moved(OLD, moved(new), old=new) == waiting()


def test_seq_133_the_way_that_a_branch_took_is_kept():
    old = sequence(INTRO, branch(yes="warm", no="cold"), replace(email("warm"), then="last"), email("cold"), LAST, END)
    on_cold = machine.branch(Enrollment(EnrollmentId(1), 1, MONDAY), around(old), MONDAY, holds=False)
    new = replace(old, steps=(*old.steps[:3], email("colder", delay=DAY), *old.steps[3:]))
    new = replace(new, steps=(new.steps[0], branch(yes="warm", no="colder"), *new.steps[2:]))
    after = move(on_cold, around(old), around(new), Done(ran=frozenset({StepKey("intro")}), ways={StepKey("ask"): False}), MONDAY)
    assert key(new, after) == "colder"
    on_warm = machine.branch(Enrollment(EnrollmentId(1), 1, MONDAY), around(old), MONDAY, holds=True)
    after = move(on_warm, around(old), around(new), Done(ran=frozenset({StepKey("intro")}), ways={StepKey("ask"): True}), MONDAY)
    assert key(new, after) == "warm"


def test_seq_133_a_changed_window_is_fitted_anew():
    evening = replace(OLD.settings.window, start_minute=18 * 60, end_minute=20 * 60)
    new = sequence(INTRO, LATER, LAST, END, window=evening)
    assert moved(new).due_at == MONDAY + 2 * DAY + timedelta(hours=8)
