"""The whole way on the command line: set up, enroll, send, be answered, look."""

from cli.conftest import CALL, EMAIL, FOLLOW_UP, Cli
from make import answer


def test_everything_that_was_enrolled_is_sent_and_the_promises_hold(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    file = cli.file("contacts.csv", "email,first_name\nann@one.test,Ann\nbob@two.test,Bob\n")
    enrolled = cli.ok("enroll", "welcome", "--from", file)
    assert (enrolled["enrolled"], enrolled["refused"], enrolled["import"]["created"]) == (2, [], 2)
    worked = cli.work()
    assert worked["sent"] == 4
    assert sorted(a.recipient for a in cli.world.acceptances()) == ["ann@one.test", "ann@one.test", "bob@two.test", "bob@two.test"]
    status = cli.ok("status")
    assert status["promises"] == {"sent_twice": 0, "after_stop": 0, "outside_window": 0}
    assert status["promises_kept"] is True
    assert status["enrollments"] == {"finished": 2}
    assert status["sent"] == 4


def test_an_answer_ends_the_sequence_and_stands_on_the_timeline(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    cli.world.on_accept = lambda world, sent: world.deliver("rep@acme.test", answer(sent.wire, sender="ann@one.test"))
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    cli.ok("worker", "--until-idle", "--clock-speed", 40_000)  # the second mail is due in four seconds: an inbox read two before is too old
    assert len(cli.world.acceptances()) == 1
    timeline = cli.ok("timeline", "ANN@one.test")
    told = {entry["kind"]: entry["sentence"] for entry in timeline["entries"]}
    assert set(told) >= {"contact_enrolled", "email_sent", "reply_received", "enrollment_ended"}
    assert timeline["enrollments"][0]["reason"] == "REPLIED"
    assert told["email_sent"] == 'Step hello sent: "Hello Ann"'
    assert cli.ok("sequence", "list")["sequences"][0]["replied"] == 1


def test_a_task_waits_until_it_is_completed(cli: Cli) -> None:
    cli.set_up(EMAIL, CALL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    cli.work()
    [task] = cli.ok("tasks", "list")["tasks"]
    assert (task["contact"], task["subject"]) == ("ann@one.test", "Ring them")
    assert cli.ok("tasks", "complete", task["id"], "--outcome", "connected") == {"task": task["id"], "state": "completed"}
    assert cli.fails("tasks", "complete", task["id"])["code"] == "conflict"
    assert cli.fails("tasks", "complete", 99)["code"] == "not_found"
    assert cli.ok("tasks", "list")["tasks"] == []
    cli.work()
    assert len(cli.world.acceptances()) == 2


def test_the_worker_tells_a_person_what_it_does(cli: Cli) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    ran = cli("worker", "--until-idle", "--clock-speed", 864_000)
    assert ran.code == 0
    assert 'Step hello sent: "Hello Ann"' in ran.out
    assert "ann@one.test" in ran.out
    assert "Working from" in ran.err


def test_the_plan_names_what_will_go_and_why_then(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test", "bob@two.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test", "--contact", "bob@two.test")
    steps = cli.ok("plan", "--contact", "bob@two.test", "--texts")["steps"]
    assert [(s["contact"], s["key"], s["step"]) for s in steps] == [
        ("bob@two.test", "hello", 1),
        ("bob@two.test", "again", 2),
        ("bob@two.test", "finish-1", 3),
    ]
    assert steps[0]["why"][0] == "A first email waits for no day and no hour."
    assert steps[0]["text"].startswith("A question, Ann.")
    assert steps[1]["subject"] == "Re: Hello Ann"
    assert cli.ok("plan")["steps_total"] == 6
    assert cli.fails("plan", "--contact", "nobody@x.test")["code"] == "not_found"


def test_a_dry_run_shows_what_would_go_and_stores_nothing(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.import_contacts("ann@one.test")
    cli.ok("suppress", "add", "bob@two.test")
    file = cli.file("more.csv", "email,first_name\nann@one.test,Ann\nbob@two.test,Bob\n")
    shown = cli.ok("enroll", "Welcome", "--from", file, "--dry-run")
    assert (shown["enrolled"], [r["code"] for r in shown["refused"]]) == (1, ["BLOCKED_ADDRESS"])
    assert [(s["contact"], s["key"]) for s in shown["plan"]["steps"]] == [("ann@one.test", k) for k in ("hello", "again", "finish-1")]
    assert cli.sql("SELECT count(*) AS n FROM enrollments") == [{"n": 0}]
    assert "A question, Ann." in cli("enroll", "Welcome", "--from", file, "--dry-run").out


def test_what_is_paused_is_not_sent_until_it_is_resumed(cli: Cli) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    assert cli.ok("pause", "ann@one.test")["changed"] == 1
    assert cli.ok("pause", "ann@one.test")["changed"] == 0
    cli.work()
    assert cli.world.acceptances() == ()
    assert cli.ok("resume", "ann@one.test")["changed"] == 1
    cli.work()
    assert len(cli.world.acceptances()) == 1


def test_a_sequence_a_mailbox_and_everything_can_be_paused(cli: Cli) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    for what in (("--sequence", "welcome"), ("--mailbox", "rep@acme.test"), ("--all",)):
        assert cli.ok("pause", *what)["changed"] == 1
        [step] = cli.ok("plan")["steps"]
        assert step["at"] is None
        assert cli.ok("resume", *what)["changed"] == 1
        assert cli.ok("plan")["steps"][0]["at"] is not None
    assert cli.fails("pause")["code"] == "invalid"
    assert cli.fails("pause", "ann@one.test", "--all")["code"] == "invalid"


def test_unenrolling_ends_it_for_one_or_for_all(cli: Cli) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test", "bob@two.test", "cid@three.test")
    cli.ok("enroll", "Welcome", *(word for e in ("ann@one.test", "bob@two.test", "cid@three.test") for word in ("--contact", e)))
    assert cli.ok("unenroll", "ann@one.test")["unenrolled"] == 1
    assert cli.fails("unenroll", "ann@one.test")["code"] == "conflict"
    assert cli.fails("unenroll", "--sequence", "Welcome")["hint"] == "Add --yes."
    assert cli.ok("unenroll", "--sequence", "Welcome", "--yes")["unenrolled"] == 2
    cli.work()
    assert cli.world.acceptances() == ()
    assert cli.ok("status")["ended_because"] == {"MANUAL": 3}


def test_suppressing_ends_what_it_covers_and_bars_enrolling(cli: Cli) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test", "bob@two.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")
    assert cli.ok("suppress", "add", "bob@two.test", "one.test") == {"added": ["one.test", "bob@two.test"], "known": []}
    assert cli.ok("suppress", "add", "@one.test")["known"] == ["@one.test"]
    assert cli.fails("suppress", "add", "nonsense")["code"] == "invalid"
    listed = cli.ok("suppress", "list")["suppressions"]
    assert sorted((s["kind"], s["value"]) for s in listed) == [("address", "bob@two.test"), ("domain", "one.test")]
    assert cli.ok("status")["ended_because"] == {"SUPPRESSED": 1}
    refused = cli.ok("enroll", "Welcome", "--contact", "ann@one.test", "--contact", "bob@two.test")["refused"]
    assert [r["code"] for r in refused] == ["BLOCKED_DOMAIN", "BLOCKED_ADDRESS"]
