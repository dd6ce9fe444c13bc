"""The live picture in a terminal of 80 by 24 or more: the day, forty contacts moving through five steps, what happens, and the promise."""

from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from segue.demo.cast import TITLES
from segue.demo.pace import Pace
from segue.demo.telling import SHOWN_ZONE, Cell, Line

COLUMNS = 4
ROOMY, SPACIOUS = 108, 140
"""Columns of the terminal from which names are written in full, and from which each contact gets a word for where it stands."""

MARKS = {
    "replied": ("↩", "green"),
    "wrote": ("↩", "green"),
    "opted out": ("⊘", "magenta"),
    "bounced": ("✗", "red"),
    "complaint": ("!", "bold red"),
    "by hand": ("✓", "blue"),
    "finished": ("✓", "bright_black"),
    "away": ("z", "yellow"),
    "on hold": ("?", "yellow"),
    "to call": ("☎", "blue"),
    "active": (" ", "cyan"),
    "": (" ", "bright_black"),
}
LEGEND = ("replied", "away", "to call", "bounced", "opted out", "finished")
_REASONS = {
    "REPLIED": "replied",
    "CONTACT_EMAILED": "wrote",
    "BOUNCED": "bounced",
    "SPAM_COMPLAINT": "complaint",
    "MANUAL": "by hand",
}


def word_for(cell: Cell) -> str:
    """Return where a contact stands, in one or two words."""
    if cell.state == "paused":
        return "away" if cell.pause_kind == "away" else "on hold"
    if cell.state == "active":
        return "to call" if cell.waiting_for == "TASK" else "active"
    if cell.opted_out:
        return "opted out"
    return "finished" if cell.state == "finished" else _REASONS.get(cell.reason, cell.reason.lower())


