"""How settings are written in a sequence file: words and clock times instead of codes, minutes and milliseconds.

Every `read_*` trusts the patterns of `schema`; every `write_*` gives what its `read_*` takes back.
"""

import re
from datetime import timedelta
from typing import Any

from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import AwayHold, Criteria, SequenceSettings, ZoneMode

DAYS = {"business": DayMode.BUSINESS_DAYS, "weekdays": DayMode.WEEKDAYS_ONLY, "everyday": DayMode.EVERYDAY}
STOP = {"all": Criteria.ALL, "none": Criteria.NONE}
ZONES = {"sender": ZoneMode.SENDER, "contact": ZoneMode.CONTACT}
AWAY = {"until_return": AwayHold.UNTIL_RETURN, "ignore": AwayHold.IGNORE}

PLACES = {"task_creation_minute": "task_time", "fixed_zone": "zone", "away_days": "away_hold"}
"""Where a field of the settings stands in the file, if it is not called the same there."""

_UNITS = {"week": 10_080, "day": 1440, "hour": 60, "minute": 1}


def read_duration(text: str) -> timedelta:
    """Return the length of "2 days 4 hours"."""
    return timedelta(minutes=sum(int(number) * _UNITS[unit] for number, unit in re.findall(r"([0-9]+) (week|day|hour|minute)", text)))


def write_duration(delay: timedelta) -> str:
    """Return "2 days 4 hours". A rest below a minute is dropped; a valid sequence has none."""
    rest = int(delay.total_seconds()) // 60
    parts = []
    for unit in ("day", "hour", "minute"):
        number, rest = divmod(rest, _UNITS[unit])
        if number:
            parts.append(f"{number} {unit}{'' if number == 1 else 's'}")
    return " ".join(parts) or "0 minutes"


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
        hold_first_email=plain.get("hold_first_email", default.hold_first_email),
        threaded=plain.get("threaded", default.threaded),
        task_creation_minute=read_clock(plain["task_time"]) if "task_time" in plain else default.task_creation_minute,
        stop_on_email=STOP[plain.get("stop_on_email", "all")],
        reply_from_any_address=plain.get("reply_from_any_address", default.reply_from_any_address),
        away_hold=away_hold,
        away_days=away_days,
        best_time=plain.get("best_time", default.best_time),
        track_opens=plain.get("track_opens", default.track_opens),
        track_clicks=plain.get("track_clicks", default.track_clicks),
    )


def write_settings(settings: SequenceSettings) -> dict[str, Any]:
    """Return all settings as a file has them, defaults too: an exported file keeps its meaning when a default changes."""
    window = settings.window
    tracking = {"track_opens": settings.track_opens, "track_clicks": settings.track_clicks}
    return {
        "days": _word(DAYS, window.mode),
        "window": f"{write_clock(window.start_minute)}-{write_clock(window.end_minute)}",
        "zone": settings.fixed_zone if settings.zone_mode is ZoneMode.FIXED else _word(ZONES, settings.zone_mode),
        "threaded": settings.threaded,
        "hold_first_email": settings.hold_first_email,
        "stop_on_email": _word(STOP, settings.stop_on_email),
        "reply_from_any_address": settings.reply_from_any_address,
        "away_hold": f"{settings.away_days} days" if settings.away_hold is AwayHold.FIXED_DAYS else _word(AWAY, settings.away_hold),
        "task_time": write_clock(settings.task_creation_minute),
        "best_time": settings.best_time,
        **{name: value for name, value in tracking.items() if value is not None},
    }


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
