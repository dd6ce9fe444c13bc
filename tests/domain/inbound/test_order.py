"""The order of MAIL-61 is a contract: what goes first is judged first, and each class is what it is."""

from datetime import UTC, datetime

import pytest

from corpora.make_mail import KEY, ORIGINAL_ID, OURS, RETURNED, mail, report
from segue.domain.inbound import Kind, ReadContext, read

ANN = "Ann Example <ann@prospect.test>"
TOKEN = "k3y-9f8e7d6c5b4a39281706f5e4d3c2b1a0"
US = ReadContext(
    own_addresses=frozenset({OURS}), own_keys_or_ids=frozenset({ORIGINAL_ID, KEY}), is_unsubscribe_token=lambda token: token == TOKEN
)


def multipart(kind, *parts, headers=""):
    head = f"From: {ANN}\nTo: {OURS}\nSubject: Re: x\nDate: Mon, 11 Jan 2027 10:02:00 +0100\n{headers}MIME-Version: 1.0\nContent-Type: {kind}; boundary=b\n\n"
    return (head + "".join(f"--b\n{part}\n" for part in parts) + "--b--\n").encode()


def test_mail_from_our_own_mailbox_is_ours_before_anything_else():
    raw = mail(OURS, "Automatic reply: out of office", "unsubscribe", "Auto-Submitted: auto-replied")
    assert read(raw, US).kind is Kind.OWN


def test_our_own_copy_is_known_by_its_id_or_key_whatever_from_says():
    assert (
        read(RETURNED.replace("@R", "ann@prospect.test").encode(), ReadContext(own_keys_or_ids=frozenset({ORIGINAL_ID}))).kind is Kind.OWN
    )
    assert (
        read(RETURNED.replace("@R", "ann@prospect.test").encode(), ReadContext(own_keys_or_ids=lambda value: value == KEY)).kind is Kind.OWN
    )


def test_an_answer_that_carries_our_key_is_still_an_answer():
    raw = mail(ANN, "Re: Quick question", "Yes, call me.", f"X-Segue-Key: {KEY}\nIn-Reply-To: {ORIGINAL_ID}")
    assert read(raw, US).kind is Kind.HUMAN


def test_a_valid_token_unsubscribes_whoever_sends_it_and_an_invalid_one_does_not():
    good = read(mail("stranger@else.test", f"unsubscribe {TOKEN}", "", "Auto-Submitted: auto-generated"), US)
    assert (good.kind, good.opt_out, good.unsubscribe_token) == (Kind.UNSUBSCRIBE, True, TOKEN)
    assert read(mail("stranger@else.test", f"unsubscribe {TOKEN[:-1]}x", "hello"), US).kind is Kind.HUMAN


def test_a_notice_goes_before_an_automatic_reply():
    rows = "Final-Recipient: rfc822; @R\nAction: failed\nStatus: 5.1.1"
    assert read(report("MAILER-DAEMON@far.test", "Undelivered Mail Returned to Sender", "Failed.", rows), US).kind is Kind.BOUNCE


@pytest.mark.parametrize(("feedback", "kind"), [("abuse", Kind.COMPLAINT), ("fraud", Kind.COMPLAINT), ("not-spam", Kind.RECEIPT)])
def test_a_feedback_report_is_a_complaint_unless_it_says_not_spam(feedback, kind):
    raw = multipart(
        "multipart/report; report-type=feedback-report",
        "Content-Type: text/plain\n\nThis is an email abuse report.",
        f"Content-Type: message/feedback-report\n\nFeedback-Type: {feedback}\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: ann@prospect.test\n",
        f"Content-Type: message/rfc822\n\n{RETURNED}",
    )
    verdict = read(raw, US)
    assert (verdict.kind, verdict.opt_out) == (kind, kind is Kind.COMPLAINT)
    assert ORIGINAL_ID in verdict.quoted_ids


def test_a_read_receipt_is_a_receipt():
    raw = multipart(
        "multipart/report; report-type=disposition-notification",
        "Content-Type: text/plain\n\nYour message was read.",
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;ann@prospect.test\nDisposition: manual-action/MDN-sent-manually; displayed\n",
    )
    assert read(raw, US).kind is Kind.RECEIPT
    assert (
        read(mail(ANN, "Read: Quick question", "Your message\n\nTo: Ann\nSubject: Quick question\n\nwas read on Monday."), US).kind
        is Kind.RECEIPT
    )


