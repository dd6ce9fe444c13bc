"""What every test may ask for: a real PostgreSQL, and in it a fresh, migrated database of its own.

One small server serves a whole run, all xdist workers included: the first worker to need it starts it, the others join (the embedded
server's own locks see to that; measured: one cluster a worker costs 0.7 s and 60 MB each, a joined one 0.02 s). It lives in a temporary folder and
is stopped by a caretaker process that holds a pipe to this run: the pipe closes however the run ends, so nothing is left behind.
"""

import fcntl
import os
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
import os, shutil, signal, sys
from pathlib import Path
sys.stdin.read()
folder = Path(sys.argv[1])
for lock_file in folder.glob("*/pgdata/18/postmaster.pid"):
    pid = lock_file.read_text().split()[0]
    if os.path.exists(f"/proc/{pid}/exe") and "postgres" in Path(f"/proc/{pid}/comm").read_text():
        os.kill(int(pid), signal.SIGQUIT)
shutil.rmtree(folder, ignore_errors=True)
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
    """The folder of one test run and the caretaker that outlives it by a moment."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="segue-tests-"))
        self.folder.chmod(0o711)  # the server's user must pass
        os.environ["PYTEST_SEGUE_FOLDER"] = str(self.folder)
        self.caretaker = subprocess.Popen(
            [sys.executable, "-c", _CARETAKER, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )

    def close(self) -> None:
        os.environ.pop("PYTEST_SEGUE_FOLDER", None)
        assert self.caretaker.stdin is not None
        self.caretaker.stdin.close()
        self.caretaker.wait()


_RUN = pytest.StashKey[Run]()


@pytest.fixture(scope="session")
def run_folder() -> Path:
    """A folder of this run's that every user may pass through; removed at the end."""
    return Path(os.environ["PYTEST_SEGUE_FOLDER"])


@pytest.fixture(scope="session")
def cluster(run_folder: Path) -> Iterator[Embedded]:
    """The run's PostgreSQL with a migrated template database. fsync is off: tests that kill start a server of their own."""
    with start(run_folder / "shared", small=True, durable=False) as server:
        with (run_folder / "template.lock").open("a") as lock:
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
