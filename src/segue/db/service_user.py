"""Who PostgreSQL runs as, and which program files that user can reach.

PostgreSQL refuses to run as root. Where Segue is started by root (containers, fresh servers) the server gets a user of its own, made once,
and a private copy of the program files, because a virtual environment often lies under a folder only root can enter. No mode of any
folder that is not ours is ever changed (engine.md §1): a folder in the way is an error with the one command that helps.
"""

import fcntl
import logging
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from segue.domain.errors import Unavailable

NAME = "segue-pg"
_FALLBACKS = ("postgres", "nobody")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """The user of the server process. `uid` is None where Segue itself may run it (not root)."""

    uid: int | None = None
    gid: int | None = None

    def run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, from the root folder (ours may be closed to it), and return it with its output."""
        with tempfile.TemporaryFile("w+") as out:  # not a pipe: a server started below would hold it open for ever
            done = subprocess.run(  # noqa: S603 - fixed programs, no shell
                arguments,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                user=self.uid,
                group=self.gid,
                extra_groups=None if self.uid is None else [],
            )
            out.seek(0)
            return subprocess.CompletedProcess(arguments, done.returncode, stdout=out.read())

    def give(self, path: Path) -> None:
        """Make this user the owner of a file or folder that we have just made."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def make_folder(self, path: Path) -> None:
        """Make a folder of this user's, closed to everybody else. One that stands already is left as it is."""
        if not path.exists():
            path.mkdir(mode=0o700)
            self.give(path)

    def require_way_to(self, folder: Path) -> None:
        """Raise Unavailable where this user cannot enter `folder`."""
        if self.uid is None:
            return
        if self._may_enter(folder):
            return
        closed = next(step for step in (*reversed(folder.parents), folder) if not self._may_enter(step))
        raise Unavailable(
            f"PostgreSQL does not run as root, and its user {self._name()} may not enter {closed}.",
            hint=f"Set SEGUE_DATA_DIR to a folder it can reach (the default is /var/lib/segue), or allow it: chmod o+x {closed}",
        )

    def _name(self) -> str:
        try:
            return pwd.getpwuid(self.uid or 0).pw_name
        except KeyError:
            return str(self.uid)

    def _may_enter(self, folder: Path) -> bool:
        return self.run(["/bin/sh", "-c", 'test -x "$0"', str(folder)]).returncode == 0


def service_user(data: Path) -> ServiceUser:
    """Return the user that runs the server of `data`: ourselves, or for root the owner of that folder, or one made on first use."""
    if os.geteuid() != 0:
        return ServiceUser()
    if data.exists() and data.stat().st_uid != 0:  # a volume that another container has made: there the same name had another number
        return ServiceUser(data.stat().st_uid, data.stat().st_gid)
    _make_user_once()
    for name in (NAME, *_FALLBACKS):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if name != NAME:
            _log.warning("the user %s could not be made; PostgreSQL runs as %s, which other programs may share", NAME, name)
        return ServiceUser(found.pw_uid, found.pw_gid)
    raise Unavailable(
        "PostgreSQL does not run as root, and no user could be made for it.",
        hint=f"Make one (useradd --system {NAME}), start Segue as an ordinary user, or set DATABASE_URL to a PostgreSQL 15 or newer.",
    )


def _make_user_once() -> None:
    """Make the service user if the system does not know it, and by one process at a time.

    useradd looks for the name before it takes its own lock: of two that start together the second would give the user another number,
    and the first one's database would belong to nobody.
    """
    folder = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        try:
            pwd.getpwnam(NAME)
        except KeyError:
            _make_user()
    finally:
        os.close(folder)


def _make_user() -> None:
    """Make the service user with whichever tool the system has (shadow, or busybox), if any can."""
    for command in (
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false", NAME],
        ["adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/bin/false", NAME],
    ):
        program = shutil.which(command[0], path=f"{os.defpath}:/usr/sbin:/sbin")
        if program is not None:
            made = subprocess.run([program, *command[1:]], check=False, capture_output=True)  # noqa: S603 - fixed programs
            if made.returncode == 0:
                return
