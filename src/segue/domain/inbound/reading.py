"""The order of judging is part of the contract (MAIL-61). Each step is one small function; the first that answers decides."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from segue.domain.inbound import reports
from segue.domain.inbound.authentication import authentication
from segue.domain.inbound.auto_reply import find_auto_reply, find_machine_words, header_sign
from segue.domain.inbound.bounce import find_bounce, is_success
from segue.domain.inbound.challenge import find_challenge
from segue.domain.inbound.intent import intent_of
from segue.domain.inbound.message import Message, all_ids, build, content_hash, segue_keys
from segue.domain.inbound.quoting import NewText, new_text
from segue.domain.inbound.return_date import find_return
from segue.domain.inbound.successor import find_successor
from segue.domain.inbound.verdict import Kind, ReadContext, Verdict

_TOKEN = re.compile(r"(?i)\bunsubscribe\b[\s:=<(\[-]{1,5}([A-Za-z0-9_.~-]{16,300})")
_CALENDAR_LINE = re.compile(
    r"(?i).{0,160}\b(?:has (?:accepted|declined|tentatively accepted)|hat .{0,80}(?:angenommen|abgelehnt|zugesagt|abgesagt)"
    r"|a (?:accepté|refusé)|ha (?:aceptado|rechazado|accettato|rifiutato)|heeft .{0,80}(?:geaccepteerd|afgewezen)|aceitou|recusou)\b"
    r".{0,200}|(?:when|where|who|calendar|wann|wo|kalender|quand|où|cuándo|dónde|subject|betreff|organizer)\s?[:：].{0,200}"
    r"|.{0,20}(?:calendar\.google\.com|invitation from google).{0,300}|(?:accepted|declined|tentative)[:：].{0,200}"
    r"|[-=_*~ ]{3,}"
    r"|(?:when|where|who|calendar)|you are receiving this.{0,300}|to stop receiving.{0,300}"
)
_AMERICAN_HOURS = range(-10, -3)


@dataclass(slots=True)
class Case:
    """A mail under judgement."""

    mail: Message
    context: ReadContext
    base: Verdict
    words: NewText


Step = Callable[[Case], Verdict | None]


def own_mail(case: Case) -> Verdict | None:
    """Step 1: From is a mailbox of ours, or a stored id or key is the message's own.

    An answer or a notice may carry a copy of our key in its headers; it names our mail in its ids, and is not ours (MAIL-13).
    """
    mail, context = case.mail, case.context
    if mail.sender and mail.sender in context.own_addresses:
        return replace(case.base, kind=Kind.OWN, rule="MAIL-61.1", signals=("from a mailbox of ours",))
    if mail.message_id and context.owns(mail.message_id):
        return replace(case.base, kind=Kind.OWN, rule="MAIL-61.1", signals=("a stored id is its own",))
    key = mail.root.text("x-segue-key")
    refers = any(context.owns(one) for one in (*mail.in_reply_to, *mail.references))
    if key and context.owns(key) and not refers and not header_sign(mail):
        return replace(case.base, kind=Kind.OWN, rule="MAIL-61.1", signals=("a stored key is its own",))
    return None


def unsubscribe(case: Case) -> Verdict | None:
    """Step 2: the mail form of List-Unsubscribe. The token is the proof, whatever From says (MAIL-47)."""
    token = case.base.unsubscribe_token
    verify = case.context.is_unsubscribe_token or case.context.owns
    if token and verify(token):
        return replace(case.base, kind=Kind.UNSUBSCRIBE, rule="MAIL-61.2", opt_out=True, intent="unsubscribe", signals=("valid token",))
    return None


def challenge(case: Case) -> Verdict | None:
    """A challenge may be wrapped as a report, so it is told apart before bounces (MAIL-65)."""
    rule = find_challenge(case.mail, header_sign(case.mail))
    return replace(case.base, kind=Kind.CHALLENGE, rule=rule) if rule else None


def bounce(case: Case) -> Verdict | None:
    """Step 3, before auto-replies: Postfix and Exim mark their notices `Auto-Submitted: auto-replied`."""
    found = find_bounce(case.mail)
    if not found:
        return None
    rule, facts = found
    return replace(case.base, kind=Kind.RECEIPT if is_success(facts) else Kind.BOUNCE, rule=rule, bounce=facts)


def complaint(case: Case) -> Verdict | None:
    """Step 4. A "not spam" report is ignored."""
    found = reports.find_complaint(case.mail)
    if not found:
        return None
    return replace(case.base, kind=Kind.COMPLAINT if found.spam else Kind.RECEIPT, rule="MAIL-61.4", opt_out=found.spam)


def receipt(case: Case) -> Verdict | None:
    """Step 5, first half."""
    how = reports.find_receipt(case.mail)
    return replace(case.base, kind=Kind.RECEIPT, rule="MAIL-61.5", signals=(how,)) if how else None


def calendar(case: Case) -> Verdict | None:
    """Step 5, second half: DECLINED and TENTATIVE with typed text, and COUNTER, are a person's words (SEQ-155)."""
    found = reports.find_calendar(case.mail)
    if not found:
        return None
    base = replace(
        case.base,
        calendar_method=found.method,
        partstat=found.partstat,
        invited_at=found.created_at,
        organizer=found.organizer,
        rule="MAIL-61.5",
    )
    typed = found.comment or _typed(case.words.text)
    if found.method == "COUNTER" or (typed and found.partstat in {"DECLINED", "TENTATIVE"}):
        return _as_human(case, replace(base, new_text=typed or case.words.text), "MAIL-61.5")
    return replace(base, kind=Kind.CALENDAR)


