"""Tasks for people: created by sequences, resolved by people. A resolved task is a fact; what it releases is decided above (D5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from segue.db.tx import Tx
from segue.domain.acts import TaskReassigned
from segue.domain.errors import Conflict, NotFound
from segue.domain.events import TaskCreated, TaskResolved
from segue.domain.ids import EnrollmentId, StepKey, TaskId
from segue.domain.sequence import FIRST_VARIANT, TaskSettings
from segue.domain.sequence_events import TaskCancelled
from segue.features.tasks.reminders import close_reminders

RESOLUTIONS = {"complete": "completed", "skip": "skipped", "delete": "deleted"}


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to be created; `due_on` is the creation date in the assignee's zone (SEQ-112)."""

    enrollment_id: EnrollmentId
    contact_id: int
    assignee_user_id: int
    step_key: StepKey
    generation: int
    settings: TaskSettings
    due_on: date
    variant: int = FIRST_VARIANT


def create_tasks(tx: Tx, tasks: Sequence[NewTask]) -> int:
    """Create tasks, one statement for any number; returns how many are new. A task of the same step that exists is left as it is."""
    if not tasks:
        return 0
    rows = tx.all(
        """INSERT INTO tasks (workspace_id, enrollment_id, contact_id, assignee_user_id, step_key, generation, kind, subject, notes,
               priority, waits, due_on, variant, created_at)
           SELECT %(ws)s, t.*, %(now)s
           FROM unnest(%(e)s::bigint[], %(c)s::bigint[], %(a)s::bigint[], %(s)s::text[], %(g)s::int[], %(k)s::text[], %(su)s::text[],
               %(no)s::text[], %(p)s::text[], %(w)s::bool[], %(d)s::date[], %(v)s::smallint[]) AS t
           ON CONFLICT (workspace_id, enrollment_id, step_key, generation) DO NOTHING
           RETURNING id, enrollment_id, contact_id, step_key, kind""",
        {
            "now": tx.now,
            "e": [t.enrollment_id for t in tasks],
            "c": [t.contact_id for t in tasks],
            "a": [t.assignee_user_id for t in tasks],
            "s": [t.step_key for t in tasks],
            "g": [t.generation for t in tasks],
            "k": [t.settings.kind.value for t in tasks],
            "su": [t.settings.subject for t in tasks],
            "no": [t.settings.notes for t in tasks],
            "p": [t.settings.priority for t in tasks],
            "w": [t.settings.wait for t in tasks],
            "d": [t.due_on for t in tasks],
            "v": [t.variant for t in tasks],
        },
    )
    for row in rows:
        tx.record(
            TaskCreated(
                contact_id=row["contact_id"],
                enrollment_id=row["enrollment_id"],
                task_id=row["id"],
                step_key=row["step_key"],
                task_kind=row["kind"],
            )
        )
    return len(rows)


def resolve_task(tx: Tx, task_id: TaskId, how: str, *, outcome: str = "", note: str = "") -> None:
    """Complete, skip or delete a task (SEQ-115).

    Raises:
        NotFound: no such task.
        Conflict: it was resolved before.
    """
    tx.run(  # its enrollment's row first, as whoever ends the enrollment and with it the task (H4)
        """SELECT FROM enrollments WHERE workspace_id = %(ws)s
             AND id = (SELECT enrollment_id FROM tasks WHERE workspace_id = %(ws)s AND id = %(id)s) FOR UPDATE""",
        {"id": task_id},
    )
    row = tx.one(
        """UPDATE tasks SET state = %(state)s, outcome = %(outcome)s, note = %(note)s, resolved_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state = 'open' RETURNING *""",
        {"id": task_id, "state": RESOLUTIONS[how], "outcome": outcome, "note": note, "now": tx.now},
    )
    if row is None:
        raise Conflict(f"Task {task_id} is {get_task(tx, task_id)['state']} already.")
    tx.record(
        TaskResolved(
            contact_id=row["contact_id"],
            enrollment_id=row["enrollment_id"],
            task_id=row["id"],
            step_key=row["step_key"],
            generation=row["generation"],
            how=row["state"],
            outcome=outcome,
        )
    )
    close_reminders(tx)


def get_task(tx: Tx, task_id: TaskId) -> dict[str, Any]:
    """Return a task's state and whose it is. Raises NotFound."""
    row = tx.one("SELECT state, assignee_user_id FROM tasks WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": task_id})
    if row is None:
        raise NotFound(f"There is no task {task_id}.", hint="`segue tasks list` shows the open ones.")
    return row


