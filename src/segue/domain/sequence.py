"""A sequence: its steps and settings, frozen. A published version is exactly one of these (SEQ-131).

Templates live inside the step here: a version pins the revision of the text it was published with (SEQ-17).
What makes a sequence valid is judged in `sequence_rules`, which knows the step types too; this module knows shapes and bounds alone.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from segue.domain.ids import StepKey
from segue.domain.send_window import SendWindow

NAME_LIMIT = 255
"""Characters of a name (SEQ-46)."""
MAX_DELAY = timedelta(days=365)
"""Longest delay in front of a step (SEQ-44)."""
END_DELAY = timedelta(days=1)
"""Delay of an end step that was added because there was none (SEQ-35)."""
AWAY_DAYS = range(1, 31)
"""Days an out-of-office hold of fixed length may last (sequences.md §16)."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a sequence: an error refuses publishing (SEQ-46), a warning does not (SEQ-47).

    `path` leads to the place: ("name",), ("settings", "window"), ("steps", 2, "body"); a step's own fields are "key" and "delay",
    every other third part is a field of its settings. `line` and `column` count from 1 inside the text at `path`; 0 means the whole.
    """

    message: str
    hint: str = ""
    severity: Severity = "error"
    path: tuple[str | int, ...] = ()
    line: int = 0
    column: int = 0


class ZoneMode(StrEnum):
    """Whose clock rules the send window (SEQ-70)."""

    SENDER = "SENDER"
    CONTACT = "CONTACT"
    FIXED = "FIXED"


class Criteria(StrEnum):
    """Whether a kind of reaction unenrolls (SEQ-43)."""

    ALL = "ALL"
    NONE = "NONE"


class AwayHold(StrEnum):
    """What an out-of-office answer does (SEQ-129)."""

    UNTIL_RETURN = "UNTIL_RETURN"
    IGNORE = "IGNORE"
    FIXED_DAYS = "FIXED_DAYS"


class TaskKind(StrEnum):
    """Kinds of task (SEQ-33). LinkedIn ones only remind (SEQ-34)."""

    CALL = "call"
    MANUAL_EMAIL = "manual_email"
    TODO = "todo"
    LINKEDIN_CONNECT = "linkedin_connect"
    LINKEDIN_MESSAGE = "linkedin_message"


Priority = Literal["none", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """Text of an automated email. `thread` None means: as the sequence says; `subject` may be empty on a threaded follow-up."""

    body: str
    subject: str = ""
    format: Literal["text", "html"] = "text"
    thread: bool | None = None


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """What a person is asked to do. `wait` holds the next step until the task is resolved (SEQ-41, SEQ-114)."""

    kind: TaskKind
    subject: str = ""
    notes: str = ""
    priority: Priority = "none"
    wait: bool = True


@dataclass(frozen=True, slots=True)
class WaitSettings:
    """A step that is nothing but its delay."""


@dataclass(frozen=True, slots=True)
class FinishSettings:
    """The end (SEQ-35): follows the day rule but not the window."""


StepSettings = EmailSettings | TaskSettings | WaitSettings | FinishSettings


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `type` is a key of `steps.STEP_TYPES`; `delay` stands in front of the step (SEQ-44)."""

    key: StepKey
    type: str
    settings: StepSettings
    delay: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class SequenceSettings:
    """Settings of a sequence with the defaults of sequences.md §3.2."""

    window: SendWindow = field(default_factory=SendWindow)
    zone_mode: ZoneMode = ZoneMode.SENDER
    fixed_zone: str = ""
    hold_first_email: bool = False
    threaded: bool = True
    task_creation_minute: int = 480
    stop_on_email: Criteria = Criteria.ALL
    reply_from_any_address: bool = True
    away_hold: AwayHold = AwayHold.UNTIL_RETURN
    away_days: int = 5
    best_time: bool = False
    """Send follow-ups in the contact's best hour (SEQ-84): refused until there is a model to choose it (`sequence_rules`)."""
    track_opens: bool | None = None
    """None: as the workspace says (SEQ-26)."""
    track_clicks: bool | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A whole sequence. Steps are in order; the last one is the end."""

    name: str
    steps: tuple[Step, ...]
    settings: SequenceSettings = field(default_factory=SequenceSettings)
    description: str = ""

    def position_of(self, key: StepKey) -> int | None:
        """Return the place of the step with this key, or None when this version has no such step."""
        return next((i for i, step in enumerate(self.steps) if step.key == key), None)
