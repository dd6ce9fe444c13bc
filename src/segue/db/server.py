"""One PostgreSQL data folder: made, configured, started, stopped (engine.md §1, reliability.md §10).

A postmaster that was killed leaves children that take a moment to go, and a `postmaster.pid` that PostgreSQL alone may judge: early
starts are refused, so we try again with growing pauses for a minute and never delete that file.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from segue.db.service_user import ServiceUser
from segue.domain.errors import Unavailable
from segue.ports import SystemClock

MAJOR = "18"
_PATIENCE = 60.0
"""Seconds of real time to wait for the children of a killed postmaster."""
_RECOVERY = 600.0
"""Seconds of real time to wait for a server that reads its log after a crash: a few GB at 94-185 MB/s, and slower disks."""
_ROOM_TO_STOP = 64 << 20
"""Bytes free below which a stop that does not come is put down to a full disk: a log segment has 16 MB."""
_WORTH_ANOTHER_TRY = ("pre-existing shared memory block", "lock file", "is another postmaster")
_OURS = "-c cluster_name=segue"
"""Stands on the command line of a server that we started (PostgreSQL keeps that in postmaster.opts), and in its process titles."""
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Tuning:
    """`small` takes little memory, `durable` may be given up: both for tests only."""

    small: bool = False
    durable: bool = True


@dataclass(frozen=True, slots=True)
class Server:
    """A data folder `home/18` with its programs, its socket folder and the user it runs as."""

    home: Path
    programs: Path
    sockets: Path
    user: ServiceUser
    tuning: Tuning

    @property
    def data(self) -> Path:
        """The folder named by the major version."""
        return self.home / MAJOR

    @property
    def log(self) -> Path:
        """What the server says before its own log files are open; those are in the data folder's folder log, one for each weekday."""
        return self.home / "log" / "start.log"

    def make_cluster(self, password: str) -> None:
        """Run initdb where there is no data yet. Raises Unavailable for data of another major version."""
        self._refuse_other_major()
        if not self.data.exists():
            making = self.home / f"{MAJOR}.making"
            shutil.rmtree(making, ignore_errors=True)  # what an earlier, interrupted first start has left
            self.user.make_folder(making)
            self._initdb(making, password)
            with (making / "postgresql.conf").open("a") as conf:
                conf.write("\ninclude 'segue.conf'\n")
            (making / "pg_hba.conf").write_text("local all all scram-sha-256\n")  # nobody from outside, nobody on trust
            making.rename(self.data)

    def start(self) -> None:
        """Start the server, unless it runs already, and wait until it takes connections. Raises Unavailable."""
        clock = SystemClock()
        began, pause = clock.monotonic(), 0.1
        while not self._is_ready():
            self.user.make_folder(self.log.parent)
            self._write_settings()
            self.log.unlink(missing_ok=True)
            if self._control("start", "-t", f"{_RECOVERY:.0f}", "-l", str(self.log), "-o", _OURS) == 0:
                self._remove_old_programs()
                return
            self._reap()
            said = self.log.read_text(errors="replace") if self.log.exists() else ""
            if clock.monotonic() - began > self._patience() or not any(words in said for words in _WORTH_ANOTHER_TRY):
                raise failure("PostgreSQL did not start", _tail(said) + _tail(self._collected()))
            clock.sleep(pause)
            pause = min(pause * 2, 2.0)

    def stop(self) -> None:
        """Stop the server, if it is one that we started and not an operator's own."""
        options = self.data / "postmaster.opts"
        if not self._lock_file()[0] or not options.exists() or _OURS not in options.read_text().replace('"', ""):
            return
        # The checkpoint of an orderly stop needs room: on a full disk it would be waited for in vain. The log has everything all the same.
        if self._control("stop", "-m", "fast", "-t", "5") != 0:
            how = "immediate" if shutil.disk_usage(self.data).free < _ROOM_TO_STOP else "fast"
            self._control("stop", "-m", how, "-t", "600")

    def _lock_file(self) -> tuple[str, str]:
        """Return what postmaster.pid says: process id and state ("starting", "ready"). Both empty where there is no such file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return "", ""
        return lines[0], lines[7].strip() if len(lines) > 7 else ""

    def _collected(self) -> str:
        """Return the newest of the server's own log files: where it speaks once it has got that far."""
        files = sorted((self.data / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return files[-1].read_text(errors="replace") if files else ""

    def _patience(self) -> float:
        """Return how long to try: longer for one that is starting already, left behind by a Segue that was killed meanwhile."""
        return _RECOVERY if self._lock_file()[1] == "starting" and self._control("status") == 0 else _PATIENCE

    def _reap(self) -> None:
        """Bury a killed postmaster that became our child: in a container Segue is often process 1, and the dead keep their process id."""
        with suppress(ChildProcessError, ValueError):
            os.waitpid(int(self._lock_file()[0]), os.WNOHANG)

    def _remove_old_programs(self) -> None:
        """Drop the copies that earlier releases ran from; only now, because a running server loads libraries as it goes."""
        for copy in self.home.glob("programs-*"):
            if copy not in self.programs.parents:
                shutil.rmtree(copy, ignore_errors=True)

    def _is_ready(self) -> bool:
        """Ask the server itself: what its lock file and process id say stays true for a while after it was killed."""
        return self.user.run([str(self.programs / "pg_isready"), "-q", "-h", str(self.sockets)]).returncode == 0

    def _refuse_other_major(self) -> None:
        others = [path.parent.name for path in self.home.glob("*/PG_VERSION") if path.parent.name not in (MAJOR, f"{MAJOR}.making")]
        if others and not self.data.exists():
            old = self.home / others[0]
            raise Unavailable(
                f"The data in {old} was written by PostgreSQL {others[0]}; this Segue brings PostgreSQL {MAJOR} and leaves it untouched.",
                hint=f"With the programs of both: pg_upgrade -b OLD/bin -B {self.programs} -d {old} -D {self.data} "
                "(or dump it with the Segue that wrote it and restore it here).",
            )

    def _initdb(self, folder: Path, password: str) -> None:
        descriptor, name = tempfile.mkstemp(dir=self.home, prefix="pw-")
        secret = Path(name)
        try:
            with os.fdopen(descriptor, "w") as out:
                out.write(password)
            self.user.give(secret)
            # The builtin locale sorts alike on every machine; a system's own changes with its libc and then indexes lie.
            shape = ["-k", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "-U", "postgres", "-A", "scram-sha-256"]
            done = self.user.run(
                [str(self.programs / "initdb"), "-D", str(folder), *shape, f"--pwfile={secret}"]
                + ([] if self.tuning.durable else ["--no-sync"])
            )
        finally:
            secret.unlink()
        if done.returncode != 0:
            raise failure("The database could not be made", _tail(done.stdout))

    def _control(self, *arguments: str) -> int:
        return self.user.run([str(self.programs / "pg_ctl"), "-D", str(self.data), "-w", *arguments]).returncode

    def _write_settings(self) -> None:
        """Write our settings before every start: memory may have grown, and a new release may know better."""
        making = self.home / "segue.conf.making"
        making.write_text("".join(f"{name} = '{value}'\n" for name, value in _settings(self.sockets, self.tuning).items()))
        self.user.give(making)
        making.rename(self.data / "segue.conf")


def _settings(sockets: Path, tuning: Tuning) -> dict[str, str]:
    """Return the settings of engine.md §1, and those that keep the log bounded and free of contacts' data."""
    on = "on" if tuning.durable else "off"
    return {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "100" if tuning.small else "200",
        "shared_buffers": "64MB" if tuning.small else f"{shared_buffers(_memory()) >> 20}MB",
        "max_wal_size": "256MB" if tuning.small else "4GB",  # recovery reads 94-185 MB/s
        "checkpoint_timeout": "15min",
        "wal_compression": "off",  # pglz made claims on 10 M rows 16 times slower
        "random_page_cost": "1.1",
        "idle_in_transaction_session_timeout": "60s",  # sessions that hand off set their own, shorter (H7)
        "fsync": on,  # a forgotten "sent" is a second mail
        "synchronous_commit": on,
        "full_page_writes": on,
        "timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "%a.log",  # one file a weekday, written over a week later
        "log_truncate_on_rotation": "on",
        "log_error_verbosity": "terse",  # DETAIL would repeat addresses
        "log_min_error_statement": "panic",  # so would the statement
    }


def shared_buffers(memory: int) -> int:
    """Return the bytes to give to PostgreSQL's cache: a quarter of the machine's, at most 4 GiB, at least 32 MiB."""
    return min(max(memory // 4, 32 << 20), 4 * _GIB)


def _memory() -> int:
    """Return the bytes of memory that we may use: the machine's, or the container's where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine


def _tail(text: str) -> str:
    return "".join(f"\n  {line.strip()}" for line in text.strip().splitlines()[-6:])


def failure(what: str, said: str) -> Unavailable:
    """Return the error for what PostgreSQL said, with what a person can do."""
    if "No space left" in said:
        return Unavailable(f"{what}: the disk is full.", hint="Free some space and start again; nothing that was committed is lost.")
    if "Permission denied" in said or "Read-only file system" in said:
        return Unavailable(f"{what}: {said}", hint="Let Segue write to its data folder, or set SEGUE_DATA_DIR to one where it may.")
    return Unavailable(f"{what}: {said}", hint="See the folder log in the data folder, or set DATABASE_URL to a PostgreSQL 15 or newer.")
