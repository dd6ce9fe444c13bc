"""From a template and one contact's values to the subject and the two parts of an email (MAIL-8 … MAIL-10, SEQ-18 … SEQ-29).

The engine is minijinja, behind three walls: the grammar (`domain.template_grammar`) and the writing anew of every tag (`domain.tokens`);
an environment without globals, tests and other filters; values that are plain JSON, taken over one by one. Whatever is rendered ends
within 256 kB and 50 ms (X3), and values are never read for tokens again.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Literal

import minijinja

from segue.domain.errors import DomainError, Invalid
from segue.domain.template_grammar import TEMPLATE_MAX, Chain, Condition, Name, Not, Output, Tag, parse
from segue.domain.tokens import Missing, canonical, check_names, find_missing_marks, to_engine
from segue.features.templates import filters, markup

OUTPUT_MAX = 256_000
"""X3."""
FUEL = 50_000
COMPILED_MAX = 2048
"""Subjects and bodies kept compiled; one takes some kilobytes."""

Format = Literal["text", "html"]
Context = Mapping[str, object]
_Kind = Literal["txt", "html"]

_OBJECTS = ("contact", "company", "sender", "placeholder")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LINES = re.compile(r"[ \t\r\n]+")


class MissingTokens(DomainError):
    """Tokens without value and without fallback; nothing is sent (SEQ-20). `code` is MISSING_TOKEN or UNFILLED_PLACEHOLDER (SEQ-62)."""

    def __init__(self, names: tuple[str, ...]) -> None:
        only_placeholders = all(name.startswith("placeholder.") for name in names)
        super().__init__(
            f"There is no value for {', '.join(names)}.",
            hint="Fill in the value, or give the token a fallback.",
            code="UNFILLED_PLACEHOLDER" if only_placeholders else "MISSING_TOKEN",
        )
        self.names = names


@dataclass(frozen=True, slots=True)
class Signature:
    """The sender's signature in both forms; made by `make_signature`."""

    text: str = ""
    html: str = ""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """What closes every email (SEQ-24, SEQ-25): the visible line, and the addresses for the headers (MAIL-45).

    With `is_shown` false only the headers remain. The line is left out too where the author placed `{{ unsubscribe_url }}` himself.
    """

    url: str
    mailto: str = ""
    words: str = "If you would rather not hear from me, unsubscribe here"
    postal_address: str = ""
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class Rendered:
    """An email's words; the last two go into `domain.mime.Letter` under the same names."""

    subject: str
    text: str
    html: str
    list_unsubscribe_url: str = ""
    list_unsubscribe_mailto: str = ""


def render_email(
    subject_template: str,
    body_template: str,
    context: Context,
    *,
    format: Format = "text",  # noqa: A002
    signature: Signature | str = "",
    unsubscribe: Unsubscribe | None = None,
) -> Rendered:
    """Render an email for sending.

    Shapes: `context` is {"contact": {...}, "company": {...}, "sender": {...}, "placeholder": {...}}, canonical names to plain JSON values;
    a signature given as str is plain text. Raises MissingTokens, TemplateError for text outside the grammar, Invalid for a value or a
    size that may not be.
    """
    work = _Work(context, format, signature, unsubscribe)
    made = _render(subject_template, body_template, work, Missing.FAILS)
    marks = find_missing_marks(f"{made.subject}\n{made.text}") if "[[MISSING" in made.text or "[[MISSING" in made.subject else ()
    if marks:
        raise MissingTokens(marks)
    return made


def preview_email(
    subject_template: str,
    body_template: str,
    context: Context,
    *,
    format: Format = "text",  # noqa: A002
    signature: Signature | str = "",
    unsubscribe: Unsubscribe | None = None,
) -> Rendered:
    """Render an email for looking at: `[[MISSING TOKEN - …]]` stands where a value is missing (SEQ-20). Otherwise like `render_email`."""
    return _render(subject_template, body_template, _Work(context, format, signature, unsubscribe), Missing.IS_SHOWN)


def find_missing(subject_template: str, body_template: str, context: Context, *, format: Format = "text") -> tuple[str, ...]:  # noqa: A002
    """Return the tokens that a send would miss, as the branches of its `if`s fall for this contact (SEQ-66)."""
    made = preview_email(subject_template, body_template, context, format=format, unsubscribe=Unsubscribe("https://unsubscribe.invalid"))
    return find_missing_marks(f"{made.subject}\n{made.text}")


