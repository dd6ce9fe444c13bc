"""What a person changes of one step for one contact: text, delay, time, leaving it out (SEQ-57, SEQ-58). Steps are named by key, so that an
edit holds on when the enrollment moves to another version (SEQ-133)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from segue.domain.sequence import EmailSettings, Step, TaskSettings


@dataclass(frozen=True, slots=True)
class StepEdit:
    """None leaves a thing as the version says. `body` is the notes of a task. `at` takes the place of the delay: not before that instant.

    `generation` counts the runs of the step before the next one: above 0 when a person went back to a step that had run.
    """

    subject: str | None = None
    body: str | None = None
    delay: timedelta | None = None
    at: datetime | None = None
    skipped: bool = False
    generation: int = 0


NO_EDIT = StepEdit()


def edited(step: Step, edit: StepEdit) -> Step:
    """Return the step with the edited text in place of its own."""
    settings = step.settings
    if edit.subject is None and edit.body is None:
        return step
    if isinstance(settings, EmailSettings):
        return replace(step, settings=replace(settings, subject=_or(edit.subject, settings.subject), body=_or(edit.body, settings.body)))
    if isinstance(settings, TaskSettings):
        return replace(step, settings=replace(settings, subject=_or(edit.subject, settings.subject), notes=_or(edit.body, settings.notes)))
    return step


def _or(given: str | None, otherwise: str) -> str:
    return otherwise if given is None else given
