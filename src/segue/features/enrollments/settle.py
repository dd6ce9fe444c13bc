"""After the wire: what an outcome does to the message, the enrollment, the mailbox and its lane; and what is done when nobody knows.

Results are settled many at a time, and within 200 ms of the acceptance (H1): until then a crash would make an `unknown`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from segue.db import claim
from segue.db.locks import LockKind
from segue.db.tx import Database, Tx
from segue.domain import enrollment as machine
from segue.domain.addresses import normal_form
from segue.domain.enrollment import Enrollment, PauseKind, State, WaitingFor
from segue.domain.events import AcceptanceProven, EmailDecided, EmailDelayed, EmailFailed, EmailSent, EmailUndecided
from segue.domain.ids import MailboxId, MessageId, WorkspaceId
from segue.domain.limits import jitter_of
from segue.domain.stop_rules import Stop
from segue.features.contacts.suppression import UNSUBSCRIBED, UNSUBSCRIBED_ALL, find_suppressions
from segue.features.enrollments.react import pause_enrollments, stop_enrollments, take_back_queued
from segue.features.enrollments.store import Loaded, load, lock_rows, save
from segue.features.mail import outbox
from segue.features.mail.hand_off import ADDRESS_FULL, DOMAIN_FULL, Held, Result
from segue.features.mail.health import SENDING, mark_broken, mark_failing
from segue.providers.mail.base import (
    Accepted,
    Evidence,
    EvidenceFound,
    HandOffError,
    Outgoing,
    Refused,
    RefusedClass,
    Scope,
    TryLater,
    Unknown,
)

BACK_OFF = (timedelta(minutes=30), timedelta(hours=1), timedelta(hours=2))
BACK_OFF_LATER = timedelta(hours=4)
GIVE_UP = timedelta(hours=48)
LEAST_TRIES = 3
"""MAIL-40, SEQ-104: 48 hours of trying. A send window over a weekend must not make one retry of them."""

MAILBOX_WAIT = timedelta(minutes=5)
"""How long a lane rests after a passing failure of the mailbox's own server, when the server names no time."""

LookForEvidence = Callable[[MailboxId, Outgoing], EvidenceFound]


@dataclass(slots=True)
class _Settling:
    """One transaction of `settle`."""

    tx: Tx
    changed: list[tuple[Enrollment, Loaded]]
    slots: dict[MailboxId, datetime]
    tried: dict[MessageId, tuple[int, datetime | None]]
    subjects: dict[MessageId, str]
    free: list[MessageId] = field(default_factory=list)
    """Tries that count for no back-off, because the mailbox failed and not the contact's server (SEQ-105)."""

    def slot(self, mailbox: MailboxId, at: datetime) -> None:
        self.slots[mailbox] = max(at, self.slots.get(mailbox, at))


def settle(db: Database, workspace_id: WorkspaceId, results: Sequence[Result]) -> None:
    """Store what became of hand-offs, move their enrollments on, and give their lanes back."""
    with db.tx(workspace_id) as tx:
        lock_rows(tx, [r.sending.enrollment_id for r in results])
        accepted = outbox.settle_accepted(tx, results)
        tried = outbox.find_tried_since(tx, [r.sending.id for r in results])
        otherwise = [(r, *_new_state(tx, r, tried)) for r in results if not isinstance(r.outcome, Accepted | Unknown)]
        otherwise_settled = outbox.settle_otherwise(tx, otherwise)
        outbox.release_in_doubt(tx, [r.sending.id for r in results if isinstance(r.outcome, Unknown)])
        enrollments = {e.enrollment.id: e for e in load(tx, [r.sending.enrollment_id for r in results])}
        work = _Settling(tx, [], {}, tried, accepted)
        counted = [r for r in results if r.sending.id in (accepted if isinstance(r.outcome, Accepted) else otherwise_settled)]
        for result in {r.sending.id: r for r in counted}.values():  # a stale result of the same message must not undo what moved it on
            if result.sending.enrollment_id in enrollments:
                _apply(work, result, enrollments[result.sending.enrollment_id])
        save(tx, work.changed)
        outbox.begin_anew(tx, work.free)
        take_back_queued(tx, [e.enrollment.id for e in enrollments.values() if not e.enrollment.is_open])
        # Only the lanes whose batch is through; the last result of a batch carries the latest slot.
        done = {r.sending.mailbox_id for r in results if r.sending.last_of_lane}
        claim.rest_lanes(tx, {mailbox: work.slots.get(mailbox) for mailbox in done})
        _end_stopped(tx, [r for r in counted if isinstance(r.outcome, Held) and r.outcome.at is None])
        _end_opted_out(tx, {r.sending.enrollment_id: r.sending.recipient_normal for r in counted if isinstance(r.outcome, Accepted)})


