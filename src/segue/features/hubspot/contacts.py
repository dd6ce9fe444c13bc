"""Contacts and owners as HubSpot's programs read and write them."""

from collections.abc import Iterable, Sequence
from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.contacts_csv import ContactValues, is_address
from segue.domain.errors import Conflict, Invalid
from segue.domain.permissions import Permission
from segue.domain.properties import ENGINE_WRITTEN
from segue.features.contacts.edit import delete_contact, restore_contact, set_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.filter_sql import ENGINE_WRITTEN as EXPRESSIONS
from segue.features.contacts.filter_sql import values_of
from segue.features.contacts.merge import merge_contacts
from segue.features.contacts.properties import load_properties
from segue.features.contacts.queries import Contact, find_contact_by_email, list_contacts_by_id
from segue.features.contacts.store import save_contacts
from segue.features.hubspot.contact_search import search_ids
from segue.features.hubspot.contact_shapes import OWNERS_FROM, contact_of, load_owners, property_of, values_to_write
from segue.features.hubspot.wire import Call, Document, WireError, bad, date_of, missing, page_of, read_id, read_limit
from segue.features.workspaces.queries import require

V3 = "/crm/v3/"
SEARCH_MOST = 10_000


def create(call: Call) -> Document:
    """Create a contact. One with a known address is a 409 that names it (HSA-49)."""
    with call.tx() as tx:
        return document_one(tx, call, create_one(tx, call, call.body.get("properties")), ())


def create_one(tx: Tx, call: Call, properties: Any) -> Contact:
    """Raises WireError, Invalid, Conflict, Forbidden."""
    require(call.principal.actor, Permission.COMMUNICATE)
    values = values_to_write(tx, properties)
    address = values.get("email", "").strip()
    if not is_address(address):
        raise WireError(
            400, "VALIDATION_ERROR", f"Email address {address} is invalid", sub_category="INVALID_EMAIL", errors=[_invalid(address)]
        )
    known = find_contact_by_email(tx, address)
    if known is not None and known.deleted_at is not None:
        restore_contact(tx, known.email)
    elif known is not None:
        said = f"Contact already exists. Existing ID: {known.id}"
        raise WireError(409, "CONFLICT", said, headers={"x-should-retry": "false"})
    else:
        barred = save_contacts(tx, [ContactValues(address, normal_form(address), "", "", "", "", "", {})]).barred
        if barred:
            raise Conflict(next(iter(barred.values())))
    return set_contact(tx, address, {name: value for name, value in values.items() if name != "email"})


def _invalid(address: str) -> Document:
    return {"message": f"Email address {address} is invalid", "in": "email", "code": "INVALID_EMAIL"}


def get(call: Call) -> Document:
    """Return a contact by id, or by another property (HSA-48)."""
    with call.tx() as tx:
        found = find(tx, call.path["contact_id"], call.text("idProperty"))
        if (found.deleted_at is not None) != call.flag("archived"):
            raise missing(f"There is no contact {call.path['contact_id']}.")
        return document_one(tx, call, found, call.names("properties"))


def find(tx: Tx, text: str, id_property: str = "") -> Contact:
    """Return a contact, one that is archived too. Raises WireError."""
    if id_property in ("", "hs_object_id"):
        number = read_id(text)
        found = list_contacts_by_id(tx, [number]) if number else []
        if found and found[0].email:
            return found[0]
    elif id_property == "email":
        by_address = find_contact_by_email(tx, text)
        if by_address is not None:
            return by_address
    else:
        raise bad("idProperty", "idProperty may be email or hs_object_id.")
    raise missing(f"There is no contact {text}.")


def list_page(call: Call) -> Document:
    """List contacts in the order of their ids."""
    limit, after = call.limit(10, 100), call.after()
    with call.tx() as tx:
        rows = tx.all(
            """SELECT id FROM contacts WHERE workspace_id = %(ws)s AND id > %(after)s AND erased_at IS NULL
               AND (deleted_at IS NOT NULL) = %(archived)s ORDER BY id LIMIT %(most)s""",
            {"after": after, "archived": call.flag("archived"), "most": limit + 1},
        )
        found = list_contacts_by_id(tx, [row["id"] for row in rows])
        return page_of(_documents(tx, call, found, call.names("properties")), limit)


def update(call: Call) -> Document:
    """Change what is given; an empty text clears a property."""
    with call.tx() as tx:
        return document_one(
            tx, call, update_one(tx, call, call.path["contact_id"], call.text("idProperty"), call.body.get("properties")), ()
        )


def update_one(tx: Tx, call: Call, text: str, id_property: str, properties: Any) -> Contact:
    """Raises WireError, Invalid, Conflict, Forbidden."""
    require(call.principal.actor, Permission.COMMUNICATE)
    contact = find(tx, text, id_property)
    if contact.deleted_at is not None:
        raise missing(f"Contact {text} is archived.")
    values = values_to_write(tx, properties)
    if "email" in values and not is_address(values["email"]):
        address = values["email"]
        raise WireError(
            400, "VALIDATION_ERROR", f"Email address {address} is invalid", sub_category="INVALID_EMAIL", errors=[_invalid(address)]
        )
    return set_contact(tx, contact.email, values) if values else contact


