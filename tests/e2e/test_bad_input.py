"""Bad input through the true command: a clear sentence, an exit code, and nothing lost or half-stored."""

from collections.abc import Callable
from pathlib import Path

import pytest

from e2e.console import Console

GOOD = "name: Good\nsteps:\n  - email: {subject: A question, body: May I?}\n"
BROKEN = """
name: Broken
settings: {days: sundays}
steps:
  - emial: {subject: A question, body: May I?}
  - email: {body: Hello}
    after: 2 fortnights
"""


@pytest.fixture
def console(console_for: Callable[..., Console], database_url: str) -> Console:
    console = console_for(None, database_url)
    console.init()
    return console


def test_a_broken_sequence_file_is_told_line_by_line_and_changes_nothing(console: Console) -> None:
    console.ask("sequence", "apply", console.write("good.yaml", GOOD))
    error = console.fail("sequence", "apply", console.write("broken.yaml", BROKEN))
    assert {each["line"] for each in error["problems"]} == {3, 5, 7}
    assert all(each["message"] for each in error["problems"])
    open_braces = console.fail("sequence", "apply", console.write("braces.yaml", GOOD.replace("May I?", '"Hello {{ contact.first_name"')))
    assert [(each["line"], "never closed" in each["message"]) for each in open_braces["problems"]] == [(3, True)]
    console.fail("sequence", "apply", console.write("cut.yaml", GOOD[:-3] + ": [}"))
    console.fail("sequence", "apply", str(console.folder / "missing.yaml"))
    assert [(row["name"], row["version"]) for row in console.ask("sequence", "list")["sequences"]] == [("Good", 1)]


def test_a_broken_mailbox_file_is_told_line_by_line(console: Console) -> None:
    text = "address: rep@acme.test\nper_day: many\nspacing: 20\nsettings:\n  smtp_host: localhost\n"
    error = console.fail("mailbox", "add", console.write("mailbox.yaml", text), "--password-stdin", typed="pw\n")
    assert {each["line"] for each in error["problems"]} == {2, 3}
    assert console.ask("mailbox", "list")["mailboxes"] == []


def test_a_table_without_addresses_is_refused_whole(console: Console) -> None:
    error = console.fail("contacts", "import", console.write("contacts.csv", "name,town\nAnn,Bonn\n"))
    assert "name, town" in error["message"]
    assert "email" in error["hint"]
    assert console.ask("contacts", "list")["count"] == 0


def test_bad_and_doubled_rows_stay_out_and_are_given_back_for_correction(console: Console) -> None:
    rows = "email,first_name\nann@a.test,Ann\nno address,Bob\nANN@A.test,Anna\n,Carl\ndan@@d.test,Dan\neve@e.test,Eve\n"
    file = console.write("contacts.csv", rows)
    done = console.ask("contacts", "import", file)
    assert (done["rows"], done["created"], done["refused"]) == (6, 2, 4)
    assert [each["line"] for each in done["refused_rows"]] == [3, 4, 5, 6]
    with Path(done["errors_file"]).open(encoding="utf-8-sig") as errors:
        kept = errors.read()
    assert all(word in kept for word in ("no address", "ANN@A.test", "Carl", "dan@@d.test"))
    again = console.ask("contacts", "import", file)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert console.ask("contacts", "list")["count"] == 2


def test_a_file_that_is_no_table_is_refused(console: Console) -> None:
    path = console.folder / "picture.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40)
    assert console.fail("contacts", "import", str(path))["hint"]
    assert console.ask("contacts", "list")["count"] == 0


def test_a_clock_that_is_no_time_is_refused(console: Console) -> None:
    assert "is not a time" in console.fail("worker", "--clock-start", "tomorrow")["message"]
