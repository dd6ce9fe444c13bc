"""Branches and dependencies in the state machine (SEQ-41, SEQ-42, SEQ-118, SEQ-191), and what makes their order right (SEQ-46)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from domain.sequences import DAY, branch, email, finish, sequence, task, wait
from segue.domain import enrollment as machine
from segue.domain.conditions import Condition, Known, TaskOutcome, ask, ask_all, read_condition
from segue.domain.enrollment import Enrollment, PauseKind, State, Surroundings, WaitingFor
from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.sequence import ExitRule
from segue.domain.sequence_rules import check

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
OPENED = Condition("task", "ring", "outcome", "connected")


def forked(*, when=(OPENED,), **asked):
    """intro, a question, a call for yes, a mail for no, one mail for both."""
    return sequence(
        email("intro", subject="Hi", delay=timedelta(0)),
        branch(when=when, yes="ring", no="remind", **asked),
        replace(task("ring", delay=timedelta(0)), then="last"),
        email("remind", delay=DAY),
        email("last", delay=2 * DAY),
        finish(),
    )


def around(content, **more) -> Surroundings:
    return Surroundings(content, BERLIN, **more)


def at(content, key, **more) -> Enrollment:
    return Enrollment(EnrollmentId(7), content.position_of(StepKey(key)), MONDAY, due_at=MONDAY, **more)


def messages(content) -> list[str]:
    return [found.message for found in check(content) if found.severity == "error"]


def test_seq_191_each_answer_goes_its_own_way_and_both_join_again():
    content = forked()
    assert messages(content) == []
    yes = machine.branch(at(content, "ask"), around(content), MONDAY, holds=True)
    no = machine.branch(at(content, "ask"), around(content), MONDAY, holds=False)
    assert [content.steps[each.position].key for each in (yes, no)] == ["ring", "remind"]
    assert no.due_at == MONDAY + DAY
    joined = machine.advance(at(content, "ring"), around(content), MONDAY)
    assert content.steps[joined.position].key == "last"
    assert machine.advance(at(content, "remind"), around(content), MONDAY).position == joined.position


def test_seq_191_an_open_question_waits_and_takes_no_only_when_its_time_is_over():
    content = forked(within=3 * DAY)
    waiting = machine.branch(at(content, "ask"), around(content), MONDAY, holds=False)
    assert (waiting.position, waiting.waiting_for, waiting.due_at) == (1, WaitingFor.CONDITION, MONDAY + 3 * DAY)
    asked = machine.ask_again(waiting, MONDAY + DAY)
    assert asked.due_at == MONDAY + DAY
    still = machine.branch(asked, around(content), MONDAY + DAY, holds=False)
    assert (still.position, still.due_at) == (1, MONDAY + 3 * DAY)
    late = machine.branch(still, around(content), MONDAY + 3 * DAY, holds=False)
    assert content.steps[late.position].key == "remind"
    early = machine.branch(asked, around(content), MONDAY + DAY, holds=True)
    assert content.steps[early.position].key == "ring"


def test_seq_191_what_changes_without_a_fact_is_looked_at_again_soon():
    content = forked(within=3 * DAY, when=(Condition("property", "country", "is", "DE"),))
    waiting = machine.branch(at(content, "ask"), around(content), MONDAY, holds=False)
    assert (waiting.due_at, waiting.raw_due_at) == (MONDAY + timedelta(minutes=15), MONDAY + 3 * DAY)


def test_seq_191_a_pause_keeps_what_is_left_of_an_open_question():
    content = forked(within=3 * DAY)
    waiting = machine.branch(at(content, "ask"), around(content), MONDAY, holds=False)
    paused = machine.pause(waiting, around(content), MONDAY + DAY, PauseKind.MANUAL)
    assert machine.ask_again(paused, MONDAY + DAY) == paused
    resumed = machine.resume(paused, around(content), MONDAY + 7 * DAY)
    assert (resumed.waiting_for, resumed.due_at, resumed.raw_due_at) == (WaitingFor.CONDITION, MONDAY + 7 * DAY, MONDAY + 9 * DAY)


def test_seq_42_a_step_far_behind_a_task_waits_for_it_and_one_between_does_not():
    content = sequence(
        replace(task("ring"), settings=replace(task("ring").settings, wait=False)),
        email("between", subject="Hi"),
        replace(email("after"), needs=(StepKey("ring"),)),
        finish(),
    )
    assert messages(content) == []
    open_call = around(content, open_tasks=frozenset({StepKey("ring")}))
    between = machine.advance(at(content, "ring"), open_call, MONDAY)
    assert between.due_at is not None
    after = machine.advance(at(content, "between"), open_call, MONDAY)
    assert (after.waiting_for, after.due_at) == (WaitingFor.TASK, None)
    assert machine.resolve_task(after, open_call, MONDAY + DAY) == after, "another task was resolved"
    begun = machine.resolve_task(after, around(content), MONDAY + DAY)
    assert (begun.base_at, begun.due_at) == (MONDAY + DAY, MONDAY + 3 * DAY)


def test_seq_42_an_enrollment_that_starts_after_the_task_does_not_wait_for_it():
    content = sequence(task("ring"), replace(email("after", subject="Hi"), needs=(StepKey("ring"),)), email("more"), finish())
    started = machine.start(EnrollmentId(1), around(content), now=MONDAY, start_position=1)
    assert started.due_at == MONDAY


def test_seq_118_a_held_step_waits_for_a_person_and_its_delay_begins_with_the_word():
    content = sequence(email("intro", subject="Hi"), replace(email("offer"), hold=True), finish())
    held = machine.advance(at(content, "intro"), around(content), MONDAY)
    assert (held.waiting_for, held.due_at) == (WaitingFor.MANUAL_PAUSE, None)
    assert machine.resolve_task(held, around(content), MONDAY) == held
    begun = machine.release(held, around(content), MONDAY + DAY)
    assert (begun.waiting_for, begun.due_at) == (WaitingFor.DELAY, MONDAY + 3 * DAY)
    assert machine.release(begun, around(content), MONDAY + 2 * DAY) == begun, "there is nothing to release any more"


def test_seq_41_a_step_that_needs_a_task_and_a_word_waits_for_both():
    content = sequence(task("ring"), replace(email("offer", subject="Hi"), hold=True), finish())
    open_call = around(content, open_tasks=frozenset({StepKey("ring")}))
    held = machine.advance(at(content, "ring"), open_call, MONDAY)
    assert held.waiting_for is WaitingFor.TASK
    assert machine.release(held, open_call, MONDAY) == held
    then = machine.resolve_task(held, around(content), MONDAY + DAY)
    assert (then.waiting_for, then.due_at) == (WaitingFor.MANUAL_PAUSE, None)
    assert machine.release(then, around(content), MONDAY + 2 * DAY).base_at == MONDAY + 2 * DAY


def test_seq_124_a_word_given_in_a_pause_lets_the_delay_run_in_full_after_it():
    content = sequence(email("intro", subject="Hi"), replace(email("offer"), hold=True), finish())
    held = machine.advance(at(content, "intro"), around(content), MONDAY)
    paused = machine.pause(held, around(content), MONDAY, PauseKind.MANUAL)
    released = machine.release(paused, around(content), MONDAY + DAY)
    assert (released.state, released.due_at) == (State.PAUSED, None)
    assert machine.resume(released, around(content), MONDAY + 2 * DAY).due_at == MONDAY + 4 * DAY


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ((email("a", subject="x"), branch(yes="a", no="end"), finish()), '"a" does not stand behind this step.'),
        ((email("a", subject="x"), branch(yes="nowhere"), finish()), 'There is no step with the key "nowhere".'),
        ((email("a", subject="x"), branch(), finish()), "Both ways of this branch lead to the same step."),
        ((replace(email("a", subject="x"), then="a"), finish()), '"a" does not stand behind this step.'),
        ((replace(email("a", subject="x"), then="end"), email("b"), finish()), 'No way leads to the step "b".'),
        ((finish("first"), email("a", subject="x"), finish()), "The end step is not the last one."),
        ((email("a", subject="x"), replace(email("b"), needs=(StepKey("a"),)), finish()), 'The step "a" is no task.'),
        ((replace(email("a", subject="x"), needs=(StepKey("b"),)), task("b"), finish()), '"b" is no earlier step.'),
        ((replace(email("a", subject="x"), hold=True), finish()), "The first step cannot wait for a person."),
        (
            (branch(when=(Condition("opened", "gone"),), yes="a", no="end"), email("a", subject="x"), finish()),
            'There is no step with the key "gone".',
        ),
    ],
)
def test_seq_46_an_order_that_cannot_be_is_refused(steps, said):
    assert said in messages(sequence(*steps))


def test_seq_46_a_task_on_another_way_cannot_be_waited_for():
    content = forked()
    steps = tuple(replace(each, needs=(StepKey("ring"),)) if each.key == "remind" else each for each in content.steps)
    assert messages(replace(content, steps=steps)) == ['The task "ring" stands on another way.']


def test_seq_46_each_way_may_have_an_end_of_its_own():
    ways = (email("intro", subject="Hi"), branch(yes="ring", no="remind"), task("ring"), finish("end-1"), email("remind"), finish("end-2"))
    assert messages(sequence(*ways)) == []


def test_seq_46_the_first_email_of_each_way_needs_a_subject():
    ways = (
        branch(yes="warm", no="cold", when=(Condition("property", "country", "known", "true"),)),
        email("warm", subject="Hi"),
        email("cold"),
        finish(),
    )
    content = sequence(*ways)
    assert messages(replace(content, steps=(*content.steps[:1], replace(content.steps[1], then="end"), *content.steps[2:]))) == [
        "The first email has no subject."
    ]


KNOWN = Known(
    contact={"country": "DE", "size": "", "stage": "Customer"},
    opens={StepKey("intro"): 2},
    clicks=None,
    replied_to=frozenset({"first talk"}),
    tasks={StepKey("ring"): TaskOutcome("completed", "Connected"), StepKey("write"): TaskOutcome("skipped")},
    lists=frozenset({"vip"}),
    unread_lists=frozenset({"broken"}),
    variants={StepKey("intro"): 2},
)


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ({"property": "country", "is": "de"}, True),
        ({"property": "country", "is": "FR"}, False),
        ({"property": "country", "is_not": "FR"}, True),
        ({"property": "country", "is_not": "DE"}, False),
        ({"property": "stage", "contains": "custom"}, True),
        ({"property": "stage", "contains": "lead"}, False),
        ({"property": "size"}, False),
        ({"property": "size", "known": False}, True),
        ({"property": "country", "known": True}, True),
        ({"opened": "intro", "at_least": 2}, True),
        ({"opened": "intro", "at_least": 3}, False),
        ({"opened": "any"}, True),
        ({"opened": "other"}, False),
        ({"clicked": "intro"}, False),
        ({"replied_to": "First talk"}, True),
        ({"replied_to": "any"}, True),
        ({"replied_to": "Second talk"}, False),
        ({"task": "ring", "outcome": "connected"}, True),
        ({"task": "ring", "outcome": "busy"}, False),
        ({"task": "ring"}, True),
        ({"task": "write"}, False),
        ({"task": "any", "outcome": "connected"}, True),
        ({"in_list": "VIP"}, True),
        ({"in_list": "Others"}, False),
        ({"not_in_list": "VIP"}, False),
        ({"not_in_list": "Others"}, True),
        ({"in_list": "Broken"}, False),
        ({"not_in_list": "Broken"}, False),
        ({"variant": "intro", "is": 2}, True),
        ({"variant": "intro", "is": 1}, False),
    ],
)
def test_seq_191_every_condition_has_one_case_that_holds_and_one_that_does_not(asked, holds):
    condition = read_condition(asked)
    assert condition.problem == ""
    assert read_condition(condition.plain()) == condition
    assert ask(condition, KNOWN).holds is holds


@pytest.mark.parametrize("about", ["opened", "in_list", "not_in_list", "clicked"])
def test_seq_191_what_nobody_can_answer_is_no(about):
    nothing = Known(opens=None, clicks=None, lists=None)
    assert ask(Condition(about, "any"), nothing).holds is False


def test_seq_191_all_or_any_and_the_values_seen_are_told():
    yes, no = Condition("property", "country", "is", "DE"), Condition("opened", "intro", "at_least", "9")
    assert ask_all((yes, no), "all", KNOWN).holds is False
    assert ask_all((yes, no), "any", KNOWN).holds is True
    assert ask_all((yes, no), "any", KNOWN).seen == "property country is DE: DE; opened intro at least 9: 2"


@pytest.mark.parametrize(
    "wrong", [{}, {"is": "x"}, {"property": "a", "task": "b"}, {"property": "a", "at_least": 1}, {"in_list": "a", "is": "b"}]
)
def test_a_condition_that_cannot_be_read_is_told_and_refused(wrong):
    assert read_condition(wrong).problem
    steps = (branch(when=(read_condition(wrong),), yes="a", no="end"), email("a", subject="x"), finish())
    assert messages(sequence(*steps)) == [read_condition(wrong).problem]


def test_seq_172_a_branch_and_an_exit_rule_may_ask_whether_the_rep_wrote_by_hand():
    asked = read_condition({"wrote_in_thread": "any"})
    assert read_condition(asked.plain()) == asked
    assert ask(asked, Known()).holds is False
    assert ask(asked, Known(wrote_in_thread=1)).holds is True
    assert messages(sequence(branch(when=(asked,), yes="a", no="end"), email("a", subject="x"), finish())) == []
    assert messages(sequence(email("a", subject="x"), finish(), exit_rules=(ExitRule("Wrote", asked),))) == []


def test_seq_172_an_exit_rule_leads_to_a_step_that_is_there():
    rule = ExitRule("Connected", Condition("task", "any", "outcome", "connected"), "branch", "gone")
    content = sequence(email("a", subject="x"), task("ring"), wait("w"), finish(), exit_rules=(rule,))
    assert messages(content) == ['There is no step with the key "gone".']
    assert messages(replace(content, settings=replace(content.settings, exit_rules=(replace(rule, to="w"),)))) == []
