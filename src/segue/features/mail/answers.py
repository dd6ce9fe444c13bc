"""What a person's mail, an automatic answer or an answer to an invitation means for the enrollments it concerns (SEQ-148…158).

Mail counts as a contact's only if it names a mail that we sent to that contact, or the mailbox's host does not say that its From is
forged (S15). What may be forged pauses and asks; it never ends, opts out or teaches us an address.
"""

from dataclasses import dataclass
from datetime import datetime

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import normal_form, plain_form
from segue.domain.events import (
    AcceptanceProven,
    AutoReplyReceived,
    CompanyBooked,
    CompanyWrote,
    ContactWrote,
    InvitationAccepted,
    ReplyReceived,
)
from segue.domain.inbound import Kind, Verdict
from segue.features.contacts.suppression import suppress
from segue.features.mail import aliases, colleagues, matching
from segue.features.mail.mail_rules import Reader
from segue.features.mail.matching import Answered, OpenEnrollment


@dataclass(frozen=True, slots=True)
class Arrived:
    """A judged and stored mail. `answered`: the mail of ours that it names."""

    reader: Reader
    verdict: Verdict
    answered: Answered | None
    inbound_id: int
    received_at: datetime

    @property
    def sender(self) -> str:
        """Normal form of the From address."""
        return normal_form(self.verdict.sender)

    @property
    def from_contact(self) -> bool:
        """Say whether the contact itself answers."""
        return self.answered is not None and self.sender in self.answered.contact_addresses

    @property
    def trusted(self) -> bool:
        """Say whether it counts (S15): enough to stop, not to suppress."""
        return self.answered is not None or self.verdict.authentication != "fail"


def act(tx: Tx, arrived: Arrived) -> bool:
    """Record what a mail means; False when it concerns nobody known."""
    kind = arrived.verdict.kind
    if kind is Kind.HUMAN:
        return _human(tx, arrived)
    return _invitation_answer(tx, arrived) if kind is Kind.CALENDAR else _auto_reply(tx, arrived)


def prove_accepted(tx: Tx, answered: Answered) -> None:
    """Whoever names a mail has it: what nobody could decide is decided (H9, MAIL-71)."""
    if answered.state == "unknown":
        tx.record(AcceptanceProven(contact_id=answered.contact_id, enrollment_id=answered.enrollment_id, message_id=answered.message_id))


def _open_of_sender(tx: Tx, arrived: Arrived, *, any_user: bool = False) -> list[OpenEnrollment]:
    return matching.list_open_enrollments(tx, arrived.reader.mailbox_id, arrived.sender, arrived.received_at, any_user=any_user)


def _auto_reply(tx: Tx, arrived: Arrived) -> bool:
    """An automatic answer concerns the enrollment whose mail it names, else the open ones of its sender."""
    verdict, answered = arrived.verdict, arrived.answered
    if answered is not None:
        prove_accepted(tx, answered)
    targets = [(answered.goes_on_in, answered.contact_id)] if answered else []
    if not targets:
        targets = [(each.enrollment_id, each.contact_id) for each in _open_of_sender(tx, arrived)]
    words = verdict.return_sentence or next((each for each in verdict.signals if each.startswith("left: ")), "")
    for enrollment_id, contact_id in targets:
        tx.record(
            AutoReplyReceived(
                contact_id=contact_id,
                enrollment_id=enrollment_id,
                inbound_id=arrived.inbound_id,
                auto_kind="challenge" if verdict.kind is Kind.CHALLENGE else verdict.auto_kind,
                return_date=verdict.return_date.isoformat() if verdict.return_date else "",
                sentence=_clean(words),
                successor=_clean(verdict.successor),
                trusted=arrived.trusted,
                from_contact=answered is None or arrived.from_contact,
            )
        )
    return bool(targets)


def _invitation_answer(tx: Tx, arrived: Arrived) -> bool:
    """An accepted invitation is a booking with the enroller, whose mailbox this is (SEQ-155, SEQ-159); other answers are nothing."""
    verdict = arrived.verdict
    if verdict.calendar_method != "REPLY" or verdict.partstat != "ACCEPTED":
        return False
    by_other = bool(verdict.organizer) and not matching.is_of_user(tx, arrived.reader.mailbox_id, normal_form(verdict.organizer))
    targets = [each for each in _open_of_sender(tx, arrived) if each.is_enrollers and not _is_older(verdict, each)]
    for each in targets:
        tx.record(
            InvitationAccepted(
                contact_id=each.contact_id,
                enrollment_id=each.enrollment_id,
                inbound_id=arrived.inbound_id,
                sender=verdict.sender,
                trusted=arrived.trusted,
                by_other=by_other,
            )
        )
    return _tell_colleagues_of_meeting(tx, arrived, by_other=by_other) or bool(targets)


