"""The new text of a reply: what this person wrote now, without what they quote (MAIL-79, MAIL-80).

Three layers: markers that mail clients leave in HTML, comparison with the mail that was answered, and rules for lines.
Every pattern works on one line, or on at most four joined ones of bounded length, so the whole is linear.
"""

import re
from dataclasses import dataclass

from segue.domain.inbound.decode import fold, strip_invisible
from segue.domain.inbound.html_lines import html_lines
from segue.domain.inbound.phrases.footers import DEVICE, FOOTERS
from segue.domain.inbound.phrases.quotation import LABELS, ORIGINAL, STARTS, VERBS, WEAK_VERBS

MAX_LINES = 4_000
_MAX_LINE = 600

_QUOTE = re.compile(r"\s{0,4}(?:>|\|(?=\s|$)|[›»](?=\s))")
_SHOUT = re.compile(r"\s*>{2,}[^<]*<{2,}\s*$")
_INITIALS = re.compile(r"[A-Z]{1,4}>\s")
_ADDRESS = re.compile(r"[^\s<>@]{1,100}@[^\s<>@]{1,100}\.[^\s<>@]{2,}")
_WHEN = re.compile(r"\d{1,2}[:h.]\d{2}|(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}月")
_DATE_START = re.compile(
    r"\d{1,4}[./ -]|\d{1,2}\.? ?[a-zа-я]{3,}|(?:mo|tu|we|th|fr|sa|su)[a-z]*[,. ]|\w{3,12}[,.]? \d{1,2},? "
    r"|(?:пн|вт|ср|чт|пт|сб|вс|по|вто|сре|чет|пят|суб|вос)\w*,"
)
_WEEKDAY = re.compile(
    r"\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|lun|mer|jeu|ven|mo|di|mi|do|so)\w{0,8}[,. ]"
)
_LABEL = re.compile(r"[>\s]{0,6}[*_]{0,2}([^\s:：*][^:：*\n]{0,22}?)\s?[*_]{0,2}\s?[:：][*_]{0,2}(?=\s|$|\S)")
_RULE = re.compile(r"\s*(?:[-_=*~#—–]{3,}|-{2}|_{2,})\s*$")
_SIGNATURE = re.compile(r"\s?(?:--|—|–|__)\s?$|-- $")
_LONG_RULE = re.compile(r"\s*[_=*]{5,}\s*$|\s*-{20,}\s*$")
_ABOVE = re.compile(
    r"reply (?:above|over) this line|type your reply above|reply to this email above|antworten sie oberhalb|repondez au-dessus"
    r"|responda (?:por encima|acima)|please do not (?:write|reply) below|write above this line|reply above this"
)
_UNRULED = (
    "begin forwarded message",
    "anfang der weitergeleiteten",
    "debut du message",
    "inicio del mensaje reenv",
    "inizio messaggio inoltrato",
)
_FOOTER_TITLES = ("confidentiality notice", "disclaimer", "legal notice", "haftungsausschluss")
_DASH_NAME = re.compile(r"-{1,2}\s?[A-Z][\w.'-]{1,20}(?: [A-Z][\w.'-]{0,20}){0,2}\s*$")


@dataclass(frozen=True, slots=True)
class NewText:
    """`text`: the new words. `quoted`: something was cut. `kept_all`: cutting would have left nothing, so nothing was cut (MAIL-80)."""

    text: str
    quoted: bool = False
    kept_all: bool = False


def new_text(plain: str, html: str, parent: str | None = None) -> NewText:
    """The new words of a mail whose text is `plain` or `html` or both; `parent` is the text it answers, if known."""
    if html:
        lines, marked = html_lines(html)
        if marked:
            own = [line.text for line in lines if not line.quoted]
            text = tidy(cut_lines(own, parent))
            if text:
                return NewText(text, quoted=True)
            if not plain.strip():
                return NewText(tidy([line.text for line in lines]), kept_all=True)
        if not plain.strip():
            plain = "\n".join(line.text for line in lines)
    plain = strip_invisible(plain)
    source = plain.split("\n")[:MAX_LINES]
    text = tidy(cut_lines(source, parent))
    if not text:
        return NewText(plain.strip(), kept_all=bool(plain.strip()))
    return NewText(text, quoted=_squash(text) != _squash(plain))


def _squash(text: str) -> str:
    return re.sub(r"\s+", "", text)


def cut_lines(lines: list[str], parent: str | None = None) -> list[str]:
    """Lines without quotation, by layer 2 (if there is a parent) and layer 3."""
    if parent:
        lines = without_parent(lines, parent)
    return _without_signature(_without_quotes(lines))


