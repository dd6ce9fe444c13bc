"""One SMTP connection: smtplib with its traps closed (MAIL-20 … MAIL-28).

What differs from the library: the address connected to is the one the egress guard approved; replies are read strictly; the data phase is
tracked, so that a failure before the final dot (surely not accepted, RFC 5321 §4.1.1.10) is told apart from one after it; MAIL, RCPT and
DATA go out together where the server offers PIPELINING (RFC 2920).
"""

import base64
import contextlib
import hmac
import re
import select
import smtplib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from segue.providers.egress import SUBMISSION_PORTS
from segue.providers.mail.base import Misconfigured
from segue.providers.mail.connection import Server, Surroundings, Tls, twin_of
from segue.providers.mail.outcomes import Stage, judge
from segue.providers.mail.watchdog import WATCHDOG

_MAX_LINE = 8192
_MAX_LINES = 100
_REPLY_LINE = re.compile(rb"([2-5]\d\d)(?:([ -])([^\r\n]*))?\r?\n")


class Phase(Enum):
    """How far the message is. From DOT until ANSWERED the outcome is in doubt."""

    COMMAND = "command"
    BODY = "body"
    DOT = "dot"
    ANSWERED = "answered"


class GarbledReply(smtplib.SMTPException):
    """The server said something that is no SMTP reply."""


class StoppedBeforeDot(Exception):
    """The check before the final dot said no: the connection was closed without it (H7)."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What goes to the wire: two checked ASCII addresses and the dot-stuffed message."""

    sender: str
    recipient: str
    body: bytes


