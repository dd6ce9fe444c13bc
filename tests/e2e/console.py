"""The `segue` command as a process: what it printed, with which code it ended; and a worker that runs while others are called."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

import httpx2

from servers.mail_servers import PASSWORD, MailServers

SEGUE = str(Path(sys.executable).with_name("segue"))
PAUSE = threading.Event()
"""Never set: waits between two looks."""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


class Console:
    """A terminal of somebody who uses Segue: one data folder, one set of environment variables."""

    def __init__(self, data_dir: Path, folder: Path, servers: MailServers | None = None, database_url: str = "") -> None:
        self.folder = folder
        self.servers = servers
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "DATABASE_URL", "SSL_CERT"))}
        self.env |= {"SEGUE_DATA_DIR": str(data_dir), "SEGUE_ALLOWED_HOSTS": "localhost:*"}
        if database_url:
            self.env["DATABASE_URL"] = database_url
        if servers is not None:
            self.env["SSL_CERT_FILE"] = str(servers.certificate)
        self._running: list[subprocess.Popen[str]] = []

    def run(self, *words: str, typed: str = "", seconds: float = 120) -> Done:
        """Run a command to its end."""
        done = subprocess.run([SEGUE, *words], input=typed, env=self.env, capture_output=True, text=True, timeout=seconds, check=False)
        return Done(done.returncode, done.stdout, done.stderr)

    def ask(self, *words: str, typed: str = "", seconds: float = 120) -> dict[str, Any]:
        """Run a command with --json that must go well."""
        done = self.run(*words, "--json", typed=typed, seconds=seconds)
        assert done.code == 0, f"segue {' '.join(words)}: {done.code}\n{done.out}\n{done.err}"
        return done.document

    def fail(self, *words: str, typed: str = "", code: int = 1, seconds: float = 120) -> dict[str, Any]:
        """Run a command that must fail; return its error. For people the same sentence must come, and no traceback."""
        done = self.run(*words, "--json", typed=typed, seconds=seconds)
        assert done.code == code, f"segue {' '.join(words)}: {done.code}\n{done.out}\n{done.err}"
        assert "Traceback" not in done.out + done.err
        error: dict[str, Any] = done.document["error"]
        assert error["message"], error
        return error

    def write(self, name: str, text: str) -> str:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    # Steps that most stories begin with ------------------------------------------------------------------------------------------

    def init(self) -> None:
        self.ask("init", "--name", "Acme", "--email", "rep@acme.test", "--your-name", "Rita Reyes", "--timezone", "Europe/Berlin")

    def mailbox_file(self, address: str = "rep@acme.test", *, name: str = "mailbox.yaml", **changes: Any) -> str:
        """Write a mailbox file for the real servers: STARTTLS everywhere, certificates checked."""
        assert self.servers is not None
        settings = {
            "smtp_host": "localhost",
            "smtp_port": self.servers.submission_port,
            "smtp_tls": "starttls",
            "imap_host": "localhost",
            "imap_port": self.servers.imap_port,
            "imap_tls": "starttls",
        } | changes.pop("settings", {})
        top = {
            "address": address,
            "display_name": "Rita Reyes",
            "warm_up": False,
            "per_minute": 60,
            "spacing_seconds": 5,
            "jitter_seconds": 2,
        }
        lines = [f"{key}: {json.dumps(value)}" for key, value in (top | changes).items()]
        lines += ["settings:", *(f"  {key}: {json.dumps(value)}" for key, value in settings.items())]
        return self.write(name, "\n".join(lines) + "\n")

    def connect(self, address: str = "rep@acme.test", **changes: Any) -> None:
        file = self.mailbox_file(address, **changes)
        assert self.ask("mailbox", "add", file, "--password-stdin", typed=f"{PASSWORD}\n")["connected"] is True

    def enroll(self, sequence: str, *contacts: str) -> None:
        chosen = [word for address in contacts for word in ("--contact", address)]
        done = self.ask("enroll", sequence, *chosen)
        assert (done["enrolled"], done["refused"]) == (len(contacts), []), done

    def status(self) -> dict[str, Any]:
        return self.ask("status")

    def enrollment(self, address: str) -> dict[str, Any]:
        """Return the newest enrollment of a contact."""
        found: dict[str, Any] = self.ask("timeline", address)["enrollments"][0]
        return found

    def wait_until(self, holds: Callable[[dict[str, Any]], bool], *, seconds: float) -> dict[str, Any]:
        """Ask for the status again and again until it is as wanted."""
        end = monotonic() + seconds
        while not holds(status := self.status()):
            assert monotonic() < end, json.dumps(status, indent=1)
            PAUSE.wait(0.5)
        return status

    @contextmanager
    def worker(self, *words: str) -> "Iterator[WorkerProcess]":
        """Run a worker beside; at the end of the block it is asked to stop, and must have gone well."""
        with (self.folder / f"worker-{len(self._running)}.log").open("w+") as log:
            process = subprocess.Popen(
                [SEGUE, "worker", *words], env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True
            )
            self._running.append(process)
            worker = WorkerProcess(process, Path(log.name))
            try:
                worker.await_start()
                yield worker
            finally:
                worker.stop()
        assert process.returncode == 0, worker.told()
        assert "Traceback" not in worker.told(), worker.told()

    @contextmanager
    def api(self, port: int) -> Iterator[str]:
        """Serve the public pages beside; yields their address. At the end they are asked to stop, and must have gone well."""
        address = f"http://127.0.0.1:{port}"
        with (self.folder / f"api-{port}.log").open("w+") as log:
            command = [SEGUE, "api", "--port", str(port)]
            process = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, text=True)
            self._running.append(process)
            try:
                _await_answer(f"{address}/livez", process)
                yield address
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(90)
            log.seek(0)
            assert process.returncode == 0, log.read()

    def close(self) -> None:
        """End whatever still runs."""
        for process in self._running:
            if process.poll() is None:
                process.kill()
                process.wait()


def _await_answer(url: str, process: "subprocess.Popen[str]") -> None:
    end = monotonic() + 120
    while True:
        try:
            httpx2.get(url, trust_env=False, timeout=5)
        except httpx2.TransportError:
            assert process.poll() is None, "segue api ended"
            assert monotonic() < end, "segue api does not answer"
            PAUSE.wait(0.2)
        else:
            return


@dataclass(frozen=True)
class WorkerProcess:
    """A worker that runs."""

    process: "subprocess.Popen[str]"
    log: Path

    def told(self) -> str:
        """Return what it has printed so far."""
        return self.log.read_text()

    def stop(self) -> None:
        """Ask it to stop, as systemd does, and wait until it has."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(90)

    def await_start(self) -> None:
        """Wait until it works (or has ended): what is started beside it before that would live on the wall's clock, not on its fast one."""
        end = monotonic() + 120
        while "Working from" not in self.told() and self.process.poll() is None:
            assert monotonic() < end, self.told()
            PAUSE.wait(0.1)

    def wait(self, seconds: float) -> None:
        """Wait until it ends by itself."""
        self.process.wait(seconds)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
