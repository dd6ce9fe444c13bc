"""Drain due emails over many mailboxes to a local SMTP sink, every guarantee on, against a bare smtplib loop with the same bodies in the same run.

Run: python bench/drain.py [emails] [mailboxes]

The real SMTP client sends; the inbox that the last look reads is an empty one in memory, so that the figure is that of sending.
"""

import smtplib
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from bench.sink import smtp_sink
from segue.db.embedded import Embedded, start
from segue.db.migrate import upgrade
from segue.db.tx import Database
from segue.domain.ids import StepKey, WorkspaceId
from segue.domain.sequence import EmailSettings, FinishSettings, Sequence as SequenceContent, SequenceSettings, Step
from segue.features.enrollments.engine import Engine
from segue.features.enrollments.enroll import EnrollRequest, enroll
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.mail.hand_off import Gate
from segue.features.mail.secrets import Vault
from segue.features.mail.sessions import Sessions
from segue.features.sequences.service import publish
from segue.features.templates.render import render_email
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.ports import SystemClock
from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import Accepted, FetchedBatch, FolderCursor, MailboxConfig, MayStillSend, Outgoing
from segue.providers.mail.smtp_imap import SmtpImapProvider, SmtpImapSession
from segue.wiring import HANDLERS
from segue.worker import Worker

PARAGRAPH = (
    "I saw that {{ contact.company }} opened a new site — congratulations, {{ contact.first_name }}! How do you plan the first days there?"
)
BODY = "Hello {{ contact.first_name }},\n\n" + "\n\n".join([PARAGRAPH] * 17) + "\n\nBest\n{{ sender.full_name }}"


class SendOnly(SmtpImapSession):
    """The real SMTP client beside an inbox that is always empty."""

    files_sent_copies = True

    def watched_folders(self) -> Sequence[str]:
        return ()

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        return FetchedBatch(cursor, ())

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        return ()


class SendOnlyProvider(SmtpImapProvider):
    """Opens `SendOnly` sessions."""

    def open(self, config: MailboxConfig) -> SmtpImapSession:
        opened = super().open(config)
        opened.__class__ = SendOnly
        return opened


def prepare(db: Database, vault: Vault, port: int, emails: int, mailboxes: int) -> WorkspaceId:
    """Fill a database: mailboxes without spacing, contacts, one published sequence, everybody enrolled and due."""
    workspace_id = create_workspace(db, "Bench")
    settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none", "smtp_username": ""}
    steps = (
        Step(StepKey("a"), "email", EmailSettings(BODY, "Your first days, {{ contact.first_name }}")),
        Step(StepKey("end"), "finish", FinishSettings(), timedelta(days=1)),
    )
    boxes = []
    with db.tx(workspace_id) as tx:
        for number in range(mailboxes):
            user = find_or_create_user(tx, f"rep{number}@acme.test", name="Rita Rep")
            new = NewMailbox(
                f"rep{number}@acme.test",
                "send_only",
                "",
                settings,
                per_day=10_000,
                per_minute=10_000_000,
                spacing=timedelta(0),
                jitter=timedelta(0),
                warm_up=False,
            )
            boxes.append((connect_mailbox(tx, user, new, vault), user))
        tx.run("UPDATE users SET per_day = 1000000 WHERE workspace_id = %(ws)s", {})
        tx.run(
            """INSERT INTO contacts (workspace_id, email, email_normal, first_name, company, created_at, updated_at)
               SELECT %(ws)s, format('ann%%s@prospect.test', n), format('ann%%s@prospect.test', n), 'Ann' || n, 'Company ' || n, %(now)s, %(now)s
               FROM generate_series(1, %(most)s) AS n""",
            {"now": tx.now, "most": emails},
        )
        ids = [row["id"] for row in tx.all("SELECT id FROM contacts WHERE workspace_id = %(ws)s ORDER BY id", {})]
        published = publish(tx, SequenceContent("Bench", steps, SequenceSettings()), owner=boxes[0][1])
    share = -(-emails // mailboxes)
    for number, (box, user) in enumerate(boxes):
        enroll(db, workspace_id, EnrollRequest(published.sequence_id, box, user), ids[number * share : (number + 1) * share])
    db.refresh_statistics("enrollments", "contacts", "users", "mailboxes", "mailbox_lanes")
    return workspace_id


def drain(db: Database, engine: Engine, workspace_id: WorkspaceId, emails: int) -> float:
    """Run the worker until all is sent; return emails a second."""
    worker = Worker(engine, watch=False)
    thread = threading.Thread(target=worker.run)
    began = time.perf_counter()
    thread.start()
    while count_sent(db, workspace_id) < emails:
        time.sleep(0.05)
    took = time.perf_counter() - began
    worker.stop()
    thread.join()
    return emails / took


def count_sent(db: Database, workspace_id: WorkspaceId) -> int:
    with db.tx(workspace_id) as tx:
        row = tx.one("SELECT count(*) AS n FROM accepted WHERE workspace_id = %(ws)s", {})
    return row["n"] if row else 0


def bare_loop(port: int, bodies: Sequence[tuple[str, str, str]]) -> float:
    """Send the same words with smtplib, one kept connection, an EmailMessage per mail; return emails a second."""
    began = time.perf_counter()
    client = smtplib.SMTP("127.0.0.1", port, local_hostname="acme.test")
    for number, (subject, text, html) in enumerate(bodies):
        message = EmailMessage(policy=SMTP)
        message["From"] = "Rita Rep <rep@acme.test>"
        message["To"] = f"ann{number}@prospect.test"
        message["Subject"] = subject
        message["Message-ID"] = f"<{number}@acme.test>"
        message.set_content(text)
        message.add_alternative(html, subtype="html")
        client.sendmail("rep@acme.test", [f"ann{number}@prospect.test"], message.as_bytes())
    client.quit()
    return len(bodies) / (time.perf_counter() - began)


def bodies(count: int) -> list[tuple[str, str, str]]:
    """Render what the engine renders, beforehand: the loop only builds and sends."""
    made = []
    for number in range(count):
        contact = {"first_name": f"Ann{number}", "company": f"Company {number}"}
        rendered = render_email(
            "Your first days, {{ contact.first_name }}", BODY, {"contact": contact, "sender": {"full_name": "Rita Rep"}}
        )
        made.append((rendered.subject, rendered.text, rendered.html))
    return made


def _server(folder: str) -> Embedded:
    """Start a durable server; its own user must be able to pass through the folder."""
    Path(folder).chmod(0o755)
    return start(Path(folder))


def main(emails: int = 10_000, mailboxes: int = 200) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="segue-bench-") as folder, smtp_sink() as (port, sink), _server(folder) as server:
        upgrade(server.owner_url)
        db = Database(server.app_url, clock=SystemClock(), handlers=HANDLERS, pool_size=16)
        vault = Vault(b"b" * 32)
        workspace_id = prepare(db, vault, port, emails, mailboxes)
        provider = SendOnlyProvider(EgressPolicy.allowing(["127.0.0.1"], extra_ports=[port]))
        engine = Engine(db, Gate(db, threads=16), Sessions(db, vault, {"send_only": provider}))
        before = bare_loop(port, bodies(2_000))
        ours = drain(db, engine, workspace_id, emails)
        after = bare_loop(port, bodies(2_000))
        engine.close()
        db.close()
    loop = (before + after) / 2
    print(f"{emails} emails over {mailboxes} mailboxes to {sink}: {ours:.0f}/s; bare smtplib loop {loop:.0f}/s; ratio {ours / loop:.2f}")
    return {"drain_per_s": ours, "loop_per_s": loop, "ratio": ours / loop}


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
