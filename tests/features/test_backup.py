"""Backup and restore: the drill of reliability.md §10, from dump to going on without a second mail (S23, S26, G25)."""

import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from os import getpid
from pathlib import Path

import psycopg
import pytest

from make import MONDAY, Small, email, make_small, sequence
from segue.db.backup import MANIFEST, load_backup, read_manifest, write_backup
from segue.db.migrate import HEAD, current_revision, upgrade
from segue.db.tables import metadata
from segue.db.tx import Database
from segue.domain.errors import Conflict, Invalid, Unavailable
from segue.domain.permissions import OPERATOR
from segue.features.enrollments.engine import Engine
from segue.features.mail.hand_off import Gate
from segue.features.mail.sessions import Sessions
from segue.features.webhooks.endpoints import add_endpoint
from segue.features.workspaces.api_keys import NewKey, authenticate_key, create_key
from segue.features.workspaces.audit import verify_audit
from segue.features.workspaces.instance import confirm_instance, is_fenced, settle_instance
from segue.features.workspaces.user_sessions import Visitor, start_session
from segue.providers.mail.fake import FakeMailProvider
from segue.settings import Settings
from segue.wiring import HANDLERS

DAY = timedelta(days=1)
_numbers = count(1)


class Target:
    """A second database, without any schema."""

    def __init__(self, owner_url: str, app_url: str) -> None:
        self.owner_url = owner_url
        self.app_url = app_url


@pytest.fixture
def target(cluster) -> Iterator[Target]:
    name = f"restored_{getpid()}_{next(_numbers)}"
    with psycopg.connect(cluster.admin_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} OWNER segue_owner")
        yield Target(*(url.replace("@/segue?", f"@/{name}?") for url in (cluster.owner_url, cluster.app_url)))
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def small(db_urls, tmp_path: Path) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    made.db.instance_id = settle_instance(made.db, Settings(data_dir=tmp_path / "here"))
    yield made
    made.close()


def write(db_urls, file: Path):
    return write_backup(db_urls.owner_url, file, program="test")


