"""The embedded PostgreSQL: what it promises about data, access and room (engine.md §1, reliability.md §10, G24)."""

import os
import stat
from itertools import count
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from segue.db.embedded import database_urls, start
from segue.db.server import failure, shared_buffers
from segue.domain.errors import Unavailable
from segue.ports import SystemClock
from segue.settings import Settings

_numbers = count(1)


@pytest.fixture
def data_dir(run_folder):
    """A data folder that does not exist yet, short enough for a socket."""
    return run_folder / f"server-{os.getpid()}-{next(_numbers)}"


@pytest.fixture(scope="module")
def server(run_folder):
    """A server with the product's own settings, fsync and all, but for its size."""
    began = SystemClock().monotonic()
    with start(run_folder / f"server-{os.getpid()}-0", small=True) as running:
        print(f"G24 embedded PostgreSQL, cold start: {SystemClock().monotonic() - began:.2f} s")
        yield running


def answer(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()


def test_committed_data_is_safe_by_its_settings(server):
    names = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums", "wal_compression"]
    assert [answer(server.owner_url, f"SHOW {name}")[0] for name in names] == ["on", "on", "on", "on", "off"]
    assert answer(server.owner_url, "SHOW server_encoding") == ("UTF8",)


@pytest.mark.parametrize("role", ["postgres", "segue_owner", "segue_app"])
def test_nobody_gets_in_without_the_password(server, role):
    sockets = quote(str(server.server.sockets), safe="")
    for secret in ("", ":wrong"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://{role}{secret}@/segue?host={sockets}").close()


def test_it_listens_on_no_network_address(server):
    assert answer(server.owner_url, "SHOW listen_addresses") == ("",)


def test_the_roles_have_no_power_over_the_server_and_the_application_owns_nothing(server):
    rights = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication FROM pg_roles WHERE rolname = current_user"
    assert answer(server.owner_url, rights) == answer(server.app_url, rights) == (False,) * 5
    owned = "SELECT count(*) FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE rolname = current_user"
    assert answer(server.owner_url, owned) == (1,)
    assert answer(server.app_url, owned) == (0,)
    with psycopg.connect(server.app_url) as app, pytest.raises(psycopg.errors.InsufficientPrivilege):
        app.execute("CREATE TABLE mine (id int)")


def test_data_socket_and_passwords_are_closed_to_others(server):
    home = server.server.home
    closed = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home / "18", home / "run", home / "log", home / "passwords.json")}
    assert closed == {"18": 0o700, "run": 0o700, "log": 0o700, "passwords.json": 0o600}


def test_a_long_data_folder_gets_its_socket_elsewhere(run_folder):
    """unix(7) allows a socket's path 107 bytes."""
    long = run_folder / f"{'long' * 30}-{os.getpid()}"
    with start(long, small=True, durable=False) as first:
        assert len(str(first.server.sockets)) < 90
        assert stat.S_IMODE(first.server.sockets.stat().st_mode) == 0o700
        with start(long, small=True, durable=False) as second:
            assert second.owner_url == first.owner_url
        assert answer(first.owner_url, "SELECT 1") == (1,)
    assert not first.server.sockets.exists()


def test_data_of_another_major_version_is_refused_with_the_command_that_helps(data_dir):
    (data_dir / "pgdata" / "17").mkdir(parents=True)
    (data_dir / "pgdata" / "17" / "PG_VERSION").write_text("17\n")
    with pytest.raises(Unavailable, match="written by PostgreSQL 17") as refusal:
        start(data_dir, small=True)
    assert "pg_upgrade -b" in refusal.value.hint


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do():
    with pytest.raises(Unavailable, match="cannot be used") as refusal:
        start(Path("/proc/segue"), small=True)  # nobody can make a folder there, root neither
    assert "SEGUE_DATA_DIR" in refusal.value.hint


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ('FATAL:  could not write to file "pg_wal/xlogtemp.9": No space left on device', "the disk is full", "Free some space"),
        ('FATAL:  could not open file "PG_VERSION": Permission denied', "Permission denied", "SEGUE_DATA_DIR"),
        ("FATAL:  could not create semaphores", "could not create semaphores", "DATABASE_URL"),
    ],
)
def test_what_postgresql_says_when_it_fails_becomes_a_thing_to_do(said, message, hint):
    error = failure("PostgreSQL did not start", said)
    assert message in error.message
    assert hint in error.hint


def test_a_first_start_that_was_cut_short_is_made_again(data_dir):
    half = data_dir / "pgdata" / "18.making"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with start(data_dir, small=True, durable=False) as server:
        assert answer(server.owner_url, "SELECT 1") == (1,)
    assert not half.exists()


def test_database_url_goes_before_the_embedded_server(data_dir):
    own = "postgresql://me:p%40w@db.test/segue?sslmode=require&options=-c%20work_mem%3D1MB"
    with database_urls(Settings(data_dir=data_dir, database_url=own)) as urls:
        assert urls.owner_url == own
        assert psycopg.conninfo.conninfo_to_dict(urls.app_url) == psycopg.conninfo.conninfo_to_dict(own) | {
            "options": "-c work_mem=1MB -c role=segue_app"
        }
    assert not data_dir.exists()


@pytest.mark.parametrize(("memory", "cache"), [(1 << 30, 256 << 20), (8 << 30, 2 << 30), (64 << 30, 4 << 30), (64 << 20, 32 << 20)])
def test_the_cache_is_a_quarter_of_memory_up_to_4_gib(memory, cache):
    assert shared_buffers(memory) == cache