def _tell_colleagues_of_meeting(tx: Tx, arrived: Arrived, *, by_other: bool) -> bool:
    """Where a sequence says so, a colleague's meeting with the enroller counts for everybody at the company (SEQ-158)."""
    if not arrived.trusted:
        return False
    since = min(arrived.received_at, arrived.verdict.invited_at or arrived.received_at)  # SEQ-163
    found = colleagues.list_concerned(tx, arrived.reader, arrived.sender, arrived.answered, since, scope="meeting_scope")
    concerned = [each for each in found if each.is_enrollers]
    for each in concerned:
        tx.record(
            CompanyBooked(
                contact_id=each.contact_id,
                enrollment_id=each.enrollment_id,
                inbound_id=arrived.inbound_id,
                sender=arrived.verdict.sender,
                same_sequence=each.same_sequence,
                by_other=by_other,
            )
        )
    return bool(concerned)


def _is_older(verdict: Verdict, enrollment: OpenEnrollment) -> bool:
    """Say whether the meeting was made before the enrollment (SEQ-163)."""
    return verdict.invited_at is not None and verdict.invited_at < enrollment.enrolled_at


def _human(tx: Tx, arrived: Arrived) -> bool:
    """A person wrote: a reply where it names a mail of ours (whoever sent it: SEQ-149), else mail of an enrolled address or its alias."""
    verdict, answered, reader = arrived.verdict, arrived.answered, arrived.reader
    opt_out = verdict.opt_out and reader.rules.opt_out_words
    suppressible = opt_out and (arrived.from_contact if answered is not None else verdict.authentication == "pass")
    address = answered.recipient_normal if answered else arrived.sender
    if suppressible:  # before any enrollment's row: H4
        tx.lock_for_stop(LockKind.ADDRESS, address)
    if answered is not None:
        _reply(tx, arrived, answered, opt_out=opt_out)
    others = _open_of_sender(tx, arrived, any_user=reader.rules.unrelated_any_user)
    for each in others:
        if answered is None or each.enrollment_id != answered.goes_on_in:
            tx.record(_wrote(arrived, each, opt_out=opt_out))
    _tell_colleagues(tx, arrived)
    if suppressible and (answered is not None or others):
        suppress(tx, "address", address, "opted out by mail")
    return answered is not None or bool(others)


def _reply(tx: Tx, arrived: Arrived, answered: Answered, *, opt_out: bool) -> None:
    prove_accepted(tx, answered)
    tx.record(
        ReplyReceived(
            contact_id=answered.contact_id,
            enrollment_id=answered.goes_on_in,
            message_id=answered.message_id,
            inbound_id=arrived.inbound_id,
            sender=arrived.verdict.sender,
            trusted=arrived.trusted,
            from_contact=arrived.from_contact,
            opt_out=opt_out,
        )
    )
    if not arrived.from_contact and arrived.verdict.authentication == "pass":
        aliases.learn(tx, answered.contact_id, arrived.verdict.sender, inbound_id=arrived.inbound_id)


def _wrote(arrived: Arrived, enrollment: OpenEnrollment, *, opt_out: bool) -> ContactWrote:
    by_alias = plain_form(enrollment.address) != plain_form(arrived.verdict.sender)
    return ContactWrote(
        contact_id=enrollment.contact_id,
        enrollment_id=enrollment.enrollment_id,
        inbound_id=arrived.inbound_id,
        sender=arrived.verdict.sender,
        trusted=arrived.trusted,
        by_alias=by_alias,
        opt_out=opt_out,
        shown=not by_alias or arrived.reader.rules.log_alias_mail,
    )


def _tell_colleagues(tx: Tx, arrived: Arrived) -> None:
    """Where a sequence says so, a colleague's mail counts for everybody at the company (SEQ-158)."""
    if not arrived.trusted:
        return
    for each in colleagues.list_concerned(tx, arrived.reader, arrived.sender, arrived.answered, arrived.received_at, scope="email_scope"):
        tx.record(
            CompanyWrote(
                contact_id=each.contact_id,
                enrollment_id=each.enrollment_id,
                inbound_id=arrived.inbound_id,
                sender=arrived.verdict.sender,
                same_sequence=each.same_sequence,
            )
        )


def _clean(text: str) -> str:
    """PostgreSQL keeps neither NUL nor lone surrogates; both occur in hostile mail."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:300]
