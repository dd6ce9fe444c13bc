"""Handing messages over by SMTP: keeps one connection per mailbox and turns what happens into one of the outcomes of mail.md §5."""

import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import timedelta

from segue.providers.egress import EgressRefused
from segue.providers.mail.base import (
    Accepted,
    HandOffError,
    MayStillSend,
    Misconfigured,
    Outgoing,
    Refused,
    RefusedClass,
    Scope,
    TryLater,
    Unknown,
)
from segue.providers.mail.connection import Server, Surroundings
from segue.providers.mail.envelope import check_outgoing, stuffed
from segue.providers.mail.smtp_connection import Envelope, Phase, SmtpConnection, StoppedBeforeDot

SET_UP_FAILURES = 3
"""TLS or name failures in a row that make a mailbox Misconfigured (mail.md §5)."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long connections are kept (engine.md §3: new connection each 800-1,100 mails/s, kept 2,700-3,100)."""

    mails: int = 20
    idle_s: float = 60.0


class SmtpClient:
    """Hands messages of one mailbox over. Not thread-safe."""

    def __init__(self, server: Server, secret: str, around: Surroundings, keeping: Keeping) -> None:
        self._server = server
        self._secret = secret
        self._around = around
        self._keeping = keeping
        self._kept: SmtpConnection | None = None
        self._set_up_failures = 0

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        """See `MailSession.hand_off`."""
        check_outgoing(message)
        deadline = self._around.clock.monotonic() + deadline_s
        envelope = Envelope(message.sender, message.recipient, stuffed(message.wire))
        kept = self._take_kept(deadline)
        if kept is not None:
            try:
                return self._over(kept, envelope, may_still_send)
            except _StaleConnection:
                pass  # surely not accepted: the server had hung up before the message was named; one fresh connection may try
        connection = self.connect(message.sender.rpartition("@")[2], deadline)
        try:
            return self._over(connection, envelope, may_still_send)
        except _StaleConnection as stale:
            raise TryLater(stale.detail, scope=Scope.MAILBOX) from stale

    def connect(self, local_domain: str, deadline: float) -> SmtpConnection:
        """Open a connection before the monotonic second `deadline`. Raises TryLater, SignInAgain or Misconfigured."""
        connection = SmtpConnection(self._server, self._around, local_domain=local_domain, deadline=deadline)
        try:
            connection.open(self._secret)
        except BaseException as error:
            connection.close()
            if isinstance(error, EgressRefused):
                raise Misconfigured(str(error)) from error
            if isinstance(error, ssl.SSLError | socket.gaierror):
                raise self._set_up_failed(error) from error
            if isinstance(error, OSError | smtplib.SMTPException):
                raise TryLater(f"no connection: {error}", scope=Scope.MAILBOX) from error
            raise
        self._set_up_failures = 0
        return connection

    def _set_up_failed(self, error: Exception) -> HandOffError:
        self._set_up_failures += 1
        what = "TLS" if isinstance(error, ssl.SSLError) else "name look-up"
        if self._set_up_failures >= SET_UP_FAILURES:
            return Misconfigured(f"{what} failed {self._set_up_failures} times in a row: {error}")
        return TryLater(f"{what} failed: {error}", scope=Scope.MAILBOX)

    def _take_kept(self, deadline: float) -> SmtpConnection | None:
        kept, self._kept = self._kept, None
        if kept is None or kept.take(deadline):
            return kept
        kept.close()
        return None

    def _over(self, connection: SmtpConnection, envelope: Envelope, may_still_send: MayStillSend) -> Accepted:
        self._check_size(connection, envelope)
        first = connection.mails == 0
        try:
            reply = connection.transact(envelope, may_still_send)
        except HandOffError as error:
            if connection.sock is None and connection.phase is Phase.COMMAND and not first:
                raise _StaleConnection(error.detail) from error  # 421 to a kept connection: it was tired of us, not of the message
            self._keep(connection)
            raise
        except StoppedBeforeDot as error:
            raise TryLater("stopped before the final dot", scope=Scope.MAILBOX, after=timedelta(minutes=1)) from error
        except (OSError, smtplib.SMTPException) as error:
            connection.close()
            if connection.phase is Phase.DOT:
                raise Unknown(f"no well-formed answer after the final dot: {error}") from error
            if connection.phase is Phase.COMMAND and not first:
                raise _StaleConnection(f"broken before the final dot: {error}") from error
            raise TryLater(f"broken before the final dot: {error}", scope=Scope.MAILBOX) from error
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        return Accepted(reply=reply)

    def _check_size(self, connection: SmtpConnection, envelope: Envelope) -> None:
        limit = connection.esmtp_features.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(envelope.body):
            self._keep(connection)
            raise Refused(f"the server takes at most {limit} octets", reason=RefusedClass.CONTENT)

    def _keep(self, connection: SmtpConnection) -> None:
        if connection.mails >= self._keeping.mails:
            connection.farewell()
        elif connection.release(self._keeping.idle_s):
            self._kept = connection
        else:
            connection.close()

    def close(self) -> None:
        """Close the kept connection; never raises."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.farewell()


class _StaleConnection(Exception):
    """A kept connection broke before its message was named."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
