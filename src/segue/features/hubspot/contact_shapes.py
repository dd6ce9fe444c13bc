"""Contacts in HubSpot's shape: names of properties both ways, and every value as text."""

from collections.abc import Mapping, Sequence
from typing import Any

from segue.db.tx import Tx
from segue.domain.properties import BUILT_IN, ENGINE_WRITTEN, FIELDS, Kind, Property
from segue.features.contacts.properties import load_properties
from segue.features.contacts.queries import Contact
from segue.features.hubspot.wire import Document, WireError, date_of

NAMES = {
    "firstname": "first_name",
    "lastname": "last_name",
    "jobtitle": "job_title",
    "mobilephone": "mobile_phone",
    "hs_timezone": "timezone",
}
"""HubSpot's names where they differ from ours; the owner besides, who is a number there."""
OWNER = "hubspot_owner_id"
STANDARD = ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname")
READ_ONLY = frozenset({"createdate", "hs_object_id", "lastmodifieddate", *ENGINE_WRITTEN})
OWNERS_FROM = 1_000_000_000_000
"""Owner ids lie behind this number, user ids before it: the two are different numbers of the same person (HSA-59)."""
TYPES = {Kind.NUMBER: ("number", "number"), Kind.DATE: ("date", "date"), Kind.DATETIME: ("datetime", "date")}
TYPES |= {Kind.BOOLEAN: ("bool", "booleancheckbox"), Kind.CHOICE: ("enumeration", "select")}
_FIELDS = frozenset(each.name for each in FIELDS)


def own_name(name: str) -> str:
    """Return our name of one of HubSpot's properties."""
    return "owner" if name == OWNER else NAMES.get(name, name)


def hubspot_name(name: str) -> str:
    """Return HubSpot's name of one of our properties."""
    return OWNER if name == "owner" else next((theirs for theirs, ours in NAMES.items() if ours == name), name)


def contact_of(
    contact: Contact, wanted: Sequence[str], owners: Mapping[str, int], engine: Mapping[str, str], *, with_nulls: bool
) -> Document:
    """Return a contact. `owners`: ids of users by address. `engine`: values that the engine writes. `with_nulls`: as on v3 (HSA-45)."""
    properties: Document = {"hs_object_id": str(contact.id)}
    for name in dict.fromkeys(wanted or STANDARD):
        value = value_of(contact, name, owners, engine)
        if value or with_nulls:
            properties[name] = value or None
    archived = {"archivedAt": date_of(contact.deleted_at)} if contact.deleted_at else {}
    return {
        "id": str(contact.id),
        "properties": properties,
        "createdAt": date_of(contact.created_at),
        "updatedAt": date_of(contact.updated_at),
        "archived": contact.deleted_at is not None,
        **archived,
    }


def value_of(contact: Contact, name: str, owners: Mapping[str, int], engine: Mapping[str, str]) -> str:
    """Return a property's value as text, empty where there is none."""
    if name in ("createdate", "lastmodifieddate"):
        return date_of(contact.created_at if name == "createdate" else contact.updated_at)
    if name == "hs_object_id":
        return str(contact.id)
    if name in ENGINE_WRITTEN:
        return engine.get(name, "")
    ours = own_name(name)
    value = str(getattr(contact, ours) if ours in _FIELDS else contact.properties.get(ours, ""))
    if name == OWNER:
        return str(owners[value.lower()] + OWNERS_FROM) if value.lower() in owners else ""
    return value


def load_owners(tx: Tx) -> dict[str, int]:
    """Return the ids of users by address."""
    rows = tx.all("SELECT id, lower(email) AS email FROM users WHERE workspace_id = %(ws)s", {})
    return {row["email"]: row["id"] for row in rows}


def values_to_write(tx: Tx, given: Any) -> dict[str, str]:
    """Return what is to be stored, by our names. Raises WireError: an unknown property, one that is only read, or no text."""
    if not isinstance(given, dict):
        raise WireError(
            400, "VALIDATION_ERROR", "properties is missing: an object of names and texts.", errors=[_hit("properties", "REQUIRED_FIELD")]
        )
    known, values, hits = load_properties(tx), {}, []
    by_id = {number + OWNERS_FROM: email for email, number in load_owners(tx).items()}
    for name, value in given.items():
        if name in READ_ONLY:
            hits.append(_hit(name, "READ_ONLY_VALUE"))
        elif own_name(name) not in known or (name in NAMES.values() and name not in BUILT_IN):
            hits.append(_hit(name, "PROPERTY_DOESNT_EXIST"))
        elif value is not None and not isinstance(value, str | int | float | bool):
            hits.append(_hit(name, "INVALID_VALUE"))
        else:
            text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
            if name == OWNER and text and not (text.isdigit() and int(text[:16]) in by_id):
                hits.append(_hit(name, "INVALID_OWNER"))
            values[own_name(name)] = by_id.get(int(text[:16]), "") if name == OWNER and text.isdigit() else text
    if hits:
        raise WireError(400, "VALIDATION_ERROR", f"{hits[0]['in']}: {_SAID[hits[0]['code']]}", errors=hits, sub_category=hits[0]["code"])
    return values


_SAID = {
    "REQUIRED_FIELD": "it is missing.",
    "READ_ONLY_VALUE": "it is written by Segue and can only be read.",
    "PROPERTY_DOESNT_EXIST": "there is no such property. `segue property add` makes one.",
    "INVALID_VALUE": "send a text.",
    "INVALID_OWNER": "there is no such owner.",
}


def _hit(name: str, code: str) -> Document:
    return {"message": f"{name}: {_SAID[code]}", "in": name, "code": code, "context": {"propertyName": [name]}}


def property_of(each: Property) -> Document:
    """Return the definition of a property (HSA-60)."""
    kind, field_type = TYPES.get(each.kind, ("string", "text"))
    return {
        "name": hubspot_name(each.name),
        "label": each.label,
        "type": kind,
        "fieldType": field_type,
        "groupName": "contactinformation",
        "description": "",
        "options": [
            {"label": choice, "value": choice, "displayOrder": number, "hidden": False} for number, choice in enumerate(each.choices)
        ],
        "modificationMetadata": {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": each.name in ENGINE_WRITTEN},
    }
