"""The form of a sequence file as a JSON Schema, put together from the step types. `docs/sequence.schema.json` is its printed copy.

The descriptions are the hints that a person gets with an error, and what an editor shows while typing.
"""

import json
import sys
from typing import Any

from segue.domain.sequence import NAME_LIMIT, TaskSettings
from segue.domain.sequence_rules import KEY
from segue.domain.steps import STEP_TYPES
from segue.domain.steps.kind import Schema, StepType, object_schema

_DURATION = r"[0-9]{1,6} (minute|hour|day|week)s?"
DURATION = rf"^{_DURATION}( {_DURATION})*$"
CLOCK = r"([01]?[0-9]|2[0-4]):[0-5][0-9]"


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "description": description, **more}


def _flag(description: str) -> Schema:
    return {"type": "boolean", "description": description}


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
        "stop_on_email": {
            "enum": ["all", "none"],
            "description": "all (the default): an answer ends the sequence for the contact; none: it does not.",
        },
        "reply_from_any_address": _flag(
            "true (the default): an answer in the thread counts from whatever address it comes; false: only from the contact's."
        ),
        "away_hold": _text(
            "What an out-of-office answer does: until_return (the default), ignore, or a fixed hold such as 5 days.",
            pattern=r"^(until_return|ignore|[0-9]{1,3} days?)$",
        ),
        "best_time": _flag("false (the default). true is refused: this version cannot yet choose the best hour for each contact."),
        "track_opens": _flag("Whether opens are counted in this sequence; left out: as the workspace says."),
        "track_clicks": _flag("Whether clicks are counted in this sequence; left out: as the workspace says."),
        "task_time": _text('Time of day at which tasks appear, such as "08:00" (the default).', pattern=rf"^{CLOCK}$"),
    }
)


def _step_form(kind: StepType) -> Schema:
    """Return what may stand behind the name of a step type. A type without required settings may stand alone, as in `- finish:`."""
    if kind.name == "wait":
        return _text("How long, such as 3 days or 1 week 2 days 4 hours.", pattern=DURATION)
    form = {**kind.settings_schema, "description": _step_description(kind)}
    return form if form["required"] else {**form, "type": ["object", "null"]}


def _step_description(kind: StepType) -> str:
    fields = ", ".join(kind.settings_schema["properties"])
    if not fields:
        return f"{kind.title}: has no settings, write `{kind.name}:` alone."
    return f"{kind.title if kind.settings is not TaskSettings else 'Task: ' + kind.title}; settings: {fields}."


STEP: Schema = {
    **object_schema(
        {
            "key": _text("A permanent name for statistics: up to 64 lower-case letters, digits, - and _.", pattern=f"^{KEY.pattern}$"),
            "after": _text("Delay in front of the step, such as 2 days 4 hours.", pattern=DURATION),
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