def calendar(partstat, text, method="REPLY", comment=""):
    event = f"BEGIN:VCALENDAR\nMETHOD:{method}\nBEGIN:VEVENT\nATTENDEE;CN=Ann;PARTSTAT={partstat}:mailto:ann@prospect.test\n{comment}END:VEVENT\nEND:VCALENDAR\n"
    return multipart(
        "multipart/alternative",
        f"Content-Type: text/plain\n\n{text}",
        f"Content-Type: text/calendar; method={method}; charset=utf-8\n\n{event}",
    )


@pytest.mark.parametrize(
    ("raw", "kind", "partstat"),
    [
        (calendar("ACCEPTED", "Ann has accepted this invitation."), Kind.CALENDAR, "ACCEPTED"),
        (calendar("ACCEPTED", "See you then!"), Kind.CALENDAR, "ACCEPTED"),
        (calendar("DECLINED", "Ann Example has declined this invitation.\nWhen: Monday\n"), Kind.CALENDAR, "DECLINED"),
        (calendar("TENTATIVE", ""), Kind.CALENDAR, "TENTATIVE"),
        (calendar("DECLINED", "I am in Rome that day, could we do Friday?"), Kind.HUMAN, "DECLINED"),
        (calendar("TENTATIVE", "", comment="COMMENT:Only after lunch\n"), Kind.HUMAN, "TENTATIVE"),
        (calendar("TENTATIVE", "", method="COUNTER"), Kind.HUMAN, "TENTATIVE"),
        (calendar("NEEDS-ACTION", "Please come.", method="REQUEST"), Kind.HUMAN, ""),
    ],
)
def test_calendar_answers_stop_only_with_typed_words(raw, kind, partstat):
    verdict = read(raw, US)
    assert (verdict.kind, verdict.partstat) == (kind, partstat)


LIST = "List-Id: <pumps.list.test>\nList-Post: <mailto:pumps@list.test>"


def test_list_traffic_that_does_not_name_us_is_no_contact():
    raw = mail(ANN, "Re: pump question", "I use brand X.", LIST).replace(f"To: {OURS}".encode(), b"To: pumps@list.test")
    verdict = read(raw, US)
    assert (verdict.kind, verdict.list_id) == (Kind.LIST, "pumps.list.test")
    assert read(mail(ANN, "Re: pump question", "Bob, I use brand X.", LIST), US).kind is Kind.HUMAN
    answering = raw.replace(b"Subject:", f"In-Reply-To: {ORIGINAL_ID}\nSubject:".encode())
    assert read(answering, US).kind is Kind.HUMAN


def test_who_does_not_know_our_addresses_calls_list_traffic_a_person():
    raw = mail(ANN, "Re: pump question", "I use brand X.", LIST)
    assert read(raw, ReadContext()).kind is Kind.HUMAN


def test_opt_out_words_in_the_new_text_are_a_persons_reply_that_opts_out():
    verdict = read(mail(ANN, "Re: Quick question", "Please remove me from your list."), US)
    assert (verdict.kind, verdict.rule, verdict.opt_out, verdict.intent) == (Kind.HUMAN, "MAIL-61.7", True, "unsubscribe")


def test_what_cannot_be_read_is_a_person_marked():
    verdict = read(b"", US)
    assert (verdict.kind, verdict.undecided) == (Kind.HUMAN, True)


def test_the_facts_of_a_mail_are_told():
    raw = mail(
        '"Example, Ann" <Ann@Prospect.test>',
        "Re: Größe",
        "Ja.",
        f"In-Reply-To: {ORIGINAL_ID}\nReferences: <a@acme.test>\n {ORIGINAL_ID}\nCc: Carl <carl@prospect.test>",
    )
    verdict = read(raw, US)
    assert (verdict.sender, verdict.sender_name, verdict.subject) == ("ann@prospect.test", "Example, Ann", "Re: Größe")
    assert verdict.recipients == (OURS, "carl@prospect.test")
    assert verdict.in_reply_to == (ORIGINAL_ID,)
    assert verdict.references == ("<a@acme.test>", ORIGINAL_ID)
    assert verdict.date == datetime(2027, 1, 11, 9, 2, tzinfo=UTC)


def test_the_hash_survives_a_move_between_servers_and_tells_different_mail_apart():
    one = mail(ANN, "Re: x", "Yes.")
    moved = b"Received: from other.test\nX-Moved: 1\n" + one.replace(b"\n", b"\r\n")
    assert read(one, US).content_hash == read(moved, US).content_hash
    assert read(one, US).content_hash != read(one.replace(b"Yes.", b"No."), US).content_hash
