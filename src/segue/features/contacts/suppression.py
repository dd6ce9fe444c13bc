"""Suppression: addresses and domains that get no mail, whatever else is stored (S4). Adding one waits for hand-offs to it (H3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import domain_to_ascii, normal_form
from segue.domain.contact_events import SuppressionLifted
from segue.domain.errors import Invalid, NotFound, Refused
from segue.domain.events import AddressSuppressed

UNSUBSCRIBED = "unsubscribed"
UNSUBSCRIBED_ALL = "unsubscribed from all mail"
"""Somebody opted out of everything, and not only of personal mail (SEQ-164)."""
OPTED_OUT_BY_MAIL = "opted out by mail"
COMPLAINT = "complaint"
OWN_WISHES = (COMPLAINT, UNSUBSCRIBED_ALL, UNSUBSCRIBED, OPTED_OUT_BY_MAIL)
"""Reasons that are the person's own word, the strongest first: they are never lost behind a bounce or a list of ours (SEQ-63)."""

LOCKS = {"address": LockKind.ADDRESS, "domain": LockKind.DOMAIN}


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why an address gets no mail. `kind` is address or domain, `value` its normal form."""

    kind: str
    value: str
    reason: str
    created_at: datetime


def suppress(tx: Tx, kind: str, value: str, reason: str, *, source: str = "") -> bool:
    """Put an address or a domain on the list, in whatever spelling; True when it was not there. The first reason stays.

    What it covers is ended through `AddressSuppressed`. To be called before enrollments are locked, domains before addresses (H4).

    Raises:
        Invalid: the value is no address, or no domain.
    """
    normal = normal_of(kind, value)
    tx.lock_for_stop(LOCKS[kind], normal)
    added = tx.run(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, source, created_at)
           VALUES (%(ws)s, %(kind)s, %(value)s, %(reason)s, %(source)s, %(now)s) ON CONFLICT DO NOTHING""",
        {"kind": kind, "value": normal, "reason": reason, "source": source, "now": tx.now},
    )
    if added:
        row = tx.one("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = %(value)s", {"value": normal})
        tx.record(AddressSuppressed(contact_id=row["id"] if row else None, suppression_kind=kind, value=normal, reason=reason))
    return bool(added)


