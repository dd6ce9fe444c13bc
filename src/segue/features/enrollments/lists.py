"""Enrollments and tasks page by page, as those see them who ask (SEQ-10)."""

from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import NotFound
from segue.domain.permissions import Actor
from segue.features.sequences.queries import VISIBLE, seer

ENROLLMENT = f"""
    SELECT e.id, e.contact_id, e.address, e.sequence_id, CASE WHEN {VISIBLE} THEN s.name ELSE 'private sequence' END AS sequence, e.version,
        e.state, e.reason, CASE WHEN {VISIBLE} THEN e.reason_detail ELSE '' END AS reason_detail, e.waiting_for, e.pause_kind, e.position,
        e.due_at, e.resume_at, e.enrolled_at, e.ended_at, e.timezone, e.mailbox_id, b.address AS mailbox, e.enroller_user_id,
        u.email AS enroller
    FROM enrollments AS e
    JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
    JOIN users AS o ON o.workspace_id = e.workspace_id AND o.id = s.owner_user_id
    JOIN mailboxes AS b ON b.workspace_id = e.workspace_id AND b.id = e.mailbox_id
    JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.enroller_user_id
    WHERE e.workspace_id = %(ws)s
"""
"""The name of a sequence that is not shared with who asks is not told."""


def list_page(tx: Tx, actor: Actor, wanted: dict[str, Any], *, after: int, most: int) -> list[dict[str, Any]]:
    """Return enrollments in the order of their numbers. `wanted`: contact, sequence, state, enroller; None for any."""
    return tx.all(
        f"""{ENROLLMENT} AND e.id > %(after)s AND (%(contact)s::bigint IS NULL OR e.contact_id = %(contact)s)
             AND (%(sequence)s::bigint IS NULL OR e.sequence_id = %(sequence)s AND {VISIBLE})
             AND (%(state)s::text IS NULL OR e.state = %(state)s) AND (%(enroller)s::bigint IS NULL OR e.enroller_user_id = %(enroller)s)
            ORDER BY e.id LIMIT %(most)s""",
        {**wanted, "after": after, "most": most, **seer(actor)},
    )


def get_enrollment(tx: Tx, actor: Actor, enrollment_id: int) -> dict[str, Any]:
    """Return an enrollment. Raises NotFound."""
    row = tx.one(f"{ENROLLMENT} AND e.id = %(id)s", {"id": enrollment_id, **seer(actor)})
    if row is None:
        raise NotFound(f"There is no enrollment {enrollment_id}.")
    return row


TASK = f"""
    SELECT t.id, t.kind, t.subject, t.notes, t.priority, t.state, t.waits, t.due_on, t.created_at, t.resolved_at, t.outcome, t.note,
        t.contact_id, t.enrollment_id, t.enrollment_active, t.assignee_user_id, a.email AS assignee, c.email AS contact,
        CASE WHEN {VISIBLE} THEN s.name ELSE 'private sequence' END AS sequence
    FROM tasks AS t
    JOIN contacts AS c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
    JOIN enrollments AS e ON e.workspace_id = t.workspace_id AND e.id = t.enrollment_id
    JOIN sequences AS s ON s.workspace_id = t.workspace_id AND s.id = e.sequence_id
    JOIN users AS o ON o.workspace_id = t.workspace_id AND o.id = s.owner_user_id
    JOIN users AS a ON a.workspace_id = t.workspace_id AND a.id = t.assignee_user_id
    WHERE t.workspace_id = %(ws)s
"""


def list_tasks_page(tx: Tx, actor: Actor, wanted: dict[str, Any], *, after: int, most: int) -> list[dict[str, Any]]:
    """Return tasks in the order of their numbers. `wanted`: state, assignee, contact; None for any."""
    return tx.all(
        f"""{TASK} AND t.id > %(after)s AND (%(state)s::text IS NULL OR t.state = %(state)s)
             AND (%(assignee)s::bigint IS NULL OR t.assignee_user_id = %(assignee)s)
             AND (%(contact)s::bigint IS NULL OR t.contact_id = %(contact)s) ORDER BY t.id LIMIT %(most)s""",
        {**wanted, "after": after, "most": most, **seer(actor)},
    )


def get_task_row(tx: Tx, actor: Actor, task_id: int) -> dict[str, Any]:
    """Return a task. Raises NotFound."""
    row = tx.one(f"{TASK} AND t.id = %(id)s", {"id": task_id, **seer(actor)})
    if row is None:
        raise NotFound(f"There is no task {task_id}.")
    return row