class SmtpConnection(smtplib.SMTP):
    """An open, signed-in connection. `deadline` (monotonic seconds) covers everything until `release`."""

    def __init__(self, server: Server, around: Surroundings, *, local_domain: str, deadline: float) -> None:
        # Without a name smtplib looks up and announces this machine's (MAIL-22). Without a host it does not connect yet.
        super().__init__(local_hostname=local_domain)
        self._server = server
        self._around = around
        self._host = server.host  # the name that the certificate must show (MAIL-28)
        self._deadline = deadline
        self._twin: socket.socket | None = None
        self._ticket = 0
        self._reset_first = False
        self._unread = b""
        self.phase = Phase.COMMAND
        self.mails = 0

    # Opening ----------------------------------------------------------------------------------------------------------------------

    def open(self, secret: str) -> None:
        """Connect, protect, sign in.

        Raises HandOffError kinds for what the server answers; OSError, smtplib.SMTPException, EgressRefused for what breaks.
        """
        code, text = self.connect(self._server.host, self._server.port)
        if code != 220:
            raise self._judged(code, text, Stage.CONNECT)
        self._greet()
        if self._server.tls is Tls.STARTTLS:
            self._protect()
        if self._server.username:
            self._sign_in(self._server.username, secret)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002  # smtplib's signature
        sock = self._around.connect(self._server, SUBMISSION_PORTS, self._deadline)
        self._twin = twin_of(sock)
        self._ticket = WATCHDOG.arm(self._twin, self._deadline)
        if self._server.tls is Tls.IMPLICIT:
            return self._around.tls_context().wrap_socket(sock, server_hostname=host)
        return sock

    def _greet(self) -> None:
        code, text = self.ehlo()
        if not 200 <= code < 300:
            raise self._judged(code, text, Stage.CONNECT)

    def _protect(self) -> None:
        if not self.has_extn("starttls"):
            raise Misconfigured("the server does not offer STARTTLS; the password is never sent in plain text")
        try:
            self.starttls(context=self._around.tls_context())
        except smtplib.SMTPResponseException as error:
            raise self._judged(error.smtp_code, error.smtp_error, Stage.CONNECT) from error
        self._unread = b""  # what came in plain text may have been put in by anybody
        self._greet()

    def _sign_in(self, username: str, secret: str) -> None:
        """One attempt only: smtplib's login() tries a refused password once per mechanism, which locks accounts."""
        offered = self.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            code, text = self.docmd("AUTH", "PLAIN " + _b64(f"\0{username}\0{secret}".encode()))
        elif "LOGIN" in offered:
            code, text = self._in_steps("LOGIN", [lambda _: username.encode(), lambda _: secret.encode()])
        elif "CRAM-MD5" in offered:
            code, text = self._in_steps("CRAM-MD5", [lambda asked: _cram(username, secret, asked)])
        else:
            raise Misconfigured("the server offers no way to sign in with a password")
        if code not in (235, 503):
            raise self._judged(code, text, Stage.AUTH)

    def _in_steps(self, mechanism: str, answers: list[Callable[[bytes], bytes]]) -> tuple[int, bytes]:
        code, text = self.docmd("AUTH", mechanism)
        for answer in answers:
            if code != 334:
                break
            code, text = self.docmd(_b64(answer(text)))
        return code, text

    # One message ------------------------------------------------------------------------------------------------------------------

    def transact(self, envelope: Envelope, may_still_send: Callable[[], bool]) -> str:
        """Hand one message over; return the server's last line.

        Raises:
            HandOffError kinds: a well-formed refusal.
            StoppedBeforeDot: `may_still_send` or the deadline said no.
            OSError, smtplib.SMTPException: broken; `phase` says whether the dot was out.
        """
        self.phase = Phase.COMMAND
        self.mails += 1
        commands = self._commands(envelope)
        if self.has_extn("pipelining"):
            self._command_together(commands)
        else:
            self._command_in_turn(commands)
        self.phase = Phase.BODY
        self.send(envelope.body)
        if self._unread:
            raise GarbledReply("the server spoke before the final dot")
        if not may_still_send() or self._around.clock.monotonic() >= self._deadline:
            self.close()
            raise StoppedBeforeDot
        self.phase = Phase.DOT
        self.send(b".\r\n")
        code, text = self.getreply()
        if 300 <= code < 400:
            raise GarbledReply(f"{code} after the final dot")
        self.phase = Phase.ANSWERED
        if code >= 400:
            raise self._judged(code, text, Stage.DATA)
        return f"{code} {_clean(text)}"

    def _commands(self, envelope: Envelope) -> tuple[str, str, str]:
        size = f" SIZE={len(envelope.body)}" if self.has_extn("size") else ""
        body = "" if envelope.body.isascii() or not self.has_extn("8bitmime") else " BODY=8BITMIME"
        return f"MAIL FROM:<{envelope.sender}>{size}{body}\r\n", f"RCPT TO:<{envelope.recipient}>\r\n", "DATA\r\n"

    def _command_in_turn(self, commands: tuple[str, str, str]) -> None:
        if self._reset_first:
            self.send(b"RSET\r\n")
            self.getreply()
        self._reset_first = True
        for stage, command in zip((Stage.MAIL, Stage.RCPT, Stage.DATA), commands, strict=True):
            self.send(command)
            code, text = self.getreply()
            if not _goes_on(code, stage):
                raise self._refusal(code, text, stage)
        self._reset_first = False

    def _command_together(self, commands: tuple[str, str, str]) -> None:
        """Send the three commands in one packet. Nothing can be accepted: the dot is not among them."""
        self.send(("RSET\r\n" if self._reset_first else "") + "".join(commands))
        if self._reset_first:
            self.getreply()
        self._reset_first = True
        error: Exception | None = None
        code = 0
        try:
            for stage in (Stage.MAIL, Stage.RCPT, Stage.DATA):
                code, text = self.getreply()
                if error is None and not _goes_on(code, stage):
                    error = self._refusal(code, text, stage)
        except (OSError, smtplib.SMTPException):
            # After a 421 the server is gone; what it said first is the outcome.
            if error is None:
                raise
            self.close()
        if error is None:
            self._reset_first = False
            return
        if code == 354:
            # DATA was taken although the recipient was not (RFC 2920 §3.1): only a dot would end it, and that is what must not be sent.
            self.close()
        raise error

    def _refusal(self, code: int, text: bytes, stage: Stage) -> Exception:
        return self._judged(code, text, stage) if code >= 400 else GarbledReply(f"{code} to {stage}")

    def _judged(self, code: int, text: bytes | str, stage: Stage) -> Exception:
        if code == 421:
            self.close()  # the connection is gone (MAIL-27)
        return judge(code, _clean(text), stage) if code >= 400 else GarbledReply(f"{code} at {stage}")

    # Between messages -------------------------------------------------------------------------------------------------------------

    def take(self, deadline: float) -> bool:
        """Begin to use a kept connection under a new deadline; False when the server has hung up or spoken meanwhile."""
        if self._twin is None or self.sock is None or not WATCHDOG.disarm(self._ticket):
            return False
        listening = select.poll()  # select() refuses descriptors above 1023
        listening.register(self._twin, select.POLLIN)
        if self._unread or listening.poll(0):
            return False
        self._deadline = deadline
        self.sock.settimeout(max(deadline - self._around.clock.monotonic(), 0.001))
        self._ticket = WATCHDOG.arm(self._twin, deadline)
        return True

    def release(self, idle_s: float) -> bool:
        """End the deadline and let the connection idle for `idle_s` at most; False when it is of no further use."""
        in_time = WATCHDOG.disarm(self._ticket)
        if not in_time or self.sock is None or self._twin is None:
            return False
        self._ticket = WATCHDOG.arm(self._twin, self._around.clock.monotonic() + idle_s)
        return True

    def farewell(self) -> None:
        """Say QUIT without waiting for an answer, which means nothing any more (MAIL-26), and close."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self.send(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        """Close; never raises. Without a dot sent, the server must forget the message (RFC 5321 §4.1.1.10)."""
        with contextlib.suppress(OSError):
            super().close()
        if self._twin is not None:
            WATCHDOG.disarm(self._ticket)
            self._twin.close()
            self._twin = None

    # Replies ----------------------------------------------------------------------------------------------------------------------

    def getreply(self) -> tuple[int, bytes]:
        """Read one well-formed reply (RFC 5321 §4.2). Raises GarbledReply or SMTPServerDisconnected; both leave the connection closed."""
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("not connected")
        lines: list[bytes] = []
        first = b""
        while True:
            match = _REPLY_LINE.fullmatch(self._read_line())
            if match is None or len(lines) >= _MAX_LINES or (first and match[1] != first):
                self.close()
                raise GarbledReply("the server's answer is no SMTP reply")
            first = match[1]
            lines.append((match[3] or b"").strip())
            if match[2] != b"-":
                return int(first), b"\n".join(lines)

    def _read_line(self) -> bytes:
        """Own buffer instead of smtplib's file: what a server says unasked can then be seen (see `take`)."""
        while True:
            line, end, rest = self._unread.partition(b"\n")
            if end:
                self._unread = rest
                return line + end
            if len(line) > _MAX_LINE:
                return line
            try:
                more = self.sock.recv(_MAX_LINE) if self.sock is not None else b""
            except OSError as error:
                self.close()
                raise smtplib.SMTPServerDisconnected(f"the connection broke: {error}") from error
            if not more:
                self.close()
                raise smtplib.SMTPServerDisconnected("the server closed the connection")
            self._unread = line + more


def _goes_on(code: int, stage: Stage) -> bool:
    return code == 354 if stage is Stage.DATA else 200 <= code < 300


def _clean(text: bytes | str) -> str:
    spoken = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(spoken.split())[:500]


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _cram(username: str, secret: str, asked: bytes) -> bytes:
    challenge = base64.b64decode(asked)
    return f"{username} {hmac.new(secret.encode(), challenge, 'md5').hexdigest()}".encode()
