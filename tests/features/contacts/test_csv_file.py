"""Table files of any origin: encodings, separators, open quotes, endless lines. Whatever is wrong costs its own row."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.contacts.tables import workspace
from segue.domain.errors import Invalid
from segue.features.contacts import csv_file
from segue.features.contacts.csv_file import CsvFile, examine


def read(folder, content):
    path = folder / "table.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    file = CsvFile(path, examine(path))
    try:
        return file.header.cells, [(row.line, row.cells, row.problem) for row in file.rows()]
    finally:
        file.close()


def good(folder, content):
    return [cells for _, cells, problem in read(folder, content)[1] if not problem]


TOMAS = "email,name\nt@x.example,Tomáš\n"


@pytest.mark.parametrize(
    "content",
    [
        TOMAS.encode(),
        codecs.BOM_UTF8 + TOMAS.encode(),
        TOMAS.encode("utf-16"),
        codecs.BOM_UTF16_BE + TOMAS.encode("utf-16-be"),
        TOMAS.encode("utf-16-le"),
        TOMAS.encode("utf-16-be"),
        TOMAS.replace("\n", "\r\n").encode(),
        TOMAS.replace("\n", "\r").encode(),
        TOMAS.replace(",", ";").encode(),
        TOMAS.replace(",", "\t").encode("utf-16"),
        TOMAS.replace(",", "|").encode(),
        b"sep=;\r\n" + TOMAS.replace(",", ";").encode(),
        b"\n\n" + TOMAS.encode(),
        TOMAS.rstrip("\n").encode(),
    ],
)
def test_a_file_is_read_however_it_is_written(tmp_path, content):
    header, rows = read(tmp_path, content)
    assert header == ["email", "name"]
    assert [cells for _, cells, _ in rows] == [["t@x.example", "Tomáš"]]


def test_files_of_old_windows_programs_are_read(tmp_path):
    assert good(tmp_path, "email,name\na@x.example,Müller – 5 €\n".encode("cp1252")) == [["a@x.example", "Müller – 5 €"]]
    assert good(tmp_path, b"email,name\na@x.example,M\xfcller\x81\n") == [["a@x.example", "Müller\x81"]]


def test_a_broken_byte_in_a_utf8_file_does_not_spoil_the_other_accents(db_urls, tmp_path):
    content = b"email,name\na@x.example,Tom\xc3\xa1\xc5\xa1\nb@x.example,M\xfcller\nc@x.example,Jos\xc3\xa9\n"
    with workspace(db_urls.app_url, tmp_path) as acme:
        report = acme.load(content)
        assert [row.line for row in report.refused] == [3]
        assert acme.contacts("properties") == [({"name": "Tomáš"},), ({"name": "José"},)]
        assert b"M\xfcller" in report.errors_path.read_bytes()


def test_a_separator_within_quotes_of_the_heading_does_not_count(tmp_path):
    assert read(tmp_path, '"a;b;c;d",email\n1,2\n')[0] == ["a;b;c;d", "email"]


def test_cells_of_several_lines_are_one_row_and_lines_are_counted_as_they_stand(tmp_path):
    rows = read(tmp_path, 'email,note\na,"one\ntwo ""x""\n"\nb,c\n')[1]
    assert rows == [(2, ["a", 'one\ntwo "x"\n'], ""), (5, ["b", "c"], "")]


def test_a_quote_that_is_never_closed_costs_its_own_line_alone(tmp_path):
    lines = "".join(f"p{n},x\n" for n in range(500))
    rows = read(tmp_path, f'email,note\na,"open\n{lines}')[1]
    assert rows[0] == (2, ['a,"open'], "A quote is opened in this line and never closed.")
    assert [cells for _, cells, _ in rows[1:]] == [[f"p{n}", "x"] for n in range(500)]
    assert rows[-1][0] == 502


def test_a_quote_left_open_near_the_end_of_the_file_costs_its_own_line_alone(tmp_path):
    rows = read(tmp_path, 'email,note\na,"open\nb,c')[1]
    assert [(line, bool(problem)) for line, _, problem in rows] == [(2, True), (3, False)]


def test_quotes_inside_a_cell_are_letters(tmp_path):
    assert good(tmp_path, 'email,note\na,5" pipe\nb,6" pipe\n') == [["a", '5" pipe'], ["b", '6" pipe']]


def test_an_endless_line_costs_itself_alone_and_is_never_held_whole(tmp_path):
    rows = read(tmp_path, "email\na\n" + "x" * 3_000_000 + "\nb\n")[1]
    assert [(line, problem or cells) for line, cells, problem in rows] == [
        (2, ["a"]),
        (3, "The line is longer than 65,536 characters."),
        (4, ["b"]),
    ]


def test_an_endless_line_within_an_open_quote_costs_these_two_lines_alone(tmp_path):
    rows = read(tmp_path, 'email,note\na,"open\n' + "x" * 70_000 + "\nb,c\n")[1]
    assert [(line, bool(problem)) for line, _, problem in rows] == [(2, True), (3, True), (4, False)]


def test_a_line_at_the_limit_is_read_and_one_character_more_is_not(tmp_path):
    assert good(tmp_path, "email\n" + "x" * (csv_file.LINE_LIMIT - 1) + "\n") == [["x" * (csv_file.LINE_LIMIT - 1)]]
    assert good(tmp_path, "email\n" + "x" * csv_file.LINE_LIMIT + "\n") == []


def test_a_file_with_too_many_lines_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"\n" * (csv_file.LINE_COUNT_LIMIT + 1))
    with pytest.raises(Invalid, match="5,000,000 lines"):
        examine(path)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(csv_file.SIZE_LIMIT + 1)
    with pytest.raises(Invalid, match="1,000 MB"):
        examine(path)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(tmp_path_factory, content):
    read(tmp_path_factory.mktemp("any"), content)


@given(st.lists(st.text(st.sampled_from('ab",\n\r;\t\x00é'), max_size=12), max_size=12))
def test_no_line_is_lost_whatever_the_quotes(tmp_path_factory, parts):
    """Every line that holds something belongs to a row, good or bad."""
    content = "email,note\n" + "\n".join(parts) + "\nlast,row\n"
    rows = read(tmp_path_factory.mktemp("lines"), content.encode())[1]
    letters = sum(character in "abé" for part in parts for character in part)
    assert sum(character in "abé" for _, cells, _ in rows for cell in cells for character in cell) == letters + 1
