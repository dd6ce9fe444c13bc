"""A mailbox whose servers fail: passwords that change, folders that are numbered anew, a server that dies (L3, S14, SEQ-105, MAIL-50)."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest

from e2e.console import PAUSE, Console, instant
from e2e.post import Mail, answer, deliver, from_rep, mails_of, write
from servers.faulty_smtp import FaultySmtp
from servers.mail_servers import PASSWORD, MailServers
from servers.smtp_faults import Fault

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]

ANN, BOB = "ann@prospect.test", "bob@prospect.test"
TWO_MAILS = """
name: Two mails
settings: {days: everyday, window: "00:00-24:00"}
steps:
  - email: {subject: A question, body: May I ask you something?}
  - email: {body: Hello again.}
    after: 3 days
"""
DAY = 4
"""Seconds: three of them are the time in which a test must have brought about the fault."""
FAST = ("--clock-speed", str(86_400 / DAY))


@pytest.fixture
def servers() -> Iterator[MailServers]:
    with MailServers(users=("rep@acme.test", ANN, BOB), vacations={}) as servers:
        yield servers


@pytest.fixture
def console(console_for: Callable[..., Console], servers: MailServers, database_url: str) -> Console:
    """Somebody who has connected a mailbox and published a sequence."""
    console = console_for(servers, database_url)
    console.init()
    console.connect()
    console.ask("contacts", "import", console.write("contacts.csv", f"email\n{ANN}\n{BOB}\n"))
    console.ask("sequence", "apply", console.write("sequence.yaml", TWO_MAILS))
    return console


def mails_to(servers: MailServers, who: str, count: int, *, seconds: float = 60) -> list[Mail]:
    """Wait for somebody's n-th mail."""
    end = monotonic() + seconds
    while len(found := from_rep(servers, who)) < count:
        assert monotonic() < end, f"{who} has {len(found)} mails instead of {count}"
        PAUSE.wait(0.05)
    return found


def mailbox_state(console: Console) -> str:
    (row,) = console.ask("mailbox", "list")["mailboxes"]
    return str(row["state"])


