"""sequences.md §3, the editor: steps, settings, validation. Errors refuse (SEQ-46), warnings do not (SEQ-47)."""

from datetime import timedelta

import pytest

from domain.sequences import email, finish, sequence, task
from domain.test_stop_rules import BOUNCE, COMPLAINT, REPLY, UNSUBSCRIBE, WROTE
from segue.domain.effects import CreateTask, SendEmail
from segue.domain.sequence import Criteria, SequenceSettings, Step, TaskKind
from segue.domain.sequence_rules import MANY_EMAILS, check
from segue.domain.steps import STEP_TYPES
from segue.domain.stop_rules import Stop, reason_to_stop

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
NOTHING = timedelta(0)
FIRST = email("first", subject="Hello", delay=NOTHING)


def errors(made):
    return [found.message for found in check(made) if found.severity == "error"]


def warnings(made):
    return [found.message for found in check(made) if found.severity == "warning"]


@pytest.mark.parametrize("kind", [*STEP_TYPES, "adaptive_container", "EMAIL", ""])
def test_seq_31_the_step_types(kind):
    """Email, tasks, branch, wait and the end; HubSpot's ADAPTIVE_CONTAINER is not offered."""
    made = sequence(FIRST, Step("other", kind, FIRST.settings, DAY), finish())
    assert (f'"{kind}" is no step type.' in errors(made)) is (kind not in STEP_TYPES)


@pytest.mark.parametrize("delay", [NOTHING, timedelta(hours=3), 4 * DAY])
def test_seq_32_tasks_stand_beside_emails_at_once_or_later(delay):
    made = sequence(FIRST, task("call", subject="Ring {{ contact.first_name }}", delay=delay), email("more"), finish())
    assert not errors(made)
    effects = [STEP_TYPES[step.type].effect(step, made) for step in made.steps[:3]]
    assert [type(each) for each in effects] == [SendEmail, CreateTask, SendEmail]


@pytest.mark.parametrize("kind", ["call", "manual_email", "todo", "meeting", "linkedin_connect", "linkedin_message"])
@pytest.mark.parametrize("priority", ["none", "low", "medium", "high", "urgent"])
def test_seq_33_every_kind_of_task(kind, priority):
    step = STEP_TYPES[kind].read({"subject": "Do it", "notes": "How", "priority": priority})
    assert (step.kind, step.subject, step.notes, step.priority) == (TaskKind(kind), "Do it", "How", priority)
    allowed = STEP_TYPES[kind].settings_schema["properties"]["priority"]["enum"]
    assert (priority in allowed) is (priority != "urgent")


@pytest.mark.parametrize("kind", TaskKind)
def test_seq_34_linkedin_tasks_only_remind(kind):
    """Whatever a task is about, all it asks the engine for is a task; only an email step asks for mail."""
    made = sequence(FIRST, task("do", kind=kind), finish())
    assert not errors(made)
    assert isinstance(STEP_TYPES[kind.value].effect(made.steps[1], made), CreateTask)
    assert isinstance(STEP_TYPES["email"].effect(made.steps[0], made), SendEmail)


@pytest.mark.parametrize("count", [1, MANY_EMAILS, MANY_EMAILS + 1, 40])
def test_seq_36_more_than_fifteen_emails_are_warned_of(count):
    emails = [email(f"e{n}", body=f"Text {n}", subject="" if n else "Hello", delay=DAY) for n in range(count)]
    made = sequence(*emails, finish())
    assert not errors(made), "no limit on the number of steps"
    assert (f"The sequence has {count} automated emails." in warnings(made)) is (count > MANY_EMAILS)


@pytest.mark.parametrize(("second", "refused"), [("more", False), ("first", True), ("First", True), ("a b", True)])
def test_seq_37_two_steps_cannot_have_one_key(second, refused):
    assert bool(errors(sequence(FIRST, email(second), finish()))) is refused


@pytest.mark.parametrize(
    ("event", "by_default", "switched_off"),
    [
        (REPLY, "REPLIED", None),
        (WROTE, "CONTACT_EMAILED", None),
        (UNSUBSCRIBE, "UNSUBSCRIBED", "UNSUBSCRIBED"),
        (BOUNCE, "BOUNCED", "BOUNCED"),
        (COMPLAINT, "SPAM_COMPLAINT", "SPAM_COMPLAINT"),
    ],
    ids=lambda value: getattr(value, "kind", str(value)),
)
def test_seq_43_the_switch_covers_mail_of_people_and_nothing_else(event, by_default, switched_off):
    def reason(settings):
        outcome = reason_to_stop(event, settings)
        return outcome.reason if isinstance(outcome, Stop) else None

    off = SequenceSettings(stop_on_email=Criteria.NONE)
    assert (reason(SequenceSettings()), reason(off)) == (by_default, switched_off)
    assert any("do not stop" in said for said in warnings(sequence(stop_on_email=Criteria.NONE)))
    assert not warnings(sequence())


@pytest.mark.parametrize(
    ("delay", "refused"),
    [
        (NOTHING, False),
        (MINUTE, False),
        (90 * MINUTE, False),
        (365 * DAY, False),
        (-MINUTE, True),
        (365 * DAY + MINUTE, True),
        (timedelta(seconds=90), True),
    ],
)
def test_seq_44_a_delay_lies_between_0_minutes_and_365_days(delay, refused):
    assert bool(errors(sequence(FIRST, task("call", delay=delay), finish()))) is refused
