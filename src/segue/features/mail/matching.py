"""Which of our messages an incoming mail answers, and whose mail it is (MAIL-17, MAIL-69). Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segue.db.tx import Tx

BOUNCE_AGE = timedelta(days=30)
"""S16: a notice about an older mail changes nothing."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A message of ours that a mail names."""

    message_id: int
    enrollment_id: int
    contact_id: int
    recipient_normal: str
    state: str
    handed_at: datetime | None
    contact_addresses: frozenset[str]
    """Normal forms of every address of the contact."""
    goes_on_in: int
    """The enrollment that goes on in the place of this one, from another mailbox or to another address (SEQ-12); else the same."""


@dataclass(frozen=True, slots=True)
class OpenEnrollment:
    """An open enrollment of somebody who wrote."""

    enrollment_id: int
    contact_id: int
    address: str
    """As it was enrolled: mail from any other spelling is an alias's (SEQ-150, SEQ-151)."""
    enrolled_at: datetime
    """Of the first, where it goes on in the place of others."""
    is_enrollers: bool
    """The mail reached a mailbox of the enroller."""


def find_answered(tx: Tx, ids: Sequence[str], keys: Sequence[str] = ()) -> Answered | None:
    """Return the message that any of these ids or keys names; the first id that is known wins, so give the nearest first."""
    wanted = [value.strip().strip("<>") for value in (*keys, *ids)]
    if not wanted:
        return None
    row = tx.one(
        f"""SELECT {ANSWERED} FROM unnest(%(values)s::text[]) WITH ORDINALITY AS given(value, place)
            JOIN message_aliases AS a ON a.workspace_id = %(ws)s AND a.kind IN ('id', 'key') AND a.value = given.value
            JOIN messages AS m ON m.workspace_id = %(ws)s AND m.id = a.message_id
            JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.id = m.contact_id
            ORDER BY given.place, m.id LIMIT 1""",
        {"values": wanted},
    )
    return _answered(row) if row else None


def find_message(tx: Tx, message_id: int) -> Answered | None:
    """Return a message of ours by its number."""
    row = tx.one(
        f"""SELECT {ANSWERED} FROM messages AS m JOIN contacts AS c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
            WHERE m.workspace_id = %(ws)s AND m.id = %(id)s""",
        {"id": message_id},
    )
    return _answered(row) if row else None


def find_newest_sent_to(tx: Tx, mailbox_id: int, recipients: Iterable[str], before: datetime) -> Answered | None:
    """Return the newest message from this mailbox to any of these normal-form addresses within 30 days (MAIL-69 c)."""
    row = tx.one(
        f"""SELECT {ANSWERED} FROM messages AS m JOIN contacts AS c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
            WHERE m.workspace_id = %(ws)s AND m.mailbox_id = %(mailbox)s AND m.recipient_normal = ANY(%(recipients)s)
              AND m.handed_at > %(after)s AND m.handed_at <= %(before)s ORDER BY m.handed_at DESC, m.id DESC LIMIT 1""",
        {"mailbox": mailbox_id, "recipients": list(recipients), "after": before - BOUNCE_AGE, "before": before + timedelta(minutes=5)},
    )
    return _answered(row) if row else None


def is_ours(tx: Tx, value: str) -> bool:
    """Say whether an id or key is one of a message of ours."""
    found = tx.one(
        "SELECT 1 AS one FROM message_aliases WHERE workspace_id = %(ws)s AND kind IN ('id', 'key') AND value = %(value)s LIMIT 1",
        {"value": value.strip().strip("<>")},
    )
    return found is not None


def is_of_user(tx: Tx, mailbox_id: int, address_normal: str) -> bool:
    """Say whether an address is a mailbox of the same user."""
    found = tx.one(
        """SELECT 1 AS one FROM mailboxes AS b JOIN mailboxes AS o ON o.workspace_id = b.workspace_id AND o.user_id = b.user_id
           WHERE b.workspace_id = %(ws)s AND b.id = %(mailbox)s AND o.address_normal = %(address)s LIMIT 1""",
        {"mailbox": mailbox_id, "address": address_normal},
    )
    return found is not None


