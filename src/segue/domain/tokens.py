"""Which tokens exist, what a missing one does, and how a checked template is handed to the engine (SEQ-18 … SEQ-22, MAIL-10).

A token without value and without fallback is shown as `[[MISSING TOKEN - contact.first_name]]` in every preview, and no text with such a
mark is ever sent (SEQ-20). A value is only ever put in, never read for tokens again.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from segue.domain.template_grammar import (
    FALLBACKS,
    Chain,
    Condition,
    Filter,
    Name,
    Node,
    Not,
    Output,
    Pair,
    Tag,
    TemplateError,
    Text,
    parse,
)

TOKENS = {
    "contact.first_name": "First name",
    "contact.last_name": "Last name",
    "contact.full_name": "First and last name",
    "contact.email": "Email address",
    "contact.company": "Company, as written on the contact",
    "contact.job_title": "Job title",
    "contact.phone": "Phone",
    "contact.mobile_phone": "Mobile phone",
    "contact.website": "Website",
    "contact.city": "City",
    "contact.state": "State or region",
    "contact.country": "Country",
    "contact.timezone": "Time zone",
    "company.name": "Name of the company record",
    "company.domain": "Domain of the company record",
    "company.website": "Website of the company record",
    "company.industry": "Industry of the company record",
    "company.phone": "Phone of the company record",
    "company.city": "City of the company record",
    "company.state": "State or region of the company record",
    "company.country": "Country of the company record",
    "company.number_of_employees": "Number of employees of the company record",
    "sender.first_name": "Your first name",
    "sender.last_name": "Your last name",
    "sender.full_name": "Your first and last name",
    "sender.email": "Your email address",
    "sender.job_title": "Your job title",
    "sender.phone": "Your phone",
    "sender.company": "Your company",
    "sender.meetings_link": "Your own meetings link (SEQ-22)",
    "unsubscribe_url": "Link to unsubscribe",
}
"""Tokens every workspace has, with what the token picker shows. The two companies differ on purpose (SEQ-19)."""

SAME_AS = {
    "firstname": "first_name",
    "lastname": "last_name",
    "fullname": "full_name",
    "jobtitle": "job_title",
    "mobilephone": "mobile_phone",
    "phone_number": "phone",
    "numberofemployees": "number_of_employees",
    "hs_timezone": "timezone",
    "meeting_link": "meetings_link",
    "meetings_url": "meetings_link",
}
"""HubSpot's names of properties, accepted as equal forms (SEQ-18)."""
_TOP_SAME_AS = {"unsubscribe_link": "unsubscribe_url"}
_OWN_PROPERTIES = frozenset({"contact", "company"})
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}")
_MISSING = re.compile(r"\[\[MISSING TOKEN - ([^\]\n]{1,200})\]\]")


class Missing(Enum):
    """What a missing token does where the text is rendered."""

    FAILS = "fails"
    """For sends: rendering raises."""
    IS_SHOWN = "is_shown"
    """For previews and drafts: the mark of SEQ-20 stands in its place."""


@dataclass(frozen=True, slots=True)
class TokenUse:
    """A token in a template by its one name. `has_fallback` is also true where its absence is provided for by an `if`."""

    name: str
    has_fallback: bool


def missing_text(name: str) -> str:
    """Return what a preview shows for a token without value (SEQ-20)."""
    return f"[[MISSING TOKEN - {name}]]"


def find_missing_marks(text: str) -> tuple[str, ...]:
    """Return the names in marks of missing tokens that stand in a text; a text with any must not be sent (SEQ-20)."""
    return tuple(dict.fromkeys(_MISSING.findall(text)))


def canonical(name: str) -> str:
    """Return the one name of a token: `contact.firstname` is `contact.first_name`."""
    head, dot, rest = name.partition(".")
    return f"{head}.{SAME_AS.get(rest, rest)}" if dot else _TOP_SAME_AS.get(name, name)


def tokens_used(text: str, *, is_html: bool = False) -> tuple[TokenUse, ...]:
    """Return the tokens of a template, each once, in order. Raises TemplateError for text outside the grammar.

    A token counts as without fallback when one of its uses has none.
    """
    uses: dict[str, bool] = {}
    for name, has_fallback in _uses(parse(text, is_html=is_html)):
        uses[canonical(name.name)] = uses.get(canonical(name.name), True) and has_fallback
    return tuple(TokenUse(name, has_fallback) for name, has_fallback in uses.items())


def check_template(
    text: str, *, is_html: bool = False, own: Collection[str] | None = None, placeholders: bool = True
) -> tuple[TokenUse, ...]:
    """Check a template when it is saved, and return its tokens. Raises TemplateError with line, column and what to do.

    `own` names the workspace's own properties, such as `contact.favourite_tea`; None accepts any property of contact and company.
    `placeholders` is false for snippets (SEQ-21).
    """
    check_names(parse(text, is_html=is_html), own=own, placeholders=placeholders)
    return tokens_used(text, is_html=is_html)


