"""Sequences and enrollments as HubSpot's programs ask for them."""

from datetime import timedelta
from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import NotFound, Refused
from segue.domain.ids import MailboxId, SequenceId, UserId
from segue.domain.permissions import Actor
from segue.features.contacts.queries import list_contacts_by_id
from segue.features.enrollments.admission import EnrollRequest, is_visible
from segue.features.enrollments.enroll import enroll
from segue.features.enrollments.refusals import MESSAGES
from segue.features.hubspot.sequence_shapes import item_of, sequence_of
from segue.features.hubspot.wire import Call, Document, acting_user, date_of, missing, page_of, read_id
from segue.features.mail.connect import get_mailbox
from segue.features.sequences.lifecycle import get_content, list_versions

REPEAT_WITHIN = timedelta(minutes=10)
_SEQUENCE = "id, name, owner_user_id, status, version, sharing, shared_with, shared_teams, created_at, updated_at"


def list_sequences(call: Call) -> Document:
    """Return active sequences that the user owns or that are shared with them (HSA-24)."""
    limit, after = call.limit(50, 100), call.after()
    with call.tx() as tx:
        user = acting_user(tx, call.principal, call.text("userId"))
        rows = tx.all(
            f"""SELECT {_SEQUENCE} FROM sequences WHERE workspace_id = %(ws)s AND status = 'active'
                AND strpos(lower(name), lower(%(name)s)) > 0 ORDER BY id""",
            {"name": call.text("name")},
        )
    seen = [row for row in rows if _sees(row, user)]
    found = [item_of(row) for row in seen if row["id"] > after][: limit + 1]
    return {"total": len(seen), **page_of(found, limit)}


def get_sequence(call: Call) -> Document:
    """Return a whole sequence; one that the user may not see is a 404."""
    with call.tx() as tx:
        user = acting_user(tx, call.principal, call.text("userId"))
        row = _find(tx, call.path["sequence_id"], user)
        if row is None or row["status"] != "active":
            raise missing(f"There is no sequence {call.path['sequence_id']}, or it is not shared with this user.")
        content = get_content(tx, row["id"], row["version"])
        published_at = next(each["created_at"] for each in list_versions(tx, row["id"]) if each["version"] == row["version"])
    return sequence_of(row, content, published_at)


def enroll_contact(call: Call) -> Document:
    """Enroll a contact now, at the first step (HSA-29). Raises Refused with the codes of SEQ-62 (HSA-30)."""
    contact_id, sender, sequence_id = (call.field(name) for name in ("contactId", "senderEmail", "sequenceId"))
    with call.tx() as tx:
        user = acting_user(tx, call.principal, call.text("userId"))
        sequence = _find(tx, sequence_id, user)
        if sequence is None:
            raise _refused("SEQUENCE_NOT_FOUND")
        number = read_id(contact_id)
        if number is None or not [each for each in list_contacts_by_id(tx, [number]) if each.deleted_at is None]:
            raise _refused("CONTACT_NOT_FOUND")
        request = _request(tx, user, SequenceId(sequence["id"]), sender)
        alias = call.body.get("senderAliasAddress") or sender
        if not isinstance(alias, str) or normal_form(alias) != normal_form(sender):
            raise Refused(f"{alias} is not a confirmed alias of {sender}.", code="ALIAS_NOT_ALLOWED")
        done = _find_open(tx, number, sequence_id=sequence["id"], by=user) if call.repeated else None
        if done is not None and tx.now - done["enrolled_at"] <= REPEAT_WITHIN:
            return _short(done)
    report = enroll(call.db, call.principal.workspace_id, request, [number])
    for each in report.refused:
        raise Refused(each.message, code=each.code, also=each.also)
    with call.tx() as tx:
        made = _find_open(tx, number, sequence_id=sequence["id"], by=user)
    assert made is not None
    return _short(made)


def _request(tx: Tx, user: Actor, sequence_id: SequenceId, sender: str) -> EnrollRequest:
    assert user.user_id is not None
    try:
        mailbox = get_mailbox(tx, sender)
    except NotFound:
        said = MESSAGES["SENDER_MISMATCH"].format(user=user.email, address=sender)
        raise Refused(said, code="SENDER_MISMATCH") from None  # the address is no mailbox of anybody (SEQ-62)
    return EnrollRequest(sequence_id, MailboxId(mailbox["id"]), UserId(user.user_id), actor=user, entry_point="hubspot api")


def get_enrollment_of_contact(call: Call) -> Document:
    """Return the open enrollment of a contact, with several the newest (HSA-31)."""
    number = read_id(call.path["contact_id"])
    with call.tx() as tx:
        if number is None or not list_contacts_by_id(tx, [number]):
            raise missing(f"There is no contact {call.path['contact_id']}.", "CONTACT_NOT_FOUND")
        row = _find_open(tx, number)
        if row is None:
            raise missing(f"Contact {number} is in no sequence.", "NOT_ENROLLED")
        sequence = _find(tx, str(row["sequence_id"]), call.principal.actor)
    return _short(row) | {
        "enrolledBy": str(row["enroller_user_id"]),
        "enrolledByEmail": row["enroller"],
        "sequenceId": str(row["sequence_id"]),
        "sequenceName": sequence["name"] if sequence else "private sequence",
    }


def _find(tx: Tx, text: str, user: Actor) -> dict[str, Any] | None:
    """Return a sequence that the user sees."""
    number = read_id(text)
    row = tx.one(
        f"SELECT {_SEQUENCE} FROM sequences WHERE workspace_id = %(ws)s AND id = %(id)s AND status <> 'deleted'", {"id": number or 0}
    )
    return row if row is not None and _sees(row, user) else None


def _sees(row: dict[str, Any], user: Actor) -> bool:
    return user.user_id is not None and is_visible(row, user.user_id, user.team)


def _find_open(tx: Tx, contact_id: int, *, sequence_id: int = 0, by: Actor | None = None) -> dict[str, Any] | None:
    return tx.one(
        """SELECT e.id, e.address, e.enrolled_at, e.sequence_id, e.enroller_user_id, u.email AS enroller,
               (SELECT max(v.at) FROM events AS v WHERE v.workspace_id = e.workspace_id AND v.contact_id = e.contact_id
                AND v.enrollment_id = e.id) AS updated_at
           FROM enrollments AS e JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.enroller_user_id
           WHERE e.workspace_id = %(ws)s AND e.contact_id = %(contact)s AND e.state IN ('active', 'paused')
             AND %(sequence)s IN (0, e.sequence_id) AND (%(user)s::bigint IS NULL OR e.enroller_user_id = %(user)s)
           ORDER BY e.id DESC LIMIT 1""",
        {"contact": contact_id, "sequence": sequence_id, "user": by.user_id if by else None},
    )


def _short(row: dict[str, Any]) -> Document:
    return {
        "id": str(row["id"]),
        "toEmail": row["address"],
        "enrolledAt": date_of(row["enrolled_at"]),
        "updatedAt": date_of(row["updated_at"] or row["enrolled_at"]),
    }


def _refused(code: str) -> Refused:
    return Refused(MESSAGES[code], code=code)
