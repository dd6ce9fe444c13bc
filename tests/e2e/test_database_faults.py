"""The disk runs full, the database dies: a clear error at once, nothing lost, and it goes on unaided (L10)."""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from e2e.console import PAUSE, Console
from e2e.post import from_rep
from servers.mail_servers import MailServers

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]  # root, who alone may mount

ROOM = 300 << 20
ROWS = 60_000
ONE_MAIL = "name: One mail\nsteps:\n  - email: {subject: A question, body: May I?}\n"


@pytest.fixture
def disk(run_folder: Path) -> Iterator[Path]:
    """A small disk of the test's own."""
    folder = Path(mkdtemp(prefix="small-disk-", dir=run_folder))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM},mode=711", "segue-test", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, *, leave: int) -> Path:
    """Take room until so many bytes are left; also what has become free since."""
    ballast = disk / "ballast"
    with ballast.open("ab") as file:
        file.write(bytes(max(0, shutil.disk_usage(disk).free - leave)))
    return ballast


def test_an_import_onto_a_full_disk_is_told_at_once_and_can_be_run_again(disk: Path, tmp_path: Path) -> None:
    console = Console(disk / "data", tmp_path)
    console.init()
    file = console.write("contacts.csv", "email,company\n" + "".join(f"p{n}@c{n}.test,Company {n}\n" for n in range(ROWS)))
    ballast = fill(disk, leave=25 << 20)  # room to start, and for a part of the rows
    error = console.fail("contacts", "import", file, seconds=30)
    assert "No space left" in error["message"]
    assert "run the same import again" in error["hint"]
    fill(disk, leave=0)
    full = console.fail("contacts", "list", seconds=30)["message"]
    assert "No space left" in full or "disk is full" in full  # as not even the lock file fits, or as the server does not start
    ballast.unlink()
    stored = console.ask("contacts", "list")["count"]
    done = console.ask("contacts", "import", file)
    assert (done["created"], done["unchanged"], done["refused"]) == (ROWS - stored, stored, 0)


def test_a_worker_outlives_a_full_disk_and_sends_each_mail_once(disk: Path, tmp_path: Path, mail_servers: MailServers) -> None:
    console = Console(disk / "data", tmp_path, mail_servers)
    people = [f"box{n}@acme.test" for n in range(200, 210)]
    console.init()
    console.connect("box199@acme.test", spacing_seconds=0, jitter_seconds=0)
    console.ask("contacts", "import", console.write("contacts.csv", "email\n" + "\n".join(people)))
    console.ask("sequence", "apply", console.write("sequence.yaml", ONE_MAIL))
    with console.worker() as worker:
        console.enroll("One mail", *people[:5])
        console.wait_until(lambda status: status["sent"] == 5, seconds=30)
        ballast = fill(disk, leave=0)
        big = console.write("big.csv", "email,company\n" + "".join(f"p{n}@c{n}.test,Company {n}\n" for n in range(20_000)))
        console.fail("contacts", "import", big, seconds=60)
        PAUSE.wait(3)
        assert worker.process.poll() is None
        ballast.unlink()
        console.wait_until(lambda status: status["promises_kept"], seconds=30)
        console.enroll("One mail", *people[5:])
        status = console.wait_until(lambda status: status["sent"] == 10, seconds=60)
    assert [len(from_rep(mail_servers, who)) for who in people] == [1] * 10
    assert (status["promises_kept"], status["undecided"], status["messages"]) == (True, 0, {"sent": 10})


def test_a_worker_starts_a_database_that_was_killed_and_goes_on(run_folder: Path, tmp_path: Path, mail_servers: MailServers) -> None:
    home = Path(mkdtemp(prefix="killed-", dir=run_folder))
    home.chmod(0o711)
    console = Console(home / "data", tmp_path, mail_servers)
    lock_file = home / "data/pgdata/18/postmaster.pid"
    first, second = "box211@acme.test", "box212@acme.test"
    console.init()
    console.connect("box210@acme.test")
    console.ask("contacts", "import", console.write("contacts.csv", f"email\n{first}\n{second}\n"))
    console.ask("sequence", "apply", console.write("sequence.yaml", ONE_MAIL))
    with console.worker():
        console.enroll("One mail", first)
        console.wait_until(lambda status: status["sent"] == 1, seconds=30)
        killed = lock_file.read_text().split()[0]
        os.kill(int(killed), signal.SIGKILL)
        wait_until_ready(lock_file, killed)  # nobody but the worker is there to start it
        console.enroll("One mail", second)
        status = console.wait_until(lambda status: status["sent"] == 2, seconds=30)
    assert [len(from_rep(mail_servers, who)) for who in (first, second)] == [1, 1]
    assert (status["promises_kept"], status["undecided"]) == (True, 0)


def wait_until_ready(lock_file: Path, killed: str) -> None:
    for _ in range(900):
        with contextlib.suppress(FileNotFoundError):
            words = lock_file.read_text().split()
            if words[:1] != [killed] and words[-1:] == ["ready"]:
                return
        PAUSE.wait(0.1)
    raise AssertionError("the database was not started again")
