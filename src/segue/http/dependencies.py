"""What handlers are given: the database, and who calls."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from segue.db.tx import Database


def get_db(request: Request) -> Database:
    """Return the installation's database."""
    db: Database = request.app.state.db
    return db


def get_caller(request: Request) -> str:
    """Return the address a request comes from: behind a proxy that is trusted, the one it names."""
    return request.client.host if request.client else ""


DbDep = Annotated[Database, Depends(get_db)]
CallerDep = Annotated[str, Depends(get_caller)]