def check_names(nodes: tuple[Node, ...], *, own: Collection[str] | None = None, placeholders: bool = True) -> None:
    """Check the names in a parsed template, as `check_template` does. Raises TemplateError."""
    for name, _ in _uses(nodes):
        known = canonical(name.name)
        if known.startswith("placeholder.") and not placeholders:
            raise TemplateError(
                "placeholders are not possible in snippets.",
                hint="Put the placeholder into the template.",
                line=name.line,
                column=name.column,
            )
        if not exists(known, own):
            near = get_close_matches(known, [*TOKENS, *(own or ())], n=1)
            hint = f"Did you mean {near[0]}?" if near else "Choose one of the list of tokens, for example contact.first_name."
            raise TemplateError(f"there is no token {name.name[:60]!r}.", hint=hint, line=name.line, column=name.column)


def exists(name: str, own: Collection[str] | None = None) -> bool:
    """Say whether a token of this canonical name exists; `own` as in `check_template`."""
    head, dot, rest = name.partition(".")
    if name in TOKENS:
        return True
    if not dot or not _PROPERTY.fullmatch(rest):
        return False
    return head == "placeholder" or (head in _OWN_PROPERTIES if own is None else name in own)


def to_engine(nodes: tuple[Node, ...], missing: Missing) -> str:
    """Write a parsed template anew for the engine, under canonical names.

    Nothing that a user typed inside a tag is copied. A token that is absent counts as "" in a condition, as its fallback where it has
    one, and otherwise as `missing` says: with FAILS the bare name is left to the engine, whose strict mode raises.
    """
    return "".join(_write(node, missing) for node in nodes)


def _write(node: Node, missing: Missing) -> str:
    if isinstance(node, Text):
        return node.text
    before, behind = ("-" if trim else "" for trim in node.trims)
    if isinstance(node, Output):
        return f"{{{{{before} {_chain(node.chain, missing)} {behind}}}}}"
    return f"{{%{before} {node.kind} {_condition(node.condition) if node.condition else ''} {behind}%}}"


def _condition(condition: Condition) -> str:
    if isinstance(condition, Not):
        return f"(not {_condition(condition.inner)})"
    if isinstance(condition, Pair):
        return f"({_condition(condition.left)} {condition.operator} {_condition(condition.right)})"
    return _chain(condition, None)


def _chain(chain: Chain, missing: Missing | None) -> str:
    """Write a chain. Filters before the fallback apply to the value alone, those behind it to whichever of the two it is."""
    if not isinstance(chain.base, Name):
        return _literal(chain.base) + _filters(chain.filters)
    name = canonical(chain.base.name)
    at = next((at for at, each in enumerate(chain.filters) if each.name in FALLBACKS), None)
    if at is not None:
        instead, first, rest = _literal(chain.filters[at].arguments[0]), chain.filters[:at], chain.filters[at + 1 :]
    elif missing is Missing.FAILS:
        return name + _filters(chain.filters)
    else:
        instead = _literal("" if missing is None else missing_text(name))
        # In a condition `absent|length` must be 0; in a preview the mark must not be filtered.
        first, rest = ((), chain.filters) if missing is None else (chain.filters, ())
    return f"({name}{_filters(first)} if {name} is defined else {instead}){_filters(rest)}"


def _filters(filters: tuple[Filter, ...]) -> str:
    """Write filters; a second fallback can never be needed and is left out."""
    return "".join(
        f"|{each.name}({', '.join(map(_literal, each.arguments))})" if each.arguments else f"|{each.name}"
        for each in filters
        if each.name not in FALLBACKS
    )


def _literal(value: str | float | bool) -> str:
    """Write a literal as JSON, which is also the engine's syntax."""
    return json.dumps(value)


def _uses(nodes: tuple[Node, ...]) -> Iterator[tuple[Name, bool]]:
    """Yield every name with whether its absence is provided for: by a fallback, by standing in a condition, or by an `if` around it."""
    guards: list[frozenset[str]] = []
    for node in nodes:
        if isinstance(node, Output) and isinstance(node.chain.base, Name):
            guarded = any(canonical(node.chain.base.name) in guard for guard in guards)
            yield node.chain.base, guarded or any(each.name in FALLBACKS for each in node.chain.filters)
        elif isinstance(node, Tag):
            if node.condition is not None:
                yield from ((name, True) for name in _names(node.condition))
            if node.kind != "if":
                guards.pop()
            if node.kind != "endif":
                guards.append(_guarded(node.condition))


def _names(condition: Condition) -> Iterator[Name]:
    if isinstance(condition, Not):
        yield from _names(condition.inner)
    elif isinstance(condition, Pair):
        yield from _names(condition.left)
        yield from _names(condition.right)
    elif isinstance(condition.base, Name):
        yield condition.base


def _guarded(condition: Condition | None) -> frozenset[str]:
    """Return the tokens that surely have a value where this condition holds: those it names bare, also joined by `and`."""
    if isinstance(condition, Pair) and condition.operator == "and":
        return _guarded(condition.left) | _guarded(condition.right)
    if isinstance(condition, Chain) and isinstance(condition.base, Name) and not condition.filters:
        return frozenset({canonical(condition.base.name)})
    return frozenset()
