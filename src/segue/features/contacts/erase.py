"""Erasing a person (S27): nothing that tells of them stays in any table; a keyed hash of each address stays on the suppression list.

Each slice empties its own tables when it learns of `ContactErased`; while it does, the contact's row still names the addresses. Rows stay
where figures count them (SEQ-186), emptied; the contact's row stays as a number without a name.
"""

from dataclasses import dataclass

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.contact_events import ContactDeleted, ContactErased
from segue.domain.errors import Conflict, Invalid
from segue.features.contacts.edit import refuse_merged
from segue.features.contacts.queries import find_contact_by_email

KEPT_OF_EVENTS = [
    "step_key",
    "generation",
    "state",
    "reason",
    "code",
    "version",
    "start_step",
    "entry_point",
    "sequence",
    "way",
    "auto_kind",
    "hard",
    "proven",
    "final",
    "choice",
    "pause_kind",
    "how",
    "task_kind",
    "task_id",
    "inbound_id",
    "scope",
    "suppression_kind",
    "accepted_at",
    "next_at",
    "resume_at",
    "due_at",
    "return_date",
    "names",
    "basis",
]
"""What may stay of a timeline entry: codes, keys and times, no words of anybody."""


@dataclass(frozen=True, slots=True)
class Traces:
    """By what a person is found: the contact's id, its addresses in normal form, and every spelling that was used, in lower case."""

    contact_id: int
    normals: list[str]
    spellings: list[str]


def erase_person(tx: Tx, email: str) -> int:
    """Erase the person with this address, known as a contact or not; returns how many addresses are kept as hashes.

    Raises:
        Invalid: this is no address.
        Conflict: a mail to them is being handed over or its fate is open, or they were merged with somebody in this moment.
    """
    normal = normal_form(email)
    if not normal:
        raise Invalid(f'"{email}" is no email address.', hint="Write name@company.example.", field="email")
    contact = find_contact_by_email(tx, email)
    contact_id = contact.id if contact else _stand_in(tx, email.strip(), normal)
    traces = find_traces(tx, contact_id)
    for address in traces.normals:  # before the enrollments' rows (H4)
        tx.lock_for_stop(LockKind.ADDRESS, address)
    refuse_merged(tx, email, contact_id)
    if find_traces(tx, contact_id).normals != traces.normals:  # a merge has just given it more, and those are not locked
        raise Conflict(f"{email} has just got further addresses.", hint="Erase again.")
    tx.run(
        "UPDATE contacts SET deleted_at = COALESCE(deleted_at, %(now)s) WHERE workspace_id = %(ws)s AND id = %(id)s", _at(tx, contact_id)
    )
    tx.record(ContactDeleted(contact_id=contact_id))
    _refuse_in_flight(tx, contact_id)
    tx.record(ContactErased(contact_id=contact_id))
    _empty_events(tx, traces)
    _empty_own(tx, traces)
    return len(traces.normals)


def find_traces(tx: Tx, contact_id: int) -> Traces:
    """Return by what a contact is found in tables of any slice."""
    rows = tx.all(
        """SELECT lower(email) AS address FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s
           UNION SELECT unnest(other_addresses || email_normal) FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s
           UNION SELECT unnest(ARRAY[lower(address), address_normal]) FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = %(id)s
           UNION SELECT unnest(ARRAY[lower(recipient), recipient_normal]) FROM messages WHERE workspace_id = %(ws)s AND contact_id = %(id)s
           UNION SELECT lower(i.sender) FROM inbound_messages AS i JOIN contacts AS c ON c.workspace_id = i.workspace_id AND c.id = %(id)s
             WHERE i.workspace_id = %(ws)s AND i.contact_id = %(id)s AND split_part(lower(i.sender), '@', 2) =
               ANY(ARRAY(SELECT split_part(a, '@', 2) FROM unnest(c.other_addresses || c.email_normal) AS a))""",
        {"id": contact_id},
    )
    spellings = sorted({str(row["address"]) for row in rows} - {""})
    own = tx.one("SELECT email_normal, other_addresses FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": contact_id})
    assert own is not None
    normals = {own["email_normal"], *own["other_addresses"]}
    return Traces(contact_id, sorted(normals), [each for each in spellings if normal_form(each) in normals])


def _stand_in(tx: Tx, email: str, normal: str) -> int:
    """Make a contact of an address that is none, so that whatever mentions it is found in the same way."""
    row = tx.one(
        """INSERT INTO contacts (workspace_id, email, email_normal, created_at, updated_at)
           VALUES (%(ws)s, %(email)s, %(normal)s, %(now)s, %(now)s) RETURNING id""",
        {"email": email, "normal": normal, "now": tx.now},
    )
    assert row is not None
    return int(row["id"])


def _refuse_in_flight(tx: Tx, contact_id: int) -> None:
    row = tx.one(
        "SELECT count(*) AS n FROM messages WHERE workspace_id = %(ws)s AND contact_id = %(id)s AND state IN ('sending', 'in_doubt')",
        {"id": contact_id},
    )
    if row is not None and row["n"]:
        hint = (
            "Within a quarter of an hour it is decided what became of it; then erase again. Delete the contact now to stop everything else."
        )
        raise Conflict("A mail to this person is just being sent.", hint=hint)


def _empty_events(tx: Tx, traces: Traces) -> None:
    tx.run(
        """UPDATE events AS v SET data = COALESCE((SELECT jsonb_object_agg(d.key, d.value) FROM jsonb_each(v.data) AS d
                                                   WHERE d.key = ANY(%(kept)s)), '{}')
           WHERE v.workspace_id = %(ws)s AND (
              v.contact_id = %(id)s OR v.enrollment_id IN (SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = %(id)s)
              OR EXISTS (SELECT FROM unnest(%(spellings)s::text[]) AS s WHERE strpos(lower(v.data::text), s) > 0))""",
        {"id": traces.contact_id, "kept": KEPT_OF_EVENTS, "spellings": traces.spellings},
    )


def _empty_own(tx: Tx, traces: Traces) -> None:
    """Empty the contact's row, consents, lists; keep hashes on the suppression list in place of addresses."""
    tx.run(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, source, created_at)
           SELECT %(ws)s, 'erased', segue_address_hash(w.mail_secret, a), 'erased', 'erasure', %(now)s
           FROM unnest(%(normals)s::text[]) AS a JOIN workspaces AS w ON w.workspace_id = %(ws)s ON CONFLICT DO NOTHING""",
        {"normals": traces.normals, "now": tx.now},
    )
    tx.run(
        "DELETE FROM suppressions WHERE workspace_id = %(ws)s AND kind = 'address' AND value = ANY(%(normals)s)",
        {"normals": traces.normals},
    )
    tx.run("DELETE FROM consents WHERE workspace_id = %(ws)s AND address_normal = ANY(%(normals)s)", {"normals": traces.normals})
    tx.run("DELETE FROM contact_list_members WHERE workspace_id = %(ws)s AND contact_id = %(id)s", {"id": traces.contact_id})
    tx.run(
        """UPDATE contacts SET email = '', email_normal = 'erased:' || id, first_name = '', last_name = '', company = '', timezone = '',
               country = '', country_code = '', other_addresses = '{}', properties = '{}', company_id = NULL, address_dead_at = NULL,
               tracked = false, erased_at = %(now)s, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        _at(tx, traces.contact_id),
    )


def _at(tx: Tx, contact_id: int) -> dict[str, object]:
    return {"id": contact_id, "now": tx.now}
