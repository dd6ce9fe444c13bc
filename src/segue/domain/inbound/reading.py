"""The order of judging is part of the contract (MAIL-61). Each step is one small function; the first that answers decides."""

from collections.abc import Callable
from dataclasses import replace

from segue.domain.inbound.auto_reply import find_auto_reply
from segue.domain.inbound.bounce import find_bounce, is_success
from segue.domain.inbound.message import Message, all_ids, build, content_hash, segue_keys
from segue.domain.inbound.verdict import Kind, ReadContext, Verdict

Step = Callable[[Message, ReadContext, Verdict], Verdict | None]


def own_mail(mail: Message, context: ReadContext, base: Verdict) -> Verdict | None:
    """Step 1: From is a mailbox of ours, or a stored id is the message's own. A copied key in an answer to us is not (MAIL-13)."""
    if mail.sender and mail.sender in context.own_addresses:
        return replace(base, kind=Kind.OWN, rule="MAIL-61.1", signals=("from a mailbox of ours",))
    if mail.message_id and context.owns(mail.message_id):
        return replace(base, kind=Kind.OWN, rule="MAIL-61.1", signals=("a stored id is its own",))
    return None


def bounce(mail: Message, context: ReadContext, base: Verdict) -> Verdict | None:
    """Step 3, before auto-replies: Postfix and Exim mark their notices `Auto-Submitted: auto-replied`."""
    del context
    found = find_bounce(mail)
    if not found:
        return None
    rule, facts = found
    kind = Kind.RECEIPT if is_success(facts) else Kind.BOUNCE
    return replace(base, kind=kind, rule=rule, bounce=facts)


def auto_reply(mail: Message, context: ReadContext, base: Verdict) -> Verdict | None:
    """Step 6."""
    del context
    rule = find_auto_reply(mail)
    return replace(base, kind=Kind.AUTO_REPLY, rule=rule, auto_kind="ooo") if rule else None


def human(mail: Message, context: ReadContext, base: Verdict) -> Verdict | None:
    """Step 8."""
    del context, mail
    return replace(base, kind=Kind.HUMAN, rule="MAIL-61.8")


STEPS: tuple[Step, ...] = (own_mail, bounce, auto_reply, human)


def read(raw: bytes, context: ReadContext) -> Verdict:
    """The verdict on a mail. Any bytes in; never raises; time is linear in their number."""
    try:
        return _read(raw, context)
    except Exception as error:  # noqa: BLE001 - the promise of this module: a mail that breaks the reader goes to a person, not to the log
        return Verdict(Kind.HUMAN, "MAIL-61.9", (f"unreadable: {type(error).__name__}",), undecided=True)


def _read(raw: bytes, context: ReadContext) -> Verdict:
    mail = build(raw)
    base = Verdict(
        Kind.HUMAN,
        "MAIL-61.9",
        sender=mail.sender,
        sender_name=mail.sender_name,
        recipients=mail.recipients,
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        quoted_ids=all_ids(mail, raw),
        segue_keys=segue_keys(mail, raw),
        subject=mail.subject,
        date=mail.sent_at,
        new_text=mail.text,
        full_text=mail.text,
        content_hash=content_hash(mail),
    )
    for step in STEPS:
        verdict = step(mail, context, base)
        if verdict:
            return replace(verdict, signals=tuple(dict.fromkeys((*verdict.signals, *mail.signals))))
    return base