def tidy(lines: list[str]) -> str:
    """Text of the lines that are left: no rules or blanks around it, no runs of empty lines."""
    while lines and (not lines[-1].strip() or _RULE.match(lines[-1])):
        lines = lines[:-1]
    while lines and (not lines[0].strip() or _RULE.match(lines[0])):
        lines = lines[1:]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def is_quoted(line: str) -> bool:
    """The line carries a quotation mark."""
    return bool(_QUOTE.match(line) or _INITIALS.match(line)) and not _SHOUT.match(line)


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    folded = [fold(line[:_MAX_LINE]).strip() for line in lines]
    at, size = 0, len(lines)
    while at < size:
        line = lines[at]
        if is_quoted(line):
            at = _end_of_quotes(lines, at)
            continue
        if _is_above_mark(folded[at]) and not any(text.strip() for text in kept):  # a help desk's own mail begins with it
            at += 1
            continue
        if _cuts_rest(lines, folded, at):
            break
        taken = _attribution(lines, folded, at)
        if taken:
            after = _next_filled(lines, at + taken)
            bare = after < size and not is_quoted(lines[after])
            if bare and (any(text.strip() for text in kept) or not _quotes_below(lines, after)):
                break
            at += taken
            continue
        kept.append(line)
        at += 1
    return kept


def _end_of_quotes(lines: list[str], at: int) -> int:
    """Behind a run of quoted lines. A bare line between two quoted ones, after a long one, is that line's wrapped tail."""
    size = len(lines)
    while at < size:
        if is_quoted(lines[at]) or (
            at + 1 < size and lines[at].strip() and is_quoted(lines[at + 1]) and _is_tail(lines[at - 1], lines[at])
        ):
            at += 1
        else:
            break
    return at


def _is_tail(before: str, line: str) -> bool:
    return (len(before) >= 60 and len(line) <= 40 and line[:1].islower()) or line.lstrip().startswith(("(http", "http", "<http", "<mailto"))


