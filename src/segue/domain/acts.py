"""Facts about what people do to users, sequences and single enrollments (SEQ-13, SEQ-175). Like all facts they go through `tx.record`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    """A user was added, changed or removed (SEQ-13); only what is different stands in it."""

    user_id: int
    email: str
    before: dict[str, Any]
    after: dict[str, Any]

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceGiven(Event):
    """A sequence has a new owner (SEQ-7)."""

    sequence_id: int
    sequence: str
    before: str
    after: str

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceCreatorLost(Event):
    """The owner of a sequence was downgraded or deleted (SEQ-168); `unenrolls` says whether everyone in it leaves."""

    sequence_id: int
    sequence: str
    unenrolls: bool

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReassigned(Event):
    """A task has a new assignee (SEQ-121)."""

    task_id: int
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingStopped(Event):
    """An emergency stop of a workspace, mailbox, user or sequence (SEQ-107)."""

    scope: str
    name: str

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingAllowed(Event):
    """The end of an emergency stop."""

    scope: str
    name: str

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEdited(Event):
    """A person changed a step for this contact alone; `what` names the things, as "subject, text" (SEQ-57, SEQ-58)."""

    step_key: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(Event):
    """The turn of a step came that a person had left out."""

    step_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentMoved(Event):
    """A person moved the enrollment to another step (SEQ-58). `repeats`: steps that run again."""

    from_step: str
    to_step: str
    repeats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMissing(Event):
    """A text has lost a value that it needs; the step waits for it (SEQ-20)."""

    step_key: str
    names: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitsLong(Event):
    """An enrollment has been waiting for the same thing for more than a day (SEQ-175)."""

    waiting_for: str
    since: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCorrected(Event):
    """A person said that the mail which ended the enrollment was misread; it is open again (SEQ-138)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartUndone(Event):
    """A start, or the order to send now, was taken back within its undo time (SEQ-59)."""

    sequence: str
    withdrawn: bool
