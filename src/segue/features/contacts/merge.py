"""Two contacts that are one person become one (SEQ-143)."""

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.contact_events import ContactMerged
from segue.domain.errors import Conflict, Invalid
from segue.features.contacts.queries import Contact, get_contact_by_email


def merge_contacts(tx: Tx, keep: str, other: str) -> Contact:
    """Make the contact `other` part of `keep`: its values fill what is empty, its addresses and its history are added, it is gone.

    Raises:
        NotFound: one of them does not exist.
        Invalid: both addresses are the same contact.
        Conflict: one of them was deleted, or merged in this moment.
    """
    kept, gone = _lock_both(tx, keep, other)
    tx.record(ContactMerged(contact_id=kept.id, other_id=gone.id))
    tx.run(
        """INSERT INTO contact_list_members (workspace_id, list_id, contact_id, added_at)
           SELECT workspace_id, list_id, %(kept)s, added_at FROM contact_list_members
           WHERE workspace_id = %(ws)s AND contact_id = %(gone)s ON CONFLICT DO NOTHING""",
        {"kept": kept.id, "gone": gone.id},
    )
    tx.run("DELETE FROM contact_list_members WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", {"gone": gone.id})
    tx.run("UPDATE events SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", _both(kept, gone))
    tx.run(
        """UPDATE contacts AS k SET first_name = COALESCE(NULLIF(k.first_name, ''), g.first_name),
               last_name = COALESCE(NULLIF(k.last_name, ''), g.last_name), company = COALESCE(NULLIF(k.company, ''), g.company),
               timezone = COALESCE(NULLIF(k.timezone, ''), g.timezone), country = COALESCE(NULLIF(k.country, ''), g.country),
               country_code = CASE WHEN k.country = '' THEN g.country_code ELSE k.country_code END,
               company_id = COALESCE(k.company_id, g.company_id), tracked = k.tracked AND g.tracked,
               properties = g.properties || k.properties, updated_at = %(now)s,
               other_addresses = ARRAY(SELECT DISTINCT a FROM unnest(k.other_addresses || g.other_addresses || g.email_normal) AS a
                                       WHERE a <> k.email_normal ORDER BY a)
           FROM contacts AS g WHERE k.workspace_id = %(ws)s AND k.id = %(kept)s AND g.workspace_id = %(ws)s AND g.id = %(gone)s""",
        {**_both(kept, gone), "now": tx.now},
    )
    tx.run("DELETE FROM contacts WHERE workspace_id = %(ws)s AND id = %(gone)s", {"gone": gone.id})
    return get_contact_by_email(tx, keep)


def _lock_both(tx: Tx, keep: str, other: str) -> tuple[Contact, Contact]:
    """Lock two contacts and what is on its way to them, then read them."""
    kept, gone = get_contact_by_email(tx, keep), get_contact_by_email(tx, other)
    if kept.id == gone.id:
        raise Invalid(f"{keep} and {other} are one contact already.", hint="Name two contacts.", field="other")
    for normal in sorted((kept.email_normal, gone.email_normal)):  # before the enrollments (H4)
        tx.lock_for_stop(LockKind.ADDRESS, normal)
    tx.run("SELECT FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY email_normal FOR UPDATE", _ids(kept, gone))
    before = (kept.id, gone.id)
    kept, gone = get_contact_by_email(tx, keep), get_contact_by_email(tx, other)
    if (kept.id, gone.id) != before:  # another merge came first: what these addresses lead to now is not locked
        raise Conflict("One of them has just become another contact's.", hint="Look again: `segue contacts list`.")
    if kept.deleted_at is not None or gone.deleted_at is not None:
        raise Conflict("One of them was deleted.", hint="Restore it first: `segue contacts restore EMAIL`.")
    return kept, gone


def _ids(kept: Contact, gone: Contact) -> dict[str, list[int]]:
    return {"ids": [kept.id, gone.id]}


def _both(kept: Contact, gone: Contact) -> dict[str, int]:
    return {"kept": kept.id, "gone": gone.id}
