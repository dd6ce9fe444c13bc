"""Lengths of time in words, "2 days 4 hours", as sequence files and messages have them."""

import re
from datetime import timedelta

_DURATION = r"[0-9]{1,6} (minute|hour|day|week)s?"
DURATION = rf"^{_DURATION}( {_DURATION})*$"
"""The form of a length, as a JSON Schema pattern."""
RANGE = rf"^{_DURATION}( {_DURATION})*( to {_DURATION}( {_DURATION})*)?$"
"""A length, or a least and a greatest one: "2 days to 4 days" (SEQ-44)."""

_UNITS = {"week": 10_080, "day": 1440, "hour": 60, "minute": 1}


def read_duration(text: str) -> timedelta:
    """Return the length of "2 days 4 hours"; of an empty text, nothing. Trusts the pattern."""
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


def read_range(text: str) -> tuple[timedelta, timedelta | None]:
    """Return the least delay and, where the text names a range, the greatest."""
    least, _, most = text.partition(" to ")
    return read_duration(least), read_duration(most) if most else None


def write_range(least: timedelta, most: timedelta | None) -> str:
    """Return what `read_range` takes back."""
    return write_duration(least) if most is None else f"{write_duration(least)} to {write_duration(most)}"
