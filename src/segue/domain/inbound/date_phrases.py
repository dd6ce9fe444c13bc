"""Dates in running text, in many languages, relative to the day the mail was written. Works on folded text; linear.

Own code rather than a library: a library that searches whole texts is right half as often and thirty times slower (mail.md §0), and the
phrase around a cue needs only the forms below.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from segue.domain.inbound.phrases.calendar_words import MONTHS, NEXT_WEEK, NUMBERS, RELATIVE, WEEKDAYS

MAX_DATES = 40
AMBIGUOUS_DAYS = 120
"""Of two readings of 05/06 the one 0 to 120 days after the mail counts (MAIL-76)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A date and where it stands. `weak`: only a weekday or a day of the month. `range_end`: the end of a range written as one ("May 3-7").
    `span`: the end of a time that begins when the mail was written ("for two weeks")."""

    start: int
    end: int
    day: date
    weak: bool = False
    range_end: bool = False
    span: bool = False


def _names(table: dict[str, int]) -> str:
    words = sorted(table, key=len, reverse=True)
    return "|".join(re.escape(w) + (r"\b" if len(w) <= 4 and w[-1] < "\u0e00" else r"\w{0,9}") for w in words)


_MONTH = _names(MONTHS)
_ORDINAL = r"(?:st|nd|rd|th|er|\.|º|ª|°|o|:?a|:?e|-?(?:го|е|та|ти|ого|te|ste|den|de|en|an|e))?"
_OF = r"(?:\s*(?:of|de|d'|di|del|da|dia|mes de|den|des)\s+|[\s.,/-]{0,3})"
_DAY_MONTH = re.compile(rf"(?<![\d:.+])(\d{{1,2}}){_ORDINAL}{_OF}({_MONTH})\.?(?:,?\s*(?:de |del |do )?(20\d\d)(?!\d)|\s'(\d\d)\b)?")
_MONTH_DAY = re.compile(
    rf"\b({_MONTH})\.?,?\s+(?:the\s+)?(\d{{1,2}})(?![\d:]|\.\d)(?:st|nd|rd|th|\.)?"
    r"(?:\s?(?:-|–|to|through|thru|until)\s?(?:the )?(\d{1,2})(?![\d:])(?:st|nd|rd|th)?)?(?:,?\s*(20\d\d)(?!\d))?"
)
_ISO = re.compile(r"(?<![\d.+/-])(20\d\d)([-/.])\s?(\d{1,2})\2\s?(\d{1,2})(?![\d])")
_NUMERIC = re.compile(r"(?<![\d:+/,.])(?<!\d-)(\d{1,2})\s?([./-])\s?(\d{1,2})(?:\s?\2\s?((?:20)?\d\d)(?![\d:])|\.?)(?![\d:/%]|[-.]\d)")
_CJK = re.compile(r"(?:(20\d\d)\s?[年년]\s?)?(?:(\d{1,2})\s?[月월]\s?)?(\d{1,2})\s?[日일号號](?!間|間|간)")
_VIETNAMESE = re.compile(r"(\d{1,2})\s?(?:thang|/)\s?(\d{1,2})(?:\s?(?:nam|,)\s?(20\d\d))?")
_DAY_ONLY = re.compile(
    r"\bthe\s(\d{1,2})(?:st|nd|rd|th)\b|\b(?:on|until|till|by|from)\s(?:the\s)?(\d{1,2})(?:st|nd|rd|th)\b"
    r"|\b(?:am|zum|ab dem|bis)\s(\d{1,2})\.(?=\s|$)(?!\s?\d)|\b(?:el|dia)\s(?:dia\s)?(\d{1,2})(?=[\s.,]|$)(?! de|:)"
    r"|\ble\s(\d{1,2})(?=[\s.,]|$)|\bil\s(\d{1,2})(?=[\s.,]|$)"
)
WEEKDAY_NAMES = _names(WEEKDAYS)
_WEEKDAY = re.compile(rf"\b({WEEKDAY_NAMES})")
_WEEKDAY_CJK = re.compile(r"(星期[一二三四五六日天]|[下本]?周[一二三四五六日]|[月火水木金土日]曜|[월화수목금토일]요일)")
_RELATIVE = re.compile("|".join(rf"\b{re.escape(w)}" if w[0] < "\u0e00" else re.escape(w) for w in sorted(RELATIVE, key=len, reverse=True)))
_MORGEN = re.compile(r"\b(?:ab |bis |wieder )?morgen\b(?! um)")
_UNITS = (
    (
        7,
        r"weeks?|wochen?|semaines?|semanas?|settiman[ae]|weken|week|veckor?|uker?|uger?|viikon|viikkoa|tygodni\w*|tyden|tydn\w+|недел\w+|hafta\w*",
    ),
    (1, r"(?:business |working |calendar )?days?|tagen?|jours?|dias?|giorn[oi]|dagen|dag|dagar|dager|dage|paivaa|paivan|dni|dnu|дн\w+|gun"),
    (30, r"months?|monaten?|mois|mes(?:es)?|mes[ei]|maanden|manader|maneder|miesiac\w*"),
)
_NUMBER = "|".join(sorted(map(re.escape, NUMBERS), key=len, reverse=True))
_UNIT = "|".join(unit for _, unit in _UNITS)
_IN = re.compile(
    rf"\b(in|within|dans|en|em|tra|om|za|over|через|binnen|for|for the next|fur|pendant|durante|per|during)\s"
    rf"(?:about |circa |the next |den nachsten |nachsten )?(\d{{1,2}}|{_NUMBER})\s({_UNIT})\b"
)
_FOR = frozenset({"for", "for the next", "fur", "pendant", "durante", "per", "during"})


def find_dates(text: str, sent: date, *, month_first: bool = False) -> list[Found]:
    """Dates in the order of the text; where forms overlap, the fuller one stays."""
    found: list[Found] = []
    order = _order_hint(text) or ("md" if month_first else "dm")
    for finder in (_iso, _named, _cjk):
        found.extend(_free(finder(text, sent), found))
    found.extend(_free(_numeric(text, sent, order), found))
    found.extend(_free(_day_only(text, sent), found))
    found.extend(_free(_relative(text, sent), found))
    found.extend(_free(_weekdays(text, sent), found))
    return _without_weekday_twins(sorted(found, key=lambda f: f.start))[:MAX_DATES]


def _free(new: list[Found], old: list[Found]) -> list[Found]:
    return [n for n in new if all(n.end <= o.start or n.start >= o.end for o in old)]


def _without_weekday_twins(found: list[Found]) -> list[Found]:
    """ "Monday, 4 May" is one date: the weekday beside a full date goes."""
    out: list[Found] = []
    for at, one in enumerate(found):
        near = [other for other in found[max(0, at - 1) : at + 2] if not other.weak]
        twin = one.weak and any(0 <= other.start - one.end <= 8 or 0 <= one.start - other.end <= 4 for other in near)
        if not twin:
            out.append(one)
    return out


def make(year: int | None, month: int, day: int, sent: date) -> date | None:
    """The date; without a year, the one that lies nearest ahead, or up to a week behind."""
    if year is not None:
        try:
            return date(year, month, day)
        except ValueError:
            return None
    for guess in (sent.year - 1, sent.year, sent.year + 1):
        try:
            made = date(guess, month, day)
        except ValueError:
            continue
        if sent - timedelta(days=60) <= made:
            return made
    return None


def _year(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text)


def _iso(text: str, sent: date) -> list[Found]:
    made = [(m, make(int(m[1]), int(m[3]), int(m[4]), sent)) for m in _ISO.finditer(text)]
    return [Found(m.start(), m.end(), day) for m, day in made if day]


def month_number(word: str) -> int:
    """The month that a folded word names, 0 if none."""
    for size in range(len(word), 1, -1):
        if word[:size] in MONTHS and (size == len(word) or size > 4):
            return MONTHS[word[:size]]
    return next((number for name, number in MONTHS.items() if word.startswith(name)), 0)


def _named(text: str, sent: date) -> list[Found]:
    out: list[Found] = []
    for m in _DAY_MONTH.finditer(text):
        day = make(_year(m[3] or m[4]), month_number(m[2]), int(m[1]), sent) if month_number(m[2]) else None
        if day:
            out.append(Found(m.start(), m.end(), day))
    for m in _MONTH_DAY.finditer(text):
        month = month_number(m[1])
        day = make(_year(m[4]), month, int(m[3] or m[2]), sent) if month else None
        if day and _free([Found(m.start(), m.end(), day)], out):
            out.append(Found(m.start(), m.end(), day, range_end=bool(m[3])))
    return out


def _cjk(text: str, sent: date) -> list[Found]:
    made = [(m, _cjk_day(m, sent)) for m in _CJK.finditer(text)]
    if "thang" in text:
        made += [(m, make(_year(m[3]), int(m[2]), int(m[1]), sent)) for m in _VIETNAMESE.finditer(text)]
    return [Found(m.start(), m.end(), day) for m, day in made if day]


def _cjk_day(m: re.Match[str], sent: date) -> date | None:
    return make(_year(m[1]), int(m[2]), int(m[3]), sent) if m[2] else _next_month_day(int(m[3]), sent)


def _order_hint(text: str) -> str:
    """ "dm" or "md" where some numeric date of the text can be read in one way only; "" otherwise."""
    for m in _NUMERIC.finditer(text):
        first, second = int(m[1]), int(m[3])
        if first > 12 >= second:
            return "dm"
        if second > 12 >= first and m[2] != ".":
            return "md"
    return ""


def _numeric(text: str, sent: date, order: str) -> list[Found]:
    out: list[Found] = []
    for m in _NUMERIC.finditer(text):
        if _is_time(text, m):
            continue
        day = _read_numeric(m, sent, order, text)
        if day:
            out.append(Found(m.start(), m.end(), day))
    return out


def _is_time(text: str, m: re.Match[str]) -> bool:
    """10.30 and 9-5 are hours, 1/2 is a fraction: without a year a date needs two plausible halves and no word of time beside it."""
    if m[4]:
        return False
    beside = text[m.end() : m.end() + 8].lstrip()
    before = text[max(0, m.start() - 5) : m.start()]
    if re.match(r"(?:uhr|h\b|am\b|pm\b|a\.m|p\.m|o'clock|hrs?|time|gmt|cet)", beside) or re.search(r"(?:\bkl\.?|\bum|@)\s?$", before):
        return True
    return m[2] == "-" or (m[2] == "." and int(m[3]) > 12)


def _read_numeric(m: re.Match[str], sent: date, order: str, text: str) -> date | None:
    first, second, year = int(m[1]), int(m[3]), _year(m[4])
    day_first = make(year, second, first, sent) if second <= 12 else None
    month_first = make(year, first, second, sent) if first <= 12 and m[2] != "." else None
    if not day_first or not month_first or day_first == month_first:
        return day_first or month_first
    near = [d for d in (day_first, month_first) if 0 <= (d - sent).days <= AMBIGUOUS_DAYS]
    if len(near) == 1:
        return near[0]
    named = _WEEKDAY.search(text[max(0, m.start() - 14) : m.start()])
    if named:
        wanted = weekday_number(named[1]) - 1
        fits = [d for d in (day_first, month_first) if d.weekday() == wanted]
        if len(fits) == 1:
            return fits[0]
    return month_first if order == "md" else day_first


def _day_only(text: str, sent: date) -> list[Found]:
    out: list[Found] = []
    for m in _DAY_ONLY.finditer(text):
        number = int(next(g for g in m.groups() if g))
        day = _next_month_day(number, sent)
        if day:
            out.append(Found(m.start(), m.end(), day, weak=True))
    return out


def _next_month_day(number: int, sent: date) -> date | None:
    if not 1 <= number <= 31:
        return None
    day = sent
    for _ in range(62):
        if day.day == number:
            return day
        day += timedelta(days=1)
    return None


def weekday_number(word: str) -> int:
    """1 for Monday to 7 for Sunday, 0 if the folded word names none."""
    for size in range(len(word), 1, -1):
        if word[:size] in WEEKDAYS:
            return WEEKDAYS[word[:size]]
    return 0


_CJK_DAYS = {**dict(zip("一二三四五六日", range(1, 8), strict=True)), **dict(zip("月火水木金土日", range(1, 8), strict=True)), "天": 7}
_KOREAN_DAYS = dict(zip("월화수목금토일", range(1, 8), strict=True))


def _weekdays(text: str, sent: date) -> list[Found]:
    out = [
        Found(m.start(), m.end(), _next_weekday(weekday_number(m[1]), sent), weak=True)
        for m in _WEEKDAY.finditer(text)
        if weekday_number(m[1])
    ]
    for m in _WEEKDAY_CJK.finditer(text):
        letter = m[1][0] if m[1].endswith(("曜", "요일")) else m[1][-1]
        number = _CJK_DAYS.get(letter) or _KOREAN_DAYS.get(letter, 0)
        if number:
            out.append(Found(m.start(), m.end(), _next_weekday(number, sent), weak=True))
    return out


def _next_weekday(number: int, sent: date) -> date:
    ahead = (number - 1 - sent.weekday()) % 7
    return sent + timedelta(days=ahead or 7)


def _relative(text: str, sent: date) -> list[Found]:
    out = [Found(m.start(), m.end(), sent + timedelta(days=RELATIVE[m[0]])) for m in _RELATIVE.finditer(text)]
    out += [Found(m.start(), m.end(), sent + timedelta(days=1), weak=True) for m in _MORGEN.finditer(text)]
    for phrase in NEXT_WEEK:
        at = text.find(phrase)
        if at >= 0:
            out.append(Found(at, at + len(phrase), _next_weekday(1, sent), weak=True))
    for m in _IN.finditer(text):
        number = int(m[2]) if m[2].isdigit() else NUMBERS[m[2]]
        days = next(size for size, unit in _UNITS if re.fullmatch(unit, m[3]))
        out.append(Found(m.start(), m.end(), sent + timedelta(days=number * days), weak=True, span=m[1] in _FOR))
    return out
