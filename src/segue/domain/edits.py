"""What a person changes of one step for one contact: text, delay, time, leaving it out (SEQ-57, SEQ-58). Steps are named by key, so that an
edit holds on when the enrollment moves to another version (SEQ-133)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from segue.domain.errors import Invalid
from segue.domain.send_window import DayMode
from segue.domain.sequence import EmailSettings, Sequence, Step, TaskSettings


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


@dataclass(frozen=True, slots=True)
class OwnSettings:
    """What one enrollment has in place of its sequence's settings (sequences.md §4.2). None: as the version says. Minutes from midnight."""

    start_minute: int | None = None
    end_minute: int | None = None
    mode: DayMode | None = None
    hold_first_email: bool | None = None

    def check(self) -> None:
        """Raises Invalid where the window is none (SEQ-46)."""
        if self.start_minute is None or self.end_minute is None:
            return
        if not 0 <= self.start_minute < self.end_minute <= 24 * 60:
            raise Invalid("The window has no minute in it.", hint="Write it as 09:00-17:00, within one day.", field="window")

    def to_json(self) -> dict[str, Any] | None:
        """Return what is stored; None where nothing differs."""
        return {key: value for key, value in asdict(self).items() if value is not None} or None


NOTHING_OWN = OwnSettings()


def own_from_json(stored: Mapping[str, Any] | None) -> OwnSettings:
    """Build from what `to_json` made."""
    if not stored:
        return NOTHING_OWN
    return OwnSettings(**{**stored, "mode": DayMode(stored["mode"]) if "mode" in stored else None})


def with_own(content: Sequence, own: OwnSettings) -> Sequence:
    """Return the sequence as it is for an enrollment with settings of its own."""
    if own == NOTHING_OWN:
        return content
    window = replace(
        content.settings.window,
        start_minute=content.settings.window.start_minute if own.start_minute is None else own.start_minute,
        end_minute=content.settings.window.end_minute if own.end_minute is None else own.end_minute,
        mode=own.mode or content.settings.window.mode,
    )
    held = content.settings.hold_first_email if own.hold_first_email is None else own.hold_first_email
    return replace(content, settings=replace(content.settings, window=window, hold_first_email=held))


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
