"""Whether this process lives, and whether it can do its work (reliability.md §10)."""

from fastapi import APIRouter
from pydantic import BaseModel

from segue.db.migrate import HEAD, current_revision
from segue.domain.errors import Unavailable
from segue.http.dependencies import DbDep

router = APIRouter()


class Health(BaseModel):
    """All is well; otherwise an error is answered."""

    status: str = "ok"


@router.get("/livez", operation_id="get_liveness")
def livez() -> Health:
    """Say that the process answers."""
    return Health()


@router.get("/readyz", operation_id="get_readiness")
def readyz(db: DbDep) -> Health:
    """Say that the database answers and has this version's schema."""
    with db.anywhere() as conn:
        revision = current_revision(conn)
    if revision != HEAD:
        raise Unavailable(f"The database has schema {revision or 'none'}; this version needs {HEAD}.", hint="Restart `segue api`.")
    return Health()
