"""A person edits a contact, deletes it, restores it. What this means for open enrollments is decided above (D5)."""

from collections.abc import Mapping, Sequence

from psycopg.types.json import Jsonb

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.contact_events import ContactChanged, ContactDeleted, ContactPlacesChanged, ContactRestored
from segue.domain.contacts_csv import FIELD_LIMIT, FIELDS, OTHERS_LIMIT, PROPERTY_LIMIT, is_address
from segue.domain.errors import Conflict, Invalid
from segue.domain.places import country_code
from segue.domain.properties import ENGINE_WRITTEN, ValueProblem, written_form
from segue.features.contacts.properties import load_properties
from segue.features.contacts.queries import Contact, get_contact_by_email
from segue.features.workspaces.service import check_timezone
from segue.zone_data import country_names

PLACES = frozenset({"timezone", "country", "city", "state", "phone", "mobile_phone"})
"""Properties that tell the time zone (SEQ-70)."""


def set_contact(tx: Tx, email: str, values: Mapping[str, str], *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> Contact:
    """Set properties by name, an empty value takes one away; `add` and `remove` further addresses. Returns the contact afterwards.

    A new `email` becomes the address of what is enrolled from now on; the old one stays as a further address (SEQ-55).

    Raises:
        NotFound: there is no such contact.
        Conflict: it was deleted, or an address is another contact's.
        Invalid: there is no such property, or a value does not fit its type.
    """
    before = _lock_living(tx, email)
    fields, properties = _checked(tx, values)
    address = fields.pop("email", "") or before.email
    normal = normal_form(address)
    kept = {*before.other_addresses, *(() if normal == before.email_normal else (before.email_normal,)), *(_address(each) for each in add)}
    others = sorted(kept - {normal} - {normal_form(each) for each in remove})
    if len(others) > OTHERS_LIMIT:
        raise Invalid(f"A contact has at most {OTHERS_LIMIT} other addresses.", hint="Remove some first.", field="add_address")
    _refuse_taken(tx, before, [normal, *others])
    _store(
        tx,
        before.id,
        (address, normal, others),
        {name: getattr(before, name) for name in FIELDS[1:]} | fields,
        before.properties | properties,
    )
    after = get_contact_by_email(tx, address)
    changed = tuple(name for name in values if _value(before, name) != _value(after, name))
    changed += ("other_addresses",) if after.other_addresses != before.other_addresses else ()
    if changed:
        tx.record(ContactChanged(contact_id=before.id, names=changed))
    if PLACES.intersection(changed):
        tx.record(ContactPlacesChanged(contact_ids=(before.id,)))
    return after


def _store(
    tx: Tx, contact_id: int, addresses: tuple[str, str, list[str]], fields: Mapping[str, str], properties: Mapping[str, str]
) -> None:
    email, normal, others = addresses
    tx.run(
        """UPDATE contacts SET email = %(email)s, email_normal = %(normal)s, first_name = %(first_name)s, last_name = %(last_name)s,
               company = %(company)s, timezone = %(timezone)s, country = %(country)s, country_code = %(code)s, properties = %(properties)s,
               other_addresses = %(others)s, address_dead_at = CASE WHEN email_normal = %(normal)s THEN address_dead_at END,
               updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {
            **fields,
            "id": contact_id,
            "email": email,
            "normal": normal,
            "code": country_code(fields["country"], country_names()),
            "properties": Jsonb({name: value for name, value in properties.items() if value}),
            "others": others,
            "now": tx.now,
        },
    )


def delete_contact(tx: Tx, email: str) -> bool:
    """Delete a contact; it leaves every sequence (SEQ-170) and can be restored. False when it was deleted before.

    Raises NotFound, and Conflict where the contact was merged into another in this moment.
    """
    contact = get_contact_by_email(tx, email)
    tx.lock_for_stop(LockKind.ADDRESS, contact.email_normal)  # before the contact's row, as whoever learns that an address is dead (H4)
    refuse_merged(tx, email, contact.id)
    done = tx.run(
        "UPDATE contacts SET deleted_at = %(now)s, updated_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s AND deleted_at IS NULL",
        {"id": contact.id, "now": tx.now},
    )
    if done:
        tx.record(ContactDeleted(contact_id=contact.id))
    return bool(done)


def refuse_merged(tx: Tx, email: str, contact_id: int) -> None:
    """Refuse to go on where the address has become another contact's while a lock was waited for.

    Raises Conflict.
    """
    if get_contact_by_email(tx, email).id != contact_id:
        raise Conflict(f"{email} has just become another contact's.", hint="Look again: `segue contacts list`.")


def restore_contact(tx: Tx, email: str) -> bool:
    """Bring a deleted contact back; its enrollments stay ended (SEQ-143). False when it was there. Raises NotFound."""
    contact = get_contact_by_email(tx, email)
    done = tx.run(
        """UPDATE contacts SET deleted_at = NULL, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND deleted_at IS NOT NULL AND erased_at IS NULL""",
        {"id": contact.id, "now": tx.now},
    )
    if done:
        tx.record(ContactRestored(contact_id=contact.id))
    return bool(done)


def _lock_living(tx: Tx, email: str) -> Contact:
    """Lock a contact's row, then read it: an import, a merge or an erasure may have come first."""
    wanted = _get_living(tx, email)
    tx.run("SELECT FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s FOR UPDATE", {"id": wanted.id})
    locked = _get_living(tx, email)
    refuse_merged(tx, email, wanted.id)
    return locked


def _get_living(tx: Tx, email: str) -> Contact:
    contact = get_contact_by_email(tx, email)
    if contact.deleted_at is not None:
        raise Conflict(f"{contact.email} was deleted.", hint=f"`segue contacts restore {contact.email}` brings it back.")
    return contact


def _checked(tx: Tx, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the columns and the properties to be set, each in the form of its type."""
    known = load_properties(tx)
    fields: dict[str, str] = {}
    properties: dict[str, str] = {}
    for name, given in values.items():
        if name in ENGINE_WRITTEN:
            raise Invalid(f"{name} is written by the engine and can only be read.", hint="Leave it away.", field=name)
        if name not in known:
            raise Invalid(f"There is no property {name!r}.", hint=f"`segue property add {name}` defines it.", field=name)
        try:
            value = written_form(known[name], " ".join(given.split()) if name in FIELDS else given.replace("\x00", ""))
        except ValueProblem as problem:
            raise Invalid(f"{name}: {problem}.", hint="Correct the value, or leave it empty to take it away.", field=name) from None
        if len(value) > (FIELD_LIMIT if name in FIELDS else PROPERTY_LIMIT):
            raise Invalid(f"{name} is too long.", hint="Shorten it.", field=name)
        if name == "timezone" and value:
            check_timezone(value)
        if name == "email":
            _address(value)
        (fields if name in FIELDS else properties)[name] = value
    return fields, properties


def _address(text: str) -> str:
    if not is_address(text):
        raise Invalid(f'"{text}" is no email address.', hint="Write name@company.example.", field="email")
    return normal_form(text)


def _refuse_taken(tx: Tx, contact: Contact, normals: Sequence[str]) -> None:
    row = tx.one(
        """SELECT email FROM contacts WHERE workspace_id = %(ws)s AND id <> %(id)s
             AND (email_normal = ANY(%(normals)s) OR other_addresses && %(normals)s::text[]) LIMIT 1""",
        {"id": contact.id, "normals": list(normals)},
    )
    if row is not None:
        hint = f"`segue contacts merge {contact.email} {row['email']}` makes one contact of the two."
        raise Conflict(f"An address of these is {row['email']}'s.", hint=hint)
    if is_erased(tx, normals):
        raise Conflict("This person was erased and is not taken up again.", hint="Use another address.")


def is_erased(tx: Tx, normals: Sequence[str]) -> bool:
    """Say whether one of these addresses belongs to somebody who was erased (S27)."""
    row = tx.one(
        """SELECT 1 AS one FROM unnest(%(normals)s::text[]) AS given(address) JOIN workspaces AS w ON w.workspace_id = %(ws)s
           JOIN suppressions AS x ON x.workspace_id = %(ws)s AND x.kind = 'erased'
             AND x.value = segue_address_hash(w.mail_secret, given.address) LIMIT 1""",
        {"normals": list(normals)},
    )
    return row is not None


def _value(contact: Contact, name: str) -> str:
    return str(getattr(contact, name) if name in FIELDS else contact.properties.get(name, ""))
