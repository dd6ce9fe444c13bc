"""Backup, restore and move-database at the command line."""

import psycopg
import pytest

from cli.conftest import Cli


@pytest.fixture
def other(cluster, db_urls):
    """Return the address of a second, empty database."""
    here = db_urls.owner_url.split("@/")[1].split("?")[0]
    name = f"{here}_other"
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER segue_owner")
        yield db_urls.owner_url.replace(cluster.owner_url.split("@")[0], cluster.admin_url.split("@")[0]).replace(
            f"@/{here}?", f"@/{name}?"
        )
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_backup_is_restored_beside_and_sends_nothing_until_confirmed(cli: Cli, other: str, monkeypatch) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test")
    file = cli.folder / "acme.backup"
    assert cli.ok("backup", file)["key"] == str(cli.folder / "data" / "secret.key")
    assert cli.fails("backup", file)["code"] == "conflict"
    assert cli.fails("restore", file)["code"] == "conflict"
    assert cli.fails("restore", cli.file("other.txt", "Hello"))["code"] == "invalid"
    monkeypatch.setenv("DATABASE_URL", other)
    assert cli.ok("restore", file)["fenced"]
    assert cli.ok("status")["fenced"], "the same data folder is no reason to send"
    assert cli.ok("contacts", "list")["count"] == 1
    assert cli.ok("mailbox", "test")["mailboxes"][0]["ok"]
    assert cli.ok("confirm-instance", "--yes")["confirmed"]
    assert not cli.ok("status")["fenced"]


def test_a_moved_database_goes_on_there_and_nothing_goes_from_here(cli: Cli, other: str, monkeypatch) -> None:
    cli.set_up()
    cli.import_contacts("ann@one.test")
    assert not cli.ok("status")["fenced"]
    assert cli.fails("move-database", "mysql://nowhere")["code"] == "invalid"
    assert cli.fails("move-database", "postgresql://nobody@localhost:1/none")["code"] == "unavailable"
    assert cli.fails("move-database", cli.url)["code"] == "conflict"
    assert not cli.ok("status")["fenced"], "what fails changes nothing"
    assert cli.ok("move-database", other)["rows"] > 5
    assert cli.ok("status")["fenced"]
    assert cli.fails("move-database", other)["code"] == "conflict"
    monkeypatch.setenv("DATABASE_URL", other)
    assert not cli.ok("status")["fenced"]
    assert cli.ok("mailbox", "test")["mailboxes"][0]["ok"]
    assert cli.ok("audit", "list", "--kind", "database_left")["entries"]
    assert not list((cli.folder / "data").glob(".over*"))
