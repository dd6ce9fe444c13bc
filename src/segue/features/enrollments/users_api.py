"""The API of what changes of a user, with all that hangs on them (SEQ-11, SEQ-12)."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query

from segue.domain.ids import UserId
from segue.domain.permissions import Permission
from segue.features.enrollments.leaving import change_user, count_hanging
from segue.features.workspaces import schemas
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.users import UserChange
from segue.http.asking import Asked, asks
from segue.http.models import Id

router = APIRouter(prefix="/api/v1/users", tags=["workspace"])

Sees = Annotated[Asked, asks("workspace:read", Permission.USERS)]
Manages = Annotated[Asked, asks("workspace:write", Permission.USERS)]


@router.get("/{user_id}/hanging", operation_id="count_what_hangs_on_user")
def hanging(asked: Sees, user_id: Id) -> schemas.HangingOut:
    """Count what hangs on a user: look here before you take a seat away."""
    with asked.tx() as tx:
        get_user_row(tx, user_id)
        return schemas.HangingOut.model_validate(count_hanging(tx, UserId(user_id)))


@router.patch("/{user_id}", operation_id="change_user")
def change(asked: Manages, user_id: Id, body: schemas.UserChangeIn) -> schemas.UserLeft:
    """Change a user. Asking again for what is so already changes nothing, and completes what was broken off."""
    given = body.model_dump(exclude={"hand_over_to"})
    return _change(asked, user_id, UserChange(**given, hand_over_to=UserId(body.hand_over_to) if body.hand_over_to else None))


@router.delete("/{user_id}", operation_id="remove_user")
def remove(
    asked: Manages, user_id: Id, hand_over_to: Annotated[Id | None, Query(description="Who gets the sequences and tasks first.")] = None
) -> schemas.UserLeft:
    """Remove a user: their sequences' enrollments end, unless handed over, and with them sessions and keys (X1)."""
    return _change(asked, user_id, UserChange(deleted=True, hand_over_to=UserId(hand_over_to) if hand_over_to else None))


def _change(asked: Asked, user_id: int, change: UserChange) -> schemas.UserLeft:
    with asked.tx() as tx:
        get_user_row(tx, user_id)
        if change.hand_over_to:
            get_user_row(tx, change.hand_over_to)
    left = change_user(asked.db, asked.principal.workspace_id, UserId(user_id), change, actor=asked.principal.name)
    return schemas.UserLeft(user_id=user_id, **asdict(left))
