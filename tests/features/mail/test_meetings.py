"""What an accepted invitation does under each setting of meetings: a case that fires and one that does not (SEQ-155, SEQ-158…161)."""

from collections.abc import Iterator
from typing import Any

import pytest

from features.mail.arriving import ANN, BEN, FLOW, HOUR, ON, arrives, begin, colleagues, invited, outcome
from make import MONDAY, REP, Small, make_small, sequence
from segue.domain.sequence import Criteria, MeetingRule, Scope

BOOKED, COLLEAGUE = ("unenrolled", "MEETING_BOOKED"), ("unenrolled", "COMPANY_MEETING")
ASSISTANT = "assistant@acme.test"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("settings", "organizer", "ends"),
    [
        ({"stop_on_meeting": Criteria.ALL}, REP, BOOKED),
        ({"stop_on_meeting": Criteria.NONE}, REP, ON),
        ({"meeting_rule": MeetingRule.SEED}, ASSISTANT, BOOKED),
        ({"meeting_rule": MeetingRule.NARROW}, ASSISTANT, ON),
        ({"meeting_rule": MeetingRule.NARROW}, REP, BOOKED),
        ({"meeting_rule": MeetingRule.NARROW}, "", BOOKED),
    ],
)
def test_an_accepted_invitation_ends_it_as_the_settings_say(
    small: Small, settings: dict[str, Any], organizer: str, ends: tuple[str, str]
) -> None:
    """SEQ-159, SEQ-160; where no organizer is named it is whoever got the answer."""
    begin(small, **settings)
    arrives(small, invited(ANN, "ACCEPTED", organizer=organizer))
    assert outcome(small) == ends


@pytest.mark.parametrize(
    ("settings", "created", "ends"),
    [
        ({"meeting_scope": Scope.ACCOUNT_BASED}, "", COLLEAGUE),
        ({"meeting_scope": Scope.ACCOUNT_BASED}, "20200101T080000Z", ON),
        ({"meeting_scope": Scope.ACCOUNT_BASED, "stop_on_meeting": Criteria.NONE}, "", ON),
        ({"meeting_scope": Scope.LEAD_BASED}, "", ON),
        ({"email_scope": Scope.ACCOUNT_BASED}, "", ON),
    ],
)
def test_a_colleagues_meeting_counts_where_the_sequence_says_so(
    small: Small, settings: dict[str, Any], created: str, ends: tuple[str, str]
) -> None:
    """SEQ-158; SEQ-163: not a meeting that was made before."""
    small.enroll(small.add_sequence(sequence(*FLOW, **settings)), colleagues(small))
    small.run_until(MONDAY + HOUR)
    arrives(small, invited(ANN, "ACCEPTED", created=created))
    assert outcome(small, BEN) == ends


def test_a_colleagues_meeting_with_somebody_else_than_the_enroller_changes_nothing(small: Small) -> None:
    """SEQ-161: Rob sends for Rita, who enrolled; the answer comes to Rob."""
    _, mailbox = small.add_rep("rob@acme.test")
    small.enroll(small.add_sequence(sequence(*FLOW, meeting_scope=Scope.ACCOUNT_BASED)), colleagues(small), sender=mailbox)
    small.run_until(MONDAY + HOUR)
    arrives(small, invited(ANN, "ACCEPTED", organizer="rob@acme.test"), to="rob@acme.test", mailbox=mailbox)
    assert (outcome(small), outcome(small, BEN)) == (ON, ON)
    arrives(small, invited(ANN, "ACCEPTED"))
    assert (outcome(small), outcome(small, BEN)) == (BOOKED, COLLEAGUE)
