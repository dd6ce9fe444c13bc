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
