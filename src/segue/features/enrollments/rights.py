"""Who may change which enrollments: one's own, one's team's, everybody's (SEQ-3, SEQ-10, SEQ-121, SEQ-122)."""

from collections.abc import Sequence

from segue.db.tx import Tx
from segue.domain.errors import Forbidden
from segue.domain.ids import TaskId
from segue.domain.permissions import Actor
from segue.features.contacts.access import require_to_communicate
from segue.features.workspaces.queries import get_user_row, require_to_manage


def require_to_manage_all(tx: Tx, actor: Actor, enrollments: Sequence[int]) -> None:
    """Let pass who may go on with what was enrolled, whoever enrolled it. Raises Forbidden."""
    if actor.user_id is None:
        return
    for row in tx.all(
        "SELECT DISTINCT enroller_user_id AS id FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY 1",
        {"ids": list(enrollments)},
    ):
        require_to_manage(actor, get_user_row(tx, row["id"]))


def list_manageable(tx: Tx, actor: Actor, enrollments: Sequence[int]) -> list[int]:
    """Return those of these enrollments that the actor may manage, in their order."""
    if actor.user_id is None:
        return list(enrollments)
    rows = tx.all(
        """SELECT e.id, u.id AS user_id, u.team FROM enrollments AS e
           JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.enroller_user_id
           WHERE e.workspace_id = %(ws)s AND e.id = ANY(%(ids)s)""",
        {"ids": list(enrollments)},
    )
    mine = {row["id"] for row in rows if actor.may_manage(row["user_id"], row["team"])}
    return [each for each in enrollments if each in mine]


def require_to_hold(tx: Tx, actor: Actor, enrollments: Sequence[int]) -> None:
    """Let pass who may pause and unenroll: who may write to the contact, or may manage the enrollment (SEQ-10). Raises Forbidden."""
    others = set(enrollments) - set(list_manageable(tx, actor, enrollments))
    if not others:
        return
    rows = tx.all(
        "SELECT contact_id FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
        {"ids": sorted(others)},
    )
    require_to_communicate(tx, actor, [row["contact_id"] for row in rows])


def require_to_resolve(tx: Tx, actor: Actor, task_id: TaskId) -> None:
    """Let pass to whom a task is given, who enrolled its contact, and who manages either (SEQ-3, SEQ-121). Raises Forbidden."""
    if actor.user_id is None:
        return
    rows = tx.all(
        """SELECT u.id, u.team, u.email FROM tasks AS t
           JOIN enrollments AS e ON e.workspace_id = t.workspace_id AND e.id = t.enrollment_id
           JOIN users AS u ON u.workspace_id = t.workspace_id AND u.id IN (t.assignee_user_id, e.enroller_user_id)
           WHERE t.workspace_id = %(ws)s AND t.id = %(id)s ORDER BY u.id = t.assignee_user_id DESC""",
        {"id": task_id},
    )
    if rows and not any(actor.may_manage(row["id"], row["team"]) for row in rows):
        raise Forbidden(f"{actor.email} may not do a task of {rows[0]['email']}.", hint="Whose task it is may, or a manager of the team.")
