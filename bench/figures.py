"""A measured figure, and the table of them."""

import operator
from collections.abc import Iterable
from dataclasses import dataclass

_TESTS = {">=": operator.ge, "<=": operator.le}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `goal` reads like `>= 2`; `beside` names the limit it was taken against, or what explains it."""

    name: str
    value: float
    unit: str
    goal: str = ""
    beside: str = ""

    @property
    def met(self) -> bool:
        """True where there is no goal, or it is reached."""
        if not self.goal:
            return True
        test, wanted = self.goal.split()
        return bool(_TESTS[test](self.value, float(wanted)))

    def cells(self) -> tuple[str, str, str, str, str]:
        shown = f"{self.value:,.0f}" if self.value >= 100 else f"{self.value:.2f}"
        verdict = "" if not self.goal else "met" if self.met else f"missed by {abs(self.value / float(self.goal.split()[1]) - 1):.0%}"
        return self.name, f"{shown} {self.unit}".strip(), self.goal, verdict, self.beside


HEAD = ("figure", "ours", "goal", "", "beside")


def table(figures: Iterable[Figure]) -> str:
    """Return a Markdown table, what has a goal first."""
    rows = [f.cells() for f in sorted(figures, key=lambda f: not f.goal)]
    widths = [max(len(row[column]) for row in (HEAD, *rows)) for column in range(len(HEAD))]
    lines = [HEAD, tuple("-" * width for width in widths), *rows]
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in lines)


def show(figures: Iterable[Figure]) -> None:
    print(table(figures), flush=True)
