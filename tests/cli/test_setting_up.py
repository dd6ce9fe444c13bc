"""Setting up: workspaces, mailboxes, contacts and sequences, and what goes wrong with them."""

from pathlib import Path

import pytest

from cli.conftest import EMAIL, Cli, flow


def test_a_workspace_is_made_once(cli: Cli) -> None:
    made = cli.ok("init", "--name", "Acme", "--timezone", "Europe/Berlin", "--email", "rita@acme.test")
    assert (made["created"], made["timezone"]) == (True, "Europe/Berlin")
    assert cli.ok("init", "--name", "acme")["created"] is False
    assert cli.ok("init")["created"] is False
    assert cli.fails("init", "--name", "Other")["code"] == "conflict"
    assert cli.sql("SELECT count(*) AS n FROM workspaces") == [{"n": 1}]


def test_of_several_workspaces_one_must_be_named(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    cli.ok("init", "--name", "Beta", "--another")
    assert cli.fails("status")["hint"] == "Say which with --workspace NAME: Acme, Beta."
    assert cli.ok("status", "--workspace", "beta")["workspace"] == "Beta"
    assert cli.fails("status", "--workspace", "Gamma")["code"] == "not_found"


@pytest.mark.parametrize("words", [("--name", "Acme", "--timezone", "Berlin"), ("--name", "Acme", "--email", "nobody"), ()])
def test_a_workspace_that_cannot_be_is_refused(cli: Cli, words: tuple[str, ...]) -> None:
    assert cli.fails("init", *words)["code"] == "invalid"
    assert cli.sql("SELECT count(*) AS n FROM workspaces") == [{"n": 0}]


def test_every_command_asks_for_a_workspace_first(cli: Cli) -> None:
    assert cli.fails("status")["hint"] == "Run `segue init` first."
    assert cli.fails("worker", "--until-idle")["hint"] == "Run `segue init` first."


def test_a_mailbox_is_signed_in_to_before_it_is_connected(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    connected = cli.ok("mailbox", "add", cli.mailbox_file())
    assert (connected["connected"], [check["ok"] for check in connected["checks"]]) == (True, [True])
    [listed] = cli.ok("mailbox", "list")["mailboxes"]
    assert (listed["address"], listed["state"], listed["per_day"]) == ("rep@acme.test", "ok", 200)


def test_a_wrong_password_connects_nothing_and_says_so(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    error = cli.fails("mailbox", "add", cli.mailbox_file(password="wrong"))
    assert error["code"] == "mailbox_check_failed"
    assert "The password is not right." in error["message"]
    assert cli.ok("mailbox", "list")["mailboxes"] == []
    assert cli.ok("mailbox", "add", cli.mailbox_file(password="wrong"), "--no-test")["connected"] is True
    [tested] = cli("mailbox", "test", "--json").json["mailboxes"]
    assert tested["ok"] is False


def test_a_password_is_never_shown_nor_stored_in_the_clear(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    cli.world.change_secret("rep@acme.test", "correct horse")
    shown = cli("mailbox", "add", cli.mailbox_file(password="correct horse"))
    listed = cli("mailbox", "list", "--json")
    stored = bytes(cli.sql("SELECT secret FROM mailboxes")[0]["secret"])
    assert "correct horse" not in shown.out + shown.err + listed.out
    assert b"correct horse" not in stored


def test_a_mailbox_file_is_corrected_line_by_line(cli: Cli) -> None:
    file = cli.file("bad.yaml", "address: rep@acme.test\nprovider: fake\nper_day: many\nspaceing_seconds: 3\nper_minute: 0\n")
    error = cli.fails("mailbox", "add", file)
    assert [(p["line"], p["message"]) for p in error["problems"]] == [
        (3, "`per_day` should be a number."),
        (4, "There is no entry `spaceing_seconds`."),
        (5, "`per_minute` cannot be 0."),
    ]


def test_servers_are_told_from_the_address_or_asked_for(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    file = cli.file("gmail.yaml", "address: rita@gmail.com\npassword: pw\n")
    cli.ok("mailbox", "add", file, "--no-test")
    assert cli.sql("SELECT settings ->> 'smtp_host' AS host FROM mailboxes") == [{"host": "smtp.gmail.com"}]
    unknown = cli.file("own.yaml", "address: rita@own.test\npassword: pw\n")
    assert "--smtp-host" in cli.fails("mailbox", "add", unknown, "--no-test")["hint"]
    assert cli.fails("mailbox", "add", unknown, "--preset", "gmial")["field"] == "preset"
    assert cli.fails("mailbox", "add", "not-an-address")["field"] == "address"


def test_a_host_on_a_private_address_is_refused_unless_the_operator_allows_it(cli: Cli, monkeypatch) -> None:
    cli.ok("init", "--name", "Acme")
    settings = "settings:\n  smtp_host: 127.0.0.1\n  smtp_port: 587\n  smtp_tls: none\n"
    error = cli.fails("mailbox", "add", cli.file("local.yaml", f"address: rita@own.test\npassword: pw\n{settings}"))
    assert "✗ smtp: These settings cannot work." in error["message"]
    monkeypatch.setenv("SEGUE_ALLOWED_HOSTS", "not a host!")
    assert cli.fails("mailbox", "add", cli.mailbox_file())["field"] == "SEGUE_ALLOWED_HOSTS"


def test_contacts_are_imported_once_and_bad_rows_are_told(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    file = cli.file("c.csv", "E-Mail;Vorname\nann@one.test;Ann\nnobody;Bob\n")
    first = cli.ok("contacts", "import", file)
    assert (first["created"], first["refused"], [r["line"] for r in first["refused_rows"]]) == (1, 1, [3])
    assert cli.ok("contacts", "import", file)["unchanged"] == 1
    listed = cli.ok("contacts", "list", "ann")
    assert (listed["count"], [c["first_name"] for c in listed["contacts"]]) == (1, ["Ann"])


def test_a_table_without_addresses_is_refused_before_anything_is_stored(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    assert cli.fails("contacts", "import", cli.file("c.csv", "name,phone\nAnn,1\n"))["code"] == "invalid"
    assert cli.fails("contacts", "import", cli.folder / "absent.csv")["code"] == "not_found"
    assert cli.ok("contacts", "list")["count"] == 0


def test_a_sequence_file_is_checked_without_a_database(cli: Cli, monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert [s["key"] for s in cli.ok("sequence", "lint", cli.file("good.yaml", flow(EMAIL)))["steps"]] == ["hello", "finish-1"]
    error = cli.fails("sequence", "lint", cli.file("bad.yaml", "name: X\nsteps:\n  - email:\n      subjekt: Hi\n      body: Text\n"))
    assert [p["line"] for p in error["problems"]] == [3, 4] or [p["line"] for p in error["problems"]] == [4]
    assert cli.fails("sequence", "lint", cli.file("broken.yaml", "name: [\n"))["problems"][0]["line"] >= 1
    assert cli.fails("sequence", "lint", cli.folder / "absent.yaml")["code"] == "not_found"
    (cli.folder / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    assert cli.fails("sequence", "lint", cli.folder / "latin.yaml")["code"] == "invalid"


def test_a_sequence_without_changes_makes_no_version(cli: Cli) -> None:
    cli.set_up()
    again = cli.ok("sequence", "apply", cli.folder / "flow.yaml")
    assert (again["version"], again["changed"]) == (1, False)
    changed = cli.ok("sequence", "apply", cli.file("flow.yaml", flow(EMAIL.replace("A question", "Another question"))))
    assert (changed["version"], changed["changed"]) == (2, True)


def test_seq_47_applying_warns_of_mails_without_an_unsubscribe_link(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    cli.ok("init", "--name", "Acme", "--email", "rita@acme.test", "--postal-address", "1 Main St")
    mails, calls = cli.file("mails.yaml", flow(EMAIL)), cli.file("calls.yaml", "name: Calls\nsteps:\n  - call:\n")

    def warned(file: Path) -> list[str]:
        messages = [each["message"] for each in cli.ok("sequence", "apply", file)["warnings"]]
        return [each for each in messages if "link" in each]

    assert warned(mails) == ["The emails of this sequence show no unsubscribe link: SEGUE_PUBLIC_URL is not set."]
    assert warned(calls) == []
    monkeypatch.setenv("SEGUE_PUBLIC_URL", "https://segue.acme.test")
    assert warned(mails) == []
    cli.ok("workspace", "set", "--unsubscribe-link", "off")
    assert warned(mails) == ["The emails of this sequence show no unsubscribe link: the workspace has switched it off."]


def test_an_exported_sequence_can_be_applied_again(cli: Cli) -> None:
    cli.set_up()
    text = cli.ok("sequence", "export", "welcome")["yaml"]
    assert cli.ok("sequence", "apply", cli.file("again.yaml", text))["changed"] is False
    assert cli("sequence", "export", "welcome").out == text


def test_enrolling_says_what_is_missing(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme")
    assert cli.fails("enroll", "Welcome", "--contact", "ann@one.test")["code"] == "not_found"
    cli.set_up()
    assert cli.fails("enroll", "Welcome")["code"] == "invalid"
    assert cli.fails("enroll", "Welcome", "--contact", "ann@one.test")["hint"] == "Import the contact first."
    cli.import_contacts("ann@one.test")
    assert cli.fails("enroll", "Welcome", "--contact", "ann@one.test", "--start-step", 9)["code"] == "START_STEP_INVALID"
    assert cli.fails("enroll", "Welcome", "--contact", "ann@one.test", "--sender", "no@acme.test")["code"] == "not_found"
    cli.world.add_mailbox("two@acme.test", secret="pw")
    cli.ok("mailbox", "add", cli.mailbox_file("two@acme.test"))
    assert "rep@acme.test, two@acme.test" in cli.fails("enroll", "Welcome", "--contact", "ann@one.test")["hint"]
    assert cli.ok("enroll", "Welcome", "--contact", "ann@one.test", "--sender", "two@acme.test")["enrolled"] == 1


def test_refused_contacts_are_listed_and_written_to_a_file(cli: Cli) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test", "bob@two.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    out = cli.folder / "refused.csv"
    report = cli.ok("enroll", "Welcome", "--from", cli.folder / "contacts.csv", "--refused-to", out)
    assert (report["enrolled"], [(r["email"], r["code"]) for r in report["refused"]]) == (1, [("ann@one.test", "ALREADY_ENROLLED")])
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "email,code,reason"
    assert lines[1].startswith('ann@one.test,ALREADY_ENROLLED,"Already enrolled in ""Welcome""')
    assert cli.fails("enroll", "Welcome", "--from", cli.folder / "contacts.csv", "--refused-to", "/absent/x.csv")["code"] == "unavailable"
