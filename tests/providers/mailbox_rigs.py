"""Rigs for the reading half of the contract: a mailbox of its own for every test, in the fake world and on a real Dovecot."""

import itertools
import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

from providers.mail_rigs import LOOPBACK, trusting_test_certificate
from segue.ports import Clock, StoppedClock, SystemClock
from segue.providers.mail.base import MailboxConfig, MailSession, Outgoing
from segue.providers.mail.fake import FakeMailProvider
from segue.providers.mail.fake_world import INBOX, JUNK, SENT, FakeMailWorld
from segue.providers.mail.smtp_imap import SmtpImapProvider
from servers.mail_servers import MailServers

_numbers = itertools.count(1)


class MailboxRig(Protocol):
    """A mailbox that can be read, and a way to change it from behind."""

    clock: Clock
    since: datetime
    junk: str

    def open(self, *, secret: str = "pw", files_sent_copies: bool = False) -> MailSession: ...

    def deliver(self, raw: bytes, *, folder: str = "INBOX") -> None: ...

    def deliver_during(self, raw: bytes, seconds: float) -> None:
        """Deliver into the inbox that many seconds from now, while the test waits."""
        ...

    def reset_uid_validity(self) -> None: ...

    def empty_inbox(self) -> None: ...

    def files(self, message: Outgoing) -> None:
        """Put a message into Sent, as a server does that files what is submitted."""
        ...

    def sent(self) -> int:
        """Return how many messages lie in Sent."""
        ...


class FakeMailboxRig:
    """A mailbox in the fake world."""

    junk = JUNK

    def __init__(self) -> None:
        self.clock = StoppedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        self.since = self.clock.now() - timedelta(days=2)
        self.address = "rep@acme.test"
        self.world = FakeMailWorld(self.clock)
        self.world.add_mailbox(self.address, secret="pw")
        self.provider = FakeMailProvider()
        self.provider.worlds["default"] = self.world

    def open(self, *, secret: str = "pw", files_sent_copies: bool = False) -> MailSession:
        box = self.world.mailbox(self.address)
        assert box is not None
        box.files_sent_copies = files_sent_copies
        return self.provider.open(MailboxConfig(self.address, "fake", {}, secret))

    def deliver(self, raw: bytes, *, folder: str = "INBOX") -> None:
        self.world.deliver(self.address, raw, folder=folder)

    def deliver_during(self, raw: bytes, seconds: float) -> None:
        self.world.deliver_at(self.clock.now() + timedelta(seconds=seconds), self.address, raw)

    def reset_uid_validity(self) -> None:
        self.world.reset_uid_validity(self.address)

    def empty_inbox(self) -> None:
        box = self.world.mailbox(self.address)
        assert box is not None
        for stored in list(box.folders[INBOX].messages):
            self.world.remove(self.address, stored.uid)

    def files(self, message: Outgoing) -> None:
        box = self.world.mailbox(self.address)
        assert box is not None
        box.sent_by_key[message.key] = box.folders[SENT].add(message.wire, self.clock.now())

    def sent(self) -> int:
        box = self.world.mailbox(self.address)
        assert box is not None
        return len(box.folders[SENT].messages)


class DovecotRig:
    """A mailbox on a real Dovecot."""

    junk = "Spam"

    def __init__(self, servers: MailServers, *, tls: str = "starttls") -> None:
        self.servers = servers
        self.clock = SystemClock()
        self.since = self.clock.now() - timedelta(days=2)
        self.address = f"box{next(_numbers)}@acme.test"
        self.settings: dict[str, object] = {
            "smtp_host": "localhost",
            "smtp_port": servers.submission_port,
            "imap_host": "localhost",
            "imap_port": servers.imaps_port if tls == "implicit" else servers.imap_port,
            "imap_tls": tls,
        }
        self._opened: list[MailSession] = []
        self._timers: list[threading.Timer] = []

    def open(self, *, secret: str = "pw", files_sent_copies: bool = False) -> MailSession:
        provider = SmtpImapProvider(LOOPBACK, self.clock, trusting_test_certificate)
        settings = self.settings | {"files_sent_copies": files_sent_copies}
        self._opened.append(provider.open(MailboxConfig(self.address, "smtp_imap", settings, secret)))
        return self._opened[-1]

    def close(self) -> None:
        for timer in self._timers:
            timer.join()
        for session in self._opened:
            session.close()

    def deliver(self, raw: bytes, *, folder: str = "INBOX") -> None:
        self.servers.save(self.address, raw, folder=folder)

    def deliver_during(self, raw: bytes, seconds: float) -> None:
        self._timers.append(threading.Timer(seconds, self.deliver, [raw]))
        self._timers[-1].start()

    def reset_uid_validity(self) -> None:
        self.servers.reset_uid_validity(self.address, "INBOX", 424242 + next(_numbers))

    def empty_inbox(self) -> None:
        self.servers.doveadm("expunge", "-u", self.address, "mailbox", "INBOX", "all")

    def files(self, message: Outgoing) -> None:
        self.servers.save(self.address, message.wire, folder="Sent")

    def sent(self) -> int:
        return int(self.servers.doveadm("mailbox", "status", "-u", self.address, "messages", "Sent").rpartition("=")[2])
