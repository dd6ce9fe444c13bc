"""What a command shows: for people tables and sentences on stdout, progress and notes on stderr; for machines one JSON document on
stdout, or one object a line where a command gives one for each of many files.

Whatever came from outside (names, subjects, what servers said) is shown without control characters, so that no mail can drive a terminal.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Maker = Callable[[], RenderableType]
"""Makes something to be shown; called only if it is shown."""

PIPE_WIDTH = 160
"""Columns of a table that no terminal bounds."""


class Screen:
    """Where one command writes to."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def show(self, document: Any, *human: Maker) -> None:
        """Show a result: the document with `--json`, else what `human` makes."""
        if self.as_json:
            print(json.dumps(document, default=_plain_json, indent=2), flush=True)
            return
        console = self.console()
        for make in human:
            console.print(make())

    def show_line(self, document: Any) -> None:
        """Show one of many results at once, with `--json`: one object a line, so that thousands need no memory."""
        if self.as_json:
            print(json.dumps(document, default=_plain_json), flush=False)

    def note(self, *sentences: str, style: str = "dim") -> None:
        """Say something beside the result; on stderr, and not with `--json`."""
        if not self.as_json:
            for sentence in sentences:
                self.console(error=True).print(cell(sentence, style))

    def console(self, *, error: bool = False) -> Console:
        """Return a console; colours and width follow the terminal, NO_COLOR and COLUMNS."""
        stream = sys.stderr if error else sys.stdout
        return Console(file=stream, highlight=False, soft_wrap=False, width=None if stream.isatty() else PIPE_WIDTH)

    @contextmanager
    def progress(self, title: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """Show a bar on stderr while the block runs; the block calls what it gets with how far it is."""
        if self.as_json or not sys.stderr.isatty():
            yield lambda _: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.console(error=True), transient=True) as bars:
            bar = bars.add_task(title, total=total)
            yield lambda done: bars.update(bar, completed=done)


def clean(value: object) -> str:
    """Return a value as text that cannot drive a terminal."""
    text = "" if value is None else str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() or c == "\n" else "\N{MIDDLE DOT}" for c in text)


def cell(value: object, style: str = "") -> Text:
    """Return a value for a table: shown as it is, square brackets too."""
    return Text(clean(value), style=style)


def sentence(text: object, style: str = "") -> Maker:
    """Return a maker of one line, for `Screen.show`."""
    return lambda: cell(text, style)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", empty: str = "") -> Maker:
    """Return a maker of a table, for `Screen.show`. A heading that begins with `#` is a column of numbers."""

    def make() -> RenderableType:
        made = list(rows)
        if not made and empty:
            return cell(empty, "dim")
        drawn = _frame(title)
        for column in columns:
            drawn.add_column(column.removeprefix("#"), justify="right" if column.startswith("#") else "left", overflow="fold")
        for row in made:
            drawn.add_row(*(each if isinstance(each, Text) else cell(each) for each in row))
        return drawn

    return make


def pairs(rows: Iterable[tuple[str, object]], *, title: str = "") -> Maker:
    """Return a maker of a list of names and values, for `Screen.show`."""

    def make() -> RenderableType:
        drawn = _frame(title)
        drawn.show_header = False
        drawn.add_column(style="bold")
        drawn.add_column(overflow="fold")
        for name, value in rows:
            drawn.add_row(name, value if isinstance(value, Text) else cell(value))
        return drawn

    return make


def _frame(title: str) -> Table:
    return Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)


def when(at: datetime | None, zone: str) -> str:
    """Return an instant on the clock of a zone, with the day of the week; a dash for none."""
    if at is None:
        return "–"
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%a %Y-%m-%d %H:%M} {local.tzname()}"


def _plain_json(value: Any) -> Any:
    """Return what `json` does not know itself: instants as ISO 8601 with offset, durations as seconds."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
