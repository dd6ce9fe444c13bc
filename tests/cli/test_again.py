"""Deciding about one contact at the command line: edit, review, correct, undo, re-enroll, transfer, why."""

from cli.conftest import EMAIL, FOLLOW_UP, Cli


def test_one_contact_is_changed_undone_and_begun_again(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test", "--undo-seconds", 120)
    assert "hello" in cli.ok("why", "ann@one.test")["waits"][0]["said"]
    assert cli.ok("undo", "ann@one.test")["withdrawn"] is True
    assert cli.ok("why", "ann@one.test")["waits"][0]["said"].startswith("ann@one.test is in no sequence")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test", "--delay", "again=5 days")
    edited = cli.ok("edit", "ann@one.test", "--step", "again", "--text", "Only for you.", "--subject", "You")["plan"]
    assert edited["steps"][1]["text"].startswith("Only for you.")
    assert cli.fails("edit", "ann@one.test")["code"] == "invalid"
    assert cli.fails("edit", "ann@one.test", "--delay", "soon")["code"] == "invalid"
    assert cli.fails("undo", "ann@one.test")["code"] == "conflict"
    cli.work()
    assert cli.fails("correct", "ann@one.test")["code"] == "conflict"
    assert cli.ok("review", "list")["reviews"] == []
    assert cli.fails("review", "decide", "ann@one.test", "continue")["code"] == "conflict"
    shown = cli.ok("reenroll", "ann@one.test", "Welcome", "--dry-run")
    assert (shown["start_step"], [each["step"] for each in shown["received"]]) == ("hello", ["hello", "again"])
    assert cli.fails("reenroll", "ann@one.test", "Welcome")["code"] == "conflict"
    assert cli.ok("reenroll", "ann@one.test", "Welcome", "--repeat")["enrolled"] == 1
    assert cli.ok("transfer", "--contact", "ann@one.test", "--to", "rep@acme.test")["moved"] == 1
    assert cli.fails("transfer", "--to", "rep@acme.test")["code"] == "invalid"


def test_hours_days_zone_and_texts_are_given_for_those_who_are_enrolled(cli: Cli) -> None:
    """sequences.md §4.2."""
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    ann = ("enroll", "Welcome", "--contact", "ann@one.test")
    for wrong in (("--window", "late"), ("--window", "17:00-09:00"), ("--timezone", "Mars"), ("--text", "hello"), ("--subject", "nine=x")):
        assert cli.fails(*ann, *wrong)["code"] == "invalid", wrong
    assert cli.fails(*ann, "--text", "hello=@nowhere.txt")["code"] == "not_found"
    assert cli.fails(*ann, "--at", "2099-01-01")["code"] == "START_TIME_INVALID"
    own = ("--window", "11:00-12:30", "--days", "everyday", "--timezone", "Asia/Tokyo", "--hold-first-email")
    text = ("--text", f"hello=@{cli.file('text.txt', 'From a file.')}", "--subject", "hello=For you", "--delay", "again=3 days")
    first, second = cli.ok(*ann, *own, *text, "--dry-run")["plan"]["steps"][:2]
    assert (first["subject"], first["text"].splitlines()[0], first["zone"]) == ("For you", "From a file.", "Asia/Tokyo")
    assert "11:00" <= first["local"][11:16] < "12:30"
    assert second["local"][11:16] >= "11:00"
    assert cli.ok(*ann, *own, *text)["enrolled"] == 1
    [row] = cli.sql("SELECT own_settings FROM enrollments")
    assert row["own_settings"] == {"start_minute": 660, "end_minute": 750, "mode": "EVERYDAY", "hold_first_email": True}
