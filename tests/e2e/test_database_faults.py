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

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]  # root, who alone may mount

ROOM = 300 << 20
BEFORE, ROWS = 40_000, 60_000
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


def write_contacts(console: Console, numbers: range) -> str:
    rows = "".join(f"p{n}@c{n}.test,Company {n}\n" for n in numbers)
    return console.write(f"contacts-{numbers.start}.csv", f"email,company\n{rows}")


def complete(console: Console, file: str, *, rows: int, before: int = 0) -> None:
    """Run a broken import again: what is stored stays, and the rest comes."""
    stored = console.ask("contacts", "list")["count"] - before
    done = console.ask("contacts", "import", file)
    assert (done["created"], done["unchanged"], done["refused"]) == (rows - stored, stored, 0)


def test_an_import_onto_a_full_disk_is_told_at_once_and_can_be_run_again(disk: Path, tmp_path: Path) -> None:
    console = Console(disk / "data", tmp_path)
    console.init()
    # It leaves more segments of the database's log to be written over than the broken import needs: what room is left is for rows alone.
    console.ask("contacts", "import", write_contacts(console, range(BEFORE)))
    file = write_contacts(console, range(BEFORE, BEFORE + ROWS))
    ballast = fill(disk, leave=6 << 20)
    error = console.fail("contacts", "import", file)
    assert "No space left" in error["message"]
    assert "run the same import again" in error["hint"]
    fill(disk, leave=0)
    assert "cannot be used: No space left" in console.fail("contacts", "list")["message"]  # not even the server's settings can be written
    ballast.unlink()
    complete(console, file, rows=ROWS, before=BEFORE)


def test_an_import_that_takes_the_room_of_the_databases_own_log_is_told_and_can_be_run_again(disk: Path, tmp_path: Path) -> None:
    console = Console(disk / "data", tmp_path)
    console.init()
    file = write_contacts(console, range(ROWS))
    # One segment of 16 MB for the start and one for the import, wherever in a segment it begins; its rows take the room of the next.
    ballast = fill(disk, leave=32 << 20)
    error = console.fail("contacts", "import", file)
    assert "The import broke off after" in error["message"]  # in the words of whichever process of the server has met it first
    assert "run the same import again" in error["hint"]
    assert "PostgreSQL did not start: the disk is full" in console.fail("contacts", "list")["message"]
    ballast.unlink()
    complete(console, file, rows=ROWS)


def test_a_worker_outlives_a_full_disk_and_sends_each_mail_once(disk: Path, tmp_path: Path, mail_servers: MailServers) -> None:
    console = Console(disk / "data", tmp_path, mail_servers)
    people = [f"box{n}@acme.test" for n in range(200, 210)]
    console.init()
    console.connect("box199@acme.test", spacing_seconds=0, jitter_seconds=0)
    console.ask("contacts", "import", console.write("contacts.csv", "email\n" + "\n".join(people)))
    console.ask("sequence", "apply", console.write("sequence.yaml", ONE_MAIL))
    with console.worker() as worker:
        console.enroll("One mail", *people[:5])
        console.wait_until(lambda status: status["sent"] == 5, seconds=60)
        ballast = fill(disk, leave=0)
        console.fail("contacts", "import", write_contacts(console, range(20_000)))
        with pytest.raises(subprocess.TimeoutExpired):
            worker.wait(3)  # it does not end
        ballast.unlink()
        console.wait_until(lambda status: status["promises_kept"], seconds=60)
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
        console.wait_until(lambda status: status["sent"] == 1, seconds=60)
        killed = lock_file.read_text().split()[0]
        os.kill(int(killed), signal.SIGKILL)
        wait_until_ready(lock_file, killed)  # nobody but the worker is there to start it
        console.enroll("One mail", second)
        status = console.wait_until(lambda status: status["sent"] == 2, seconds=60)
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
