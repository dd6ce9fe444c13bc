"""What a step may ask for: a closed set (D9). The engine carries effects out; steps know no provider and no store."""

from dataclasses import dataclass

from segue.domain.sequence import BranchSettings, EmailSettings, TaskSettings


@dataclass(frozen=True, slots=True)
class SendEmail:
    """Send this email from the enrollment's mailbox. `threaded` says whether it continues the thread, if there is one (SEQ-40)."""

    settings: EmailSettings
    threaded: bool


@dataclass(frozen=True, slots=True)
class CreateTask:
    """Create a task for the enroller (SEQ-110)."""

    settings: TaskSettings


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do: the delay was the step."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The enrollment has reached its end."""


@dataclass(frozen=True, slots=True)
class Branch:
    """Ask the conditions and go the way of the answer (SEQ-191)."""

    settings: BranchSettings


Effect = SendEmail | CreateTask | Wait | Finish | Branch
