"""Whether this process lives, and whether it can do its work (reliability.md §10)."""

from fastapi import APIRouter
from pydantic import BaseModel

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
    """Say that the database answers and shows what this version asks of it."""
    db.workspace_ids()
    return Health()