def assign_tasks(tx: Tx, tasks: Sequence[int], user_id: int) -> int:
    """Give open tasks to a user (SEQ-121); returns how many changed hands. The enrollment keeps its enroller."""
    rows = tx.all(
        """UPDATE tasks AS t SET assignee_user_id = %(user)s FROM users AS before, users AS after
           WHERE t.workspace_id = %(ws)s AND t.id = ANY(%(ids)s) AND t.state = 'open' AND t.assignee_user_id <> %(user)s
             AND before.workspace_id = t.workspace_id AND before.id = t.assignee_user_id
             AND after.workspace_id = t.workspace_id AND after.id = %(user)s
           RETURNING t.id, t.contact_id, t.enrollment_id, before.email AS before, after.email AS after""",
        {"ids": list(tasks), "user": user_id},
    )
    for row in rows:
        tx.record(
            TaskReassigned(
                contact_id=row["contact_id"],
                enrollment_id=row["enrollment_id"],
                task_id=row["id"],
                before=row["before"],
                after=row["after"],
            )
        )
    if rows:
        close_reminders(tx)
    return len(rows)


def list_open_task_ids(tx: Tx, *, assignee: int) -> list[int]:
    """Return the open tasks of a user."""
    rows = tx.all(
        "SELECT id FROM tasks WHERE workspace_id = %(ws)s AND assignee_user_id = %(user)s AND state = 'open' ORDER BY id",
        {"user": assignee},
    )
    return [int(row["id"]) for row in rows]


def mark_enrollment_ended(tx: Tx, enrollments: Sequence[int], *, cancel: Sequence[int] = ()) -> None:
    """Open tasks of ended enrollments stay open and say so; those of `cancel` are taken back (SEQ-119)."""
    if enrollments:
        tx.run(
            "UPDATE tasks SET enrollment_active = false WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s)",
            {"ids": list(enrollments)},
        )
    cancel_tasks(tx, cancel)


def cancel_tasks(tx: Tx, enrollments: Sequence[int], *, steps: Sequence[str] | None = None) -> None:
    """Take open tasks of these enrollments back; with `steps`, one step for each enrollment in the same order."""
    if not enrollments:
        return
    rows = tx.all(
        """UPDATE tasks AS t SET state = 'deleted', resolved_at = %(now)s
           FROM unnest(%(ids)s::bigint[], %(steps)s::text[]) AS n(enrollment, step)
           WHERE t.workspace_id = %(ws)s AND t.enrollment_id = n.enrollment AND (n.step IS NULL OR t.step_key = n.step) AND t.state = 'open'
           RETURNING t.id, t.contact_id, t.enrollment_id, t.step_key""",
        {"now": tx.now, "ids": list(enrollments), "steps": list(steps) if steps is not None else [None] * len(enrollments)},
    )
    for row in sorted(rows, key=itemgetter("id")):
        tx.record(
            TaskCancelled(contact_id=row["contact_id"], enrollment_id=row["enrollment_id"], task_id=row["id"], step_key=row["step_key"])
        )
    if rows:
        close_reminders(tx)


def mark_enrollment_open(tx: Tx, enrollments: Sequence[int]) -> None:
    """Tasks of an enrollment that is open again belong to it again (SEQ-138)."""
    tx.run(
        "UPDATE tasks SET enrollment_active = true WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s)",
        {"ids": list(enrollments)},
    )


def move_open_tasks(tx: Tx, moves: Mapping[int, int]) -> None:
    """Let open tasks follow enrollments that go on under another number."""
    tx.run(
        """UPDATE tasks AS t SET enrollment_id = n.new, enrollment_active = true
           FROM unnest(%(old)s::bigint[], %(new)s::bigint[]) AS n(old, new)
           WHERE t.workspace_id = %(ws)s AND t.enrollment_id = n.old AND t.state = 'open'""",
        {"old": list(moves), "new": list(moves.values())},
    )


def list_tasks(tx: Tx, *, state: str = "open", most: int = 200) -> list[dict[str, Any]]:
    """Return tasks with the contact's address and the sequence's name, the earliest due first."""
    return tx.all(
        """SELECT t.id, t.kind, t.subject, t.notes, t.priority, t.state, t.waits, t.due_on, t.created_at, t.resolved_at, t.outcome,
               t.enrollment_active, c.email AS contact, concat_ws(' ', NULLIF(c.first_name, ''), NULLIF(c.last_name, '')) AS name,
               s.name AS sequence, u.email AS assignee
           FROM tasks AS t
           JOIN contacts AS c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
           JOIN enrollments AS e ON e.workspace_id = t.workspace_id AND e.id = t.enrollment_id
           JOIN sequences AS s ON s.workspace_id = t.workspace_id AND s.id = e.sequence_id
           JOIN users AS u ON u.workspace_id = t.workspace_id AND u.id = t.assignee_user_id
           WHERE t.workspace_id = %(ws)s AND (%(state)s = 'all' OR t.state = %(state)s) ORDER BY t.due_on, t.id LIMIT %(most)s""",
        {"state": state, "most": most},
    )
