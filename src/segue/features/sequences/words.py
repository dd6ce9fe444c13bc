"""How settings are written in a sequence file: words and clock times instead of codes, minutes and milliseconds.

Every `read_*` trusts the patterns of `schema`; every `write_*` gives what its `read_*` takes back.
"""

from typing import Any

from segue.domain.conditions import read_condition
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
    SequenceSettings,
    ZoneMode,
)

DAYS = {"business": DayMode.BUSINESS_DAYS, "weekdays": DayMode.WEEKDAYS_ONLY, "everyday": DayMode.EVERYDAY}
STOP = {"all": Criteria.ALL, "none": Criteria.NONE}
ZONES = {"sender": ZoneMode.SENDER, "contact": ZoneMode.CONTACT}
AWAY = {"until_return": AwayHold.UNTIL_RETURN, "ignore": AwayHold.IGNORE}
SCOPES = {"contact": Scope.LEAD_BASED, "company": Scope.ACCOUNT_BASED}
FLAGS = ("threaded", "hold_first_email", "reply_from_any_address", "contact_holidays", "best_time", "individual_reminders")
"""Settings that are true or false and called the same in the file."""
CODES: dict[str, dict[str, Any]] = {
    "stop_on_email": STOP,
    "email_scope": SCOPES,
    "stop_on_meeting": STOP,
    "meeting_scope": SCOPES,
    "meeting_rule": {"seed": MeetingRule.SEED, "narrow": MeetingRule.NARROW},
    "company_scope": {"this_sequence": CompanyScope.THIS_SEQUENCE, "all_sequences": CompanyScope.ALL_SEQUENCES},
    "company_action": {"unenroll": CompanyAction.UNENROLL, "pause": CompanyAction.PAUSE},
    "overlap": {"off": Overlap.OFF, "allowed": Overlap.ALLOWED},
    "on_end_open_tasks": {"keep": OpenTasks.KEEP, "cancel": OpenTasks.CANCEL},
}
"""Settings that are one of a few words and called the same in the file."""

PLACES = {
    "task_creation_minute": "task_time",
    "fixed_zone": "zone",
    "away_days": "away_hold",
    "task_reminder_minute": "reminder_time",
}
"""Where a field of the settings stands in the file, if it is not called the same there."""


def read_clock(text: str) -> int:
    """Return the minutes from midnight of "09:30"."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def write_clock(minutes: int) -> str:
    """Return "09:30"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def read_settings(plain: dict[str, Any]) -> SequenceSettings:
    """Return settings from those of a file; what is left out keeps its default."""
    default = SequenceSettings()
    zone_mode, fixed_zone = _read_zone(plain.get("zone", "sender"))
    away_hold, away_days = _read_away(plain.get("away_hold", "until_return"), default.away_days)
    return SequenceSettings(
        window=_read_window(plain, default.window),
        zone_mode=zone_mode,
        fixed_zone=fixed_zone,
        task_creation_minute=read_clock(plain["task_time"]) if "task_time" in plain else default.task_creation_minute,
        task_reminder_minute=read_clock(plain["reminder_time"]) if "reminder_time" in plain else default.task_reminder_minute,
        away_hold=away_hold,
        away_days=away_days,
        track_opens=plain.get("track_opens", default.track_opens),
        track_clicks=plain.get("track_clicks", default.track_clicks),
        cool_off_days=plain.get("cool_off_days", default.cool_off_days),
        max_starts_per_day=plain.get("max_starts_per_day", default.max_starts_per_day),
        exit_rules=tuple(_read_exit_rule(rule) for rule in plain.get("exit_rules") or ()),
        **{name: words[plain[name]] for name, words in CODES.items() if name in plain},
        **{name: plain[name] for name in FLAGS if name in plain},
    )


def write_settings(settings: SequenceSettings) -> dict[str, Any]:
    """Return all settings as a file has them, defaults too: an exported file keeps its meaning when a default changes."""
    window = settings.window
    tracking = {"track_opens": settings.track_opens, "track_clicks": settings.track_clicks}
    return {
        "days": _word(DAYS, window.mode),
        "window": f"{write_clock(window.start_minute)}-{write_clock(window.end_minute)}",
        "zone": settings.fixed_zone if settings.zone_mode is ZoneMode.FIXED else _word(ZONES, settings.zone_mode),
        **{name: getattr(settings, name) for name in FLAGS},
        **{name: _word(words, getattr(settings, name)) for name, words in CODES.items()},
        "away_hold": f"{settings.away_days} days" if settings.away_hold is AwayHold.FIXED_DAYS else _word(AWAY, settings.away_hold),
        "task_time": write_clock(settings.task_creation_minute),
        **{name: value for name, value in tracking.items() if value is not None},
        "reminder_time": write_clock(settings.task_reminder_minute),
        "cool_off_days": settings.cool_off_days,
        "max_starts_per_day": settings.max_starts_per_day,
        "exit_rules": [_write_exit_rule(rule) for rule in settings.exit_rules] or None,
    }


def _read_exit_rule(plain: dict[str, Any]) -> ExitRule:
    to = plain.get("go_to", "")
    return ExitRule(plain["name"].strip(), read_condition(plain["when"]), "branch" if to else plain.get("action", "unenroll"), to)


def _write_exit_rule(rule: ExitRule) -> dict[str, Any]:
    way = {"go_to": rule.to} if rule.action == "branch" else {"action": rule.action}
    return {"name": rule.name, "when": rule.when.plain(), **way}


def _word(words: dict[str, Any], value: object) -> str:
    return next(word for word, meant in words.items() if meant is value)


def _read_window(plain: dict[str, Any], default: SendWindow) -> SendWindow:
    mode = DAYS[plain["days"]] if "days" in plain else default.mode
    if "window" not in plain:
        return SendWindow(default.start_minute, default.end_minute, mode)
    start, end = plain["window"].split("-")
    return SendWindow(read_clock(start), read_clock(end), mode)


def _read_zone(text: str) -> tuple[ZoneMode, str]:
    return (ZONES[text], "") if text in ZONES else (ZoneMode.FIXED, text)


def _read_away(text: str, default_days: int) -> tuple[AwayHold, int]:
    return (AWAY[text], default_days) if text in AWAY else (AwayHold.FIXED_DAYS, int(text.split(maxsplit=1)[0]))
