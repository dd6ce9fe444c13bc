"""The language of saved filters: conditions on properties of a contact, with and, or, not and parentheses. Pure.

    country = DE and (job_title contains "chief" or seats >= 50) and not list = "Customers" and renewal < 2027-03-01

    condition   NAME OPERATOR VALUE  ·  NAME in (VALUE, VALUE)  ·  NAME is empty  ·  NAME is not empty
    operators   =  !=  <  <=  >  >=  contains  starts with
    values      words without blanks, or "in quotes"; inside quotes \" is a quote and \\ a backslash
    names       every property, those that the engine writes (hs_sequences_is_enrolled, …), and: list, created, updated

Texts are compared without regard to capitals. What a contact does not have is empty: it is != to everything and in no order.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from segue.domain.errors import Invalid
from segue.domain.properties import Kind, Property, ValueProblem, written_form

LENGTH_LIMIT = 10_000
DEPTH_LIMIT = 50
CONDITION_LIMIT = 200

OWN_NAMES: Mapping[str, Property] = {
    "list": Property("list", "On the list"),
    "created": Property("created", "Created", Kind.DATETIME),
    "updated": Property("updated", "Changed", Kind.DATETIME),
}
"""Names beside the properties."""

ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.DATETIME})


@dataclass(frozen=True, slots=True)
class Condition:
    """One question. `operator`: = != < <= > >= contains starts in empty; `values` in the written form of the property's type."""

    name: str
    kind: Kind
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Filter"


@dataclass(frozen=True, slots=True)
class Both:
    left: "Filter"
    right: "Filter"


@dataclass(frozen=True, slots=True)
class Either:
    left: "Filter"
    right: "Filter"


Filter = Condition | Not | Both | Either

_TOKEN = re.compile(r'\s*(?:(?P<quoted>"(?:[^"\\]|\\["\\])*")|(?P<mark>!=|<=|>=|[=<>(),])|(?P<word>[^\s=<>(),"!]+))')


def parse_filter(text: str, known: Mapping[str, Property]) -> Filter:
    """Read a filter. `known`: the properties there are, by name.

    Raises:
        Invalid: it cannot be read, names no property, or a value does not fit; says where.
    """
    if len(text) > LENGTH_LIMIT:
        raise Invalid(f"The filter is longer than {LENGTH_LIMIT:,} characters.", hint="Put the contacts on a list instead.")
    reader = _Reader(_split(text), {**known, **OWN_NAMES})
    made = reader.either(0)
    if reader.ahead is not None:
        raise reader.problem("and, or, or the end")
    return made


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    place: int
    quoted: bool = False


def _split(text: str) -> list[_Word]:
    words, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise Invalid(f"The filter cannot be read at character {at + 1}: {text[at : at + 20].strip()!r}.", hint=_HINT, field="filter")
        if found["quoted"] is not None:
            words.append(_Word(re.sub(r"\\(.)", r"\1", found["quoted"][1:-1]), found.start("quoted"), quoted=True))
        else:
            words.append(_Word(found["mark"] or found["word"], found.start(found.lastgroup or "word")))
        at = found.end()
    return words


_HINT = 'A filter looks like this: country = DE and (job_title contains "chief" or seats >= 50).'


class _Reader:
    """Reads words from left to right: `or` binds weakest, then `and`, then `not`."""

    def __init__(self, words: list[_Word], known: Mapping[str, Property]) -> None:
        self.words = words
        self.known = known
        self.at = 0
        self.conditions = 0

    @property
    def ahead(self) -> _Word | None:
        return self.words[self.at] if self.at < len(self.words) else None

    def problem(self, expected: str) -> Invalid:
        word = self.ahead
        found = f"{word.text[:40]!r} at character {word.place + 1}" if word else "the end"
        return Invalid(f"The filter expects {expected} and finds {found}.", hint=_HINT, field="filter")

    def take(self, *texts: str) -> str:
        """Step over one of these words if it is next."""
        word = self.ahead
        if word is not None and not word.quoted and word.text.lower() in texts:
            self.at += 1
            return word.text.lower()
        return ""

    def either(self, depth: int) -> Filter:
        if depth > DEPTH_LIMIT:
            raise Invalid("The filter is nested too deeply.", hint="Write it with fewer parentheses.", field="filter")
        made = self.both(depth)
        while self.take("or"):
            made = Either(made, self.both(depth))
        return made

    def both(self, depth: int) -> Filter:
        made = self.one(depth)
        while self.take("and"):
            made = Both(made, self.one(depth))
        return made

    def one(self, depth: int) -> Filter:
        if self.take("not"):
            if depth >= DEPTH_LIMIT:
                raise Invalid("The filter is nested too deeply.", hint="Write it with fewer nots.", field="filter")
            return Not(self.one(depth + 1))
        if self.take("("):
            made = self.either(depth + 1)
            if not self.take(")"):
                raise self.problem("a closing parenthesis")
            return made
        return self.condition()

    def condition(self) -> Condition:
        self.conditions += 1
        if self.conditions > CONDITION_LIMIT:
            raise Invalid(f"The filter has more than {CONDITION_LIMIT} conditions.", hint="Put the contacts on a list instead.")
        word = self.ahead
        if word is None or word.quoted or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", word.text):
            raise self.problem("the name of a property")
        named = self.known.get(word.text.lower())
        if named is None:
            message = f"There is no property {word.text!r} (character {word.place + 1} of the filter)."
            raise Invalid(message, hint="`segue property list` shows them all.", field="filter")
        self.at += 1
        return self._question(named)

    def _question(self, named: Property) -> Condition:
        if self.take("is"):
            negated = bool(self.take("not"))
            if not self.take("empty"):
                raise self.problem("empty, or not empty")
            return Condition(named.name, named.kind, "filled" if negated else "empty")
        if self.take("in"):
            if not self.take("("):
                raise self.problem("an opening parenthesis")
            values = [self._value(named, "=")]
            while self.take(","):
                values.append(self._value(named, "="))
            if not self.take(")"):
                raise self.problem("a comma or a closing parenthesis")
            return Condition(named.name, named.kind, "in", tuple(values))
        operator = self.take("=", "!=", "<", "<=", ">", ">=", "contains", "starts")
        if not operator:
            raise self.problem("an operator such as = or contains")
        if operator == "starts" and not self.take("with"):
            raise self.problem("with")
        if operator in ("<", "<=", ">", ">=") and named.kind not in ORDERED:
            message = f"{named.name} is {named.kind.value} and has no order."
            raise Invalid(message, hint="Numbers, dates and times can be compared; a text can be = or contain.", field="filter")
        if named.name == "list" and operator not in ("=", "!="):
            raise Invalid("A list is only asked for by its name.", hint='Write list = "Customers".', field="filter")
        return Condition(named.name, named.kind, operator, (self._value(named, operator),))

    def _value(self, named: Property, operator: str) -> str:
        word = self.ahead
        if word is None or (not word.quoted and word.text in "=!<>(),"):
            raise self.problem("a value")
        self.at += 1
        if operator in ("contains", "starts") or named.kind in (Kind.TEXT, Kind.USER, Kind.PHONE, Kind.URL):
            return word.text
        try:
            return written_form(named, word.text)
        except ValueProblem as problem:
            raise Invalid(f"{named.name}: {problem} (character {word.place + 1} of the filter).", hint=_HINT, field="filter") from None
