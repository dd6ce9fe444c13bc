"""Facts about sequences and the way through them: branches, exit rules, versions, life cycle."""

from dataclasses import dataclass

from segue.domain.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchTaken(Event):
    """A branch was answered (SEQ-191): `way` is yes or no, `seen` the values that decided, `next_step` what comes."""

    step_key: str
    way: str
    seen: str
    next_step: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitRuleApplied(Event):
    """An exit rule held (SEQ-172): `action` is unenroll, pause or branch, `seen` what decided; `next_step` where it branched to."""

    rule: str
    action: str
    seen: str
    step_key: str
    next_step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCancelled(Event):
    """An open task was taken back because its sequence ended for the contact, or its step is gone (SEQ-119, SEQ-133)."""

    task_id: int
    step_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReleased(Event):
    """A person let a step begin that waited for it (SEQ-118)."""

    step_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionApplied(Event):
    """An enrollment was moved to another version of its sequence (SEQ-134)."""

    before: int
    after: int
    step_before: str
    step_after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceChanged(Event):
    """A sequence was archived, deleted, restored, copied, shared (SEQ-13); `change` says what."""

    sequence_id: int
    sequence: str
    change: str
    detail: str = ""

    @property
    def audited(self) -> bool:
        return True
