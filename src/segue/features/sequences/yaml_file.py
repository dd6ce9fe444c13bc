"""Sequences as files (SEQ-30): read one, telling every mistake with its line, and write one that reads back the same."""

import io
from collections.abc import Iterator
from collections.abc import Sequence as Sequenced
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from segue.domain.durations import read_range, write_range
from segue.domain.ids import StepKey
from segue.domain.sequence import FIRST_VARIANT, Finding, Sequence, Step, StepSettings, Variant
from segue.domain.sequence_rules import check, check_settings, check_steps, with_end
from segue.domain.steps import STEP_TYPES
from segue.domain.steps.kind import StepType
from segue.features.sequences import schema
from segue.features.sequences.explain import explain
from segue.features.sequences.words import PLACES, read_settings, write_settings
from segue.features.sequences.yaml_tree import Path, Problem, Problems, Tree, read_tree

__all__ = ["Loaded", "Problem", "Problems", "dump_sequence", "load_sequence"]

_VALIDATOR = Draft202012Validator(schema.SEQUENCE)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sequence fit to publish, and what might be better about it (SEQ-47)."""

    sequence: Sequence
    warnings: tuple[Problem, ...]


def load_sequence(text: str, *, source: str) -> Loaded:
    """Read a sequence file. `source` is the name that errors begin with, such as the file's.

    Raises:
        Problems: with all that is wrong: the first mistake of syntax, or else every mistake of form and of meaning (SEQ-46) at once.
    """
    tree = read_tree(text, source=source)
    errors = sorted(_VALIDATOR.iter_errors(tree.value), key=lambda error: [str(part) for part in error.absolute_path])
    if errors or tree.problems:
        told = [problem for error in errors for problem in explain(error, tree)]
        raise Problems([*tree.problems, *told, *_check_the_rest(tree, errors)], source=source)
    sequence = with_end(_sequence(tree.value))
    problems = [_problem(tree, found) for found in check(sequence)]
    if any(problem.severity == "error" for problem in problems):
        raise Problems([problem for problem in problems if problem.severity == "error"], source=source)
    return Loaded(sequence, tuple(sorted(problems, key=lambda problem: problem.line)))


def dump_sequence(sequence: Sequence) -> str:
    """Return the sequence as a file. `load_sequence` makes the same sequence of it."""
    plain: dict[str, Any] = {"name": _quoted(sequence.name)}
    if sequence.description:
        plain["description"] = _quoted(sequence.description)
    plain["settings"] = {name: value for name, value in write_settings(sequence.settings).items() if value is not None}
    plain["steps"] = [_dump_step(step) for step in sequence.steps]
    yaml = YAML(pure=True)
    yaml.width = 10_000  # a wrapped line would come back changed where its text has several spaces in a row
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(plain, out)
    return str(out.getvalue())


def _sequence(plain: dict[str, Any]) -> Sequence:
    return Sequence(
        name=plain["name"].strip(),
        description=plain.get("description", "").strip(),
        settings=read_settings(plain.get("settings") or {}),
        steps=tuple(step for _, step in _steps(plain["steps"], skip=set())),
    )


def _steps(plain: list[Any], *, skip: set[Any]) -> Iterator[tuple[int, Step]]:
    """Yield each readable step with its place. A key left out is the type and its number among its kind: changing a text keeps it."""
    count: dict[str, int] = {}
    for i, entry in enumerate(plain):
        if i in skip:
            continue
        name = _type_of(entry)
        count[name] = count.get(name, 0) + 1
        key = entry.get("key") or f"{name.replace('_', '-')}-{count[name]}"
        kind = STEP_TYPES[name]
        least, most = read_range(entry["wait"] if name == "wait" else entry.get("after", "0 minutes"))
        yield (
            i,
            Step(
                StepKey(key),
                name,
                kind.read({} if name == "wait" else _one_line_subject(entry[name])),
                least,
                delay_most=most,
                then=entry.get("then", ""),
                needs=tuple(StepKey(need) for need in entry.get("needs") or ()),
                hold=entry.get("hold", False),
                variants=tuple(_variants(kind, entry.get("variants") or ())),
                active=entry.get("active", True),
            ),
        )


def _one_line_subject(plain: dict[str, Any] | None) -> dict[str, Any]:
    settings = dict(plain or {})
    if "subject" in settings:
        settings["subject"] = settings["subject"].strip()  # a block text ends in a line break, a subject has none
    return settings


def _variants(kind: StepType, plain: Sequenced[dict[str, Any]]) -> Iterator[Variant]:
    """Yield the variants beside the step's own content; one without a number has its place among them."""
    for n, entry in enumerate(plain, FIRST_VARIANT + 1):
        missing = dict.fromkeys(kind.settings_schema["required"], "")  # told as missing by the rules, with the variant's place
        content = missing | {name: value for name, value in entry.items() if name not in ("ordinal", "active")}
        yield Variant(entry.get("ordinal", n), kind.read(_one_line_subject(content)), entry.get("active", True))


