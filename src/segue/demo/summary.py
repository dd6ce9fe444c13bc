"""The summary at the end of the demo: what was done, how it ended, and what was counted over the ledger."""

from rich.align import Align
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from segue.demo.ledger import Figures, Invariants

_ENDINGS = (
    ("finished", "had all steps", "white"),
    ("REPLIED", "answered", "green"),
    ("CONTACT_EMAILED", "wrote a new mail", "green"),
    ("MANUAL", "said yes by telephone", "blue"),
    ("BOUNCED", "address is dead", "red"),
    ("SPAM_COMPLAINT", "reported spam", "red"),
)
_PROMISES = (
    ("sent_twice", "sent twice"),
    ("after_a_stop", "sent after a stop"),
    ("outside_the_window", "sent outside the window"),
)
_HOUSEKEEPING = (
    ("unread_mail", "mails left unread"),
    ("stuck_rows", "rows stuck"),
    ("unaccounted", "acceptances unaccounted for"),
)
NEXT = (
    ("./segue init", "set up a workspace of your own"),
    ("./segue mailbox add you@company.example", "connect your mailbox"),
    ("./segue sequence apply examples/sequence.yaml", "publish your first sequence"),
)


def print_summary(console: Console, figures: Figures, invariants: Invariants, story: str) -> None:
    """Print the summary; `story` is a sentence about the run itself. Without a terminal there are no frames."""
    parts: list[RenderableType] = [_done(figures), Text(story), Text(""), _endings(figures, console.size.width - 6), Text("")]
    if console.is_terminal:
        title = Text(" What happened ", "bold")
        console.print(Panel(Group(*parts[:-1]), title=title, title_align="left", border_style="bright_black"))
        title = Text(" Counted over the run's own ledger ", "bold")
        style = "green" if invariants.hold else "red"
        console.print(Panel(_promises(invariants, proud=True), title=title, title_align="left", border_style=style))
    else:
        for part in (*parts, _promises(invariants, proud=False)):
            console.print(part, soft_wrap=True)
    console.print("Try next", style="bold")
    width = max(len(command) for command, _ in NEXT)
    for command, why in NEXT:
        console.print(Text(f"  {command:<{width}}  ", "cyan") + Text(why, "bright_black"), soft_wrap=True)


def _done(figures: Figures) -> Text:
    text = Text()
    for number, name in (
        (str(figures.contacts), "contacts"),
        (str(figures.emails), "emails"),
        (f"{figures.tasks_done}/{figures.tasks_created}", "calls"),
        (f"{figures.resumed}/{figures.holds}", "holidays"),
        (str(sum(figures.mails_read.values())), "mails read"),
    ):
        text += Text(number, "bold cyan") + Text(f" {name}  ")
    return text


def _endings(figures: Figures, width: int) -> RenderableType:
    numbers = {"finished": figures.finished, **figures.ended}
    known = {key: (said, style) for key, said, style in _ENDINGS}
    most = max(numbers.values(), default=1) or 1
    room = max(10, min(48, width - 30))
    table = Table.grid(padding=(0, 1))
    for key in [key for key, *_ in _ENDINGS if numbers.get(key)] + [key for key in numbers if key not in known]:
        said, style = known.get(key, (key.lower(), "white"))
        note = f" ({figures.opted_out} of them: leave me alone)" if key == "REPLIED" and figures.opted_out else ""
        bar = Text("█" * max(1, round(room * 0.75 * numbers[key] / most)), style) + Text(f" {numbers[key]}", "bold") + Text(note, "magenta")
        table.add_row(Text(said), bar)
    return table


def _promises(invariants: Invariants, *, proud: bool) -> RenderableType:
    small = Text("  ".join(f"{getattr(invariants, name)} {said}" for name, said in _HOUSEKEEPING), "bright_black")
    if not proud:
        return Text("  ".join(f"{getattr(invariants, name)} {said}" for name, said in _PROMISES) + "\n" + small.plain)
    table = Table.grid(expand=True)
    for _ in _PROMISES:
        table.add_column(ratio=1, justify="center")
    numbers = [getattr(invariants, name) for name, _ in _PROMISES]
    table.add_row(*[Text(f"{number}", f"bold bright_white on {'red' if number else 'green'}") for number in numbers])
    table.add_row(*[Text(said, "bold") for _, said in _PROMISES])
    return Group(table, Align.center(small))
