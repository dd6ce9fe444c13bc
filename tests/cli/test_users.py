"""Users at the command line: seats, leaving, and acting in a user's name."""

from cli.conftest import CALL, EMAIL, FOLLOW_UP, Cli, flow


def with_bob(cli: Cli) -> None:
    cli.set_up(EMAIL, FOLLOW_UP)
    cli.ok("user", "add", "bob@acme.test", "--name", "Bob", "--timezone", "Europe/Berlin")
    cli.import_contacts("ann@one.test", "cid@two.test")
    cli.ok("enroll", "Welcome", "--contact", "ann@one.test")


def test_users_are_added_listed_and_changed(cli: Cli) -> None:
    with_bob(cli)
    users = {row["email"]: row for row in cli.ok("user", "list")["users"]}
    assert (users["rita@acme.test"]["role"], users["bob@acme.test"]["role"]) == ("owner", "user")
    assert cli.fails("user", "add", "bob@acme.test")["code"] == "conflict"
    assert cli.ok("user", "set", "bob@acme.test", "--role", "manager", "--team", "north")["role"] == "manager"
    assert cli.ok("user", "show", "bob@acme.test")["hanging"]["enrollments"] == 0
    assert cli.ok("user", "seat", "bob@acme.test", "--take")["seat"] is False
    assert cli.ok("user", "seat", "bob@acme.test")["seat"] is True
    assert cli.ok("user", "delete", "bob@acme.test")["deleted_at"] is not None
    assert "bob@acme.test" not in {row["email"] for row in cli.ok("user", "list")["users"]}


def test_before_a_user_leaves_it_is_said_what_hangs_on_them(cli: Cli) -> None:
    """SEQ-12."""
    with_bob(cli)
    owner = cli.ok("sequence", "list")["sequences"][0]
    assert owner["name"] == "Welcome"
    refused = cli.fails("user", "deactivate", "rep@acme.test")
    assert "enrollments" in refused["message"]
    assert "--yes" in refused["hint"]
    left = cli.ok("user", "deactivate", "rep@acme.test", "--yes", "--hand-over-to", "bob@acme.test")["left"]
    assert left["sender_lost"] == 1
    assert cli.fails("user", "delete", "rita@acme.test", "--yes")["code"] == "conflict"


def test_sequences_can_be_handed_over_without_anything_else_changing(cli: Cli) -> None:
    """SEQ-7, SEQ-168: beforehand. The defect: the option alone was taken and did nothing."""
    with_bob(cli)
    owner = next(row["email"] for row in cli.ok("user", "list")["users"] if cli.ok("user", "show", row["email"])["hanging"]["sequences"])
    other = "rita@acme.test" if owner == "bob@acme.test" else "bob@acme.test"
    assert cli.ok("user", "set", owner, "--hand-over-to", other)["left"]["handed_over"] == 1
    assert cli.ok("user", "show", other)["hanging"]["sequences"] == 1


def test_who_acts_as_a_user_has_that_users_rights(cli: Cli) -> None:
    """SEQ-3, SEQ-10, SEQ-122."""
    with_bob(cli)
    bob = ("--as", "bob@acme.test")
    assert cli.fails("user", "delete", "rep@acme.test", *bob)["code"] == "not_allowed"
    assert cli.fails("stop", "--all", *bob)["code"] == "not_allowed"
    assert cli.fails("pause", "--sequence", "Welcome", "--user", "rep@acme.test", *bob)["code"] == "not_allowed"
    assert cli.ok("pause", "--sequence", "Welcome", *bob)["changed"] == 0
    assert cli.ok("pause", "ann@one.test", *bob)["changed"] == 1
    assert cli.ok("timeline", "ann@one.test")["entries"][-1]["actor"] == "cli as bob@acme.test"
    assert cli.fails("unenroll", "--sequence", "Welcome", "--as", "nobody@acme.test")["code"] == "not_found"
    assert cli.ok("unenroll", "--sequence", "Welcome", "--yes", *bob)["unenrolled"] == 0
    assert cli.ok("unenroll", "ann@one.test", "--note", "Said yes on the phone.", *bob)["unenrolled"] == 1
    assert "Said yes on the phone." in cli.ok("timeline", "ann@one.test")["entries"][-1]["sentence"]


def test_the_times_after_a_pause_are_shown_before_it_ends(cli: Cli) -> None:
    """SEQ-126, SEQ-128."""
    with_bob(cli)
    assert cli.ok("pause", "ann@one.test", "--until", "2099-01-05")["until"] == "2099-01-05"
    [row] = cli.ok("resume", "ann@one.test", "--dry-run")["would_resume"]
    assert (row["contact"], row["step"], row["due_at"] is not None) == ("ann@one.test", "hello", True)
    assert len(cli.ok("resume", "--sequence", "Welcome", "--dry-run")["would_resume"]) == 1
    assert cli.fails("pause", "--all", "--until", "2099-01-05")["code"] == "invalid"
    assert cli.fails("pause", "ann@one.test", "--away")["code"] == "invalid"
    assert cli.fails("pause", "--sequence", "Welcome", "--away", "--until", "2099-01-05")["code"] == "invalid"
    assert cli.fails("pause", "ann@one.test", "--until", "soon")["code"] == "invalid"
    assert cli.ok("resume", "ann@one.test")["changed"] == 1


