"""A notice is recognised in the forms of all mail systems, and only a dead address is called dead (MAIL-64 to MAIL-68)."""

import pytest

from corpora.make_mail import KEY, ORIGINAL_ID, OURS, RETURNED, blocks, mail, report
from corpora.notices import NOTICES, RECIPIENT
from corpora.notices_gateways import GATEWAYS
from corpora.notices_localised import EXCHANGE, WORDS
from corpora.notices_short import SHORT
from segue.domain.inbound import Kind, ReadContext, read

SYSTEMS = blocks(NOTICES) + blocks(GATEWAYS)
OPEN = ReadContext()


def lines(table):
    return [tuple(part.strip() for part in line.split("|")) for line in table.strip().splitlines()]


def notice(rest, body, **how):
    sender, subject = (part.strip() for part in rest.split("|"))
    return mail(sender, subject, body.replace("@O", RETURNED).replace("@R", RECIPIENT), **how)


@pytest.mark.parametrize(("name", "rest", "body"), SYSTEMS, ids=[name.split()[0] for name, _, _ in SYSTEMS])
@pytest.mark.parametrize("how", [{}, {"encoding": "base64"}, {"encoding": "quoted-printable", "kind": "text/plain; charset=iso-8859-1"}])
def test_every_mail_system_is_understood(name, rest, body, how):
    verdict = read(notice(rest, body, **how), OPEN)
    assert verdict.kind is Kind.BOUNCE, verdict.signals
    assert verdict.bounce.reason == name.split()[1]
    assert verdict.bounce.hard == (verdict.bounce.reason == "invalid")
    assert RECIPIENT in verdict.bounce.failed_recipients
    if "@O" in body:
        assert ORIGINAL_ID in verdict.bounce.original_message_ids
        assert KEY in verdict.segue_keys


@pytest.mark.parametrize(("name", "rest", "body"), SYSTEMS, ids=[name.split()[0] for name, _, _ in SYSTEMS])
def test_a_person_who_forwards_a_notice_is_a_person(name, rest, body):
    _, subject = (part.strip() for part in rest.split("|"))
    text = "Hi Bob,\n\nI got this, is your address wrong?\n\n---------- Forwarded message ---------\n" + body.replace("@O", RETURNED)
    verdict = read(mail("Ann Example <ann@prospect.test>", "Fwd: " + subject, text.replace("@R", OURS)), OPEN)
    assert verdict.kind is Kind.HUMAN, verdict.signals
    assert not verdict.opt_out