def prepare_context(context: Context) -> dict[str, dict[str, object]]:
    """Return the context with every value checked and empty ones left out (MAIL-9). Raises Invalid naming the property.

    `render_email` does this itself for the values it uses, so that a bad value elsewhere on the record stops no mail.
    """
    made: dict[str, dict[str, object]] = {}
    for head in _OBJECTS:
        values = _object(context, head)
        checked = {key: _value(head, key, value) for key, value in values.items()}
        made[head] = {key: value for key, value in checked.items() if value is not None}
    return made


@lru_cache(maxsize=1024)
def make_signature(source: str, format: Format = "text") -> Signature:  # noqa: A002
    """Return a signature in both forms; HTML is cleaned."""
    if not source.strip():
        return Signature()
    if format == "html":
        html = markup.clean(source)
        return Signature(markup.to_text(html), f"<div>{html}</div>")
    return Signature(source.strip("\n"), markup.from_text(source))


@dataclass(frozen=True, slots=True)
class _Work:
    context: Context
    format: Format
    signature: Signature | str
    unsubscribe: Unsubscribe | None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A template in the engine. `names` are (object, property, how often), `fails` says whether a missing one raises."""

    source: str
    kind: _Kind
    fails: bool
    environment: minijinja.Environment
    template: str
    names: tuple[tuple[str, str, int], ...]
    heads: frozenset[str]
    size: int
    uses_unsubscribe: bool
    css: str


def _render(subject_template: str, body_template: str, work: _Work, missing: Missing) -> Rendered:
    subject = _LINES.sub(" ", _fill(_compile(subject_template, "txt", missing is Missing.FAILS), work)).strip(" ")
    kind: _Kind = "html" if work.format == "html" else "txt"
    compiled = _compile(body_template, kind, missing is Missing.FAILS)
    filled = _fill(compiled, work)
    if kind == "html":
        # Cleaning writes a bare "&" as five characters: what is refused here could not be sent, and would take long.
        if len(filled) + 4 * filled.count("&") > markup.HTML_MAX:
            raise _too_long(markup.HTML_MAX)
        html = markup.clean(filled)
        text = markup.to_text(html)
    else:
        text = filled.strip("\n")
        html = markup.from_text(text)
    texts, htmls = [text], [html]
    signature = make_signature(work.signature) if isinstance(work.signature, str) else work.signature
    if signature.text:
        texts.append(signature.text)
        htmls.append(signature.html)
    there = work.unsubscribe
    if there is not None and there.is_shown:
        line = _closing(there, with_link=not compiled.uses_unsubscribe)
        texts.append(line.text)
        htmls.append(line.html)
    text = "\n\n".join(filter(None, texts)) + "\n"
    html = markup.as_document("\n".join(filter(None, htmls)), compiled.css)
    if len(text) > OUTPUT_MAX or len(html) > markup.HTML_MAX:
        raise _too_long(markup.HTML_MAX)
    return Rendered(subject, text, html, there.url if there else "", there.mailto if there else "")


def _closing(there: Unsubscribe, *, with_link: bool) -> Signature:
    """Return the last lines of an email: the link to unsubscribe and the postal address."""
    texts = [f"{there.words}: {there.url}"] if with_link else []
    htmls = [f'<a href="{escape(there.url)}">{escape(there.words, quote=False)}</a>'] if with_link else []
    if there.postal_address:
        texts.append(there.postal_address)
        htmls.append(escape(there.postal_address, quote=False).replace("\n", "<br>\n"))
    html = "<br>\n".join(htmls)
    return Signature("\n".join(texts), f'<p style="color:#666666;font-size:12px">{html}</p>' if html else "")


def _fill(compiled: _Compiled, work: _Work) -> str:
    values: dict[str, dict[str, object]] = {"contact": {}, "company": {}, "sender": {}, "placeholder": {}}
    objects = {head: _object(work.context, head) for head in compiled.heads}
    bound = compiled.size
    for head, key, count in compiled.names:
        value = _value(head, key, objects[head].get(key))
        if value is not None:
            values[head][key] = value
            bound += count * len(value if isinstance(value, str) else str(value))
    if bound > OUTPUT_MAX:
        raise _too_long(OUTPUT_MAX)
    top: dict[str, object] = {"unsubscribe_url": work.unsubscribe.url} if work.unsubscribe else {}
    try:
        made = compiled.environment.render_template(compiled.template, **values, **top)
    except minijinja.TemplateError as error:
        if compiled.fails and error.kind == "UndefinedError":
            raise MissingTokens(find_missing_marks(_fill(_compile(compiled.source, compiled.kind, False), work))) from None
        # The engine's own words may quote values: they stay inside.
        raise Invalid(
            "A filter does not fit the value that it got.",
            hint="Use number for numbers, date for dates, the others for text.",
            field="body",
        ) from None
    if len(made) > OUTPUT_MAX:
        raise _too_long(OUTPUT_MAX)
    return made


def _too_long(most: int) -> Invalid:
    return Invalid(f"This email is longer than {most // 1000} kB.", hint="Shorten the text or the values in it.", field="body")


@lru_cache(maxsize=COMPILED_MAX)
def _compile(source: str, kind: _Kind, fails: bool) -> _Compiled:
    """Check and compile a template once; kept by its text, so every pinned revision has its own. Raises TemplateError, Invalid.

    Each has an environment of its own: making one takes 5 µs, and threads then never meet in it.
    """
    css = ""
    body = source
    if kind == "html":
        body, css = markup.take_styles(source)
        if len(body) > TEMPLATE_MAX or body.count("<") > markup.TAGS_MAX:
            raise Invalid(f"This HTML has more than {markup.TAGS_MAX} tags.", hint="Paste it again as plain text.", field="body")
    nodes = parse(body, is_html=kind == "html")
    check_names(nodes)
    if kind == "html":
        markup.check_places(nodes)
    counts: Counter[str] = Counter()
    for node in nodes:
        condition = node.chain if isinstance(node, Output) else node.condition if isinstance(node, Tag) else None
        if condition is not None:
            _count(condition, counts)
    name = f"email.{kind}"  # autoescape follows the name (MAIL-9)
    split = [(*each.partition(".")[::2], count) for each, count in counts.items() if "." in each]
    return _Compiled(
        source=source,
        kind=kind,
        fails=fails,
        environment=filters.make_environment({name: to_engine(nodes, Missing.FAILS if fails else Missing.IS_SHOWN)}, FUEL),
        template=name,
        names=tuple(split),
        heads=frozenset(head for head, _, _ in split),
        size=len(body),
        uses_unsubscribe="unsubscribe_url" in counts,
        css=css,
    )


def _count(condition: Condition, counts: Counter[str]) -> None:
    if isinstance(condition, Not):
        _count(condition.inner, counts)
    elif not isinstance(condition, Chain):
        _count(condition.left, counts)
        _count(condition.right, counts)
    elif isinstance(condition.base, Name):
        counts[canonical(condition.base.name)] += 1


def _object(context: Context, head: str) -> Mapping[str, object]:
    values = context.get(head) or {}
    if not isinstance(values, Mapping):
        raise Invalid(f"{head} is not an object.", field=head)
    return values


def _value(head: str, key: str, value: object) -> object:
    """Return a value as plain JSON, or None where there is none. Raises Invalid.

    Objects never reach the engine: their methods could be called from there, and a str with `__html__` would escape escaping (MAIL-9).
    """
    if isinstance(value, str):
        text = value if type(value) is str else str.__str__(value)
        if not text.isprintable():
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            if _CONTROL.search(text):
                raise Invalid(
                    f"The value of {head}.{key} holds an invisible control character.", hint="Type the value again.", field=f"{head}.{key}"
                )
        return text if text.strip() else None
    if value is None or value is True or value is False:
        return value
    if type(value) is int and abs(value) < 2**63:
        return value
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, list | tuple):
        return [
            each for each in (_value(head, key, each) for each in value if not isinstance(each, list | tuple)) if each is not None
        ] or None
    raise Invalid(f"The value of {head}.{key} is neither text nor a number nor a list of those.", field=f"{head}.{key}")
