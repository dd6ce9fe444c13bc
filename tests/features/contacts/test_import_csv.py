"""What an import stores, and that running it again never doubles."""

import json
from pathlib import Path

import pytest

from features.contacts.tables import workspace
from segue.domain.errors import Invalid, NotFound
from segue.features.contacts.import_csv import BATCH, SeenAddresses, import_csv

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def acme(db_urls, tmp_path):
    with workspace(db_urls.app_url, tmp_path) as made:
        yield made


def counts(report):
    done = report.progress
    return done.created, done.updated, done.unchanged, done.refused


def test_columns_become_fields_and_the_others_properties(acme):
    report = acme.load("E-Mail,First Name,Surname,Firm,Time zone,Country,Shoe size\nann@x.example,Ann,Lee,,Europe/Rome,IT,38\n")
    assert acme.contacts("email, email_normal, first_name, last_name, timezone, country, properties") == [
        ("ann@x.example", "ann@x.example", "Ann", "Lee", "Europe/Rome", "IT", {"shoe_size": "38"})
    ]
    assert report.columns["Shoe size"] == "shoe_size"
    assert report.columns["E-Mail"] == "email"
    assert report.errors_path is None


def test_the_same_import_again_changes_nothing(acme):
    content = "email,first_name,size\nann@x.example,Ann,38\nbob@x.example,Bob,44\n"
    assert counts(acme.load(content)) == (2, 0, 0, 0)
    before = acme.contacts("id, email, updated_at, xmin::text")
    acme.clock.advance(acme.clock.now() - acme.clock.now().replace(hour=1))
    assert counts(acme.load(content)) == (0, 0, 2, 0)
    assert acme.contacts("id, email, updated_at, xmin::text") == before


def test_a_later_file_updates_what_it_says_and_keeps_what_it_leaves_empty(acme):
    acme.load("email,first_name,last_name,size,colour\nann@x.example,Ann,Lee,38,red\n")
    report = acme.load("email,first_name,last_name,size\nANN@x.example,Anna,,39\n")
    assert counts(report) == (0, 1, 0, 0)
    assert acme.contacts("email, first_name, last_name, properties") == [("ANN@x.example", "Anna", "Lee", {"size": "39", "colour": "red"})]


def test_spellings_that_reach_one_mailbox_are_one_contact(acme):
    """SEQ-64: exclusivity compares normal forms, so contacts do too."""
    acme.load("email\nann.lee@gmail.com\n")
    assert counts(acme.load("email\nAnnLee+crm@googlemail.com\n")) == (0, 1, 0, 0)


def test_a_contact_may_not_stand_in_a_file_twice_and_the_first_counts(acme):
    report = acme.load("email,first_name\nann@x.example,Ann\nbob@x.example,Bob\nAnn@X.example,Other\n")
    assert counts(report) == (2, 0, 0, 1)
    assert [(row.line, row.problem) for row in report.refused] == [(4, "The same address stands in line 2 already.")]
    assert acme.contacts("first_name") == [("Ann",), ("Bob",)]


def test_bad_rows_stay_out_with_their_line_and_the_others_go_in(acme):
    report = acme.load("email,time zone\nnobody,\nann@x.example,\n\nbob@x.example,Moon\n,\ncleo@x.example,UTC\n")
    assert counts(report) == (2, 0, 0, 2)
    assert [row.line for row in report.refused] == [2, 5]
    assert acme.contacts("email") == [("ann@x.example",), ("cleo@x.example",)]


