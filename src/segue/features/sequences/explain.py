"""What is wrong with the form of a sequence file, in sentences: each error of the JSON Schema, told where a person would look."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from jsonschema.exceptions import ValidationError

from segue.domain.steps import STEP_TYPES
from segue.features.sequences.yaml_tree import Path, Problem, Tree

_STEP_FIELDS = ("key", "after")
_KINDS = {"string": "a text", "boolean": "true or false", "object": "a group of settings", "array": "a list", "null": "nothing"}


def explain(error: ValidationError, tree: Tree) -> Iterator[Problem]:
    """Yield what to tell a person about one error of the schema."""
    path: Path = tuple(error.absolute_path)
    told = _SAY.get(str(error.validator), _say_anything)
    for place, message, hint in told(error, path):
        where = f"Step {path[1] + 1}: " if path[:1] == ("steps",) and len(path) > 1 and isinstance(path[1], int) else ""
        yield Problem(tree.line_of(place), where + message, hint)


Breach = Any
"""A `ValidationError`, whose stubs leave every field open; what stands in it follows from the keyword of `_SAY`."""
Told = Iterator[tuple[Path, str, str]]


def _say_unknown(error: Breach, path: Path) -> Told:
    known: dict[str, Any] = error.schema["properties"]
    for name in error.instance:
        if name not in known:
            yield (*path, name), f"There is no setting `{name}` here.", _near(str(name), known, path)


def _near(name: str, known: dict[str, Any], path: Path) -> str:
    if name in _STEP_FIELDS and len(path) > 2:
        return f"Write `{name}` beside `{path[-1]}:`, in the same column, not inside it."
    close = get_close_matches(name.replace("-", "_").lower(), list(known), n=1, cutoff=0.6)
    if close:
        return f"Did you mean `{close[0]}`?"
    return f"Possible here: {', '.join(known)}." if known else "Remove it."


def _say_required(error: Breach, path: Path) -> Told:
    for name in error.validator_value:
        if name not in error.instance:
            yield path, f"`{name}` is missing.", _advice(error.schema["properties"][name])


def _say_type(error: Breach, path: Path) -> Told:
    if not path:
        if error.instance is None:
            yield path, "The file is empty.", "Write at least a name and steps; the guide shows an example."
        else:
            yield path, "The file does not hold a sequence.", "Begin with `name:` and `steps:` on lines of their own."
        return
    wanted = error.validator_value if isinstance(error.validator_value, str) else error.validator_value[0]
    message = (
        f"`{path[-1]}` should be {_KINDS[wanted]}, not {_what(error.instance)}." if isinstance(path[-1], str) else "This is not a step."
    )
    if wanted == "string" and isinstance(error.instance, bool | int | float):
        hint = "Put it in quotes."
    elif wanted == "string" and isinstance(error.instance, dict):
        hint = 'Put quotes around a text that begins with {, such as "{{ contact.first_name }}".'
    else:
        hint = _advice(error.schema)
    yield path, message, hint


def _say_step(error: Breach, path: Path) -> Told:
    given = [name for name in error.instance if name in STEP_TYPES]
    if len(given) > 1:
        hint = "Begin a line of its own with a dash for each step."
        yield (*path, given[1]), f"This step is {' and '.join(given)} at once.", hint
    elif not any(name not in _STEP_FIELDS for name in error.instance):  # an unknown name is told as such already
        yield path, "The step has no type.", _advice(error.schema)


def _say_enum(error: Breach, path: Path) -> Told:
    yield path, f"`{path[-1]}` cannot be {_what(error.instance)}.", "Write " + _advice(error.schema)


def _say_pattern(error: Breach, path: Path) -> Told:
    yield path, f"`{path[-1]}` cannot be {_what(error.instance)}.", _advice(error.schema)


def _say_too_short(error: Breach, path: Path) -> Told:
    yield path, f"`{path[-1]}` is empty.", _advice(error.schema)


def _say_too_long(error: Breach, path: Path) -> Told:
    yield path, f"`{path[-1]}` is longer than {error.validator_value} characters.", "Shorten it."


def _say_forbidden(error: Breach, path: Path) -> Told:  # noqa: ARG001  only `after` beside `wait` is forbidden by the schema
    yield path, "A wait is its own delay and takes no `after`.", "Write the whole time under `wait`."


def _say_anything(error: Breach, path: Path) -> Told:
    yield path, error.message, _advice(error.schema)


def _advice(schema: Any) -> str:
    return str(schema.get("description", "")) if isinstance(schema, dict) else ""


def _what(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 and value.isprintable() else "this text"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return "a list" if isinstance(value, list) else "a group"
    return str(value)


_SAY = {
    "additionalProperties": _say_unknown,
    "required": _say_required,
    "type": _say_type,
    "oneOf": _say_step,
    "not": _say_forbidden,
    "enum": _say_enum,
    "pattern": _say_pattern,
    "minLength": _say_too_short,
    "minItems": _say_too_short,
    "maxLength": _say_too_long,
}
