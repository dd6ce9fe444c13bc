"""The engine's environment and the filters of ours: all that a template can do (MAIL-10)."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import minijinja

from segue.domain.errors import Invalid

GROWTH_MAX = 10_000
"""Characters that one filter may add: the engine's fuel does not count the work inside a filter."""

_FOREIGN = (
    *("abs", "attr", "batch", "bool", "center", "chain", "count", "d", "default", "dictsort", "e", "escape", "filesizeformat", "first"),
    *("float", "format", "groupby", "indent", "int", "items", "last", "lines", "list", "map", "max", "min", "pluralize", "pprint"),
    *("random", "reject", "rejectattr", "reverse", "round", "safe", "select", "selectattr", "slice", "sort", "split", "string"),
    *("striptags", "sum", "tojson", "truncate", "unique", "urlencode", "urlize", "wordcount", "wordwrap", "xmlattr", "zip", "dateformat"),
    *("datetimeformat", "timeformat", "forceescape"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DATE_PART = re.compile(r"%-?[A-Za-z]")
_DATE_PARTS: dict[str, Callable[[datetime], str]] = {
    "%d": lambda at: f"{at.day:02}",
    "%-d": lambda at: str(at.day),
    "%m": lambda at: f"{at.month:02}",
    "%-m": lambda at: str(at.month),
    "%B": lambda at: _MONTHS[at.month - 1],
    "%b": lambda at: _MONTHS[at.month - 1][:3],
    "%Y": lambda at: f"{at.year:04}",
    "%y": lambda at: f"{at.year % 100:02}",
    "%A": lambda at: _DAYS[at.weekday()],
    "%a": lambda at: _DAYS[at.weekday()][:3],
    "%H": lambda at: f"{at.hour:02}",
    "%M": lambda at: f"{at.minute:02}",
}


def make_environment(templates: Mapping[str, str], fuel: int) -> minijinja.Environment:
    """Return an environment that knows these templates, the filters of MAIL-10, and nothing else.

    `debug` off, because the engine's error text would otherwise print the whole context (MAIL-9).
    """
    environment = minijinja.Environment(
        debug=False,
        pycompat=False,
        undefined_behavior="strict",
        fuel=fuel,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for name in list(environment.globals):
        environment.remove_global(name)
    for name in _FOREIGN:
        environment.remove_filter(name)
    for name, function in FILTERS.items():
        environment.add_filter(name, function)
    for name, source in templates.items():
        environment.add_template(name, source)
    return environment


def replace(value: object, old: object, new: object) -> str:
    """Replace text in a value. Raises Invalid when the value would grow too much."""
    text, old, new = str(value), str(old), str(new)
    if not old:
        return text
    if text.count(old) * (len(new) - len(old)) > GROWTH_MAX:
        raise Invalid("replace would make the text too long.", hint="Replace with a shorter text.", field="body")
    return text.replace(old, new)


def join(value: object, between: object = ", ") -> str:
    """Join a list; anything else is left as it is. Raises Invalid when the result would be too long."""
    if isinstance(value, str) or not isinstance(value, list | tuple):
        return str(value)
    if len(value) * len(str(between)) > GROWTH_MAX:
        raise Invalid("join would make the text too long.", hint="Join with a shorter text.", field="body")
    return str(between).join(map(str, value))


def format_date(value: object, pattern: object = "%-d %B %Y") -> str:
    """Write an ISO date or time as the pattern says: %d %-d %m %-m %B %b %Y %y %A %a %H %M. Anything else is left as it is."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return _DATE_PART.sub(lambda found: _DATE_PARTS[found[0]](at) if found[0] in _DATE_PARTS else found[0], str(pattern))


def format_number(value: object, decimals: object = 0, thousands: object = ",") -> str:
    """Write a number with marks between thousands, `1,234.50` or with "." or "'" or " " between. Anything else is left as it is."""
    try:
        number = float(value)  # type: ignore[arg-type]
        places = min(max(int(decimals), 0), 6)  # type: ignore[call-overload]
    except (TypeError, ValueError, OverflowError):
        return str(value)
    if not math.isfinite(number):
        return str(value)
    mark = str(thousands)[:1]
    written = f"{number:,.{places}f}"
    return written.translate({ord(","): mark, ord("."): "," if mark in {".", " "} else "."})


FILTERS: dict[str, Callable[..., Any]] = {"replace": replace, "join": join, "date": format_date, "number": format_number}
"""The others of the list (upper, lower, title, capitalize, trim, length) are the engine's own; fallback is written as a condition."""
