"""What a reader does when an incoming server misbehaves (MAIL-53, MAIL-56, MAIL-58, and the IMAP part of the fault catalogue)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from providers.contract_mailbox import INBOX, incoming, subjects
from providers.mail_rigs import LOOPBACK, SENDER, outgoing
from segue.ports import SystemClock
from segue.providers.mail.base import FetchedBatch, FolderCursor, MailboxConfig, MailSession, Misconfigured, SignInAgain, TryLater
from segue.providers.mail.connection import Budgets
from segue.providers.mail.imap_connection import MESSAGE_CAP
from segue.providers.mail.smtp_imap import SmtpImapProvider
from servers.faulty_imap import FaultyImap

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


CLOCK = SystemClock()
HURRIED = Budgets(open=2, answer=1, command=2, bodies=4)


class Opener:
    def __init__(self) -> None:
        self.sessions: list[MailSession] = []

    def __call__(self, server: FaultyImap, **settings: object) -> MailSession:
        given: dict[str, object] = {
            "smtp_host": "localhost",
            "imap_host": "localhost",
            "imap_port": server.port,
            "imap_tls": "none",
            **settings,
        }
        self.sessions.append(SmtpImapProvider(LOOPBACK, CLOCK, budgets=HURRIED).open(MailboxConfig(SENDER, "smtp_imap", given, "pw")))
        return self.sessions[-1]


@pytest.fixture
def opened() -> Iterator[Opener]:
    opener = Opener()
    yield opener
    for session in opener.sessions:
        session.close()


def read(session: MailSession, cursor: FolderCursor = INBOX, limit: int = 100) -> FetchedBatch:
    return session.fetch(cursor, limit=limit, since=SINCE)


def mails(count: int) -> dict[int, bytes]:
    return {n: incoming(f"n{n}") for n in range(1, count + 1)}


@pytest.mark.parametrize("fault", ["greeting_garbage", "greeting_bye", "login_unavailable", "login_bye", "no_search"])
def test_a_server_in_trouble_is_try_later_and_never_a_wrong_password(opened: Opener, fault: str) -> None:
    with FaultyImap(fault, messages=mails(1)) as server:
        session = opened(server)
        with pytest.raises(TryLater):
            read(session)
        server.faults.clear()
        assert subjects(read(session)) == ["n1"]


def test_a_connection_cut_in_mid_fetch_loses_and_doubles_nothing(opened: Opener) -> None:
    with FaultyImap("bye_mid_fetch", messages=mails(4)) as server:
        session, cursor, seen = opened(server), INBOX, []
        with pytest.raises(TryLater):
            read(session)
        batch = read(session)  # now one by one
        while True:
            seen += subjects(batch)
            if not batch.more:
                break
            cursor = batch.cursor
            batch = read(session, cursor)
        assert seen == ["n1", "n2", "n3", "n4"]


def test_a_literal_that_nobody_asked_for_is_not_read_into_memory(opened: Opener) -> None:
    with FaultyImap("huge_literal", messages=mails(1)) as server, pytest.raises(TryLater, match="literal"):
        read(opened(server))


def test_a_message_that_breaks_the_connection_three_times_is_passed_by_with_its_headers(opened: Opener) -> None:
    with FaultyImap("poison", messages=mails(3)) as server:
        server.poison_uid = 2
        session, cursor, seen, failures = opened(server), INBOX, [], 0
        for _ in range(12):
            try:
                batch = read(session, cursor)
            except TryLater:
                failures += 1
                continue
            seen += batch.messages
            cursor = batch.cursor
            if not batch.more:
                break
        assert [m.uid for m in seen] == [1, 2, 3]
        assert seen[1].raw.startswith(b"From: bob@prospect.test")
        assert len(seen[1].raw) < seen[1].size
        assert 0 < failures <= 3


def test_a_server_that_goes_silent_is_cut_by_the_watchdog(opened: Opener) -> None:
    with FaultyImap("silent_examine", messages=mails(1)) as server:
        session, began = opened(server), CLOCK.monotonic()
        with pytest.raises(TryLater):
            read(session)
        assert CLOCK.monotonic() - began < 10
        server.faults.clear()
        assert subjects(read(session)) == ["n1"]


def test_a_rested_connection_that_the_server_dropped_costs_no_failure(opened: Opener) -> None:
    with FaultyImap(messages=mails(1)) as server:
        provider = SmtpImapProvider(LOOPBACK, CLOCK, budgets=Budgets(rested=0))
        settings: dict[str, object] = {"smtp_host": "localhost", "imap_host": "localhost", "imap_port": server.port, "imap_tls": "none"}
        session = provider.open(MailboxConfig(SENDER, "smtp_imap", settings, "pw"))
        opened.sessions.append(session)
        read(session)
        server.hang_up()
        assert subjects(read(session)) == ["n1"]


def test_a_server_silent_after_done_is_dead(opened: Opener) -> None:
    with FaultyImap("silent_idle", messages=mails(1)) as server:
        session, began = opened(server), CLOCK.monotonic()
        read(session)
        with pytest.raises(TryLater):
            session.wait_for_mail(0.2)
        assert CLOCK.monotonic() - began < 5


def test_news_that_came_with_the_go_ahead_of_idle_is_heard(opened: Opener) -> None:
    with FaultyImap("idle_burst", messages=mails(1)) as server:
        session = opened(server)
        read(session)
        began = CLOCK.monotonic()
        assert session.wait_for_mail(20) is True
        assert CLOCK.monotonic() - began < 5


def test_the_last_message_is_not_read_again_when_nothing_is_new(opened: Opener) -> None:
    with FaultyImap(messages=mails(2)) as server:
        session = opened(server)
        first = read(session)
        server.messages[9] = server.messages.pop(2)  # a moved message: UIDNEXT grows
        assert [m.uid for m in read(session, first.cursor).messages] == [9]
        server.uid_next = 12  # 10 and 11 came and were deleted: "10:*" now names 9
        assert read(session, FolderCursor("INBOX", server.uid_validity, 9)).messages == ()
        server.uid_next = 0
        after = FolderCursor("INBOX", server.uid_validity, 50)
        assert read(session, after).messages == ()  # the search says 9, which is below 51
        assert read(session, after).alarm


def test_without_idle_waiting_polls(opened: Opener) -> None:
    with FaultyImap(messages=mails(1)) as server:
        server.capabilities = "IMAP4rev1 AUTH=PLAIN"
        session = opened(server)
        read(session)
        assert session.wait_for_mail(0.2) is False
        assert "NOOP" in server.commands


def test_a_preauthenticated_greeting_cannot_talk_us_out_of_tls(opened: Opener) -> None:
    with FaultyImap("preauth", messages=mails(1)) as server:
        session = opened(server, imap_tls="starttls")
        with pytest.raises((TryLater, Misconfigured)):
            read(session)
        assert not any(command.startswith(("EXAMINE", "AUTHENTICATE")) for command in server.commands)


def test_a_server_without_starttls_gets_no_password(opened: Opener) -> None:
    with FaultyImap(messages=mails(1)) as server:
        with pytest.raises(Misconfigured, match="STARTTLS"):
            read(opened(server, imap_tls="starttls"))
        assert not any(command.startswith("AUTHENTICATE") for command in server.commands)


def test_arguments_with_line_breaks_never_reach_the_server(opened: Opener) -> None:
    with FaultyImap(messages=mails(1)) as server:
        session, message = opened(server), outgoing()
        evil = type(message)(message.wire, message.sender, message.recipient, message.message_id, 'k"\r\nA1 DELETE INBOX')
        assert session.fetch(FolderCursor("a\r\nA1 DELETE INBOX"), limit=1, since=SINCE).alarm
        session.find_evidence(evil)
        session.file_sent_copy(evil)
        assert not any("DELETE" in command for command in server.commands)


def test_a_large_message_is_asked_for_in_part_only(opened: Opener) -> None:
    with FaultyImap(messages={1: incoming("big") + b"x" * (MESSAGE_CAP + 200_000)}) as server:
        with pytest.raises(TryLater):  # this server ignores the part asked for: refused, not swallowed
            read(opened(server))
        assert any("<0.262144>" in command for command in server.commands)


def test_sign_in_refused_is_sign_in_again(opened: Opener) -> None:
    class Refusing(FaultyImap):
        def _sign_in(self, sock, tag: str) -> None:
            sock.sendall(f"{tag} NO [AUTHENTICATIONFAILED] invalid credentials\r\n".encode())

    with Refusing() as server, pytest.raises(SignInAgain):
        read(opened(server))
