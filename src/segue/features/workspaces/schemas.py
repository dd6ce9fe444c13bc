"""What the API takes and answers about users, API keys, notices and the audit log."""

from typing import Any

from pydantic import Field

from segue.domain.permissions import Role
from segue.http.models import Body, Id, Instant, Line, Name, Out


class Me(Out):
    """Who asks, and how far what was presented reaches."""

    workspace_id: int
    workspace: str
    user_id: int
    email: str
    role: Role
    seat: bool
    through: str = Field(description="`session` or `api_key`.")
    scopes: list[str]
    permissions: dict[str, str] = Field(description="Whose things each permission covers: own, team or all.")


class UserOut(Out):
    id: Id
    email: str
    name: str
    timezone: str
    role: Role
    team: str
    seat: bool
    active: bool
    sending_stopped_at: Instant | None = None


class Users(Out):
    items: list[UserOut]


class NewUser(Body):
    email: Line
    name: Line | None = None
    timezone: Line | None = Field(None, examples=["Europe/Berlin"])
    role: Role = Role.USER
    team: Line | None = None
    seat: bool | None = None


class UserChangeIn(Body):
    """What is to be different. Losing seat, role or place ends what hangs on the user, unless it is handed over (SEQ-11, SEQ-12)."""

    name: Line | None = None
    timezone: Line | None = None
    role: Role | None = None
    team: Line | None = None
    seat: bool | None = None
    active: bool | None = None
    hand_over_to: Id | None = Field(None, description="Who gets the sequences and tasks first.")


class UserLeft(Out):
    user_id: Id
    handed_over: int
    archived: int
    creator_lost: int
    sender_lost: int
    tasks: int


class HangingOut(Out):
    """What hangs on a user (SEQ-12)."""

    sequences: int
    in_sequences: int
    enrollments: int
    tasks: int
    mailboxes: int


class KeyOut(Out):
    id: Id
    name: str
    start: str = Field(description="Its first characters.")
    owner: str
    user_id: int
    scopes: list[str]
    addresses: list[str]
    state: str
    created_at: Instant
    created_by: str
    expires_at: Instant | None
    last_used_at: Instant | None
    last_used_from: str


class Keys(Out):
    items: list[KeyOut]


class NewKeyIn(Body):
    name: Name
    scopes: list[Line] = Field([], max_length=50, examples=[["contacts:write", "enrollments:write"]])
    expires_at: Instant | None = None
    addresses: list[Line] = Field([], max_length=50, description="Networks from which it may be used.")


class MadeKey(KeyOut):
    key: str = Field(description="The key itself. It is shown this once.")


class NoticeOut(Out):
    id: Id
    kind: str
    subject: str
    said: str
    todo: str
    created_at: Instant
    closed_at: Instant | None
    user: str | None


class Notices(Out):
    items: list[NoticeOut]


class Closed(Out):
    id: Id
    closed: bool = Field(description="False where it was closed before.")


class AuditOut(Out):
    id: Id
    at: Instant
    kind: str
    actor: str
    address: str
    data: dict[str, Any]
