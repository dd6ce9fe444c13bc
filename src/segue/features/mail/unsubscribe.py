"""Opting out by the link in a mail, by its one-click form, and by mail to the sender (SEQ-164, MAIL-45…47, H10).

The token is the proof. The address it was written to gets no more mail of the whole workspace, and all its open enrollments end.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

from segue.db.locks import LockKind
from segue.db.tx import Database, Tx
from segue.domain.events import StopMetMessageInFlight, UnsubscribeReceived
from segue.domain.ids import MessageId, WorkspaceId
from segue.domain.public_links import LinkKind
from segue.features.contacts.suppression import OPTED_OUT_BY_MAIL, UNSUBSCRIBED, UNSUBSCRIBED_ALL, is_opted_out, opt_out
from segue.features.mail.links import FoundLink, find_links, find_message_of_token

MOST_WAIT_MS = 2_000
"""H10: a page does not wait longer for a mail that is being handed over."""
LAST_WAIT_MS = 75_000
"""Longer than any hand-off may hold its locks (H7)."""


@dataclass(frozen=True, slots=True)
class OptedOut:
    """What an opt-out did. `in_flight`: a mail was being handed over; the suppression stands, `finish` ends what is still open."""

    workspace_id: WorkspaceId
    message_id: MessageId
    address: str
    way: str
    everything: bool
    in_flight: bool = False


def find_unsubscribe_link(db: Database, token: str) -> FoundLink | None:
    """Return what an unsubscribe token leads to; None for any other text (S18)."""
    return find_links(db, [(LinkKind.UNSUBSCRIBE, token)]).get((LinkKind.UNSUBSCRIBE, token))


@dataclass(frozen=True, slots=True)
class OptOutPage:
    """What the page names. `address` is empty where the message is no more."""

    company: str
    address: str


def get_opt_out_page(db: Database, link: FoundLink) -> OptOutPage:
    """Return whose mail it was and to whom; reads only."""
    with db.tx(link.workspace_id) as tx:
        row = tx.one("SELECT name FROM workspaces WHERE workspace_id = %(ws)s", {})
        who = _find_addressee(tx, link.message_id)
    return OptOutPage(str(row["name"]) if row else "", str(who["recipient_normal"]) if who else "")


def opt_out_by_link(db: Database, link: FoundLink, *, everything: bool, way: str) -> OptedOut | None:
    """Opt the addressee of a message out, in the request itself (L6); None when the message is no more.

    Where a mail to the address is being handed over for longer than two seconds, the suppression is committed without waiting (H10): no
    further mail passes the gate. The caller then calls `finish`.
    """
    try:
        with db.tx(link.workspace_id, actor="contact") as tx:
            return _opt_out(tx, link.message_id, everything=everything, way=way, most_wait_ms=MOST_WAIT_MS)
    except psycopg.errors.LockNotAvailable:
        with db.tx(link.workspace_id, actor="contact") as tx:
            return _suppress_at_once(tx, link.message_id, everything=everything, way=way)


def finish(db: Database, done: OptedOut) -> None:
    """End the enrollments that could not be ended while a mail was in flight. If this fails, the settling of that mail ends its own, and
    the gate any other at its next step."""
    with db.tx(done.workspace_id, actor="contact") as tx:
        _opt_out(tx, done.message_id, everything=done.everything, way=done.way, most_wait_ms=LAST_WAIT_MS)


def opt_out_by_mail(tx: Tx, token: str) -> None:
    """Carry out an unsubscribe mail, whose token is the proof whatever From says (MAIL-47)."""
    message_id = find_message_of_token(tx, token)
    if message_id is not None:
        _opt_out(tx, message_id, everything=False, way="mail", most_wait_ms=0)


def _opt_out(tx: Tx, message_id: MessageId, *, everything: bool, way: str, most_wait_ms: int) -> OptedOut | None:
    who = _find_addressee(tx, message_id)
    if who is None:
        return None
    address = str(who["recipient_normal"])
    if most_wait_ms:  # for the whole transaction: ending enrollments waits for hand-offs too
        tx.run("SELECT set_config('lock_timeout', %(ms)s, true)", {"ms": f"{most_wait_ms}ms"})
    tx.lock_for_stop(LockKind.ADDRESS, address)
    if _has_open_enrollment(tx, who["contact_id"]) or not is_opted_out(tx, address, everything=everything):
        # The opt-out comes first: its reason stays on the enrollments (SEQ-144).
        tx.record(UnsubscribeReceived(contact_id=who["contact_id"], message_id=message_id, address_normal=address, way=way))
        opt_out(tx, address, _reason(way, everything=everything), source=way)
    return OptedOut(tx.workspace_id, message_id, address, way, everything)


def _suppress_at_once(tx: Tx, message_id: MessageId, *, everything: bool, way: str) -> OptedOut | None:
    who = _find_addressee(tx, message_id)
    if who is None:
        return None
    address = str(who["recipient_normal"])
    opt_out(tx, address, _reason(way, everything=everything), source=way, wait=False)
    for row in tx.all(IN_FLIGHT, {"address": address}):
        tx.record(
            StopMetMessageInFlight(
                contact_id=row["contact_id"], enrollment_id=row["enrollment_id"], message_id=row["id"], reason="UNSUBSCRIBED"
            )
        )
    return OptedOut(tx.workspace_id, message_id, address, way, everything, in_flight=True)


def _reason(way: str, *, everything: bool) -> str:
    if way == "mail":
        return OPTED_OUT_BY_MAIL
    return UNSUBSCRIBED_ALL if everything else UNSUBSCRIBED


def _find_addressee(tx: Tx, message_id: MessageId) -> dict[str, Any] | None:
    return tx.one("SELECT recipient_normal, contact_id FROM messages WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": message_id})


def _has_open_enrollment(tx: Tx, contact_id: int) -> bool:
    row = tx.one(
        """SELECT 1 AS one FROM enrollments
           WHERE workspace_id = %(ws)s AND contact_id = %(id)s AND state IN ('active', 'paused') LIMIT 1""",
        {"id": contact_id},
    )
    return row is not None


IN_FLIGHT = """
    SELECT id, enrollment_id, contact_id FROM messages
    WHERE workspace_id = %(ws)s AND recipient_normal = %(address)s AND state = 'in_doubt' AND handed_at IS NOT NULL
"""
