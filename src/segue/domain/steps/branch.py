"""A branch: asks conditions when it is reached and sends the enrollment down *yes* or *no* (SEQ-191)."""

from datetime import timedelta
from typing import Any

from segue.domain.conditions import ABOUT, read_condition
from segue.domain.durations import DURATION, read_duration, write_duration
from segue.domain.effects import Branch
from segue.domain.sequence import MAX_DELAY, BranchSettings, Finding, Sequence, Step
from segue.domain.steps.kind import PlainSettings, Schema, StepType, object_schema

_NAMES = {
    "property": "A value of the contact, such as country.",
    "opened": "A step's key, or any: its mail was opened by a person.",
    "clicked": "A step's key, or any: a link of its mail was clicked by a person.",
    "replied_to": "An earlier sequence's name, or any.",
    "task": "A task step's key, or any: it was done.",
    "in_list": "A list's or a saved filter's name.",
    "not_in_list": "A list's or a saved filter's name.",
    "variant": "A step's key; `is` says which variant was drawn.",
    "wrote_in_thread": "any: the rep wrote to the contact in the mail program, in the sequence's thread.",
}
_VALUE = {"type": ["string", "integer", "boolean"], "description": "The value to compare with."}
CONDITION: Schema = {
    **object_schema(
        {
            **{name: {"type": "string", "description": _NAMES[name]} for name in ABOUT},
            "is": _VALUE,
            "is_not": _VALUE,
            "contains": {"type": "string", "description": "A part of the value."},
            "known": {"type": "boolean", "description": "true: there is a value; false: there is none."},
            "at_least": {"type": "integer", "minimum": 1, "description": "How often, 1 or more."},
            "outcome": {"type": "string", "description": "What came of the task, such as connected."},
        }
    ),
    "description": "One question, such as `property: country` with `is: DE`.",
}

SCHEMA = object_schema(
    {
        "when": {
            "type": "array",
            "items": CONDITION,
            "minItems": 1,
            "description": "The conditions, each beginning with a dash.",
        },
        "match": {"enum": ["all", "any"], "description": "all (the default) of the conditions, or any of them."},
        "within": {
            "type": "string",
            "pattern": DURATION,
            "description": "How long the question stays open, such as 3 days; left out: it is asked once.",
        },
        "yes": {"type": "string", "description": "Key of the step that comes where the answer is yes; left out: the next one."},
        "no": {"type": "string", "description": "Key of the step that comes where the answer is no; left out: the next one."},
    },
    required=("when",),
)


def _read(plain: PlainSettings) -> BranchSettings:
    return BranchSettings(
        when=tuple(read_condition(each) for each in plain["when"]),
        match=plain.get("match", "all"),
        yes=plain.get("yes", ""),
        no=plain.get("no", ""),
        within=read_duration(plain.get("within", "")),
    )


def _plain(settings: BranchSettings) -> dict[str, Any]:
    return {
        "when": [condition.plain() for condition in settings.when],
        "match": settings.match,
        "yes": settings.yes,
        "no": settings.no,
        **({"within": write_duration(settings.within)} if settings.within else {}),
    }


def _settings(step: Step) -> BranchSettings:
    if not isinstance(step.settings, BranchSettings):
        raise TypeError(f"step {step.key} is no branch")
    return step.settings


def _validate(step: Step) -> list[Finding]:
    branch = _settings(step)
    if not branch.when:
        return [Finding("This branch asks nothing.", "Write at least one condition under `when`.", path=("when",))]
    found = [
        Finding(each.problem, "The guide shows every kind of condition.", path=("when", i))
        for i, each in enumerate(branch.when)
        if each.problem
    ]
    if found:
        return found
    if branch.yes == branch.no:
        hint = "Name the step of one way under `yes` or `no`."
        return [Finding("Both ways of this branch lead to the same step.", hint, path=("yes" if branch.yes else "when",))]
    if not timedelta(0) <= branch.within <= MAX_DELAY:
        return [Finding("The question stays open for longer than 365 days.", "Choose a shorter time.", path=("within",))]
    return []


def _effect(step: Step, sequence: Sequence) -> Branch:  # noqa: ARG001  every step type is asked in the same way
    return Branch(_settings(step))


BRANCH = StepType("branch", "Branch", BranchSettings, SCHEMA, _read, _validate, _effect, _plain)