def list_open_enrollments(
    tx: Tx, mailbox_id: int, sender_normal: str, received_at: datetime, *, any_user: bool = False
) -> list[OpenEnrollment]:
    """Return open enrollments of whoever wrote, begun before (SEQ-145), where this is a mailbox of their sender or enroller, or of
    anybody with `any_user` (SEQ-150). One that goes on from another mailbox began when the first did, and hears its earlier senders too."""
    rows = tx.all(
        """SELECT e.id, e.contact_id, e.address, ever.enrolled_at, b.user_id = e.enroller_user_id AS is_enrollers FROM enrollments AS e
           JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
           JOIN mailboxes AS b ON b.workspace_id = e.workspace_id AND b.id = %(mailbox)s
           CROSS JOIN LATERAL (
               WITH RECURSIVE before AS (
                   SELECT e.id, e.enrolled_at, e.entry_point, e.mailbox_id, e.sender_user_id
                   UNION ALL SELECT o.id, o.enrolled_at, o.entry_point, o.mailbox_id, o.sender_user_id
                   FROM before AS n JOIN enrollments AS o ON o.workspace_id = %(ws)s AND o.contact_id = e.contact_id
                     AND o.sequence_id = e.sequence_id AND o.reason = 'REPLACED' AND o.ended_at = n.enrolled_at AND o.id < n.id
                   WHERE n.entry_point = 'transfer')
               SELECT min(enrolled_at) AS enrolled_at, bool_or(mailbox_id = b.id OR sender_user_id = b.user_id) AS sent_here FROM before
           ) AS ever
           WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') AND ever.enrolled_at <= %(received)s
             AND (e.address_normal = %(sender)s OR c.email_normal = %(sender)s OR c.other_addresses @> ARRAY[%(sender)s])
             AND (%(any_user)s OR ever.sent_here OR b.user_id = e.enroller_user_id)
           ORDER BY e.id""",
        {"mailbox": mailbox_id, "sender": sender_normal, "received": received_at, "any_user": any_user},
    )
    return [OpenEnrollment(r["id"], r["contact_id"], r["address"], r["enrolled_at"], r["is_enrollers"]) for r in rows]


def was_read_before(tx: Tx, mailbox_id: int, content_hash: bytes) -> bool:
    """Say whether mail of exactly this content was judged in this mailbox before (MAIL-54): after a reset, and when mail is moved."""
    row = tx.one(
        "SELECT 1 AS one FROM inbound_messages WHERE workspace_id = %(ws)s AND mailbox_id = %(m)s AND content_hash = %(h)s LIMIT 1",
        {"m": mailbox_id, "h": content_hash},
    )
    return row is not None


def _answered(row: dict[str, Any]) -> Answered:
    return Answered(
        row["id"],
        row["enrollment_id"],
        row["contact_id"],
        row["recipient_normal"],
        row["state"],
        row["handed_at"],
        frozenset([row["recipient_normal"], row["email_normal"], *row["other_addresses"]]),
        row["goes_on_in"],
    )


ANSWERED = """m.id, m.enrollment_id, m.contact_id, m.recipient_normal, m.state, m.handed_at, c.email_normal, c.other_addresses, (
    WITH RECURSIVE going_on AS (
        SELECT o.id, o.contact_id, o.sequence_id, o.ended_at, o.reason FROM enrollments AS o
        WHERE o.workspace_id = m.workspace_id AND o.id = m.enrollment_id
        UNION ALL SELECT n.id, n.contact_id, n.sequence_id, n.ended_at, n.reason
        FROM going_on AS o JOIN enrollments AS n ON n.workspace_id = m.workspace_id AND n.contact_id = o.contact_id
          AND n.sequence_id = o.sequence_id AND n.entry_point = 'transfer' AND n.enrolled_at = o.ended_at AND n.id > o.id
        WHERE o.reason = 'REPLACED')
    SELECT max(id) FROM going_on) AS goes_on_in"""
"""What makes an `Answered`, of a message m and its contact c. What goes on in the place of an enrollment began in the instant at which that
one ended: both are written in one transaction (`enrollments.transfer`)."""
