"""A sequence: its steps and settings, frozen. A published version is exactly one of these (SEQ-131).

Templates live inside the step here: a version pins the revision of the text it was published with (SEQ-17).
What makes a sequence valid is judged in `sequence_rules`, which knows the step types too; this module knows shapes and bounds alone.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Literal

from segue.domain.conditions import Condition
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
COOL_OFF_DAYS = range(366)
"""Days after the end of an enrollment in which no other may begin (sequences.md §16)."""
FIRST_VARIANT = 1
"""Ordinal of the content that stands in the step itself (SEQ-38)."""

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


class Scope(StrEnum):
    """Whom a reaction unenrolls: the one who reacted, or everybody at that company (SEQ-158)."""

    LEAD_BASED = "LEAD_BASED"
    ACCOUNT_BASED = "ACCOUNT_BASED"


class CompanyScope(StrEnum):
    """In which sequences colleagues are stopped where the scope is ACCOUNT_BASED (SEQ-158)."""

    THIS_SEQUENCE = "THIS_SEQUENCE"
    ALL_SEQUENCES = "ALL_SEQUENCES"


class CompanyAction(StrEnum):
    """What happens to colleagues: they are unenrolled, or paused for 5 working days (SEQ-158)."""

    UNENROLL = "UNENROLL"
    PAUSE = "PAUSE"


class MeetingRule(StrEnum):
    """Which meetings count as booked (SEQ-159, SEQ-160)."""

    SEED = "SEED"
    NARROW = "NARROW"


class Overlap(StrEnum):
    """Whether a contact may be in this sequence while in another that allows it too (SEQ-141)."""

    OFF = "OFF"
    ALLOWED = "ALLOWED"


class OpenTasks(StrEnum):
    """What becomes of open tasks when the enrollment ends (SEQ-119)."""

    KEEP = "KEEP"
    CANCEL = "CANCEL"


class TaskKind(StrEnum):
    """Kinds of task (SEQ-33). LinkedIn ones only remind (SEQ-34)."""

    CALL = "call"
    MANUAL_EMAIL = "manual_email"
    TODO = "todo"
    MEETING = "meeting"
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


@dataclass(frozen=True, slots=True)
class BranchSettings:
    """A question (SEQ-191): all conditions must hold, or with `match` "any" one of them.

    `yes` and `no` name the step that comes then, always a later one; empty means the next in order. With `within` the question is asked
    again at every relevant event until it is true or this time is over.
    """

    when: tuple[Condition, ...]
    match: Literal["all", "any"] = "all"
    yes: str = ""
    no: str = ""
    within: timedelta = timedelta(0)


StepSettings = EmailSettings | TaskSettings | WaitSettings | FinishSettings | BranchSettings


@dataclass(frozen=True, slots=True)
class Variant:
    """Another content of a step (SEQ-38). `ordinal` is permanent: statistics and drawn variants follow it."""

    ordinal: int
    settings: StepSettings
    active: bool = True


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `type` is a key of `steps.STEP_TYPES`; `delay` stands in front of the step (SEQ-44).

    `delay_most`: the delay is drawn from the range `delay` to `delay_most` (SEQ-44). `then`: the later step that comes after this one,
    instead of the next in order (SEQ-191). `needs`: earlier tasks that must be resolved first, beside those that hold the next step
    (SEQ-41). `hold`: a person lets the step begin (MANUAL_PAUSE, SEQ-118). `variants`: other contents beside `settings`, which is variant
    1 and takes part unless `active` is false.
    """

    key: StepKey
    type: str
    settings: StepSettings
    delay: timedelta = timedelta(0)
    delay_most: timedelta | None = None
    then: str = ""
    needs: tuple[StepKey, ...] = ()
    hold: bool = False
    variants: tuple[Variant, ...] = ()
    active: bool = True

    @property
    def contents(self) -> tuple[Variant, ...]:
        """Return every variant of the step, the first one too."""
        return (Variant(FIRST_VARIANT, self.settings, self.active), *self.variants)


@dataclass(frozen=True, slots=True)
class ExitRule:
    """A way out that somebody set up (SEQ-172): when the condition holds, unenroll, pause, or go on at the step `to`."""

    name: str
    when: Condition
    action: Literal["unenroll", "pause", "branch"] = "unenroll"
    to: str = ""


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
    email_scope: Scope = Scope.LEAD_BASED
    stop_on_meeting: Criteria = Criteria.ALL
    meeting_scope: Scope = Scope.LEAD_BASED
    meeting_rule: MeetingRule = MeetingRule.SEED
    company_scope: CompanyScope = CompanyScope.THIS_SEQUENCE
    company_action: CompanyAction = CompanyAction.UNENROLL
    contact_holidays: bool = False
    """Holidays of the contact's country count too (SEQ-82)."""
    best_time: bool = False
    overlap: Overlap = Overlap.OFF
    cool_off_days: int = 0
    """0: as the workspace says (SEQ-140)."""
    max_starts_per_day: int | None = None
    on_end_open_tasks: OpenTasks = OpenTasks.KEEP
    task_reminder_minute: int = 540
    individual_reminders: bool = False
    track_opens: bool | None = None
    """None: as the workspace says (SEQ-26)."""
    track_clicks: bool | None = None
    exit_rules: tuple[ExitRule, ...] = ()


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

    def place_of(self, key: str, otherwise: int) -> int:
        """Return the place of the step with this key, or `otherwise` where the key is empty or unknown."""
        found = self.position_of(StepKey(key)) if key else None
        return otherwise if found is None else found

    def after(self, position: int) -> int:
        """Return the place of the step that follows the one at `position` (SEQ-191). A branch is followed by what its answer says."""
        return self.place_of(self.steps[position].then, position + 1)

    def ways(self, position: int) -> tuple[int, int]:
        """Return the places that follow the branch at `position`: for *yes* and for *no*."""
        branch = self.steps[position].settings
        assert isinstance(branch, BranchSettings)
        return self.place_of(branch.yes, position + 1), self.place_of(branch.no, position + 1)

    def followers(self, position: int) -> tuple[int, ...]:
        """Return every place that may follow the one at `position`; none after an end."""
        settings = self.steps[position].settings
        if isinstance(settings, FinishSettings):
            return ()
        places = self.ways(position) if isinstance(settings, BranchSettings) else (self.after(position),)
        return tuple(dict.fromkeys(place for place in places if place < len(self.steps)))

    def needs_of(self, position: int) -> frozenset[StepKey]:
        """Return the tasks that must be resolved before the step at `position` begins: those it names, and those in front of it that hold
        what follows (SEQ-41)."""
        holding = (
            step.key
            for i, step in enumerate(self.steps)
            if isinstance(step.settings, TaskSettings) and step.settings.wait and position in self.followers(i)
        )
        return frozenset((*self.steps[position].needs, *holding))
