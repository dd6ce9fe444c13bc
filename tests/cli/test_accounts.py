"""API keys and the audit log at the command line."""

from cli.conftest import Cli


def test_a_key_is_made_listed_and_revoked_and_the_log_says_so(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme", "--email", "rita@acme.test", "--timezone", "Europe/Berlin")
    made = cli.ok("api-key", "create", "CRM", "--scope", "contacts:read", "--scope", "tasks:write", "--from", "192.0.2.0/24")
    assert made["key"].startswith("segue_")
    assert (made["owner"], made["scopes"]) == ("rita@acme.test", ["contacts:read", "tasks:write"])
    assert cli.fails("api-key", "create", "CRM", "--scope", "everything")["field"] == "scopes"
    shown = cli("api-key", "list")
    assert made["key"] not in shown.out
    assert made["key"][:12] in shown.out
    cli.ok("user", "add", "bob@acme.test")
    assert cli.fails("api-key", "create", "Bob's", "--as", "bob@acme.test")["code"] == "not_allowed"
    assert cli.fails("api-key", "revoke", made["id"], "--as", "bob@acme.test")["code"] == "not_found"
    assert cli.ok("api-key", "revoke", made["id"])["state"] == "revoked"
    assert cli.ok("api-key", "list")["api_keys"] == []
    assert cli.ok("api-key", "list", "--all", "--user", "rita@acme.test")["api_keys"][0]["state"] == "revoked"
    kinds = [entry["kind"] for entry in cli.ok("audit", "list")["entries"]]
    assert kinds == ["api_key_revoked", "user_changed", "api_key_created"]
    assert made["key"] not in cli("audit", "list", "--json").out
    assert cli.ok("audit", "verify")["entries"] == 3
    assert cli("api-key", "create", "Again", "--days", "0").code == 0
    assert "rita@acme.test" in cli("audit", "list", "--kind", "api_key_created", "--days", "1").out


def test_people_are_invited_given_passwords_and_signed_out(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme", "--email", "rita@acme.test", "--timezone", "Europe/Berlin")
    invited = cli.ok("sign-in", "invite", "bob@acme.test", "--role", "manager", "--team", "north")
    assert invited["link"] == f"http://localhost/invitation#{invited['token']}"
    assert cli.ok("user", "show", "bob@acme.test")["role"] == "manager"
    assert cli.fails("sign-in", "invite", "eve@acme.test", "--as", "bob@acme.test")["code"] == "not_allowed"
    assert cli.fails("sign-in", "password", "rita@acme.test")["field"] == "password"
    weak, good = cli.file("weak.txt", "password1234\n"), cli.file("good.txt", "violins louder than drums\n")
    assert cli.fails("sign-in", "password", "rita@acme.test", "--password-file", weak)["field"] == "password"
    assert cli.ok("sign-in", "password", "rita@acme.test", "--password-file", good)["changed"]
    assert cli.fails("sign-in", "invite", "rita@acme.test")["code"] == "conflict"
    assert cli.ok("sign-in", "reset", "rita@acme.test")["token"] not in cli("audit", "list", "--json").out
    cli.ok("api-key", "create", "CRM")
    assert cli.ok("sign-in", "sessions", "rita@acme.test") == {"sessions": []}
    assert cli.ok("sign-in", "end", "rita@acme.test")["api_keys"] == 1
    assert cli.fails("sign-in", "end", "rita@acme.test", "--session", "7")["code"] == "not_found"
    assert cli.fails("sign-in", "second-factor")["code"] == "invalid"
    assert cli.ok("sign-in", "second-factor", "rita@acme.test", "--remove", "--require") == {"removed": True, "required": True}
    kinds = {entry["kind"] for entry in cli.ok("audit", "list")["entries"]}
    assert kinds >= {"user_invited", "password_changed", "password_reset_asked", "access_ended", "settings_changed"}


def test_keys_rotate_and_mailboxes_still_sign_in(cli: Cli) -> None:
    cli.set_up()
    before = cli.sql("SELECT secret FROM mailboxes")
    assert cli.ok("keys", "rotate")["secrets"] == 1
    assert cli.sql("SELECT secret FROM mailboxes") != before
    assert cli.ok("mailbox", "test")["mailboxes"][0]["ok"]
    assert cli.ok("audit", "verify")["broken_at"] == 0


def test_no_command_shows_a_secret_that_the_environment_gives(cli: Cli, monkeypatch) -> None:
    """S23, with the traceback that SEGUE_DEBUG adds."""
    cli.ok("init", "--name", "Acme", "--email", "rita@acme.test", "--timezone", "Europe/Berlin")
    monkeypatch.setenv("SEGUE_SECRET_KEY", "canary-key-7Qx")
    monkeypatch.setenv("SEGUE_SECRET_KEY_BEFORE", "canary-before-7Qx")
    monkeypatch.setenv("SEGUE_DEBUG", "1")
    said = [
        cli(*words) for words in (("keys", "rotate"), ("status",), ("status", "--json"), ("mailbox", "list"), ("audit", "list", "--json"))
    ]
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:canary-database-7Qx@127.0.0.1:1/none")
    said += [cli(*words) for words in (("status",), ("status", "--json"), ("backup", cli.folder / "none"), ("doctor", "--offline"))]
    assert {ran.code for ran in said} == {0, 1}
    assert all("7Qx" not in ran.out + ran.err for ran in said)