def test_the_rows_that_stayed_out_can_be_corrected_and_imported(acme):
    report = acme.load('email,Note\nnobody,"=1+1"\n"x@y",a\n')
    text = report.errors_path.read_text(encoding="utf-8-sig")
    assert text.splitlines() == [
        "segue_line,segue_problem,email,Note",
        '2,"""nobody"" is no email address.",nobody,\'=1+1',
        '3,"""x@y"" is no email address.",x@y,a',
    ]
    corrected = text.replace("nobody,'", "ann@x.example,'").replace(",x@y,", ",still wrong,")
    again = import_csv(acme.db, acme.id, acme.write(corrected, "corrected.csv"))
    assert acme.contacts("email, properties") == [("ann@x.example", {"note": "=1+1"})]
    assert again.errors_path.name == "corrected.errors.csv"
    assert again.errors_path.read_text(encoding="utf-8-sig").startswith("segue_line,segue_problem,email,Note\n3,")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,company\nAnn,Acme\n", "Columns found: name, company"),
        ("", "empty"),
        ("\n\n", "empty"),
        ("ann@x.example,Ann\n", "not the names"),
        ("email,E-Mail\na@x.example,b@x.example\n", "Two columns"),
        ('email,"name\nann@x.example,Ann\n', "never closed"),
    ],
)
def test_a_file_that_is_not_understood_is_refused_before_anything_is_written(acme, content, message):
    with pytest.raises(Invalid, match=message) as refused:
        acme.load(content)
    assert refused.value.hint
    assert acme.contacts() == []
    assert [path.name for path in acme.folder.iterdir()] == ["contacts.csv"]


def test_a_path_that_is_no_file_is_told(acme):
    for path in (acme.folder / "missing.csv", acme.folder):
        with pytest.raises(NotFound) as refused:
            import_csv(acme.db, acme.id, path)
        assert refused.value.hint


def test_the_file_itself_is_never_overwritten_by_its_problems(acme):
    path = acme.write("email\nnobody\n")
    with pytest.raises(Invalid, match="overwrite"):
        import_csv(acme.db, acme.id, path, errors_path=path)
    assert path.read_text() == "email\nnobody\n"


def test_progress_is_told_after_each_batch_and_ends_at_the_end_of_the_file(acme):
    told = []
    rows = BATCH * 2 + 1
    path = acme.write("email\n" + "".join(f"p{n}@x.example\n" for n in range(rows)) + "bad\n")
    report = import_csv(acme.db, acme.id, path, progress=told.append)
    assert [(now.rows, now.created) for now in told] == [(BATCH, BATCH), (BATCH * 2, BATCH * 2), (rows + 1, rows)]
    assert told[-1] == report.progress
    assert (report.progress.bytes_read, report.progress.refused) == (report.progress.bytes_total, 1)
    assert acme.count() == rows


def test_an_import_stays_in_its_workspace(acme):
    acme.load("email\nann@x.example\n")
    with acme.db.anywhere() as conn:
        assert conn.execute("SELECT count(*) FROM contacts").fetchone() == (0,)


def test_the_example_that_ships_is_imported_whole(acme):
    report = import_csv(acme.db, acme.id, EXAMPLES / "contacts.csv", errors_path=acme.folder / "errors.csv")
    assert counts(report) == (20, 0, 0, 0)
    assert all(email.endswith((".example", ".test")) for (email,) in acme.contacts("email"))


def test_control_characters_and_nul_do_not_reach_the_database(acme):
    acme.load("email,first_name,note\nann@x.example,A\x00n\tn,b\x00c\n")
    assert acme.contacts() == [("ann@x.example", "An n", {"note": "bc"})]


def test_a_hundred_columns_of_properties_are_kept(acme):
    heads = ",".join(f"c{n}" for n in range(100))
    acme.load(f"email,{heads}\nann@x.example,{','.join(str(n) for n in range(100))}\n")
    ((properties,),) = acme.contacts("properties")
    assert json.loads(json.dumps(properties)) == {f"c{n}": str(n) for n in range(100)}


def test_seen_addresses_are_told_with_their_line_however_many_there_are():
    seen = SeenAddresses()
    assert [seen.add(f"p{n}@x.example", n + 2) for n in range(20_000)] == [0] * 20_000
    assert [seen.add(f"p{n}@x.example", 9) for n in range(20_000)] == [n + 2 for n in range(20_000)]
