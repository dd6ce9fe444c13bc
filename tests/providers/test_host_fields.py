"""Every field in which a user names a host × hundreds of spellings of inward addresses: not one connection inward (X4, G15).

One listener stands on a port of this machine, on every address of it. The guard is told that the port is fine, so that nothing but the
address can save it; whoever is accepted there has gone through.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from providers.test_egress import SPELLINGS
from segue.domain.errors import Invalid
from segue.domain.webhooks import read_url
from segue.providers.egress import EgressPolicy, EgressRefused
from segue.providers.mail import mail_providers
from segue.providers.mail.base import HandOffError, MailboxConfig
from segue.providers.web_hook import PostFailed, post


@dataclass
class Inward:
    port: int = 0
    accepted: list[object] = field(default_factory=list)


@pytest.fixture(scope="module")
def inward() -> Iterator[Inward]:
    found = Inward()
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=512) as listener:
        found.port = listener.getsockname()[1]

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, caller = listener.accept()
                    found.accepted.append(caller)
                    connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        yield found
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def try_webhook(host: str, port: int, policy: EgressPolicy) -> None:
    for scheme in ("https", "http"):
        with contextlib.suppress(Invalid, EgressRefused, PostFailed):
            post(read_url(f"{scheme}://{host}:{port}/"), b"{}", {}, policy, deadline_s=1)


def try_mailbox(settings: dict[str, object], policy: EgressPolicy) -> None:
    session = None
    with contextlib.suppress(HandOffError):
        session = mail_providers(policy)["smtp_imap"].open(MailboxConfig("rep@acme.test", "smtp_imap", settings, "pw"))
        session.test()
    if session is not None:
        session.close()


def try_smtp(host: str, port: int, policy: EgressPolicy) -> None:
    try_mailbox({"smtp_host": host, "smtp_port": port}, policy)


def try_imap(host: str, port: int, policy: EgressPolicy) -> None:
    try_mailbox({"smtp_host": "127.0.0.1", "smtp_port": 587, "imap_host": host, "imap_port": port}, policy)


FIELDS = {"webhook url": try_webhook, "smtp_host": try_smtp, "imap_host": try_imap}


@pytest.mark.parametrize("ipv6", [False, True])
@pytest.mark.parametrize("named", FIELDS)
def test_no_field_and_no_spelling_leads_inward(inward: Inward, named: str, ipv6: bool) -> None:
    assert len(SPELLINGS) >= 300
    policy = EgressPolicy(ipv6=ipv6, extra_ports=frozenset({inward.port}))
    for host in SPELLINGS:
        FIELDS[named](host, inward.port, policy)
    assert inward.accepted == []


@pytest.mark.parametrize("named", FIELDS)
def test_the_listener_would_have_told(inward: Inward, named: str) -> None:
    """The corpus proves nothing unless what is allowed gets through."""
    FIELDS[named]("127.0.0.1", inward.port, EgressPolicy.allowing(["127.0.0.1:*"]))
    assert inward.accepted
    inward.accepted.clear()