def wait_for_state(console: Console, state: str, *, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while (now := mailbox_state(console)) != state:
        assert monotonic() < end, f"the mailbox is {now}, not {state}"
        PAUSE.wait(0.3)


def wait_until_long_due(console: Console, *contacts: str) -> None:
    """Wait until the worker's clock is a day past the next mail of each."""
    last = max(instant(console.enrollment(who)["due_at"]) for who in contacts)
    console.wait_until(lambda status: instant(status["now"]) > last + timedelta(days=1), seconds=60)


def change_password(servers: MailServers, password: str) -> None:
    users = servers.folder / "dv/users"
    users.write_text("".join(f"{user}:{{PLAIN}}{password}\n" for user in servers.users))
    servers.doveadm("reload")  # and nobody stays signed in
    servers.doveadm("kick", "rep@acme.test")


def put_into_inbox(servers: MailServers, mail: bytes) -> None:
    """Leave a mail in the rep's inbox while no server runs, as a delivery agent does."""
    home = servers.folder / "dv/mail/rep@acme.test"
    waiting = home / "tmp" / "1795000000.M1P1.mx"
    waiting.write_bytes(mail)
    shutil.chown(waiting, "mail", "mail")
    waiting.rename(home / "new" / waiting.name)


def wait_until_it_is_older(servers: MailServers) -> None:
    """Wait until the only mail in the rep's inbox is older than anything done now: servers tell whole seconds, one is given in its favour."""
    end = monotonic() + 60
    while len(mails_of(servers, "rep@acme.test")) < 1:
        assert monotonic() < end, "the mail did not come"
        PAUSE.wait(0.05)
    arrived = datetime.now(UTC)
    while datetime.now(UTC) < arrived + timedelta(seconds=2.5):
        PAUSE.wait(0.1)


def test_a_changed_password_is_shown_and_sends_wait_until_it_is_given_again(console: Console, servers: MailServers) -> None:
    console.enroll("Two mails", ANN, BOB)
    with console.worker(*FAST):
        (mail,) = mails_to(servers, BOB, 1)
        mails_to(servers, ANN, 1)
        change_password(servers, "new")
        wait_for_state(console, "sign_in")
        shown = " ".join(console.run("mailbox", "list").out.split())
        assert "Inbox disconnected" in shown
        assert "The server refuses user name or password" in shown
        wrong = console.fail("mailbox", "add", console.mailbox_file(), "--password-stdin", typed=f"{PASSWORD}\n")
        assert "refused the user name or password" in wrong["message"]
        deliver(servers, BOB, answer(mail, BOB, "Yes."))
        wait_until_long_due(console, ANN, BOB)
        assert (mailbox_state(console), len(from_rep(servers, ANN)), len(from_rep(servers, BOB))) == ("sign_in", 1, 1)
        assert console.status()["enrollments"] == {"active": 2}
        console.ask("mailbox", "add", console.mailbox_file(), "--password-stdin", typed="new\n")
        mails_to(servers, ANN, 2)
        console.wait_until(lambda status: status["ended_because"] == {"REPLIED": 1}, seconds=60)
        assert mailbox_state(console) == "ok"
    assert len(from_rep(servers, BOB)) == 1
    assert console.status()["promises_kept"] is True


def test_a_folder_that_is_numbered_anew_is_read_again_and_nothing_is_judged_twice(console: Console, servers: MailServers) -> None:
    with console.worker():
        console.enroll("Two mails", ANN, BOB)
        deliver(servers, ANN, answer(mails_to(servers, ANN, 1)[0], ANN, "Let us talk."))
        console.wait_until(lambda status: status["ended_because"] == {"REPLIED": 1}, seconds=60)
        before = console.ask("timeline", ANN)["entries"]
        servers.reset_uid_validity("rep@acme.test", "INBOX", 1_900_000_000)
        deliver(servers, BOB, answer(mails_to(servers, BOB, 1)[0], BOB, "So do I."))
        status = console.wait_until(lambda status: status["ended_because"] == {"REPLIED": 2}, seconds=90)
    assert console.ask("timeline", ANN)["entries"] == before
    assert [each["kind"] for each in console.ask("timeline", BOB)["entries"]].count("reply_received") == 1
    assert status["answers"] == {"human": 2}


def test_an_answer_that_came_while_the_server_was_dead_is_read_before_the_next_mail(console: Console, servers: MailServers) -> None:
    console.enroll("Two mails", ANN, BOB)
    with console.worker(*FAST):
        (mail,) = mails_to(servers, BOB, 1)
        mails_to(servers, ANN, 1)
        servers.stop_dovecot()
        put_into_inbox(servers, answer(mail, BOB, "Please call me.").as_bytes())
        wait_for_state(console, "unreachable")
        wait_until_long_due(console, ANN, BOB)
        servers.start_dovecot()
        console.wait_until(lambda status: "active" not in status["enrollments"], seconds=60)
        assert mailbox_state(console) == "ok"
    assert (len(from_rep(servers, BOB)), len(from_rep(servers, ANN))) == (1, 2)
    assert console.enrollment(BOB)["reason"] == "REPLIED"
    status = console.status()
    assert (status["promises_kept"], status["undecided"]) == (True, 0)


def test_a_contact_who_wrote_before_being_enrolled_is_not_stopped_by_that(console: Console, servers: MailServers) -> None:
    deliver(servers, ANN, write(ANN, "Old matters", "From before."))
    wait_until_it_is_older(servers)
    console.enroll("Two mails", ANN)
    with console.worker(*FAST):
        console.wait_until(lambda status: "active" not in status["enrollments"], seconds=60)
    assert (console.enrollment(ANN)["state"], len(from_rep(servers, ANN))) == ("finished", 2)


def test_a_mail_server_that_hangs_is_told_within_half_a_minute_and_nothing_is_stored(
    console_for: Callable[..., Console], mail_servers: MailServers, database_url: str
) -> None:
    console = console_for(mail_servers, database_url)
    console.init()
    with FaultySmtp(choose=lambda what, _: Fault("hang", "ehlo") if what == "connection" else None) as hanging:
        file = console.mailbox_file("box1@acme.test", settings={"smtp_port": hanging.port, "smtp_tls": "none"})
        error = console.fail("mailbox", "add", file, "--password-stdin", typed=f"{PASSWORD}\n", seconds=40)
    assert "could not be reached" in error["message"]
    assert "✓ imap" in error["message"]
    assert console.ask("mailbox", "list")["mailboxes"] == []


def test_a_wrong_password_is_told_and_nothing_is_stored(
    console_for: Callable[..., Console], mail_servers: MailServers, database_url: str
) -> None:
    console = console_for(mail_servers, database_url)
    console.init()
    error = console.fail("mailbox", "add", console.mailbox_file("box1@acme.test"), "--password-stdin", typed="wrong\n")
    assert error["message"].count("refused the user name or password") == 2
    assert "wrong" not in error["message"]
    assert console.ask("mailbox", "list")["mailboxes"] == []


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(
    console_for: Callable[..., Console], mail_servers: MailServers, database_url: str
) -> None:
    console = console_for(mail_servers, database_url)
    console.init()
    del console.env["SSL_CERT_FILE"]
    error = console.fail("mailbox", "add", console.mailbox_file("box1@acme.test"), "--password-stdin", typed=f"{PASSWORD}\n")
    assert "✗ smtp" in error["message"]
    assert "✗ imap" in error["message"]
