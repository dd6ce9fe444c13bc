"""The `smtp_imap` mail provider: any mailbox with SMTP submission and, unless it only sends, IMAP.

Settings (all but `smtp_host` optional): `smtp_host`, `smtp_port` (587), `smtp_tls` (starttls | implicit | none), `smtp_username` (the
address; empty: no sign-in), `imap_host` (absent: the mailbox only sends), `imap_port` (993), `imap_tls`, `imap_username`,
`files_sent_copies` (known for Gmail and Microsoft 365, else false), `mails_per_connection` (20), `idle_s` (60).
"""

import functools
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from segue.ports import Clock, SystemClock
from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import (
    Accepted,
    Checks,
    EvidenceFound,
    FetchedBatch,
    FolderCursor,
    HandOffError,
    MailboxConfig,
    MayStillSend,
    Misconfigured,
    Outgoing,
)
from segue.providers.mail.connection import Budgets, Server, Surroundings, Tls
from segue.providers.mail.envelope import has_control, is_address
from segue.providers.mail.imap import ImapReader
from segue.providers.mail.smtp import Keeping, SmtpClient

# Servers that file Sent copies of what is submitted to them themselves (mail.md §4).
_FILING_HOSTS = frozenset({"smtp.gmail.com", "smtp-relay.gmail.com", "smtp.office365.com", "smtp-mail.outlook.com"})
_SERVER_KEYS = {f"{kind}_{name}" for kind in ("smtp", "imap") for name in ("host", "port", "tls", "username")}
_KNOWN = _SERVER_KEYS | {"files_sent_copies", "mails_per_connection", "idle_s"}
_TEST_DEADLINE_S = 20.0


@functools.cache
def default_tls_context() -> ssl.SSLContext:
    """Return the verifying context, made once: reading the system's authorities costs 10-20 ms (MAIL-20)."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Settings:
    """A mailbox's settings, checked."""

    smtp: Server
    imap: Server | None
    files_sent_copies: bool
    keeping: Keeping


def read_settings(config: MailboxConfig) -> Settings:
    """Check what a user typed. Raises Misconfigured with a sentence that says what to change."""
    given = config.settings
    unknown = sorted(set(given) - _KNOWN)
    if unknown:
        raise Misconfigured(f"unknown mailbox settings: {', '.join(unknown)}")
    if not is_address(config.address):
        raise Misconfigured("the mailbox's address must be a plain mail address")
    if has_control(config.secret):
        raise Misconfigured("the password holds a control character")
    smtp = _server(given, "smtp", config.address, {465: Tls.IMPLICIT}, Tls.STARTTLS)
    if smtp is None:
        raise Misconfigured("the mailbox has no outgoing server: set smtp_host")
    files = given.get("files_sent_copies", smtp.host.lower() in _FILING_HOSTS)
    if not isinstance(files, bool):
        raise Misconfigured("files_sent_copies must be true or false")
    keeping = Keeping(int(_number(given, "mails_per_connection", 20, 1000)), _number(given, "idle_s", 60, 3600))
    return Settings(smtp, _server(given, "imap", config.address, {143: Tls.STARTTLS}, Tls.IMPLICIT), files, keeping)


def _server(given: Mapping[str, object], kind: str, address: str, by_port: Mapping[int, Tls], otherwise: Tls) -> Server | None:
    host = _text(given, f"{kind}_host", "")
    if not host:
        return None
    port = int(_number(given, f"{kind}_port", 587 if kind == "smtp" else 993, 65535))
    try:
        tls = Tls(_text(given, f"{kind}_tls", by_port.get(port, otherwise)))
    except ValueError:
        raise Misconfigured(f"{kind}_tls must be one of starttls, implicit, none") from None
    return Server(host, port, tls, _text(given, f"{kind}_username", address))


