"""An import whose process is killed half way is run again: every contact is there once, and memory stays bounded."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from cli.conftest import Cli
from kills.waiting import wait_until
from segue.features.contacts.import_csv import BATCH

MEMORY_LIMIT_KB = 300_000
"""G10: RSS ≤ 300 MB, whatever the size of the file."""


def write(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write("email,first_name,last_name,company,country,city,phone,seats,note\n")
        for n in range(rows):
            more = f"Germany,Berlin,+49 30 {1_000_000 + n},{n % 500},a note of some words {n}"
            file.write(f"person{n}@firm{n % 50_000}.example,First{n % 997},Last{n % 1009},Firm {n % 50_000},{more}\n")
    return path


def importing(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "segue.cli", "contacts", "import", str(path), "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ.copy(),
    )


def kill_half_way_and_complete(cli: Cli, rows: int) -> None:
    cli.ok("init", "--name", "Acme")
    path = write(cli.folder / "many.csv", rows)
    with psycopg.connect(cli.url, autocommit=True) as looking:

        def stored() -> int:
            row = looking.execute("SELECT count(*) FROM contacts").fetchone()
            assert row is not None
            return int(row[0])

        first = importing(path)
        wait_until(lambda: stored() >= rows // 2 or first.poll() is not None, within_s=900)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        assert first.returncode == -signal.SIGKILL, "it was killed before it was through"
        half = stored()
        assert rows // 2 <= half < rows
        assert half % BATCH == 0, "whole batches stand"
        second = importing(path)
        assert second.stdout is not None
        with second.stdout as answering:
            said = json.loads(answering.read())
        _, status, used = os.wait4(second.pid, 0)
        second.returncode = os.waitstatus_to_exitcode(status)
        assert second.returncode == 0
        assert (said["created"], said["unchanged"], said["refused"]) == (rows - half, half, 0)
        assert stored() == rows
        distinct = looking.execute("SELECT count(DISTINCT email_normal) FROM contacts").fetchone()
        assert distinct == (rows,)
        assert used.ru_maxrss < MEMORY_LIMIT_KB
        print(f"{path.stat().st_size / 1e6:.0f} MB, killed at {half:,} of {rows:,}, peak memory {used.ru_maxrss / 1000:.0f} MB")


def test_an_import_killed_half_way_and_run_again_has_every_contact_once(cli: Cli) -> None:
    kill_half_way_and_complete(cli, 5 * BATCH)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_million_contacts_killed_half_way_are_there_once(cli: Cli) -> None:
    kill_half_way_and_complete(cli, 1_000_000)