def test_an_emergency_stop_of_each_reach_is_told_in_the_plan(cli: Cli) -> None:
    """SEQ-107, SEQ-108."""
    with_bob(cli)
    for what in (("--sequence", "welcome"), ("--mailbox", "rep@acme.test"), ("--user", "rep@acme.test"), ("--all",)):
        assert cli.ok("stop", *what)["changed"] == 1
        assert cli.ok("stop", *what)["changed"] == 0
        [step] = cli.ok("plan")["steps"][:1]
        assert step["at"] is None
        assert "segue stop" in step["why"][0] or "segue resume" in step["why"][0]
        assert cli.ok("stop", *what, "--lift")["changed"] == 1
        assert cli.ok("plan")["steps"][0]["at"] is not None
    assert cli.fails("stop")["code"] == "invalid"


def test_enrolling_tasks_and_transfers_ask_for_the_rights_of_who_acts(cli: Cli) -> None:
    """SEQ-3, SEQ-61, SEQ-62, SEQ-121."""
    with_bob(cli)
    bob = ("--as", "bob@acme.test")
    cid = ("--contact", "cid@two.test")
    assert cli.fails("enroll", "Welcome", *cid, *bob)["code"] == "SENDER_NO_MAILBOX"
    assert cli.fails("enroll", "Welcome", *cid, "--sender", "rep@acme.test", *bob)["code"] == "SENDER_MISMATCH"
    [refused] = cli.ok("enroll", "Welcome", *cid, "--sender", "owner", "--dry-run")["refused"]
    assert (refused["code"], refused["also"]) == ("SENDER_MISSING", [])
    cli.ok("contacts", "set", "cid@two.test", "owner=rep@acme.test")
    cli.ok("sequence", "apply", cli.file("call.yaml", flow(CALL, name="Call")))
    begun = cli.ok("enroll", "Call", *cid, "--sender", "owner", "--undo-seconds", 0, *bob)
    assert (begun["enrolled"], [each["code"] for each in begun["warnings"]]) == (1, ["OWNED_BY_OTHER"])
    assert cli.fails("resume", "ann@one.test", *bob)["code"] == "not_allowed"
    assert cli.fails("undo", "ann@one.test", *bob)["code"] == "not_allowed"
    assert cli.fails("transfer", "--contact", "ann@one.test", "--to", "rep@acme.test", *bob)["code"] == "not_allowed"
    assert cli.fails("reenroll", "ann@one.test", "Welcome", "--replace", "--repeat", *bob)["code"] == "SENDER_MISMATCH"
    cli.ok("worker", "--until-idle", "--clock-speed", 864_000)
    [task] = cli.ok("tasks", "list")["tasks"]
    assert (task["contact"], task["assignee"]) == ("cid@two.test", "bob@acme.test")
    cli.ok("user", "add", "dan@acme.test")
    dan = ("--as", "dan@acme.test")
    assert cli.fails("tasks", "complete", task["id"], *dan)["code"] == "not_allowed"
    assert cli.fails("tasks", "assign", task["id"], "--to", "dan@acme.test", *dan)["code"] == "not_allowed"
    assert cli.ok("tasks", "assign", task["id"], "--to", "dan@acme.test", *bob)["changed"] == 1
    assert cli.fails("tasks", "assign", 987_654, "--to", "dan@acme.test")["code"] == "not_found"
    assert cli.ok("tasks", "complete", task["id"], "--outcome", "connected", *dan)["state"] == "completed"
    assert cli.fails("tasks", "assign", task["id"], "--to", "bob@acme.test")["code"] == "conflict"
    assert cli.ok("workspace", "set", "--communicate", "own")["communicate"] == "own"
    assert cli.fails("pause", "ann@one.test", *bob)["code"] in ("not_allowed", "conflict")


def test_the_limit_of_a_user_is_set_and_shown(cli: Cli) -> None:
    """SEQ-88."""
    with_bob(cli)
    assert cli.ok("user", "show", "bob@acme.test")["per_day"] == 500
    assert cli.ok("user", "set", "bob@acme.test", "--per-day", 30)["per_day"] == 30
    assert cli.fails("user", "set", "bob@acme.test", "--per-day", 0)["code"] == "invalid"
    assert cli.ok("user", "show", "bob@acme.test")["per_day"] == 30
