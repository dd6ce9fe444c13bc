"""Further addresses of a contact that its answers teach us (MAIL-78). Shown on the timeline, and a person can take them back for good."""

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import NotFound
from segue.domain.events import AliasForgotten, AliasLearnt


def learn(tx: Tx, contact_id: int, address: str, *, inbound_id: int) -> bool:
    """Keep an address from which a thread of ours was answered; False when it is known, somebody else's, or was taken back before."""
    normal = normal_form(address)
    row = tx.one(
        """UPDATE contacts AS c SET other_addresses = array_append(c.other_addresses, %(address)s), updated_at = %(now)s
           WHERE c.workspace_id = %(ws)s AND c.id = %(id)s AND c.email_normal <> %(address)s
             AND NOT c.other_addresses @> ARRAY[%(address)s]
             AND NOT EXISTS (SELECT FROM contacts AS o WHERE o.workspace_id = %(ws)s AND o.id <> c.id
                             AND (o.email_normal = %(address)s OR o.other_addresses @> ARRAY[%(address)s]))
             AND NOT EXISTS (SELECT FROM events AS v WHERE v.workspace_id = %(ws)s AND v.contact_id = c.id
                             AND v.kind = 'alias_forgotten' AND v.data ->> 'address' = %(address)s)
           RETURNING c.id""",
        {"id": contact_id, "address": normal, "now": tx.now},
    )
    if row is None or not normal:
        return False
    tx.record(AliasLearnt(contact_id=contact_id, address=normal, inbound_id=inbound_id))
    return True


def forget(tx: Tx, contact_address: str, address: str) -> int:
    """Take a further address of a contact away; it is not learnt again. Returns the contact's id.

    Raises:
        NotFound: there is no such contact, or it has no such address.
    """
    row = tx.one(
        """UPDATE contacts SET other_addresses = array_remove(other_addresses, %(address)s), updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND email_normal = %(contact)s AND other_addresses @> ARRAY[%(address)s] RETURNING id""",
        {"contact": normal_form(contact_address), "address": normal_form(address), "now": tx.now},
    )
    if row is None:
        raise NotFound(f"{contact_address} has no further address {address}.", hint="`segue mail aliases CONTACT` shows those it has.")
    tx.record(AliasForgotten(contact_id=row["id"], address=normal_form(address)))
    return int(row["id"])


def list_aliases(tx: Tx, contact_address: str) -> list[str]:
    """Return the further addresses of a contact.

    Raises:
        NotFound: there is no such contact.
    """
    row = tx.one(
        "SELECT other_addresses FROM contacts WHERE workspace_id = %(ws)s AND email_normal = %(contact)s",
        {"contact": normal_form(contact_address)},
    )
    if row is None:
        raise NotFound(f"There is no contact {contact_address}.", hint="`segue contacts list` shows them.")
    return list(row["other_addresses"])
