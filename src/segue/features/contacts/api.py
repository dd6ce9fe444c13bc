"""The API of contacts: look them up, write them one by one or many at once, merge, delete, restore and erase them."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.contacts_csv import ContactValues, is_address
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.permissions import Permission
from segue.features.contacts import schemas
from segue.features.contacts.access import require_to_communicate
from segue.features.contacts.edit import delete_contact, restore_contact, set_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.export import collect_everything
from segue.features.contacts.lists import find_contacts
from segue.features.contacts.merge import merge_contacts
from segue.features.contacts.queries import Contact, find_contact_by_email, list_contacts, list_contacts_by_id
from segue.features.contacts.save_rows import save_rows
from segue.features.contacts.store import save_contacts
from segue.http.asking import Asked, asks
from segue.http.etag import etag_of
from segue.http.models import Id, Page
from segue.http.paging import Paging, PagingDep, make_cursor

router = APIRouter(prefix="/api/v1/contacts", tags=["contacts"])

Reads = Annotated[Asked, asks("contacts:read")]
Writes = Annotated[Asked, asks("contacts:write", Permission.COMMUNICATE)]
Erases = Annotated[Asked, asks("contacts:write", Permission.SUPPRESSION)]
Exports = Annotated[Asked, asks("contacts:read", Permission.SETTINGS)]


@router.get("", operation_id="list_contacts")
def list_all(
    asked: Reads,
    paging: PagingDep,
    search: Annotated[str, Query(max_length=200, description="A part of an address, a name or a company.")] = "",
    email: Annotated[str, Query(max_length=320, description="An address in any spelling that reaches the same mailbox.")] = "",
    filter_text: Annotated[
        str, Query(alias="filter", max_length=2_000, description='A filter, such as `country = DE and not list = "Customers"`.')
    ] = "",
) -> Page[schemas.ContactOut]:
    """List contacts in the order of their numbers."""
    after = paging.after("contacts")
    with asked.tx() as tx:
        if email:
            one = find_contact_by_email(tx, email)
            found = [one] if one and one.deleted_at is None and one.id > after else []
        elif filter_text:
            ids = [each for each in find_contacts(tx, filter_text) if each > after]
            found = list_contacts_by_id(tx, ids[: paging.one_more])
        else:
            found = list_contacts(tx, after=after, limit=paging.one_more, search=search)
    return _page(paging, found)


def _page(paging: Paging, found: list[Contact]) -> Page[schemas.ContactOut]:
    shown = found[: paging.limit]
    cursor = make_cursor("contacts", shown[-1].id) if len(found) > paging.limit else None
    return Page[schemas.ContactOut](items=[schemas.ContactOut.model_validate(each) for each in shown], next_cursor=cursor)


@router.post("", operation_id="create_contact", status_code=201, response_model=schemas.ContactOut)
def create(asked: Writes, body: schemas.NewContact) -> Response:
    """Add a contact. One who is known by the address already is a conflict, also one who was deleted."""

    def act(tx: Tx) -> schemas.ContactOut:
        address = body.email.strip()
        if not is_address(address):
            raise Invalid(f'"{address}" is no email address.', hint="Write name@company.example.", field="email")
        _refuse_known(tx, address)
        barred = save_contacts(tx, [ContactValues(address, normal_form(address), "", "", "", "", "", {})]).barred
        if barred:
            raise Conflict(next(iter(barred.values())), hint="Use another address.")
        return schemas.ContactOut.model_validate(set_contact(tx, address, body.values(), add=body.add_addresses))

    return asked.once(act, status=201, location="/api/v1/contacts/{id}")


@router.post("/batch", operation_id="save_contacts", response_model=schemas.BatchDone)
def save_many(asked: Writes, body: schemas.ContactBatch) -> Response:
    """Create or update up to 10,000 contacts by their addresses; a row that cannot be taken stops no other."""
    return asked.once(lambda tx: schemas.BatchDone.model_validate(save_rows(tx, asked.actor, body.contacts)))


@router.get("/{contact_id}", operation_id="get_contact")
def get(asked: Reads, contact_id: Id, response: Response) -> schemas.ContactOut:
    """Return a contact, one who was deleted too."""
    with asked.tx() as tx:
        found = schemas.ContactOut.model_validate(get_contact(tx, contact_id))
    response.headers["etag"] = etag_of(found)
    return found


@router.patch("/{contact_id}", operation_id="change_contact", response_model=schemas.ContactOut)
def change(asked: Writes, contact_id: Id, body: schemas.ContactChange) -> Response:
    """Change what is given. A new address is that of what is enrolled from now on; the old one stays as a further one (SEQ-55)."""

    def act(tx: Tx) -> schemas.ContactOut:
        contact = _mine(tx, asked, contact_id)
        asked.expect(schemas.ContactOut.model_validate(contact))
        values = body.values() | ({"email": body.email} if body.email is not None else {})
        after = set_contact(tx, contact.email, values, add=body.add_addresses, remove=body.remove_addresses)
        return schemas.ContactOut.model_validate(after)

    return asked.once(act)


@router.delete("/{contact_id}", operation_id="delete_contact", response_model=schemas.ContactOut)
def delete(asked: Writes, contact_id: Id) -> Response:
    """Delete a contact: it leaves every sequence (SEQ-170) and can be restored."""

    def act(tx: Tx) -> schemas.ContactOut:
        contact = _mine(tx, asked, contact_id)
        asked.expect(schemas.ContactOut.model_validate(contact))
        if contact.deleted_at is None:
            delete_contact(tx, contact.email)
        return schemas.ContactOut.model_validate(get_contact(tx, contact_id))

    return asked.once(act)


@router.post("/{contact_id}/restore", operation_id="restore_contact", response_model=schemas.ContactOut)
def restore(asked: Writes, contact_id: Id) -> Response:
    """Bring a deleted contact back; its enrollments stay ended."""

    def act(tx: Tx) -> schemas.ContactOut:
        contact = _mine(tx, asked, contact_id)
        if contact.deleted_at is not None:
            restore_contact(tx, contact.email)
        return schemas.ContactOut.model_validate(get_contact(tx, contact_id))

    return asked.once(act)


@router.post("/{contact_id}/merge", operation_id="merge_contacts", response_model=schemas.ContactOut)
def merge(asked: Writes, contact_id: Id, body: schemas.MergeIn) -> Response:
    """Make another contact part of this one: its values fill what is empty, its addresses and history are added (SEQ-143)."""

    def act(tx: Tx) -> schemas.ContactOut:
        kept, gone = _mine(tx, asked, contact_id), _mine(tx, asked, body.other_id)
        return schemas.ContactOut.model_validate(merge_contacts(tx, kept.email, gone.email))

    return asked.once(act)


@router.post("/{contact_id}/erase", operation_id="erase_contact", response_model=schemas.Erased)
def erase(asked: Erases, contact_id: Id) -> Response:
    """Erase the person for good (S27): nothing but a keyed hash stays. It cannot be taken back."""

    def act(tx: Tx) -> schemas.Erased:
        contact = get_contact(tx, contact_id)
        if not contact.email:
            raise NotFound(f"There is no contact {contact_id}.")
        return schemas.Erased(kept_hashes=erase_person(tx, contact.email))

    return asked.once(act)


@router.get("/{contact_id}/everything", operation_id="export_contact")
def everything(asked: Exports, contact_id: Id) -> schemas.Everything:
    """Return all that is known of a person, by table (GDPR Art. 15)."""
    with asked.tx() as tx:
        return schemas.Everything(contact_id=contact_id, data=collect_everything(tx, get_contact(tx, contact_id).email))


def _mine(tx: Tx, asked: Asked, contact_id: int) -> Contact:
    """Return a contact that the caller may write to (SEQ-3): whoever may not, may not edit it either. Raises NotFound, Forbidden."""
    contact = get_contact(tx, contact_id)
    require_to_communicate(tx, asked.actor, [contact_id])
    return contact


def get_contact(tx: Tx, contact_id: int) -> Contact:
    """Return a contact by number. Raises NotFound."""
    found = list_contacts_by_id(tx, [contact_id])
    if not found:
        raise NotFound(f"There is no contact {contact_id}.")
    return found[0]


def _refuse_known(tx: Tx, address: str) -> None:
    known = find_contact_by_email(tx, address)
    if known is not None:
        raise Conflict(f"{known.email} is contact {known.id} already.", hint=f"Change it at /api/v1/contacts/{known.id}.", code="exists")
