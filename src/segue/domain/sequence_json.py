"""A sequence as plain data for JSON: the content of a published version (SEQ-131), and what an API answers.

The form is for keeping: it carries its version number; it spells out every field, so that a later change of a default alters no
published version; it is read by name, so that fields added later take their default. Delays are milliseconds (SEQ-44), clock times
minutes from midnight.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from segue.domain.errors import Invalid
from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import AwayHold, Criteria, Sequence, SequenceSettings, Step, ZoneMode
from segue.domain.steps import STEP_TYPES

FORMAT = 1
"""Raised when a reader of the old form would misunderstand the new one; `from_json` then reads both."""

_MILLISECOND = timedelta(milliseconds=1)


def to_json(sequence: Sequence) -> dict[str, Any]:
    """Return the sequence as data that `json.dumps` takes: {"format": 1, "name", "description", "settings": {…}, "steps": [{…}, …]}."""
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
    if content.get("format") != FORMAT:
        message = f"This sequence is stored in form {content.get('format')!r}; this Segue reads form {FORMAT}."
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
    settings = STEP_TYPES[step.type].write(step.settings)
    return {"key": str(step.key), "type": step.type, "delay_ms": step.delay // _MILLISECOND, "settings": settings}


def _step_from_json(plain: Mapping[str, Any]) -> Step:
    kind = STEP_TYPES[plain["type"]]
    return Step(StepKey(plain["key"]), kind.name, kind.read(plain["settings"]), timedelta(milliseconds=plain["delay_ms"]))


def _settings_to_json(settings: SequenceSettings) -> dict[str, Any]:
    return {
        "days": settings.window.mode.value,
        "window_start_minute": settings.window.start_minute,
        "window_end_minute": settings.window.end_minute,
        "zone_mode": settings.zone_mode.value,
        "fixed_zone": settings.fixed_zone,
        "hold_first_email": settings.hold_first_email,
        "threaded": settings.threaded,
        "task_creation_minute": settings.task_creation_minute,
        "stop_on_email": settings.stop_on_email.value,
        "reply_from_any_address": settings.reply_from_any_address,
        "away_hold": settings.away_hold.value,
        "away_days": settings.away_days,
        "best_time": settings.best_time,
        "track_opens": settings.track_opens,
        "track_clicks": settings.track_clicks,
    }


def _settings_from_json(plain: Mapping[str, Any]) -> SequenceSettings:
    default = _settings_to_json(SequenceSettings())
    told = {**default, **plain}
    return SequenceSettings(
        window=SendWindow(told["window_start_minute"], told["window_end_minute"], DayMode(told["days"])),
        zone_mode=ZoneMode(told["zone_mode"]),
        fixed_zone=told["fixed_zone"],
        hold_first_email=told["hold_first_email"],
        threaded=told["threaded"],
        task_creation_minute=told["task_creation_minute"],
        stop_on_email=Criteria(told["stop_on_email"]),
        reply_from_any_address=told["reply_from_any_address"],
        away_hold=AwayHold(told["away_hold"]),
        away_days=told["away_days"],
        best_time=told["best_time"],
        track_opens=told["track_opens"],
        track_clicks=told["track_clicks"],
    )
