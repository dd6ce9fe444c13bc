"""Due steps, carried out: claim, decide, prepare; and after the wire: settle, advance, recover (architecture.md §4).

Everything here works in batches; the one thing that does not, the hand-off, is `mail.hand_off.Gate`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from segue.db import claim
from segue.db.tx import Database, Tx
from segue.domain import enrollment as machine
from segue.domain.acts import StepSkipped, ValueMissing
from segue.domain.effects import Branch, CreateTask, Finish, SendEmail, Wait
from segue.domain.enrollment import Defer, Enrollment, Run, State, WaitingFor
from segue.domain.errors import DomainError
from segue.domain.events import EmailFailed, EnrollmentEnded
from segue.domain.ids import EnrollmentId, MailboxId, MessageId, WorkspaceId
from segue.domain.send_window import NeverOpen
from segue.features.enrollments.compose import compose, fill_task
from segue.features.enrollments.exits import apply_exit_rules
from segue.features.enrollments.questions import answer
from segue.features.enrollments.store import Loaded, load, save
from segue.features.mail import outbox
from segue.features.mail.breaker import BREAKER_LOOK, list_broken_sequences
from segue.features.mail.hand_off import Sending
from segue.features.mail.outbox import Draft
from segue.features.mail.quota import Caps, Firsts, gate_limits, keep_room, load_by_hand, load_caps, load_sending_days
from segue.features.tasks.service import NewTask, create_tasks, mark_enrollment_ended
from segue.features.templates.render import MissingTokens
from segue.providers.mail.base import Outgoing

FIELD_LOOK = timedelta(hours=1)
"""How often a step that waits for a value is looked at again (SEQ-20)."""

NEVER_OPEN_LOOK = timedelta(days=1)
"""How often it is asked whether a calendar without an allowed date has one by now."""


def claim_and_prepare(db: Database, workspace_id: WorkspaceId, *, lanes: int, rows: int = 200) -> list[Sending]:
    """Lease what is due, carry out what needs no wire, and return the messages that are ready for the gate (tx 1 and tx 2)."""
    with db.tx(workspace_id) as tx:
        claimed = claim.claim_other(tx, rows=rows)
        mail = claim.claim_due(tx, lanes=lanes) if lanes else []
    if not claimed and not mail:
        return []
    with db.tx(workspace_id) as tx:
        return prepare(tx, claimed + mail)


def prepare(tx: Tx, claimed: Sequence[claim.Claimed]) -> list[Sending]:
    """Decide for each leased row and write the outcome; rows whose lease has passed to somebody else are left alone."""
    tokens = {c.enrollment_id: c.lease_token for c in claimed}
    leased = [each for each in load(tx, tokens, lock=True) if each.lease_token == tokens[each.enrollment.id]]
    left = apply_exit_rules(tx, leased)
    leased = [each for each in leased if each.enrollment.id not in left]
    batch = _Batch(tx, leased)
    for loaded in leased:
        batch.take(loaded)
    sendings = _mark_last(batch.write())
    sending_from = {s.mailbox_id for s in sendings}
    # A lane whose head needed no hand-off after all must not wait for the end of its lease.
    claim.rest_lanes(tx, {c.mailbox_id: None for c in claimed if c.mailbox_id not in sending_from})
    return sendings


def _mark_last(sendings: Sequence[Sending]) -> list[Sending]:
    """Mark the last message of each mailbox: settling it gives the lane back."""
    last = {sending.mailbox_id: sending.id for sending in sendings}
    return [replace(sending, last_of_lane=last[sending.mailbox_id] == sending.id) for sending in sendings]


_Counted = tuple[dict[int, int], dict[int, tuple[datetime, ...]], Caps]
"""Days of sending and mails by hand, by mailbox, and the workspace's caps."""


