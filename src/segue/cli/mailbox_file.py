"""A mailbox as a file: what `segue mailbox add FILE.yaml` reads. Every mistake is told with its line, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from segue.domain.errors import Invalid, NotFound
from segue.features.mail.presets import PRESETS
from segue.features.sequences.yaml_tree import Problem, Problems, read_tree

_TEXT, _NUMBER, _FLAG, _GROUP = "a text", "a number", "true or false", "a group of settings"
_KINDS: dict[str, tuple[type, ...]] = {_TEXT: (str,), _NUMBER: (int, float), _FLAG: (bool,), _GROUP: (dict,)}
KEYS = {
    "address": _TEXT,
    "display_name": _TEXT,
    "user": _TEXT,
    "timezone": _TEXT,
    "preset": _TEXT,
    "provider": _TEXT,
    "settings": _GROUP,
    "password": _TEXT,
    "password_file": _TEXT,
    "per_day": _NUMBER,
    "per_minute": _NUMBER,
    "spacing_seconds": _NUMBER,
    "jitter_seconds": _NUMBER,
    "deadline_seconds": _NUMBER,
    "warm_up": _FLAG,
}


@dataclass(frozen=True, slots=True)
class MailboxFile:
    """What a mailbox file says; absent entries are left out of `values`."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def text(self, key: str) -> str:
        return str(self.values.get(key, "")).strip()

    def limits(self) -> dict[str, Any]:
        """Return what the file says of limits, as `NewMailbox` calls them."""
        given = {key: self.values[key] for key in ("per_day", "per_minute", "warm_up") if key in self.values}
        for key, name in (("spacing_seconds", "spacing"), ("jitter_seconds", "jitter")):
            if key in self.values:
                given[name] = timedelta(seconds=self.values[key])
        if "deadline_seconds" in self.values:
            given["deadline_s"] = int(self.values["deadline_seconds"])
        return given


def read_mailbox_file(path: Path) -> MailboxFile:
    """Read a mailbox file.

    Raises:
        NotFound: it cannot be read.
        Problems: with all that is wrong in it.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(f"{path} cannot be read: {error.strerror}.", hint="Check the path and its permissions.") from error
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not a text file in UTF-8.", hint="Save it as UTF-8.") from error
    tree = read_tree(text, source=path.name)
    if not isinstance(tree.value, dict):
        raise Problems([Problem(1, "The file does not hold a mailbox.", "Begin with `address: you@company.example`.")], source=path.name)
    problems = list(tree.problems)
    for key, value in tree.value.items():
        found = _problem(key, value)
        if found:
            problems.append(Problem(tree.line_of((key,)), *found))
    if problems:
        raise Problems(problems, source=path.name)
    return MailboxFile(tree.value)


def _problem(key: str, value: object) -> tuple[str, str] | None:
    kind = KEYS.get(key)
    if kind is None:
        near = get_close_matches(key, KEYS, n=1)
        return f"There is no entry `{key}`.", f"Did you mean `{near[0]}`?" if near else f"Possible here: {', '.join(KEYS)}."
    if not isinstance(value, _KINDS[kind]) or (kind == _NUMBER and isinstance(value, bool)):
        return f"`{key}` should be {kind}.", "Put it in quotes." if kind == _TEXT else ""
    least = 0 if key in ("spacing_seconds", "jitter_seconds") else 1
    if kind == _NUMBER and isinstance(value, int | float) and value < least:
        return f"`{key}` cannot be {value}.", f"Give a number from {least} on."
    if key == "preset" and value not in PRESETS:
        return f"There is no preset {value!r}.", f"Choose one of: {', '.join(PRESETS)}."
    return None
