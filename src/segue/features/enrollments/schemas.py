"""What the API takes and answers about enrollments, jobs, plans and tasks."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from segue.domain.durations import DURATION
from segue.features.enrollments.admission import OverLimit
from segue.http.models import Body, Id, Instant, Line, Out, Prose

Key = Annotated[str, Field(min_length=1, max_length=64)]
Delay = Annotated[str, Field(max_length=100, pattern=DURATION, examples=["2 days 4 hours"])]


class EnrollmentState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"
    UNENROLLED = "unenrolled"
    FAILED = "failed"


class TaskState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    DELETED = "deleted"


class EnrollIn(Body):
    """Whom to enroll into what. Contacts are named by number or by address."""

    sequence_id: Id
    contacts: list[Id] = Field([], max_length=10_000)
    emails: list[Annotated[str, Field(max_length=320)]] = Field([], max_length=10_000)
    mailbox_id: Id | None = Field(None, description="Mailbox to send from; left out: your only one.")
    start_step: Key | None = Field(None, description="Key of the step to begin with; left out: the first.")
    start_at: Instant | None = Field(None, description="When to begin, at most 90 days ahead.")
    fill: dict[Key, Line] = Field({}, max_length=50, description="Values of placeholders.")
    delays: dict[Key, Delay] = Field({}, max_length=200, description="Delays in place of the version's, by step.")
    over_limit: OverLimit = OverLimit.QUEUE
    override_cool_off: bool = False

    @model_validator(mode="after")
    def _somebody(self) -> "EnrollIn":
        if not self.contacts and not self.emails:
            raise ValueError("name contacts or emails")
        return self


class NewEnrollments(EnrollIn):
    dry_run: bool = Field(default=False, description="Enroll nobody; say what would happen.")


class BulkIn(EnrollIn):
    confirm: bool = Field(default=False, description="Must be true for more than 1,000 contacts (SEQ-65).")


class Code(Out):
    code: str
    message: str


class RefusedOut(Out):
    email: str
    code: str = Field(description="One of SEQ-62, such as ALREADY_ENROLLED.")
    message: str
    also: list[Code] = Field([], description="What else bars the contact.")


class Enrolled(Out):
    enrolled: int
    enrollment_ids: list[int] = Field([])
    refused: list[RefusedOut]
    paused: str = Field("", description="Says so where the enrollments begin paused.")
    last_first_email_on: date | None = None
    without_consent: int = 0


class PlannedOut(Out):
    at: Instant | None = Field(description="When it goes by today's knowledge.")
    due_at: Instant | None
    zone: str
    contact: str
    sequence: str
    version: int
    step_key: str
    type: str
    mailbox: str
    why: list[str] = Field(description="What moved it to then, a sentence each.")
    subject: str = ""
    text: str = ""


class PlanOut(Out):
    now: Instant
    until: Instant
    total: int
    steps: list[PlannedOut]


class Preview(Out):
    would: Enrolled
    plan: PlanOut


class EnrollmentOut(Out):
    id: Id
    contact_id: int
    address: str
    sequence_id: int
    sequence: str
    version: int
    state: EnrollmentState
    reason: str = Field(description="Why it ended, such as REPLIED.")
    reason_detail: str
    waiting_for: str
    pause_kind: str | None = None
    position: int
    due_at: Instant | None
    resume_at: Instant | None
    enrolled_at: Instant
    ended_at: Instant | None
    timezone: str
    mailbox_id: int
    mailbox: str
    enroller_user_id: int
    enroller: str


class PauseIn(Body):
    until: date | None = Field(None, description="Goes on by itself on this day.")


class UnenrollIn(Body):
    note: Line = Field("", description="Stands on the timeline.")


class StepChange(Body):
    """What is to be different of a coming step of one enrollment (SEQ-57)."""

    step: Key | None = Field(None, description="Key of the step; left out: the one that waits.")
    subject: Line | None = None
    body: Prose | None = None
    delay: Delay | None = None
    at: Instant | None = None
    skipped: bool | None = None


class MoveIn(Body):
    step: Key
    repeat: bool = Field(default=False, description="Even if the contact then gets something again.")


class SenderIn(Body):
    mailbox_id: Id


class Changed(Out):
    changed: int


class JobOut(Out):
    id: Id
    kind: str
    state: Literal["queued", "running", "finished", "failed"]
    done: int
    total: int
    enrolled: int | None = None
    refused_total: int
    detail: str
    sequence_id: int
    created_at: Instant
    started_at: Instant | None
    ended_at: Instant | None


class JobDetail(JobOut):
    refused: list[RefusedOut]


class MoveOut(Out):
    enrollment_id: int
    address: str
    version: int
    current_step: str
    added: list[str]
    removed: list[str]
    left_out: str = ""


class Moves(Out):
    version: int
    moves: list[MoveOut]


class TaskOut(Out):
    id: Id
    kind: str
    subject: str
    notes: str
    priority: str
    state: TaskState
    waits: bool = Field(description="The sequence goes on when it is done.")
    due_on: date | None
    created_at: Instant
    resolved_at: Instant | None
    outcome: str
    note: str
    contact_id: int
    contact: str
    enrollment_id: int
    enrollment_active: bool
    sequence: str
    assignee_user_id: int
    assignee: str


class ResolveIn(Body):
    outcome: Line = Field("", description="What came of it, such as connected.")
    note: Prose = ""


class AssignIn(Body):
    user_id: Id


class StatusOut(Out):
    """Where everything stands."""

    contacts: int
    sequences: int
    enrollments: dict[str, int]
    ended_because: dict[str, int]
    waiting_for: dict[str, int]
    messages: dict[str, int]
    sent: int
    sent_24h: int
    answers: dict[str, int]
    tasks_open: int
    suppressed: int
    quarantined: int
    sending_stopped_at: Instant | None


class UndecidedOut(Out):
    id: Id
    recipient: str
    sender: str
    subject: str
    step_key: str
    handed_at: Instant | None
    sequence: str
    enrollment_state: str


class ReviewOut(Out):
    id: Id
    contact: str
    address: str
    sequence: str
    pause_kind: str | None
    waiting_for: str
    why: str
    since: Instant | None
    enroller: str


class Undecideds(Out):
    items: list[UndecidedOut]


class Reviews(Out):
    items: list[ReviewOut]


class TimelineEntry(Out):
    id: int | None = None
    at: Instant
    kind: str
    actor: str = ""
    sequence: str | None = None
    enrollment_id: int | None = None
    message_id: int | None = None
    inbound_subject: str | None = None
    data: dict[str, Any] | None = None


class Timeline(Out):
    items: list[TimelineEntry]
