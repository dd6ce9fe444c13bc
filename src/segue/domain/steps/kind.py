"""What a step type is: pure functions and a description of its settings (D9).

A new type is one file that ends in a `StepType`, and one line in `STEP_TYPES`. The YAML form, its JSON Schema, the stored JSON and the
preview follow from what stands here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from segue.domain.effects import Effect
from segue.domain.sequence import Finding, Sequence, Step, StepSettings

Schema = dict[str, Any]
"""A JSON Schema (draft 2020-12) as plain data."""

PlainSettings = Mapping[str, Any]
"""Settings as JSON would carry them: texts, numbers, booleans."""


@dataclass(frozen=True, slots=True)
class StepType:
    """One kind of step.

    `settings_schema` describes an object whose properties are the fields of `settings` that a person may write. `read` makes settings
    from such an object, filling in defaults; it trusts the schema. `validate` returns what is wrong with a step of this type taken alone,
    with paths inside the step, such as ("subject",). `effect` says what the engine shall do when the step is due.
    """

    name: str
    title: str
    settings: type[StepSettings]
    settings_schema: Schema
    read: Callable[[PlainSettings], StepSettings]
    validate: Callable[[Step], list[Finding]]
    effect: Callable[[Step, Sequence], Effect]
    plain: Callable[[Any], dict[str, Any]] | None = None
    """Makes the plain form where fields are more than texts, numbers and booleans."""

    def write(self, settings: StepSettings) -> dict[str, Any]:
        """Return the plain form that `read` takes back, every field spelled out: a default may change, a stored version may not."""
        if self.plain is not None:
            return self.plain(settings)
        written = self.settings_schema["properties"]
        return {f.name: getattr(settings, f.name) for f in fields(settings) if f.name in written}


def object_schema(properties: Schema, *, required: tuple[str, ...] = ()) -> Schema:
    """Return the schema of an object with these properties and no others, so that a misspelt setting is told and not dropped."""
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
