"""Properties of a contact: which there are, of what type, and the one written form of each value. Pure.

A value is kept as text, so that every property is a token (`contact.birthday`); its form is such that the order of the text is the order of
the values, numbers aside. A value that its type does not know is refused with a sentence, never stored as it came.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from enum import StrEnum

from segue.domain.errors import Invalid

NAME_LIMIT = 100
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
"""What a token can name (`tokens.exists`)."""


class Kind(StrEnum):
    """Types of properties."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    PHONE = "phone"
    URL = "url"
    USER = "user"
    """The address of a user of the workspace; only the built-in `owner` has it, and then the users are its choices."""


@dataclass(frozen=True, slots=True)
class Property:
    """A property by the name that tokens and filters use. `choices` belong to the types choice and user."""

    name: str
    label: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()


FIELDS = (
    Property("email", "Email address"),
    Property("first_name", "First name"),
    Property("last_name", "Last name"),
    Property("company", "Company, as written on the contact"),
    Property("timezone", "Time zone"),
    Property("country", "Country"),
)
"""Properties with a column of their own."""

BUILT_IN: Mapping[str, Property] = {
    each.name: each
    for each in (
        *FIELDS,
        Property("job_title", "Job title"),
        Property("phone", "Phone", Kind.PHONE),
        Property("mobile_phone", "Mobile phone", Kind.PHONE),
        Property("website", "Website", Kind.URL),
        Property("city", "City"),
        Property("state", "State or region"),
        Property("owner", "Owner", Kind.USER),
    )
}
"""Properties that every workspace has."""

ENGINE_WRITTEN: Mapping[str, Property] = {
    each.name: each
    for each in (
        Property("hs_sequences_is_enrolled", "Currently in Sequence", Kind.BOOLEAN),
        Property("hs_sequences_actively_enrolled_count", "Number of sequences actively enrolled", Kind.NUMBER),
        Property("hs_sequences_enrolled_count", "Number of sequences enrolled", Kind.NUMBER),
        Property("hs_latest_sequence_enrolled", "Last sequence enrolled", Kind.NUMBER),
        Property("hs_latest_sequence_enrolled_date", "Last sequence enrolled date", Kind.DATETIME),
        Property("hs_latest_sequence_ended_date", "Last sequence ended date", Kind.DATETIME),
        Property("hs_latest_sequence_finished_date", "Last sequence finished date", Kind.DATETIME),
        Property("hs_latest_sequence_unenrolled_date", "Last sequence unenrolled date", Kind.DATETIME),
        Property("hs_sales_email_last_opened", "Recent Sales Email Opened Date", Kind.DATETIME),
        Property("hs_sales_email_last_clicked", "Recent Sales Email Clicked Date", Kind.DATETIME),
        Property("hs_sales_email_last_replied", "Recent Sales Email Replied Date", Kind.DATETIME),
        Property("hs_returning_to_office_detected_date", "Returning to office detected date", Kind.DATE),
        Property("segue_last_unenroll_reason", "Last unenroll reason"),
    )
}
"""Written by the engine, read-only for everybody else (SEQ-173)."""


class ValueProblem(Exception):
    """Why a value does not fit its property, in a sentence without its name."""


def make_property(name: str, label: str, kind: str, choices: Sequence[str] = ()) -> Property:
    """Make a property of a workspace's own.

    Raises:
        Invalid: the name cannot be a token or is taken, there is no such type, or choices and type do not fit.
    """
    wanted = name.strip().lower()
    if not NAME.fullmatch(wanted):
        hint = "Write small letters, digits and underscores, with a letter first: contract_end."
        raise Invalid(f'"{name}" cannot be the name of a property.', hint=hint, field="name")
    if wanted in BUILT_IN or wanted in ENGINE_WRITTEN or wanted in ("full_name", "other_addresses"):
        raise Invalid(f"{wanted} is a property of every workspace.", hint="Choose another name.", field="name")
    kinds = [each.value for each in Kind if each is not Kind.USER]
    if kind not in kinds:
        raise Invalid(f'There is no type "{kind}".', hint=f"Types are: {', '.join(kinds)}.", field="type")
    clean = tuple(dict.fromkeys(" ".join(each.split()) for each in choices if each.strip()))
    if (kind == Kind.CHOICE) != bool(clean):
        raise Invalid("The type choice needs choices, and no other has any.", hint="Add --choice VALUE once for each.", field="choices")
    if len({each.casefold() for each in clean}) < len(clean):
        raise Invalid("Two choices differ only in capital letters.", hint="Leave one of them out.", field="choices")
    return Property(wanted, " ".join(label.split()) or wanted.replace("_", " ").capitalize(), Kind(kind), clean)


def written_form(wanted: Property, text: str) -> str:
    """Return the one form of a value; empty stays empty, which says that there is none.

    Number `-1234.5`, date `2027-01-31`, datetime `2027-01-31T09:00:00+00:00` in UTC, boolean `true` or `false`, choice as it was defined.

    Raises:
        ValueProblem: the text is no value of this type.
    """
    value = text.strip()
    return _FORMS[wanted.kind](wanted, value) if value else ""


def _text(_: Property, value: str) -> str:
    return value


_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,20}(?:\.\d{1,20})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,.' \u00a0\u202f]\d{3})+(?:[.,]\d{1,20})?", re.ASCII)


