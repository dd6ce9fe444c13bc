"""A sequence as plain data for JSON: the content of a published version (SEQ-131), and what an API answers.

The form is for keeping: it carries its version number; it spells out every field, so that a later change of a default alters no
published version; it is read by name, so that fields added later take their default. Delays are milliseconds (SEQ-44), clock times
minutes from midnight.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from typing import Any

from segue.domain.conditions import read_condition
from segue.domain.errors import Invalid
from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import (
    AwayHold,
    CompanyAction,
    CompanyScope,
    Criteria,
    ExitRule,
    MeetingRule,
    OpenTasks,
    Overlap,
    Scope,
    Sequence,
    SequenceSettings,
    Step,
    Variant,
    ZoneMode,
)
from segue.domain.steps import STEP_TYPES

FORMAT = 2
"""Raised when a reader of the old form would misunderstand the new one; `from_json` then reads both. 2 knows branches, variants and
dependencies."""
READABLE = (1, FORMAT)

_MILLISECOND = timedelta(milliseconds=1)


def to_json(sequence: Sequence) -> dict[str, Any]:
    """Return the sequence as data that `json.dumps` takes: {"format": 2, "name", "description", "settings": {…}, "steps": [{…}, …]}."""
    return {
        "format": FORMAT,
        "name": sequence.name,
        "description": sequence.description,
        "settings": _settings_to_json(sequence.settings),
        "steps": [_step_to_json(step) for step in sequence.steps],
    }


def from_json(content: Mapping[str, Any]) -> Sequence:
    """Return the sequence that `to_json` wrote.

    Raises:
        Invalid: the data was written by a newer Segue, or is none of ours.
    """
    if content.get("format") not in READABLE:
        message = f"This sequence is stored in form {content.get('format')!r}; this Segue reads forms up to {FORMAT}."
        raise Invalid(message, hint="Run the version of Segue that wrote it, or a newer one.", field="format")
    try:
        return Sequence(
            name=content["name"],
            description=content.get("description", ""),
            settings=_settings_from_json(content.get("settings", {})),
            steps=tuple(_step_from_json(step) for step in content["steps"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"This stored sequence is damaged: {error!r}.", hint="Restore it from a backup or import it again.") from error


def _step_to_json(step: Step) -> dict[str, Any]:
    kind = STEP_TYPES[step.type]
    return {
        "key": str(step.key),
        "type": step.type,
        "delay_ms": step.delay // _MILLISECOND,
        "delay_most_ms": None if step.delay_most is None else step.delay_most // _MILLISECOND,
        "then": step.then,
        "needs": [str(key) for key in step.needs],
        "hold": step.hold,
        "active": step.active,
        "settings": kind.write(step.settings),
        "variants": [{"ordinal": each.ordinal, "active": each.active, "settings": kind.write(each.settings)} for each in step.variants],
    }


def _step_from_json(plain: Mapping[str, Any]) -> Step:
    kind = STEP_TYPES[plain["type"]]
    most = plain.get("delay_most_ms")
    return Step(
        StepKey(plain["key"]),
        kind.name,
        kind.read(plain["settings"]),
        timedelta(milliseconds=plain["delay_ms"]),
        delay_most=None if most is None else timedelta(milliseconds=most),
        then=plain.get("then", ""),
        needs=tuple(StepKey(key) for key in plain.get("needs", ())),
        hold=plain.get("hold", False),
        variants=tuple(Variant(each["ordinal"], kind.read(each["settings"]), each["active"]) for each in plain.get("variants", ())),
        active=plain.get("active", True),
    )


_CODES: dict[str, Any] = {
    "zone_mode": ZoneMode,
    "stop_on_email": Criteria,
    "away_hold": AwayHold,
    "email_scope": Scope,
    "stop_on_meeting": Criteria,
    "meeting_scope": Scope,
    "meeting_rule": MeetingRule,
    "company_scope": CompanyScope,
    "company_action": CompanyAction,
    "overlap": Overlap,
    "on_end_open_tasks": OpenTasks,
}
"""Settings that are one of a few words."""
_OTHERWISE_WRITTEN = ("window", "exit_rules")
_PLAIN = tuple(each.name for each in fields(SequenceSettings) if each.name not in (*_CODES, *_OTHERWISE_WRITTEN))


def _settings_to_json(settings: SequenceSettings) -> dict[str, Any]:
    window = settings.window
    return {
        "days": window.mode.value,
        "window_start_minute": window.start_minute,
        "window_end_minute": window.end_minute,
        **{name: getattr(settings, name).value for name in _CODES},
        **{name: getattr(settings, name) for name in _PLAIN},
        "exit_rules": [
            {"name": rule.name, "when": rule.when.plain(), "action": rule.action, "to": rule.to} for rule in settings.exit_rules
        ],
    }


def _settings_from_json(plain: Mapping[str, Any]) -> SequenceSettings:
    default = _settings_to_json(SequenceSettings())
    told = {**default, **plain}
    return SequenceSettings(
        window=SendWindow(told["window_start_minute"], told["window_end_minute"], DayMode(told["days"])),
        exit_rules=tuple(ExitRule(rule["name"], read_condition(rule["when"]), rule["action"], rule["to"]) for rule in told["exit_rules"]),
        **{name: code(told[name]) for name, code in _CODES.items()},
        **{name: told[name] for name in _PLAIN},
    )
