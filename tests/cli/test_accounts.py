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