def _type_of(entry: dict[str, Any]) -> str:
    return next(name for name in entry if name in STEP_TYPES)


def _dump_step(step: Step) -> dict[str, Any]:
    kind = STEP_TYPES[step.type]
    entry: dict[str, Any] = {}
    if step.type == "wait":
        entry["wait"] = write_range(step.delay, step.delay_most)
    else:
        entry[step.type] = _dump_content(kind, step.settings) or None
    entry["key"] = str(step.key)
    if step.type != "wait" and (step.delay > timedelta(0) or step.delay_most is not None):
        entry["after"] = write_range(step.delay, step.delay_most)
    if step.variants:
        entry["variants"] = [{"ordinal": v.ordinal, "active": v.active, **_dump_content(kind, v.settings)} for v in step.variants]
    more = {"then": step.then, "needs": [str(key) for key in step.needs], "hold": step.hold, "active": step.active}
    return entry | {name: value for name, value in more.items() if value != _LEFT_OUT[name]}


_LEFT_OUT: dict[str, Any] = {"then": "", "needs": [], "hold": False, "active": True}


def _dump_content(kind: StepType, settings: StepSettings) -> dict[str, Any]:
    written = {name: value for name, value in kind.write(settings).items() if value not in ("", None)}
    return {name: _quoted(value) if name in _TEXTS else value for name, value in written.items()}


_TEXTS = {"subject", "body", "notes"}
BESIDE = ("key", "then", "needs", "hold", "variants", "active")
"""What stands beside the step's type in the file, not inside it."""


def _quoted(text: str) -> str:
    """Return the text in the style that keeps it: a block if it has several plain lines, else double quotes."""
    lines = text.split("\n")
    plain = all(line.isprintable() and line == line.rstrip() for line in lines) and text[:1] not in (" ", "\n") and text.strip() != ""
    quoted: str = LiteralScalarString(text) if len(lines) > 1 and plain else DoubleQuotedScalarString(text)
    return quoted


def _check_the_rest(tree: Tree, errors: list[ValidationError]) -> Iterator[Problem]:
    """Yield the mistakes of meaning in those parts whose form is right, so that one round of corrections is enough."""
    if not isinstance(tree.value, dict):
        return
    broken = [tuple(error.absolute_path) for error in errors if error.absolute_path]
    settings, steps = tree.value.get("settings"), tree.value.get("steps")
    findings: list[Finding] = []
    if isinstance(settings, dict) and not any(path[0] == "settings" for path in broken):
        findings += check_settings(read_settings(settings))
    if isinstance(steps, list):
        unreadable = {path[1] for path in broken if path[0] == "steps" and len(path) > 1}
        for i, step in _steps(steps, skip=unreadable):
            findings += [replace(found, path=("steps", i, *found.path[2:])) for found in check_steps((step,))]
    for found in findings:
        if found.severity == "error":
            yield _problem(tree, found)


def _problem(tree: Tree, found: Finding) -> Problem:
    """Return a finding with its line. Inside a text it is the line of the text, if the file shows the text line by line."""
    path = _path_in_file(tree.value, found.path)
    line = tree.text_lines[path] + found.line - 1 if found.line and path in tree.text_lines else tree.line_of(path)
    message = found.message
    if len(path) > 1 and isinstance(path[1], int) and path[:2] in tree.lines:
        message = f"Step {path[1] + 1}: {message}"
    return Problem(line, message, found.hint, found.severity)


def _path_in_file(plain: dict[str, Any], path: Path) -> Path:
    if path[:1] == ("settings",):
        return ("settings", *(PLACES.get(str(part), part) for part in path[1:]))
    if path[:1] != ("steps",) or len(path) < 3 or not isinstance(path[1], int) or path[1] >= len(plain["steps"]):
        return path
    name = _type_of(plain["steps"][path[1]])
    if path[2] == "delay":
        return (*path[:2], "wait" if name == "wait" else "after")
    return path if path[2] in BESIDE else (*path[:2], name, *path[2:])
