"""From YAML text to plain values, with the line of each: a strict part of YAML 1.2.

The tree is built from the parser's events and not by a constructor. So nothing recurses, nothing is expanded, and anchors, aliases and
tags are refused where they stand: an alias bomb is never built, a deep one never nested. Values are texts, whole and decimal numbers,
booleans and null.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)
from ruamel.yaml.reader import ReaderError

from segue.domain.errors import DomainError
from segue.domain.sequence import Severity

SIZE_LIMIT = 1_000_000
"""Bytes of a file. A sequence of 15 long emails has some 50 kB."""
DEPTH_LIMIT = 8
"""Nesting of the format itself is 4."""
NODE_LIMIT = 20_000
"""Parsing costs some 50 µs a node, so this bounds it to about a second."""
SHOWN_LIMIT = 50
"""Problems spelled out in the message; nobody reads more at once."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file. `line` counts from 1."""

    line: int
    message: str
    hint: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"line {self.line}: {self.message} {self.hint}".rstrip()


class Problems(DomainError):
    """A file that cannot be taken as it is. `items` names every problem found, in the order of lines; `str()` is ready to be shown."""

    code = "invalid"

    def __init__(self, items: list[Problem], *, source: str) -> None:
        self.items = tuple(sorted(items, key=lambda item: item.line))
        self.source = source
        count = "1 problem" if len(self.items) == 1 else f"{len(self.items)} problems"
        lines = [f"{source}: {count}", *(f"  {item}" for item in self.items[:SHOWN_LIMIT])]
        if len(self.items) > SHOWN_LIMIT:
            lines.append(f"  and {len(self.items) - SHOWN_LIMIT} more")
        super().__init__("\n".join(lines), hint="Correct the file and load it again; nothing was changed.")


@dataclass(slots=True)
class Tree:
    """What the file says. `lines` has the line of every entry, `text_lines` the line on which the text of a block scalar begins."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    text_lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """Return the line of the nearest thing around `path` that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


class _Stop(Exception):
    def __init__(self, line: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, message, hint)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet. `key` is set between a key and its value."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None


def read_tree(text: str, *, source: str) -> Tree:
    """Read one YAML document. Raises `Problems` if it is none, is too large or uses what the format leaves out."""
    if len(text) > SIZE_LIMIT or len(text.encode("utf-8", "surrogatepass")) > SIZE_LIMIT:
        raise Problems([Problem(1, "The file is larger than 1 MB.", "Is this the right file? Sequences are far smaller.")], source=source)
    tree = Tree()
    try:
        _build(tree, text.removeprefix("\ufeff"))
    except _Stop as stop:
        raise Problems([*tree.problems, stop.problem], source=source) from None
    return tree


def _build(tree: Tree, text: str) -> None:
    open_ones: list[_Open] = []
    documents = 0
    for count, event in enumerate(_events(text)):
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Stop(line, "The file holds more than one document.", "Put each sequence into a file of its own; remove the ---.")
        elif isinstance(event, NodeEvent):
            if count > NODE_LIMIT:
                raise _Stop(line, "The file has too many entries.", f"A sequence file holds at most {NODE_LIMIT:,}.")
            _refuse_references(event, line)
            _take(tree, open_ones, event, line)
        elif isinstance(event, CollectionEndEvent):
            open_ones.pop()


def _events(text: str) -> Iterator[Event]:
    try:
        yield from YAML(typ="safe", pure=True).parse(text)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        character = error.character if isinstance(error.character, int) else ord(error.character)
        raise _Stop(line, f"The file holds a character that is no text (U+{character:04X}).", "Remove it.") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Stop(
            mark.line + 1 if mark else 1, f"This is not valid YAML: {error.problem or error.context}.", _syntax_hint(error)
        ) from None
    except YAMLError as error:
        raise _Stop(1, f"This is not valid YAML: {error}.", "") from None


def _syntax_hint(error: MarkedYAMLError) -> str:
    said = str(error.problem)
    if "\\t" in said:
        return "Indent with spaces, not with tabs."
    if "mapping values are not allowed" in said:
        return 'A text with a colon needs quotes, such as subject: "Re: your question", and entries of one level begin in one column.'
    if "quoted scalar" in str(error.context) or "quoted scalar" in said:
        return "A closing quote is missing."
    if "flow" in str(error.context):
        return "A text that begins with { or [, such as a token, needs quotes around it."
    return "Look at the indentation, and put quotes around texts with : # { [ & * ! in them."


def _refuse_references(event: NodeEvent, line: int) -> None:
    if isinstance(event, AliasEvent) or event.anchor:
        hint = "Write the text out, or put quotes around it if it is meant as text."
        raise _Stop(line, "Anchors and aliases (& and *) are not used here.", hint)
    if getattr(event, "tag", None):
        raise _Stop(line, "Tags (!) are not used here.", "Remove it, or put quotes around the text.")


def _take(tree: Tree, open_ones: list[_Open], event: NodeEvent, line: int) -> None:
    parent = open_ones[-1] if open_ones else None
    if parent is not None and isinstance(parent.value, dict) and parent.key is None:
        _take_key(tree, parent, event, line)
        return
    value: Any
    path = _path_of_next(parent)
    if isinstance(event, CollectionStartEvent):
        if len(open_ones) == DEPTH_LIMIT:
            raise _Stop(line, "The file is nested too deeply.", "Look at the brackets and the indentation.")
        value = {} if isinstance(event, MappingStartEvent) else []
        open_ones.append(_Open(value, path))
    else:
        assert isinstance(event, ScalarEvent)
        value = _scalar(event)
        # In a literal block every line of the text is a line of the file, so an error inside can be told to the line.
        tree.text_lines[path] = line + 1 if event.style == "|" else line
    tree.lines.setdefault(path, line)
    _put(tree, parent, value)


def _take_key(tree: Tree, parent: _Open, event: NodeEvent, line: int) -> None:
    if not isinstance(event, ScalarEvent):
        hint = 'A text that begins with { or [ needs quotes, such as "{{ contact.first_name }}".'
        raise _Stop(line, "A name of an entry is expected here, not a list or a group.", hint)
    parent.key = str(event.value)
    assert isinstance(parent.value, dict)
    if parent.key in parent.value:
        first = tree.lines[(*parent.path, parent.key)]
        tree.problems.append(Problem(line, f"`{parent.key}` stands here a second time.", f"Keep this one or the one in line {first}."))
    else:
        tree.lines[(*parent.path, parent.key)] = line


def _path_of_next(parent: _Open | None) -> Path:
    if parent is None:
        return ()
    return (*parent.path, parent.key if isinstance(parent.value, dict) and parent.key is not None else len(parent.value))


def _put(tree: Tree, parent: _Open | None, value: Any) -> None:
    if parent is None:
        tree.value = value
    elif isinstance(parent.value, dict):
        assert parent.key is not None
        parent.value.setdefault(parent.key, value)
        parent.key = None
    else:
        parent.value.append(value)


_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]{1,18}|[0-9]{1,18}\.[0-9]{0,18})")


def _scalar(event: ScalarEvent) -> str | int | float | bool | None:
    """Return the value of a scalar by the core schema of YAML 1.2: no dates, no base 60, no yes and no (so 09:00 stays a text)."""
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else text