def archive(call: Call) -> None:
    """Archive a contact: it leaves every sequence (HSA-50)."""
    with call.tx() as tx:
        archive_one(tx, call, call.path["contact_id"])


def archive_one(tx: Tx, call: Call, text: str) -> None:
    """Raises WireError, Forbidden. One that is archived stays so."""
    require(call.principal.actor, Permission.COMMUNICATE)
    contact = find(tx, text)
    if contact.deleted_at is None:
        delete_contact(tx, contact.email)


def search(call: Call) -> Document:
    """Search by filters (§5.2)."""
    limit, names = read_limit(call.body.get("limit") or 10, 200), call.texts("properties")
    offset = str(call.body.get("after") or "0")
    if not offset.isascii() or not offset.isdigit() or int(offset[:6]) + limit > SEARCH_MOST:
        raise bad("after", f"after must be a number; a search shows its first {SEARCH_MOST:,} results.")
    with call.tx() as tx:
        ids, total = search_ids(tx, call.body, int(offset), limit)
        by_id = {each.id: each for each in list_contacts_by_id(tx, ids)}
        results = _documents(tx, call, [by_id[each] for each in ids], names)  # type: ignore[index]
    said: Document = {"total": total, "results": results}
    if int(offset) + len(ids) < min(total, SEARCH_MOST):
        said["paging"] = {"next": {"after": str(int(offset) + len(ids))}}
    return said


def merge(call: Call) -> Document:
    """Make one contact part of another."""
    require(call.principal.actor, Permission.COMMUNICATE)
    with call.tx() as tx:
        kept, gone = find(tx, call.field("primaryObjectId")), find(tx, call.field("objectIdToMerge"))
        return document_one(tx, call, merge_contacts(tx, kept.email, gone.email), ())


def gdpr_delete(call: Call) -> None:
    """Erase a person for good (HSA-51); an address that nobody has is barred all the same."""
    require(call.principal.actor, Permission.SUPPRESSION)
    text, by = call.field("objectId"), str(call.body.get("idProperty") or "")
    with call.tx() as tx:
        if by == "email":
            if not is_address(text):
                raise Invalid(f'"{text}" is no email address.', field="objectId")
            erase_person(tx, text)
        else:
            erase_person(tx, find(tx, text).email)


def list_properties(call: Call) -> Document:
    """Return the definitions of contacts' properties (HSA-60)."""
    with call.tx() as tx:
        known = load_properties(tx)
    return {"results": [property_of(each) for each in (*known.values(), *ENGINE_WRITTEN.values())]}


def list_owners(call: Call) -> Document:
    """Return users as owners (HSA-59)."""
    limit, after = call.limit(100, 500), call.after()
    with call.tx() as tx:
        rows = tx.all(
            f"""{_OWNERS} AND id > %(after)s AND (%(email)s = '' OR lower(email) = lower(%(email)s))
                AND (active AND deleted_at IS NULL) <> %(archived)s ORDER BY id LIMIT %(most)s""",
            {"after": max(0, after - OWNERS_FROM), "email": call.text("email"), "archived": call.flag("archived"), "most": limit + 1},
        )
    return page_of([_owner(row) for row in rows], limit)


def get_owner(call: Call) -> Document:
    """Return one owner by owner id or user id."""
    number = read_id(call.path["owner_id"]) or 0
    if call.text("idProperty") != "userId":
        number -= OWNERS_FROM
    with call.tx() as tx:
        row = tx.one(f"{_OWNERS} AND id = %(id)s", {"id": number})
    if row is None:
        raise missing(f"There is no owner {call.path['owner_id']}.")
    return _owner(row)


_OWNERS = "SELECT id, email, name, active, deleted_at, created_at FROM users WHERE workspace_id = %(ws)s"


def _owner(row: dict[str, Any]) -> Document:
    first, _, last = str(row["name"]).partition(" ")
    return {
        "id": str(row["id"] + OWNERS_FROM),
        "userId": row["id"],
        "email": row["email"],
        "type": "PERSON",
        "archived": not row["active"] or row["deleted_at"] is not None,
        "createdAt": date_of(row["created_at"]),
        "updatedAt": date_of(row["created_at"]),
        **{name: value for name, value in (("firstName", first), ("lastName", last)) if value},
    }


def document_one(tx: Tx, call: Call, contact: Contact, names: Sequence[str]) -> Document:
    """Return a contact in the shape of the path that was asked."""
    return _documents(tx, call, [contact], names)[0]


def _documents(tx: Tx, call: Call, contacts: Iterable[Contact], names: Sequence[str]) -> list[Document]:
    found = list(contacts)
    owners = load_owners(tx)
    engine = _engine_written(tx, [each.id for each in found]) if set(names) & ENGINE_WRITTEN.keys() else {}
    with_nulls = call.url_path.startswith(V3) and bool(names)
    return [contact_of(each, names, owners, engine.get(each.id, {}), with_nulls=with_nulls) for each in found]


def _engine_written(tx: Tx, ids: Sequence[int]) -> dict[int, dict[str, str]]:
    statement = f"SELECT c.id, {values_of(EXPRESSIONS)} FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s)"
    return {row["id"]: row for row in tx.all(statement, {"ids": list(ids)})}