def _new_state(tx: Tx, result: Result, tried: dict[MessageId, tuple[int, datetime | None]]) -> tuple[str, str]:
    outcome = result.outcome
    if isinstance(outcome, Held):
        return ("withdrawn" if outcome.at is None else "queued"), outcome.reason
    assert isinstance(outcome, HandOffError)
    words = f"{type(outcome).__name__}: {outcome.detail}"
    if isinstance(outcome, Refused):
        return ("failed" if _is_final(outcome) else "queued"), words
    if isinstance(outcome, TryLater) and _given_up(tx, result, tried):
        return "failed", words
    return "queued", words


def _is_final(refused: Refused) -> bool:
    """A refusal of our mailbox consumes nothing (MAIL-41); after one for policy a person may go on with this very mail (SEQ-130)."""
    return refused.scope is not Scope.MAILBOX and refused.reason is not RefusedClass.BLOCKED


def _given_up(tx: Tx, result: Result, tried: dict[MessageId, tuple[int, datetime | None]]) -> bool:
    """Say whether a passing failure has lasted too long: 48 hours since the recipient's first answer, or as many tries as its kind allows
    (mail.md §5: a full mailbox, 3)."""
    outcome = result.outcome
    if not isinstance(outcome, TryLater) or outcome.scope is Scope.MAILBOX:
        return False
    attempts, since = tried.get(result.sending.id, (0, None))
    if outcome.tries is not None and attempts >= outcome.tries:
        return True
    return since is not None and attempts >= LEAST_TRIES and tx.now - since >= GIVE_UP


def _apply(work: _Settling, result: Result, loaded: Loaded) -> None:
    outcome, mailbox = result.outcome, result.sending.mailbox_id
    if isinstance(outcome, Accepted):
        jitter = jitter_of(loaded.mailbox.limits.jitter, result.sending.id)
        work.slot(mailbox, result.at + loaded.mailbox.limits.spacing_at(result.at) + jitter)
        _sent(work, result.sending.id, result.at, loaded)
    elif isinstance(outcome, Held):
        _held(work, outcome, mailbox, loaded)
    elif isinstance(outcome, TryLater):
        _try_later(work, result, outcome, loaded)
    elif isinstance(outcome, Refused) and outcome.scope is not Scope.MAILBOX:
        if not _is_final(outcome):  # what is paused for review must have something to resume
            _put_back(work, loaded, work.tx.now, WaitingFor.RETRY)
            save(work.tx, work.changed)
            work.changed.clear()
            outbox.begin_anew(work.tx, [result.sending.id])
        _fail(work, result.sending.id, outcome.reason.value, outcome.scope.value, outcome.detail, loaded)
    else:  # SignInAgain, Misconfigured, a refusal of the mailbox itself: the step is not consumed (MAIL-41)
        mark_broken(work.tx, mailbox, outcome, by=SENDING)
        work.free.append(result.sending.id)
        _put_back(work, loaded, _place_in_line(work, loaded), WaitingFor.MAILBOX)


