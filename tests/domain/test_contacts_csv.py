"""Rows of contact files: what columns mean, which addresses can be written to, and cells no spreadsheet runs."""

from zoneinfo import available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from segue.domain.contacts_csv import RowProblem, is_address, match_columns, neutralise, read_row, restore
from segue.domain.errors import Invalid

ZONES = {name.casefold(): name for name in available_timezones()}


def row(cells, header=("email", "first name", "time zone", "Shoe size")):
    return read_row(match_columns(header), cells, ZONES)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("E-Mail", "email"),
        ("Email Address", "email"),
        ("EMAIL", "email"),
        ("Vorname", "first_name"),
        ("Prénom", "first_name"),
        ("first_name", "first_name"),
        ("Surname", "last_name"),
        ("Company Name", "company"),
        ("Time Zone", "timezone"),
        ("Country/Region", "country"),
        ("Job Title", "job_title"),
        ("Mobile Phone Number", "mobile_phone"),
        ("Shoe size", "shoe_size"),
        ("2024 revenue (€)", "column_2024_revenue"),
        ("Größe", "grosse"),
        ("会社", "column_2"),
        ("", "column_2"),
        ("'=cmd()", "cmd"),
        ("x" * 200, "x" * 90),
    ],
)
def test_headings_are_understood_by_friendly_names(head, name):
    columns = match_columns(["mail" if name != "email" else "note", head])
    filled = {"email": 0, "first_name": 1, "last_name": 2, "company": 3, "timezone": 4, "country": 5}
    if name in filled:
        assert columns.fields[filled[name]] == 1
    else:
        assert (1, name) in columns.properties


def test_a_file_without_addresses_is_refused_with_what_was_found_and_what_is_expected():
    with pytest.raises(Invalid, match="Columns found: Name, Firma") as refused:
        match_columns(["Name", "Firma", ""])
    assert "Expected: email" in refused.value.hint
    assert "timezone" in refused.value.hint


def test_a_file_that_begins_with_a_contact_is_told_that_names_are_missing():
    with pytest.raises(Invalid, match="not the names of the columns"):
        match_columns(["ann@acme.example", "Ann"])


def test_two_columns_for_one_field_are_refused_and_two_of_one_property_are_kept_apart():
    with pytest.raises(Invalid, match='"E-Mail" and "Email"'):
        match_columns(["E-Mail", "Email"])
    columns = match_columns(["email", "Note", "note"])
    assert columns.properties == ((1, "note"), (2, "note_2"))


def test_too_many_columns_are_refused():
    match_columns(["email", *("x" for _ in range(499))])
    with pytest.raises(Invalid, match="501 columns"):
        match_columns(["email", *("x" for _ in range(500))])


def test_a_row_is_cleaned_and_its_other_cells_are_properties():
    values = row([" Ann <Ann.Lee@Acme.Example> ", "Ann\r\n  Lee\x00", "europe/berlin", " 38 "])
    assert values == ("Ann.Lee@Acme.Example", "ann.lee@acme.example", "Ann Lee", "", "", "Europe/Berlin", "", {"shoe_size": "38"}, ())


def test_missing_cells_at_the_end_are_empty_and_empty_ones_beyond_do_no_harm():
    assert row(["a@b.example"]).properties == {}
    assert row(["a@b.example", "", "", "", "", " "]).email == "a@b.example"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["", "Ann"], "no email address"),
        (["ann.acme.example"], '"ann.acme.example" is no email address'),
        (["a@b.example; c@d.example"], "is no email address"),
        (["a@b.example", "Ann", "CET+1"], "no time zone"),
        (["a@b.example", "Ann", "Europe/Berln"], "no time zone"),
        (["a@b.example", "x" * 256], "first_name is longer"),
        (["a@b.example", "", "", "x" * 10_001], "shoe_size is longer"),
        (["a@b.example", "", "", "", "more"], "has 5 cells, the first line 4"),
        (["a@b.example", "T\udce1mas"], "cannot be read"),
        (["a@b.example", "", "", "T\udce1mas"], "cannot be read"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(cells, problem):
    with pytest.raises(RowProblem, match=problem.replace("+", "\\+")):
        row(cells)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example",
        "Ann.Lee+tag@sub.acme-co.example",
        "o'hara@x.co",
        "müller@münchen.example",
        "用户@例子.example",
        "a@xn--mnchen-3ya.example",
        "x" * 64 + "@a.example",
    ],
)
def test_addresses_one_can_write_to(address):
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    [
        *["", "a", "@", "a@", "@b.example", "a@b", "a@@b.example", "a b@c.example", ".a@b.example", "a.@b.example", "a..b@c.example"],
        *["a@-b.example", "a@b-.example", "a@b..example", "a@b.example.", "a@[127.0.0.1]", "a@127.0.0.1", "a@b.123", '"a b"@c.example'],
        *[
            "a@b.example\n",
            "a@b.exa\x00mple",
            "a\u200b@b.example",
            "x" * 65 + "@a.example",
            "a@" + "x." * 124 + "example",
            "a@b_c.example",
            "a,b@c.example",
        ],
        *["a@b.example>", "<a@b.example", "mailto:a@b.example", "a@b.example,c@d.example", "ü" * 33 + "@a.example"],
    ],
)
def test_texts_that_are_no_address(text):
    assert not is_address(text)


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_not(text):
    if is_address(text):
        assert text.isprintable()
        assert text.count("@") == 1
        assert " " not in text


@given(st.text(st.sampled_from("=+-@'\" \t\r＝a1"), max_size=8))
@example("'=1")
@example("''=1")
def test_a_cell_made_harmless_is_restored_exactly(cell):
    """X6."""
    assert restore(neutralise(cell)) == cell


@given(st.text(st.sampled_from("=+-@'\" \t\r＝＋－＠a1"), max_size=8))
def test_no_cell_begins_like_a_formula_when_harmless(cell):
    harmless = neutralise(cell)
    assert harmless == cell or harmless[0] == "'"
    assert harmless.lstrip(' "\n\u201c')[:1] not in tuple("=+-@\t\r＝＋－＠")


def test_ordinary_cells_are_left_alone():
    assert [neutralise(cell) for cell in ("", "Ann", "'s-Hertogenbosch", "a=b", "1-2")] == ["", "Ann", "'s-Hertogenbosch", "a=b", "1-2"]
    assert restore("'s-Hertogenbosch") == "'s-Hertogenbosch"
