"""The form of a sequence file as a JSON Schema, put together from the step types. `docs/sequence.schema.json` is its printed copy.

The descriptions are the hints that a person gets with an error, and what an editor shows while typing.
"""

import json
import sys
from typing import Any

from segue.domain.durations import RANGE
from segue.domain.sequence import COOL_OFF_DAYS, NAME_LIMIT, EmailSettings, TaskSettings
from segue.domain.sequence_rules import KEY
from segue.domain.steps import STEP_TYPES
from segue.domain.steps.branch import CONDITION
from segue.domain.steps.kind import Schema, StepType, object_schema

CLOCK = r"([01]?[0-9]|2[0-4]):[0-5][0-9]"


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _word(description: str, *words: str) -> Schema:
    return {"enum": list(words), "description": description}


def _flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


EXIT_RULE: Schema = object_schema(
    {
        "name": _text("What the rule is called; it stands on the timeline as the reason.", minLength=1, maxLength=NAME_LIMIT),
        "when": {**CONDITION, "description": "The condition, such as `task: any` with `outcome: connected`."},
        "action": _word("What happens then: unenroll (the default) or pause.", "unenroll", "pause"),
        "go_to": _text("Key of the step to go on with, instead of an action."),
    },
    required=("name", "when"),
)

SETTINGS: Schema = object_schema(
    {
        "days": {
            "enum": ["business", "weekdays", "everyday"],
            "description": "business (the default): sent on working days, and delays count working days; weekdays: sent on working days, "
            "delays count calendar days; everyday: any day that is no holiday.",
        },
        "window": _text('Hours in which follow-ups may be sent, such as "09:00-17:00" (the default).', pattern=rf"^{CLOCK} ?- ?{CLOCK}$"),
        "zone": _text("Whose clock counts: sender (the default), contact, or a fixed zone such as Europe/Berlin.", minLength=1),
        "threaded": _flag("true (the default): follow-ups answer the first email in one thread; false: each stands alone."),
        "hold_first_email": _flag("false (the default): the first email goes at once; true: it too waits for the days and the window."),
        "stop_on_email": _word("all (the default): an answer ends the sequence for the contact; none: it does not.", "all", "none"),
        "email_scope": _word(
            "contact (the default): an answer ends the sequence for who wrote; company: for the colleagues in it too.", "contact", "company"
        ),
        "stop_on_meeting": _word(
            "all (the default): an accepted invitation to a meeting ends the sequence for the contact; none: it does not.", "all", "none"
        ),
        "meeting_scope": _word(
            "contact (the default): a meeting ends the sequence for who accepted it; company: for the colleagues too.",
            "contact",
            "company",
        ),
        "meeting_rule": _word(
            "seed (the default): any meeting whose acceptance comes to the enroller; narrow: only one in the enroller's own calendar.",
            "seed",
            "narrow",
        ),
        "company_scope": _word(
            "Where colleagues are stopped: this_sequence (the default) or all_sequences.", "this_sequence", "all_sequences"
        ),
        "company_action": _word("What happens to colleagues: unenroll (the default), or pause for 5 working days.", "unenroll", "pause"),
        "reply_from_any_address": _flag(
            "true (the default): an answer in the thread counts from whatever address it comes; false: only from the contact's."
        ),
        "away_hold": _text(
            "What an out-of-office answer does: until_return (the default), ignore, or a fixed hold such as 5 days.",
            pattern=r"^(until_return|ignore|[0-9]{1,3} days?)$",
        ),
        "contact_holidays": _flag("false (the default); true: the holidays of the contact's country count too."),
        "overlap": _word(
            "off (the default): nobody in another sequence; allowed: beside another that allows it, where the workspace does.",
            "off",
            "allowed",
        ),
        "cool_off_days": {
            "type": "integer",
            "minimum": COOL_OFF_DAYS[0],
            "maximum": COOL_OFF_DAYS[-1],
            "description": "Days after a contact's last sequence in which this one may not begin; 0 (the default): as the workspace says.",
        },
        "max_starts_per_day": {
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "How many contacts may begin on one day; the others wait their turn. Left out: as many as you like.",
        },
        "on_end_open_tasks": _word("Open tasks when a contact's sequence ends: keep (the default) or cancel.", "keep", "cancel"),
        "reminder_time": _text('Time of day at which open tasks are reminded of, such as "09:00" (the default).', pattern=rf"^{CLOCK}$"),
        "individual_reminders": _flag("false (the default): one reminder for all open tasks; true: one for each."),
        "exit_rules": {
            "type": ["array", "null"],
            "items": EXIT_RULE,
            "description": "Ways out that you set up; each begins with a dash.",
        },
        "best_time": _flag("false (the default). true is refused: this version cannot yet choose the best hour for each contact."),
        "track_opens": _flag("Whether opens are counted in this sequence; left out: as the workspace says."),
        "track_clicks": _flag("Whether clicks are counted in this sequence; left out: as the workspace says."),
        "task_time": _text('Time of day at which tasks appear, such as "08:00" (the default).', pattern=rf"^{CLOCK}$"),
    }
)