def _sent(work: _Settling, message: MessageId, at: datetime, loaded: Loaded) -> None:
    """Move on past an accepted mail. An enrollment that ended meanwhile only gets the fact."""
    enrollment = loaded.enrollment
    step = loaded.around.step(enrollment)
    work.tx.record(
        EmailSent(
            contact_id=loaded.contact_id,
            enrollment_id=enrollment.id,
            message_id=message,
            step_key=step.key,
            generation=enrollment.generation,
            subject=work.subjects[message],
            accepted_at=at,
        )
    )
    if enrollment.is_open:
        work.changed.append((machine.advance(enrollment, loaded.around, at), loaded))


def _held(work: _Settling, held: Held, mailbox: MailboxId, loaded: Loaded) -> None:
    if held.at is None:
        return
    if held.reason in (ADDRESS_FULL, DOMAIN_FULL):  # only this contact waits, not the mailbox
        _put_back(work, loaded, held.at, WaitingFor.LIMIT)
    elif held.reason.startswith(("limit", "the mailbox is sending")):
        work.slot(mailbox, held.at)
        _put_back(work, loaded, _place_in_line(work, loaded), WaitingFor.LIMIT)
    elif held.reason.startswith("clock"):  # by the clock that is doubted no time can be told
        _put_back(work, loaded, _place_in_line(work, loaded), WaitingFor.DELAY)
    elif held.reason.startswith("breaker"):
        _put_back(work, loaded, held.at, WaitingFor.BREAKER)
    elif held.reason.startswith("outside"):
        _put_back(work, loaded, held.at, WaitingFor.WINDOW)
    else:
        _put_back(work, loaded, held.at, WaitingFor.MAILBOX)


def _try_later(work: _Settling, result: Result, outcome: TryLater, loaded: Loaded) -> None:
    tx = work.tx
    if outcome.scope is Scope.MAILBOX:
        work.free.append(result.sending.id)
        if outcome.after is None:  # a wait that the provider names is a limit, not a failure
            mark_failing(tx, result.sending.mailbox_id, outcome)
        at = tx.now + (outcome.after or MAILBOX_WAIT)
        work.slot(result.sending.mailbox_id, at)
        _put_back(work, loaded, _place_in_line(work, loaded), WaitingFor.MAILBOX)
        return
    if _given_up(tx, result, work.tried):
        _fail(work, result.sending.id, outcome.reason.value, outcome.scope.value, outcome.detail, loaded)
        return
    attempt = work.tried.get(result.sending.id, (1, None))[0]
    pause = BACK_OFF[attempt - 1] if 0 < attempt <= len(BACK_OFF) else BACK_OFF_LATER
    at = tx.now + max(pause + jitter_of(pause / 10, f"{result.sending.id}/{attempt}"), outcome.after or timedelta(0))
    if loaded.enrollment.state is State.ACTIVE:
        after = machine.retry(loaded.enrollment, loaded.around, at)
        work.changed.append((after, loaded))
        assert after.due_at is not None
        tx.record(
            EmailDelayed(
                contact_id=loaded.contact_id,
                enrollment_id=loaded.enrollment.id,
                message_id=result.sending.id,
                step_key=result.sending.step_key,
                detail=outcome.detail[:500],
                next_at=after.due_at,
            )
        )
    else:
        _put_back(work, loaded, at, WaitingFor.RETRY)


def _fail(work: _Settling, message: MessageId, reason: str, scope: str, detail: str, loaded: Loaded) -> None:
    """Tell of a final refusal; the stop rules decide what it does to the enrollment (mail.md §5)."""
    work.tx.record(
        EmailFailed(
            contact_id=loaded.contact_id,
            enrollment_id=loaded.enrollment.id,
            message_id=message,
            step_key=loaded.around.step(loaded.enrollment).key,
            reason=reason,
            scope=scope,
            detail=detail[:500],
        )
    )


def _place_in_line(work: _Settling, loaded: Loaded) -> datetime:
    """Return the due time that keeps a mail's place: when the mailbox has room again, the oldest due goes first (SEQ-97)."""
    return min(work.tx.now, loaded.enrollment.raw_due_at or work.tx.now)


