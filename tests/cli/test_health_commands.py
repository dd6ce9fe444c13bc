"""`segue notices`, `breaker`, `mailbox forecast`, `mail quarantine`, `confirm-instance`, spread starts: what a person types and sees."""

import json

import pytest

from cli.conftest import EMAIL, FOLLOW_UP, Cli


@pytest.fixture
def ready(cli: Cli) -> Cli:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts(*(f"p{i}@one{i}.test" for i in range(12)))
    return cli


def enroll(cli: Cli, *more: object, count: int = 3) -> dict:
    contacts = [word for i in range(count) for word in ("--contact", f"p{i}@one{i}.test")]
    found: dict = cli.ok("enroll", "Welcome", *contacts, *more)
    return found


def test_nothing_is_wrong_in_a_new_installation(ready: Cli) -> None:
    assert ready.ok("notices")["notices"] == []
    assert ready.ok("breaker", "list") == {"mode": "on", "breakers": []}
    assert ready.ok("mail", "quarantine", "list")["quarantined"] == []
    assert ready.ok("confirm-instance")["confirmed"] is False
    assert ready.ok("status")["fenced"] is False
    for words in (("notices",), ("breaker", "list"), ("mail", "quarantine", "list"), ("mailbox", "list"), ("mailbox", "forecast")):
        shown = ready(*words)
        assert (shown.code, "Traceback" in shown.err) == (0, False), shown


def test_a_broken_mailbox_is_shown_with_what_to_do(ready: Cli) -> None:
    ready.sql("UPDATE mailboxes SET state = 'sign_in', state_detail = 'auth: 535 5.7.8 no', state_since = now(), trouble_since = now()")
    [row] = ready.ok("mailbox", "list")["mailboxes"]
    assert (row["badge"], "segue mailbox add" in row["todo"]) == ("Inbox disconnected", True)
    assert "Inbox disconnected" in ready("status").out
    assert row["todo"].split(".")[0] in " ".join(ready("mailbox", "list").out.split())


def test_a_notice_is_put_away_by_its_number_once(ready: Cli) -> None:
    ready.sql(
        """INSERT INTO notices (workspace_id, kind, subject, said, todo, created_at)
           SELECT workspace_id, 'inbox', '1/INBOX', 'A folder is gone.', 'Look.', now() FROM workspaces"""
    )
    [told] = ready.ok("notices")["notices"]
    assert "A folder is gone." in ready("notices").out
    assert ready.ok("notices", "--done", told["id"])["notices"] == []
    assert len(ready.ok("notices", "--all")["notices"]) == 1
    assert "no open notice" in ready.fails("notices", "--done", told["id"])["message"]


def test_an_open_breaker_is_listed_tried_and_closed(ready: Cli) -> None:
    ready.sql("UPDATE mailbox_lanes SET breaker = 'open', broken = true, breaker_at = now(), breaker_detail = 'too many bounces'")
    ready.sql("UPDATE sequences SET breaker = 'open', breaker_at = now(), breaker_detail = 'complaints'")
    assert {row["kind"]: row["detail"] for row in ready.ok("breaker", "list")["breakers"]} == {
        "mailbox": "too many bounces",
        "sequence": "complaints",
    }
    assert "breaker open: too many bounces" in " ".join(ready("mailbox", "list").out.split())
    assert ready.ok("breaker", "half-open", "--mailbox", "rep@acme.test")["state"] == "half_open"
    assert ready.ok("breaker", "close", "--mailbox", "rep@acme.test")["state"] == "closed"
    assert ready.ok("breaker", "close", "--sequence", "Welcome")["state"] == "closed"
    assert "not open" in ready.fails("breaker", "close", "--sequence", "Welcome")["message"]
    ready.fails("breaker", "close")


def test_the_rules_of_sending_are_set_and_shown(ready: Cli) -> None:
    shown = ready.ok("workspace", "set", "--breaker", "half-open", "--mailbox-dead-days", 7, "--address-per-day", 2, "--domain-per-day", 20)
    found = {name: shown[name] for name in ("breaker", "mailbox_dead_days", "address_per_day", "domain_per_day")}
    assert found == {"breaker": "half-open", "mailbox_dead_days": 7, "address_per_day": 2, "domain_per_day": 20}
    assert ready.ok("breaker", "list")["mode"] == "half_open"
    ready.fails("workspace", "set", "--breaker", "sometimes")


