"""`segue up` runs everything, starts again what dies, and ends all of it (L9); `segue config check` shows what the configuration comes to."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2

from segue.ports import SystemClock

CLOCK = SystemClock()
PATIENCE_S = 120.0


def wait_for(what, said):
    """Return what a call returns once that is something."""
    ends = CLOCK.monotonic() + PATIENCE_S
    while True:
        found = what()
        if found:
            return found
        assert CLOCK.monotonic() < ends, said
        CLOCK.sleep(0.1)


def is_ready(address):
    try:
        return httpx2.get(f"{address}/readyz", trust_env=False, timeout=5).status_code == 200
    except httpx2.HTTPError:
        return False


def find_child(parent, word):
    """Return the living child of a process whose command line has a word."""
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if word.encode() in words:
            return int(child)
    return 0


def test_up_runs_everything_starts_again_what_dies_and_ends_all_of_it(cli):
    cli.set_up()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "segue.cli", "up", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ.copy()) as up:
        try:
            wait_for(lambda: is_ready(address), "the API does not answer")
            api = find_child(up.pid, "api")
            worker = wait_for(lambda: find_child(up.pid, "worker"), "no worker was started")
            os.kill(api, signal.SIGKILL)
            again = wait_for(lambda: find_child(up.pid, "api") not in (0, api) and find_child(up.pid, "api"), "it was not started again")
            wait_for(lambda: is_ready(address), "the API does not answer any more")
        finally:
            up.terminate()
        said = up.communicate(timeout=PATIENCE_S)[0].decode()
    assert up.returncode == 0, said
    assert "The API ended with -9" in said
    assert [each for each in (worker, again) if Path(f"/proc/{each}").exists()] == [], "nothing is left behind"


def test_the_configuration_is_shown_without_its_secrets(cli):
    shown = cli.ok("config", "check")["settings"]
    assert shown["DATABASE_URL"] == "********"
    assert shown["SEGUE_LOG_FORMAT"] == "text"