def _typed(text: str) -> str:
    """Text that a person typed into a calendar answer: what is left without the lines that calendar programs write."""
    lines = [line for line in text.split("\n") if line.strip() and not _CALENDAR_LINE.match(line.strip())]
    return "\n".join(lines).strip()


def auto_reply(case: Case) -> Verdict | None:
    """Step 6. Machine headers on plainly personal words: a person, marked (MAIL-75)."""
    found = find_auto_reply(case.mail, case.words.text, answers_ours=case.context.answers_ours, quoted=case.words.quoted)
    if not found:
        return None
    if found.personal:
        return replace(_as_human(case, case.base, "MAIL-75.personal"), undecided=True)
    sent = case.mail.local_day or (case.context.received_at.date() if case.context.received_at else None)
    verdict = replace(case.base, kind=Kind.AUTO_REPLY, rule=found.rule, auto_kind=found.kind)
    if found.kind == "left":
        return replace(verdict, successor=find_successor(case.words.text, case.mail.sender, case.context.own_addresses))
    back = find_return(case.mail.subject, case.words.text, sent, month_first=_american(case.mail)) if sent else None
    if not back or found.kind == "ticket":
        return verdict
    case.mail.note(f"date named: {back.stated.isoformat()}")
    return replace(verdict, auto_kind="ooo", return_date=back.day, return_sentence=back.sentence)


def _american(mail: Message) -> bool:
    """Where both readings of 02/03 are possible, the offset of the Date header tells the month-first part of the world."""
    found = re.search(r"\s([+-])(\d\d)\d\d\b", mail.root.text("date")[:100])
    return bool(found) and int(f"{found[1]}{found[2]}") in _AMERICAN_HOURS if found else False


def list_traffic(case: Case) -> Verdict | None:
    """Discussion in which a contact merely takes part (MAIL-62). Whoever does not know our addresses cannot tell, and calls it a person."""
    context, mail = case.context, case.mail
    if context.answers_ours is True or not context.own_addresses:
        return None
    if any(context.owns(one) for one in (*mail.in_reply_to, *mail.references)):
        return None
    if reports.is_list_traffic(mail, context.own_addresses):
        return replace(case.base, kind=Kind.LIST, rule="MAIL-62")
    return None


def human(case: Case) -> Verdict | None:
    """Steps 7 and 8: a person wrote; words of refusal in the new text opt out as well (SEQ-156)."""
    if not case.mail.sender and not case.mail.text.strip():
        return None
    verdict = _as_human(case, case.base, "MAIL-61.8")
    words = find_machine_words(case.mail, case.words.text, quoted=case.words.quoted)
    if not words:
        return verdict
    case.mail.note(f"may be automatic: {words}")
    return replace(verdict, undecided=True)


def _as_human(case: Case, base: Verdict, rule: str) -> Verdict:
    intent = intent_of(base.new_text, case.context.own_addresses) if not base.kept_all or len(base.new_text) < 600 else "needs_person"
    out = intent == "unsubscribe"
    return replace(base, kind=Kind.HUMAN, rule="MAIL-61.7" if out and rule == "MAIL-61.8" else rule, intent=intent, opt_out=out)


STEPS: tuple[Step, ...] = (own_mail, unsubscribe, challenge, bounce, complaint, receipt, calendar, auto_reply, list_traffic, human)
"""MAIL-61, in order."""


def read(raw: bytes, context: ReadContext) -> Verdict:
    """The verdict on a mail. Any bytes in; never raises; time is linear in their number."""
    try:
        return _read(raw, context)
    except Exception as error:  # noqa: BLE001 - the promise of this module: a mail that breaks the reader goes to a person
        return Verdict(Kind.HUMAN, "MAIL-61.9", (f"unreadable: {type(error).__name__}",), undecided=True, intent="needs_person")


def _read(raw: bytes, context: ReadContext) -> Verdict:
    mail = build(raw)
    words = new_text(mail.plain, mail.html, context.parent_text)
    base = _facts(mail, raw, words, context)
    case = Case(mail, context, base, words)
    for step in STEPS:
        verdict = step(case)
        if verdict:
            return replace(verdict, signals=tuple(dict.fromkeys((*verdict.signals, *mail.signals))))
    return replace(base, undecided=True, intent="needs_person", signals=("nothing readable",))


def _facts(mail: Message, raw: bytes, words: NewText, context: ReadContext) -> Verdict:
    token = _TOKEN.search(mail.subject)
    return Verdict(
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
        new_text=words.text,
        full_text=mail.text.strip(),
        kept_all=words.kept_all,
        authentication=authentication(mail, context.trusted_authserv),
        list_id=reports.list_id(mail),
        unsubscribe_token=token[1] if token else "",
        content_hash=content_hash(mail),
    )