def _next_filled(lines: list[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _quotes_below(lines: list[str], at: int) -> bool:
    return any(is_quoted(line) for line in lines[at : at + 200])


def _cuts_rest(lines: list[str], folded: list[str], at: int) -> bool:
    """From this line on everything is the quoted mail: a separator, a header block, or a "reply above this line"."""
    text = folded[at]
    if not text:
        return False
    if _is_above_mark(text) or is_separator(text):
        return True
    start = at
    if _RULE.match(lines[at]):
        start = _next_filled(lines, at + 1)
        if start - at > 3 or start >= len(lines):
            return False
    return _is_header_block(lines, start, ruled=start > at)


def _is_above_mark(text: str) -> bool:
    return len(text) < 160 and bool(_ABOVE.search(text))


def is_separator(text: str) -> bool:
    """`-----Original Message-----` and its kin in any language."""
    if len(text) > 120 or not text:
        return False
    bare = text.strip(" -_=*>:#~.|：")
    ruled = text[0] in "-_=*#~" or text[-1] in "-_=*#~"
    if bare in ORIGINAL:
        return ruled or (text.endswith((":", "：")) and len(bare) > 9)
    if ruled and len(text) - len(bare) >= 4:
        return any(bare.startswith(phrase) for phrase in ORIGINAL if len(phrase) > 8) and not bare.endswith("wrote")
    return bare.startswith(
        (
            "begin forwarded message",
            "anfang der weitergeleiteten",
            "debut du message",
            "inicio del mensaje reenv",
            "inizio messaggio inoltrato",
        )
    )


def _role(line: str) -> str:
    found = _LABEL.match(line[:200])
    if not found:
        return ""
    word = fold(found[1]).strip()
    return LABELS.get(word) or LABELS.get(word.replace(" ", ""), "")


def _is_header_block(lines: list[str], at: int, *, ruled: bool) -> bool:
    first = _role(lines[at])
    if not first:
        return False
    roles = [first]
    blanks = 0
    for line in lines[at + 1 : at + 11]:
        if not line.strip():
            blanks += 1
            if blanks > 1 and len(roles) < 2:
                break
            continue
        role = _role(line)
        if role:
            roles.append(role)
        elif len(roles) >= 3 or blanks:
            break
    kinds = set(roles)
    if first == "from":
        named = len(kinds) >= 3 or ruled or bool(_ADDRESS.search(lines[at]))
        return len(kinds) >= 2 and named
    return len(kinds) >= 3 and ("from" in kinds or ruled)


def _attribution(lines: list[str], folded: list[str], at: int) -> int:
    """How many lines from here announce a quotation ("On … Ann wrote:"), 0 if none. At most four, none of them empty or quoted."""
    joined = ""
    for taken in range(1, 5):
        here = at + taken - 1
        if here >= len(lines) or not folded[here] or is_quoted(lines[here]):
            break
        joined = f"{joined} {folded[here]}".strip()
        if len(joined) > 420:
            break
        if taken > 1 and folded[here - 1].endswith((".", "!", "?")) and not folded[here - 1].endswith((" m.", ".m.", "г.")):
            break
        if _announces(joined, lines, at + taken) and (taken == 1 or _opens(folded[at])):
            return taken
    return 0


def _opens(text: str) -> bool:
    """The first of several lines must look like the beginning of an announcement, or the words above it would be lost with it."""
    head = text[:70]
    dated = any(c.isdigit() for c in head) or bool(_WEEKDAY.search(head))
    begins = dated and bool(STARTS.match(head) or _DATE_START.match(head))
    return begins or bool(_WHEN.search(text) or _ADDRESS.search(text)) or text.endswith("<")


def _announces(text: str, lines: list[str], below: int) -> bool:
    bare = text.strip("-–—_* ")
    ends = bare.endswith((":", "：")) or text.endswith(("--", "- -"))
    after = _next_filled(lines, below)
    quote_follows = after < len(lines) and is_quoted(lines[after]) and after - below <= 2
    if not ends and not quote_follows:
        return False
    address, when = bool(_ADDRESS.search(text)), bool(_WHEN.search(text))
    bare = bare.rstrip(":： ")
    verb = _verb(bare)
    dated_start = bool(_DATE_START.match(bare)) or bool(STARTS.match(bare))
    if verb == "weak" and not quote_follows:
        return False
    if verb and (address or when):
        return dated_start or address or quote_follows
    if verb in {"end", "weak"} and quote_follows:
        return len(bare) < 120
    if address and when:
        return dated_start or _ADDRESS.search(text[-80:]) is not None
    return (
        ends
        and quote_follows
        and STARTS.match(bare) is not None
        and bare.startswith(("quoting ", "citing ", "zitat von ", "citando "))
        and len(bare) < 150
    )


def _verb(text: str) -> str:
    """ "end" if a verb of writing ends the text, "inside" if one stands in it, "weak" if it is one that people use in their own text."""
    if text.endswith(WEAK_VERBS):
        return "weak"
    if any(text.endswith(verb) for verb in VERBS):
        return "end"
    return "inside" if any(f" {verb} " in text or f">{verb}" in text or f"{verb} <" in text for verb in VERBS) else ""


def _without_signature(lines: list[str]) -> list[str]:
    """Cut at the signature mark, drop device lines, and drop footers that stand at the end."""
    out: list[str] = []
    filled = 0
    for at, line in enumerate(lines):
        stripped = line.strip()
        if filled and (_SIGNATURE.match(line) or (_LONG_RULE.match(line) and _is_tail_block(lines, at))):
            break
        if stripped and len(stripped) <= 110 and DEVICE.fullmatch(fold(stripped).strip(" *_.-")):
            continue
        if filled and stripped and _is_footer(stripped) and (not lines[at - 1].strip() or len(lines) - at <= 12):
            break
        filled += bool(stripped)
        out.append(line)
    return _without_dash_name(out)


def _is_tail_block(lines: list[str], at: int) -> bool:
    return len([line for line in lines[at + 1 :] if line.strip()]) <= 12


def _is_footer(line: str) -> bool:
    text = fold(line[:200]).lstrip("*_ -")
    return (len(text) > 25 and text.startswith(FOOTERS)) or text.rstrip(" :*") in _FOOTER_TITLES


def _without_dash_name(lines: list[str]) -> list[str]:
    """A last line like "-Ann" is a signature."""
    last = len(lines) - 1
    while last > 0 and not lines[last].strip():
        last -= 1
    if last > 0 and _DASH_NAME.fullmatch(lines[last].strip()) and not lines[last - 1].strip():
        return lines[:last]
    return lines


def _words_of(line: str) -> str:
    return re.sub(r"[\W_]+", "", re.sub(r"https?://\S+", "", fold(line[:_MAX_LINE])))


def without_parent(lines: list[str], parent: str) -> list[str]:
    """Drop runs of lines that occur in the parent, and gaps of at most two lines between such runs (MAIL-79, layer 2)."""
    known = _words_of_all(parent)
    hits = [bool(words) and len(words) >= 4 and words in known for words in map(_words_of, lines)]
    drop = _runs(lines, hits)
    return [line for line, gone in zip(lines, drop, strict=True) if not gone]


def _words_of_all(parent: str) -> str:
    return "".join(_words_of(line) for line in strip_invisible(parent[:200_000]).split("\n"))


def _runs(lines: list[str], hits: list[bool]) -> list[bool]:
    """Mark what to drop: quoted hits always; unquoted ones in runs of at least two or of one long line; small gaps between runs."""
    drop = [hit and (is_quoted(line) or len(_words_of(line)) >= 25) for hit, line in zip(hits, lines, strict=True)]
    size = len(lines)
    for at in range(size):
        if hits[at] and not drop[at] and ((at and hits[at - 1]) or (at + 1 < size and hits[at + 1])):
            drop[at] = True
    last = -1
    for at in range(size):
        if drop[at]:
            if last >= 0 and at - last - 1 <= 2 and all(not lines[i].strip() or is_quoted(lines[i]) for i in range(last + 1, at)):
                drop[last + 1 : at] = [True] * (at - last - 1)
            last = at
    return drop
