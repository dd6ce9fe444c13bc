"""Contacts on the command line: show, edit, export and import back, lists, consent, suppression, erasing."""

import csv
import json

from cli.conftest import Cli


def prepare(cli: Cli) -> None:
    cli.set_up()
    text = 'email,first_name,country,note\nann@one.test,Ann,Germany,"=HYPERLINK(""x"")"\nbob@one.test,Bob,US,plain\n'
    cli.ok("contacts", "import", cli.file("people.csv", text))


def test_a_contact_is_shown_edited_deleted_and_restored(cli: Cli) -> None:
    prepare(cli)
    cli.ok("contacts", "set", "ann@one.test", "city=Tokyo", "--add-address", "ann@two.test")
    shown = cli.ok("contacts", "show", "ann@two.test")
    assert shown["properties"]["city"] == "Tokyo"
    assert shown["zone"] is None or shown["zone"]["source"] == "country"
    assert shown["company"]["domain"] == "one.test"
    assert cli.fails("contacts", "set", "ann@one.test", "nonsense")["code"] == "invalid"
    assert cli.ok("contacts", "delete", "ann@one.test") == {"deleted": ["ann@one.test"]}
    assert cli.ok("contacts", "list")["count"] == 1
    assert cli.ok("contacts", "restore", "ann@one.test") == {"restored": ["ann@one.test"]}
    assert cli("contacts", "show", "ann@one.test").code == 0


def test_an_export_is_safe_in_a_spreadsheet_and_comes_back_the_same(cli: Cli) -> None:
    """X6."""
    prepare(cli)
    path = cli.folder / "out.csv"
    assert cli.ok("contacts", "export", path)["contacts"] == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["note"] == '\'=HYPERLINK("x")'
    assert rows[0]["hs_sequences_enrolled_count"] == "0"
    again = cli.ok("contacts", "import", path)
    assert (again["created"], again["updated"], again["unchanged"], again["refused"]) == (0, 0, 2, 0)
    cli.ok("contacts", "export", path, "--raw", "--filter", "first_name = Ann")
    assert '"=HYPERLINK(""x"")"' in path.read_text()


def test_lists_and_filters_select_whom_to_enroll(cli: Cli) -> None:
    prepare(cli)
    cli.ok("list", "create", "Customers")
    assert cli.ok("list", "add", "Customers", "ann@one.test", "bob@one.test")["changed"] == 2
    assert cli.ok("list", "remove", "Customers", "bob@one.test")["changed"] == 1
    assert [each["email"] for each in cli.ok("list", "show", "Customers")["members"]] == ["ann@one.test"]
    assert cli.fails("list", "add", "Customers", "nobody@one.test")["code"] == "not_found"
    assert cli.ok("contacts", "find", "--filter", "country = DE")["count"] == 1
    assert cli.ok("enroll", "Welcome", "--list", "Customers")["enrolled"] == 1
    assert cli.ok("enroll", "Welcome", "--filter", "country = US", "--dry-run")["enrolled"] == 1
    assert cli.fails("enroll", "Welcome", "--list", "Customers", "--filter", "country = US")["code"] == "invalid"
    assert cli.ok("list", "list")["lists"][0]["members"] == 1
    cli.ok("list", "delete", "Customers")


def test_consent_and_its_policies(cli: Cli) -> None:
    prepare(cli)
    assert cli.ok("consent", "policy", "Germany", "block") == {"country": "DE", "policy": "block"}
    assert cli.ok("enroll", "Welcome", "--contact", "ann@one.test")["refused"][0]["code"] == "CONSENT_REQUIRED"
    cli.ok("consent", "record", "ann@one.test", "--source", "fair in May", "--kind", "express")
    assert cli.ok("contacts", "show", "ann@one.test")["consents"][0]["source"] == "fair in May"
    assert cli.ok("enroll", "Welcome", "--contact", "ann@one.test")["enrolled"] == 1
    assert cli.ok("consent", "withdraw", "ann@one.test") == {"withdrawn": 1}
    assert cli.ok("consent", "policies")["policies"]["DE"] == "block"


def test_suppressions_come_from_a_file_and_only_some_are_lifted(cli: Cli) -> None:
    """SEQ-63: a bounce or a block is lifted with a reason, an opt-out by the person's own opt-in, a complaint never."""
    prepare(cli)
    path = cli.file("block.csv", "address\nANN@one.test\ncompetitor.test\nnot an address\n\nann@one.test\n")
    done = cli.ok("suppress", "import", path, "--reason", "customer of a partner")
    assert (done["added"], done["known"], done["bad"]) == (2, 1, [{"line": 4, "value": "not an address"}])
    assert cli.ok("suppress", "import", path)["added"] == 0
    assert cli.ok("enroll", "Welcome", "--contact", "ann@one.test")["refused"][0]["code"] == "BLOCKED_ADDRESS"
    assert cli.ok("suppress", "lift", "ann@one.test", "--why", "contract ended")["was"] == "customer of a partner"
    assert cli.ok("enroll", "Welcome", "--contact", "ann@one.test")["enrolled"] == 1
    cli.ok("suppress", "import", cli.file("out.csv", "bob@one.test\n"), "--opted-out")
    assert cli.ok("enroll", "Welcome", "--contact", "bob@one.test")["refused"][0]["code"] == "UNSUBSCRIBED"
    assert cli.fails("suppress", "lift", "bob@one.test", "--why", "we want to")["code"] == "own_wish"
    assert cli.ok("suppress", "opt-in", "bob@one.test", "--source", "form of today")["was"].startswith("unsubscribed")
    cli.ok("suppress", "add", "bob@one.test", "--reason", "complaint")
    assert cli.fails("suppress", "opt-in", "bob@one.test", "--source", "x")["code"] == "own_wish"
    assert cli.fails("suppress", "lift", "bob@one.test", "--why", "x")["code"] == "own_wish"


def test_everything_about_a_person_is_handed_out_and_then_erased(cli: Cli) -> None:
    prepare(cli)
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    cli.work()
    told = json.loads(cli("contacts", "show", "ann@one.test", "--everything").out)
    assert told["contacts"][0]["email"] == "ann@one.test"
    assert "A question, Ann." in told["messages"][0]["wire_text"]
    assert {event["kind"] for event in told["events"]} >= {"contact_enrolled", "email_sent"}
    assert "--everything" in cli.fails("contacts", "erase", "ann@one.test")["hint"]
    assert cli.ok("contacts", "erase", "ann@one.test", "--yes")["hashes_kept"] == 1
    assert cli.fails("contacts", "show", "ann@one.test")["code"] == "not_found"
    assert cli.ok("status")["promises_kept"] is True
    again = cli.ok("contacts", "import", cli.file("again.csv", "email\nann@one.test\n"))
    assert (again["created"], again["refused"]) == (0, 1)


def test_companies_have_names_of_their_own(cli: Cli) -> None:
    """SEQ-19."""
    prepare(cli)
    assert [row["contacts"] for row in cli.ok("company", "list")["companies"]] == [2]
    cli.ok("company", "name", "one.test", "One Limited")
    shown = cli.ok("company", "show", "ann@one.test")
    assert (shown["name"], len(shown["contacts"])) == ("One Limited", 2)
    assert cli.fails("company", "show", "two.test")["code"] == "not_found"
    merged = cli.ok("contacts", "merge", "ann@one.test", "bob@one.test")
    assert merged["other_addresses"] == ["bob@one.test"]
