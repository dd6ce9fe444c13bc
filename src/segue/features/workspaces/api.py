"""The API of a workspace: who am I, users, API keys, notices, the audit log."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.errors import Forbidden
from segue.domain.ids import UserId
from segue.domain.permissions import Permission, Reach
from segue.domain.scopes import check_scopes
from segue.features.workspaces import schemas
from segue.features.workspaces.api_keys import NewKey, create_key, list_keys, revoke_key
from segue.features.workspaces.audit import AuditFilter, list_audit
from segue.features.workspaces.notices import close_notice, list_notices
from segue.features.workspaces.queries import get_user_row, list_users
from segue.features.workspaces.service import get_workspace
from segue.features.workspaces.users import UserChange, add_user
from segue.http.asking import Asked, asks
from segue.http.models import Id, Page
from segue.http.paging import PagingDep

router = APIRouter(prefix="/api/v1", tags=["workspace"])

Anybody = Annotated[Asked, asks()]
Reads = Annotated[Asked, asks("workspace:read")]
Manages = Annotated[Asked, asks("workspace:write", Permission.USERS)]
MakesKeys = Annotated[Asked, asks("workspace:write", Permission.API)]
OwnKeys = Annotated[Asked, asks("workspace:write")]
Audits = Annotated[Asked, asks("workspace:read", Permission.SETTINGS)]
Settles = Annotated[Asked, asks("workspace:write", Permission.SETTINGS)]


@router.get("/me", operation_id="get_me")
def me(asked: Anybody) -> schemas.Me:
    """Say who asks: the user, the workspace, the scopes of the key, the permissions of the user."""
    with asked.tx() as tx:
        name = str(get_workspace(tx)["name"])
    actor, principal = asked.actor, asked.principal
    reaches = {each.value: actor.reach(each) for each in Permission}
    return schemas.Me(
        workspace_id=principal.workspace_id,
        workspace=name,
        user_id=asked.user_id,
        email=actor.email,
        role=actor.role,
        seat=actor.seat,
        through=principal.through,
        scopes=sorted(principal.scopes),
        permissions={name: reach.name.lower() for name, reach in reaches.items() if reach is not Reach.NONE},
    )


@router.get("/users", operation_id="list_users")
def users(asked: Reads) -> schemas.Users:
    """List the users of the workspace."""
    with asked.tx() as tx:
        return schemas.Users.model_validate({"items": list_users(tx)})


@router.post("/users", operation_id="add_user", status_code=201, response_model=schemas.UserOut)
def new_user(asked: Manages, body: schemas.NewUser) -> Response:
    """Add a user, or take back one who was removed."""

    def act(tx: Tx) -> schemas.UserOut:
        user = add_user(tx, body.email, UserChange(body.name, body.timezone, body.role, body.team, body.seat))
        return schemas.UserOut.model_validate(get_user_row(tx, user))

    return asked.once(act, status=201, location="/api/v1/users/{id}")


@router.get("/users/{user_id}", operation_id="get_user")
def user(asked: Reads, user_id: Id) -> schemas.UserOut:
    """Return a user, one who was removed too."""
    with asked.tx() as tx:
        return schemas.UserOut.model_validate(get_user_row(tx, user_id))


@router.get("/api-keys", operation_id="list_api_keys")
def keys(asked: Reads) -> schemas.Keys:
    """List your API keys; who manages keys sees everybody's. The keys themselves cannot be read again."""
    owner = 0 if asked.actor.may(Permission.API) else asked.user_id
    with asked.tx() as tx:
        return schemas.Keys.model_validate({"items": list_keys(tx, owner=owner)})


@router.post("/api-keys", operation_id="create_api_key", status_code=201, response_model=schemas.MadeKey)
def new_key(asked: MakesKeys, body: schemas.NewKeyIn) -> Response:
    """Make a key that acts as you, within scopes that you have yourself. It is shown this once and kept nowhere (S23)."""

    def act(tx: Tx) -> schemas.MadeKey:
        beyond = [scope for scope in check_scopes(body.scopes) if not asked.principal.has(scope)]
        if beyond:
            raise Forbidden(f"You lack the scope {beyond[0]} yourself.", hint="Ask for fewer.", code="missing_scope")
        wanted = NewKey(body.name, tuple(body.scopes), body.expires_at, tuple(body.addresses))
        row, key = create_key(tx, UserId(asked.user_id), wanted, by=asked.actor)
        return schemas.MadeKey.model_validate(row | {"key": key})

    return asked.once(act, status=201, secret=True)


@router.delete("/api-keys/{key_id}", operation_id="revoke_api_key", response_model=schemas.KeyOut)
def end_key(asked: OwnKeys, key_id: Id) -> Response:
    """End a key for good: your own, or with the permission anybody's."""
    return asked.once(lambda tx: schemas.KeyOut.model_validate(revoke_key(tx, key_id, by=asked.actor)))


@router.get("/notices", operation_id="list_notices")
def notices(asked: Reads, closed: Annotated[bool, Query(description="Those that are over, too.")] = False) -> schemas.Notices:
    """List what somebody should see to, the newest first: what concerns you, and for admins everything."""
    everything = asked.actor.may(Permission.SETTINGS)
    with asked.tx() as tx:
        rows = [row for row in list_notices(tx, closed=closed) if everything or row["user"] in (None, asked.actor.email)]
    return schemas.Notices.model_validate({"items": rows})


@router.post("/notices/{notice_id}/close", operation_id="close_notice", response_model=schemas.Closed)
def close(asked: Settles, notice_id: Id) -> Response:
    """Say that a notice was seen to."""
    return asked.once(lambda tx: schemas.Closed(id=notice_id, closed=close_notice(tx, notice_id)))


@router.get("/audit", operation_id="list_audit_entries")
def audit(
    asked: Audits,
    paging: PagingDep,
    kind: Annotated[str, Query(max_length=100)] = "",
    actor: Annotated[str, Query(max_length=200, description="A part of who did it.")] = "",
) -> Page[schemas.AuditOut]:
    """List who did what, when and from where, the newest first (SEQ-13)."""
    with asked.tx() as tx:
        rows = list_audit(tx, AuditFilter(kind, actor, before=paging.after("audit")), most=paging.one_more)
    return Page[schemas.AuditOut].model_validate(paging.page(rows, "audit"))
