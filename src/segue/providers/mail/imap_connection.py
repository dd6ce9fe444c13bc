"""One IMAP connection: IMAPClient with its traps closed, and what breaks turned into outcomes.

The library waits for ever without a time-out and may hang in IDLE when a server goes silent, so every use stands under a budget that
the watchdog enforces from outside (MAIL-58). It logs protocol lines at debug level: that is switched off, they hold passwords and
people's mail.
"""

import contextlib
import imaplib
import re
import select
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, LoginError

from segue.providers.egress import IMAP_PORTS, EgressRefused
from segue.providers.mail.base import HandOffError, Misconfigured, Scope, SignInAgain, TryLater
from segue.providers.mail.connection import Server, Surroundings, Tls, twin_of
from segue.providers.mail.watchdog import WATCHDOG

MESSAGE_CAP = 5 * 1024 * 1024
_LITERAL_CAP = MESSAGE_CAP + 65536
_READ_S = 30.0
_BUSY = re.compile(r"unavailable|inuse|in use|limit|too many|temporar|try again|timed? ?out|internal", re.IGNORECASE)


class _Wire(imaplib.IMAP4):
    """imaplib over a guarded socket; refuses literals that nobody asked for."""

    def __init__(self, server: Server, around: Surroundings) -> None:
        self._server = server
        self._around = around
        self.twin: socket.socket | None = None
        self.ticket = 0
        try:
            super().__init__(server.host, server.port, timeout=_READ_S)
        except BaseException:
            self.release_twin()
            raise

    def release_twin(self) -> None:
        """Forget the watchdog's handle."""
        twin, self.twin = self.twin, None
        if twin is not None:
            WATCHDOG.disarm(self.ticket)
            twin.close()

    def _create_socket(self, timeout: float | None) -> socket.socket:
        deadline = self._around.clock.monotonic() + self._around.budgets.open
        sock = self._around.connect(self._server, IMAP_PORTS, deadline)
        self.twin = twin_of(sock)
        self.ticket = WATCHDOG.arm(self.twin, deadline)
        sock.settimeout(timeout)
        if self._server.tls is Tls.IMPLICIT:
            return self._around.tls_context().wrap_socket(sock, server_hostname=self._server.host)
        return sock

    def read(self, size: int) -> bytes:
        if size > _LITERAL_CAP:
            raise self.abort(f"a literal of {size} octets")
        return super().read(size)


class _Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    """IMAPClient whose socket is made by us (MAIL-28)."""

    def __init__(self, server: Server, around: Surroundings) -> None:
        self._server = server
        self._around = around
        super().__init__(server.host, server.port, ssl=server.tls is Tls.IMPLICIT, timeout=_READ_S)
        self._imap.debug = 0
        self.normalise_times = False  # else INTERNALDATE loses its zone

    def _create_IMAP4(self) -> _Wire:  # noqa: N802  # the library's name
        return _Wire(self._server, self._around)


