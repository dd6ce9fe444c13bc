"""Facts about getting in and about administration. They stand in the audit log alone, for they belong to no contact's timeline (SEQ-13)."""

from dataclasses import dataclass
from typing import Any

from segue.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountEvent(Event):
    """Base of these facts."""

    @property
    def on_timeline(self) -> bool:
        return False

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyCreated(AccountEvent):
    """A key was made; the key itself stands nowhere."""

    key_id: int
    name: str
    owner: str
    scopes: list[str]
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(AccountEvent):
    key_id: int
    name: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(AccountEvent):
    """A session began; `method` is how the user proved who they are."""

    session_id: int
    user: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInRefused(AccountEvent):
    """Somebody failed to sign in as a user: `why` is password, second_factor, locked."""

    user: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(AccountEvent):
    """A session was ended before its time."""

    session_id: int
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEnded(AccountEvent):
    """Sessions and keys of a user ended at once, because of what changed (X1)."""

    user: str
    why: str
    sessions: int
    keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(AccountEvent):
    """Settings of the workspace, or of what `of` names, were changed; only what is different stands in it."""

    of: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysRotated(AccountEvent):
    """Every secret of the workspace was sealed anew; `master_key` is the id of the key that wraps the new data key."""

    secrets: int
    master_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretUsed(AccountEvent):
    """A process opened a mailbox's secret for the first time since it began; `process` names host and process."""

    mailbox: str
    purpose: str
    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(AccountEvent):
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorChanged(AccountEvent):
    """An authenticator or passkey was added or removed: `what` says which."""

    user: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserInvited(AccountEvent):
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordResetAsked(AccountEvent):
    """Somebody asked for a way to set a new password."""

    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLeft(AccountEvent):
    """The database goes on elsewhere: from here nothing is sent any more (S26)."""

    instance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxConnected(AccountEvent):
    """A mailbox was connected, or connected anew with other settings; its secret stands nowhere."""

    mailbox: str
    user_id: int
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExported(AccountEvent):
    """Data of the workspace were written into a file: `what` of how many rows."""

    what: str
    rows: int
