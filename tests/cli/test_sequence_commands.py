"""What becomes of sequences after they are published, at the command line: versions, applying them, copies, sharing, deletion."""

from cli.conftest import EMAIL, FOLLOW_UP, Cli, flow

NEW = FOLLOW_UP.replace("Again.", "Once again, in new words.")
LATER = "  - email:\n      body: |\n        The last one.\n    key: last\n    after: 2 days\n"


def test_a_new_version_is_compared_previewed_and_applied(cli: Cli) -> None:
    """SEQ-132, SEQ-133."""
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test", "bob@two.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test", "--contact", "bob@two.test", "--undo-seconds", 0)
    cli.ok("edit", "ann@one.test", "--step", "again", "--text", "Only for Ann.")
    assert cli.fails("sequence", "diff", "Welcome")["code"] == "conflict"
    cli.ok("sequence", "apply", cli.file("new.yaml", flow(EMAIL, NEW, LATER)))
    found = {(each["key"], each["kind"]) for each in cli.ok("sequence", "diff", "Welcome")["differences"]}
    assert {("again", "changed"), ("last", "added")} <= found
    apply = ("sequence", "apply-to-active", "Welcome")
    foreseen = cli.ok(*apply, "--dry-run")
    assert (foreseen["moved"], foreseen["dry_run"]) == (2, True)
    assert {tuple(each["added"]) for each in foreseen["enrollments"]} == {("last",)}
    assert "--dry-run" in cli.fails(*apply)["hint"]
    assert cli.ok(*apply, "--contact", "bob@two.test", "--yes")["moved"] == 1
    cli.ok("user", "add", "dan@acme.test")
    assert cli.ok(*apply, "--yes", "--as", "dan@acme.test")["moved"] == 0
    assert cli.ok(*apply, "--user", "dan@acme.test", "--yes")["moved"] == 0
    assert cli.ok(*apply, "--yes", "--user", "rep@acme.test")["moved"] == 1
    texts = {each["key"]: each["text"] for each in cli.ok("plan", "--contact", "ann@one.test", "--texts")["steps"]}
    assert texts["again"].startswith("Only for Ann.")
    assert {each["version"]: each["open"] for each in cli.ok("sequence", "show", "Welcome")["versions"]} == {1: 0, 2: 2}
    assert cli.ok(*apply, "--version", 1, "--yes", "--overwrite-edits")["moved"] == 2
    texts = {each["key"]: each["text"] for each in cli.ok("plan", "--contact", "ann@one.test", "--texts")["steps"]}
    assert (texts["again"].startswith("Again."), "last" in texts) == (True, False)
    assert cli.fails(*apply, "--version", 9)["code"] == "not_found"
    shown = cli(*apply, "--dry-run").out
    assert "Steps added: last" in shown


def test_sequences_are_copied_shared_archived_deleted_and_brought_back(cli: Cli) -> None:
    """SEQ-8, SEQ-48, SEQ-135, SEQ-136."""
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    assert cli.ok("sequence", "clone", "Welcome", "Hello")["status"] == "draft"
    assert cli.fails("enroll", "Hello", "--contact", "ann@one.test")["code"] == "SEQUENCE_NOT_ACTIVE"
    assert cli.fails("sequence", "clone", "Welcome", "hello")["code"] == "conflict"
    assert cli.fails("sequence", "activate", "Hello")["code"] == "conflict"
    cli.ok("user", "add", "dan@acme.test")
    assert cli.ok("sequence", "share", "Welcome", "--user", "dan@acme.test")["sharing"] == "chosen"
    assert cli.fails("sequence", "share", "Welcome")["code"] == "invalid"
    assert cli.ok("sequence", "show", "Welcome")["sharing"] == "chosen"
    assert cli.ok("sequence", "share", "Welcome", "--everyone")["sharing"] == "everyone"
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    assert cli.ok("sequence", "archive", "Welcome")["changed"] is True
    assert cli.ok("sequence", "archive", "Welcome")["changed"] is False
    assert cli.ok("sequence", "activate", "Welcome")["changed"] is True
    assert cli.fails("sequence", "delete", "Welcome")["code"] == "sequence_in_use"
    assert cli.fails("sequence", "delete", "Welcome", "--unenroll-all")["code"] in ("invalid", "conflict")
    assert cli.ok("sequence", "delete", "Welcome", "--unenroll-all", "--name", "Welcome")["unenrolled"] == 1
    assert cli.fails("sequence", "show", "Welcome")["code"] == "not_found"
    assert [row["name"] for row in cli.ok("sequence", "list", "--deleted")["sequences"]] == ["Welcome"]
    assert cli.ok("sequence", "restore", "Welcome")["status"] == "archived"
    assert cli.fails("sequence", "restore", "Welcome")["code"] == "not_found"
