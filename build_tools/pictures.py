"""Draw the pictures of the README anew: `.venv/bin/python build_tools/pictures.py`. They are real runs of the demo, seed 7.

The pictures are SVG without fonts from elsewhere: whoever looks at them uses the fixed-width font of their own machine.
"""

import io
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from segue.db.embedded import start, temporary_data_dir
from segue.db.migrate import upgrade
from segue.demo.pace import Pace
from segue.demo.run import play
from segue.demo.screen import Screen
from segue.demo.story import BEGIN
from segue.demo.summary import print_summary
from segue.ports import StoppedClock

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
MOMENT = BEGIN + timedelta(days=8, hours=7)
"""Thursday of the second week, afternoon: half of the story is told."""
COLUMNS, LINES = 112, 28
FONT = "ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', Consolas, monospace"
THEME = TerminalTheme(
    (22, 27, 34),
    (201, 209, 217),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207), (177, 186, 196)],
    [(110, 118, 129), (255, 161, 152), (86, 211, 100), (227, 179, 65), (121, 192, 255), (210, 168, 255), (86, 212, 221), (240, 246, 252)],
)


class Photographer(Screen):
    """The demo's screen, which keeps what it shows at one moment instead of drawing on a terminal."""

    def __init__(self, console: Console, at: datetime) -> None:
        super().__init__(console, Pace(StoppedClock(BEGIN), 0.0))
        self.console = console
        self.at = at

    def pass_time(self, begin: datetime, end: datetime) -> None:
        if begin < self.at <= end:
            self.console.print(self.picture(self.at))
        super().pass_time(begin, end)


def recording(width: int, height: int) -> Console:
    """Return a console that remembers what is printed on it."""
    console = Console(record=True, width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.is_terminal  # noqa: B018  asked once, as the demo does
    return console


def save(console: Console, name: str, title: str) -> None:
    """Write what a console remembers as a picture."""
    drawn = console.export_svg(title=title, theme=THEME, unique_id=name)
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("font-family: Fira Code, monospace", f"font-family: {FONT}").replace("font-family: arial", f"font-family: {FONT}")
    (FOLDER / f"{name}.svg").write_text("\n".join(line.rstrip() for line in drawn.splitlines()) + "\n")


def main() -> int:
    """Return 0; the pictures lie in docs/pictures."""
    FOLDER.mkdir(exist_ok=True)
    board, count = recording(COLUMNS, LINES), recording(COLUMNS, LINES)
    with temporary_data_dir() as data_dir, start(data_dir, small=True, durable=False) as server:
        upgrade(server.owner_url)
        summary = play(server.app_url, Photographer(board, MOMENT), seed=7)
    save(board, "demo", "./segue demo")
    print_summary(count, summary.figures, summary.invariants, summary.in_words())
    save(count, "demo-count", "./segue demo, at its end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