class _Batch:
    """What one transaction of `prepare` will write."""

    def __init__(self, tx: Tx, leased: Sequence[Loaded]) -> None:
        self.tx = tx
        self.days = load_sending_days(tx, {each.mailbox.id for each in leased if each.mailbox.limits.warming_up(tx.now)})
        self.by_hand = load_by_hand(tx, {each.mailbox.id for each in leased})
        self.caps = load_caps(tx)
        self._counted: _Counted = (self.days, self.by_hand, self.caps)
        self.room = self._room_for_firsts(leased)
        self.broken = list_broken_sequences(tx, sorted({each.sequence_id for each in leased}))
        self.changed: list[tuple[Enrollment, Loaded]] = []
        self.drafts: list[tuple[Draft, Loaded]] = []
        self.again: list[tuple[MessageId, Loaded]] = []
        self.tasks: list[NewTask] = []
        self.finished: list[Loaded] = []
        self.questions: list[tuple[Branch, Loaded]] = []

    def _room_for_firsts(self, leased: Sequence[Loaded]) -> dict[MailboxId, int]:
        counts = Counter(each.mailbox.id for each in leased if each.enrollment.first_email)
        limits = {each.mailbox.id: each.mailbox.limits for each in leased}
        caps = {
            mailbox: limits[mailbox].sequence_cap(self.tx.now, self.days.get(mailbox, 0), len(self.by_hand.get(mailbox, ())))
            for mailbox in counts
        }
        return keep_room(self.tx, {mailbox: Firsts(count, caps[mailbox]) for mailbox, count in counts.items()})

    def _is_held(self, loaded: Loaded) -> bool:
        """Say whether a first email must leave its room to follow-ups (SEQ-97)."""
        if not loaded.enrollment.first_email or (left := self.room.get(loaded.mailbox.id)) is None:
            return False
        self.room[loaded.mailbox.id] = left - 1
        return left <= 0

    def take(self, loaded: Loaded) -> None:
        try:
            decision = machine.decide(loaded.enrollment, loaded.around, self.tx.now)
        except NeverOpen:  # one calendar without an allowed date holds up nobody else (H1)
            decision = Defer(self.tx.now + NEVER_OPEN_LOOK, WaitingFor.WINDOW)
        if isinstance(decision, Defer):
            self.changed.append((machine.wait(loaded.enrollment, decision.at, decision.waiting_for), loaded))
        elif isinstance(decision, Run):
            self._run(decision, loaded)
        else:  # no longer active: give the lease back
            self.changed.append((loaded.enrollment, loaded))

    def _run(self, run: Run, loaded: Loaded) -> None:
        now = self.tx.now
        if isinstance(run.effect, SendEmail):
            self._send(run, run.effect, loaded)
        elif isinstance(run.effect, CreateTask):
            today = now.astimezone(loaded.around.assignee_zone).date()
            enrollment = loaded.enrollment
            self.tasks.append(
                NewTask(
                    enrollment.id,
                    loaded.contact_id,
                    loaded.enroller_user_id,
                    run.step.key,
                    enrollment.generation,
                    fill_task(loaded, run.effect.settings),
                    today,
                    loaded.around.variant(enrollment),
                )
            )
            self.changed.append((machine.advance(enrollment, loaded.around.with_open_task(run.step.key), now), loaded))
        elif isinstance(run.effect, Branch):
            self.questions.append((run.effect, loaded))
        elif isinstance(run.effect, Wait):
            if loaded.around.edit_at(loaded.enrollment.position).skipped:
                whom = {"contact_id": loaded.contact_id, "enrollment_id": loaded.enrollment.id}
                self.tx.record(StepSkipped(**whom, step_key=run.step.key))
            self.changed.append((machine.advance(loaded.enrollment, loaded.around, now), loaded))
        else:
            assert isinstance(run.effect, Finish)
            self.finished.append(loaded)
            self.changed.append((machine.stop(loaded.enrollment, State.FINISHED, "", now), loaded))

    def _send(self, run: Run, effect: SendEmail, loaded: Loaded) -> None:
        if loaded.sequence_id in self.broken:
            self.changed.append((machine.wait(loaded.enrollment, self.tx.now + BREAKER_LOOK, WaitingFor.BREAKER), loaded))
            return
        if self._is_held(loaded):  # it keeps its place in line
            self.changed.append((machine.wait(loaded.enrollment, loaded.enrollment.due_at, WaitingFor.LIMIT), loaded))
            return
        sending = machine.wait(loaded.enrollment, None, WaitingFor.SENDING)
        known = loaded.message(run.step.key, loaded.enrollment.generation)
        if known is not None and known.attempt > 0:
            self.again.append((known.id, loaded))
            self.changed.append((sending, loaded))
            return
        try:
            draft = compose(self.tx.workspace_id, loaded, run.step.key, effect, self.tx.now)
        except MissingTokens as missing:
            self._wait_for_field(loaded, missing)
        except DomainError as broken:  # a text outside the grammar, too long, or with characters no mail may hold
            self._fail_render(run, loaded, broken)
        else:
            self.drafts.append((replace(draft, capped_domain=self.caps.capped_domain(loaded.address_normal)), loaded))
            self.changed.append((sending, loaded))

    def _wait_for_field(self, loaded: Loaded, missing: MissingTokens) -> None:
        """A follow-up that lost its value waits and is looked at again (SEQ-20)."""
        at = self.tx.now + FIELD_LOOK
        if loaded.enrollment.waiting_for is not WaitingFor.FIELD:  # told once, and not at every look
            whom = {"contact_id": loaded.contact_id, "enrollment_id": loaded.enrollment.id}
            key = loaded.around.step(loaded.enrollment).key
            self.tx.record(ValueMissing(**whom, step_key=key, names=", ".join(missing.names)))
        self.changed.append((replace(machine.wait(loaded.enrollment, at, WaitingFor.FIELD), reason_detail=missing.message), loaded))

    def _fail_render(self, run: Run, loaded: Loaded, broken: DomainError) -> None:
        # The stop rule ends the enrollment at once: it must not be among the changed ones, which are written later.
        self.tx.record(
            EmailFailed(
                contact_id=loaded.contact_id,
                enrollment_id=loaded.enrollment.id,
                step_key=run.step.key,
                reason="render",
                scope="contact",
                detail=broken.message,
            )
        )

    def write(self) -> list[Sending]:
        tx = self.tx
        create_tasks(tx, self.tasks)
        self.changed += answer(tx, self.questions)
        stored = outbox.prepare(tx, [draft for draft, _ in self.drafts])
        taken = outbox.take_again(tx, [message for message, _ in self.again])
        save(tx, self.changed)
        self._finish()
        fresh = [
            _sending(tx, loaded, stored[draft.enrollment_id], _outgoing(draft), self._counted)
            for draft, loaded in self.drafts
            if draft.enrollment_id in stored
        ]
        bytes_of = outbox.load_outgoing(tx, taken)
        again = [_sending(tx, loaded, message, bytes_of[message], self._counted) for message, loaded in self.again if message in taken]
        return fresh + again

    def _finish(self) -> None:
        ended = [loaded.enrollment.id for loaded in self.finished]
        mark_enrollment_ended(self.tx, ended, cancel=[each.enrollment.id for each in self.finished if each.cancels_tasks])
        for loaded in self.finished:
            self.tx.record(
                EnrollmentEnded(contact_id=loaded.contact_id, enrollment_id=loaded.enrollment.id, state=State.FINISHED.value, reason="")
            )


def _outgoing(draft: Draft) -> Outgoing:
    return Outgoing(draft.wire, draft.sender, draft.recipient, draft.message_id, draft.key)


def _sending(tx: Tx, loaded: Loaded, message: MessageId, outgoing: Outgoing, counted: _Counted) -> Sending:
    days, by_hand, caps = counted
    around = loaded.around
    return Sending(
        workspace_id=tx.workspace_id,
        id=message,
        enrollment_id=EnrollmentId(loaded.enrollment.id),
        step_key=around.step(loaded.enrollment).key,
        generation=loaded.enrollment.generation,
        mailbox_id=loaded.mailbox.id,
        user_id=loaded.sender.id,
        sequence_id=loaded.sequence_id,
        recipient_normal=loaded.address_normal,
        outgoing=outgoing,
        exempt=machine.is_exempt(loaded.enrollment, around),
        window=around.window,
        days=around.days,
        zone=around.zone,
        limits=gate_limits(
            loaded.mailbox.limits,
            tx.now,
            days.get(loaded.mailbox.id, 0),
            replace(caps, address_shared=bool(loaded.overlap_slot)),
            by_hand.get(loaded.mailbox.id, ()),
        ),
        deadline_s=loaded.mailbox.deadline_s,
    )