def rows_of(url: str, *, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    with psycopg.connect(url) as conn:
        return {
            name: sorted(str(row) for row in conn.execute(f"SELECT * FROM {name}").fetchall())
            for name in metadata.tables
            if name not in without
        }


def engine_on(small: Small, target: Target, settings: Settings) -> Small:
    """Open the restored database as a program with another data folder does, in the same world of mail."""
    db = Database(target.app_url, clock=small.clock, handlers=HANDLERS)
    db.instance_id = settle_instance(db, settings)
    provider = FakeMailProvider()
    provider.worlds["default"] = small.world
    engine = Engine(db, Gate(db, threads=4), Sessions(db, small.vault, {"fake": provider}), settle_after_s=0.0)
    return Small(db, small.clock, small.world, engine, small.workspace_id, small.user_id, small.mailbox_id, small.vault)


def test_the_restore_drill(small: Small, db_urls, target: Target, tmp_path: Path) -> None:
    steps = sequence(email("a", subject="Hi"), email("b", after=DAY), email("c", after=DAY))
    people = [f"p{number}@prospect.test" for number in range(5)]
    with small.db.tx(small.workspace_id) as tx:
        add_endpoint(tx, "https://crm.acme.test/hook", ["*"], small.vault, by=OPERATOR)
    small.enroll(small.add_sequence(steps), [small.add_contact(address) for address in people])
    small.run_until(MONDAY + timedelta(hours=3), step=timedelta(minutes=1))
    assert [len(small.sent_to(address)) for address in people] == [1] * 5

    made = write(db_urls, tmp_path / "segue.backup")
    load_backup(target.owner_url, tmp_path / "segue.backup", instance="restored-1")
    before, after = rows_of(db_urls.owner_url, without=("workspaces",)), rows_of(target.owner_url, without=("workspaces",))
    assert before == after, "and no program is told anew of what happened before the backup"
    assert before["webhook_deliveries"]
    assert made.rows == sum(map(len, before.values())) + 1

    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    for settings in (elsewhere, Settings(data_dir=tmp_path / "here")):
        restored = engine_on(small, target, settings)
        restored.run_until(small.clock.at + DAY / 24, step=timedelta(minutes=20))
        assert is_fenced(restored.db), "even where the original's own data folder opens it"
        assert [len(small.sent_to(address)) for address in people] == [1] * 5
        restored.close()

    restored = engine_on(small, target, elsewhere)
    restored.db.instance_id = confirm_instance(restored.db, elsewhere, join=False)
    restored.run_until(MONDAY + 5 * DAY, step=timedelta(hours=1))
    assert [len(small.sent_to(address)) for address in people] == [3] * 5
    restored.enroll(restored.add_sequence(sequence(email("a"), name="New")), [restored.add_contact("new@prospect.test")])
    with restored.db.tx(small.workspace_id) as tx:
        assert verify_audit(tx).broken_at == 0
    restored.close()


def test_a_backup_holds_no_secret_and_is_for_nobody_else_to_read(small: Small, db_urls, target: Target, tmp_path: Path) -> None:
    """S23: no unencrypted column. A session that was signed out since stays out; a key goes on."""
    with small.db.tx(small.workspace_id) as tx:
        _, key = create_key(tx, small.user_id, NewKey("CRM", ("all",)), by=OPERATOR)
        token = start_session(tx, small.user_id, "password", Visitor())
    file = tmp_path / "segue.backup"
    write(db_urls, file)
    assert file.stat().st_mode & 0o777 == 0o600
    with zipfile.ZipFile(file) as archive:
        said = b"".join(archive.read(name) for name in archive.namelist())
    for secret in (key.encode(), token.encode(), b"k" * 32, b"\tpw\t"):
        assert secret not in said
    load_backup(target.owner_url, file, instance="restored-1")
    restored = engine_on(small, target, Settings(data_dir=tmp_path / "elsewhere"))
    assert authenticate_key(restored.db, key).actor.email == "rep@acme.test"
    assert restored.sql("SELECT count(*) AS open FROM user_sessions WHERE workspace_id = %(ws)s AND ended_at IS NULL") == [{"open": 0}]
    restored.close()


def test_what_is_no_whole_backup_loads_nothing(small: Small, db_urls, target: Target, tmp_path: Path) -> None:
    file, bad = tmp_path / "segue.backup", tmp_path / "bad"
    write(db_urls, file)
    content = file.read_bytes()
    middle = content.index(b"tables/workspaces") + 30
    damaged = content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 8]) + content[middle + 8 :]
    for broken in (
        b"",
        b"PK",
        content[: len(content) // 2],
        content[:-30],
        damaged,
        _changed(file, revision="9999"),
        _changed(file, format=2),
    ):
        bad.write_bytes(broken)
        with pytest.raises(Invalid):
            load_backup(target.owner_url, bad, instance="x")
    with pytest.raises(Invalid):
        read_manifest(tmp_path / "none")
    bad.write_bytes(_changed(file, rows=7))
    with pytest.raises(Invalid):
        load_backup(target.owner_url, bad, instance="x")
    with psycopg.connect(target.owner_url) as conn:
        assert conn.execute("SELECT count(*) FROM workspaces").fetchone() == (0,)
    load_backup(target.owner_url, file, instance="x")
    with pytest.raises(Conflict):
        load_backup(target.owner_url, file, instance="x")
    with pytest.raises(Unavailable):
        write(db_urls, tmp_path / "no folder" / "segue.backup")
    assert not list(tmp_path.glob(".segue.backup*"))


def test_a_backup_of_an_earlier_schema_is_migrated_on_loading(small: Small, db_urls, target: Target, tmp_path: Path) -> None:
    file = tmp_path / "segue.backup"
    write(db_urls, file)
    upgrade(target.owner_url, to="0016")
    old = tmp_path / "old.backup"
    old.write_bytes(_changed(file, revision="0016", like=columns_of(target.owner_url)))
    upgrade(target.owner_url)  # somebody has run a command on the new database first
    load_backup(target.owner_url, old, instance="x")
    with psycopg.connect(target.owner_url) as conn:
        assert current_revision(conn) == HEAD
        assert conn.execute("SELECT name FROM workspaces").fetchall() == [("Acme",)]
        assert conn.execute("SELECT email FROM users").fetchall() == [("rep@acme.test",)]
        assert conn.execute("SELECT count(*) FROM data_keys").fetchone() == (0,)  # a table of a later schema


def columns_of(url: str) -> dict[str, list[str]]:
    with psycopg.connect(url) as conn:
        rows = conn.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'").fetchall()
    return {table: [column for name, column in rows if name == table] for table, _ in rows}


def _changed(file: Path, *, like: dict[str, list[str]] | None = None, rows: int = 0, **fields) -> bytes:
    """Return a backup with another manifest; with `like` the tables and columns alone that an earlier schema had."""
    made = file.with_name("changed")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w") as new:
        said = json.loads(old.read(MANIFEST)) | fields
        said["tables"] = {name: table for name, table in said["tables"].items() if like is None or name in like}
        if rows:
            said["tables"]["workspaces"]["rows"] = rows
        for name, table in said["tables"].items():
            kept = [place for place, column in enumerate(table["columns"]) if like is None or column in like[name]]
            lines = old.read(f"tables/{name}").split(b"\n")[:-1]
            cut = [b"\t".join(cells[place] for place in kept) for cells in (line.split(b"\t") for line in lines)]
            new.writestr(f"tables/{name}", b"".join(line + b"\n" for line in cut))
            table["columns"] = [table["columns"][place] for place in kept]
        new.writestr(MANIFEST, json.dumps(said))
    return made.read_bytes()


def test_this_code_runs_on_the_schema_of_the_next_release(small: Small, db_urls) -> None:
    """S28: a database that a newer Segue has migrated by adding to it is left as it is, and work goes on."""
    with psycopg.connect(db_urls.owner_url) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.execute("ALTER TABLE enrollments ADD COLUMN of_the_future text")
        conn.execute("ALTER TABLE messages ADD COLUMN of_the_future integer NOT NULL DEFAULT 7")
        conn.execute("CREATE FUNCTION segue_of_the_future() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    upgrade(db_urls.owner_url)
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    small.run_until(MONDAY + timedelta(minutes=10))
    assert len(small.sent_to("ann@prospect.test")) == 1
    with psycopg.connect(db_urls.owner_url) as conn:
        assert current_revision(conn) == "9999"
        assert conn.execute("SELECT segue_of_the_future()").fetchone() == (1,)
