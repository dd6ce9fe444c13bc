"""What the contract suite drives: one mailbox somewhere, and means to look behind its server. A rig per provider."""

import functools
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from segue.ports import Clock, StoppedClock, SystemClock
from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import MailboxConfig, MailSession, Outgoing
from segue.providers.mail.fake import FakeMailProvider
from segue.providers.mail.fake_world import Call, FakeMailWorld, FaultKind
from segue.providers.mail.fake_world import Fault as WorldFault
from segue.providers.mail.outcomes import Stage
from segue.providers.mail.smtp_imap import SmtpImapProvider
from servers.certificates import certificate, client_context, server_context
from servers.faulty_smtp import FaultySmtp
from servers.smtp_faults import Fault, in_order

LOOPBACK = EgressPolicy.allowing(["127.0.0.0/8:*"])
SENDER = "rep@acme.test"
_numbers = itertools.count(1)


def outgoing(recipient: str = "bob@prospect.test", *, body: bytes = b"Hello.\r\n", sender: str = SENDER) -> Outgoing:
    """Make a message with an id and key of its own."""
    number = next(_numbers)
    message_id, key = f"<m{number}@acme.test>", f"key{number:06d}"
    wire = (
        f"From: {sender}\r\nTo: {recipient}\r\nDate: Mon, 2 Mar 2026 09:00:00 +0100\r\nSubject: Number {number}\r\nMessage-ID: {message_id}\r\n"
        f"X-Segue-Key: {key}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    ).encode("utf-8", "surrogateescape")
    return Outgoing(wire + body, sender, recipient, message_id, key)


def yes() -> bool:
    """All is well: the message may still go."""
    return True


class HandOffRig(Protocol):
    """A mailbox that can send, and faults for its next message."""

    clock: Clock

    def open(self, *, secret: str = "pw") -> MailSession: ...

    def fail_next(self, *faults: Fault | None) -> None:
        """Make the next messages fail so, one each."""
        ...

    def accepted(self) -> list[str]:
        """Keys of what the server took responsibility for, in order."""
        ...

    def body_of(self, key: str) -> bytes:
        """The accepted message as the server got it."""
        ...


class FakeHandOffRig:
    """The fake provider."""

    def __init__(self) -> None:
        self.clock = StoppedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        self.world = FakeMailWorld(self.clock)
        self.world.add_mailbox(SENDER, secret="pw")
        self.provider = FakeMailProvider()
        self.provider.worlds["default"] = self.world

    def open(self, *, secret: str = "pw") -> MailSession:
        return self.provider.open(MailboxConfig(SENDER, "fake", {}, secret))

    def fail_next(self, *faults: Fault | None) -> None:
        for fault in faults:
            assert fault is not None
            self.world.script(Call.HAND_OFF, SENDER, _in_world(fault))

    def accepted(self) -> list[str]:
        return [a.key for a in self.world.acceptances()]

    def body_of(self, key: str) -> bytes:
        return next(a.wire for a in self.world.acceptances() if a.key == key)


def _in_world(fault: Fault) -> WorldFault:
    """Translate a fault of the SMTP catalogue into one of the fake world."""
    if fault.kind == "reply":
        stage = Stage.DATA if fault.stage == "dot" else Stage(fault.stage)
        return WorldFault(FaultKind.REPLY, reply=fault.reply, stage=stage)
    at_dot = fault.stage == "dot"
    kinds = {
        ("hang", False): FaultKind.HANG_AT_DOT if at_dot else FaultKind.HANG,
        ("hang", True): FaultKind.LOST_ANSWER,
        ("drop", False): FaultKind.DROP_AT_DOT if at_dot else FaultKind.DROP,
        ("drop", True): FaultKind.ACCEPT_THEN_DROP,
        ("garble", False): FaultKind.DROP,
        ("garble", True): FaultKind.GARBLED,
        ("drip", True): FaultKind.SLOW,
        ("late", False): FaultKind.LATE,
    }
    return WorldFault(kinds[fault.kind, fault.accepted], after=timedelta(seconds=fault.seconds))


class SmtpHandOffRig:
    """The smtp_imap provider against the faulty server, over STARTTLS with sign-in."""

    def __init__(self, server: FaultySmtp) -> None:
        self.server = server
        self.clock = SystemClock()
        self.opened: list[MailSession] = []

    def open(self, *, secret: str = "pw") -> MailSession:
        provider = SmtpImapProvider(LOOPBACK, self.clock, trusting_test_certificate)
        settings: dict[str, object] = {"smtp_host": "localhost", "smtp_port": self.server.port}
        self.opened.append(provider.open(MailboxConfig(SENDER, "smtp_imap", settings, secret)))
        return self.opened[-1]

    def fail_next(self, *faults: Fault | None) -> None:
        self.server.choose = in_order(*faults)

    def accepted(self) -> list[str]:
        return [taken.key for taken in self.server.accepted]

    def body_of(self, key: str) -> bytes:
        return next(taken.body for taken in self.server.accepted if taken.key == key)


@functools.cache
def trusting_test_certificate():
    """The client context that trusts the test servers' certificate."""
    return client_context(certificate())


@contextmanager
def smtp_rig(*features: str) -> Iterator[SmtpHandOffRig]:
    """Run a faulty server and give its rig."""
    offered = features or ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES")
    with FaultySmtp(tls=server_context(certificate()), password="pw", features=offered) as server:
        rig = SmtpHandOffRig(server)
        yield rig
        for session in rig.opened:
            session.close()


@dataclass
class Asked:
    """A `may_still_send` that writes down what was accepted when it was asked, and answers `answer`."""

    rig: HandOffRig
    answer: bool = True

    def __post_init__(self) -> None:
        self.seen: list[list[str]] = []

    def __call__(self) -> bool:
        self.seen.append(self.rig.accepted())
        return self.answer
