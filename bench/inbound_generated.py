"""The fixtures of the test suite as a measure: quotations and return dates, in counts."""

from datetime import date
from pathlib import Path
from sys import path

path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from corpora.automatic import AWAY
from corpora.make_mail import mail
from corpora.people import ANSWERS, BLOCKS
from segue.domain.inbound import ReadContext, read

QUOTED = "Hi Ann,\n\nare you the right person?\n\nBob"


def _rows(table: str) -> list[list[str]]:
    return [[part.strip() for part in line.split(" | ")] for line in table.strip().splitlines()]


def quotations() -> tuple[int, int]:
    right = of = 0
    marked = "\n".join("> " + line for line in QUOTED.split("\n"))
    cases = [(own, f"{own}\n\n{line}\n\n{marked}\n") for _, own, line in _rows(ANSWERS)]
    cases += [(own, f"{own}\n\n" + block.replace(";", "\n") + f"\n\n{QUOTED}\n") for _, own, block in _rows(BLOCKS)]
    for own, body in cases:
        of += 1
        right += "".join(read(mail("ann@prospect.test", "Re: x", body), ReadContext()).new_text.split()) == "".join(own.split())
    return right, of


def return_dates() -> tuple[int, int]:
    right = of = 0
    for _, want, subject, text in _rows(AWAY):
        of += 1
        back = read(mail("ann@prospect.test", subject, text), ReadContext()).return_date
        right += back == (None if want == "-" else date.fromisoformat(want))
    return right, of
