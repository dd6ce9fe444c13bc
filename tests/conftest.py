"""What every test may ask for: a real PostgreSQL, and in it a fresh, migrated database of its own.

One small server serves a whole run, all xdist workers included: the first worker to need it starts it, the others join (the embedded
server's own locks see to that; measured: one cluster a worker costs 0.7 s and 60 MB each, a joined one 0.02 s). It lies in memory where there
is room (a database in 7 ms instead of 80). A caretaker process holds a pipe to this run, stops whatever PostgreSQL lives in the run's folders
and removes them: the pipe closes however the run ends, so nothing is left behind.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql

from segue.db.embedded import Embedded, start
from segue.db.migrate import upgrade

TEMPLATE = "segue_template"
_CARETAKER = """
import os, shutil, signal, sys, time
from pathlib import Path
sys.stdin.read()
folders = [Path(name) for name in sys.argv[1:]]
for attempt in range(50):  # a process that was just being started may still write there
    for lock_file in [found for folder in folders for found in folder.glob("*/pgdata/18/postmaster.pid")]:
        pid = lock_file.read_text().split()[0]
        if os.path.exists(f"/proc/{pid}/exe") and "postgres" in Path(f"/proc/{pid}/comm").read_text():
            os.kill(int(pid), signal.SIGQUIT)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    if not any(folder.exists() for folder in folders):
        break
    time.sleep(0.2)
"""

settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@dataclass(frozen=True)
class DbUrls:
    """A test's own database: as its owner and as the application's role."""

    owner_url: str
    app_url: str


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder in the process that began the run; xdist workers inherit its name."""
    if not hasattr(config, "workerinput"):
        config.stash[_RUN] = Run()


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.close()


class Run:
    """The folders of one test run and the caretaker that outlives it by a moment."""

    def __init__(self) -> None:
        folders = [_passable_folder(None), _passable_folder(_memory_folder())]
        os.environ[_FOLDERS] = os.pathsep.join(folders)
        command = [sys.executable, "-c", _CARETAKER, *folders]
        self.caretaker = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)

    def close(self) -> None:
        del os.environ[_FOLDERS]
        assert self.caretaker.stdin is not None
        self.caretaker.stdin.close()
        self.caretaker.wait()


_RUN = pytest.StashKey[Run]()
_FOLDERS = "PYTEST_SEGUE_FOLDERS"


def _passable_folder(where: str | None) -> str:
    """Make a folder that the server's user can pass through."""
    made = tempfile.mkdtemp(prefix="segue-tests-", dir=where)
    Path(made).chmod(0o711)
    return made


def _memory_folder() -> str | None:
    """Return a file system in memory with room for many databases of 9 MB; None where there is none."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 << 30 else None


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder of this run's on disk that every user may pass through; removed at the end, with any PostgreSQL in it."""
    return Path(os.environ[_FOLDERS].split(os.pathsep)[0])


@pytest.fixture(scope="session")
def cluster() -> Iterator[Embedded]:
    """The run's PostgreSQL with a migrated template database. fsync is off: tests that kill start a server of their own."""
    folder = Path(os.environ[_FOLDERS].split(os.pathsep)[1])
    with start(folder / "shared", small=True, durable=False) as server:
        with (folder / "template.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _make_template(server)
        yield server


def _make_template(server: Embedded) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone():
            return
        making = f"{TEMPLATE}_making"
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER segue_owner").format(sql.Identifier(making)))
        upgrade(_in_database(server.owner_url, making))
        admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(TEMPLATE)))


_numbers = count(1)


@pytest.fixture
def db_urls(cluster: Embedded) -> Iterator[DbUrls]:
    """A database of this test's own: migrated, empty, dropped afterwards with whatever is still connected to it."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    _administer(cluster, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER segue_owner STRATEGY file_copy")
    yield DbUrls(_in_database(cluster.owner_url, name), _in_database(cluster.app_url, name))
    _administer(cluster, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: Embedded, statement: str) -> None:
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(statement)


def _in_database(url: str, name: str) -> str:
    return url.replace("@/segue?", f"@/{name}?")
