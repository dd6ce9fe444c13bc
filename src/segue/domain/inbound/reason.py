"""Why a mail came back: one class per recipient (mail.md §5, MAIL-66 to MAIL-68). `invalid` is the only one that can lead to suppression,
so it needs a specific code or positive words; a tie is never `invalid`."""

import re

from segue.domain.inbound.decode import fold
from segue.domain.inbound.phrases.blocked import BLOCKED
from segue.domain.inbound.phrases.content import CONTENT, RESTRICTED
from segue.domain.inbound.phrases.dead_address import INVALID
from segue.domain.inbound.phrases.reasons import FULL, NETWORK
from segue.domain.inbound.search import find_phrase
from segue.domain.inbound.verdict import BounceReason

# Not part of an address of a network: no digit or dot on either side.
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?<![\d.:/\w-])([45][0-5]\d)(?=[ \-,:)#<\]]|$)")
_NAMES = re.compile(r"https?://[!-~]+|[\w.+=/-]{1,200}@[\w.-]{1,200}|\b[\w-]+(?:\.[\w-]+)+\b", re.ASCII)
_LISTS = re.compile(
    r"spamhaus|spamcop|barracudacentral|sorbs|spamrats|uceprotect|dnsbl|rbl\.|surbl"
    r"|proofpoint\.com/|senderbase|sender\.office|postmaster\.live"
)

_BY_CODE = {
    **dict.fromkeys(["1.1", "1.2", "1.3", "1.6", "1.10", "4.4", "1.351"], BounceReason.INVALID),
    **dict.fromkeys(["2.2"], BounceReason.FULL),
    **dict.fromkeys(["2.3", "3.4"], BounceReason.CONTENT),
    **dict.fromkeys(["4.7", "4.2", "4.300", "4.312", "4.316", "4.6", "4.14"], BounceReason.NETWORK),
    **dict.fromkeys(["7.124", "7.133", "7.136"], BounceReason.RESTRICTED),
    **dict.fromkeys(["1.7", "1.8", "1.90", "4.5", "7.28", "7.515"], BounceReason.BLOCKED),
    **dict.fromkeys([f"7.{n}" for n in range(20, 28)], BounceReason.BLOCKED),
}
# Words of refusal inside sentences that say "no such person".
_NOT_BLOCKED = re.compile(
    r"banned (?:contents?|names?|files?|attachments?|extensions?)\b|banned: "
    r"|(?:not|isn't) listed in|recipient address rejected: access denied|not our customer|no such user here, relay"
    r"|senders restricted[ ;,]+(?:authentication required|not authori[sz]ed)"
    r"|(?:user|mailbox|account|recipient|inbox) has too many messages"
)
_NOT_CONTENT = re.compile(r"malformed (?:or unexpected )?(?:name server|dns) (?:reply|response|answer)")
_NOT_NETWORK = re.compile(r"no (?:further|more) (?:delivery )?attempts|delivery attempts: 0\b")
_DISABLED = ("disabled", "inactive", "not accepting", "not active", "deactivated", "discontinued", "closed", "does not accept", "expired")

_FAMILIES = (
    (BounceReason.BLOCKED, BLOCKED),
    (BounceReason.FULL, FULL),
    (BounceReason.CONTENT, CONTENT),
    (BounceReason.RESTRICTED, RESTRICTED),
    (BounceReason.NETWORK, NETWORK),
    (BounceReason.INVALID, INVALID),
)
_INSIDE_OTHERS = {BounceReason.BLOCKED: _NOT_BLOCKED, BounceReason.NETWORK: _NOT_NETWORK, BounceReason.CONTENT: _NOT_CONTENT}
HARMLESS = {
    "delayed": BounceReason.DELAYED,
    "relayed": BounceReason.RELAYED,
    "delivered": BounceReason.DELIVERED,
    "expanded": BounceReason.EXPANDED,
}


def by_action(action: str, status: str) -> BounceReason | None:
    """The verdict of the Action alone (MAIL-66): a 5.x.x that is delayed is delayed; an unknown action is judged by its status."""
    if action in HARMLESS:
        return HARMLESS[action]
    return BounceReason.DELIVERED if action not in {"failed", "failure", ""} and status.startswith("2.") else None


def reason_of(diagnostic: str, status: str, notice: str) -> BounceReason:
    """Class of a final failure: code in the diagnostic, then its words, then the notice's words, then the flattened Status."""
    words = clean(diagnostic)
    codes = _codes(diagnostic)
    reason = _by_codes(codes, words) or by_words(words, temporary=_temporary(diagnostic, codes))
    if reason:
        return reason
    outer = _codes(status)
    if not codes and (reason := _by_codes(outer, words or clean(notice))):
        return reason
    reason = by_words(clean(notice), temporary=_temporary(diagnostic or notice, codes or outer))
    return reason or _generic(codes or outer)


def clean(text: str) -> str:
    """Folded, without addresses, host names and links: "antispam.example said: user unknown" is not about spam."""
    folded = fold(text[:20_000])
    return re.sub(r"\s+", " ", _NAMES.sub(_stand_in, folded))


def _stand_in(name: re.Match[str]) -> str:
    """A name that says something: a list of bad senders, or Exchange's "resolver.rst.…" for who may write to an address."""
    if name[0].startswith("resolver.rst."):
        return " senders restricted "
    return " dnsbl " if _LISTS.search(name[0]) else " "


def _codes(text: str) -> list[tuple[str, str]]:
    return [(m[1], f"{int(m[2])}.{int(m[3])}") for m in _ENHANCED.finditer(text[:5_000])]


def _temporary(text: str, codes: list[tuple[str, str]]) -> bool:
    reply = _REPLY.search(text[:5_000])
    return reply[1].startswith("4") if reply else bool(codes) and codes[-1][0] == "4"


def _by_codes(codes: list[tuple[str, str]], words: str) -> BounceReason | None:
    for level, code in reversed(codes):
        if level == "2":
            continue
        found = _specific(code, words)
        if found is BounceReason.INVALID and (level == "4" or not _unanswered(words)):
            continue
        if found:
            return found
    return None


def _unanswered(words: str) -> bool:
    """Whether the words leave a specific "no such address" code standing: it falls only to other words without any of its own kind."""
    return bool(find_phrase(words, INVALID)) or by_words(words, temporary=False) is None


def _specific(code: str, words: str) -> BounceReason | None:
    subject, _, detail = code.partition(".")
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code == "2.1":
        return BounceReason.INVALID if find_phrase(words, _DISABLED) else None
    if code == "1.0" and "address rejected" in words:  # IronPort and its kin: the recipient is not accepted
        return BounceReason.INVALID
    if code == "4.1" and "access denied" in words and "recipient address rejected" in words:
        return BounceReason.INVALID
    if subject == "6":
        return BounceReason.CONTENT
    return BounceReason.BLOCKED if subject == "7" and 500 <= int(detail) < 800 else None


def by_words(words: str, *, temporary: bool) -> BounceReason | None:
    """The first family whose words occur. A temporary refusal that became final never makes an address dead."""
    if not words:
        return None
    for reason, phrases in _FAMILIES:
        inside = _INSIDE_OTHERS.get(reason)
        if find_phrase(inside.sub(" ", words) if inside else words, phrases):
            return BounceReason.NETWORK if temporary and reason is BounceReason.INVALID else reason
    return None


def _generic(codes: list[tuple[str, str]]) -> BounceReason:
    """What a code without words still says."""
    for level, code in codes:
        if code.startswith("7."):
            return BounceReason.BLOCKED
        if code.startswith("4.") or level == "4":
            return BounceReason.NETWORK
    return BounceReason.UNCLEAR
