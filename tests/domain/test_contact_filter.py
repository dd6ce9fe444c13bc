"""The language of saved filters: what it reads, what it refuses and where, and that nothing typed ever becomes SQL."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.contact_filter import Both, Condition, Either, Not, parse_filter
from segue.domain.errors import Invalid
from segue.domain.properties import BUILT_IN, Kind, Property
from segue.features.contacts.filter_sql import to_sql

KNOWN = {**BUILT_IN, "seats": Property("seats", "Seats", Kind.NUMBER), "renewal": Property("renewal", "Renewal", Kind.DATE)}
DE = Condition("country", Kind.TEXT, "=", ("DE",))
MANY = Condition("seats", Kind.NUMBER, ">=", ("50",))
NO_CITY = Condition("city", Kind.TEXT, "empty")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("country = DE", DE),
        ('COUNTRY="DE"', DE),
        ("country = DE and seats >= 50", Both(DE, MANY)),
        ("country = DE or seats >= 50 and city is empty", Either(DE, Both(MANY, NO_CITY))),
        ("(country = DE or seats >= 50) AND city IS EMPTY", Both(Either(DE, MANY), NO_CITY)),
        ("not country = DE", Not(DE)),
        ("city is not empty", Condition("city", Kind.TEXT, "filled")),
        ("country in (DE, AT)", Condition("country", Kind.TEXT, "in", ("DE", "AT"))),
        ('job_title contains "head of"', Condition("job_title", Kind.TEXT, "contains", ("head of",))),
        ("job_title starts with Head", Condition("job_title", Kind.TEXT, "starts", ("Head",))),
        ("renewal < 31.1.2027", Condition("renewal", Kind.DATE, "<", ("2027-01-31",))),
        (r'company = "The \"Best\" \\ Co"', Condition("company", Kind.TEXT, "=", ('The "Best" \\ Co',))),
        ('list = "Old customers"', Condition("list", Kind.TEXT, "=", ("Old customers",))),
    ],
)
def test_a_filter_is_read_with_or_weaker_than_and_weaker_than_not(text, read):
    assert parse_filter(text, KNOWN) == read


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the name of a property"),
        ("country", "an operator"),
        ("country = ", "a value"),
        ("country = DE and", "the name of a property"),
        ("country = DE seats = 5", "and, or, or the end"),
        ("(country = DE", "a closing parenthesis"),
        ("shoe_size = 3", "no property 'shoe_size'"),
        ("seats = many", "seats:"),
        ("city > A", "no order"),
        ("list contains x", "by its name"),
        ("country in ()", "a value"),
        ("city is nice", "empty, or not empty"),
        ('city = "open', "cannot be read at character 7"),
        ("city = 'x' ; drop table contacts", "and, or, or the end"),
        ("(" * 60 + "city = a" + ")" * 60, "nested too deeply"),
        ("not " * 60 + "city = a", "nested too deeply"),
        (" and ".join(["city = a"] * 201), "more than 200"),
        ("x" * 10_001, "longer than"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text, problem):
    with pytest.raises(Invalid, match=problem.replace("(", "\\(")) as refused:
        parse_filter(text, KNOWN)
    assert refused.value.hint


@given(st.text(max_size=80))
def test_no_text_is_anything_but_a_filter_or_refused(text):
    with contextlib.suppress(Invalid):
        parse_filter(text, KNOWN)


@given(st.sampled_from(["city", "company", "seats", "country", "list", "renewal"]), st.text(min_size=1, max_size=40))
def test_no_value_ever_stands_in_the_statement(name, value):
    """Canaries of two letters that no expression has."""
    quoted = '"' + (value + "qZ").replace("\\", "\\\\").replace('"', '\\"') + '"'
    try:
        made = parse_filter(f"{name} = {quoted}", KNOWN)
    except Invalid:
        return
    statement, parameters = to_sql(made)
    assert "qz" not in statement.lower()
    assert parameters
