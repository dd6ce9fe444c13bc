"""What the API takes and answers about sequences."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, model_validator

from segue.http.models import Body, Id, Instant, Line, Name, Out

CONTENT_EXAMPLE: dict[str, Any] = {
    "name": "Welcome",
    "settings": {"days": "business", "window": "09:00-17:00"},
    "steps": [
        {"email": {"subject": "Hello {{ contact.first_name | fallback('there') }}", "body": "Shall we talk this week?"}},
        {"email": {"body": "Just once more: shall we talk?"}, "after": "3 days"},
    ],
}


class SequenceStatus(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class SequenceText(Body):
    """A sequence, as JSON in the form of a sequence file (docs/sequence.schema.json), or as the text of such a file."""

    content: dict[str, Any] | None = Field(None, description="The sequence as JSON.", examples=[CONTENT_EXAMPLE])
    yaml: str | None = Field(None, max_length=1_000_000, description="The text of a sequence file, in place of `content`.")

    @model_validator(mode="after")
    def _one_of_them(self) -> "SequenceText":
        if (self.content is None) == (self.yaml is None):
            raise ValueError("give one of content and yaml")
        return self


class NewSequence(SequenceText):
    sharing: Literal["private", "everyone"] = "private"


class Warned(Out):
    """Something that might be better about a sequence; it is taken all the same."""

    line: int
    message: str
    hint: str


class StepOut(Out):
    key: str
    type: str
    delay_seconds: float
    subject: str = ""


class Linted(Out):
    """A sequence that is fit to be published."""

    name: str
    steps: list[StepOut]
    warnings: list[Warned]


class SequenceOut(Out):
    id: Id
    name: str
    status: str
    version: int
    sharing: str
    shared_with: list[int] = Field(description="Users, where sharing is `chosen`.")
    shared_teams: list[str]
    owner_user_id: int
    owner: str
    paused: bool
    enrolled: int
    open: int
    replied: int
    created_at: Instant
    updated_at: Instant


class SequenceDetail(SequenceOut):
    """A sequence with its newest version; `content` is in the form in which it is given."""

    content: dict[str, Any]
    yaml: str
    warnings: list[Warned] = Field([])
    changed: bool = Field(default=True, description="False where what was given is the newest version already.")

    def edited(self) -> "SequenceDetail":
        """Return what of a sequence a person edits: what others do in it, such as enroll, changes no ETag."""
        return self.model_copy(update={"enrolled": 0, "open": 0, "replied": 0, "warnings": [], "changed": True})


class VersionOut(Out):
    version: int
    source: str
    created_at: Instant
    open: int = Field(description="Open enrollments that keep this version.")


class Versions(Out):
    items: list[VersionOut]


class VersionDetail(Out):
    sequence_id: Id
    version: int
    content: dict[str, Any]
    yaml: str


class DifferenceOut(Out):
    kind: str = Field(description="added, removed, moved, changed or setting.")
    key: str
    field: str = ""
    before: str = ""
    after: str = ""


class Differences(Out):
    old: int
    new: int
    differences: list[DifferenceOut]


class SharingIn(Body):
    sharing: Literal["private", "everyone", "chosen"]
    users: list[Id] = Field([], max_length=1_000, description="Numbers of users, with `chosen`.")
    teams: list[Line] = Field([], max_length=200, description="Names of teams, with `chosen`.")


class CloneIn(Body):
    name: Name = Field(description="Name of the copy.")


class OwnerIn(Body):
    user_id: Id


class DeletedSequence(Out):
    id: Id
    status: Literal["deleted"] = "deleted"
    unenrolling: int = Field(description="Open enrollments that end now; no mail of them goes out any more.")


class DeletedOut(Out):
    id: Id
    name: str
    version: int
    deleted_at: Instant
