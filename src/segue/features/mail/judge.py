"""From a verdict to facts: what an incoming mail means for the enrollment it concerns (MAIL-61…71, SEQ-148…157).

The order of judging is `domain.inbound`'s; here the mail meets our own records. Nothing inbound suppresses unless it is proven (S15, S16).
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import Unavailable
from segue.domain.events import BounceReceived, ComplaintReceived
from segue.domain.ids import MessageId
from segue.domain.inbound import Kind, ReadContext, Verdict, read
from segue.features.contacts.suppression import mark_address_dead, suppress
from segue.features.mail import matching, outbox
from segue.features.mail.answers import Arrived, act, prove_accepted
from segue.features.mail.links import find_message_of_token
from segue.features.mail.mail_rules import Reader
from segue.features.mail.matching import Answered
from segue.features.mail.unsubscribe import opt_out_by_mail
from segue.providers.mail.base import Incoming

NO_FAILURE = frozenset({"delayed", "delivered", "relayed", "expanded"})
KEPT_VERDICT = (
    "rule",
    "signals",
    "undecided",
    "auto_kind",
    "return_sentence",
    "successor",
    "intent",
    "opt_out",
    "authentication",
    "version",
)


def judge(tx: Tx, reader: Reader, message: Incoming, received_at: datetime) -> None:
    """Judge one mail and record what it means. A mail judged before changes nothing (S14).

    Raises:
        Unavailable: the server did not give a single byte of it; the reader tries again and then sets it aside (MAIL-56).
    """
    if not message.raw.strip():
        raise Unavailable(f"the server gives nothing of message {message.uid} in {message.folder}")
    verdict = read(message.raw, _context(tx, reader, received_at))
    seen = matching.was_read_before(tx, reader.mailbox_id, verdict.content_hash)
    answered = _find_answered(tx, reader, verdict, received_at)
    if answered is not None and verdict.kind is Kind.HUMAN:  # words in the body count only in an answer to ours (MAIL-74)
        verdict = read(message.raw, _context(tx, reader, received_at, answers=True))
    inbound_id = _store(tx, reader, message, verdict, answered, received_at)
    if inbound_id is None or seen:
        return
    match verdict.kind:
        case Kind.OWN:
            _learn_own(tx, verdict)
        case Kind.UNSUBSCRIBE:
            opt_out_by_mail(tx, verdict.unsubscribe_token)
        case Kind.BOUNCE:
            _bounce(tx, verdict, answered, inbound_id, received_at)
        case Kind.COMPLAINT:
            _complaint(tx, answered, inbound_id)
        case Kind.AUTO_REPLY | Kind.CHALLENGE | Kind.HUMAN | Kind.CALENDAR:
            if not act(tx, Arrived(reader, verdict, answered, inbound_id, received_at)):
                _keep_ids(tx, verdict, inbound_id)
        case _:
            pass  # receipts and list traffic change nothing (MAIL-61, MAIL-62)


def _keep_ids(tx: Tx, verdict: Verdict, inbound_id: int) -> None:
    """Keep the ids that a mail names in vain: an answer may arrive before the id that the provider put in place of ours is known.

    `late.match_late` comes back to it when that id is learnt (MAIL-13).
    """
    ids = [_clean(value).strip().strip("<>") for value in (*verdict.in_reply_to, *reversed(verdict.references))][:40]
    if ids:
        tx.run(
            "UPDATE inbound_messages SET named_ids = %(ids)s WHERE workspace_id = %(ws)s AND id = %(id)s", {"ids": ids, "id": inbound_id}
        )


def _context(tx: Tx, reader: Reader, received_at: datetime, *, answers: bool | None = None) -> ReadContext:
    return ReadContext(
        own_addresses=reader.own_addresses,
        trusted_authserv=reader.trusted_authserv,
        own_keys_or_ids=lambda value: matching.is_ours(tx, value),
        received_at=received_at,
        answers_ours=answers,
        is_unsubscribe_token=lambda token: find_message_of_token(tx, token) is not None,
    )


def _find_answered(tx: Tx, reader: Reader, verdict: Verdict, received_at: datetime) -> Answered | None:
    if verdict.kind in (Kind.BOUNCE, Kind.COMPLAINT):
        originals = verdict.bounce.original_message_ids if verdict.bounce else ()
        found = matching.find_answered(tx, (*originals, *verdict.quoted_ids, *verdict.in_reply_to, *verdict.references), verdict.segue_keys)
        if found is None and verdict.bounce is not None:
            recipients = [normal_form(r) for r in verdict.bounce.failed_recipients]
            return matching.find_newest_sent_to(tx, reader.mailbox_id, recipients, received_at)
        return found
    if verdict.kind is Kind.UNSUBSCRIBE:
        message_id = find_message_of_token(tx, verdict.unsubscribe_token)
        return matching.find_message(tx, message_id) if message_id is not None else None
    # The nearest id first: In-Reply-To, then References from the last one back (RFC 5322 §3.6.4).
    return matching.find_answered(tx, (*verdict.in_reply_to, *reversed(verdict.references)))


def _store(tx: Tx, reader: Reader, message: Incoming, verdict: Verdict, answered: Answered | None, received_at: datetime) -> int | None:
    """Store the verdict; None when this very message was judged before. Bodies only of mail that concerns ours (MAIL-60)."""
    related = answered is not None
    row = tx.one(
        """INSERT INTO inbound_messages (workspace_id, mailbox_id, folder, uid_validity, uid, content_hash, message_id, sender, subject,
               received_at, read_at, kind, rule, verdict, answers_message_id, enrollment_id, contact_id, new_text, raw)
           VALUES (%(ws)s, %(mailbox)s, %(folder)s, %(validity)s, %(uid)s, %(hash)s, %(message_id)s, %(sender)s, %(subject)s, %(received)s,
               %(now)s, %(kind)s, %(rule)s, %(verdict)s, %(answers)s, %(enrollment)s, %(contact)s, %(text)s, %(raw)s)
           ON CONFLICT (workspace_id, mailbox_id, folder, uid_validity, uid) DO NOTHING RETURNING id""",
        {
            "mailbox": reader.mailbox_id,
            "folder": message.folder,
            "validity": message.uid_validity,
            "uid": message.uid,
            "hash": verdict.content_hash,
            "message_id": _clean(verdict.message_id),
            "sender": _clean(verdict.sender),
            "subject": _clean(verdict.subject) if related else "",
            "received": received_at,
            "now": tx.now,
            "kind": verdict.kind.value,
            "rule": verdict.rule,
            "verdict": Jsonb(_kept(verdict)),
            "answers": answered.message_id if answered else None,
            "enrollment": answered.enrollment_id if answered else None,
            "contact": answered.contact_id if answered else None,
            "text": _clean(verdict.new_text)[:20_000] if related else "",
            "raw": message.raw if related else None,
        },
    )
    return row["id"] if row else None


def _kept(verdict: Verdict) -> dict[str, Any]:
    kept: dict[str, Any] = {name: getattr(verdict, name) for name in KEPT_VERDICT}
    if verdict.return_date:
        kept["return_date"] = verdict.return_date.isoformat()
    if verdict.bounce:
        kept["bounce"] = asdict(verdict.bounce)
    cleaned: dict[str, Any] = _clean_tree(kept)
    return cleaned


def _clean(text: str) -> str:
    """PostgreSQL keeps neither NUL nor lone surrogates; both occur in hostile mail."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def _clean_tree(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {key: _clean_tree(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean_tree(each) for each in value]
    return value


