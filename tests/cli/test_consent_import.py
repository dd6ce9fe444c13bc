"""`segue consent import`: consents from a file, each row for itself (reliability.md §9)."""

from cli.conftest import Cli

FILE = """Email,Kind,Source,Given,Expires
ann@one.test,express,Fair in Hanover,2026-01-31,
Ben@Two.test,business,Contract 7,2026-02-01,2031-02-01
cid@three.test,,,,
nobody,express,Fair,2026-01-31,
dan@four.test,wish,Fair,2026-01-31,
eve@five.test,express,Fair,soon,
fay@six.test,express,Fair,2099-01-01,
"""


def test_each_row_is_recorded_or_named_with_what_is_wrong(cli: Cli) -> None:
    cli.ok("init", "--name", "Acme", "--email", "rita@acme.test")
    cli.import_contacts("ann@one.test")
    path = cli.file("consents.csv", FILE)
    done = cli.ok("consent", "import", path, "--source", "Old system", "--kind", "inquiry")
    assert done["recorded"] == 3
    assert [each["line"] for each in done["bad"]] == [5, 6, 7, 8]
    rows = cli.sql("SELECT address_normal, kind, source, expires_at IS NULL AS endless FROM consents ORDER BY address_normal")
    assert [tuple(row.values()) for row in rows] == [
        ("ann@one.test", "express", "Fair in Hanover", True),
        ("ben@two.test", "business", "Contract 7", False),
        ("cid@three.test", "inquiry", "Old system", False),
    ]
    assert "consent" in cli.ok("timeline", "ann@one.test")["entries"][-1]["kind"]
    assert cli.ok("consent", "import", path, "--source", "Old system")["recorded"] == 3
    assert "no column of addresses" in cli.fails("consent", "import", cli.file("other.csv", "name\nx\n"))["message"]
