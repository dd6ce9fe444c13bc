"""What SMTP and IMAP connections share: where to, how protected, and what the operator allows."""

import os
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from segue.ports import Clock
from segue.providers.egress import EgressPolicy, connect
from segue.providers.mail.base import Misconfigured


class Tls(StrEnum):
    """How a connection is protected."""

    IMPLICIT = "implicit"
    STARTTLS = "starttls"
    NONE = "none"
    """Only for hosts on the operator's allow-list."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to sign in. An empty `username` means that the server asks for no sign-in."""

    host: str
    port: int
    tls: Tls
    username: str = ""


@dataclass(frozen=True, slots=True)
class Budgets:
    """How long an incoming server may take, in seconds; enforced from outside (MAIL-58)."""

    open: float = 20.0
    answer: float = 20.0
    """To NOOP or DONE: no answer within this means dead."""
    command: float = 60.0
    bodies: float = 120.0
    """For one group of messages, at most a few megabytes."""
    rested: float = 20.0
    """A connection unused for longer is asked whether it still lives before it is relied on."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the operator and the process give to every connection."""

    egress: EgressPolicy
    clock: Clock
    tls_context: Callable[[], ssl.SSLContext]
    budgets: Budgets = Budgets()

    def connect(self, server: Server, ports: Collection[int], deadline: float) -> socket.socket:
        """Return a socket to the address that the guard approved, not yet protected (MAIL-28).

        Raises EgressRefused, OSError, or Misconfigured for plain text to a host that nobody vouched for.
        """
        left = max(deadline - self.clock.monotonic(), 0.001)
        sock, target = connect(server.host, server.port, self.egress, ports=ports, timeout_s=left, clock=self.clock)
        if server.tls is Tls.NONE and not target.private:
            sock.close()
            raise Misconfigured("a connection without TLS is only possible to hosts that the operator allowed")
        return sock


def twin_of(sock: socket.socket) -> socket.socket:
    """Return a second handle of the same connection, for the watchdog: it stays valid when the first is closed or wrapped in TLS."""
    return socket.socket(fileno=os.dup(sock.fileno()))