@pytest.mark.parametrize(("language", "subject", "opening"), lines(EXCHANGE), ids=[row[0] for row in lines(EXCHANGE)])
@pytest.mark.parametrize("sender", ["postmaster@prospect.test", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@prospect.test"])
def test_exchange_speaks_every_language(language, subject, opening, sender):
    page = f"<html><body><p><b>{opening}</b></p><p><a href='mailto:{RECIPIENT}'>{RECIPIENT}</a></p><p>Generating server: mail.prospect.test</p>"
    page += f"<p>{RECIPIENT}<br>#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##</p></body></html>"
    verdict = read(mail(sender, subject + " Quick question", page, "Return-Path: <>", kind="text/html", encoding="base64"), OPEN)
    assert (verdict.kind, verdict.bounce.reason, verdict.bounce.hard) == (Kind.BOUNCE, "invalid", True)
    assert RECIPIENT in verdict.bounce.failed_recipients


@pytest.mark.parametrize(("language", "reason", "subject", "text"), lines(WORDS), ids=[f"{row[0]}-{row[1]}" for row in lines(WORDS)])
@pytest.mark.parametrize(
    ("sender", "headers"), [("Mail Delivery System <MAILER-DAEMON@far.test>", ""), ("postmaster@far.test", "Return-Path: <>")]
)
def test_words_alone_tell_the_reason_in_every_language(language, reason, subject, text, sender, headers):
    verdict = read(mail(sender, subject, text.replace("@R", RECIPIENT), headers, encoding="quoted-printable"), OPEN)
    assert (verdict.kind, verdict.bounce.reason) == (Kind.BOUNCE, reason)


@pytest.mark.parametrize(("reason", "sender", "subject", "text"), [tuple(line.split(" | ")) for line in SHORT.strip().splitlines()])
def test_one_line_of_a_server_is_enough(reason, sender, subject, text):
    sender = sender.replace("@M", "Mail Delivery System <MAILER-DAEMON@far.test>")
    verdict = read(mail(sender, subject, text.replace("@R", RECIPIENT).replace("\\n", "\n")), OPEN)
    assert (verdict.kind, verdict.bounce.reason) == (Kind.BOUNCE, reason)


def judged(rows, text="This is the mail system at host mx.far.test.\n\nYour message could not be delivered.\n"):
    raw = report("Mail Delivery System <MAILER-DAEMON@far.test>", "Undelivered Mail Returned to Sender", text, rows)
    verdict = read(raw, OPEN)
    return verdict.kind, verdict.bounce.reason


@pytest.mark.parametrize(
    ("status", "diagnostic", "reason"),
    [
        ("5.1.1", "smtp; 550 5.1.1 <@R>: Recipient address rejected: User unknown", "invalid"),
        ("5.0.0", "smtp; 550 5.1.1 unknown", "invalid"),
        ("5.0.0", "smtp; 550 no such user here", "invalid"),
        ("5.1.2", "", "invalid"),
        ("5.1.10", "smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", "invalid"),
        ("5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied", "invalid"),
        ("5.4.1", "smtp; 550 5.4.1 no answer from host", "network"),
        ("5.2.1", "smtp; 550 5.2.1 The email account that you tried to reach is disabled", "invalid"),
        ("5.2.1", "smtp; 550 5.2.1 try another day", "unclear"),
        ("5.2.2", "smtp; 552 5.2.2 over", "full"),
        ("5.0.0", "smtp; 552 quota exceeded", "full"),
        ("5.2.3", "smtp; 552 5.2.3 length", "content"),
        ("5.3.4", "smtp; 552 5.3.4 too much", "content"),
        ("5.6.1", "", "content"),
        ("4.4.7", "smtp; 450 4.4.7 message expired", "network"),
        ("5.4.4", "", "invalid"),
        ("5.4.6", "smtp; routing loop detected", "network"),
        ("5.7.133", "", "restricted"),
        ("5.7.1", "smtp; 550 5.7.1 <@R>: Recipient address rejected: blocked by policy", "blocked"),
        ("5.7.1", "smtp; 550 5.7.1 <@R>: User unknown", "invalid"),
        ("5.7.26", "", "blocked"),
        ("5.7.515", "", "blocked"),
        ("5.7.708", "", "blocked"),
        ("5.1.8", "", "blocked"),
        ("5.5.0", "smtp; 550 5.5.0 refused", "unclear"),
        ("5.1.0", "", "unclear"),
        ("5.0.0", "smtp; 550 blocked: user unknown or blocked", "blocked"),
        ("4.1.1", "smtp; 450 4.1.1 <@R>: Recipient address rejected: User unknown", "network"),
        ("5.1.1", "smtp; 550 5.1.1 your ip is listed in dnsbl", "blocked"),
    ],
)
def test_the_code_in_the_diagnostic_goes_before_the_flattened_status(status, diagnostic, reason):
    rows = f"Final-Recipient: rfc822; @R\nAction: failed\nStatus: {status}\nDiagnostic-Code: {diagnostic}"
    assert judged(rows, "Your message could not be delivered.\n") == (Kind.BOUNCE, reason)


@pytest.mark.parametrize(
    ("action", "kind"), [("delayed", Kind.BOUNCE), ("relayed", Kind.RECEIPT), ("delivered", Kind.RECEIPT), ("expanded", Kind.RECEIPT)]
)
def test_action_comes_first_and_a_5xx_that_is_delayed_is_delayed(action, kind):
    rows = f"Final-Recipient: rfc822; @R\nAction: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 user unknown"
    assert judged(rows) == (kind, action)


def test_an_unknown_action_is_judged_by_its_status():
    rows = "Final-Recipient: rfc822; @R\nAction: completed\nStatus: 2.0.0"
    assert judged(rows) == (Kind.RECEIPT, "delivered")


def test_of_several_recipients_only_ours_counts():
    rows = "Final-Recipient: rfc822; other@prospect.test\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient: rfc822; @R\nAction: failed\nStatus: 5.2.2"
    raw = report("MAILER-DAEMON@far.test", "Undelivered Mail Returned to Sender", "It failed.", rows)
    verdict = read(raw, OPEN)
    assert (verdict.bounce.reason, verdict.bounce.hard) == ("full", False)
    assert {r.address: r.reason for r in verdict.bounce.recipients} == {"other@prospect.test": "invalid", RECIPIENT: "full"}


def test_a_report_that_a_person_attaches_is_no_notice():
    inner = report(
        "MAILER-DAEMON@far.test", "Undelivered", "Failed.", "Final-Recipient: rfc822; @R\nAction: failed\nStatus: 5.1.1"
    ).decode()
    body = f"--x\nContent-Type: text/plain\n\nPlease look at this.\n--x\nContent-Type: message/rfc822\n\n{inner}\n--x--\n"
    raw = f'From: Ann <ann@prospect.test>\nSubject: your mails\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="x"\n\n{body}'.encode()
    verdict = read(raw, OPEN)
    assert (verdict.kind, verdict.new_text) == (Kind.HUMAN, "Please look at this.")


def test_ids_are_found_in_base64_parts_and_pages():
    hidden = mail("MAILER-DAEMON@far.test", "failure notice", f"undeliverable\n\n{RETURNED}", encoding="base64")
    assert ORIGINAL_ID in read(hidden, OPEN).quoted_ids
    page = mail("MAILER-DAEMON@far.test", "failure notice", ORIGINAL_ID.replace("<", "&lt;").replace(">", "&gt;"), kind="text/html")
    assert ORIGINAL_ID in read(page, OPEN).quoted_ids


def test_the_subject_of_the_returned_mail_is_no_reason():
    body = "Your message\n\n  To: @R\n  Subject: spam blacklist blocked\n\ndid not reach the following recipient(s):\n\n@R\n    The recipient name is not recognized\n"
    verdict = read(notice("System Administrator <postmaster@prospect.test> | Undeliverable: spam blacklist blocked", body), OPEN)
    assert verdict.bounce.reason == "invalid"


@pytest.mark.parametrize("cut", range(200, 1400, 60))
def test_a_truncated_notice_never_kills_an_address_without_words(cut):
    rows = "Final-Recipient: rfc822; @R\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 mailbox full"
    raw = report("MAILER-DAEMON@far.test", "Undelivered Mail Returned to Sender", "Your message could not be delivered.", rows)[:cut]
    verdict = read(raw, OPEN)
    assert verdict.bounce is None or not verdict.bounce.hard
