"""A sequence in HubSpot's shape."""

from datetime import datetime, timedelta
from typing import Any

from segue.domain.sequence import BranchSettings, EmailSettings, FinishSettings, Scope, Sequence, Step, TaskKind, TaskSettings, WaitSettings
from segue.features.hubspot.wire import Document, date_of, number_of

TASK_TYPES = {
    TaskKind.CALL: "CALL",
    TaskKind.MANUAL_EMAIL: "EMAIL",
    TaskKind.TODO: "TODO",
    TaskKind.MEETING: "MEETING",
    TaskKind.LINKEDIN_CONNECT: "LINKED_IN_CONNECT",
    TaskKind.LINKEDIN_MESSAGE: "LINKED_IN_MESSAGE",
}

MILLISECOND = timedelta(milliseconds=1)


def item_of(row: dict[str, Any]) -> Document:
    """Return a list item (§2.1)."""
    return {
        "id": str(row["id"]),
        "name": row["name"],
        "userId": str(row["owner_user_id"]),
        "createdAt": date_of(row["created_at"]),
        "updatedAt": date_of(row["updated_at"]),
    }


def sequence_of(row: dict[str, Any], content: Sequence, published_at: datetime) -> Document:
    """Return a whole sequence: the steps that HubSpot knows, with the delays of waits in front of what follows them."""
    stamps = {"createdAt": date_of(published_at), "updatedAt": date_of(published_at)}
    shown = _shown(content)
    orders = {step.key: order for step, _, order in shown}
    steps = [_step(row["id"], content, step, delay, orders) | stamps for step, delay, _ in shown]
    for each in steps:
        each |= {name: each[name] | stamps for name in ("emailPattern", "taskPattern") if name in each}
    return {
        **item_of(row),
        "steps": steps,
        "dependencies": [each | stamps for each in _dependencies(row["id"], content, orders)],
        "settings": _settings(row["id"], content) | stamps,
    }


def _shown(content: Sequence) -> list[tuple[Step, timedelta, int]]:
    """Return emails, tasks and the end of the main way, each with its delay and its number; a wait's delay is added to the next one's.

    Past a branch the way for *no* is shown, under the real numbers of its steps; without branches no number is left out (HSA-26).
    """
    branched = any(isinstance(step.settings, BranchSettings) for step in content.steps)
    shown: list[tuple[Step, timedelta, int]] = []
    waited, places = timedelta(0), [0] if content.steps else []
    while places:
        step = content.steps[places[-1]]
        if isinstance(step.settings, EmailSettings | TaskSettings | FinishSettings):
            shown.append((step, step.delay + waited, places[-1] if branched else len(shown)))
            waited = timedelta(0)
        elif isinstance(step.settings, WaitSettings):
            waited += step.delay
        places = list(content.followers(places[-1]))[-1:]
    return shown


def _step(sequence_id: int, content: Sequence, step: Step, delay: timedelta, orders: dict[Any, int]) -> Document:
    said: Document = {
        "id": str(number_of("step", sequence_id, step.key)),
        "stepOrder": orders[step.key],
        "delayMillis": delay // MILLISECOND,
    }
    settings = min((each for each in step.contents if each.active), key=lambda each: each.ordinal, default=step.contents[0]).settings
    if isinstance(settings, EmailSettings):
        pattern = {"id": str(number_of("email", sequence_id, step.key)), "templateId": str(number_of("template", sequence_id, step.key))}
        thread = _threaded_to(content, step, orders)
        said |= {"actionType": "EMAIL", "emailPattern": pattern | ({"threadEmailToStepOrder": thread} if thread is not None else {})}
    elif isinstance(settings, TaskSettings):
        said |= {"actionType": "TASK", "taskPattern": _task(sequence_id, step, settings)}
    else:
        said["actionType"] = "FINISH_ENROLLMENT"
    return said


def _task(sequence_id: int, step: Step, settings: TaskSettings) -> Document:
    said = {"id": str(number_of("task", sequence_id, step.key)), "taskType": TASK_TYPES[settings.kind]}
    said["taskPriority"] = settings.priority.upper()
    return said | {name: value for name, value in (("subject", settings.subject), ("notes", settings.notes)) if value}


def _threaded_to(content: Sequence, step: Step, orders: dict[Any, int]) -> int | None:
    """Return the first email, whose thread a later one goes on (SEQ-40); None for one that begins a thread."""
    emails = [each for each in content.steps if isinstance(each.settings, EmailSettings) and each.key in orders]
    assert isinstance(step.settings, EmailSettings)
    threaded = content.settings.threaded if step.settings.thread is None else step.settings.thread
    return orders[emails[0].key] if threaded and step.key != emails[0].key else None


def _dependencies(sequence_id: int, content: Sequence, orders: dict[Any, int]) -> list[Document]:
    """Return what steps wait for: tasks that must be done (SEQ-41), and a person's word (SEQ-118)."""
    found = []
    for place, step in enumerate(content.steps):
        if step.key not in orders:
            continue
        needed = (key for key in content.needs_of(place) if key in orders)
        found += [_dependency(sequence_id, "TASK_COMPLETION", key, step.key, orders) for key in needed]
        before = max((key for key, order in orders.items() if order < orders[step.key]), key=orders.__getitem__, default=None)
        if step.hold and before is not None:
            found.append(_dependency(sequence_id, "MANUAL_PAUSE", before, step.key, orders))
    return sorted(found, key=lambda each: (each["requiredByStepOrder"], each["reliesOnStepOrder"], each["dependencyType"]))


def _dependency(sequence_id: int, kind: str, relies_on: str, required_by: str, orders: dict[Any, int]) -> Document:
    return {
        "id": str(number_of("dependency", sequence_id, kind, relies_on, required_by)),
        "dependencyType": kind,
        "reliesOnStepOrder": orders[relies_on],
        "reliesOnSequenceStepId": str(number_of("step", sequence_id, relies_on)),
        "requiredByStepOrder": orders[required_by],
        "requiredBySequenceStepId": str(number_of("step", sequence_id, required_by)),
    }


def _settings(sequence_id: int, content: Sequence) -> Document:
    settings = content.settings
    by_company = Scope.ACCOUNT_BASED in (settings.email_scope, settings.meeting_scope)
    return {
        "id": str(number_of("settings", sequence_id)),
        "eligibleFollowUpDays": settings.window.mode.value,
        "sellingStrategy": "ACCOUNT_BASED" if by_company else "LEAD_BASED",
        "sendWindowStartMinute": settings.window.start_minute,
        "sendWindowEndMinute": settings.window.end_minute,
        "taskReminderMinute": settings.task_reminder_minute,
        "individualTaskRemindersEnabled": settings.individual_reminders,
    }
