"""Sent copies: which messages still lack one where it belongs, and what ids those show that are there (MAIL-11, MAIL-13, S12)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from segue.db.tx import Tx
from segue.domain.ids import MailboxId, MessageId
from segue.features.mail.outbox import observed_among, store_ids
from segue.providers.mail.base import Outgoing

FILING_GIVEN_UP = timedelta(hours=1)
"""A mailbox that answers and shows no Sent copy for an hour keeps none; its follow-ups answer the id that we wrote (MAIL-11)."""


def mark_filed(tx: Tx, copies: Sequence[tuple[MessageId, Sequence[tuple[str, str]]]]) -> None:
    """Note of each message that its Sent copy stands where it belongs, and what ids it shows.

    Without ids it was not seen: `list_unfiled` returns it for an hour, so that follow-ups answer the id that the provider put in place
    (S12).
    """
    if not copies:
        return
    observed = [observed_among(ids) for _, ids in copies]
    tx.run(
        """UPDATE messages AS m SET filed_at = CASE WHEN given.seen OR m.accepted_at < %(before)s THEN %(now)s END,
               observed_id = CASE WHEN given.observed IN ('', m.message_id) THEN m.observed_id ELSE given.observed END
           FROM unnest(%(ids)s::bigint[], %(seen)s::bool[], %(observed)s::text[]) AS given(id, seen, observed)
           WHERE m.workspace_id = %(ws)s AND m.id = given.id AND m.filed_at IS NULL AND (given.seen OR m.accepted_at < %(before)s)""",
        {
            "ids": [message for message, _ in copies],
            "seen": [bool(ids) for _, ids in copies],
            "observed": observed,
            "now": tx.now,
            "before": tx.now - FILING_GIVEN_UP,
        },
    )
    store_ids(tx, [(message, kind, value) for message, ids in copies for kind, value in ids])


def list_unfiled(tx: Tx, *, before: datetime, most: int = 50) -> list[tuple[MessageId, MailboxId, Outgoing]]:
    """Return accepted messages whose Sent copy a crash or a failing server has kept back, of mailboxes that answer."""
    rows = tx.all(
        """SELECT m.id, m.mailbox_id, m.wire, m.sender, m.recipient, m.message_id, m.key FROM messages AS m
           JOIN mailboxes AS b ON b.workspace_id = m.workspace_id AND b.id = m.mailbox_id AND b.state = 'ok'
           WHERE m.workspace_id = %(ws)s AND m.state = 'sent' AND m.filed_at IS NULL AND m.accepted_at < %(before)s
           ORDER BY m.accepted_at LIMIT %(most)s""",
        {"before": before, "most": most},
    )
    return [
        (MessageId(r["id"]), MailboxId(r["mailbox_id"]), Outgoing(bytes(r["wire"]), r["sender"], r["recipient"], r["message_id"], r["key"]))
        for r in rows
    ]
