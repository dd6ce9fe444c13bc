"""Tasks: what the engine asks a person to do (SEQ-32, SEQ-33). Six kinds that differ in name and advice alone.

LinkedIn tasks only remind; Segue never acts on LinkedIn and needs no integration for them (SEQ-34).
"""

from collections.abc import Callable

from segue.domain.effects import CreateTask
from segue.domain.sequence import Finding, Sequence, Step, TaskKind, TaskSettings
from segue.domain.steps.kind import PlainSettings, StepType, object_schema
from segue.domain.steps.texts import check_subject, check_text

NOTES_LIMIT = 65_536
"""Characters of a task's notes: room for a long call script, and no way to fill the queue's page with megabytes."""

SCHEMA = object_schema(
    {
        "subject": {"type": "string", "description": "What is to be done, in one line. Tokens allowed."},
        "notes": {"type": "string", "description": "Anything that helps to do it: a script, questions, a link. Tokens allowed."},
        "priority": {"enum": ["none", "low", "medium", "high"], "description": "none (the default), low, medium or high."},
        "wait": {"type": "boolean", "description": "true (the default): the next step waits until the task is done; false: it does not."},
    }
)


def _settings(step: Step) -> TaskSettings:
    if not isinstance(step.settings, TaskSettings):
        raise TypeError(f"step {step.key} is no task")
    return step.settings


def _validate(step: Step) -> list[Finding]:
    task = _settings(step)
    found = check_subject(task.subject, "subject")
    if len(task.notes) > NOTES_LIMIT:
        return [*found, Finding(f"These notes are longer than {NOTES_LIMIT:,} characters.", "Shorten them.", path=("notes",))]
    return found + check_text(task.notes, "notes")


def _effect(step: Step, sequence: Sequence) -> CreateTask:  # noqa: ARG001  every step type is asked in the same way
    return CreateTask(_settings(step))


def _reader(kind: TaskKind) -> Callable[[PlainSettings], TaskSettings]:
    def read(plain: PlainSettings) -> TaskSettings:
        return TaskSettings(
            kind=kind,
            subject=plain.get("subject", ""),
            notes=plain.get("notes", ""),
            priority=plain.get("priority", "none"),
            wait=plain.get("wait", True),
        )

    return read


def _task(kind: TaskKind, title: str) -> StepType:
    return StepType(kind.value, title, TaskSettings, SCHEMA, _reader(kind), _validate, _effect)


CALL = _task(TaskKind.CALL, "Call")
MANUAL_EMAIL = _task(TaskKind.MANUAL_EMAIL, "Manual email")
TODO = _task(TaskKind.TODO, "To-do")
MEETING = _task(TaskKind.MEETING, "Meeting")
LINKEDIN_CONNECT = _task(TaskKind.LINKEDIN_CONNECT, "LinkedIn connection request")
LINKEDIN_MESSAGE = _task(TaskKind.LINKEDIN_MESSAGE, "LinkedIn message")
