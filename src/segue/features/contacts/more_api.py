"""The API around contacts: who gets no mail, who consented, lists, properties."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.permissions import Permission
from segue.features.contacts import schemas
from segue.features.contacts.consent import list_consents, load_policies, record_consent, set_policy, withdraw_consent
from segue.features.contacts.lists import change_members, create_list, delete_list, list_lists
from segue.features.contacts.properties import add_property, load_properties
from segue.features.contacts.suppression import lift, suppress
from segue.http.asking import Asked, asks
from segue.http.models import Name

router = APIRouter(prefix="/api/v1", tags=["contacts"])

Reads = Annotated[Asked, asks("contacts:read")]
Writes = Annotated[Asked, asks("contacts:write", Permission.COMMUNICATE)]
Suppresses = Annotated[Asked, asks("contacts:write", Permission.SUPPRESSION)]
Settles = Annotated[Asked, asks("contacts:write", Permission.SETTINGS)]


@router.get("/suppressions", operation_id="list_suppressions")
def suppressions(
    asked: Reads,
    after: Annotated[str, Query(max_length=320, description="`value` of the last one seen.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> schemas.Suppressions:
    """List what gets no mail, in the order of the values. Of who was erased only the hash is there."""
    with asked.tx() as tx:
        rows = tx.all(
            """SELECT kind, value, reason, source, created_at FROM suppressions
               WHERE workspace_id = %(ws)s AND value > %(after)s ORDER BY value, kind LIMIT %(most)s""",
            {"after": after, "most": limit},
        )
    return schemas.Suppressions.model_validate({"items": rows, "next_cursor": rows[-1]["value"] if len(rows) == limit else None})


@router.post("/suppressions", operation_id="suppress", response_model=schemas.SuppressionDone)
def add_suppression(asked: Suppresses, body: schemas.NewSuppression) -> Response:
    """Put an address or domain on the list: from the answer on nothing is handed over to it, and what it is in ends (S4)."""

    def act(tx: Tx) -> schemas.SuppressionDone:
        added = suppress(tx, body.kind, body.value, body.reason, source="api")
        return schemas.SuppressionDone(kind=body.kind, value=body.value, added=added)

    return asked.once(act)


@router.post("/suppressions/lift", operation_id="lift_suppression", response_model=schemas.Lifted)
def lift_suppression(asked: Suppresses, body: schemas.LiftIn) -> Response:
    """Take an address or domain off the list; a contact's own wish or complaint nobody can lift (SEQ-63)."""
    return asked.once(lambda tx: schemas.Lifted(value=body.value, reason=lift(tx, body.value, body.why)))


@router.get("/consents", operation_id="list_consents")
def consents(asked: Reads, email: Annotated[str, Query(min_length=3, max_length=320)]) -> schemas.Consents:
    """List what is recorded of an address."""
    with asked.tx() as tx:
        return schemas.Consents.model_validate({"items": list_consents(tx, [normal_form(email)])})


@router.post("/consents", operation_id="record_consent", response_model=schemas.Consents)
def record(asked: Writes, body: schemas.ConsentIn) -> Response:
    """Record why an address may be written to."""

    def act(tx: Tx) -> schemas.Consents:
        record_consent(tx, body.email, body.basis, body.source, given_at=body.given_at, until=body.expires_at)
        return schemas.Consents.model_validate({"items": list_consents(tx, [normal_form(body.email)])})

    return asked.once(act)


@router.delete("/consents", operation_id="withdraw_consent", response_model=schemas.Withdrawn)
def withdraw(asked: Writes, email: Annotated[str, Query(min_length=3, max_length=320)]) -> Response:
    """Take back every consent of an address."""
    return asked.once(lambda tx: schemas.Withdrawn(withdrawn=withdraw_consent(tx, email)))


@router.get("/consent-policies", operation_id="list_consent_policies")
def policies(asked: Reads) -> schemas.PolicyOut:
    """List what a missing consent does, by country."""
    with asked.tx() as tx:
        return schemas.PolicyOut(policies=dict(load_policies(tx).by_country))


@router.put("/consent-policies/{country}", operation_id="set_consent_policy", response_model=schemas.PolicyOut)
def set_one_policy(asked: Settles, country: Name, body: schemas.PolicyIn) -> Response:
    """Set what a missing consent does in a country; `*` stands for all others. It holds at once."""

    def act(tx: Tx) -> schemas.PolicyOut:
        set_policy(tx, country, body.policy)
        return schemas.PolicyOut(policies=dict(load_policies(tx).by_country))

    return asked.once(act)


@router.get("/lists", operation_id="list_contact_lists")
def lists(asked: Reads) -> schemas.Lists:
    """List the lists; a saved filter finds its members when it is asked."""
    with asked.tx() as tx:
        return schemas.Lists.model_validate({"items": list_lists(tx)})


@router.post("/lists", operation_id="create_contact_list", status_code=201, response_model=schemas.ListOut)
def new_list(asked: Writes, body: schemas.NewList) -> Response:
    """Make a list, or with a filter a saved one."""

    def act(tx: Tx) -> schemas.ListOut:
        create_list(tx, body.name, body.filter)
        return schemas.ListOut(name=" ".join(body.name.split()), filter=body.filter)

    return asked.once(act, status=201)


@router.delete("/lists/{name}", operation_id="delete_contact_list", status_code=204)
def drop_list(asked: Writes, name: Name) -> Response:
    """Delete a list; its contacts stay."""
    return asked.once(lambda tx: delete_list(tx, name))


@router.post("/lists/{name}/members", operation_id="add_list_members", response_model=schemas.MembersDone)
def add_members(asked: Writes, name: Name, body: schemas.Members) -> Response:
    """Put contacts on a list."""
    return asked.once(lambda tx: schemas.MembersDone(changed=change_members(tx, name, body.contacts, add=True)))


@router.delete("/lists/{name}/members", operation_id="remove_list_members", response_model=schemas.MembersDone)
def remove_members(asked: Writes, name: Name, body: schemas.Members) -> Response:
    """Take contacts off a list."""
    return asked.once(lambda tx: schemas.MembersDone(changed=change_members(tx, name, body.contacts, add=False)))


@router.get("/properties", operation_id="list_properties")
def properties(asked: Reads) -> schemas.Properties:
    """List the properties that contacts can have."""
    with asked.tx() as tx:
        return schemas.Properties.model_validate({"items": [_told(each) for each in load_properties(tx).values()]})


@router.post("/properties", operation_id="add_property", status_code=201, response_model=schemas.PropertyOut)
def new_property(asked: Settles, body: schemas.NewProperty) -> Response:
    """Define a property, or give a type to one that was text so far."""

    def act(tx: Tx) -> schemas.PropertyOut:
        return schemas.PropertyOut.model_validate(
            _told(add_property(tx, body.name, body.label or body.name, body.kind, tuple(body.choices)))
        )

    return asked.once(act, status=201)


def _told(each: Any) -> dict[str, Any]:
    return {"name": each.name, "label": each.label, "kind": each.kind.value, "choices": list(each.choices)}
