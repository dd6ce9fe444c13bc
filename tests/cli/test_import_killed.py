"""An import whose process is killed half way is run again: every contact is there once, and memory stays bounded."""

import json
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

PEAK = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
sys.stderr.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""Runs a command from a small process: what starts a program lends it its own peak, and a test process has a large one."""


def write(path: Path, rows: int) -> Path:
    with path.open("w") as file:
        file.write("email,first_name,last_name,company,country,city,phone,seats,note\n")
        for n in range(rows):
            more = f"Germany,Berlin,+49 30 {1_000_000 + n},{n % 500},a note of some words {n}"
            file.write(f"person{n}@firm{n % 50_000}.example,First{n % 997},Last{n % 1009},Firm {n % 50_000},{more}\n")
    return path


def command(path: Path) -> list[str]:
    return [sys.executable, "-m", "segue.cli", "contacts", "import", str(path), "--json"]


def kill_half_way_and_complete(cli: Cli, rows: int) -> None:
    cli.ok("init", "--name", "Acme")
    path = write(cli.folder / "many.csv", rows)
    with psycopg.connect(cli.url, autocommit=True) as looking:

        def stored() -> int:
            row = looking.execute("SELECT count(*) FROM contacts").fetchone()
            assert row is not None
            return int(row[0])

        first = subprocess.Popen(command(path), stdout=subprocess.DEVNULL)
        wait_until(lambda: stored() >= rows // 2 or first.poll() is not None, within_s=900)
        first.send_signal(signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL, "it was killed before it was through"
        half = stored()
        assert rows // 2 <= half < rows
        assert half % BATCH == 0, "whole batches stand"
        second = subprocess.run([sys.executable, "-c", PEAK, *command(path)], capture_output=True, text=True, check=False)
        assert second.returncode == 0, second.stderr
        said, peak_kb = json.loads(second.stdout), int(second.stderr.split()[-1])
        assert (said["created"], said["unchanged"], said["refused"]) == (rows - half, half, 0)
        assert stored() == rows
        distinct = looking.execute("SELECT count(DISTINCT email_normal) FROM contacts").fetchone()
        assert distinct == (rows,)
        assert peak_kb < MEMORY_LIMIT_KB
        print(f"{path.stat().st_size / 1e6:.0f} MB, killed at {half:,} of {rows:,}, peak memory {peak_kb / 1000:.0f} MB")


def test_an_import_killed_half_way_and_run_again_has_every_contact_once(cli: Cli) -> None:
    kill_half_way_and_complete(cli, 5 * BATCH)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_million_contacts_killed_half_way_are_there_once(cli: Cli) -> None:
    kill_half_way_and_complete(cli, 1_000_000)
