"""What differs between two versions of a sequence, step by step and by key, for people and programs (SEQ-48, SEQ-132)."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Literal

from segue.domain.conditions import Condition
from segue.domain.durations import write_duration
from segue.domain.ids import StepKey
from segue.domain.sequence import Sequence, Step

Kind = Literal["added", "removed", "changed", "moved", "setting"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference. `key` names the step, or the setting where `kind` is setting; `before` and `after` are texts, empty for nothing."""

    kind: Kind
    key: str
    field: str = ""
    before: str = ""
    after: str = ""


def differences(old: Sequence, new: Sequence) -> tuple[Difference, ...]:
    """Return what differs: name and description, settings, then steps in the new order, removed ones last."""
    return (*_heads(old, new), *_settings(old, new), *_steps(old, new))


def changed_keys(old: Sequence, new: Sequence) -> dict[StepKey, Kind]:
    """Return what became of each step that is not the same in both."""
    found: dict[StepKey, Kind] = {}
    for each in _steps(old, new):
        found.setdefault(StepKey(each.key), each.kind)
    return found


def _heads(old: Sequence, new: Sequence) -> Iterator[Difference]:
    for name in ("name", "description"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Difference("setting", name, "", before, after)


def _settings(old: Sequence, new: Sequence) -> Iterator[Difference]:
    for each in fields(old.settings):
        before, after = getattr(old.settings, each.name), getattr(new.settings, each.name)
        if before != after:
            yield Difference("setting", each.name, "", _text(before), _text(after))


def _steps(old: Sequence, new: Sequence) -> Iterator[Difference]:
    before = {step.key: step for step in old.steps}
    after = {step.key: step for step in new.steps}
    kept = [key for key in before if key in after]
    moved = _moved(kept, [key for key in after if key in before])
    for key, step in after.items():
        if key not in before:
            yield Difference("added", key, "", "", _title(step))
            continue
        if key in moved:
            yield Difference("moved", key)
        yield from _fields(before[key], step)
    for key, step in before.items():
        if key not in after:
            yield Difference("removed", key, "", _title(step), "")


def _moved(old: list[StepKey], new: list[StepKey]) -> set[StepKey]:
    """Return the fewest steps whose moving makes the new order of the old one: those outside the longest common subsequence."""
    place = {key: n for n, key in enumerate(old)}
    best: list[tuple[int, list[StepKey]]] = []
    for key in new:
        before = max(((length, run) for length, run in best if place[run[-1]] < place[key]), default=(0, []))
        best.append((before[0] + 1, [*before[1], key]))
    stay = set(max(best, default=(0, []))[1])
    return {key for key in new if key not in stay}


def _fields(old: Step, new: Step) -> Iterator[Difference]:
    if old.type != new.type:
        yield Difference("changed", new.key, "type", old.type, new.type)
    for name in ("delay", "delay_most", "then", "needs", "hold", "active"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Difference("changed", new.key, name, _text(before), _text(after))
    if old.type == new.type:
        for each in fields(new.settings):
            before, after = getattr(old.settings, each.name), getattr(new.settings, each.name)
            if before != after:
                yield Difference("changed", new.key, each.name, _text(before), _text(after))
    yield from _variants(old, new)


def _variants(old: Step, new: Step) -> Iterator[Difference]:
    before = {each.ordinal: each for each in old.variants}
    after = {each.ordinal: each for each in new.variants}
    for ordinal in sorted({*before, *after}):
        one, other = before.get(ordinal), after.get(ordinal)
        if one != other:
            yield Difference("changed", new.key, f"variant {ordinal}", _variant(one), _variant(other))


def _variant(variant: Any) -> str:
    if variant is None:
        return ""
    content = "\n".join(
        str(getattr(variant.settings, name, "")) for name in ("subject", "body", "notes") if getattr(variant.settings, name, "")
    )
    return content if variant.active else f"(off) {content}"


def _title(step: Step) -> str:
    subject = getattr(step.settings, "subject", "")
    return f"{step.type}: {subject}" if subject else step.type


def _text(value: Any) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "; ".join(_text(each) for each in value)
    if hasattr(value, "total_seconds"):
        return write_duration(value)
    if isinstance(value, Condition | str):
        return str(value)
    if hasattr(value, "start_minute"):
        start, end = (f"{minute // 60:02}:{minute % 60:02}" for minute in (value.start_minute, value.end_minute))
        return f"{start}-{end} {value.mode.value}"
    if hasattr(value, "when"):
        return f"{value.name}: {value.when} → {value.to or value.action}"
    return "" if value is None else str(value)