def _step_form(kind: StepType) -> Schema:
    """Return what may stand behind the name of a step type. A type without required settings may stand alone, as in `- finish:`."""
    if kind.name == "wait":
        return _text("How long, such as 3 days or 1 week 2 days 4 hours.", pattern=RANGE)
    form = {**kind.settings_schema, "description": _step_description(kind)}
    return form if form["required"] else {**form, "type": ["object", "null"]}


def _step_description(kind: StepType) -> str:
    fields = ", ".join(kind.settings_schema["properties"])
    if not fields:
        return f"{kind.title}: has no settings, write `{kind.name}:` alone."
    return f"{kind.title if kind.settings is not TaskSettings else 'Task: ' + kind.title}; settings: {fields}."


VARIANT: Schema = {
    **object_schema(
        {
            "ordinal": {"type": "integer", "minimum": 2, "maximum": 99, "description": "Its permanent number, from 2 on."},
            "active": _flag("true (the default); false: no further contact gets it."),
            **{
                name: field
                for kind in STEP_TYPES.values()
                if kind.settings in (EmailSettings, TaskSettings)
                for name, field in kind.settings_schema["properties"].items()
            },
        }
    ),
    "description": "Another text of the step; the same settings as the step has.",
}

STEP: Schema = {
    **object_schema(
        {
            "key": _text("A permanent name for statistics: up to 64 lower-case letters, digits, - and _.", pattern=f"^{KEY.pattern}$"),
            "after": _text("Delay in front of the step, such as 2 days 4 hours; or a range, such as 2 days to 4 days.", pattern=RANGE),
            "then": _text("Key of the later step that comes after this one; left out: the next."),
            "needs": {
                "type": "array",
                "items": _text("Key of an earlier task."),
                "description": "Keys of earlier tasks that must be done before this step.",
            },
            "hold": _flag("false (the default); true: a person lets this step begin, with `segue continue`."),
            "active": _flag("true (the default); false: the step's own text takes no part in the test of its variants."),
            "variants": {
                "type": "array",
                "items": VARIANT,
                "description": "Other texts of the step; each contact gets one of them.",
            },
            **{kind.name: _step_form(kind) for kind in STEP_TYPES.values()},
        }
    ),
    "oneOf": [{"required": [name]} for name in STEP_TYPES],
    "dependentSchemas": {"wait": {"properties": {"after": {"not": {}}}}},
    "description": f"One of {', '.join(STEP_TYPES)}; beside it `after` and `key`.",
}

SEQUENCE: Schema = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Segue sequence",
    **object_schema(
        {
            "name": _text("The name people see.", minLength=1, maxLength=NAME_LIMIT),
            "description": _text("What the sequence is for."),
            "settings": {
                **SETTINGS,
                "type": ["object", "null"],
                "description": "How the sequence runs; what is left out keeps its default.",
            },
            "steps": {"type": "array", "items": STEP, "minItems": 1, "description": "The steps in order, each beginning with a dash."},
        },
        required=("name", "steps"),
    ),
}


def render() -> str:
    """Return the schema as it stands in `docs/sequence.schema.json`."""
    return json.dumps(SEQUENCE, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
