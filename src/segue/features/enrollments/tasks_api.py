"""The API of tasks: see them, do them, skip them, give them to somebody else. A step that waited for one goes on (SEQ-115)."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.errors import Conflict
from segue.domain.ids import TaskId
from segue.domain.permissions import Permission
from segue.features.enrollments import schemas
from segue.features.enrollments.lists import get_task_row, list_tasks_page
from segue.features.enrollments.rights import require_to_resolve
from segue.features.tasks.service import assign_tasks, resolve_task
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.users import is_seated
from segue.http.asking import Asked, asks
from segue.http.models import Id, Page
from segue.http.paging import PagingDep

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])

Reads = Annotated[Asked, asks("tasks:read")]
Does = Annotated[Asked, asks("tasks:write", Permission.USE, Permission.MANAGE_ANY)]


@router.get("", operation_id="list_tasks")
def list_all(
    asked: Reads,
    paging: PagingDep,
    state: schemas.TaskState | None = schemas.TaskState.OPEN,
    assignee_user_id: Annotated[Id | None, Query(description="Whose they are.")] = None,
    contact_id: Id | None = None,
) -> Page[schemas.TaskOut]:
    """List tasks, the open ones unless another state is named."""
    wanted = {"state": state, "assignee": assignee_user_id, "contact": contact_id}
    with asked.tx() as tx:
        rows = list_tasks_page(tx, asked.actor, wanted, after=paging.after("tasks"), most=paging.one_more)
    return Page[schemas.TaskOut].model_validate(paging.page(rows, "tasks"))


@router.get("/{task_id}", operation_id="get_task")
def get(asked: Reads, task_id: Id) -> schemas.TaskOut:
    """Return a task."""
    with asked.tx() as tx:
        return schemas.TaskOut.model_validate(get_task_row(tx, asked.actor, task_id))


@router.post("/{task_id}/complete", operation_id="complete_task", response_model=schemas.TaskOut)
def complete(asked: Does, task_id: Id, body: schemas.ResolveIn) -> Response:
    """Mark a task as done."""
    return _resolve(asked, task_id, "complete", body)


@router.post("/{task_id}/skip", operation_id="skip_task", response_model=schemas.TaskOut)
def skip(asked: Does, task_id: Id, body: schemas.ResolveIn) -> Response:
    """Leave a task undone."""
    return _resolve(asked, task_id, "skip", body)


@router.put("/{task_id}/assignee", operation_id="assign_task", response_model=schemas.TaskOut)
def assign(asked: Does, task_id: Id, body: schemas.AssignIn) -> Response:
    """Give an open task to another user; whoever enrolled the contact stays its enroller (SEQ-121)."""

    def act(tx: Tx) -> schemas.TaskOut:
        task = get_task_row(tx, asked.actor, task_id)
        require_to_resolve(tx, asked.actor, TaskId(task_id))
        user = get_user_row(tx, body.user_id)
        if task["state"] != "open":
            raise Conflict(f"Task {task_id} is {task['state']} already.")
        if not is_seated(user):
            raise Conflict(f"{user['email']} has no sequence seat.", hint="An admin can give one.")
        assign_tasks(tx, [task_id], user["id"])
        return schemas.TaskOut.model_validate(get_task_row(tx, asked.actor, task_id))

    return asked.once(act)


def _resolve(asked: Asked, task_id: int, how: str, body: schemas.ResolveIn) -> Response:
    def act(tx: Tx) -> schemas.TaskOut:
        get_task_row(tx, asked.actor, task_id)
        require_to_resolve(tx, asked.actor, TaskId(task_id))
        resolve_task(tx, TaskId(task_id), how, outcome=body.outcome, note=body.note)
        return schemas.TaskOut.model_validate(get_task_row(tx, asked.actor, task_id))

    return asked.once(act)
