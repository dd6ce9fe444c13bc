"""STOP_RULES: every rule has one fact that makes it fire and one that does not (sequences.md §11)."""

from dataclasses import replace
from datetime import date

import pytest

from segue.domain.enrollment import PauseKind, State
from segue.domain.events import (
    AutoReplyReceived,
    BounceReceived,
    CompanyBooked,
    CompanyWrote,
    ComplaintReceived,
    ContactWrote,
    EmailFailed,
    EmailSent,
    Event,
    InvitationAccepted,
    ReplyReceived,
    TaskResolved,
    UnsubscribeReceived,
)
from segue.domain.sequence import AwayHold, CompanyAction, CompanyScope, Criteria, MeetingRule, Scope, SequenceSettings
from segue.domain.stop_rules import STOP_RULES, Hold, Outcome, Stop, reason_to_stop

PLAIN = SequenceSettings()
REPLY = ReplyReceived(inbound_id=1, sender="ann@prospect.test", trusted=True, from_contact=True)
WROTE = ContactWrote(inbound_id=1, sender="ann@prospect.test", trusted=True)
BOUNCE = BounceReceived(inbound_id=1, reason="invalid", hard=True, proven=True, final=True, detail="user unknown")
FAILED = EmailFailed(step_key="a", reason="invalid", scope="contact", detail="550 5.1.1")
AWAY = AutoReplyReceived(inbound_id=1, auto_kind="ooo", return_date="2027-01-25", sentence="back on 25 January")
COMPLAINT = ComplaintReceived(inbound_id=1, address_normal="ann@prospect.test")
UNSUBSCRIBE = UnsubscribeReceived(address_normal="ann@prospect.test", way="link")

COLLEAGUE = CompanyWrote(inbound_id=1, sender="bob@prospect.test", same_sequence=True)
ACCEPTED = InvitationAccepted(inbound_id=1, sender="ann@prospect.test", trusted=True)
BOOKED = CompanyBooked(inbound_id=1, sender="bob@prospect.test", same_sequence=True)
WHOLE_COMPANY = SequenceSettings(email_scope=Scope.ACCOUNT_BASED)
COMPANY_MEETS = SequenceSettings(meeting_scope=Scope.ACCOUNT_BASED)
NARROW = SequenceSettings(meeting_rule=MeetingRule.NARROW)

EXAMPLES: dict[str, tuple[Event, Outcome, Event]] = {
    "complaint": (COMPLAINT, Stop("SPAM_COMPLAINT"), REPLY),
    "unsubscribe": (UNSUBSCRIBE, Stop("UNSUBSCRIBED", "link"), COMPLAINT),
    "hard bounce": (BOUNCE, Stop("BOUNCED", "user unknown"), replace(BOUNCE, proven=False)),
    "doubtful bounce": (replace(BOUNCE, proven=False), Hold(PauseKind.REVIEW, "bounce: user unknown"), replace(BOUNCE, final=False)),
    "refused at hand-off": (FAILED, Stop("BOUNCED", "550 5.1.1"), BOUNCE),
    "reply": (REPLY, Stop("REPLIED", "ann@prospect.test"), WROTE),
    "unrelated mail": (WROTE, Stop("CONTACT_EMAILED", "ann@prospect.test"), REPLY),
    "left company": (
        replace(AWAY, auto_kind="left", sentence="Ann has left"),
        Stop("ADDRESS_RETIRED", "Ann has left"),
        AWAY,
    ),
    "colleague": (COLLEAGUE, Stop("COMPANY_REPLIED", "bob@prospect.test"), REPLY),
    "meeting": (ACCEPTED, Stop("MEETING_BOOKED", "ann@prospect.test"), REPLY),
    "colleague's meeting": (BOOKED, Stop("COMPANY_MEETING", "bob@prospect.test"), ACCEPTED),
    "challenge": (
        replace(AWAY, auto_kind="challenge"),
        Hold(PauseKind.REVIEW, "a challenge mail asks to confirm that a human writes"),
        AWAY,
    ),
    "away": (AWAY, Hold(PauseKind.AWAY, "back on 25 January", until=date(2027, 1, 25)), replace(AWAY, auto_kind="ticket")),
}
"""Rule → (a fact that makes it answer, its answer, a fact that does not)."""


