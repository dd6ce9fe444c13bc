"""sequences.md §11, ways out: the table of reasons over the pure rules, each with the fact that brings it about and its nearest neighbour."""

from dataclasses import replace

import pytest

from domain.test_stop_rules import ACCEPTED, AWAY, BOUNCE, COLLEAGUE, COMPLAINT, NARROW, REPLY, UNSUBSCRIBE, WHOLE_COMPANY, WROTE
from segue.domain.events import TaskResolved
from segue.domain.sequence import Criteria, SequenceSettings
from segue.domain.stop_rules import Hold, Stop, reason_to_stop

PLAIN = SequenceSettings()
OFF = SequenceSettings(stop_on_email=Criteria.NONE)
OWN_ONLY = SequenceSettings(reply_from_any_address=False)
REVIEW, ABSENT = "held for review", "held away"

CASES = [
    ("SEQ-148 a reply", REPLY, PLAIN, "REPLIED"),
    ("SEQ-148 switched off", REPLY, OFF, None),
    ("SEQ-149 from any address", replace(REPLY, from_contact=False), PLAIN, "REPLIED"),
    ("SEQ-149 only their own, and another's", replace(REPLY, from_contact=False), OWN_ONLY, None),
    ("SEQ-149 only their own, and their own", REPLY, OWN_ONLY, "REPLIED"),
    ("SEQ-150 other mail", WROTE, PLAIN, "CONTACT_EMAILED"),
    ("SEQ-150 switched off", WROTE, OFF, None),
    ("SEQ-151 from an alias", replace(WROTE, by_alias=True), PLAIN, "ALIAS_EMAILED"),
    ("SEQ-151 switched off", replace(WROTE, by_alias=True), OFF, None),
    ("SEQ-153 an absence does not unenroll", AWAY, PLAIN, ABSENT),
    ("SEQ-154 has left", replace(AWAY, auto_kind="left"), PLAIN, "ADDRESS_RETIRED"),
    ("SEQ-154 a ticket receipt", replace(AWAY, auto_kind="ticket"), PLAIN, None),
    ("SEQ-154 a notice", replace(AWAY, auto_kind="notice"), PLAIN, None),
    ("SEQ-155 accepted", ACCEPTED, PLAIN, "MEETING_BOOKED"),
    ("SEQ-157 a reply that may be forged", replace(REPLY, trusted=False), PLAIN, REVIEW),
    ("SEQ-157 a mail that may be forged", replace(WROTE, trusted=False), PLAIN, REVIEW),
    ("SEQ-158 a colleague, account based", COLLEAGUE, WHOLE_COMPANY, "COMPANY_REPLIED"),
    ("SEQ-158 a colleague, by default", COLLEAGUE, PLAIN, None),
    ("SEQ-159 with somebody else, SEED", replace(ACCEPTED, by_other=True), PLAIN, "MEETING_BOOKED"),
    ("SEQ-160 with somebody else, NARROW", replace(ACCEPTED, by_other=True), NARROW, None),
    ("SEQ-160 with the enroller, NARROW", ACCEPTED, NARROW, "MEETING_BOOKED"),
    ("SEQ-164 the link", UNSUBSCRIBE, PLAIN, "UNSUBSCRIBED"),
    ("SEQ-164 one click", replace(UNSUBSCRIBE, way="one-click"), PLAIN, "UNSUBSCRIBED"),
    ("SEQ-147 any other way", replace(UNSUBSCRIBE, way="mail"), PLAIN, "OPTED_OUT"),
    ("SEQ-165 a dead address", BOUNCE, PLAIN, "BOUNCED"),
    ("SEQ-165 matched by address alone", replace(BOUNCE, proven=False), PLAIN, REVIEW),
    ("SEQ-166 full, for good", replace(BOUNCE, reason="full", hard=False), PLAIN, "BOUNCED"),
    ("SEQ-166 full, still being tried", replace(BOUNCE, reason="full", hard=False, final=False), PLAIN, None),
    ("SEQ-166 blocked", replace(BOUNCE, reason="blocked", hard=False), PLAIN, REVIEW),
    ("SEQ-147 a complaint", COMPLAINT, PLAIN, "SPAM_COMPLAINT"),
    ("SEQ-171 a talk", TaskResolved(task_id=1, step_key="call", generation=0, how="completed", outcome="connected"), PLAIN, None),
]


@pytest.mark.parametrize(("event", "settings", "does"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_a_fact_does_to_an_enrollment(event, settings, does):
    outcome = reason_to_stop(event, settings)
    if isinstance(outcome, Hold):
        assert (REVIEW if outcome.kind.value == "review" else ABSENT) == does
    else:
        assert (outcome.reason if isinstance(outcome, Stop) else None) == does
