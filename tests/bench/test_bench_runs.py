"""The measurements run from end to end on tiny sizes; what they take is nobody's promise here."""

from bench.__main__ import Sizes, measure
from bench.figures import Figure, table

TINY = Sizes(emails=20, mailboxes=4, enroll=100, claims=(10_000, 11_000), overdue=500, seconds=0.05, serving=0.5)


def test_every_figure_of_the_suite_is_measured() -> None:
    figures = measure(TINY)
    assert all(figure.value > 0 for figure in figures)
    names = " | ".join(figure.name for figure in figures)
    for wanted in (
        "bare smtplib loop",
        "COPY",
        "claim of 500",
        "empty poll",
        "delay of the other mailboxes",
        "memory",
        "fsyncs",
        "fdatasync",
        "p99 of API list",
    ):
        assert wanted in names


def test_a_missed_goal_is_said_with_how_much_is_missing() -> None:
    shown = table(
        [Figure("beside the goal", 3.0, "ms"), Figure("drain", 1.5, "x", goal=">= 2", beside="why"), Figure("claim", 1.2, "x", goal="<= 2")]
    )
    drain, claim, last = shown.splitlines()[2:]
    assert "missed by 25%" in drain
    assert "why" in drain
    assert "met" in claim
    assert "beside the goal" in last
