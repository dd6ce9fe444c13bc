"""What handlers are given: the database, who calls, a transaction that has committed before the answer leaves."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from segue.db.tx import Database, Tx
from segue.domain.ids import WorkspaceId


def get_db(request: Request) -> Database:
    """Return the installation's database."""
    db: Database = request.app.state.db
    return db


def get_caller(request: Request) -> str:
    """Return the address a request comes from: behind a proxy that is trusted, the one it names."""
    return request.client.host if request.client else ""


def in_workspace(db: Database, workspace_id: WorkspaceId) -> Iterator[Tx]:
    """Yield a transaction of a workspace, for dependencies that know which.

    To be used with `Depends(…, scope="function")`: it then commits before the answer is sent, and a commit that fails is no 200.
    """
    with db.tx(workspace_id, actor="api") as tx:
        yield tx


DbDep = Annotated[Database, Depends(get_db)]
CallerDep = Annotated[str, Depends(get_caller)]