def test_the_forecast_names_days_and_room(ready: Cli) -> None:
    enroll(ready)
    [found] = ready.ok("mailbox", "forecast")["mailboxes"]
    assert len(found["days"]) == 14
    assert (sum(day["planned"] for day in found["days"]) >= 3, found["planned_24h"]) == (True, 3)
    assert found["room"] == found["limit"] - 3
    assert [len(each["days"]) for each in ready.ok("mailbox", "forecast", "rep@acme.test", "--days", 3)["mailboxes"]] == [3]
    assert "Follow-ups" in ready("mailbox", "forecast").out


def test_starts_spread_over_days_wait_for_their_day(ready: Cli) -> None:
    report = enroll(ready, "--per-day", 2, count=5)
    assert (report["enrolled"], sum(each["contacts"] for each in report["starts"]), len(report["starts"]) >= 3) == (5, 5, True)
    waiting = ready.sql("SELECT count(*) AS n FROM enrollments WHERE waiting_for = 'START'")[0]["n"]
    assert waiting >= 3
    ready.fails("enroll", "Welcome", "--contact", "p9@one9.test", "--per-day", 2, "--between", "2027-01-01..2027-01-05")


def test_a_full_mailbox_refuses_on_wish_and_queues_by_default(ready: Cli) -> None:
    ready.sql("UPDATE mailboxes SET per_day = 2, warm_up = false")  # one for sequences
    report = enroll(ready, "--over-limit", "refuse")
    assert (report["enrolled"], [each["code"] for each in report["refused"]]) == (1, ["SEND_LIMIT_REACHED"] * 2)
    assert "is full until" in report["refused"][0]["message"]
    queued = ready.ok("enroll", "Welcome", *(word for i in range(1, 12) for word in ("--contact", f"p{i}@one{i}.test")))
    assert (queued["enrolled"], queued["last_first_email_on"] is not None) == (11, True)


def test_a_quarantined_mail_is_shown_and_judged_again(ready: Cli) -> None:
    ready.sql(
        """INSERT INTO quarantine (workspace_id, mailbox_id, folder, uid_validity, uid, tries, error, raw, released, at)
           SELECT workspace_id, id, 'INBOX', 1, 9, 3, 'ValueError: x', convert_to(E'Subject: hi\\r\\n\\r\\nhello', 'UTF8'), true, now()
           FROM mailboxes"""
    )
    [row] = ready.ok("mail", "quarantine", "list")["quarantined"]
    assert "hello" in ready.ok("mail", "quarantine", "show", row["place"])["raw"]
    assert "hello" in ready("mail", "quarantine", "show", row["place"]).out
    assert ready.ok("mail", "quarantine", "retry", "--all") == {"judged": 1, "left": []}
    ready.fails("mail", "quarantine", "show", row["place"])
    ready.fails("mail", "quarantine", "retry")


def test_a_foreign_database_says_so_everywhere_and_is_confirmed_by_a_word(ready: Cli) -> None:
    ready.sql("UPDATE workspaces SET instance_id = 'elsewhere'")
    assert ready.ok("status")["fenced"] is True
    assert "another installation" in " ".join(ready("status").out.split())
    checks = json.loads(ready("doctor", "--offline", "--json").out)["checks"]
    assert [each["ok"] for each in checks if each["area"] == "installation"] == [False]
    assert "Add --yes" in ready.fails("confirm-instance")["hint"]
    assert ready.ok("confirm-instance", "--yes")["confirmed"] is True
    assert ready.ok("status")["fenced"] is False


def test_the_limits_of_a_mailbox_are_changed_one_by_one(ready: Cli) -> None:
    """SEQ-87, SEQ-89: within their ranges."""
    before = ready.ok("mailbox", "set", "rep@acme.test")
    after = ready.ok("mailbox", "set", "rep@acme.test", "--per-day", 500, "--share", 80)
    assert {name: after[name] for name in after if after[name] != before[name]} == {
        "per_day": 500,
        "in_force_per_day": 500,
        "sequence_share": 80,
    }
    assert ready.ok("mailbox", "forecast")["mailboxes"][0]["limit"] == 400
    for wrong in (("--per-day", 10_001), ("--share", 40), ("--per-minute", 61)):
        assert "outside" in ready.fails("mailbox", "set", "rep@acme.test", *wrong)["message"]


def test_a_free_gmail_account_stays_at_350(ready: Cli) -> None:
    """SEQ-87: whatever is set."""
    ready.sql("UPDATE mailboxes SET address = 'rep@gmail.com', address_normal = 'rep@gmail.com'")
    assert ready.ok("mailbox", "set", "rep@gmail.com", "--per-day", 2000, "--share", 100)["in_force_per_day"] == 350
    assert ready.ok("mailbox", "forecast")["mailboxes"][0]["limit"] == 350
