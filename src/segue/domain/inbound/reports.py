"""Machine-made answers other than bounces: complaints (RFC 5965), receipts (RFC 8098), calendar answers (RFC 6047)."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from segue.domain.inbound.decode import decode_bytes, fold
from segue.domain.inbound.message import Message
from segue.domain.inbound.mime_tree import Part
from segue.domain.inbound.senders import is_daemon

_FIELD_ADDRESS = re.compile(r"[^\s<>\";,]{1,200}@[^\s<>\";,]{1,250}")
_ARF = re.compile(r"(?im)^feedback-type:[ \t]*([\w-]{1,40})")
_LOOKALIKE = re.compile(
    r"this is an? (?:email|e-mail|mail)? ?(?:abuse|spam) (?:report|complaint)|abuse report for an? (?:email|e-mail|mail)"
    r"|(?:email|e-mail) feedback report|complaint about (?:message|email|e-mail) from|feedback loop"
    r"|(?:has|have) (?:been )?(?:reported|marked|flagged|complained).{0,60}(?:spam|junk|abuse)"
    r"|reported (?:your|this) (?:message|email|e-mail|mail) as (?:spam|junk)"
)
_COMPLAINT_SENDERS = re.compile(
    r"(?:fbl|feedback|feedbackloop|arf|complaints?|abuse-?reports?|staff|scomp|junkmail|spam-?report\w*|jmrp|postmaster)(?:[-+.].*)?@"
)
_RECEIPT_SUBJECT = re.compile(
    r"(?:read|read receipt|return receipt|not read|displayed|return receipt \(displayed\)|disposition notification|gelesen|ungelesen"
    r"|lesebestatigung|lu|non lu|accuse de lecture|confirmation de lecture|leido|no leido|confirmacion de lectura|lida|lido|nao lida"
    r"|confirmacao de leitura|letto|non letto|conferma di lettura|gelezen|niet gelezen|leesbevestiging|last|olast|lest|ulest|laest|luettu"
    r"|przeczytano|przeczytane|precteno|potvrzeni o precteni|elolvasva|citit|прочтено|прочитано|не прочитано|уведомление о прочтении"
    r"|διαβαστηκε|okundu|開封確認|開封済み|已读|已讀|읽음|읽음 확인)\s?[:：]"
)
_RECEIPT_TEXT = re.compile(
    r"\s*(?:this is a (?:return |read )?receipt|this receipt |return receipt"
    r"|your message\b.{0,400}\b(?:was (?:read|displayed|opened|deleted)|has been read)"
    r"|(?:ihre nachricht|votre message|su mensaje|sua mensagem|il (?:suo )?messaggio|uw bericht|ditt meddelande|din melding|din meddelelse"
    r"|wiadomosc|vase zprava|viestisi|ваше сообщение)\b.{0,400}\b(?:gelesen|lu|leido|lida|letto|gelezen|last|lest|laest"
    r"|przeczytan\w+|prectena|luettu|прочитано)\b|あなたのメッセージ|您的邮件|您的郵件)",
    re.DOTALL,
)
"""As programs begin it: their own sentence, not a person's "I read your message"."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """A spam complaint. `recipients`: who complained, as far as it is named. `spam` is False for a "not spam" report."""

    spam: bool
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """`method` REPLY or COUNTER; `partstat` of the answering attendee; `comment` typed into the answer."""

    method: str
    partstat: str
    comment: str = ""
    created_at: datetime | None = None
    """When the meeting was made, where the answer says it."""
    organizer: str = ""
    """Lower-case address, where the answer says it."""


def _outer(mail: Message) -> list[Part]:
    return [p for p in mail.parts if not p.inside_message]


def _is_report(part: Part, of: str) -> bool:
    return part.kind == "multipart/report" and of in part.params.get("report-type", "").lower()


def find_complaint(mail: Message) -> Complaint | None:
    """ARF by its type or its part; look-alikes by their words from a feedback sender."""
    for part in _outer(mail):
        if part.kind == "message/feedback-report":
            return _from_arf(part)
    if any(_is_report(p, "feedback-report") for p in _outer(mail)):
        return Complaint(spam=True, recipients=())
    found = _ARF.search(mail.plain[:20_000])
    if found and "user-agent:" in mail.plain[:20_000].lower():
        return Complaint(found[1].lower() != "not-spam", _addresses(mail.plain))
    words = mail.folded_subject + "\n" + fold(mail.text[:1_500])
    if (
        (_COMPLAINT_SENDERS.match(mail.sender) or is_daemon(mail))
        and _LOOKALIKE.search(words)
        and any(p.inside_message for p in mail.parts)
    ):
        return Complaint(spam=True, recipients=())
    return None


