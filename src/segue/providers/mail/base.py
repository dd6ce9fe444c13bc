"""What a mail provider is to Segue: it hands one message over, finds evidence of it, and reads the inbox.

Every provider (fake, SMTP + IMAP, later Gmail and Outlook) passes the same contract suite, `tests/providers/contract_mail.py`.

Outcomes of a hand-off (mail.md §5): `Accepted` is returned; everything else is one of five errors.
Only `Unknown` needs evidence before any second try.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Scope(StrEnum):
    """Whom a refusal concerns."""

    CONTACT = "contact"
    MAILBOX = "mailbox"
    DOMAIN = "domain"


class RefusedClass(StrEnum):
    """Why a message was refused or came back (mail.md §5)."""

    INVALID = "invalid"
    FULL = "full"
    BLOCKED = "blocked"
    RESTRICTED = "restricted"
    CONTENT = "content"
    NETWORK = "network"
    UNCLEAR = "unclear"


class IdKind(StrEnum):
    """What an id pair (kind, value) is: `message_alias` stores them all (MAIL-13)."""

    WRITTEN = "written"
    """The Message-ID as we wrote it."""
    OBSERVED = "observed"
    """The Message-ID found on the copy; threading uses this one (MAIL-11)."""
    ORIGINAL = "original"
    """Our id as kept by a server that replaced it (X-Microsoft-Original-Message-ID)."""
    PROVIDER = "provider"
    """The provider's own id of the message; on IMAP `folder;uidvalidity;uid` of the Sent copy."""
    THREAD = "thread"
    """The provider's thread or conversation id."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, ready for the wire. `wire` is the whole message: CRLF only, no line above 998 octets (MAIL-1)."""

    wire: bytes
    sender: str
    recipient: str
    message_id: str
    """Message-ID as written, with angle brackets."""
    key: str
    """Value of X-Segue-Key, our evidence mark (MAIL-6)."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took responsibility. `ids` are further ids of the message as (kind, value); `reply` is the server's last line."""

    ids: tuple[tuple[str, str], ...] = ()
    reply: str = ""


class HandOffError(Exception):
    """Base of the five errors of a hand-off. `detail` is for the operator's log, never shown to strangers."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class TryLater(HandOffError):
    """Surely not accepted; may be tried again after `after` (None: by the usual back-off, MAIL-40).

    `tries` bounds how often (None: until the back-off ends); `reason` is the class it is then refused with.
    """

    def __init__(
        self,
        detail: str,
        *,
        scope: Scope,
        after: timedelta | None = None,
        tries: int | None = None,
        reason: RefusedClass = RefusedClass.NETWORK,
    ) -> None:
        super().__init__(detail)
        self.scope = scope
        self.after = after
        self.tries = tries
        self.reason = reason


class Refused(HandOffError):
    """Surely not accepted, for good."""

    def __init__(self, detail: str, *, reason: RefusedClass, scope: Scope = Scope.CONTACT) -> None:
        super().__init__(detail)
        self.reason = reason
        self.scope = scope


class SignInAgain(HandOffError):
    """The mailbox's credentials are refused. The step is not consumed (MAIL-41)."""


class Misconfigured(HandOffError):
    """The mailbox or its domain is set up wrongly; `detail` says what. The step is not consumed."""


class Unknown(HandOffError):
    """Nobody can say whether the message was accepted. Evidence decides later."""


class Evidence(StrEnum):
    """What a look for traces of an undecided hand-off found."""

    FOUND = "found"
    ABSENT = "absent"
    """Surely not accepted: only where the provider files Sent copies itself."""
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """Answer of `find_evidence`; `ids` as in `Accepted` when found."""

    evidence: Evidence
    ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FolderCursor:
    """How far one folder was read (MAIL-50). `uid_validity` 0 means: never read."""

    folder: str
    uid_validity: int = 0
    last_uid: int = 0
    highest_modseq: int = 0


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message of a watched folder. `raw` may be cut at the provider's cap; `size` is the full size in octets."""

    folder: str
    uid: int
    uid_validity: int
    received_at: datetime
    """INTERNALDATE: when the mailbox received it (SEQ-145), aware UTC."""
    raw: bytes
    size: int
    ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FetchedBatch:
    """Some new messages of one folder and the cursor that covers exactly them.

    `reset` is true when UIDVALIDITY changed: the messages are then a bounded rescan and must be deduplicated (MAIL-54).
    """

    cursor: FolderCursor
    messages: tuple[Incoming, ...]
    reset: bool = False
    more: bool = False
    """True when the folder holds further unread messages: call again."""
    alarm: str = ""
    """A sentence when the folder shrank, vanished or does not move (MAIL-55)."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What `test` found at connect time: (name, ok, sentence) each."""

    results: tuple[tuple[str, bool, str], ...] = field(default=())

    @property
    def ok(self) -> bool:
        return all(passed for _, passed, _ in self.results)


MayStillSend = Callable[[], bool]
"""Asked directly before the final dot (H7, MAIL-25): deadline not passed and the lock-holding connection alive, in one round trip."""


class MailSession(Protocol):
    """A provider opened for one mailbox. Not thread-safe: one thread at a time. Connections are kept inside and re-opened when needed."""

    files_sent_copies: bool
    """True when the server itself files Sent copies, so that absence there proves something (H9)."""

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        """Hand one message over within `deadline_s` seconds of real time, enforced from outside the socket call (MAIL-23).

        Raises:
            TryLater, Refused, SignInAgain, Misconfigured: surely not accepted.
            Unknown: at or after the final dot without a well-formed answer. A `may_still_send` that says False raises TryLater.
        """
        ...

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        """File or find the Sent copy, search by key first (MAIL-30); return ids read back. Never raises for an accepted message."""
        ...

    def find_evidence(self, message: Outgoing) -> EvidenceFound:
        """Look for traces of an undecided hand-off (H9). Raises HandOffError kinds other than Unknown when it cannot look."""
        ...

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        """Fetch up to `limit` messages after the cursor, oldest first, without changing flags (MAIL-52).

        `since` bounds a first read and a rescan after a reset. Raises TryLater, SignInAgain or Misconfigured.
        """
        ...

    def watched_folders(self) -> Sequence[str]:
        """Names of the folders to read: INBOX and Junk, as the server calls them (MAIL-51)."""
        ...

    def sent_folder(self) -> str | None:
        """Name of the folder that holds what the mailbox sent, None where there is none (MAIL-51). Makes no folder."""
        ...

    def wait_for_mail(self, timeout_s: float) -> bool:
        """Wait until the inbox may hold something new (IDLE, renewed at 9 min); False on timeout (MAIL-57, MAIL-58)."""
        ...

    def test(self) -> Checks:
        """Sign in everywhere and say what works, in sentences."""
        ...

    def close(self) -> None:
        """Close connections; never raises."""
        ...


@dataclass(frozen=True, slots=True)
class MailboxConfig:
    """What a provider needs to open a mailbox. `secret` is the password or token; never logged."""

    address: str
    provider: str
    settings: dict[str, object]
    secret: str = field(repr=False)


class MailProvider(Protocol):
    """Opens sessions. `MAIL_PROVIDERS` maps names to these."""

    def open(self, config: MailboxConfig) -> MailSession:
        """Return a session; connects lazily, so it never fails for network reasons. Raises Misconfigured for impossible settings."""
        ...
