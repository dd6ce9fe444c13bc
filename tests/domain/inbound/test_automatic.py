"""Machines that answer in a person's place, and people who are not taken for one (MAIL-72 to MAIL-76)."""

from datetime import UTC, date, datetime

import pytest

from corpora.automatic import AWAY, HEADERS, NOT_SIGNS, OTHER
from corpora.make_mail import OURS, mail
from segue.domain.inbound import Kind, ReadContext, read

ANN = "Ann Example <ann@prospect.test>"
OPEN = ReadContext()


def lines(table):
    return [tuple(part.strip() for part in line.split(" | ")) for line in table.strip().splitlines()]


@pytest.mark.parametrize(("language", "back", "subject", "text"), lines(AWAY), ids=[f"{row[0]}-{i}" for i, row in enumerate(lines(AWAY))])
@pytest.mark.parametrize(
    ("headers", "encoding"),
    [("", "8bit"), ("Auto-Submitted: auto-replied", "base64"), ("X-Auto-Response-Suppress: All\nPrecedence: bulk", "quoted-printable")],
)
def test_an_away_note_is_found_with_its_date_in_every_language(language, back, subject, text, headers, encoding):
    verdict = read(mail(ANN, subject, text + "\n\nAnn Example\n", headers, encoding=encoding), OPEN)
    assert (verdict.kind, verdict.auto_kind) == (Kind.AUTO_REPLY, "ooo")
    assert verdict.return_date == (None if back == "-" else date.fromisoformat(back))
    assert bool(verdict.return_sentence) == (back != "-")


@pytest.mark.parametrize("header", HEADERS.strip().splitlines())
def test_a_header_that_only_machines_write_decides_alone(header):
    assert read(mail(ANN, "Re: Quick question", "I am away.\n", header), OPEN).kind is Kind.AUTO_REPLY


@pytest.mark.parametrize("header", NOT_SIGNS.strip().splitlines())
@pytest.mark.parametrize("text", ["Sounds good, call me on Tuesday.\n", "Yes, I am interested. What does it cost?\n"])
@pytest.mark.parametrize("subject", ["Re: Quick question", "Quick question", "Your offer"])
@pytest.mark.parametrize("answers", [None, True, False])
def test_a_header_that_rides_on_peoples_mail_is_never_a_sign_by_itself(header, text, subject, answers):
    context = ReadContext(own_addresses=frozenset({OURS}), answers_ours=answers)
    assert read(mail(ANN, subject, text, header), context).kind is Kind.HUMAN


@pytest.mark.parametrize(("kind", "subject", "text", "successor"), lines(OTHER))
def test_gone_for_good_and_receipts_are_told_apart(kind, subject, text, successor):
    verdict = read(mail(ANN, subject, text, "Auto-Submitted: auto-replied"), OPEN)
    assert (verdict.kind, verdict.auto_kind) == (Kind.AUTO_REPLY, kind)
    assert verdict.successor == successor.strip("-")


@pytest.mark.parametrize(
    "subject",
    [
        "Re: out of the office",
        "RE: Automatic reply: x",
        "AW: Abwesenheitsnotiz",
        "SV: Autosvar",
        "Odp: Odpowiedź automatyczna",
        "回复: 自动回复",
        "Fwd: Out of office",
        "WG: Abwesend",
        "[team] Re: Out of office",
    ],
)
def test_a_reply_prefix_means_a_person(subject):
    assert read(mail(ANN, subject, "What was that about?\n"), OPEN).kind is Kind.HUMAN


def test_body_words_count_only_behind_the_fence():
    raw = mail(ANN, "Quick question", "I am out of the office until Friday, January 15.\n")
    assert read(raw, OPEN).kind is Kind.HUMAN
    answered = read(raw, ReadContext(answers_ours=True))
    assert (answered.kind, answered.rule, answered.return_date) == (Kind.AUTO_REPLY, "MAIL-74.body", date(2027, 1, 16))


def test_a_person_who_is_away_and_answers_is_a_person():
    text = "I am out of the office this week, but yes. Can you call me on Monday?\n\nOn Mon, Jan 11, 2027 at 10:00, Bob <bob@acme.test> wrote:\n> Hi Ann\n"
    assert read(mail(ANN, "Re: Quick question", text), ReadContext(answers_ours=True)).kind is Kind.HUMAN