class ImapConnection:
    """An open, signed-in connection. `client` may only be used inside `within`."""

    def __init__(self, server: Server, secret: str, around: Surroundings) -> None:
        self._around = around
        self.budgets = around.budgets
        self.client: Any = _Client(server, around)
        self._wire: _Wire = self.client._imap  # noqa: SLF001  # the library keeps no other way to its socket's owner
        self.alive = True
        self._last_used = around.clock.monotonic()
        try:
            if server.tls is Tls.STARTTLS:
                self.client.starttls(around.tls_context())
            if server.username:
                _sign_in(self.client, server.username, secret)
            self.capabilities = frozenset(self.client.capabilities())
            if {b"ENABLE", b"CONDSTORE"} <= self.capabilities:
                self.client.enable("CONDSTORE")  # only before SELECT; Dovecot shows HIGHESTMODSEQ only after it (MAIL-53)
        except BaseException as error:
            self.close()
            if isinstance(error, CapabilityError):
                raise Misconfigured("the server does not offer STARTTLS; the password is never sent in plain text") from error
            raise
        WATCHDOG.disarm(self._wire.ticket)

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[Any]:
        """Use the client for at most `seconds`. What breaks becomes TryLater and ends the connection; a plain NO is left to the caller."""
        if self._wire.twin is None:
            raise TryLater("the connection to the incoming server is closed", scope=Scope.MAILBOX)
        ticket = WATCHDOG.arm(self._wire.twin, self._around.clock.monotonic() + seconds)
        try:
            yield self.client
        except (imaplib.IMAP4.abort, OSError) as error:
            self.close()
            raise TryLater(f"the connection to the incoming server broke: {error}", scope=Scope.MAILBOX) from error
        except imaplib.IMAP4.error:
            raise
        except (ValueError, AssertionError, IndexError, KeyError, TypeError, AttributeError) as error:
            # imaplib and IMAPClient meet malformed answers with whatever their parsers stumble over.
            self.close()
            raise TryLater(f"the incoming server answered with something unreadable: {error!r}", scope=Scope.MAILBOX) from error
        finally:
            WATCHDOG.disarm(ticket)
            self._last_used = self._around.clock.monotonic()

    def still_answers(self) -> bool:
        """Say whether a connection that rested for a while is still good: servers and address translators drop the silent ones."""
        if not self.alive or self._around.clock.monotonic() - self._last_used < self.budgets.rested:
            return self.alive
        try:
            with self.within(self.budgets.answer) as client:
                client.noop()
        except (TryLater, imaplib.IMAP4.error):
            self.close()
        return self.alive

    def wait_readable(self, seconds: float) -> bool:
        """Wait until the server has said something; True also when it hung up."""
        sock = self.client.socket()
        buffered: Any = self._wire.file
        sock.setblocking(False)
        try:
            if buffered.peek(1):  # what came together with the last answer is in imaplib's buffer
                return True
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        finally:
            sock.settimeout(_READ_S)
        listening = select.poll()
        listening.register(sock.fileno(), select.POLLIN)
        return bool(listening.poll(seconds * 1000))

    def close(self) -> None:
        """Close; never raises, never waits for an answer."""
        self.alive = False
        if self._wire.twin is not None:
            with contextlib.suppress(OSError):
                self._wire.twin.shutdown(socket.SHUT_RDWR)
            self._wire.release_twin()
        with contextlib.suppress(OSError, imaplib.IMAP4.error):
            self.client.shutdown()


def open_connection(server: Server, secret: str, around: Surroundings) -> ImapConnection:
    """Connect, protect, sign in.

    Raises:
        TryLater, SignInAgain, Misconfigured.
        ssl.SSLError, socket.gaierror: TLS or name failures, which the caller counts (mail.md §5).
    """
    try:
        return ImapConnection(server, secret, around)
    except (HandOffError, ssl.SSLError, socket.gaierror):
        raise
    except EgressRefused as error:
        raise Misconfigured(str(error)) from error
    except (OSError, imaplib.IMAP4.error, ValueError) as error:
        raise TryLater(f"no connection to the incoming server: {error}", scope=Scope.MAILBOX) from error


def _sign_in(client: _Client, username: str, secret: str) -> None:
    try:
        if client.has_capability("AUTH=PLAIN"):
            client.plain_login(username, secret)
        elif client.has_capability("LOGINDISABLED") or not (username + secret).isascii():
            raise Misconfigured("the incoming server offers no way to sign in with this password")
        else:
            quoted = username.replace("\\", "\\\\").replace('"', '\\"')
            client.login(f'"{quoted}"', secret)
    except LoginError as error:
        broken = isinstance(error.__context__, imaplib.IMAP4.abort)
        if broken or _BUSY.search(str(error)):
            raise TryLater(f"sign-in at the incoming server: {error}", scope=Scope.MAILBOX) from error
        raise SignInAgain(f"the incoming server refused the sign-in: {error}") from error
