"""Reading the Sent folder: ids that a provider put in place of ours, and mails that the rep writes by hand (MAIL-51, SEQ-93, SEQ-148).

Nothing waits for it: no stop comes from there, and a folder that cannot be read holds no mail back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from segue.db.tx import Tx
from segue.domain.events import HandMailSent
from segue.domain.ids import MailboxId, MessageId
from segue.domain.inbound.own_mail import OwnMail, read_own
from segue.features.mail import matching, outbox
from segue.features.mail.late import match_late
from segue.providers.mail.base import Incoming

KEPT = timedelta(days=40)
"""Longer than a folder is read again after its numbers became void (`read.RESET_LOOK`), or its mails would count a second time."""


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that a person wrote, and when on the engine's clock."""

    mail: OwnMail
    sent_at: datetime


def note_sent(tx: Tx, mailbox_id: MailboxId, copies: Sequence[tuple[Incoming, datetime]]) -> None:
    """Take note of copies in Sent, each with when it went: ids of our own mails are learnt, a mail by hand is counted and told."""
    read = [(read_own(each.raw), each, at) for each, at in copies if each.raw.strip()]
    _learn(tx, [mail for mail, _, _ in read if mail.key and mail.message_id])
    written = {mail.content_hash: Written(mail, at) for mail, each, at in read if mail.by_hand(each.received_at)}
    if not written:
        return
    tx.run(
        "DELETE FROM hand_sent_mails WHERE workspace_id = %(ws)s AND mailbox_id = %(mailbox)s AND sent_at < %(old)s",
        {"mailbox": mailbox_id, "old": tx.now - KEPT},
    )
    new = tx.all(
        """INSERT INTO hand_sent_mails (workspace_id, mailbox_id, content_hash, sent_at)
           SELECT %(ws)s, %(mailbox)s, * FROM unnest(%(hashes)s::bytea[], %(at)s::timestamptz[])
           ON CONFLICT DO NOTHING RETURNING content_hash""",
        {"mailbox": mailbox_id, "hashes": list(written), "at": [each.sent_at for each in written.values()]},
    )
    facts = [fact for row in new for fact in _facts(tx, mailbox_id, written[bytes(row["content_hash"])])]
    for fact in sorted(
        facts, key=lambda fact: (fact.contact_id or 0, fact.enrollment_id or 0)
    ):  # in one order, as whatever answers them locks enrollments (H4)
        tx.record(fact)


def _learn(tx: Tx, mails: Sequence[OwnMail]) -> None:
    """A copy of our own mail tells which Message-ID the provider put in place of ours (MAIL-13)."""
    ids = [mail.message_id.strip("<>") for mail in mails]
    known = {
        row["value"]
        for row in tx.all(
            "SELECT value FROM message_aliases WHERE workspace_id = %(ws)s AND kind = 'id' AND value = ANY(%(ids)s)", {"ids": ids}
        )
    }
    for mail in mails:
        if mail.message_id.strip("<>") not in known and (ours := matching.find_answered(tx, (), [mail.key])) is not None:
            outbox.learn_ids(tx, MessageId(ours.message_id), [("observed", mail.message_id)])
            match_late(tx, [MessageId(ours.message_id)])


def _facts(tx: Tx, mailbox_id: MailboxId, written: Written) -> list[HandMailSent]:
    """Return what a mail by hand means: for whom it went in the thread of a sequence's mail, and for whom else who is in a sequence."""
    mail = written.mail
    answered = matching.find_answered(tx, mail.named) if mail.named else None
    facts: dict[int, HandMailSent] = {}
    if answered is not None and mail.recipients & answered.contact_addresses:
        facts[answered.enrollment_id] = HandMailSent(
            contact_id=answered.contact_id, enrollment_id=answered.enrollment_id, sent_at=written.sent_at, in_thread=True
        )
    rows = tx.all(OPEN, {"mailbox": mailbox_id, "to": sorted(mail.recipients), "at": written.sent_at})
    for row in rows:
        if row["id"] not in facts:
            facts[row["id"]] = HandMailSent(
                contact_id=row["contact_id"], enrollment_id=row["id"], sent_at=written.sent_at, in_thread=bool(row["by_task"])
            )
    _belong(tx, mail, [(fact.enrollment_id or 0) for fact in facts.values() if fact.in_thread])
    return list(facts.values())


def _belong(tx: Tx, mail: OwnMail, enrollments: Sequence[int]) -> None:
    """Let an answer to a mail in a sequence's thread, or of one of its tasks, count as an answer to the sequence (SEQ-148).

    The id is kept beside those of the newest mail that surely went to the same address: a notice about one of them is about that address.
    """
    if not mail.message_id or not enrollments:
        return
    rows = tx.all(
        """SELECT DISTINCT ON (enrollment_id) id FROM messages
           WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) AND state = 'sent' AND recipient_normal = ANY(%(to)s)
           ORDER BY enrollment_id, accepted_at DESC, id DESC""",
        {"ids": list(enrollments), "to": sorted(mail.recipients)},
    )
    messages = [MessageId(row["id"]) for row in rows]
    outbox.store_ids(tx, [(message, "id", mail.message_id) for message in messages[:1]])
    match_late(tx, messages[:1])


# Whoever is in a sequence of this mailbox's user, with the task to write a mail that is open (SEQ-148).
OPEN = """
    SELECT e.id, e.contact_id, EXISTS (
        SELECT FROM tasks AS t WHERE t.workspace_id = e.workspace_id AND t.enrollment_id = e.id AND t.kind = 'manual_email'
          AND t.state = 'open') AS by_task
    FROM enrollments AS e
    JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
    JOIN mailboxes AS b ON b.workspace_id = e.workspace_id AND b.id = %(mailbox)s
    WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') AND e.enrolled_at <= %(at)s
      AND (e.address_normal = ANY(%(to)s) OR c.email_normal = ANY(%(to)s) OR c.other_addresses && %(to)s)
      AND b.user_id IN (e.sender_user_id, e.enroller_user_id)
    ORDER BY e.id
"""
