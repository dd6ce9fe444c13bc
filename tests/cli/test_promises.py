"""What `segue status` counts from the ledger, and what a person decides: each count can really rise."""

import pytest

from cli.conftest import EMAIL, FOLLOW_UP, Cli


@pytest.fixture
def worked(cli: Cli) -> Cli:
    """A Segue that has sent both mails of a sequence to one contact."""
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    cli.work()
    assert cli.ok("status")["promises_kept"] is True
    return cli


def breaches(cli: Cli) -> dict[str, int]:
    found: dict[str, int] = cli.ok("status")["promises"]
    return found


def test_a_second_acceptance_of_a_step_is_counted(worked: Cli) -> None:
    worked.sql(
        """INSERT INTO accepted (workspace_id, enrollment_id, step_key, generation, message_id, accepted_at)
           SELECT workspace_id, enrollment_id, step_key, 1, message_id, accepted_at FROM accepted WHERE step_key = 'hello'"""
    )
    assert breaches(worked) == {"sent_twice": 1, "after_stop": 0, "outside_window": 0}


def test_a_sent_mail_without_its_acceptance_is_counted(worked: Cli) -> None:
    worked.sql("DELETE FROM accepted WHERE step_key = 'hello'")
    assert breaches(worked)["sent_twice"] == 1


def test_a_mail_after_the_end_is_counted(worked: Cli) -> None:
    worked.sql("UPDATE enrollments SET ended_at = (SELECT min(handed_at) + interval '1 minute' FROM messages)")
    worked.sql("DELETE FROM events WHERE kind = 'enrollment_ended'")
    assert breaches(worked) == {"sent_twice": 0, "after_stop": 1, "outside_window": 0}


def test_a_mail_to_a_suppressed_address_is_counted(worked: Cli) -> None:
    worked.sql(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, created_at)
           SELECT workspace_id, 'domain', 'one.test', 'test', min(handed_at) + interval '1 minute' FROM messages GROUP BY workspace_id"""
    )
    assert breaches(worked)["after_stop"] == 1


def test_a_follow_up_on_a_holiday_of_the_calendar_is_counted(worked: Cli) -> None:
    """SEQ-82: also one that only the sender's country has; one that was added after the mail had gone says nothing of it."""
    worked.sql("UPDATE messages SET handed_at = '2027-05-17T12:00+02:00' WHERE step_key = 'again'")  # Whit Monday
    assert breaches(worked)["outside_window"] == 0
    worked.sql("UPDATE users SET holiday_calendars = '{DE}'")
    assert breaches(worked)["outside_window"] == 1
    worked.sql("UPDATE users SET holiday_calendars = '{}'")
    worked.ok("user", "set", "rep@acme.test", "--country", "DE")
    worked.sql("UPDATE events SET at = '2027-06-01T00:00Z' WHERE kind = 'calendar_changed'")
    assert breaches(worked)["outside_window"] == 0
    worked.sql("UPDATE events SET at = '2027-05-01T00:00Z' WHERE kind = 'calendar_changed'")
    assert breaches(worked)["outside_window"] == 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET handed_at = handed_at + interval '12 hours' WHERE step_key = 'again'",
        "UPDATE workspaces SET holidays = ARRAY[(SELECT (handed_at AT TIME ZONE 'Europe/Berlin')::date FROM messages WHERE step_key = 'again')]",
        "UPDATE messages SET timezone = 'Pacific/Auckland'",
        "UPDATE sequence_versions SET content = content #- '{settings,window_end_minute}'",
    ],
)
def test_a_follow_up_outside_its_hours_is_counted(worked: Cli, change: str) -> None:
    worked.sql(change)
    assert breaches(worked) == {"sent_twice": 0, "after_stop": 0, "outside_window": 1}


def test_the_doctor_tells_what_status_counts(worked: Cli) -> None:
    assert worked("doctor", "--offline", "--json").json["ok"] is False  # the tests' database gives up fsync
    worked.sql("DELETE FROM accepted WHERE step_key = 'hello'")
    checks = worked("doctor", "--offline", "--json").json["checks"]
    assert {c["name"]: c["ok"] for c in checks if c["area"] == "ledger"}["Mails sent twice"] is False


@pytest.mark.parametrize(("choice", "sent"), [("was_sent", 1), ("send_again", 2), ("skip", 1)])
def test_a_person_decides_what_became_of_an_undecided_mail(worked: Cli, choice: str, sent: int) -> None:
    worked.sql("DELETE FROM accepted WHERE step_key = 'again'")
    worked.sql("DELETE FROM events WHERE kind = 'enrollment_ended'")
    worked.sql("UPDATE messages SET state = 'unknown', accepted_at = NULL WHERE step_key = 'again'")
    worked.sql(
        "UPDATE enrollments SET state = 'active', waiting_for = 'UNCONFIRMED', position = 1, due_at = NULL, reason = '', ended_at = NULL"
    )
    [mail] = worked.ok("undecided", "list")["undecided"]
    assert mail["recipient"] == "ann@one.test"
    [step] = worked.ok("plan")["steps"]
    assert (step["at"], "segue undecided list" in step["why"][0]) == (None, True)
    worked.ok("undecided", "decide", mail["id"], choice)
    assert worked.ok("undecided", "list")["undecided"] == []
    assert worked.fails("undecided", "decide", mail["id"], choice)["code"] == "conflict"
    assert worked.fails("undecided", "decide", 999, choice)["code"] == "not_found"
    again = worked.sql("SELECT count(*) AS n FROM messages WHERE step_key = 'again'")[0]["n"]
    before = len(worked.world.acceptances())
    worked.work()
    assert again == 1
    assert len(worked.world.acceptances()) - before == sent - 1
    assert breaches(worked)["sent_twice"] == 0
