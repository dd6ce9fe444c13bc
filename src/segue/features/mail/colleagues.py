"""Whose enrollments a mail concerns because it came from the same company (SEQ-158).

A company is the record that contacts are associated with; a sender nobody knows belongs to the company whose domain the address has.
Free-mail domains are no company's.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from segue.db.tx import Tx
from segue.domain.free_mail import FREE_MAIL_DOMAINS
from segue.features.mail.mail_rules import Reader
from segue.features.mail.matching import Answered


@dataclass(frozen=True, slots=True)
class Concerned:
    """An open enrollment of a colleague. `same_sequence`: the one who wrote is or was in that sequence too, or in none at all."""

    enrollment_id: int
    contact_id: int
    same_sequence: bool
    is_enrollers: bool
    """The mail reached a mailbox of the enroller."""


Scope = Literal["email_scope", "meeting_scope"]
"""The setting that says whether a sequence reacts to a colleague's mail, or to a colleague's meeting."""


def list_concerned(
    tx: Tx, reader: Reader, sender: str, answered: Answered | None, received_at: datetime, *, scope: Scope
) -> list[Concerned]:
    """Return colleagues' open enrollments whose sequence reacts to a colleague, begun before the mail, where this mailbox is theirs."""
    domain = sender.rpartition("@")[2]
    rows = tx.all(
        CONCERNED,
        {
            "mailbox": reader.mailbox_id,
            "sender": sender,
            "answered": answered.contact_id if answered else None,
            "domain": "" if domain in FREE_MAIL_DOMAINS else domain,
            "received": received_at,
            "any_user": reader.rules.unrelated_any_user,
            "scope": scope,
        },
    )
    return [Concerned(row["id"], row["contact_id"], row["same_sequence"], row["is_enrollers"]) for row in rows]


CONCERNED = """
    WITH writer AS MATERIALIZED (
        SELECT id, company_id FROM contacts WHERE workspace_id = %(ws)s
          AND (id = %(answered)s OR email_normal = %(sender)s OR other_addresses @> ARRAY[%(sender)s])),
    company AS MATERIALIZED (
        SELECT company_id AS id FROM writer WHERE company_id IS NOT NULL
        UNION SELECT id FROM companies WHERE workspace_id = %(ws)s AND domain = %(domain)s AND %(domain)s <> ''),
    flow AS MATERIALIZED (
        SELECT DISTINCT e.sequence_id FROM enrollments AS e JOIN writer AS w ON w.id = e.contact_id
        WHERE e.workspace_id = %(ws)s AND e.enrolled_at <= %(received)s)
    SELECT e.id, e.contact_id, b.user_id = e.enroller_user_id AS is_enrollers,
        NOT EXISTS (SELECT FROM flow) OR e.sequence_id IN (SELECT sequence_id FROM flow) AS same_sequence
    FROM company
    JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.company_id = company.id
    JOIN enrollments AS e ON e.workspace_id = %(ws)s AND e.contact_id = c.id AND e.state IN ('active', 'paused')
    JOIN sequence_versions AS v ON v.workspace_id = %(ws)s AND v.sequence_id = e.sequence_id AND v.version = e.version
    JOIN mailboxes AS b ON b.workspace_id = %(ws)s AND b.id = %(mailbox)s
    WHERE e.enrolled_at <= %(received)s AND c.id NOT IN (SELECT id FROM writer)
      AND v.content -> 'settings' ->> %(scope)s = 'ACCOUNT_BASED'
      AND (%(any_user)s OR e.mailbox_id = b.id OR b.user_id IN (e.sender_user_id, e.enroller_user_id))
    ORDER BY e.id
"""