def _text(given: Mapping[str, object], name: str, otherwise: str) -> str:
    value = given.get(name, otherwise)
    if not isinstance(value, str) or has_control(value) or len(value) > 320:
        raise Misconfigured(f"{name} must be a line of text")
    return value.strip()


def _number(given: Mapping[str, object], name: str, otherwise: float, most: float) -> float:
    value = given.get(name, otherwise)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
        raise Misconfigured(f"{name} must be a number between 0 and {most}")
    return value


@dataclass(frozen=True, slots=True)
class SmtpImapProvider:
    """Opens sessions. `egress` is the operator's policy for hosts; `tls_context` the verifying context for servers' certificates."""

    egress: EgressPolicy = field(default_factory=EgressPolicy)
    clock: Clock = field(default_factory=SystemClock)
    tls_context: Callable[[], ssl.SSLContext] = default_tls_context
    budgets: Budgets = field(default_factory=Budgets)

    def open(self, config: MailboxConfig) -> "SmtpImapSession":
        """Return a session; nothing is connected yet. Raises Misconfigured for impossible settings."""
        return SmtpImapSession(config, read_settings(config), Surroundings(self.egress, self.clock, self.tls_context, self.budgets))


class SmtpImapSession:
    """A session on one mailbox; the contract stands in `MailSession`."""

    def __init__(self, config: MailboxConfig, settings: Settings, around: Surroundings) -> None:
        self.files_sent_copies = settings.files_sent_copies
        self._address = config.address
        self._around = around
        self._smtp = SmtpClient(settings.smtp, config.secret, around, settings.keeping)
        self._imap = None if settings.imap is None else ImapReader(settings.imap, config.secret, around)

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        return self._smtp.hand_off(message, deadline_s=deadline_s, may_still_send=may_still_send)

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        try:
            return self._reader().file_sent_copy(message, append=not self.files_sent_copies)
        except HandOffError:
            return ()  # the message was sent all the same (MAIL-30)

    def find_evidence(self, message: Outgoing) -> EvidenceFound:
        return self._reader().find_evidence(message, absence_proves=self.files_sent_copies)

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        return self._reader().fetch(cursor, limit=limit, since=since)

    def watched_folders(self) -> Sequence[str]:
        return self._reader().watched_folders()

    def sent_folder(self) -> str | None:
        return self._reader().sent_folder()

    def wait_for_mail(self, timeout_s: float) -> bool:
        return self._reader().wait_for_mail(timeout_s)

    def test(self) -> Checks:
        results = [_checked("smtp", "Signed in to the outgoing server.", self._try_smtp)]
        if self._imap is None:
            results.append(("imap", False, "No incoming server is set, so no reply could ever stop a sequence. Give the IMAP server too."))
        else:
            results.append(_checked("imap", "Signed in to the incoming server.", self._imap.watched_folders))
        return Checks(tuple(results))

    def close(self) -> None:
        self._smtp.close()
        if self._imap is not None:
            self._imap.close()

    def _reader(self) -> ImapReader:
        if self._imap is None:
            raise Misconfigured("this mailbox only sends: set imap_host to read it")
        return self._imap

    def _try_smtp(self) -> object:
        deadline = self._around.clock.monotonic() + _TEST_DEADLINE_S
        self._smtp.connect(self._address.rpartition("@")[2], deadline).farewell()
        return None


def _checked(name: str, well: str, attempt: Callable[[], object]) -> tuple[str, bool, str]:
    try:
        attempt()
    except HandOffError as error:
        return name, False, _SENTENCES.get(type(error).__name__, "It did not work.")
    return name, True, well


# Nothing that a server said reaches the user: that would let a mailbox form read strangers' banners (X4).
_SENTENCES = {
    "SignInAgain": "The server refused the user name or password. With two-step sign-in the account needs an app password.",
    "Misconfigured": "These settings cannot work. Check host, port and TLS mode; private hosts must be allowed by the operator.",
    "TryLater": "The server could not be reached, or asked to come back later. Check host and port, then try again.",
}
