"""Typed properties of contacts: one written form for each value, and a sentence for each that does not fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segue.domain.errors import Invalid
from segue.domain.properties import BUILT_IN, ENGINE_WRITTEN, Kind, Property, ValueProblem, make_property, written_form


def form(kind, text, *choices):
    return written_form(Property("value", "Value", Kind(kind), choices), text)


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("text", "  as it is ", "as it is"),
        ("number", "38", "38"),
        ("number", "-1234.50", "-1234.5"),
        ("number", "+007", "7"),
        ("number", "1,234,567", "1234567"),
        ("number", "1,234.5", "1234.5"),
        ("number", "1.234,5", "1234.5"),
        ("number", "1'234.5", "1234.5"),
        ("number", "1 234", "1234"),
        ("number", "1,5", "1.5"),
        ("number", "0.000", "0"),
        ("number", "\u22123", "-3"),
        ("date", "2027-01-31", "2027-01-31"),
        ("date", "31.1.2027", "2027-01-31"),
        ("date", "31/01/2027", "2027-01-31"),
        ("date", "01/31/2027", "2027-01-31"),
        ("date", "2/2/2027", "2027-02-02"),
        ("datetime", "2027-01-31T09:00:00+01:00", "2027-01-31T08:00:00+00:00"),
        ("datetime", "2027-01-31 09:00", "2027-01-31T09:00:00+00:00"),
        ("datetime", "2027-01-31", "2027-01-31T00:00:00+00:00"),
        ("datetime", "2027-01-31T09:00:00Z", "2027-01-31T09:00:00+00:00"),
        ("boolean", "Yes", "true"),
        ("boolean", "nein", "false"),
        ("choice", "GOLD", "Gold"),
        ("phone", "+49 (30) 123-4567", "+49 (30) 123-4567"),
        ("phone", "030/1234567 ext. 12", "030/1234567 ext. 12"),
        ("url", "www.acme.example/a?b=c", "https://www.acme.example/a?b=c"),
        ("url", "http://acme.example", "http://acme.example"),
        *((kind.value, "  ", "") for kind in Kind),
    ],
)
def test_a_value_is_kept_in_the_one_form_of_its_type(kind, text, kept):
    assert form(kind, text, "Gold", "Silver") == kept


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        ("number", "1,234", "in one way only"),
        ("number", "1.2.3", "in one way only"),
        ("number", "38 EUR", "in one way only"),
        ("number", "1e9", "in one way only"),
        ("number", "٣", "in one way only"),
        ("date", "01/02/2027", "may be two dates"),
        ("date", "31.2.2027", "no day of any year"),
        ("date", "tomorrow", "no date"),
        ("datetime", "noon", "no time"),
        ("boolean", "maybe", "neither true nor false"),
        ("choice", "Goldd", "Did you mean Gold"),
        ("phone", "call me", "no phone number"),
        ("phone", "12", "no phone number"),
        ("url", "javascript:alert(1)", "no web address"),
        ("url", "https://user@host.example", "no web address"),
        ("user", "nobody@acme.example", "no user of this workspace"),
    ],
)
def test_a_value_that_does_not_fit_says_why(kind, text, problem):
    with pytest.raises(ValueProblem, match=problem):
        form(kind, text, "Gold", "Silver")


def test_a_number_with_one_comma_and_three_digits_is_two_numbers_unless_a_dot_tells():
    """1,234 is a thousand in New York and one and a bit in Berlin."""
    with pytest.raises(ValueProblem):
        form("number", "1,234")
    assert form("number", "1234.567") == "1234.567"


@given(st.sampled_from([kind for kind in Kind if kind not in (Kind.CHOICE, Kind.USER)]), st.text(max_size=40))
def test_any_text_has_one_form_or_a_problem_and_the_form_is_its_own(kind, text):
    try:
        kept = form(kind, text)
    except ValueProblem:
        return
    assert form(kind, kept) == kept


@given(st.datetimes(), st.datetimes())
def test_written_times_sort_as_the_times_do(one, other):
    """Filters compare the text."""
    kept = [form("datetime", each.isoformat()) for each in (one, other)]
    assert (kept[0] < kept[1]) == (one.replace(microsecond=0) < other.replace(microsecond=0))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (("9lives", "", "text", ()), "cannot be the name"),
        (("first_name", "", "text", ()), "of every workspace"),
        (("hs_sequences_is_enrolled", "", "boolean", ()), "of every workspace"),
        (("size", "", "integer", ()), "no type"),
        (("size", "", "user", ()), "no type"),
        (("size", "", "choice", ()), "needs choices"),
        (("size", "", "number", ("1",)), "needs choices"),
        (("size", "", "choice", ("a", "A")), "capital letters"),
    ],
)
def test_a_definition_that_is_not_sound_is_refused(given, problem):
    with pytest.raises(Invalid, match=problem) as refused:
        make_property(*given)
    assert refused.value.hint


def test_a_property_without_label_is_called_after_its_name():
    assert make_property("Contract_End", "", "date") == Property("contract_end", "Contract end", Kind.DATE)


def test_no_property_is_both_set_by_people_and_written_by_the_engine():
    assert not set(BUILT_IN) & set(ENGINE_WRITTEN)
