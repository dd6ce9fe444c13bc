"""The closed grammar of templates (MAIL-10): text, `{{ name | filter }}`, and `{% if %} … {% elif %} … {% else %} … {% endif %}`.

Nothing else can be written, so nothing else can be run: no loops, no calls, no indexing, no arithmetic, no comments. The engine behind
never sees what a user typed inside a tag, only what `tokens.to_engine` writes anew from the tree that is made here.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as OneOf

from segue.domain.errors import Invalid

LITERAL_MAX = 200
TEMPLATE_MAX = 100_000
TAGS_MAX = 500
DEPTH_MAX = 20
NAME_PARTS_MAX = 2

FILTERS = {
    "fallback": (1, 1),
    "default": (1, 2),
    "upper": (0, 0),
    "lower": (0, 0),
    "title": (0, 0),
    "capitalize": (0, 0),
    "trim": (0, 0),
    "replace": (2, 2),
    "join": (0, 1),
    "length": (0, 0),
    "date": (0, 1),
    "number": (0, 2),
}
"""The filters that exist, with the least and the greatest number of arguments."""
FALLBACKS = frozenset({"fallback", "default"})
FILTERS_IN_A_ROW = 6

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""MAIL-4, for text with lines."""
_OPEN = re.compile(r"\{[{%#]")
_TOKEN = re.compile(
    r"""(?P<blank>(?:[ \t\r\n\u00a0]|&nbsp;)+)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|“[^”]*”|&quot;(?:(?!&quot;).)*&quot;)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<end>-?(?:\}\}|%\}))
    |(?P<op>==|!=|<=|>=|&lt;=|&gt;=|&lt;|&gt;|[<>|(),.])""",
    re.VERBOSE | re.DOTALL,
)
_COMPARISONS = {"==": "==", "!=": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "&lt;": "<", "&gt;": ">", "&lt;=": "<=", "&gt;=": ">="}
_RESERVED = frozenset({"and", "or", "not", "if", "elif", "else", "endif", "is", "in", "true", "false", "none", "True", "False", "None"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

Value = str | int | float | bool


class TemplateError(Invalid):
    """A template outside the grammar. `line` and `column` count from 1; the message begins with them."""

    code = "invalid_template"

    def __init__(self, message: str, *, hint: str, line: int, column: int) -> None:
        super().__init__(f"Line {line}, column {column}: {message}", hint=hint, line=line)
        self.column = column


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name as typed, with its place."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    arguments: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A name or a literal and the filters behind it."""

    base: Name | Value
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    inner: "Condition"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two conditions joined by `and`, `or` or a comparison."""

    operator: str
    left: "Condition"
    right: "Condition"


Condition = Chain | Not | Pair


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Output:
    """`{{ … }}`; the two flags say whether a dash asked for the blanks before or behind to be taken away."""

    chain: Chain
    trims: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class Tag:
    """`{% … %}`; only `if` and `elif` have a condition."""

    kind: OneOf["if", "elif", "else", "endif"]
    condition: Condition | None = None
    trims: tuple[bool, bool] = (False, False)


Node = Text | Output | Tag


def parse(text: str, *, is_html: bool = False) -> tuple[Node, ...]:
    """Read a template; the `if`s are balanced in what is returned. Raises TemplateError with line, column and what to do.

    In HTML the quotes, signs and blanks inside a tag may be written as entities, which is what editors make of them.
    """
    if len(text) > TEMPLATE_MAX:
        raise TemplateError(f"the text is longer than {TEMPLATE_MAX:,} characters.", hint="Shorten it.", line=1, column=1)
    control = _CONTROL.search(text)
    if control is not None:
        raise _TagReader(text, control.start(), is_html=is_html).error("an invisible control character stands here.", "Delete it.")
    nodes: list[Node] = []
    opened: list[tuple[int, bool]] = []
    at = tags = 0
    while (found := _OPEN.search(text, at)) is not None:
        if found.start() > at:
            nodes.append(Text(text[at : found.start()]))
        reader = _TagReader(text, found.start(), is_html=is_html)
        node = reader.read()
        if isinstance(node, Tag):
            _balance(node, opened, reader)
        nodes.append(node)
        at, tags = reader.end, tags + 1
        if tags > TAGS_MAX:
            raise reader.error("this text has too many tokens.", f"Use at most {TAGS_MAX}.", found.start())
    if at < len(text):
        nodes.append(Text(text[at:]))
    if opened:
        raise _TagReader(text, opened[-1][0], is_html=is_html).error("this if is never closed.", "Add {% endif %}.", opened[-1][0])
    return tuple(nodes)


def _balance(tag: Tag, opened: list[tuple[int, bool]], reader: "_TagReader") -> None:
    if tag.kind == "if":
        opened.append((reader.start, False))
        if len(opened) > DEPTH_MAX:
            raise reader.error("too many ifs stand inside each other.", f"Use at most {DEPTH_MAX}.", reader.start)
        return
    if not opened:
        raise reader.error(
            f"{tag.kind} stands without an if before it.", "Write {% if contact.company %} before it, or remove it.", reader.start
        )
    if tag.kind == "endif":
        opened.pop()
        return
    start, has_else = opened[-1]
    if has_else:
        raise reader.error(f"{tag.kind} stands behind an else.", "Put the else last, only once.", reader.start)
    opened[-1] = (start, tag.kind == "else")


class _TagReader:
    """Reads one tag by recursive descent, one token ahead."""

    def __init__(self, text: str, start: int, *, is_html: bool) -> None:
        self.text = text
        self.start = start
        self.end = start
        self._is_html = is_html
        self._depth = 0
        self._tokens: Iterator[tuple[str, str, int]] = iter(())
        self._kind, self._word, self._at = "", "", start

    def error(self, message: str, hint: str, at: int | None = None) -> TemplateError:
        at = self._at if at is None else at
        line = self.text.count("\n", 0, at) + 1
        return TemplateError(message, hint=hint, line=line, column=at - self.text.rfind("\n", 0, at))

    def read(self) -> Output | Tag:
        opening = self.text[self.start : self.start + 2]
        if opening == "{#":
            raise self.error("comments are not possible here.", "Remove {# … #}, or put a blank between { and #.", self.start)
        dash = self.text.startswith("-", self.start + 2)
        self._tokens = self._lex(self.start + 2 + dash)
        self._next()
        node_output = opening == "{{"
        chain = self._chain() if node_output else None
        kind, condition = ("", None) if node_output else self._tag()
        closing = "}}" if node_output else "%}"
        if self._kind != "end" or not self._word.endswith(closing):
            raise self._unexpected(node_output)
        self.end = self._at + len(self._word)
        trims = (dash, self._word.startswith("-"))
        if chain is not None:
            return Output(chain, trims)
        return Tag(kind, condition, trims)  # type: ignore[arg-type]

    def _unexpected(self, in_output: bool) -> TemplateError:
        if in_output and (self._word in _COMPARISONS or self._word in {"and", "or", "not", "if"}):
            return self.error(f"{self._word} cannot stand inside {{{{ … }}}}.", "Decide with {% if … %} … {% endif %} around the text.")
        if self._kind == "end":
            return self.error("the tag ends with the wrong braces.", "End {{ with }} and {% with %}.")
        return self.error(f"{self._word[:30]!r} is not understood here.", 'Write for example {{ contact.first_name | fallback("there") }}.')

    def _lex(self, at: int) -> Iterator[tuple[str, str, int]]:
        while at < len(self.text):
            found = _TOKEN.match(self.text, at)
            if found is None:
                char = self.text[at]
                self._at = at
                if char == "<":
                    raise self.error("formatting stands inside the braces.", "Remove the formatting of this token, or type it again.")
                raise self.error(
                    f"{char!r} cannot stand inside the braces.", "Only names, quoted text, numbers and the listed filters can."
                )
            kind = found.lastgroup or ""
            if kind != "blank":
                yield kind, found[0], at
                if kind == "end":
                    return
            at = found.end()
        raise self.error("the braces are never closed.", "Close {{ with }} and {% with %}.", self.start)

    def _next(self) -> str:
        word = self._word
        self._kind, self._word, self._at = next(self._tokens, ("", "", self._at))
        return word

    def _takes(self, word: str) -> bool:
        if self._word != word or self._kind == "string":
            return False
        self._next()
        return True

    def _tag(self) -> tuple[str, Condition | None]:
        at, kind = self._at, self._next()
        if kind in {"else", "endif"}:
            return kind, None
        if kind in {"if", "elif"}:
            return kind, self._either()
        raise self.error(f"{{% {kind[:30]} %}} is not possible.", "Only if, elif, else and endif are.", at)

    def _either(self) -> Condition:
        left = self._both()
        while self._takes("or"):
            self._dive()
            left = Pair("or", left, self._both())
        return left

    def _both(self) -> Condition:
        left = self._negation()
        while self._takes("and"):
            self._dive()
            left = Pair("and", left, self._negation())
        return left

    def _negation(self) -> Condition:
        if self._takes("not"):
            self._dive()
            return Not(self._negation())
        return self._comparison()

    def _comparison(self) -> Condition:
        left = self._operand()
        if self._kind == "op" and self._word in _COMPARISONS:
            return Pair(_COMPARISONS[self._next()], left, self._operand())
        return left

    def _operand(self) -> Condition:
        if not self._takes("("):
            return self._chain()
        self._dive()
        inner = self._either()
        if not self._takes(")"):
            raise self.error("a closing parenthesis is missing.", "Add ).")
        return inner

    def _dive(self) -> None:
        """Count what makes a condition long or deep, so that neither we nor the engine run out of stack."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise self.error("the condition is too long.", "Split it into several ifs.")

    def _chain(self) -> Chain:
        base: Name | Value = self._name() if self._kind == "word" and self._word not in {"true", "false"} else self._literal()
        filters: list[Filter] = []
        while self._takes("|"):
            filters.append(self._filter())
            if len(filters) > FILTERS_IN_A_ROW:
                raise self.error("too many filters stand in a row.", f"Use at most {FILTERS_IN_A_ROW}.")
        if self._word == "(" and isinstance(base, Name) and not filters:
            raise self.error(f"{base.name} cannot be called.", "Only values can be inserted.")
        return Chain(base, tuple(filters))

    def _name(self) -> Name:
        at = self._at
        parts = [self._next()]
        while self._takes("."):
            if self._kind != "word":
                raise self.error("a name is missing behind the dot.", "Write for example contact.first_name.")
            parts.append(self._next())
            if len(parts) > NAME_PARTS_MAX:  # the engine's own parser dies of stack overflow at some ten thousand
                raise self.error("this name has too many parts.", "Write for example contact.first_name.", at)
        wrong = next((part for part in parts if part in _RESERVED), None)
        if wrong is not None:
            raise self.error(f"{wrong!r} cannot be a name.", "Write for example contact.first_name.", at)
        place = self.error("", "", at)
        return Name(".".join(parts), place.line or 1, place.column)

    def _filter(self) -> Filter:
        at, name = self._at, self._next()
        if name not in FILTERS:
            raise self.error(f"there is no filter {name[:30]!r}.", "These exist: " + ", ".join(FILTERS) + ".", at)
        arguments: list[Value] = []
        if self._takes("(") and not self._takes(")"):
            arguments.append(self._literal())
            while self._takes(","):
                arguments.append(self._literal())
            if not self._takes(")"):
                raise self.error("a closing parenthesis is missing.", "Add ).")
        least, most = FILTERS[name]
        if not least <= len(arguments) <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            raise self.error(f"{name} takes {wanted} values, not {len(arguments)}.", 'Write for example fallback("there").', at)
        return Filter(name, tuple(arguments))

    def _literal(self) -> Value:
        kind, at, word = self._kind, self._at, self._word
        if kind == "number" and len(word) <= 15:
            self._next()
            return float(word) if "." in word else int(word)
        if word in {"true", "false"}:
            return self._next() == "true"
        if kind != "string":
            if kind == "end":
                raise self.error("nothing stands inside the braces.", "Write for example {{ contact.first_name }}.")
            raise self.error(f"{word[:30]!r} is not understood here.", 'Write text in quotes, for example fallback("there").')
        self._next()
        value = word[6:-6] if word.startswith("&quot;") else word[1:-1]
        if word[0] in "\"'":
            value = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else str(found[1]), value)
        if self._is_html:
            value = html.unescape(value)
        if len(value) > LITERAL_MAX:
            raise self.error(f"this quoted text is longer than {LITERAL_MAX} characters.", "Put long text outside the braces.", at)
        return value
