"""People's answers are never missed, their new words are cut out exactly, and quoted footers opt nobody out (MAIL-79, MAIL-80, MAIL-82)."""

import pytest

from corpora.make_mail import OURS, mail
from corpora.people import ANSWERS, BLOCKS, FORWARDED_NOTICE, TALK
from segue.domain.inbound import Kind, ReadContext, read

ANN = "Ann Example <ann@prospect.test>"
US = ReadContext(own_addresses=frozenset({OURS}))
QUOTED = "Hi Ann,\n\nare you the right person for a quick question?\n\nBob\n-- \nTo hear no more from me: unsubscribe.\nPlease remove me from your list."


def lines(table):
    return [tuple(part.strip() for part in line.split(" | ")) for line in table.strip().splitlines()]


def squeezed(text):
    return "".join(text.split())


def bodies(own, announced):
    marked = "\n".join("> " + line for line in QUOTED.split("\n"))
    wrapped = "\n".join(announced.rsplit(" ", 1)) if len(announced) > 40 else announced
    yield own, f"{own}\n\n{announced}\n\n{marked}\n"
    yield own, f"{own}\n\n{wrapped}\n{marked}\n"
    yield own + "Ann", f"{own}\n\nAnn\n\n{announced}\n{marked}\n\nSent from my iPhone\n"


@pytest.mark.parametrize(("language", "own", "announced"), lines(ANSWERS), ids=[f"{row[0]}-{i}" for i, row in enumerate(lines(ANSWERS))])
def test_an_answer_is_a_person_and_its_quotation_is_cut_in_every_language(language, own, announced):
    for want, body in bodies(own, announced):
        verdict = read(mail(ANN, "Re: Quick question", body), US)
        assert (verdict.kind, verdict.opt_out) == (Kind.HUMAN, False)
        assert squeezed(verdict.new_text) == squeezed(want)
        assert "remove me" in verdict.full_text


@pytest.mark.parametrize(("language", "own", "block"), lines(BLOCKS), ids=[f"{row[0]}-{i}" for i, row in enumerate(lines(BLOCKS))])
def test_a_header_block_begins_the_quotation_in_every_language(language, own, block):
    body = f"{own}\n\nAnn\n\n" + block.replace(";", "\n") + f"\n\n{QUOTED}\n"
    verdict = read(mail(ANN, "Re: Quick question", body), US)
    assert (verdict.kind, verdict.opt_out, squeezed(verdict.new_text)) == (Kind.HUMAN, False, squeezed(own + "Ann"))


@pytest.mark.parametrize(("subject", "text"), lines(TALK))
@pytest.mark.parametrize("headers", ["", "Return-Path: <>", "X-Auto-Response-Suppress: All\nPrecedence: bulk"])
@pytest.mark.parametrize("answers", [None, True])
def test_talk_about_machine_mail_is_talk(subject, text, headers, answers):
    context = ReadContext(own_addresses=frozenset({OURS}), answers_ours=answers)
    verdict = read(mail(ANN, subject, text, headers), context)
    assert verdict.kind is Kind.HUMAN, (verdict.rule, verdict.signals)


@pytest.mark.parametrize("subject", ["Fwd: Undelivered Mail Returned to Sender", "Undelivered Mail Returned to Sender", "Delivery failure"])
def test_a_forwarded_notice_is_a_person(subject):
    verdict = read(mail(ANN, subject, FORWARDED_NOTICE), US)
    assert (verdict.kind, squeezed(verdict.new_text)) == (Kind.HUMAN, squeezed("Hi Bob,\n\nI got this back, is your address wrong?\n\nAnn"))