def _learn_own(tx: Tx, verdict: Verdict) -> None:
    """A copy of our own mail tells which Message-ID the provider put in place of ours (MAIL-13)."""
    known = matching.find_answered(tx, (), verdict.segue_keys)
    if known is not None and verdict.message_id:
        outbox.learn_ids(tx, MessageId(known.message_id), [("observed", verdict.message_id)])


def _bounce(tx: Tx, verdict: Verdict, answered: Answered | None, inbound_id: int, received_at: datetime) -> None:
    facts = verdict.bounce
    if facts is None or answered is None or facts.reason in NO_FAILURE or answered.handed_at is None:
        return
    if received_at - answered.handed_at > matching.BOUNCE_AGE:
        return
    failed = {normal_form(r) for r in facts.failed_recipients}
    named = matching.find_answered(tx, (*facts.original_message_ids, *verdict.quoted_ids), verdict.segue_keys) is not None
    proven = named and (not failed or answered.recipient_normal in failed)
    if named and failed and not proven:
        return  # the notice is about another recipient of a copy
    dead = facts.hard and proven
    if dead:  # before the enrollment's row: H4
        tx.lock_for_stop(LockKind.ADDRESS, answered.recipient_normal)
    if named:
        prove_accepted(tx, answered)
    tx.record(
        BounceReceived(
            contact_id=answered.contact_id,
            enrollment_id=answered.enrollment_id,
            message_id=answered.message_id,
            inbound_id=inbound_id,
            reason=facts.reason,
            hard=facts.hard,
            proven=proven,
            final=True,
            detail=_clean(facts.diagnostic)[:300],
        )
    )
    if dead:
        mark_address_dead(tx, answered.contact_id, answered.recipient_normal)
        suppress(tx, "address", answered.recipient_normal, "bounced")


def _complaint(tx: Tx, answered: Answered | None, inbound_id: int) -> None:
    if answered is None:
        return
    tx.lock_for_stop(LockKind.ADDRESS, answered.recipient_normal)
    tx.record(
        ComplaintReceived(
            contact_id=answered.contact_id,
            message_id=answered.message_id,
            inbound_id=inbound_id,
            address_normal=answered.recipient_normal,
        )
    )
    suppress(tx, "address", answered.recipient_normal, "complaint")
