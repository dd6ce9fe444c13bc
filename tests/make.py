"""Builders: a whole small Segue on a database of its own, with a fake world of mail and a clock that moves when told to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

from segue.db.tx import Database
from segue.domain.addresses import normal_form
from segue.domain.ids import MailboxId, SequenceId, StepKey, UserId, WorkspaceId
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import EmailSettings, FinishSettings, SequenceSettings, Step, TaskKind, TaskSettings
from segue.domain.sequence import Sequence as SequenceContent
from segue.features.enrollments.admission import EnrollReport, EnrollRequest
from segue.features.enrollments.engine import Engine
from segue.features.enrollments.enroll import enroll
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.mail.hand_off import Gate
from segue.features.mail.sessions import Sessions
from segue.features.sequences.service import publish
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.users import UserChange, add_user
from segue.features.workspaces.vault import Vault
from segue.ports import StoppedClock
from segue.providers.mail.fake import FakeMailProvider
from segue.providers.mail.fake_world import FakeMailWorld
from segue.wiring import HANDLERS

MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
"""Monday 2027-01-11 10:00 in Berlin: the day of the specification's examples."""

REP = "rep@acme.test"


@dataclass(slots=True)
class Small:
    """A small Segue: one workspace, one user, one mailbox."""

    db: Database
    clock: StoppedClock
    world: FakeMailWorld
    engine: Engine
    workspace_id: WorkspaceId
    user_id: UserId
    mailbox_id: MailboxId
    vault: Vault

    def close(self) -> None:
        self.engine.close()
        self.db.close()

    def sql(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Look at the database as the workspace sees it."""
        with self.db.tx(self.workspace_id) as tx:
            return tx.all(statement, dict(parameters or {}))

    def add_contact(self, email: str, **values: Any) -> int:
        """Store a contact; returns its id."""
        with self.db.tx(self.workspace_id) as tx:
            row = tx.one(
                """INSERT INTO contacts (workspace_id, email, email_normal, first_name, company, timezone, created_at, updated_at)
                   VALUES (%(ws)s, %(email)s, %(normal)s, %(first)s, %(company)s, %(zone)s, %(now)s, %(now)s) RETURNING id""",
                {
                    "email": email,
                    "normal": normal_form(email),
                    "first": values.get("first_name", "Ann"),
                    "company": values.get("company", "Prospect Ltd"),
                    "zone": values.get("timezone", ""),
                    "now": tx.now,
                },
            )
        assert row is not None
        return int(row["id"])

    def add_rep(self, address: str, **change: Any) -> tuple[UserId, MailboxId]:
        """Add a second user with a mailbox of their own."""
        self.world.add_mailbox(address, secret="pw", files_sent_copies=True)
        with self.db.tx(self.workspace_id) as tx:
            user_id = add_user(tx, address, UserChange(**({"timezone": "Europe/Berlin"} | change)))
            return user_id, connect_mailbox(tx, user_id, NewMailbox(address=address, provider="fake", secret="pw"), self.vault)

    def add_sequence(self, content: SequenceContent, *, owner: UserId | None = None) -> SequenceId:
        """Publish a sequence."""
        with self.db.tx(self.workspace_id) as tx:
            return publish(tx, content, owner=owner or self.user_id).sequence_id

    def enroll(
        self, sequence_id: SequenceId, contacts: Sequence[int], *, by: UserId | None = None, sender: MailboxId | None = None, **more: Any
    ) -> EnrollReport:
        """Enroll contacts, from the rep's mailbox unless another is named."""
        request = EnrollRequest(sequence_id, sender or self.mailbox_id, by or self.user_id, **more)
        return enroll(self.db, self.workspace_id, request, contacts)

    def run_until(self, end: datetime, *, step: timedelta = timedelta(minutes=10)) -> None:
        """Let time pass, doing what is due at each stop. The inbox is read only where the gate wants it fresh: else call `engine.read`."""
        while True:
            self.world.tick()
            self.engine.tend(self.workspace_id)
            while self.engine.run_due(self.workspace_id):
                pass
            if self.clock.now() >= end:
                return
            self.clock.at = min(end, self.clock.now() + step)

    def state(self, email: str) -> dict[str, Any]:
        """Return the newest enrollment of a contact."""
        rows = self.sql(
            """SELECT e.*, c.email FROM enrollments AS e JOIN contacts AS c USING (workspace_id) WHERE e.workspace_id = %(ws)s
               AND c.id = e.contact_id AND c.email = %(email)s ORDER BY e.id DESC LIMIT 1""",
            {"email": email},
        )
        return rows[0]

    def sent_to(self, email: str) -> list[Any]:
        """Return the acceptances of mail to an address, in order."""
        return [a for a in self.world.acceptances() if a.recipient == email]


def make_small(app_url: str, *, at: datetime = MONDAY, **mailbox: Any) -> Small:
    """Build a small Segue on a migrated, empty database."""
    clock = StoppedClock(at)
    world = FakeMailWorld(clock)
    world.add_mailbox(REP, secret="pw", files_sent_copies=mailbox.pop("files_sent_copies", True))
    provider = FakeMailProvider()
    provider.worlds["default"] = world
    db = Database(app_url, clock=clock, handlers=HANDLERS)
    vault = Vault(b"k" * 32)
    workspace_id = create_workspace(db, "Acme", timezone="Europe/Berlin")
    with db.tx(workspace_id) as tx:
        user_id = find_or_create_user(tx, REP, name="Rita Rep", timezone="Europe/Berlin")
        mailbox_id = connect_mailbox(tx, user_id, NewMailbox(**({"address": REP, "provider": "fake", "secret": "pw"} | mailbox)), vault)
    engine = Engine(db, Gate(db, threads=4), Sessions(db, vault, {"fake": provider}), settle_after_s=0.0)
    return Small(db, clock, world, engine, workspace_id, user_id, mailbox_id, vault)


def email(key: str, body: str = "Hello {{ contact.first_name }}", *, after: timedelta = timedelta(0), subject: str = "") -> Step:
    """Build an automated email step."""
    return Step(StepKey(key), "email", EmailSettings(body=body, subject=subject), after)


def task(key: str, kind: TaskKind = TaskKind.CALL, *, after: timedelta = timedelta(days=1), wait: bool = True) -> Step:
    """Build a task step."""
    return Step(StepKey(key), kind.value, TaskSettings(kind, subject="Call them", wait=wait), after)


def sequence(*steps: Step, name: str = "Welcome", window: SendWindow | None = None, **settings: Any) -> SequenceContent:
    """Build a sequence that ends a day after its last step."""
    finish = Step(StepKey("finish"), "finish", FinishSettings(), timedelta(days=1))
    return SequenceContent(name, (*steps, finish), SequenceSettings(window=window or SendWindow(mode=DayMode.BUSINESS_DAYS), **settings))


def answer(wire: bytes, *, sender: str, text: str = "Thanks, let us talk.", **headers: str) -> bytes:
    """Write a person's reply to one of our mails."""
    from email import message_from_bytes

    original = message_from_bytes(wire)
    reply = EmailMessage()
    reply["From"] = sender
    reply["To"] = original["From"]
    reply["Subject"] = f"Re: {original['Subject']}"
    reply["Message-ID"] = f"<{abs(hash((sender, text, original['Message-ID'])))}@prospect.test>"
    reply["In-Reply-To"] = original["Message-ID"]
    reply["References"] = original["Message-ID"]
    for name, value in headers.items():
        reply[name.replace("_", "-")] = value
    reply.set_content(text)
    return reply.as_bytes()