def test_a_help_desk_agents_answer_is_a_person_marked():
    text = "We are not interested, please do not call.\n\nOn Mon, Jan 11, 2027 at 10:00, Bob <bob@acme.test> wrote:\n> Hi Ann\n"
    verdict = read(mail(ANN, "Re: Quick question", text, "Auto-Submitted: auto-generated"), OPEN)
    assert (verdict.kind, verdict.undecided, verdict.rule) == (Kind.HUMAN, True, "MAIL-75.personal")


def test_dates_in_quoted_text_are_not_the_return_date():
    text = "I am out of the office.\n\nOn Mon, Jan 11, 2027 at 10:00, Bob <bob@acme.test> wrote:\n> I am back on 25 January.\n"
    assert read(mail(ANN, "Automatic reply: x", text), OPEN).return_date is None


def test_without_a_date_header_the_time_of_receipt_counts():
    raw = mail(ANN, "Automatic reply: x", "Back on 25 January.\n").replace(b"Date: Mon, 11 Jan 2027 10:02:00 +0100\n", b"")
    assert read(raw, OPEN).return_date is None
    assert read(raw, ReadContext(received_at=datetime(2027, 1, 11, 9, tzinfo=UTC))).return_date == date(2027, 1, 25)


def test_the_zone_of_the_date_header_orders_an_ambiguous_date():
    raw = mail(ANN, "Automatic reply: x", "I will be back on 02/03/2027.\n")
    assert read(raw, OPEN).return_date == date(2027, 3, 2)
    assert read(raw.replace(b"+0100", b"-0800"), OPEN).return_date == date(2027, 2, 3)


CHALLENGES = [
    (
        "Please confirm your message",
        "I'm protecting myself from receiving junk email and spam. Your message is waiting for you to verify you are human.",
    ),
    (
        "Re: Quick question [verification required]",
        "Your message is being held until you complete the verification. Click here. SpamArrest",
    ),
    (
        "Votre message est en attente",
        "Mailinblack : votre message est en attente. Cliquez ici pour que votre message soit remis : vous authentifier.",
    ),
]


@pytest.mark.parametrize(("subject", "text"), CHALLENGES)
def test_a_challenge_is_a_challenge_even_as_a_report(subject, text):
    assert read(mail("noreply@guard.test", subject, text, "Auto-Submitted: auto-replied"), OPEN).kind is Kind.CHALLENGE
    head = "From: noreply@guard.test\nSubject: confirm\nReturn-Path: <>\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    body = f"--b\nContent-Type: text/plain; charset=utf-8\n\n{text}\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.test\nAction: failed\nStatus: 5.7.1\n--b--\n"
    assert read((head + body).encode(), OPEN).kind is Kind.CHALLENGE


@pytest.mark.parametrize(
    "text",
    [
        "This is an automated response. We will read your mail tomorrow.",
        "*** Automatic reply ***\nI am not here.",
        "Diese E-Mail wurde automatisch erstellt.",
        "Ceci est un message automatique.",
        "Este es un mensaje automático.",
        "Это автоматическое сообщение.",
        "本メールは自動送信です。",
    ],
)
def test_a_mail_that_begins_by_saying_that_it_is_automatic_is_believed(text):
    assert read(mail(ANN, "Re: Quick question", text), OPEN).kind is Kind.AUTO_REPLY


RECEIPT = "Thank you for your e-mail.\nI will endeavour to reply as soon as possible.\n\nAnn Example\n"


def test_words_of_receipt_are_a_machines_behind_a_null_path_and_else_a_persons():
    behind = read(mail(ANN, "Thank you for your e-mail", RECEIPT, "Return-Path: <>\nPrecedence: bulk"), OPEN)
    assert (behind.kind, behind.auto_kind) == (Kind.AUTO_REPLY, "ticket")
    for answers in (None, True):
        from_a_person = read(mail(ANN, "Thank you for your e-mail", RECEIPT, "Precedence: bulk"), ReadContext(answers_ours=answers))
        assert from_a_person.kind is Kind.HUMAN


GUARDED = (
    "Your message was received.\n\nThis account is protected by MailGuard. Please click on the link to have your address added to the\n"
    "recipient's allowed list.\n\nhttp://guard.test/v/1\n"
)


def test_a_challenge_behind_re_is_one_unless_it_stands_in_a_thread():
    assert read(mail(ANN, "RE: Quick question", GUARDED), OPEN).kind is Kind.CHALLENGE
    threaded = read(mail(ANN, "RE: Quick question", GUARDED, "In-Reply-To: <1@acme.test>"), ReadContext(answers_ours=True))
    assert threaded.kind is Kind.HUMAN