def _number(_: Property, value: str) -> str:
    """A comma or dot with three digits behind it may part thousands or decimals: only where the other one tells is it taken."""
    number = value.replace("\u2212", "-")
    if not _PLAIN_NUMBER.fullmatch(number):
        if re.fullmatch(r"[+-]?\d{1,20},(?:\d{1,2}|\d{4,20})", number, re.ASCII):
            number = number.replace(",", ".")
        elif _GROUPED.fullmatch(number) and (marks := re.sub(r"[+\-0-9]", "", number)) and _is_told(marks):
            decimal = marks[-1] if len(set(marks)) > 1 else ""
            whole, point, rest = number.rpartition(decimal) if decimal else (number, "", "")
            number = re.sub(r"[,.' \u00a0\u202f]", "", whole) + ("." if point else "") + rest
        else:
            raise ValueProblem(f'"{_short(value)}" is no number that can be read in one way only. Write it as 1234.5')
    whole, point, rest = number.removeprefix("+").partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    shown = (digits.lstrip("0") or "0") + (f".{rest}".rstrip("0").rstrip(".") if point else "")
    return sign + shown if shown.strip("0.") else shown


def _is_told(marks: str) -> bool:
    """Say whether the marks between digits leave no doubt: several of one kind, or a blank, or two kinds of which the last comes once."""
    kinds = list(dict.fromkeys(marks))
    if len(kinds) == 1:
        return len(marks) > 1 or marks not in (",", ".")
    return len(kinds) == 2 and marks.count(kinds[1]) == 1 and kinds[1] in ".,"


_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})|([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def _date(_: Property, value: str) -> str:
    found = _DAY.fullmatch(value)
    if found is None:
        raise ValueProblem(f'"{_short(value)}" is no date. Write it as 2027-01-31')
    y, m, d, german_d, german_m, german_y, first, second, slash_y = (int(each) if each else 0 for each in found.groups())
    if slash_y and first != second and first <= 12 and second <= 12:
        raise ValueProblem(f'"{value}" may be two dates, by who reads it. Write it as 2027-01-31')
    if slash_y:
        y, m, d = (slash_y, second, first) if first > 12 else (slash_y, first, second)
    try:
        return date(y or german_y, m or german_m, d or german_d).isoformat()
    except ValueError:
        raise ValueProblem(f'"{value}" is no day of any year. Write it as 2027-01-31') from None


def _datetime(wanted: Property, value: str) -> str:
    """An instant; a day alone is its beginning, a time without offset is UTC."""
    if _DAY.fullmatch(value):
        value = _date(wanted, value)
    try:
        at = datetime.fromisoformat(value)
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(microsecond=0).isoformat()
    except (ValueError, OverflowError):
        raise ValueProblem(f'"{_short(value)}" is no time. Write it as 2027-01-31T09:00:00+01:00') from None


_TRUE = frozenset(["true", "yes", "y", "1", "on", "x", "wahr", "ja", "oui", "si", "sí"])
_FALSE = frozenset(["false", "no", "n", "0", "off", "falsch", "nein", "non"])


def _boolean(_: Property, value: str) -> str:
    word = value.casefold()
    if word in _TRUE or word in _FALSE:
        return "true" if word in _TRUE else "false"
    raise ValueProblem(f'"{_short(value)}" is neither true nor false. Write true or false')


def _choice(wanted: Property, value: str) -> str:
    for choice in wanted.choices:
        if choice.casefold() == " ".join(value.split()).casefold():
            return choice
    near = get_close_matches(value, wanted.choices, n=1)
    meant = f" Did you mean {near[0]}?" if near else ""
    raise ValueProblem(f'"{_short(value)}" is none of the choices: {", ".join(wanted.choices[:20])}.{meant}')


_PHONE = re.compile(r"\+?[0-9(][0-9 ()./\u2010-\u2015-]*(?:(?:ext\.?|x|#|;ext=)\s*\d{1,8})?", re.IGNORECASE)


def _phone(_: Property, value: str) -> str:
    """A number as it is dialled; kept as written, for people read it."""
    digits = sum(each.isdigit() for each in value)
    if not _PHONE.fullmatch(value) or not 3 <= digits <= 23:  # E.164: at most 15, and an extension
        raise ValueProblem(f'"{_short(value)}" is no phone number. Write it as +49 30 1234567')
    return " ".join(value.split())


_URL = re.compile(r"https?://[^\s/?#@]+\.[^\s/?#@]{2,}(?:[/?#]\S*)?", re.IGNORECASE)


def _url(_: Property, value: str) -> str:
    full = value if "://" in value else f"https://{value}"
    if not _URL.fullmatch(full) or len(full) > 2_000:
        raise ValueProblem(f'"{_short(value)}" is no web address. Write it as https://www.company.example')
    return full


def _user(wanted: Property, value: str) -> str:
    if value.lower() not in wanted.choices:
        raise ValueProblem(f'"{_short(value)}" is no user of this workspace. There is: {", ".join(wanted.choices[:20])}')
    return value.lower()


_FORMS = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.DATETIME: _datetime,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.PHONE: _phone,
    Kind.URL: _url,
    Kind.USER: _user,
}


def _short(value: str) -> str:
    return value if len(value) <= 60 else f"{value[:60]}…"
