"""What a colleague's mail does to the others of the company (SEQ-158)."""

from collections.abc import Iterator
from typing import Any

import pytest

from features.mail.arriving import ANN, BEN, BOSS, FLOW, HOUR, ON, arrives, colleagues, outcome, wrote
from make import MONDAY, Small, make_small, sequence
from segue.domain.sequence import CompanyAction, CompanyScope, Scope


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def whole_company(small: Small, **settings: Any) -> bytes:
    """Ann and Ben of one company in a sequence that reacts to colleagues; returns what Ann got."""
    ann, ben = colleagues(small)
    small.enroll(small.add_sequence(sequence(*FLOW, **settings)), [ann, ben])
    small.run_until(MONDAY + HOUR)
    return bytes(small.sent_to(ANN)[0].wire)


def test_a_reply_ends_it_for_the_whole_company_where_the_sequence_says_so(small: Small) -> None:
    """SEQ-158."""
    arrives(small, wrote(ANN, answers=whole_company(small, email_scope=Scope.ACCOUNT_BASED)))
    assert (outcome(small), outcome(small, BEN)) == (("unenrolled", "REPLIED"), ("unenrolled", "COMPANY_REPLIED"))


def test_a_reply_concerns_nobody_else_by_default(small: Small) -> None:
    """SEQ-158: LEAD_BASED."""
    arrives(small, wrote(ANN, answers=whole_company(small)))
    assert (outcome(small), outcome(small, BEN)) == (("unenrolled", "REPLIED"), ON)


def test_a_stranger_on_the_companys_domain_counts_and_a_forged_one_does_not(small: Small) -> None:
    """SEQ-158, S15."""
    whole_company(small, email_scope=Scope.ACCOUNT_BASED)
    small.sql('UPDATE mailboxes SET settings = settings || \'{"imap_host": "imap.gmail.com"}\' WHERE workspace_id = %(ws)s')
    arrives(small, wrote(BOSS, "Stop this.", host="fail"))
    assert (outcome(small), outcome(small, BEN)) == (ON, ON)
    arrives(small, wrote(BOSS, "Stop this, please."))
    assert (outcome(small), outcome(small, BEN)) == (("unenrolled", "COMPANY_REPLIED"), ("unenrolled", "COMPANY_REPLIED"))


def test_colleagues_can_be_paused_instead(small: Small) -> None:
    """SEQ-158 companyAction: five working days."""
    first = whole_company(small, email_scope=Scope.ACCOUNT_BASED, company_action=CompanyAction.PAUSE)
    arrives(small, wrote(ANN, answers=first))
    assert outcome(small, BEN) == ("paused", "away")
    assert (small.state(BEN)["resume_at"] - MONDAY).days in {6, 7}


@pytest.mark.parametrize(
    ("scope", "ends"), [(CompanyScope.THIS_SEQUENCE, ON), (CompanyScope.ALL_SEQUENCES, ("unenrolled", "COMPANY_REPLIED"))]
)
def test_other_sequences_are_concerned_only_if_asked_for(small: Small, scope: CompanyScope, ends: tuple[str, str]) -> None:
    """SEQ-158 companyScope."""
    ann, ben = colleagues(small)
    settings = {"email_scope": Scope.ACCOUNT_BASED, "company_scope": scope}
    small.enroll(small.add_sequence(sequence(*FLOW, name="One", **settings)), [ann])
    small.enroll(small.add_sequence(sequence(*FLOW, name="Two", **settings)), [ben])
    small.run_until(MONDAY + HOUR)
    arrives(small, wrote(ANN, answers=bytes(small.sent_to(ANN)[0].wire)))
    assert outcome(small, BEN) == ends
