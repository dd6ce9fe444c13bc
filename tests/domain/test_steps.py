"""The contract of every step type, over the table (D8): a new line in STEP_TYPES is tested by being there."""

from dataclasses import FrozenInstanceError, fields
from datetime import timedelta
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from domain.sequences import DAY, email, finish, sequence, task
from segue.domain.effects import CreateTask, Effect, Finish, SendEmail, Wait
from segue.domain.ids import StepKey
from segue.domain.sequence import Step, StepSettings, TaskKind, TaskSettings
from segue.domain.steps import STEP_TYPES

EXAMPLES = {"email": {"body": "Hello"}, "branch": {"when": [{"property": "country", "is": "DE"}], "yes": "end"}}
every_type = pytest.mark.parametrize("kind", STEP_TYPES.values(), ids=STEP_TYPES)


def example(kind) -> Step:
    return Step(StepKey("x"), kind.name, kind.read(EXAMPLES.get(kind.name, {})), DAY)


@every_type
def test_a_type_stands_in_the_table_under_its_own_name(kind):
    assert STEP_TYPES[kind.name] is kind
    assert kind.title


@every_type
def test_a_type_asks_for_one_of_the_closed_set_of_effects(kind):
    step = example(kind)
    assert isinstance(kind.effect(step, sequence(step, finish())), get_args(Effect))


@every_type
def test_settings_written_read_back_the_same(kind):
    settings = example(kind).settings
    assert isinstance(settings, kind.settings)
    assert kind.read(kind.write(settings)) == settings


@every_type
def test_the_schema_is_one_and_takes_what_the_type_writes_and_nothing_unknown(kind):
    Draft202012Validator.check_schema(kind.settings_schema)
    judge = Draft202012Validator(kind.settings_schema)
    written = kind.write(example(kind).settings)
    assert judge.is_valid(written)
    assert not judge.is_valid({**written, "colour": "red"})


@every_type
def test_every_setting_is_explained_to_a_person(kind):
    assert all(form.get("description") for form in kind.settings_schema["properties"].values())


@every_type
def test_every_field_of_the_settings_can_be_written_by_a_person_or_follows_from_the_type(kind):
    assert {f.name for f in fields(kind.settings)} - {"kind"} == set(kind.settings_schema["properties"])


@every_type
def test_a_step_that_keeps_the_rules_has_nothing_wrong(kind):
    assert kind.validate(example(kind)) == []


@every_type
def test_settings_cannot_be_changed(kind):
    settings = example(kind).settings
    for field in fields(settings):
        with pytest.raises(FrozenInstanceError):
            setattr(settings, field.name, None)


def test_every_kind_of_settings_and_of_task_has_a_type():
    assert {kind.settings for kind in STEP_TYPES.values()} == set(get_args(StepSettings))
    made = {kind.read({}).kind for kind in STEP_TYPES.values() if kind.settings is TaskSettings}
    assert made == set(TaskKind)


def test_an_email_continues_the_thread_as_the_sequence_says_unless_it_says_otherwise():
    """SEQ-39, SEQ-40."""
    for own, of_sequence, expected in [(None, True, True), (None, False, False), (True, False, True), (False, True, False)]:
        step = email(thread=own)
        effect = STEP_TYPES["email"].effect(step, sequence(step, finish(), threaded=of_sequence))
        assert effect == SendEmail(step.settings, threaded=expected)


def test_a_task_asks_for_a_task_and_pauses_ask_for_nothing():
    call = task(subject="Call", notes="Ask", priority="high", wait=False)
    assert STEP_TYPES["call"].effect(call, sequence()) == CreateTask(call.settings)
    assert STEP_TYPES["wait"].effect(example(STEP_TYPES["wait"]), sequence()) == Wait()
    assert STEP_TYPES["finish"].effect(finish(), sequence()) == Finish()


def test_a_task_holds_the_next_step_unless_told_otherwise():
    """SEQ-41: the box under a task is ticked by default."""
    assert STEP_TYPES["todo"].read({}).wait is True
    assert STEP_TYPES["todo"].read({"wait": False}).wait is False


def test_a_wait_of_no_length_is_a_mistake_and_an_end_at_once_is_not():
    pause = Step(StepKey("x"), "wait", STEP_TYPES["wait"].read({}), timedelta(0))
    assert [found.path for found in STEP_TYPES["wait"].validate(pause)] == [("delay",)]
    assert STEP_TYPES["finish"].validate(finish(delay=timedelta(0))) == []