def _put_back(work: _Settling, loaded: Loaded, at: datetime, waiting_for: WaitingFor) -> None:
    """Make the step due again. One that was paused meanwhile has nothing of its delay left to wait for (SEQ-126).

    One that ended while its mail was on the way takes it back only now (SEQ-144).
    """
    if loaded.enrollment.state is State.ACTIVE:
        work.changed.append((machine.wait(loaded.enrollment, at, waiting_for), loaded))
    elif loaded.enrollment.state is State.PAUSED:
        work.changed.append((replace(loaded.enrollment, waiting_for=WaitingFor.DELAY, remainder=timedelta(0)), loaded))
    else:
        take_back_queued(work.tx, [loaded.enrollment.id])


def _end_stopped(tx: Tx, results: Sequence[Result]) -> None:
    """The gate met a stop: end what is still active for the reason that the gate saw (SEQ-62: checked again before every send)."""
    for result in results:
        assert isinstance(result.outcome, Held)
        reason = result.outcome.reason.removeprefix("stopped: ")
        if reason == "SUPPRESSED":
            stop_enrollments(tx, [result.sending.enrollment_id], _why_suppressed(tx, result.sending.recipient_normal))
        elif reason in ("SENDER_LOST", "SEQUENCE_DELETED", "CREATOR_LOST", "CONTACT_DELETED"):
            stop_enrollments(tx, [result.sending.enrollment_id], Stop(reason))
        elif reason == "CONSENT_REQUIRED":  # it ran out, or the policy is new: a person may record one and resume
            _wake_paused(tx, result)
            detail = "no consent is recorded, and the policy for the country needs one"
            pause_enrollments(tx, [result.sending.enrollment_id], PauseKind.REVIEW, detail)
        else:
            _wake_paused(tx, result)


def _end_opted_out(tx: Tx, recipients: Mapping[int, str]) -> None:
    """An opt-out that could not wait for these mails stored the wish alone (H10): what was to follow may be lost, so it follows here.

    `recipients`: enrollment → normal form of the address that its mail went to.
    """
    if not recipients:
        return
    rows = tx.all(
        """SELECT value, reason FROM suppressions
           WHERE workspace_id = %(ws)s AND kind = 'address' AND value = ANY(%(addresses)s) AND reason = ANY(%(wishes)s)""",
        {"addresses": list(recipients.values()), "wishes": [UNSUBSCRIBED, UNSUBSCRIBED_ALL]},
    )
    wishes = {row["value"]: row["reason"] for row in rows}
    for enrollment, address in recipients.items():
        if address in wishes:
            stop_enrollments(tx, [enrollment], Stop("UNSUBSCRIBED", wishes[address]))


def _why_suppressed(tx: Tx, address: str) -> Stop:
    """An opt-out that could not wait for a mail in flight left the ending of the enrollment to the gate (H10): its reason is its own."""
    bar = find_suppressions(tx, [address]).get(address)
    if bar is not None and bar.reason in (UNSUBSCRIBED, UNSUBSCRIBED_ALL):
        return Stop("UNSUBSCRIBED", bar.reason)
    return Stop("SUPPRESSED", bar.reason if bar else "")


def _wake_paused(tx: Tx, result: Result) -> None:
    for loaded in load(tx, [result.sending.enrollment_id], lock=True):
        work = _Settling(tx, [], {}, {}, {})
        _put_back(work, loaded, tx.now, WaitingFor.DELAY)
        save(tx, work.changed)


# --- recovery -----------------------------------------------------------------------------------------------------------------------


def recover(db: Database, workspace_id: WorkspaceId, look: LookForEvidence, *, settle_after_s: float) -> int:
    """Take care of messages that a crash, a freeze or a lost answer left open; returns how many were decided.

    `settle_after_s` is T_settle: before it, evidence proves nothing (reliability.md, words).
    """
    with db.tx(workspace_id) as tx:
        rows = outbox.list_recoverable(tx, settle_after_s=settle_after_s)
    return sum(_recover_one(db, workspace_id, row, look, settle_after_s) for row in rows)


