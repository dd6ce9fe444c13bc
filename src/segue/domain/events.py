"""Facts, in the past tense. Recorded on the timeline in the transaction of the change they tell of (D5, SEQ-175)."""

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

_IDS = ("contact_id", "enrollment_id", "message_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all facts."""

    contact_id: int | None = None
    enrollment_id: int | None = None
    message_id: int | None = None

    @property
    def kind(self) -> str:
        """Return the stable name, e.g. `reply_received`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    @property
    def on_timeline(self) -> bool:
        """Return whether the fact is put on the timeline; what answers it runs all the same."""
        return True

    @property
    def audited(self) -> bool:
        """Return whether the fact stands in the audit log too (SEQ-13). What does names no contact: nothing is ever erased from there."""
        return False

    def data(self) -> dict[str, Any]:
        """Return everything but the ids, ready for JSON."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _IDS}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactEnrolled(Event):
    sequence: str
    version: int
    sender: str
    start_step: str
    entry_point: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentRefused(Event):
    code: str
    sequence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailSent(Event):
    step_key: str
    generation: int
    subject: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailDelayed(Event):
    """A temporary failure; tried again at `next_at` (SEQ-104)."""

    step_key: str
    detail: str
    next_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailFailed(Event):
    """Refused for good; `reason` is a class of mail.md §5."""

    step_key: str
    reason: str
    scope: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailUndecided(Event):
    """Nobody knows whether the mail left; a person decides (SEQ-99)."""

    step_key: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailDecided(Event):
    """A person said what became of an undecided mail: was_sent, send_again or skip."""

    step_key: str
    choice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceProven(Event):
    """Something that arrived shows that an undecided mail was accepted (MAIL-71)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMetMessageInFlight(Event):
    """A stop was stored while a mail was being handed over (S3, SEQ-100)."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyReceived(Event):
    """A human mail that answers one of ours (SEQ-148); `inbound_id` names the mail."""

    inbound_id: int
    sender: str
    trusted: bool
    from_contact: bool
    opt_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWrote(Event):
    """A human mail from the enrolled address outside the sequence (SEQ-150), or from an alias of it (SEQ-151)."""

    inbound_id: int
    sender: str
    trusted: bool
    by_alias: bool = False
    opt_out: bool = False
    shown: bool = True

    @property
    def on_timeline(self) -> bool:
        """Mail from an alias is kept off by default; the unenrollment with its reason is not (SEQ-152)."""
        return self.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class HandMailSent(Event):
    """The rep wrote to the contact in the mail program (MAIL-51): `in_thread` where it answers a mail of the sequence, or may be a task's
    (SEQ-148). By itself it changes nothing; exit rules and branches may ask for it (SEQ-172)."""

    sent_at: datetime
    in_thread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyWrote(Event):
    """Somebody at this contact's company wrote, and the contact's sequence reacts to that (SEQ-158).

    `same_sequence`: the one who wrote is in that sequence too, or in none.
    """

    inbound_id: int
    sender: str
    same_sequence: bool

    @property
    def on_timeline(self) -> bool:
        """Only what it does to the enrollment is told: the mail is not this contact's."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationAccepted(Event):
    """The contact accepted an invitation and the answer came to the enroller: a meeting is booked (SEQ-155, SEQ-159).

    `by_other`: the answer names somebody else as organizer, so the meeting stands in another calendar than the enroller's.
    """

    inbound_id: int
    sender: str
    trusted: bool
    by_other: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyBooked(Event):
    """Somebody at this contact's company accepted an invitation of its enroller's, and the sequence reacts to that (SEQ-158)."""

    inbound_id: int
    sender: str
    same_sequence: bool
    by_other: bool = False

    @property
    def on_timeline(self) -> bool:
        """Only what it does to the enrollment is told: the meeting is not this contact's."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasLearnt(Event):
    """A thread of ours was answered from another address whose host vouches for it: a further address of the contact (MAIL-78)."""

    address: str
    inbound_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasForgotten(Event):
    """A person took a further address away; it is not learnt again."""

    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoReplyReceived(Event):
    """An automatic answer: ooo, left, ticket, notice, challenge (MAIL-75). `return_date` is ISO, empty when none was read.

    `sentence`: the words that decided. `successor`: whom it names in the place of the one who left. `trusted`: S15 holds.
    `from_contact`: it comes from an address of the contact, not from somebody to whom the mail went on.
    """

    inbound_id: int
    auto_kind: str
    return_date: str = ""
    sentence: str = ""
    successor: str = ""
    trusted: bool = True
    from_contact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceReceived(Event):
    """A delivery failure. `proven`: it quotes an id or key of a message sent to that recipient in the last 30 days (S16)."""

    inbound_id: int
    reason: str
    hard: bool
    proven: bool
    final: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintReceived(Event):
    inbound_id: int
    address_normal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsubscribeReceived(Event):
    """A valid unsubscribe by mail or page (SEQ-164)."""

    address_normal: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSuppressed(Event):
    """An address or domain was put on the suppression list."""

    suppression_kind: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCreated(Event):
    task_id: int
    step_key: str
    task_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResolved(Event):
    """A task was completed, skipped or deleted (SEQ-115)."""

    task_id: int
    step_key: str
    generation: int
    how: str
    outcome: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentEnded(Event):
    """Finished, unenrolled or failed, with exactly one reason (SEQ-144)."""

    state: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentPaused(Event):
    pause_kind: str
    detail: str = ""
    resume_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentResumed(Event):
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentZoneChanged(Event):
    """An open enrollment follows its contact into another time zone (SEQ-70)."""

    before: str
    after: str
    source: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxStateChanged(Event):
    mailbox_id: int
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceConfirmed(Event):
    """A person said that a restored or copied database may send (S26)."""

    instance: str

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven(Event):
    """Users and admins were told of something that lasts (L3)."""

    notice_id: int
    notice_kind: str
    subject: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerChanged(Event):
    """A circuit breaker opened, was closed, or tries a few mails (SEQ-106). `of`: mailbox or sequence."""

    of: str
    number: int
    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarChanged(Event):
    """Working week, holidays or absences changed: of a sender, or of the whole workspace. `before` says what held until now (SEQ-13).

    Keys of `before`: calendars (names), added and removed (dates), working_week (days; empty for a sender, who has none).
    """

    user_id: int | None
    before: dict[str, Any]

    @property
    def audited(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQuarantined(Event):
    mailbox_id: int
    folder: str
    uid: int
    error: str