SETTINGS = {"colleague": WHOLE_COMPANY, "colleague's meeting": COMPANY_MEETS}
"""Of rules that are off by default."""


@pytest.mark.parametrize("rule", STOP_RULES, ids=lambda rule: rule.name)
def test_every_rule_answers_its_own_fact_and_no_other(rule):
    fires, answer, does_not = EXAMPLES[rule.name]
    settings = SETTINGS.get(rule.name, PLAIN)
    assert rule.apply(fires, settings) == answer
    assert reason_to_stop(fires, settings) == answer, "an earlier rule answers instead"
    assert rule.apply(does_not, PLAIN) is None


CASES: list[tuple[str, Event, SequenceSettings, Outcome | None]] = [
    ("SEQ-149 a reply from anywhere counts", replace(REPLY, from_contact=False), PLAIN, Stop("REPLIED", "ann@prospect.test")),
    ("SEQ-149 unless switched off", replace(REPLY, from_contact=False), SequenceSettings(reply_from_any_address=False), None),
    ("SEQ-148 switched off", REPLY, SequenceSettings(stop_on_email=Criteria.NONE), None),
    ("SEQ-150 switched off", WROTE, SequenceSettings(stop_on_email=Criteria.NONE), None),
    ("SEQ-158 off by default", COLLEAGUE, PLAIN, None),
    ("SEQ-158 another sequence than the one who wrote", replace(COLLEAGUE, same_sequence=False), WHOLE_COMPANY, None),
    (
        "SEQ-158 every sequence",
        replace(COLLEAGUE, same_sequence=False),
        replace(WHOLE_COMPANY, company_scope=CompanyScope.ALL_SEQUENCES),
        Stop("COMPANY_REPLIED", "bob@prospect.test"),
    ),
    (
        "SEQ-158 a pause instead",
        COLLEAGUE,
        replace(WHOLE_COMPANY, company_action=CompanyAction.PAUSE),
        Hold(PauseKind.AWAY, "a colleague wrote: bob@prospect.test", days=5),
    ),
    ("SEQ-158 with the reply switch off", COLLEAGUE, replace(WHOLE_COMPANY, stop_on_email=Criteria.NONE), None),
    ("SEQ-159 meetings switched off", ACCEPTED, SequenceSettings(stop_on_meeting=Criteria.NONE), None),
    ("SEQ-159 SEED: whoever is the organizer", replace(ACCEPTED, by_other=True), PLAIN, Stop("MEETING_BOOKED", "ann@prospect.test")),
    ("SEQ-160 NARROW: not in another's calendar", replace(ACCEPTED, by_other=True), NARROW, None),
    ("SEQ-160 NARROW: in the enroller's own", ACCEPTED, NARROW, Stop("MEETING_BOOKED", "ann@prospect.test")),
    ("SEQ-158 meetings of colleagues are off by default", BOOKED, PLAIN, None),
    ("SEQ-158 they are not mail", BOOKED, WHOLE_COMPANY, None),
    ("SEQ-158 nor is mail a meeting", COLLEAGUE, COMPANY_MEETS, None),
    ("SEQ-158 with the meeting switch off", BOOKED, replace(COMPANY_MEETS, stop_on_meeting=Criteria.NONE), None),
    (
        "SEQ-158, SEQ-160 a colleague's in another's calendar",
        replace(BOOKED, by_other=True),
        replace(COMPANY_MEETS, meeting_rule=MeetingRule.NARROW),
        None,
    ),
    (
        "SEQ-158 a pause instead, for a meeting",
        BOOKED,
        replace(COMPANY_MEETS, company_action=CompanyAction.PAUSE),
        Hold(PauseKind.AWAY, "a colleague accepted an invitation: bob@prospect.test", days=5),
    ),
    (
        "SEQ-155 an accepted invitation that may be forged",
        replace(ACCEPTED, trusted=False),
        PLAIN,
        Hold(PauseKind.REVIEW, "an accepted invitation that may be forged, from ann@prospect.test"),
    ),
    (
        "SEQ-154 a named successor is shown",
        replace(AWAY, auto_kind="left", sentence="left: no longer with", successor="carl@prospect.test"),
        PLAIN,
        Stop("ADDRESS_RETIRED", "left: no longer with; named instead: carl@prospect.test"),
    ),
    (
        "SEQ-154, S15 a note of leaving from somewhere else",
        replace(AWAY, auto_kind="left", sentence="left: no longer with", from_contact=False),
        PLAIN,
        Hold(PauseKind.REVIEW, "a note of leaving that may be forged or somebody else's: left: no longer with"),
    ),
    (
        "SEQ-129, S15 a note of absence that may be forged",
        replace(AWAY, trusted=False),
        PLAIN,
        Hold(PauseKind.REVIEW, "a note of absence that may be forged"),
    ),
    ("SEQ-151 an alias", replace(WROTE, by_alias=True), PLAIN, Stop("ALIAS_EMAILED", "ann@prospect.test")),
    (
        "SEQ-157 a reply that may be forged",
        replace(REPLY, trusted=False),
        PLAIN,
        Hold(PauseKind.REVIEW, "a reply that may be forged, from ann@prospect.test"),
    ),
    (
        "SEQ-157 a mail that may be forged",
        replace(WROTE, trusted=False),
        PLAIN,
        Hold(PauseKind.REVIEW, "a mail that may be forged, from ann@prospect.test"),
    ),
    ("SEQ-164 opted out by mail", replace(UNSUBSCRIBE, way="mail"), PLAIN, Stop("OPTED_OUT", "mail")),
    ("SEQ-166 blocked asks a person", replace(FAILED, reason="blocked"), PLAIN, Hold(PauseKind.REVIEW, "550 5.1.1")),
    ("SEQ-166 a blocked bounce asks a person", replace(BOUNCE, reason="blocked"), PLAIN, Hold(PauseKind.REVIEW, "bounce: user unknown")),
    ("SEQ-104 our side failed", replace(FAILED, reason="our_side"), PLAIN, Stop("SEND_FAILED", "550 5.1.1", State.FAILED)),
    ("SEQ-20 the text cannot be built", replace(FAILED, reason="render"), PLAIN, Stop("RENDER_FAILED", "550 5.1.1", State.FAILED)),
    ("SEQ-129 no date", replace(AWAY, return_date=""), PLAIN, Hold(PauseKind.AWAY, "back on 25 January", days=5)),
    ("SEQ-129 no date, no hold", replace(AWAY, return_date=""), SequenceSettings(away_days=0), None),
    (
        "SEQ-129 FIXED_DAYS",
        AWAY,
        SequenceSettings(away_hold=AwayHold.FIXED_DAYS, away_days=3),
        Hold(PauseKind.AWAY, "back on 25 January", days=3),
    ),
    ("SEQ-129 IGNORE", AWAY, SequenceSettings(away_hold=AwayHold.IGNORE), None),
    ("SEQ-154 a ticket receipt", replace(AWAY, auto_kind="ticket"), PLAIN, None),
    ("a sent mail", EmailSent(step_key="a", generation=0, subject="Hi", accepted_at=None), PLAIN, None),
    ("SEQ-171 a telephone call", TaskResolved(task_id=1, step_key="call", generation=0, how="completed", outcome="connected"), PLAIN, None),
]


@pytest.mark.parametrize(("event", "settings", "answer"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_settings_and_doubt_decide_between_stop_hold_and_nothing(event, settings, answer):
    assert reason_to_stop(event, settings) == answer
