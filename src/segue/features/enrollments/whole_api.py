"""The API of what concerns more than one contact: whole sequences, new versions, where everything stands, what is ahead, who waits."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.errors import NotFound
from segue.domain.ids import SequenceId
from segue.domain.permissions import Permission, Reach
from segue.features.contacts.queries import list_contacts_by_id
from segue.features.enrollments import emergency, schemas
from segue.features.enrollments.apply_version import list_to_move, move_enrollments, preview_moves
from segue.features.enrollments.queries import get_figures, list_reviews, list_timeline, list_undecided
from segue.features.enrollments.survey import plan
from segue.features.enrollments.told import told_plan
from segue.features.sequences.queries import VISIBLE, get_visible, seer
from segue.features.workspaces.queries import list_users
from segue.http.asking import Asked, asks
from segue.http.models import Id

router = APIRouter(prefix="/api/v1", tags=["overview"])

MOVES_MOST = 1_000
"""Enrollments that one request moves to another version; the rest is asked for again."""

Reads = Annotated[Asked, asks("enrollments:read")]
Moves = Annotated[Asked, asks("enrollments:write", Permission.USE, Permission.MANAGE_ANY)]
Stops = Annotated[Asked, asks("enrollments:write", Permission.MANAGE_ANY)]
Told = Annotated[Asked, asks("messages:read")]
Figures = Annotated[Asked, asks("reports:read")]


@router.get("/status", operation_id="get_status", tags=["overview"])
def status(asked: Figures) -> schemas.StatusOut:
    """Say where everything stands: counts of enrollments, mails, answers, tasks."""
    with asked.tx() as tx:
        return schemas.StatusOut.model_validate(get_figures(tx))


@router.get("/plan", operation_id="get_plan")
def look_ahead(
    asked: Reads, email: Annotated[str, Query(min_length=3, max_length=320, description="A contact's address.")]
) -> schemas.PlanOut:
    """Say what goes to a contact when, and why then: computed by the engine's own planner."""
    with asked.tx() as tx:
        return told_plan(plan(tx, email=email))


@router.get("/contacts/{contact_id}/timeline", operation_id="get_timeline")
def timeline(
    asked: Told,
    contact_id: Id,
    limit: Annotated[int, Query(ge=1, le=2_000)] = 500,
    machines: Annotated[bool, Query(description="Every open and click of machines, too.")] = False,
) -> schemas.Timeline:
    """Tell what happened with a contact, oldest first (SEQ-175). Names of sequences that are not shared with you are left out."""
    with asked.tx() as tx:
        found = list_contacts_by_id(tx, [contact_id])
        rows = list_timeline(tx, found[0].email, most=limit, machines=machines) if found and found[0].email else []
        seen = {
            row["name"]
            for row in tx.all(
                f"""SELECT s.name FROM sequences AS s JOIN users AS o ON o.workspace_id = s.workspace_id AND o.id = s.owner_user_id
                    WHERE s.workspace_id = %(ws)s AND {VISIBLE}""",
                seer(asked.actor),
            )
        }
    if not found:
        raise NotFound(f"There is no contact {contact_id}.")
    return schemas.Timeline.model_validate({"items": [_masked(row, seen) for row in rows]})


@router.get("/undecided", operation_id="list_undecided_mails")
def undecided(asked: Told) -> schemas.Undecideds:
    """List mails of which nobody can say whether they left (SEQ-99): a person decides."""
    with asked.tx() as tx:
        return schemas.Undecideds.model_validate({"items": list_undecided(tx)})


@router.get("/reviews", operation_id="list_reviews")
def reviews(asked: Told) -> schemas.Reviews:
    """List enrollments that wait for a person: doubts (SEQ-130) and missing values (SEQ-20)."""
    with asked.tx() as tx:
        return schemas.Reviews.model_validate({"items": list_reviews(tx)})


@router.post("/stop", operation_id="stop_all_sending", response_model=schemas.Changed)
def stop(asked: Stops) -> Response:
    """Stop all sending of the workspace at once (SEQ-107): from the answer on no mail is handed over (S3)."""
    return asked.once(lambda tx: _emergency(tx, asked, stop=True))


@router.post("/go-on", operation_id="allow_all_sending", response_model=schemas.Changed)
def go_on(asked: Stops) -> Response:
    """Lift the stop of the workspace; what waited goes under limits and windows (SEQ-103)."""
    return asked.once(lambda tx: _emergency(tx, asked, stop=False))


@router.get("/sequences/{sequence_id}/apply", operation_id="preview_apply_version")
def preview_apply(asked: Reads, sequence_id: Id) -> schemas.Moves:
    """Say what the newest version would change for whom is in an older one, the first 1,000 of yours (SEQ-132)."""
    with asked.tx() as tx:
        row = get_visible(tx, asked.actor, sequence_id)
        found = preview_moves(tx, _to_move(tx, asked, sequence_id, row["version"]), row["version"])
    return schemas.Moves.model_validate({"version": row["version"], "moves": [asdict(each) for each in found]})


@router.post("/sequences/{sequence_id}/apply", operation_id="apply_version", response_model=schemas.Moves)
def apply(asked: Moves, sequence_id: Id) -> Response:
    """Move up to 1,000 open enrollments of yours to the newest version; ask again until `moves` is empty."""

    def act(tx: Tx) -> schemas.Moves:
        row = get_visible(tx, asked.actor, sequence_id)
        done = move_enrollments(tx, _to_move(tx, asked, sequence_id, row["version"]), row["version"])
        return schemas.Moves.model_validate({"version": row["version"], "moves": [asdict(each) for each in done]})

    return asked.once(act)


def _to_move(tx: Tx, asked: Asked, sequence_id: int, version: int) -> list[int]:
    actor = asked.actor
    everybody = actor.reach(Permission.MANAGE_ANY) is Reach.ALL
    mine = None if everybody else [int(row["id"]) for row in list_users(tx) if actor.may_manage(row["id"], row["team"])]
    return list_to_move(tx, SequenceId(sequence_id), version, enrollers=mine)[:MOVES_MOST]


def _emergency(tx: Tx, asked: Asked, *, stop: bool) -> schemas.Changed:
    scope = emergency.Scope(emergency.Reach.WORKSPACE)
    emergency.check_may_stop(tx, asked.actor, scope)
    return schemas.Changed(changed=int((emergency.stop_sending if stop else emergency.allow_sending)(tx, scope)))


def _masked(row: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    """Return an entry of a timeline without the name of a sequence that is not shared with who reads it (SEQ-10)."""
    data = dict(row["data"] or {})
    for told in (row, data):
        if isinstance(told.get("sequence"), str) and told["sequence"] not in seen:
            told["sequence"] = "private sequence"
    return {**row, "data": data}
