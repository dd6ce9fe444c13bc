"""When is this person back? Read from an automatic answer's own words (MAIL-76).

A date counts only beside a cue: "back on 4 May" names the first day back; "until 3 May" and "from 1 to 3 May" name the last day away, and
the first day back is the one after. Past dates, times and telephone numbers are no dates. The shift to a working day happens elsewhere.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from segue.domain.inbound.date_phrases import WEEKDAY_NAMES, Found, find_dates
from segue.domain.inbound.decode import fold
from segue.domain.inbound.phrases.absence import AWAY
from segue.domain.inbound.phrases.return_cues import BACK, FROM, UNTIL

MAX_CHARACTERS = 6_000
MAX_AHEAD = timedelta(days=400)

_SENTENCE = re.compile(r"(?<=[^\W\d_]{3}[.!?])\s+(?=[^\W\d_a-zа-я])|(?<=\d{4}\.)\s+(?=[A-ZÀ-ÞА-Я])|(?<=[。！？])|\n\s*\n|\n(?=\s*[-*•])")
_RANGE = re.compile(
    r"\s*(?:-|–|—|to|through|thru|and|bis(?: zum)?|au|al|a|ao|tot(?: en met)?|t/m|till|til|til og med|do|по|до|~|～|から|至|到|부터)\s*"
    r"(?:the |el |dem |den |il |le |o )?[\w., ]{0,14}"
)
_LOOSE_RANGE = re.compile(
    r"(?<![\d:.])\d{1,2}(?:st|nd|rd|th|er|\.|º|ª|°)?\s?(?:-|–|—|to|through|thru|and|bis(?: zum)?|au|al|a|ao|e|y|et|tot(?: en met)?"
    r"|t/m|till|til|do|по)\s?(?:the |el |dem |den |il |le |o |dia )?$"
)
"""The first day of "12 to 25 January", before its end."""
_GLUED = re.compile(r"[- ]?(?:ig\b|まで|까지|kadar|asti|saakka|'?(?:e|a|ye|ya) kadar)")
_WEEKDAY_BEFORE = re.compile(rf"\b(?:{WEEKDAY_NAMES})[.,]?\s(?:the |den |dem |le |el )?$")
"""Between a cue and its date: "hasta el miércoles 20 de enero"."""
_NOT = re.compile(r"\b(?:not|n't|never|nicht|pas|no|nao|non|niet|inte|ikke|не)\b|n't")
_WHEN = re.compile(
    r"^,? ?(?:when|at which (?:time|point)|fecha en (?:la )?que|date a laquelle|data em que|data in cui|wanneer|wenn|an dem)\b"
)
BACK_RANK = 4
_BACK_BEFORE = 70
_AFTER = 45


@dataclass(frozen=True, slots=True)
class Return:
    """`day`: the first day back. `stated`: the day that the sentence names. `sentence`: the words it came from, as written."""

    day: date
    stated: date
    sentence: str


def find_return(subject: str, text: str, sent: date, *, month_first: bool = False) -> Return | None:
    """The first day back that the words name, None if they name none that can be read with confidence."""
    sentences = [s.strip() for s in _SENTENCE.split(_unwrap(text[:MAX_CHARACTERS])) if s and s.strip()]
    best: tuple[int, Return] | None = None
    for sentence in [*sentences[:60], subject]:
        found = _in_sentence(sentence, sent, month_first=month_first)
        if found and (best is None or found[0] > best[0]):
            best = found
    return best[1] if best else None


def _unwrap(text: str) -> str:
    """Lines that were wrapped belong together; short lines are ends."""
    return re.sub(r"(?<=[^\n]{50})\n(?=[^\n\s>-])", " ", text)


def _in_sentence(sentence: str, sent: date, *, month_first: bool) -> tuple[int, Return] | None:
    folded = re.sub(r"\s+", " ", fold(sentence))[:600]
    dates = find_dates(folded, sent, month_first=month_first)
    away = bool(dates) and any(phrase in folded for phrase in AWAY)
    best: tuple[int, Return] | None = None
    for place, found in enumerate(dates):
        rank = _rank(folded, dates, place, away=away)
        stated = found.day
        day = stated if rank == BACK_RANK or found.span else stated + timedelta(days=1)
        if not rank or not sent <= day <= sent + MAX_AHEAD or (rank < BACK_RANK and stated < sent):
            continue
        if best is None or rank > best[0] or (rank == best[0] and rank < BACK_RANK and stated >= best[1].stated):
            best = (rank, Return(day, stated, re.sub(r"\s+", " ", sentence)[:400]))
    return best


def _rank(text: str, dates: list[Found], place: int, *, away: bool) -> int:
    """4 first day back · 3 until · 2 end of a range · 1 a single day or a time of absence · 0 no cue."""
    found = dates[place]
    before = text[max(dates[place - 1].end if place else 0, found.start - _BACK_BEFORE) : found.start]
    before = re.sub(r"^[^\s]+", "", before) if place else before
    before = _WEEKDAY_BEFORE.sub("", before) if not found.weak else before
    last = place + 1 == len(dates)
    after = text[found.end : found.end + _AFTER]
    until, back = _last(before, UNTIL, near=16), _last(before, BACK, near=_BACK_BEFORE)
    if last and _WHEN.match(after) and _returns_after(after):
        return BACK_RANK
    if until >= 0:
        return BACK_RANK if 0 <= back < until and _NOT.search(before[max(0, back - 12) : back]) else 3
    if back >= 0:
        return BACK_RANK
    if _GLUED.match(after):
        return 3
    if last and not found.range_end and _returns_after(after):
        return BACK_RANK
    if found.weak and not away:
        return 0
    if found.range_end or _LOOSE_RANGE.search(before) or (place and _RANGE.fullmatch(text[dates[place - 1].end : found.start])):
        return 2
    if place and _last(text[: dates[place - 1].start], FROM, near=20) >= 0 and len(before) < 12:
        return 2
    if found.span:
        return 1 if away else 0
    return 1 if away and len(dates) == 1 and not found.weak and _last(before, FROM, near=8) < 0 else 0


def _returns_after(after: str) -> bool:
    """The verb comes behind the date ("on 4 May I am back"), in the same clause."""
    after = _WHEN.sub(" ", after)
    clause = re.split(r"[,;.。]|\b(?:and|und|et|y|e|en|och|og|i|и)\b", after, maxsplit=1)[0]
    return _last(clause, BACK, near=len(clause)) >= 0 if clause else False


def _last(text: str, cues: tuple[str, ...], near: int) -> int:
    """Where the last cue that stands as a word begins within the last `near` characters; -1 if none does."""
    window = text[-near:]
    offset = len(text) - len(window)
    best = -1
    for cue in cues:
        at = window.rfind(cue)
        while at >= 0:
            whole = (at == 0 or not window[at - 1].isalnum() or cue[0] >= "\u0e00") and _ends(window, at + len(cue), cue)
            if whole:
                best = max(best, offset + at)
                break
            at = window.rfind(cue, 0, at)
    return best


def _ends(text: str, at: int, cue: str) -> bool:
    """Short cues are whole words; longer ones may carry endings."""
    return len(cue) > 4 or cue[-1] >= "\u0e00" or at >= len(text) or not text[at].isalnum()