def opt_out(tx: Tx, address: str, reason: str, *, source: str, wait: bool = True) -> None:
    """Store a person's own wish, one of `OWN_WISHES`, in place of any weaker reason. `address` is a normal form.

    Without `wait` nothing is waited for and no enrollment is ended here: the row alone is written (H10).
    """
    if wait:
        tx.lock_for_stop(LockKind.ADDRESS, address)
    row = tx.one(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, source, created_at)
           VALUES (%(ws)s, 'address', %(value)s, %(reason)s, %(source)s, %(now)s)
           ON CONFLICT (workspace_id, kind, value) DO UPDATE SET reason = EXCLUDED.reason, source = EXCLUDED.source
             WHERE suppressions.reason <> ALL(%(as_strong)s::text[]) RETURNING xmax = 0 AS added""",
        {"value": address, "reason": reason, "source": source, "now": tx.now, "as_strong": as_strong(reason)},
    )
    if wait and row is not None and row["added"]:
        contact = tx.one("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = %(value)s", {"value": address})
        tx.record(
            AddressSuppressed(contact_id=contact["id"] if contact else None, suppression_kind="address", value=address, reason=reason)
        )


def is_opted_out(tx: Tx, address: str, *, everything: bool) -> bool:
    """Say whether this wish, or a stronger one, is stored for a normal form already."""
    row = tx.one(
        """SELECT 1 AS one FROM suppressions WHERE workspace_id = %(ws)s AND kind = 'address' AND value = %(value)s
             AND reason = ANY(%(reasons)s::text[])""",
        {"value": address, "reasons": as_strong(UNSUBSCRIBED_ALL) if everything else list(OWN_WISHES)},
    )
    return row is not None


def as_strong(reason: str) -> list[str]:
    """Return the reasons that a wish does not replace: two ways of opting out of personal mail are one strength."""
    last = OWN_WISHES.index(UNSUBSCRIBED_ALL) if reason == UNSUBSCRIBED_ALL else len(OWN_WISHES) - 1
    return list(OWN_WISHES[: last + 1])


def lift(tx: Tx, value: str, why: str) -> str:
    """Take an address or domain off the list and forget that the address was dead, because a person says why (SEQ-63).

    Returns the reason for which it stood there.

    Raises:
        NotFound: it is not on the list.
        Refused: it is the contact's own wish or complaint, which nobody else can take back.
        Invalid: no reason is given, or the value is neither address nor domain.
    """
    if not why.strip():
        raise Invalid("Why it is lifted is not said.", hint="Add --why, such as: the address was corrected on their side.", field="why")
    kind = "address" if "@" in value.strip().removeprefix("@") else "domain"
    normal = normal_of(kind, value)
    row = tx.one(
        "SELECT reason FROM suppressions WHERE workspace_id = %(ws)s AND kind = %(kind)s AND value = %(value)s FOR UPDATE",
        {"kind": kind, "value": normal},
    )
    dead = tx.one(
        "SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = %(value)s AND address_dead_at IS NOT NULL",
        {"value": normal},
    )
    if row is None and dead is None:
        raise NotFound(f"{value} is not on the list.", hint="`segue suppress list` shows what is.")
    if row is not None and row["reason"] in OWN_WISHES:
        hint = "Only a new opt-in of their own counts: `segue suppress opt-in EMAIL --source WHERE`; and after a complaint nothing does."
        raise Refused(f"{value} is on the list by their own word: {row['reason']}.", hint=hint, code="own_wish")
    return _take_off(tx, kind, normal, why)


def opt_in(tx: Tx, address: str, source: str) -> str:
    """Take an opt-out back because the person opted in anew (SEQ-63); returns what it was. `source` says where.

    Raises:
        NotFound: nothing of the kind is there.
        Refused: they complained; nothing lifts that.
        Invalid: no source, or no address.
    """
    if not source.strip():
        raise Invalid("Where they opted in is not said.", hint="Add --source, such as: sign-up form on 2027-01-31.", field="source")
    normal = normal_of("address", address)
    row = tx.one(
        "SELECT reason FROM suppressions WHERE workspace_id = %(ws)s AND kind = 'address' AND value = %(value)s FOR UPDATE",
        {"value": normal},
    )
    if row is None or row["reason"] not in OWN_WISHES:
        raise NotFound(f"{address} has not opted out.", hint="`segue suppress lift` takes other entries off, with a reason.")
    if row["reason"] == COMPLAINT:
        raise Refused(f"{address} reported a mail as spam.", hint="Nobody can take that back.", code="own_wish")
    return _take_off(tx, "address", normal, f"opted in: {source.strip()}")


def _take_off(tx: Tx, kind: str, normal: str, why: str) -> str:
    row = tx.one(
        "DELETE FROM suppressions WHERE workspace_id = %(ws)s AND kind = %(kind)s AND value = %(value)s RETURNING reason",
        {"kind": kind, "value": normal},
    )
    was = str(row["reason"]) if row else "bounced"
    contact = tx.one(
        """UPDATE contacts SET address_dead_at = NULL, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND email_normal = %(value)s RETURNING id""",
        {"value": normal, "now": tx.now},
    )
    tx.record(SuppressionLifted(contact_id=contact["id"] if contact else None, suppression_kind=kind, was=was, why=why.strip()[:500]))
    return was


def find_suppressions(tx: Tx, addresses: Sequence[str]) -> dict[str, Suppression]:
    """Return what bars these addresses, by address as given; free ones are left out. Any number in one statement (SEQ-62, SEQ-64)."""
    forms = {address: normal_form(address) for address in addresses}
    values = {*forms.values(), *(form.rpartition("@")[2] for form in forms.values())} - {""}
    rows = tx.all(
        "SELECT kind, value, reason, created_at FROM suppressions WHERE workspace_id = %(ws)s AND value = ANY(%(values)s)",
        {"values": sorted(values)},
    )
    found = {(row["kind"], row["value"]): Suppression(**row) for row in rows}
    hits = {address: found.get(("address", form)) or found.get(("domain", form.rpartition("@")[2])) for address, form in forms.items()}
    return {address: hit for address, hit in hits.items() if hit}


def lift_bounce(tx: Tx, contact_id: int, normal: str, at: datetime) -> None:
    """Take back what a bounce of this instant has put on the list: its verdict was wrong (SEQ-138). Other reasons stay."""
    tx.run(
        """DELETE FROM suppressions WHERE workspace_id = %(ws)s AND kind = 'address' AND value = %(value)s AND reason = 'bounced'
           AND created_at = %(at)s""",
        {"value": normal, "at": at},
    )
    tx.run(
        "UPDATE contacts SET address_dead_at = NULL WHERE workspace_id = %(ws)s AND id = %(id)s AND address_dead_at = %(at)s",
        {"id": contact_id, "at": at},
    )


def mark_address_dead(tx: Tx, contact_id: int, normal: str) -> None:
    """Note on the contact that its address is dead: the check before enrolling refuses it (SEQ-165). A newer address of theirs is not."""
    tx.run(
        """UPDATE contacts SET address_dead_at = %(now)s, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND email_normal = %(normal)s""",
        {"id": contact_id, "normal": normal, "now": tx.now},
    )


def normal_of(kind: str, value: str) -> str:
    """Return the form in which addresses are compared (SEQ-64): the one that the gate asks for."""
    if kind == "address":
        normal = normal_form(value)
    else:
        normal = domain_to_ascii(value.strip().removeprefix("@"))
        normal = normal if "." in normal and "@" not in normal else ""
    if not normal:
        raise Invalid(
            f'"{value}" is no {kind}.', hint="Write name@company.example for an address, company.example for a domain.", field="value"
        )
    return normal
