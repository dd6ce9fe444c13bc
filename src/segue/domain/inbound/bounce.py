"""Is it a delivery notice, and what does it say? (MAIL-64 to MAIL-68)

Three ways in: the standard report, a header only notices carry, or a mail system as sender together with words or structure of failure.
About half of real notices have no machine-readable part, so the words matter; a person who quotes or forwards a notice has other structure.
"""

import re
from dataclasses import dataclass, field

from segue.domain.inbound import senders
from segue.domain.inbound.decode import fold
from segue.domain.inbound.delivery_status import Row, rows, status_parts
from segue.domain.inbound.message import Message
from segue.domain.inbound.mime_tree import Part
from segue.domain.inbound.notice_text import Notice, notice_of, text_recipients
from segue.domain.inbound.phrases.failure import SUBJECTS
from segue.domain.inbound.phrases.notice import STATEMENTS
from segue.domain.inbound.phrases.prefixes import FORWARDED, START
from segue.domain.inbound.reason import HARMLESS, by_action, reason_of
from segue.domain.inbound.search import count_phrases, find_phrase
from segue.domain.inbound.verdict import BounceFacts, BounceReason, RecipientFacts

_SUCCESS = frozenset({BounceReason.DELIVERED, BounceReason.RELAYED, BounceReason.EXPANDED})
_GREETING = re.compile(
    r"\s*(?:hi|hello|hey|dear|hallo|guten tag|sehr geehrte|bonjour|hola|ola|ciao|hej|dobry den|здравствуйте)\b"
    r"(?! (?:sender|user|customer|sir|this))"
)
_OPENING = re.compile(
    r"(?:your|the|this|following|original|attached) (?:e-?mail|message|mail)\b.{0,300}?"
    r"(?:(?:could|can|was|has|were)(?: ?not|n't)\b.{0,30}(?:deliver|sent|reach)|undeliver|not reach|reject|failed|blocked|returned|bounced)"
    r"|unable to deliver|could not deliver|delivery (?:to|of).{0,80}(?:failed|postponed|delayed)"
    r"|(?:could|can) ?not be (?:delivered|sent)|not delivered"
    r"|undeliverable",
    re.DOTALL,
)
_DELAY_SUBJECT = re.compile(
    r"delay|warning|still being|verzoger|retard|atras|ritard|vertraag|opozn|задерж|遅延|延迟|지연|transient"
    r"|could not send message"
)
_DELAY_TEXT = re.compile(
    r"warning message only|do not need to resend|don't need to resend|will (?:continue|keep) (?:to be |on )?try|will be retried"
    r"|still (?:being )?(?:queued|retr)|not yet been delivered|delayed mail|has been delayed|continue to attempt|no action is required"
    r"|not need to re-?send|temporary failure report|message is delayed|kept in the queue"
    r"|will retry for|will keep trying|temporary problem delivering|been postponed|attempts will continue"
)


@dataclass(slots=True)
class Evidence:
    """What speaks for a notice."""

    rows: list[Row] = field(default_factory=list)
    notice: Notice = field(default_factory=Notice)
    failed_header: tuple[str, ...] = ()
    report: bool = False
    daemon: bool = False
    office: bool = False
    null_path: bool = False
    """Or a header that says as much."""
    reply_prefix: bool = False
    subject: str = ""
    statements: int = 0


def find_bounce(mail: Message) -> tuple[str, BounceFacts] | None:
    """(rule, facts) of a notice, None if the mail is none."""
    seen = gather(mail)
    rule = _is_notice(mail, seen)
    if not rule:
        return None
    return rule, _facts(mail, seen)


def is_success(facts: BounceFacts) -> bool:
    """A report that nothing failed: it is a receipt, not a bounce."""
    return facts.reason in {r.value for r in _SUCCESS}


def gather(mail: Message) -> Evidence:
    """Collect, without judging."""
    seen = Evidence()
    for part in status_parts(mail.parts):
        seen.rows.extend(rows(part))
    seen.report = bool(seen.rows) or _says_report(mail)
    seen.failed_header = tuple(re.findall(r"[^\s,;<>]+@[^\s,;<>]+", ",".join(mail.root.all_text("x-failed-recipients"))[:10_000].lower()))
    seen.notice = notice_of(mail)
    seen.daemon = senders.is_daemon(mail)
    seen.office = senders.is_office(mail)
    seen.null_path = senders.has_null_path(mail) or _is_automatic(mail)
    seen.reply_prefix = bool(START.match(mail.folded_subject))
    seen.subject = find_phrase(mail.folded_subject, SUBJECTS)
    seen.statements = count_phrases(seen.notice.folded, STATEMENTS, 3)
    return seen


def _is_automatic(mail: Message) -> bool:
    """Auto-Submitted says that a machine wrote (RFC 3834); notices from unusual senders carry it in place of a null path."""
    return any(value.strip().lower().startswith("auto-") for value in mail.root.all_text("auto-submitted"))


def _says_report(mail: Message) -> bool:
    return any(
        p.kind == "multipart/report" and "delivery-status" in p.params.get("report-type", "").lower() and not p.inside_message
        for p in mail.parts
    )


