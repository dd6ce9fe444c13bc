"""Real mail servers for tests: Dovecot (IMAP, submission, LMTP, sieve) and Postfix, all in one temporary folder on loopback ports (mail.md §14).

    with MailServers(users=["rep@acme.test", "ann@prospect.test"], vacations={"ann@prospect.test": "Back on 3 January."}) as servers:
        servers.submission_port, servers.imap_port, servers.certificate …

Needs root and the Debian packages dovecot-imapd, dovecot-lmtpd, dovecot-submissiond, dovecot-sieve and postfix; nothing touches the system's own
configuration. Mail to the domains of `users` is delivered here; gone.test, full.test and blocked.test go to a far side that answers 550 5.1.1 at RCPT,
452 4.2.2 at RCPT and 550 5.7.1 after DATA (MAIL-83); all else is refused. Passwords are "pw".
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller

from servers.certificates import certificate
from servers.mail_server_files import dovecot_conf, main_cf, master_cf

PASSWORD = "pw"
DEFAULT_USERS = ("rep@acme.test", "ann@prospect.test", "bob@prospect.test")
DEFAULT_VACATIONS = {"ann@prospect.test": "Back on 3 January."}
_PAUSE = threading.Event()  # never set: waits between two looks at a process
_BASES = 127
_OFFSETS = (24, 25, 26, 43, 87, 93)


def installed() -> bool:
    """Say whether this machine has the servers and may run them."""
    return os.geteuid() == 0 and all(shutil.which(name) for name in ("dovecot", "doveadm", "postfix"))


def take_base() -> socket.socket:
    """Take a port base P for which all ports used above it are free on loopback: P itself is kept, so that no other process takes it too.

    All are below 32768, where Linux begins to give ports to whoever connects.
    """
    for step in range(_BASES):
        base = 20000 + (os.getpid() + step) % _BASES * 100
        with contextlib.suppress(OSError), contextlib.ExitStack() as undo:
            kept = undo.enter_context(socket.create_server(("127.0.0.1", base)))
            with contextlib.ExitStack() as stack:
                for offset in _OFFSETS:
                    stack.enter_context(contextlib.closing(socket.create_server(("127.0.0.1", base + offset))))
            undo.pop_all()
            return kept
    raise RuntimeError("no free ports on loopback")


class FarSide:
    """The other end of the world: refuses in three ways and keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, list[str], bytes]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.endswith("@gone.test"):
            return "550 5.1.1 no such user here"
        if address.endswith("@full.test"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if any(address.endswith("@blocked.test") for address in envelope.rcpt_tos):
            return "550 5.7.1 message refused by policy"
        self.taken.append((envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 2.0.0 taken"


class MailServers:
    """Dovecot, Postfix and the far side, while the context lasts."""

    def __init__(
        self,
        *,
        users: Iterable[str] = DEFAULT_USERS,
        vacations: Mapping[str, str] = DEFAULT_VACATIONS,
        far_side: FarSide | None = None,
        spare_boxes: int = 0,
    ) -> None:
        self.users = (*users, *(f"box{n}@acme.test" for n in range(1, spare_boxes + 1)))
        self.vacations = dict(vacations)
        self.far_side = far_side or FarSide()
        self._kept = take_base()
        self.base: int = self._kept.getsockname()[1]
        self.folder = Path(tempfile.mkdtemp(prefix="segue-mail-"))
        self.certificate = certificate()
        self._far = Controller(self.far_side, hostname="127.0.0.1", port=self.base + 26)

    @property
    def submission_port(self) -> int:
        """Dovecot's submission service: STARTTLS and sign-in."""
        return self.base + 87

    @property
    def relay_port(self) -> int:
        """Postfix itself: no TLS, no sign-in."""
        return self.base + 25

    @property
    def imap_port(self) -> int:
        """IMAP with STARTTLS."""
        return self.base + 43

    @property
    def imaps_port(self) -> int:
        """IMAP in TLS."""
        return self.base + 93

    def __enter__(self) -> Self:
        self._write_files()
        self._far.start()
        try:
            self._run("dovecot", "-c", str(self._dovecot_conf))
            self._run("postfix", "-c", str(self.folder / "pf/etc"), "start")
            self._wait_until_they_answer()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        pids = [self.folder / "pf/spool/pid/master.pid", self.folder / "dv/run/master.pid"]
        self._far.stop()
        for pid_file in pids:
            _kill(pid_file)
        self._kept.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # Doing things to them ---------------------------------------------------------------------------------------------------------

    def doveadm(self, *arguments: str) -> str:
        """Run Dovecot's administration tool on this instance."""
        done = subprocess.run(
            ["doveadm", "-c", str(self._dovecot_conf), *arguments], capture_output=True, text=True, check=False, timeout=30
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def save(self, user: str, raw: bytes, *, folder: str = "INBOX") -> None:
        """Put a message into a folder, as if it had been delivered."""
        subprocess.run(["doveadm", "-c", str(self._dovecot_conf), "save", "-u", user, "-m", folder], input=raw, check=True, timeout=30)

    def reset_uid_validity(self, user: str, folder: str, uid_validity: int) -> None:
        """Give a folder another UIDVALIDITY (MAIL-84)."""
        self.doveadm("mailbox", "update", "-u", user, "--uid-validity", str(uid_validity), folder)

    def stop_dovecot(self) -> None:
        """Kill Dovecot at once, connections and all."""
        _kill(self.folder / "dv/run/master.pid")

    def start_dovecot(self) -> None:
        """Start it again."""
        self._run("dovecot", "-c", str(self._dovecot_conf))
        self._wait_until_they_answer()

    # Setting up -------------------------------------------------------------------------------------------------------------------

    @property
    def _dovecot_conf(self) -> Path:
        return self.folder / "dv/dovecot.conf"

    def _write_files(self) -> None:
        folder = self.folder
        folder.chmod(0o755)
        for name in ("dv/run", "dv/mail", "dv/sieve", "pf/etc", "pf/spool", "pf/lib", "tls"):
            (folder / name).mkdir(parents=True)
        shutil.copy(self.certificate, folder / "tls/server.pem")
        (folder / "dv/users").write_text("".join(f"{u}:{{PLAIN}}{PASSWORD}\n" for u in self.users))
        (folder / "pf/etc/boxes").write_text("".join(f"{u} x\n" for u in self.users))
        for user, text in self.vacations.items():
            script = f'require ["vacation"]; vacation :days 1 :addresses ["{user}"] :subject "Out of office" "{text}";\n'
            (folder / f"dv/sieve/{user}.sieve").write_text(script)
        for name in ("dv/mail", "dv/sieve"):
            _give(folder / name, "mail", "mail")
        self._dovecot_conf.write_text(dovecot_conf(folder, self.base))
        domains = sorted({user.rpartition("@")[2] for user in self.users})
        (folder / "pf/etc/main.cf").write_text(main_cf(folder, self.base, domains))
        (folder / "pf/etc/master.cf").write_text(master_cf(self.base))
        transports = (f"{name}.test smtp:[127.0.0.1]:{self.base + 26}\n" for name in ("gone", "full", "blocked"))
        (folder / "pf/etc/transport").write_text("".join(transports))
        _give(folder / "pf/lib", "postfix", "root")

    def _run(self, *command: str) -> None:
        # Daemons keep an inherited pipe open for ever: their output goes to a file.
        with (self.folder / "start.log").open("ab") as log:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, timeout=30)
        assert done.returncode == 0, (self.folder / "start.log").read_text()

    def _wait_until_they_answer(self) -> None:
        end = time.monotonic() + 20
        for offset in (24, 25, 43, 87, 93):
            while True:
                try:
                    socket.create_connection(("127.0.0.1", self.base + offset), 1).close()
                    break
                except OSError:
                    assert time.monotonic() < end, (self.folder / "start.log").read_text()
                    _PAUSE.wait(0.02)


def _give(path: Path, user: str, group: str) -> None:
    for one in (path, *path.rglob("*")):
        shutil.chown(one, user, group)


def _kill(pid_file: Path) -> None:
    """Kill a master process and its children, by pid, and wait until they are gone. Asked politely they take five seconds."""
    try:
        master = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return
    family = [master, *_children_of(master)]
    for pid in family:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while any(_alive(pid) for pid in family) and time.monotonic() < end:
        _PAUSE.wait(0.01)
    pid_file.unlink(missing_ok=True)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the name: state, parent, …; nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _alive(pid: int) -> bool:
    return _stat(pid)[:1] not in ([], ["Z"])


def _children_of(master: int) -> list[int]:
    everybody = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in everybody if _stat(pid)[1:2] == [str(master)]]