class Screen:
    """Draws the story. Use as a context manager; the screen is given back at the end."""

    def __init__(self, console: Console, pace: Pace) -> None:
        self._console = console
        self._pace = pace
        self._cells: Sequence[Cell] = ()
        self._lines: deque[tuple[Line, int, str]] = deque(maxlen=60)
        self._counts: Counter[str] = Counter()
        self._now: datetime | None = None
        self._live = Live(console=console, screen=True, auto_refresh=False, transient=True)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.__exit__(None, None, None)

    def say(self, line: Line) -> None:
        self._now = self._now or line.at
        kind = line.group.split(" ")[0] if line.group else ""
        self._counts[kind] += 1
        if line.group and self._lines and self._lines[-1][0].group == line.group:
            first, more, _ = self._lines[-1]
            self._lines[-1] = (first, more + 1, line.who)
        else:
            self._lines.append((line, 0, line.who))

    def board(self, cells: Sequence[Cell]) -> None:
        self._cells = cells

    def pass_time(self, begin: datetime, end: datetime) -> None:
        self._pace.pass_time(begin, end, self._draw)
        self._now = end

    def dwell(self, real_seconds: float) -> None:
        self._pace.dwell(real_seconds, lambda: self._draw(self._now) if self._now else None)

    def _draw(self, now: datetime) -> None:
        self._now = now
        self._live.update(self.picture(now), refresh=True)

    def picture(self, now: datetime) -> RenderableType:
        """Return the whole screen, as many lines as the terminal has."""
        height = self._console.size.height
        rows = -(-max(1, len(self._cells)) // COLUMNS)
        log = max(3, height - rows - 7)
        return Group(self._header(now), self._board(rows), self._log(log), self._promise())

    # --- parts ----------------------------------------------------------------------------------------------------------------------

    def _header(self, now: datetime) -> RenderableType:
        local = now.astimezone(SHOWN_ZONE)
        weekend = local.weekday() > 4
        width = max(10, self._console.size.width - 50)
        done = round(width * (local.hour * 60 + local.minute) / 1440)
        bar = Text("━" * done, "yellow" if weekend else "cyan") + Text("━" * (width - done), "bright_black")
        top = Text(" Segue demo  ", "bold") + Text(f"{local:%a} {local.day:>2} {local:%b %Y}  {local:%H:%M}", "bold cyan")
        top += Text("  ") + bar + Text("  weekend " if weekend else "  workday ", "yellow" if weekend else "cyan")
        counts = Counter(word_for(cell) for cell in self._cells)
        answered = counts["replied"] + counts["wrote"]
        facts = (
            ("emails", self._counts["sent"], "cyan"),
            ("calls", self._counts["called"], "blue"),
            ("answered", answered, "green"),
            ("away", counts["away"], "yellow"),
            ("bounced", counts["bounced"], "red"),
            ("opted out", counts["opted out"] + counts["complaint"], "magenta"),
            ("finished", counts["finished"], "white"),
        )
        below = Text(" ", no_wrap=True)
        for name, number, style in facts:
            below += Text(f"{number}", f"bold {style}") + Text(f" {name}  ", "bright_black")
        return Group(top, below)

    def _board(self, rows: int) -> RenderableType:
        width = self._console.size.width
        grid = Table.grid(expand=True, padding=(0, 1))
        for _ in range(COLUMNS):
            grid.add_column(ratio=1, no_wrap=True, overflow="crop")
        for row in range(rows):
            grid.add_row(*[_cell(self._cells[n], width) for n in range(row, len(self._cells), rows)])
        # Rich lays a title's own style over its parts: these have none.
        title = Text() + Text("40 contacts, 5 steps: ", "bold white") + Text(" · ".join(TITLES).lower(), "cyan")
        legend = Text() + Text("●", "cyan") + Text(" done ○ next ", "bright_black")
        for word in LEGEND if width >= ROOMY else LEGEND[:-1]:
            mark, style = MARKS[word]
            legend += Text(f" {mark} {word} ", style)
        return Panel(
            grid, title=title, title_align="left", subtitle=legend, subtitle_align="left", border_style="bright_black", padding=(0, 1)
        )

    def _log(self, height: int) -> RenderableType:
        width = self._console.size.width - 4
        shown = list(self._lines)[-height:]
        body = Text("\n").join(_drawn(*each, width) for each in shown) if shown else Text("")
        padded = Group(body, *[Text("")] * (height - len(shown)))
        return Panel(
            padded,
            title=Text() + Text("What happens", "bold white"),
            title_align="left",
            border_style="bright_black",
            padding=(0, 1),
            height=height + 2,
        )

    def _promise(self) -> RenderableType:
        text = Text(" never twice · never after a stop · never at the wrong hour", "bold")
        return text + Text("   counted at the end", "bright_black")


def _cell(cell: Cell, width: int) -> Text:
    """Return a contact's name, its steps, and how it ended or what holds it."""
    word = word_for(cell)
    mark, style = MARKS.get(word, ("✗", "red"))
    room = 15 if width >= ROOMY else 8
    first, _, last = cell.name.partition(" ")
    name = cell.name if width >= ROOMY else f"{first} {last[:1]}"
    is_open = cell.state in ("active", "paused", "new")
    text = Text(f"{name:<{room}.{room}} ", "white" if is_open else style) + _pips(cell, style) + Text(f" {mark}", style)
    return text + Text(f" {word}", style) if width >= SPACIOUS and word not in ("active", "new") else text


def _pips(cell: Cell, ending: str) -> Text:
    """Return one sign for each step: done, under way, next, later."""
    is_open = cell.state in ("active", "paused")
    is_called = is_open and cell.waiting_for == "TASK"
    done = min(cell.position, len(TITLES)) - is_called
    text = Text("●" * done, "cyan" if is_open else ending)
    if is_open and done < len(TITLES):
        text += Text("◐" if is_called else "○", "blue" if is_called else "white")
    return text + Text("·" * (len(TITLES) - len(text)), "bright_black")


def _drawn(line: Line, more: int, latest: str, width: int) -> Text:
    local = line.at.astimezone(SHOWN_ZONE)
    said = line.text
    if more:
        said = said.replace(
            line.who, f"{line.who.split()[0]}, {latest.split(maxsplit=1)[0]}" + (f" and {more - 1} more" if more > 1 else "")
        )
    text = Text(f"{local:%a %H:%M}  ", "bright_black") + Text(said, line.style or "white")
    text.truncate(width, overflow="ellipsis")
    return text