def _from_arf(part: Part) -> Complaint:
    text = decode_bytes(part.content() if not part.children else part.body)
    found = _ARF.search(text)
    return Complaint(not found or found[1].lower() != "not-spam", _addresses(text))


def _addresses(text: str) -> tuple[str, ...]:
    lines = [
        line for line in text[:20_000].split("\n") if line.lower().startswith(("original-rcpt-to", "removal-recipient", "final-recipient"))
    ]
    return tuple(dict.fromkeys(a.lower() for a in _FIELD_ADDRESS.findall("\n".join(lines))))[:20]


def find_receipt(mail: Message) -> str:
    """Rule of a read receipt, "" if it is none: the RFC 8098 report, or Outlook's and Notes' own form of it."""
    for part in _outer(mail):
        if part.kind == "message/disposition-notification":
            return "RFC8098"
        if _is_report(part, "disposition-notification"):
            return "RFC8098"
    kinds = (
        mail.root.text("content-class").lower()
        + mail.root.text("x-ms-exchange-message-class").lower()
        + mail.root.text("message-class").lower()
    )
    if "ipnrn" in kinds or "report.ipm.note.ipn" in kinds or mail.root.has("x-notes-return-receipt"):
        return "receipt-class"
    short = len(mail.text) < 2_000
    if short and _RECEIPT_SUBJECT.match(mail.folded_subject) and _RECEIPT_TEXT.match(fold(mail.text[:1_500])):
        return "receipt-text"
    return ""


def find_calendar(mail: Message) -> CalendarAnswer | None:
    """The answer to an invitation, None if there is none. Invitations and cancellations (REQUEST, CANCEL) are no answers."""
    for part in _outer(mail):
        if part.kind not in {"text/calendar", "application/ics"}:
            continue
        lines = _unfolded(part.content_text()[:200_000])
        method = part.params.get("method", "").upper() or next(
            (line[7:].strip().upper() for line in lines if line.upper().startswith("METHOD:")), ""
        )
        if method in {"REPLY", "COUNTER"}:
            return CalendarAnswer(method, _partstat(lines), _comment(lines), _created(lines), _organizer(lines))
    return None


def _unfolded(text: str) -> list[str]:
    return re.sub(r"\n[ \t]", "", text).split("\n")[:2_000]


def _partstat(lines: list[str]) -> str:
    for line in lines:
        if line.upper().startswith("ATTENDEE"):
            found = re.search(r"PARTSTAT=\"?([A-Z-]{3,20})", line.upper())
            if found:
                return found[1]
    return ""


def _organizer(lines: list[str]) -> str:
    found = next((m for line in lines if (m := re.match(r"(?i)organizer\b[^\r\n]*?mailto:\s*([^\s<>\";]{3,250})", line))), None)
    return found[1].lower() if found else ""


def _created(lines: list[str]) -> datetime | None:
    found = next((m for line in lines if (m := re.match(r"(?i)created:(\d{8}T\d{6})Z", line))), None)
    try:
        return datetime.strptime(found[1].upper(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def _comment(lines: list[str]) -> str:
    for line in lines:
        if line.upper().startswith("COMMENT"):
            return line.partition(":")[2].replace("\\n", "\n").replace("\\,", ",").strip()[:2_000]
    return ""


def is_list_traffic(mail: Message, own: frozenset[str]) -> bool:
    """Mail through a discussion list that names none of ours in To or Cc (MAIL-62)."""
    listed = mail.root.has("list-post") or (mail.root.has("list-id") and not _broadcast(mail))
    return listed and not own.intersection(mail.recipients)


def _broadcast(mail: Message) -> bool:
    """Bulk senders write List-Id on mail to one person as well."""
    return bool(mail.in_reply_to) and not mail.root.has("list-post") and not mail.root.has("list-help")


def list_id(mail: Message) -> str:
    """The id of the list, without its name."""
    value = mail.root.text("list-id")[:500]
    found = re.search(r"<([^<>\s]{1,250})>", value)
    return (found[1] if found else value.strip())[:250].lower()