def _recover_one(db: Database, workspace_id: WorkspaceId, row: dict[str, Any], look: LookForEvidence, settle_after_s: float) -> bool:
    message = MessageId(row["id"])
    with db.tx(workspace_id) as tx:
        if not tx.try_lock(LockKind.RECOVERY, message):
            return False
        # The fence is free only when the thread that had it is done, dead, or frozen beyond H7; it is kept while evidence is looked for.
        if not tx.try_lock(LockKind.FENCE, message):
            outbox.begin_doubt_anew(tx, message, row["attempt"])
            return False
        if row["state"] == "sending":
            lock_rows(tx, [row["enrollment_id"]])
            if not outbox.recover_unsent(tx, message):
                return False
            _move(tx, row, "queued", tx.now)
            return True
        outgoing = Outgoing(bytes(row["wire"]), row["sender"], row["recipient"], row["message_id"], row["key"])
        try:
            found = look(MailboxId(row["mailbox_id"]), outgoing)
        except HandOffError:
            return False  # the mailbox does not answer: the message stays in doubt, and is looked for again
        if found.evidence is Evidence.CANNOT_TELL and outbox.was_answered(tx, message):
            found = EvidenceFound(Evidence.FOUND)
        lock_rows(tx, [row["enrollment_id"]])  # only now: a stop must not wait for the mailbox's answer
        latest = min(tx.now, row["handed_at"] + db.clock.stretch(settle_after_s))
        state = outbox.recover_in_doubt(tx, message, row["attempt"], found, latest=latest)
        if state:
            _move(tx, row, state, latest)
            _end_opted_out(tx, {row["enrollment_id"]: normal_form(row["recipient"])})
        return bool(state)


def _move(tx: Tx, row: dict[str, Any], state: str, at: datetime) -> None:
    """Move the enrollment of a recovered message."""
    for loaded in load(tx, [row["enrollment_id"]], lock=True):
        work = _Settling(tx, [], {}, {}, {})
        if state == "sent":
            work.subjects[MessageId(row["id"])] = row["subject"]
            _sent(work, MessageId(row["id"]), at, loaded)
        elif state == "queued":
            _put_back(work, loaded, tx.now, WaitingFor.DELAY)
        else:
            if loaded.enrollment.is_open:
                work.changed.append((machine.wait(loaded.enrollment, None, WaitingFor.UNCONFIRMED), loaded))
            tx.record(
                EmailUndecided(
                    contact_id=loaded.contact_id,
                    enrollment_id=loaded.enrollment.id,
                    message_id=row["id"],
                    step_key=row["step_key"],
                    detail="nobody can say whether this mail left",
                )
            )
        save(tx, work.changed)
        if not loaded.enrollment.is_open:
            take_back_queued(tx, [loaded.enrollment.id])


def decide_undecided(tx: Tx, message: MessageId, choice: str) -> bool:
    """Carry out what a person says of an unknown message: was_sent, send_again or skip (SEQ-99). False when it is not unknown."""
    row = outbox.decide_unknown(tx, message, choice)
    if row is None:
        return False
    tx.record(
        EmailDecided(
            contact_id=row["contact_id"], enrollment_id=row["enrollment_id"], message_id=message, step_key=row["step_key"], choice=choice
        )
    )
    for loaded in load(tx, [row["enrollment_id"]], lock=True):
        if not loaded.enrollment.is_open:
            continue
        if choice == "send_again":
            after = machine.send_again(loaded.enrollment, tx.now)
        else:
            after = machine.advance(loaded.enrollment, loaded.around, row["at"] or tx.now)
        save(tx, [(after, loaded)])
    return True


def confirm_acceptance(tx: Tx, event: AcceptanceProven) -> None:
    """What has come back shows that an undecided mail was accepted (MAIL-71)."""
    assert event.message_id is not None
    decide_undecided(tx, MessageId(event.message_id), "was_sent")
