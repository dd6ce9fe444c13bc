"""Many contacts in one call: each input for itself, what fails is told beside what succeeds."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import DomainError
from segue.features.contacts.queries import find_contact_by_email
from segue.features.hubspot.contacts import archive_one, create_one, document_one, find, update_one
from segue.features.hubspot.wire import Call, Document, WireError, bad, date_of, error_of

INPUTS_MOST = 100
Act = Callable[[Tx, Document], Document | None]


def create(call: Call) -> tuple[int, Document]:
    """Return status and answer: 201, or 207 where some failed."""
    return _each(call, lambda tx, given: document_one(tx, call, create_one(tx, call, given.get("properties")), ()), done=201)


def update(call: Call) -> tuple[int, Document]:
    """Update by id, or by `idProperty`."""

    def act(tx: Tx, given: Document) -> Document:
        contact = update_one(tx, call, _id(given), str(given.get("idProperty") or ""), given.get("properties"))
        return document_one(tx, call, contact, ())

    return _each(call, act, by_id=True)


def upsert(call: Call) -> tuple[int, Document]:
    """Update whoever has the address, create who is not there."""

    def act(tx: Tx, given: Document) -> Document:
        if given.get("idProperty") != "email":
            raise bad("idProperty", "Contacts are upserted by email.")
        address = _id(given)
        known = find_contact_by_email(tx, address)
        new = known is None or known.deleted_at is not None
        properties = given.get("properties")
        if new and isinstance(properties, dict):
            made = create_one(tx, call, {"email": address, **properties})
        else:
            made = update_one(tx, call, address, "email", properties)
        return {**document_one(tx, call, made, ()), "new": new}

    return _each(call, act, by_id=True)


def read(call: Call) -> tuple[int, Document]:
    """Return who is there; the others are named in one error."""
    names, by = call.texts("properties"), str(call.body.get("idProperty") or "")

    def act(tx: Tx, given: Document) -> Document:
        return document_one(tx, call, find(tx, _id(given), by), names)

    status, said = _each(call, act, by_id=True)
    absent = [each for each in said.get("errors", []) if each["category"] == "OBJECT_NOT_FOUND"]
    if absent:
        ids = [text for each in absent for text in each["context"]["ids"]]
        one = {**absent[0], "message": "Could not get some contacts: there are none with these ids.", "context": {"ids": ids}}
        said["errors"] = [each for each in said["errors"] if each["category"] != "OBJECT_NOT_FOUND"] + [one]
        said["numErrors"] = len(said["errors"])
    return status, said


def archive(call: Call) -> tuple[int, Document | None]:
    """Archive who is there; who is not there is no matter."""
    for given in _inputs(call):
        with call.tx() as tx:
            try:
                archive_one(tx, call, _id(given))
            except WireError as error:
                if error.status != 404:
                    raise
    return 204, None


def _each(call: Call, act: Act, *, done: int = 200, by_id: bool = False) -> tuple[int, Document]:
    inputs = _inputs(call)
    if by_id and max(Counter(str(each.get("id", "")).lower() for each in inputs).values()) > 1:
        raise bad("inputs", "The same id stands twice in inputs.")
    began = call.db.clock.now()
    results: list[Document] = []
    errors: list[Document] = []
    for given in inputs:
        try:
            with call.tx() as tx:
                made = act(tx, given)
            results.append(made or {})
        except (WireError, DomainError) as error:
            errors.append(_told(given, error))
    said: Document = {"status": "COMPLETE", "results": results, "startedAt": date_of(began), "completedAt": date_of(call.db.clock.now())}
    return (207, said | {"numErrors": len(errors), "errors": errors}) if errors else (done, said)


def _told(given: Document, error: Exception) -> Document:
    found = error_of(error)
    assert found is not None
    ids = [str(given["id"])] if "id" in given else []
    said = {"status": "error", "category": found.category, "message": found.message, "context": {"ids": ids}, "links": {}}
    return said | {"errors": found.errors} | ({"subCategory": found.sub_category} if found.sub_category else {})


def _inputs(call: Call) -> list[Document]:
    inputs: Any = call.body.get("inputs")
    if not isinstance(inputs, list) or not 1 <= len(inputs) <= INPUTS_MOST or not all(isinstance(each, dict) for each in inputs):
        raise bad("inputs", f"inputs must be a list of 1 to {INPUTS_MOST} objects.")
    return inputs


def _id(given: Document) -> str:
    value = given.get("id")
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise bad("id", "id is missing. Send it as a string.", code="REQUIRED_FIELD")
    return str(value)
