"""Everything that stands before the damage begins: a durable PostgreSQL, the faulty server, mailboxes, contacts, enrollments."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from kills.field import DELAY_S, STEPS, Field
from segue.db.embedded import Embedded, start
from segue.db.migrate import upgrade
from segue.db.tx import Database
from segue.domain.ids import MailboxId, StepKey, UserId, WorkspaceId
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import EmailSettings, FinishSettings, Sequence, SequenceSettings, Step
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.enroll import enroll
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.sequences.service import publish
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.vault import Vault
from segue.ports import SystemClock
from segue.wiring import HANDLERS

VAULT = Vault(b"k" * 32)
HERE = Path(__file__).parent.parent


@contextmanager
def durable_server(folder: Path) -> Iterator[Embedded]:
    """Start a PostgreSQL on disk, fsync and all; nothing that was committed may be lost (engine.md §1)."""
    with start(folder, small=True) as server:
        upgrade(server.owner_url)
        with psycopg.connect(server.admin_url, autocommit=True) as admin:
            # A process that lives for a tenth of a second must not spend half of it on the password.
            admin.execute("SET scram_iterations = 1")
            for url in (server.app_url, server.owner_url):
                parts = urlsplit(url)
                admin.execute(f"ALTER ROLE {parts.username} PASSWORD '{parts.password}'")
        yield server


class SmtpProcess:
    """The faulty server as a process of its own."""

    def __init__(self, log: Path, *, seed: int, rate: float, latency: float, late_s: float) -> None:
        command = [sys.executable, "-m", "kills.server", str(log), str(seed), str(rate), str(latency), str(late_s)]
        self.process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def calm(self) -> None:
        """End the faults: what is due must now get through (liveness)."""
        assert self.process.stdin
        self.process.stdin.write("calm\n")
        self.process.stdin.flush()

    def close(self) -> dict[str, int]:
        """End the server; return how often each fault was shown."""
        said, _ = self.process.communicate()
        return dict(json.loads(said.splitlines()[-1]))


@contextmanager
def smtp_process(log: Path, *, seed: int = 1, rate: float = 0.0, latency: float = 0.0, late_s: float = 1.5) -> Iterator[SmtpProcess]:
    server = SmtpProcess(log, seed=seed, rate=rate, latency=latency, late_s=late_s)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.close()


def open_database(field: Field, **more: Any) -> Database:
    """Open the field's database as the engine does."""
    return Database(field.app_url, clock=field.clock(), handlers=HANDLERS, lease_s=field.lease_s, **more)


def lay_out(server: Embedded, folder: Path, port: int, **more: Any) -> Field:
    """Make a workspace for a soak and return its field."""
    field = Field(
        app_url=server.app_url,
        data_dir=str(folder),
        port=port,
        log=str(folder / "smtp.log"),
        notes=str(folder / "workers.log"),
        workspace_id=0,
        origin=SystemClock().monotonic(),
        **more,
    )
    db = open_database(field)
    try:
        workspace = create_workspace(db, "Soak")
        with db.tx(workspace) as tx:  # the server refuses by lot: a breaker would wait for a person (SEQ-106)
            tx.run("""UPDATE workspaces SET settings = settings || '{"breaker": "off"}' WHERE workspace_id = %(ws)s""", {})
        return replace(field, workspace_id=workspace)
    finally:
        db.close()


def connect_mailboxes(db: Database, field: Field, number: int, *, silent_every: int = 0) -> list[tuple[MailboxId, UserId]]:
    """Connect mailboxes without limits; every `silent_every`-th is one whose server files no Sent copies."""
    made = []
    with db.tx(WorkspaceId(field.workspace_id)) as tx:
        for each in range(number):
            user = find_or_create_user(tx, f"rep{each}@acme.test", name="Rita Rep")
            files = not silent_every or each % silent_every != 0
            settings = {
                "smtp_host": "127.0.0.1",
                "smtp_port": field.port,
                "smtp_tls": "none",
                "smtp_username": "",
                "files_sent_copies": files,
            }
            new = NewMailbox(
                address=f"rep{each}@acme.test",
                provider="soak",
                secret="",
                settings=settings,
                per_day=1_000_000,
                per_minute=1_000_000,
                spacing=timedelta(0),
                jitter=timedelta(0),
                warm_up=False,
                deadline_s=int(field.deadline_s),
            )
            made.append((connect_mailbox(tx, user, new, VAULT), user))
        tx.run("UPDATE users SET per_day = 1000000 WHERE workspace_id = %(ws)s", {})
    return made


def add_contacts(db: Database, field: Field, number: int, *, name: str = "ann") -> list[int]:
    """Store contacts name.1@…; return their ids."""
    with db.tx(WorkspaceId(field.workspace_id)) as tx:
        rows = tx.all(
            """INSERT INTO contacts (workspace_id, email, email_normal, first_name, company, created_at, updated_at)
               SELECT %(ws)s, format('%%s.%%s@prospect.test', %(name)s::text, n), format('%%s.%%s@prospect.test', %(name)s::text, n), 'Ann', 'Company', %(now)s, %(now)s
               FROM generate_series(1, %(most)s) AS n RETURNING id""",
            {"now": tx.now, "most": number, "name": name},
        )
    return [row["id"] for row in rows]


def add_sequence(db: Database, field: Field, owner: UserId, steps: tuple[str, ...] = STEPS, name: str = "Soak") -> Any:
    """Publish a sequence of emails, an hour apart, that may go at any time."""
    emails = tuple(
        Step(StepKey(key), "email", EmailSettings("Hello {{ contact.first_name }}", f"About {key}"), timedelta(seconds=DELAY_S if n else 0))
        for n, key in enumerate(steps)
    )
    end = Step(StepKey("end"), "finish", FinishSettings(), timedelta(0))
    settings = SequenceSettings(window=SendWindow(0, 1440, DayMode.EVERYDAY))
    with db.tx(WorkspaceId(field.workspace_id)) as tx:
        return publish(tx, Sequence(name, (*emails, end), settings), owner=owner).sequence_id


def enroll_all(db: Database, field: Field, sequence: Any, mailboxes: list[tuple[MailboxId, UserId]], contacts: list[int]) -> None:
    """Enroll everybody, spread over the mailboxes."""
    share = -(-len(contacts) // len(mailboxes))
    for number, (mailbox, user) in enumerate(mailboxes):
        some = contacts[number * share : (number + 1) * share]
        report = enroll(db, WorkspaceId(field.workspace_id), EnrollRequest(sequence, mailbox, user), some)
        assert report.enrolled == len(some), report.refused[:3]
    db.refresh_statistics("enrollments", "contacts", "users", "mailboxes", "mailbox_lanes", "messages")