def _is_notice(mail: Message, seen: Evidence) -> str:
    """The rule by which it is one, "" if none holds."""
    structure = seen.notice.returned or seen.notice.transcript
    if seen.rows or (seen.report and (seen.subject or seen.statements or seen.daemon or mail.root.kind == "multipart/report")):
        mail.note("delivery-status report")
        return "MAIL-64.report"
    if seen.failed_header:
        mail.note("X-Failed-Recipients")
        return "MAIL-64.failed-recipients"
    if seen.reply_prefix and not _answers_itself(mail, seen) and not _is_bare_notice(mail, seen):
        return ""
    if seen.daemon and (seen.subject or seen.statements or (structure and seen.notice.returned)):
        mail.note(f"daemon sender, {seen.subject or 'failure statement'}")
        return "MAIL-64.daemon"
    if senders.is_exchange(mail) and text_recipients(mail, seen.notice) and "meeting forward" not in mail.folded_subject:
        mail.note("Exchange's own sender")
        return "MAIL-64.daemon"
    if seen.daemon and senders.has_null_path(mail) and (structure or text_recipients(mail, seen.notice)):
        mail.note("daemon sender, null path")  # in words that no list of ours knows
        return "MAIL-64.daemon"
    if seen.null_path and seen.statements and (seen.subject or structure) and _is_impersonal(mail, seen):
        mail.note(f"null path, {seen.subject or 'failure statement'}")
        return "MAIL-64.null-path"
    if seen.office and seen.statements and seen.subject and structure:
        mail.note(f"office sender, {seen.subject}")
        return "MAIL-64.office"
    if seen.subject and (_is_bare_notice(mail, seen) or _reads_like_notice(mail, seen)):
        mail.note(f"text of a notice, {seen.subject}")
        return "MAIL-64.text"
    return ""


def _answers_itself(mail: Message, seen: Evidence) -> bool:
    """A mail system that writes "Re:" before our subject and sends our mail back with words of failure (Apache James)."""
    if FORWARDED.match(mail.folded_subject):
        return False
    system = seen.daemon or (seen.office and senders.has_null_path(mail))
    return system and seen.notice.returned and seen.statements > 0


def _is_impersonal(mail: Message, seen: Evidence) -> bool:
    """Behind a null path: names a recipient or returns the mail, and where it greets or asks like a person, an SMTP answer as well."""
    named = bool(text_recipients(mail, seen.notice))
    if "?" in seen.notice.folded or _GREETING.match(seen.notice.folded):
        return named and (seen.notice.returned or seen.notice.transcript)
    return named or seen.notice.returned


def _reads_like_notice(mail: Message, seen: Evidence) -> bool:
    """Neither daemon nor null path: then the words must be a machine's, about one's own mail, with that mail or a recipient beside them.

    A person who forwards a notice greets, asks, or attaches a mail that is itself a notice.
    """
    body = seen.notice.folded
    if "?" in body or _GREETING.match(body) or any(_is_notice_inside(part) for part in mail.parts):
        return False
    named = bool(text_recipients(mail, seen.notice))
    structure = seen.notice.returned or seen.notice.transcript
    announced = mail.folded_subject.startswith(SUBJECTS)
    if seen.office and announced and (seen.notice.returned or named):
        return True
    opening = bool(_OPENING.search(body[:1_200]))
    nameless = not mail.sender_name and seen.statements >= 1 and (announced or structure)
    return named and (opening or nameless) and (seen.office or structure or nameless)


def _is_bare_notice(mail: Message, seen: Evidence) -> bool:
    """Some gateways put their words behind "RE:". No name, no thread, and nothing but the statement."""
    threaded = mail.in_reply_to or mail.references or mail.sender_name
    body = seen.notice.folded
    if threaded or "?" in body or len(body) > 800 or seen.statements < 2 or FORWARDED.match(mail.folded_subject):
        return False
    return bool(_OPENING.search(body[:200])) and bool(text_recipients(mail, seen.notice))


def _is_notice_inside(part: Part) -> bool:
    return part.inside_message and part.depth > 0 and b"mailer-daemon" in part.raw("from").lower()


def _facts(mail: Message, seen: Evidence) -> BounceFacts:
    notice = seen.notice
    judged = [_judge(mail, seen, row) for row in seen.rows]
    named = tuple(dict.fromkeys([*(r.address for r in judged if r.address and r.reason not in HARMLESS), *seen.failed_header]))
    if not judged:
        named = named or text_recipients(mail, notice)
        judged = [_judge(mail, seen, Row(final=a)) for a in (named or ("",))]
    elif not named and all(r.reason not in HARMLESS for r in judged):
        named = text_recipients(mail, notice)
    chosen = _ours(judged, notice.addressed)
    if chosen.address in named:
        named = tuple(dict.fromkeys((chosen.address, *named)))
    return BounceFacts(
        hard=chosen.reason == BounceReason.INVALID,
        reason=str(chosen.reason),
        action=chosen.action,
        status=chosen.status,
        failed_recipients=named,
        original_message_ids=notice.original_ids,
        diagnostic=chosen.diagnostic[:1_000],
        recipients=tuple(judged),
    )


def _judge(mail: Message, seen: Evidence, row: Row) -> RecipientFacts:
    notice = seen.notice
    diagnostic = row.diagnostic or notice.reply_about(row.address)
    reason = by_action(row.action, row.status)
    if reason is None:
        reason = BounceReason.DELAYED if not row.action and _is_delay(mail, notice) else reason_of(diagnostic, row.status, notice.grounds())
    return RecipientFacts(row.address, str(reason), row.action, row.status, diagnostic)


def _is_delay(mail: Message, notice: Notice) -> bool:
    return bool(_DELAY_TEXT.search(notice.folded)) and (
        bool(_DELAY_SUBJECT.search(mail.folded_subject)) or "permanent" not in notice.folded
    )


def _ours(judged: list[RecipientFacts], addressed: tuple[str, ...]) -> RecipientFacts:
    """The recipient to whom the returned mail was written; else the first failure; else the first."""
    ours = [r for r in judged if r.address and r.address in addressed]
    failed = [r for r in ours or judged if r.reason not in HARMLESS]
    return (failed or ours or judged)[0]


def subject_says_failure(mail: Message) -> bool:
    """Used by other rules to stay clear of notices."""
    return bool(find_phrase(fold(mail.subject), SUBJECTS))
