"""STOP_RULES, in order: what a fact does to an enrollment. The first rule that answers wins (sequences.md §11).

A rule is a function of the fact and what is known of the enrollment. Telephone answers, opens and clicks stop nothing (SEQ-171, S20).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from segue.domain.enrollment import PauseKind, State
from segue.domain.events import (
    AutoReplyReceived,
    BounceReceived,
    CompanyBooked,
    CompanyWrote,
    ComplaintReceived,
    ContactWrote,
    EmailFailed,
    Event,
    InvitationAccepted,
    ReplyReceived,
    UnsubscribeReceived,
)
from segue.domain.sequence import AwayHold, CompanyAction, CompanyScope, Criteria, MeetingRule, Scope, SequenceSettings

COLLEAGUE_DAYS = 5
"""Working days for which `companyAction` = PAUSE holds colleagues (SEQ-158)."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the enrollment."""

    reason: str
    detail: str = ""
    state: State = State.UNENROLLED


@dataclass(frozen=True, slots=True)
class Hold:
    """Pause the enrollment. `until` is the stated day of return; None with `days` means that many working days."""

    kind: PauseKind
    detail: str = ""
    until: date | None = None
    days: int = 0


Outcome = Stop | Hold
Rule = Callable[[Event, SequenceSettings], Outcome | None]


class StopRule(NamedTuple):
    """One row of the table: a name for the glossary, the rule it carries out, the function."""

    name: str
    source: str
    apply: Rule


def complaint(event: Event, _: SequenceSettings) -> Outcome | None:
    return Stop("SPAM_COMPLAINT") if isinstance(event, ComplaintReceived) else None


def unsubscribe(event: Event, _: SequenceSettings) -> Outcome | None:
    if not isinstance(event, UnsubscribeReceived):
        return None
    return Stop("UNSUBSCRIBED" if event.way in ("link", "one-click") else "OPTED_OUT", event.way)


def hard_bounce(event: Event, _: SequenceSettings) -> Outcome | None:
    if isinstance(event, BounceReceived) and event.final and event.proven and event.reason != "blocked":
        return Stop("BOUNCED", event.detail or event.reason)
    return None


def doubtful_bounce(event: Event, _: SequenceSettings) -> Outcome | None:
    """A bounce matched by address alone, or a refusal for policy: pause and ask (SEQ-130, MAIL-70)."""
    if isinstance(event, BounceReceived) and event.final:
        return Hold(PauseKind.REVIEW, f"bounce: {event.detail or event.reason}")
    return None


def refused_at_hand_off(event: Event, _: SequenceSettings) -> Outcome | None:
    """The server refused the recipient while we submitted (mail.md §5). Refusals of our mailbox never come here (MAIL-41)."""
    if not isinstance(event, EmailFailed):
        return None
    if event.reason == "blocked":
        return Hold(PauseKind.REVIEW, event.detail)
    if event.reason in ("our_side", "render"):
        return Stop("SEND_FAILED" if event.reason == "our_side" else "RENDER_FAILED", event.detail, State.FAILED)
    return Stop("BOUNCED", event.detail or event.reason)


def reply(event: Event, settings: SequenceSettings) -> Outcome | None:
    if not isinstance(event, ReplyReceived) or settings.stop_on_email is Criteria.NONE:
        return None
    if not event.trusted:
        return Hold(PauseKind.REVIEW, f"a reply that may be forged, from {event.sender}")
    if not event.from_contact and not settings.reply_from_any_address:
        return None
    return Stop("REPLIED", event.sender)


def unrelated_mail(event: Event, settings: SequenceSettings) -> Outcome | None:
    if not isinstance(event, ContactWrote) or settings.stop_on_email is Criteria.NONE:
        return None
    if not event.trusted:
        return Hold(PauseKind.REVIEW, f"a mail that may be forged, from {event.sender}")
    return Stop("ALIAS_EMAILED" if event.by_alias else "CONTACT_EMAILED", event.sender)


def colleague(event: Event, settings: SequenceSettings) -> Outcome | None:
    """Somebody at the company wrote (SEQ-158)."""
    if not isinstance(event, CompanyWrote) or settings.stop_on_email is Criteria.NONE or settings.email_scope is not Scope.ACCOUNT_BASED:
        return None
    return _of_colleague(event, settings, "COMPANY_REPLIED", "wrote")


