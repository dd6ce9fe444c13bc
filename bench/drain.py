"""Drain due emails over many mailboxes to a local SMTP sink, every guarantee on, against a bare smtplib loop with the same bodies.

Run: python -m bench.drain [emails] [mailboxes]

The real SMTP client sends; the inbox that the last look reads is an empty one in memory, so that the figure is that of sending.
"""

import multiprocessing
import resource
import smtplib
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from multiprocessing.synchronize import Event as Flag
from statistics import mean

from bench.figures import Figure, show
from bench.ground import Served, serve, wal_syncs
from segue.db.tx import Database
from segue.domain.ids import StepKey, WorkspaceId
from segue.domain.sequence import EmailSettings, FinishSettings, SequenceSettings, Step
from segue.domain.sequence import Sequence as SequenceContent
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.engine import Engine
from segue.features.enrollments.enroll import enroll
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.mail.hand_off import Gate
from segue.features.mail.sessions import Sessions
from segue.features.sequences.service import publish
from segue.features.templates.render import render_email
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.vault import Vault
from segue.ports import SystemClock
from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import FetchedBatch, FolderCursor, MailboxConfig, Outgoing
from segue.providers.mail.smtp_imap import SmtpImapProvider, SmtpImapSession
from segue.wiring import HANDLERS
from segue.worker import SENDERS, Worker

_LONGEST_S = 300.0

PARAGRAPH = (
    "I saw that {{ contact.company }} opened a new site — congratulations, {{ contact.first_name }}! How do you plan the first days there?"
)
BODY = "Hello {{ contact.first_name }},\n\n" + "\n\n".join([PARAGRAPH] * 17) + "\n\nBest\n{{ sender.full_name }}"


class SendOnly(SmtpImapSession):
    """The real SMTP client beside an inbox that is always empty."""

    files_sent_copies = True

    def watched_folders(self) -> Sequence[str]:
        return ()

    def sent_folder(self) -> str | None:
        return None

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:  # noqa: ARG002  the protocol's
        return FetchedBatch(cursor, ())

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:  # noqa: ARG002
        return ()


class SendOnlyProvider(SmtpImapProvider):
    """Opens `SendOnly` sessions."""

    def open(self, config: MailboxConfig) -> SmtpImapSession:
        opened = super().open(config)
        opened.__class__ = SendOnly
        return opened


def prepare(server: Served, vault: Vault, emails: int, mailboxes: int) -> WorkspaceId:
    """Fill a database: mailboxes without spacing, contacts, one published sequence, everybody enrolled and due."""
    db = server.db
    workspace_id = create_workspace(db, "Bench")
    settings: dict[str, object] = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none", "smtp_username": ""}
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
               SELECT %(ws)s, format('ann%%s@prospect.test', n), format('ann%%s@prospect.test', n), 'Ann' || n, 'Company ' || n,
                   %(now)s, %(now)s
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


def drain(server: Served, vault: Vault, workspace_id: WorkspaceId, *, emails: int, processes: int = 1) -> tuple[float, float]:
    """Let worker processes send all that is due; return emails a second from their common start, and the largest worker's memory in MB."""
    spawn = multiprocessing.get_context("spawn")
    go, stop, told = spawn.Event(), spawn.Event(), spawn.Queue()
    workers = [spawn.Process(target=_work, args=(server, vault, go, stop, told)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        for _ in workers:
            told.get(timeout=60)  # all have imported what they need
        already = count_sent(server.db, workspace_id)
        go.set()
        began = time.perf_counter()
        while (sent := count_sent(server.db, workspace_id) - already) < emails:
            if not all(worker.is_alive() for worker in workers) or time.perf_counter() - began > _LONGEST_S:
                raise RuntimeError(f"the workers stopped after {sent} of {emails} emails")
            time.sleep(0.05)
        took = time.perf_counter() - began
        stop.set()
        peak = max(told.get(timeout=60) for _ in workers)
    finally:
        stop.set()
        go.set()
        for worker in workers:
            worker.join()
            worker.close()
    return emails / took, peak


def _work(server: Served, vault: Vault, go: "Flag", stop: "Flag", told: "multiprocessing.Queue[float]") -> None:
    """Be one worker process."""
    db = Database(server.app_url, clock=SystemClock(), handlers=HANDLERS, pool_size=16)
    provider = SendOnlyProvider(EgressPolicy.allowing(["127.0.0.1"], extra_ports=[server.port]))
    engine = Engine(db, Gate(db, threads=SENDERS), Sessions(db, vault, {"send_only": provider}))
    worker = Worker(engine, watch=False)
    told.put(0.0)
    go.wait()
    thread = threading.Thread(target=worker.run)
    thread.start()
    stop.wait()
    worker.stop()
    thread.join()
    engine.close()
    db.close()
    told.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


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


def measure(server: Served, emails: int, mailboxes: int) -> list[Figure]:
    """Loop, drain, loop, drain with two processes, loop: a neighbour's load meets all of them."""
    vault = Vault(b"b" * 32)
    words = bodies(min(emails, 2_000))
    first = prepare(server, vault, emails, mailboxes)
    loops = [bare_loop(server.port, words)]
    syncs = wal_syncs(server.admin_url)
    one, peak = drain(server, vault, first, emails=emails)
    syncs = wal_syncs(server.admin_url) - syncs
    loops.append(bare_loop(server.port, words))
    second = prepare(server, vault, emails, mailboxes)
    two, _ = drain(server, vault, second, emails=emails, processes=2)
    loops.append(bare_loop(server.port, words))
    return [
        Figure(
            f"drain of {emails:,} over {mailboxes} mailboxes / bare smtplib loop",
            one / mean(loops[:2]),
            "x",
            goal=">= 2",
            beside=f"{one:,.0f} / {mean(loops[:2]):,.0f} emails/s",
        ),
        Figure(
            "drain by two workers / bare loop",
            two / mean(loops[1:]),
            "x",
            beside=f"{two:,.0f} / {mean(loops[1:]):,.0f} emails/s",
        ),
        Figure("two workers / one", two / one, "x", goal=">= 1.8", beside="while the database has cores to spare"),
        Figure("peak memory of a worker", peak, "MB"),
        Figure("fsyncs of the WAL per mail", syncs / emails, "", beside="one commit must be on disk before each mail"),
    ]


def main(emails: int = 10_000, mailboxes: int = 200) -> None:
    with serve() as server:
        show(measure(server, emails, mailboxes))


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
