"""Which tokens exist, what a missing one does, and the closed grammar: SEQ-18 … SEQ-22, MAIL-10."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.template_grammar import FILTERS, TEMPLATE_MAX, TemplateError, parse
from segue.domain.tokens import (
    TOKENS,
    Missing,
    TokenUse,
    canonical,
    check_template,
    exists,
    find_missing_marks,
    missing_text,
    to_engine,
    tokens_used,
)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("contact.firstname", "contact.first_name"),
        ("contact.jobtitle", "contact.job_title"),
        ("contact.first_name", "contact.first_name"),
        ("company.name", "company.name"),
        ("sender.meeting_link", "sender.meetings_link"),
        ("unsubscribe_link", "unsubscribe_url"),
        ("placeholder.reason", "placeholder.reason"),
    ],
)
def test_names_of_hubspot_are_equal_forms(typed: str, name: str) -> None:
    """SEQ-18."""
    assert canonical(typed) == name
    assert tokens_used(f"a {{{{ {typed} }}}} b") == (TokenUse(name, has_fallback=False),)


def test_the_two_companies_are_two_tokens() -> None:
    """SEQ-19."""
    assert {"contact.company", "company.name"} <= set(TOKENS)
    assert canonical("contact.company") != canonical("company.name")


def test_every_token_of_the_list_exists_by_its_one_name() -> None:
    for name in TOKENS:
        assert canonical(name) == name
        assert exists(name)
        assert exists(name, own=())


@pytest.mark.parametrize(
    ("text", "has_fallback"),
    [
        ("{{ contact.city }}", False),
        ("{{contact.city}}", False),
        ("{{- contact.city -}}", False),
        ('{{ contact.city | fallback("there") }}', True),
        ("{{ contact.city|default('there') }}", True),
        ("{{ contact.city|default('there', true) }}", True),
        ('{{ contact.city|upper|fallback("there")|trim }}', True),
        ("{{ contact.city|upper }}", False),
        ('{{ contact.city|fallback("x") }} {{ contact.city }}', False),
        ("{% if contact.city %}x{% endif %}", True),
        ("{% if contact.city %}in {{ contact.city }}{% endif %}", True),
        ("{% if contact.city and contact.country %}in {{ contact.city }}{% endif %}", True),
        ("{% if contact.country %}{{ contact.city }}{% endif %}", False),
        ("{% if contact.city %}{% else %}{{ contact.city }}{% endif %}", False),
        ("{% if contact.city %}a{% endif %}{{ contact.city }}", False),
        ("{% if not contact.city %}{{ contact.city }}{% endif %}", False),
        ("{% if contact.city or contact.country %}{{ contact.city }}{% endif %}", False),
    ],
)
def test_a_use_knows_whether_absence_is_provided_for(text: str, has_fallback: bool) -> None:
    """SEQ-20, SEQ-47."""
    assert TokenUse("contact.city", has_fallback) in tokens_used(text)


def test_a_preview_shows_the_name_of_the_missing_token() -> None:
    """SEQ-20."""
    assert missing_text("contact.city") == "[[MISSING TOKEN - contact.city]]"
    assert find_missing_marks(f"a {missing_text('contact.city')} b {missing_text('x.y')} {missing_text('x.y')}") == ("contact.city", "x.y")
    assert find_missing_marks("[[MISSING]] [MISSING TOKEN - a]") == ()


OUTSIDE = [
    ("{% for i in contact.tags %}x{% endfor %}", 1, 4),
    ("{% set a = 1 %}", 1, 4),
    ("{% include 'x' %}", 1, 4),
    ("{% extends 'x' %}", 1, 4),
    ("{% macro a() %}{% endmacro %}", 1, 4),
    ("{% raw %}{{ x }}{% endraw %}", 1, 4),
    ("{% autoescape false %}", 1, 4),
    ("{% block a %}", 1, 4),
    ("{% do x %}", 1, 4),
    ("{# note #}", 1, 1),
    ("line\nline {{ contact.city|safe }}", 2, 22),
    ('{{ "%1000000000d"|format(1) }}', 1, 19),
    ("{{ range(9) }}", 1, 9),
    ("{{ contact.city() }}", 1, 16),
    ("{{ contact['city'] }}", 1, 11),
    ("{{ [1] * 9 }}", 1, 4),
    ("{{ 2 ** 9 }}", 1, 6),
    ('{{ "a" ~ "b" }}', 1, 8),
    ("{{ 1 + 1 }}", 1, 6),
    ("{{ {} }}", 1, 4),
    ("{{ contact.city if contact.city else 'x' }}", 1, 17),
    ("{{ contact.city == 'x' }}", 1, 17),
    ("{{ not contact.city }}", 1, 4),
    ("{{ }}", 1, 4),
    ("{{ contact.city", 1, 1),
    ("{{ contact.city %}", 1, 17),
    ("{% if contact.city }}x{% endif %}", 1, 20),
    ("{% if contact.city %}x", 1, 1),
    ("x{% endif %}", 1, 2),
    ("{% else %}", 1, 1),
    ("{% if contact.city %}{% else %}{% else %}{% endif %}", 1, 32),
    ("{% if %}{% endif %}", 1, 7),
    ("{% if (contact.city %}{% endif %}", 1, 21),
    ("{% if contact.city is defined %}{% endif %}", 1, 20),
    ("{% if 'a' in contact.city %}{% endif %}", 1, 11),
    ("{{ contact.city|fallback }}", 1, 17),
    ("{{ contact.city|fallback(contact.state) }}", 1, 26),
    ("{{ contact.city|upper(1) }}", 1, 17),
    ("{{ contact.<b>city</b> }}", 1, 12),
    ("{{ contact.city|fallback('" + "x" * 201 + "') }}", 1, 26),
    ("{{ 1234567890123456 }}", 1, 4),
    ("{{ contact.if }}", 1, 4),
    ("{{ none }}", 1, 4),
    ("{{ contact.a.b }}", 1, 4),
    ("{{ " + "a." * 40_000 + "b }}", 1, 4),
    ('{{ contact.city|fallback("x }}', 1, 26),
    ("{{ {{ contact.city }} }}", 1, 4),
    ("{{{ contact.city }}}", 1, 3),
    ("{% if " + "(" * 30 + "contact.city" + ")" * 30 + " %}{% endif %}", 1, 28),
    ("{% if " + "not " * 3000 + "contact.city %}{% endif %}", 1, 91),
    ("{% if contact.city" + " and contact.city" * 3000 + " %}{% endif %}", 1, 364),
    ("{{ contact.city" + "|trim" * 3000 + " }}", 1, 51),
    ("a\x00b", 1, 2),
]


@pytest.mark.parametrize(("text", "line", "column"), OUTSIDE, ids=[text[:40] for text, _, _ in OUTSIDE])
def test_all_else_is_refused_with_its_place_and_what_to_do(text: str, line: int, column: int) -> None:
    """MAIL-10, X3."""
    with pytest.raises(TemplateError) as caught:
        check_template(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert caught.value.message.startswith(f"Line {line}, column {column}: ")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "{% if contact.city %}" * 21 + "{% endif %}" * 21,
        "{{ contact.city }}" * 501,
        "x" * (TEMPLATE_MAX + 1),
    ],
)
def test_size_and_depth_are_bounded(text: str) -> None:
    with pytest.raises(TemplateError):
        check_template(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no token, but } and {x} and }} and %} and { {",
        "{% if contact.city == 'Bern' and (contact.n >= 3 or not contact.state != \"x\") %}a{% elif true %}b{% else %}c{% endif %}",
        "{%- if contact.tags|length > 2 -%}{{ contact.tags|join(', ') }}{%- endif -%}",
        "{{ 'a \\' \\\" \\\\ b' }} {{ 3 }} {{ 2.5 }} {{ true }}",
        "{{ contact.city|fallback(“there”) }}",
        "{{\u00a0contact.city\n}}",
    ],
)
def test_all_of_the_grammar_is_accepted(text: str) -> None:
    check_template(text)


def test_every_filter_of_the_list_is_accepted() -> None:
    arguments = {"fallback": '("x")', "default": '("x")', "replace": '("a", "b")'}
    for name in FILTERS:
        check_template(f"{{{{ contact.city|{name}{arguments.get(name, '')} }}}}")


def test_editors_may_write_entities_inside_a_tag() -> None:
    text = "{{&nbsp;contact.city | fallback(&quot;Tom &amp; Co&quot;) }}{% if contact.n &gt;= 3 %}x{% endif %}"
    assert '"Tom & Co"' in to_engine(parse(text, is_html=True), Missing.FAILS)


def test_an_unknown_token_is_named_with_the_nearest_one() -> None:
    with pytest.raises(TemplateError) as caught:
        check_template("a\n {{ sender.frist_name }}")
    assert (caught.value.line, caught.value.column) == (2, 5)
    assert caught.value.hint == "Did you mean sender.first_name?"


def test_own_properties_exist_only_where_they_were_made() -> None:
    text = "{{ contact.favourite_tea }}"
    assert check_template(text) == (TokenUse("contact.favourite_tea", has_fallback=False),)
    assert check_template(text, own={"contact.favourite_tea"})
    with pytest.raises(TemplateError):
        check_template(text, own={"company.favourite_tea"})
    with pytest.raises(TemplateError):
        check_template("{{ sender.favourite_tea }}")
    for name in ("contact", "os", "contact.a.b", "contact.__class__", "self.x", "loop.index"):
        with pytest.raises(TemplateError):
            check_template(f"{{{{ {name} }}}}")


def test_placeholders_are_not_for_snippets() -> None:
    """SEQ-21."""
    assert check_template("{{ placeholder.reason }}") == (TokenUse("placeholder.reason", has_fallback=False),)
    with pytest.raises(TemplateError, match="placeholders"):
        check_template("{{ placeholder.reason }}", placeholders=False)


@given(st.text(st.sampled_from("{}%#|().\"'\\ \n-=<>!abcontact.if elselnd,_1&;“”")))
def test_any_text_is_accepted_or_refused_but_never_crashes(text: str) -> None:
    outcome = verdict(text)
    if isinstance(outcome, TemplateError):
        assert 1 <= (outcome.line or 0) <= text.count("\n") + 1
        assert outcome.column >= 1
    else:
        assert all(exists(use.name, ()) for use in outcome)


def verdict(text: str) -> tuple[TokenUse, ...] | TemplateError:
    try:
        return check_template(text, own=())
    except TemplateError as error:
        return error


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_what_a_user_typed_inside_a_tag_is_written_anew(literal: str) -> None:
    """Only our own writing reaches the engine: literals as JSON in ASCII."""
    quoted = literal[:200].replace("\\", "\\\\").replace('"', '\\"')
    made = to_engine(parse(f'{{{{ contact.firstname | fallback("{quoted}") }}}}'), Missing.FAILS)
    assert made.isascii()
    assert made.startswith("{{ (contact.first_name if contact.first_name is defined else ")
