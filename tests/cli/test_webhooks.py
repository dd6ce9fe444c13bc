"""`segue webhooks`: from the address to the dead letter, as an operator does it; told by `segue worker` itself."""

import json

from standardwebhooks.webhooks import Webhook

from cli.conftest import EMAIL
from features.webhooks.receiver import receiving


def test_an_operator_adds_tests_replays_and_removes_an_endpoint(cli, monkeypatch) -> None:
    monkeypatch.setenv("SEGUE_ALLOWED_HOSTS", "127.0.0.1:*")
    cli.set_up(EMAIL)
    with receiving(200) as receiver:
        made = cli.ok("webhooks", "add", receiver.url + "/hook", "--event", "contact_enrolled", "--event", "email_sent")
        number = made["id"]
        assert cli.ok("webhooks", "test", number)["status"] == 200
        assert Webhook(made["secret"]).verify(receiver.got[0][1], receiver.got[0][0])["type"] == "webhook_test"
        cli.import_contacts("ann@prospect.test")
        cli.ok("enroll", "Welcome", "--contact", "ann@prospect.test")
        cli.work()
        assert {row["state"] for row in cli.ok("webhooks", "deliveries", number)["deliveries"]} <= {"waiting", "delivered"}
        cli.ok("webhooks", "off", number)
        cli.ok("webhooks", "on", number)
        assert cli.fails("webhooks", "test", number + 1)["code"] == "not_found"
        assert cli.ok("webhooks", "rotate", number)["secret"] != made["secret"]
        assert "secret" not in json.dumps(cli.ok("webhooks", "list"))
        cli.ok("webhooks", "replay", number)
        cli.ok("webhooks", "remove", number)
    assert cli.ok("webhooks", "list")["endpoints"] == []
    assert cli.fails("webhooks", "add", "ftp://example.com")["code"] == "invalid"
    told = {entry["kind"] for entry in cli.ok("audit", "list")["entries"]}
    assert "webhook_changed" in told
