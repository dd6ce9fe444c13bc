"""The engine: what a worker does, one piece at a time.

Threads are the worker's affair; a simulation calls the same pieces in one thread.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from segue.db import claim
from segue.db.tx import Database
from segue.domain.ids import MailboxId, MessageId, WorkspaceId
from segue.features.enrollments.abandoned import fail_abandoned
from segue.features.enrollments.apply_version import finish_moves
from segue.features.enrollments.delete_sequence import finish_deletions
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.enrollments.long_waits import tell_long_waits
from segue.features.enrollments.react import ask_again_about, resume_due
from segue.features.enrollments.settle import recover, settle
from segue.features.enrollments.zone_update import follow_zone_data
from segue.features.mail import filing
from segue.features.mail.breaker import tend_breakers
from segue.features.mail.clock_watch import ClockWatch
from segue.features.mail.hand_off import Gate, Held, Result, Sending
from segue.features.mail.health import SENDING, list_to_probe, mark_repaired, tell_troubles
from segue.features.mail.late import match_late
from segue.features.mail.read import ReadReport, read_mailbox
from segue.features.mail.sessions import Sessions
from segue.features.mail.tracking import tend_tracking
from segue.features.tasks.reminders import remind
from segue.features.workspaces.notices import Notice, close_notices, give_notice
from segue.providers.mail.base import Accepted, EvidenceFound, HandOffError, Misconfigured, Outgoing, SignInAgain, TryLater

T_SETTLE_S = 600.0 + 60.0
"""SMTP 10 min and clock slack (reliability.md, words): before it, evidence proves nothing. Shorter only in tests and demos."""

FILE_AFTER = timedelta(minutes=1)
"""A Sent copy that is not filed a minute after the acceptance was kept back by a crash."""


@dataclass(slots=True)
class Engine:
    """The parts that carry due steps out, with what they need."""

    db: Database
    gate: Gate
    sessions: Sessions
    settle_after_s: float = T_SETTLE_S
    clock_watch: ClockWatch | None = None
    """Says when the clock is not to be believed (S29); None where the clock is a trial's or a test's."""

    def deliver(self, sending: Sending) -> Result:
        """Take one message through the gate. Where the inbox was not read within two minutes, it is read first (L5)."""
        if why := self.why_clock_doubted():
            now = self.db.clock.now()
            return Result(sending, Held(f"clock: {why}", now), now)
        try:
            with self.sessions.use(sending.workspace_id, sending.mailbox_id) as session:
                result = self.gate.hand_off(sending, session)
                for _ in range(2):
                    if not (isinstance(result.outcome, Held) and result.outcome.reason == "inbox not fresh"):
                        break
                    self.read(sending.workspace_id, sending.mailbox_id)
                    result = self.gate.hand_off(sending, session)
        except (SignInAgain, Misconfigured, TryLater) as error:  # the inbox cannot be read: the send waits (MAIL-59)
            now = self.db.clock.now()
            return Result(sending, Held(f"mailbox: {error.detail}", now + timedelta(minutes=1)), now)
        if isinstance(result.outcome, SignInAgain):
            self.sessions.forget(sending.workspace_id, sending.mailbox_id)
        return result

    def why_clock_doubted(self, *, ask_database: bool = False) -> str:
        """Return why nothing may be sent by this clock; empty when it is believed (S29)."""
        if self.clock_watch is None:
            return ""
        return self.clock_watch.why_doubted(self.db.clock_of_server() if ask_database else None)

    def tell_clock(self, workspace_id: WorkspaceId, why: str) -> None:
        """Tell users and admins that the clock is not believed, or that it is again."""
        with self.db.tx(workspace_id) as tx:
            if why:
                todo = "Let a time service set the clocks of this machine and of the database. `segue doctor` compares them."
                give_notice(tx, Notice("clock", "clock", f"Sending waits: {why}.", todo))
            else:
                close_notices(tx, "clock", ["clock"])

    def settle(self, workspace_id: WorkspaceId, results: Sequence[Result]) -> None:
        """Settle results, then let each mailbox's Sent folder have its copy."""
        settle(self.db, workspace_id, results)

    def file_copy(self, result: Result) -> None:
        """File the Sent copy and read its ids back; only after the acceptance is settled (MAIL-26, MAIL-30)."""
        self.file_copies([result])

    def file_copies(self, results: Sequence[Result]) -> None:
        """File the Sent copies of results of one mailbox."""
        accepted = [r.sending for r in results if isinstance(r.outcome, Accepted)]
        if accepted:
            self._file(accepted[0].workspace_id, accepted[0].mailbox_id, [(s.id, s.outgoing) for s in accepted])

    def _file(self, workspace_id: WorkspaceId, mailbox_id: MailboxId, messages: Sequence[tuple[MessageId, Outgoing]]) -> None:
        copies: list[tuple[MessageId, Sequence[tuple[str, str]]]] = []
        # A failing Sent folder never makes a sent message fail; `tend` comes back to it.
        with contextlib.suppress(HandOffError), self.sessions.use(workspace_id, mailbox_id, "file") as session:
            for message, outgoing in messages:
                copies.append((message, session.file_sent_copy(outgoing)))
        if copies:
            with self.db.tx(workspace_id) as tx:
                filing.mark_filed(tx, copies)
                match_late(tx, [message for message, ids in copies if ids])

    def read(self, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> ReadReport:
        """Read a mailbox. Raises HandOffError; the mailbox's state then says why."""
        try:
            with self.sessions.use(workspace_id, mailbox_id, "read") as session:
                return read_mailbox(self.db, workspace_id, mailbox_id, session)
        except SignInAgain:  # the password may have been changed in the database since the session was opened, by another process
            self.sessions.forget(workspace_id, mailbox_id)
            raise

    def look_for_evidence(self, workspace_id: WorkspaceId, mailbox_id: MailboxId, outgoing: Outgoing) -> EvidenceFound:
        """Ask the provider for traces of an undecided message (H9)."""
        with self.sessions.use(workspace_id, mailbox_id, "evidence") as session:
            return session.find_evidence(outgoing)

    def run_due(self, workspace_id: WorkspaceId, *, lanes: int = 50) -> int:
        """Carry out what is due now, one message after the other; returns how many messages and steps were touched."""
        sendings = claim_and_prepare(self.db, workspace_id, lanes=lanes)
        for sending in sendings:
            result = self.deliver(sending)
            self.settle(workspace_id, [result])
            self.file_copy(result)
        return len(sendings)

    def tend(self, workspace_id: WorkspaceId) -> None:
        """Everything that recurs: recovery, resuming, stale lanes, broken mailboxes, missing Sent copies, reminders (L1, L3, L11)."""
        recover(
            self.db,
            workspace_id,
            lambda mailbox, outgoing: self.look_for_evidence(workspace_id, mailbox, outgoing),
            settle_after_s=self.settle_after_s,
        )
        with self.db.tx(workspace_id) as tx:
            tend_breakers(tx)
            tell_troubles(tx)
        with self.db.tx(workspace_id) as tx:
            fail_abandoned(tx)
            resume_due(tx)
            finish_moves(tx)
            finish_deletions(tx)
            tell_long_waits(tx)
            claim.sweep_lanes(tx)
            ask_again_about(tx, sorted(tend_tracking(tx)))
            broken = list_to_probe(tx)
            unfiled = filing.list_unfiled(tx, before=tx.now - FILE_AFTER)
        with self.db.tx(workspace_id) as tx:
            remind(tx)
        with self.db.tx(workspace_id) as tx:
            follow_zone_data(tx)
        for mailbox in broken:
            self._probe(workspace_id, mailbox)
        for message, mailbox, outgoing in unfiled:
            self._file(workspace_id, mailbox, [(message, outgoing)])

    def _probe(self, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> None:
        """Try a broken mailbox with fresh connections: sign in everywhere, and read (L3)."""
        self.sessions.forget(workspace_id, mailbox_id)
        with contextlib.suppress(HandOffError):
            with self.sessions.use(workspace_id, mailbox_id) as session:
                works = session.test().ok
            if works:
                with self.db.tx(workspace_id) as tx:
                    mark_repaired(tx, mailbox_id, by=SENDING)
            self.read(workspace_id, mailbox_id)

    def find_next_at(self, workspace_id: WorkspaceId) -> datetime | None:
        """Return when the next piece of work of a workspace is due, None when nothing is planned."""
        with self.db.tx(workspace_id) as tx:
            return claim.find_next_at(tx)

    def list_mailboxes(self, workspace_id: WorkspaceId) -> list[MailboxId]:
        """Return the mailboxes to be read."""
        with self.db.tx(workspace_id) as tx:
            rows = tx.all("SELECT id FROM mailboxes WHERE workspace_id = %(ws)s ORDER BY id", {})
        return [MailboxId(row["id"]) for row in rows]

    def close(self) -> None:
        self.sessions.close()
        self.gate.close()
