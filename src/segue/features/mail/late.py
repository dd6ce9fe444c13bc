"""Answers that came before their mail was known by the id they name (MAIL-13).

A provider may put an id of its own in place of ours; until the Sent copy is read back, a reply from another address names nothing we
know. It was judged once, and is not judged again: only whom it answers is looked up anew, as soon as an id is learnt.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from segue.db.tx import Tx
from segue.domain.ids import MailboxId, MessageId
from segue.domain.inbound import Kind, Verdict
from segue.features.mail.answers import Arrived, act
from segue.features.mail.mail_rules import Reader
from segue.features.mail.matching import find_answered


def match_late(tx: Tx, messages: Sequence[MessageId]) -> int:
    """Let mail that named ids of these messages in vain have its effect; returns how many mails did."""
    rows = tx.all(
        """SELECT i.id, i.mailbox_id, i.kind, i.rule, i.sender, i.verdict, i.named_ids, i.received_at FROM inbound_messages AS i
           WHERE i.workspace_id = %(ws)s AND i.named_ids <> '{}' AND i.named_ids && (
             SELECT array_agg(a.value) FROM message_aliases AS a
             WHERE a.workspace_id = %(ws)s AND a.kind = 'id' AND a.message_id = ANY(%(messages)s)) ORDER BY i.id FOR UPDATE""",
        {"messages": list(messages)},
    )
    return sum(_match(tx, row) for row in rows)


def _match(tx: Tx, row: dict[str, Any]) -> bool:
    answered = find_answered(tx, row["named_ids"])
    if answered is None:
        return False
    tx.run(
        """UPDATE inbound_messages SET named_ids = '{}', answers_message_id = %(message)s, enrollment_id = %(enrollment)s,
             contact_id = %(contact)s WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": row["id"], "message": answered.message_id, "enrollment": answered.enrollment_id, "contact": answered.contact_id},
    )
    reader = Reader.load(tx, MailboxId(row["mailbox_id"]))
    return act(tx, Arrived(reader, _verdict(row), answered, row["id"], row["received_at"]))


def _verdict(row: dict[str, Any]) -> Verdict:
    """Build the verdict again from what was kept of it."""
    kept = row["verdict"]
    return Verdict(
        kind=Kind(row["kind"]),
        rule=row["rule"],
        sender=row["sender"],
        auto_kind=kept["auto_kind"],
        return_date=date.fromisoformat(kept["return_date"]) if "return_date" in kept else None,
        return_sentence=kept["return_sentence"],
        opt_out=kept["opt_out"],
        successor=kept["successor"],
        signals=tuple(kept["signals"]),
        authentication=kept["authentication"],
    )
