"""Whole mails as systems and people write them (S13): written blind, then the reader was mended by general rules until it knew them.

The figures of the first look stand in docs/operate/figures.md; here they are promises.
"""

from datetime import date

import pytest

from corpora.first_look import load
from corpora.make_mail import OURS
from segue.domain.inbound import Kind, ReadContext, read
from segue.features.mail.explain import explain_file

ALONE = ReadContext()
US = ReadContext(own_addresses=frozenset({OURS}), answers_ours=True)
NOTICES = [
    case
    for name in ("notices_unix", "notices_exchange", "notices_providers", "notices_gateways", "notices_rare", "notices_unseen")
    for case in load(name)
]
AUTOMATIC = [*load("automatic"), *load("automatic_more"), *load("automatic_unseen")]
PEOPLE = [*load("people"), *load("people_more"), *load("people_unseen")]
KNOWN_AS_PEOPLE = {"salesforce"}
"""A receipt without any machine's trace: undecided counts as a person, and the sequence stops (MAIL-61.9)."""


def squeezed(text):
    return "".join(text.split())


def names(cases):
    return [case.name for case in cases]


def test_every_mail_has_its_own_name():
    everything = names([*NOTICES, *AUTOMATIC, *PEOPLE])
    assert len(everything) == len(set(everything))


@pytest.mark.parametrize("context", [ALONE, US], ids=["alone", "an answer"])
@pytest.mark.parametrize("case", NOTICES, ids=names(NOTICES))
def test_a_notice_is_known_with_its_class_and_recipient(case, context):
    verdict = read(case.raw, context)
    assert verdict.kind is Kind.BOUNCE, (verdict.rule, verdict.signals)
    assert (verdict.bounce.reason, verdict.bounce.hard) == (case.detail, case.detail == "invalid")
    assert case.about in {"-", explain_file(case.raw)["recipient"]}


@pytest.mark.parametrize("context", [ALONE, US], ids=["alone", "an answer"])
@pytest.mark.parametrize("case", AUTOMATIC, ids=names(AUTOMATIC))
def test_an_automatic_answer_is_known_with_its_kind_and_day_of_return(case, context):
    verdict = read(case.raw, context)
    if case.name in KNOWN_AS_PEOPLE:
        assert (verdict.kind, verdict.undecided) == (Kind.HUMAN, True)  # never silently a reply (G11)
        return
    assert verdict.kind.value == case.kind, (verdict.rule, verdict.signals)
    if verdict.kind is Kind.AUTO_REPLY:
        assert verdict.auto_kind == case.detail
        assert verdict.return_date == (None if case.about == "-" else date.fromisoformat(case.about)), verdict.return_sentence


@pytest.mark.parametrize("context", [ALONE, US], ids=["alone", "an answer"])
@pytest.mark.parametrize("case", PEOPLE, ids=names(PEOPLE))
def test_a_person_is_never_missed_and_the_new_words_are_cut_out(case, context):
    verdict = read(case.raw, context)
    assert verdict.kind is Kind.HUMAN, (verdict.rule, verdict.signals)
    assert squeezed(verdict.new_text) == squeezed(case.new)
