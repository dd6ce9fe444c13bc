"""The command line as a test runs it: in this process, on a database of its own, with a world of mail in memory."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from segue.cli import main
from segue.ports import SystemClock
from segue.providers.mail.fake import FAKE
from segue.providers.mail.fake_world import FakeMailWorld

_worlds = count(1)


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        found: dict[str, Any] = self.json["error"]
        return found


class Cli:
    """Runs commands and looks at what they left behind."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], url: str, world: FakeMailWorld, name: str) -> None:
        self.folder = folder
        self.url = url
        self.world = world
        self._capsys = capsys
        self._world_name = name

    def __call__(self, *words: object) -> Ran:
        """Run a command as a person would see it."""
        self._capsys.readouterr()
        code = main([str(word) for word in words])
        captured = self._capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    def ok(self, *words: object) -> Any:
        """Run a command that must succeed, and return its JSON document."""
        ran = self(*words, "--json")
        assert ran.code == 0, ran.out + ran.err
        assert ran.err == ""
        return ran.json

    def fails(self, *words: object, code: int = 1) -> dict[str, Any]:
        """Run a command that must fail, and return its error."""
        ran = self(*words, "--json")
        assert ran.code == code, ran.out + ran.err
        assert "Traceback" not in ran.out + ran.err
        return ran.error

    def sql(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Look at, or change, the database behind the program's back."""
        with psycopg.connect(self.url, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    def file(self, name: str, text: str) -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def mailbox_file(self, address: str = "rep@acme.test", *, password: str = "pw", more: str = "") -> Path:
        """Write a mailbox file for the world of this test."""
        text = f"address: {address}\ndisplay_name: Rita Rep\nprovider: fake\nsettings:\n  world: {self._world_name}\npassword: {password}\n"
        return self.file(f"{address}.yaml", text + more)

    def set_up(self, *steps: str) -> None:
        """Make a workspace with a mailbox, and a sequence of these steps."""
        self.ok("init", "--name", "Acme", "--email", "rita@acme.test", "--timezone", "Europe/Berlin")
        self.ok("mailbox", "add", self.mailbox_file(more="spacing_seconds: 0\njitter_seconds: 0\nper_minute: 60\nwarm_up: false\n"))
        self.ok("sequence", "apply", self.file("flow.yaml", flow(*steps)))

    def import_contacts(self, *emails: str) -> None:
        """Import contacts called Ann."""
        rows = "".join(f"{email},Ann\n" for email in emails)
        self.ok("contacts", "import", self.file("contacts.csv", f"email,first_name\n{rows}"))

    def work(self) -> Any:
        """Let a worker run to the end of everything, ten days a second."""
        return self.ok("worker", "--until-idle", "--clock-speed", 864_000)


EMAIL = "  - email:\n      subject: Hello {{ contact.first_name }}\n      body: |\n        A question, {{ contact.first_name }}.\n    key: hello\n"
FOLLOW_UP = "  - email:\n      body: |\n        Again.\n    key: again\n    after: 2 days\n"
CALL = "  - call:\n      subject: Ring them\n    key: call\n    after: 1 day\n"


def flow(*steps: str, name: str = "Welcome") -> str:
    """Return a sequence file with these steps."""
    return f"name: {name}\nsettings:\n  days: everyday\nsteps:\n{''.join(steps or (EMAIL,))}"


@pytest.fixture
def cli(cluster, db_urls, tmp_path: Path, capsys, monkeypatch) -> Iterator[Cli]:
    """A Segue without a workspace."""
    url = db_urls.owner_url.replace(cluster.owner_url.split("@")[0], cluster.admin_url.split("@")[0])
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SEGUE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    name = f"cli-{next(_worlds)}"
    world = FAKE.worlds[name] = FakeMailWorld(SystemClock())
    world.add_mailbox("rep@acme.test", secret="pw", files_sent_copies=True)
    yield Cli(tmp_path, capsys, url, world, name)
    del FAKE.worlds[name]