def _of_colleague(event: CompanyWrote | CompanyBooked, settings: SequenceSettings, reason: str, did: str) -> Outcome | None:
    if not event.same_sequence and settings.company_scope is not CompanyScope.ALL_SEQUENCES:
        return None
    if settings.company_action is CompanyAction.PAUSE:
        return Hold(PauseKind.AWAY, f"a colleague {did}: {event.sender}", days=COLLEAGUE_DAYS)
    return Stop(reason, event.sender)


def _is_booking(event: InvitationAccepted | CompanyBooked, settings: SequenceSettings) -> bool:
    """SEED: a meeting with the enroller by whatever way; NARROW: only one that stands in the enroller's own calendar (SEQ-159, SEQ-160)."""
    return settings.stop_on_meeting is Criteria.ALL and not (event.by_other and settings.meeting_rule is MeetingRule.NARROW)


def colleagues_meeting(event: Event, settings: SequenceSettings) -> Outcome | None:
    """Somebody at the company accepted an invitation (SEQ-158)."""
    if not isinstance(event, CompanyBooked) or settings.meeting_scope is not Scope.ACCOUNT_BASED or not _is_booking(event, settings):
        return None
    return _of_colleague(event, settings, "COMPANY_MEETING", "accepted an invitation")


def meeting(event: Event, settings: SequenceSettings) -> Outcome | None:
    """An invitation to a meeting with the enroller was accepted (SEQ-155, SEQ-159)."""
    if not isinstance(event, InvitationAccepted) or not _is_booking(event, settings):
        return None
    if not event.trusted:
        return Hold(PauseKind.REVIEW, f"an accepted invitation that may be forged, from {event.sender}")
    return Stop("MEETING_BOOKED", event.sender)


def left_company(event: Event, _: SequenceSettings) -> Outcome | None:
    """The words that decided and a named successor are shown (SEQ-138, SEQ-154)."""
    if not isinstance(event, AutoReplyReceived) or event.auto_kind != "left":
        return None
    said = "; ".join(part for part in (event.sentence, f"named instead: {event.successor}" if event.successor else "") if part)
    if not (event.trusted and event.from_contact):
        return Hold(PauseKind.REVIEW, f"a note of leaving that may be forged or somebody else's: {said}")
    return Stop("ADDRESS_RETIRED", said)


def challenge(event: Event, _: SequenceSettings) -> Outcome | None:
    if isinstance(event, AutoReplyReceived) and event.auto_kind == "challenge":
        return Hold(PauseKind.REVIEW, "a challenge mail asks to confirm that a human writes")
    return None


def away(event: Event, settings: SequenceSettings) -> Outcome | None:
    """An out-of-office answer does not unenroll; it holds (SEQ-129, SEQ-153)."""
    if not isinstance(event, AutoReplyReceived) or event.auto_kind != "ooo" or settings.away_hold is AwayHold.IGNORE:
        return None
    if not event.trusted:
        return Hold(PauseKind.REVIEW, "a note of absence that may be forged")
    if settings.away_hold is AwayHold.UNTIL_RETURN and event.return_date:
        return Hold(PauseKind.AWAY, event.sentence, until=date.fromisoformat(event.return_date))
    return Hold(PauseKind.AWAY, event.sentence, days=settings.away_days) if settings.away_days else None


STOP_RULES: tuple[StopRule, ...] = (
    StopRule("complaint", "SEQ-147 SPAM_COMPLAINT", complaint),
    StopRule("unsubscribe", "SEQ-164", unsubscribe),
    StopRule("hard bounce", "SEQ-165, SEQ-166", hard_bounce),
    StopRule("doubtful bounce", "SEQ-130, MAIL-70", doubtful_bounce),
    StopRule("refused at hand-off", "mail.md §5", refused_at_hand_off),
    StopRule("reply", "SEQ-148, SEQ-149, SEQ-157", reply),
    StopRule("unrelated mail", "SEQ-150, SEQ-151", unrelated_mail),
    StopRule("colleague", "SEQ-158", colleague),
    StopRule("meeting", "SEQ-155, SEQ-159, SEQ-160", meeting),
    StopRule("colleague's meeting", "SEQ-158", colleagues_meeting),
    StopRule("left company", "SEQ-154", left_company),
    StopRule("challenge", "SEQ-130", challenge),
    StopRule("away", "SEQ-129", away),
)


def reason_to_stop(event: Event, settings: SequenceSettings) -> Outcome | None:
    """Return what the first rule that answers says, or None when the fact changes nothing."""
    return next((outcome for rule in STOP_RULES if (outcome := rule.apply(event, settings)) is not None), None)
