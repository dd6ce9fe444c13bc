"""What arrives by mail, rule by rule of sequences.md §11: each has a mail that makes it answer and one that does not."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from make import MONDAY, REP, Small, email, make_small, sequence
from segue.domain.sequence import CompanyAction, CompanyScope, Criteria, Scope
from segue.features.mail import aliases
from segue.features.mail.mail_rules import MailRules, set_mail_rules
from world import letters

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ANN, BEN, HOME, BOSS = "ann@prospect.test", "ben@prospect.test", "ann@home.test", "boss@prospect.test"
FLOW = (email("a", subject="Hi"), email("b", "Again", after=2 * DAY), email("c", "Last", after=2 * DAY))


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small: Small, **settings: Any) -> bytes:
    """Enroll Ann, whose mailbox host signs for what it receives, let the first mail go, and return it as she has it."""
    small.sql('UPDATE mailboxes SET settings = settings || \'{"imap_host": "imap.gmail.com"}\' WHERE workspace_id = %(ws)s')
    small.enroll(small.add_sequence(sequence(*FLOW, **settings)), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    [first] = small.sent_to(ANN)
    return bytes(first.wire)


def arrives(small: Small, raw: bytes, *, to: str = REP, mailbox: int | None = None) -> None:
    small.world.deliver(to, raw)
    small.engine.read(small.workspace_id, mailbox or small.mailbox_id)


def wrote(sender: str, text: str = "Tell me more.", *, answers: bytes = b"", host: str = "", **headers: str) -> bytes:
    """A person's mail. `host`: what the mailbox's host found out about its From."""
    raw = letters.person_mail(7, MONDAY, sender, REP, text, answers=answers)
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    if host:
        more["Authentication-Results"] = f"mx.google.com; dmarc={host} header.from={sender.partition('@')[2]}"
    return "".join(f"{name}: {value}\r\n" for name, value in more.items()).encode() + raw


def noted(sender: str, text: str, *, answers: bytes = b"", host: str = "") -> bytes:
    return wrote(sender, text, answers=answers, host=host, Auto_Submitted="auto-replied")


def invited(sender: str, partstat: str, *, typed: str = "", host: str = "", created: str = "") -> bytes:
    """The answer to an invitation, as calendars send it."""
    boundary = "=_cal"
    lines = [
        f"Authentication-Results: mx.google.com; dmarc={host or 'pass'} header.from={sender.partition('@')[2]}",
        f"From: {sender}",
        f"To: {REP}",
        f"Subject: {partstat.title()}: A talk",
        "Message-ID: <cal-1@prospect.test>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
        "",
        f"--{boundary}",
        "Content-Type: text/plain; charset=utf-8",
        "",
        typed,
        f"--{boundary}",
        "Content-Type: text/calendar; method=REPLY; charset=utf-8",
        "",
        "BEGIN:VCALENDAR",
        "METHOD:REPLY",
        "BEGIN:VEVENT",
        "UID:1",
        *([f"CREATED:{created}"] if created else []),
        f"ATTENDEE;PARTSTAT={partstat}:mailto:{sender}",
        "END:VEVENT",
        "END:VCALENDAR",
        f"--{boundary}--",
        "",
    ]
    return "\r\n".join(lines).encode()


def outcome(small: Small, who: str = ANN) -> tuple[str, str]:
    """State, and the reason or the kind of pause."""
    row = small.state(who)
    return row["state"], row["reason"] or row["pause_kind"]


def kinds(small: Small) -> list[str]:
    return [row["kind"] for row in small.sql("SELECT kind FROM events WHERE workspace_id = %(ws)s ORDER BY id")]


def barred(small: Small) -> list[str]:
    return [row["value"] for row in small.sql("SELECT value FROM suppressions WHERE workspace_id = %(ws)s ORDER BY value")]


def further(small: Small) -> list[str]:
    [row] = small.sql("SELECT other_addresses FROM contacts WHERE workspace_id = %(ws)s AND email = 'ann@prospect.test'")
    return list(row["other_addresses"])


ON, OFF = ("active", ""), ("paused", "review")
Write = Callable[[bytes], bytes]
CASES: dict[str, tuple[Write, tuple[str, str], list[str]]] = {
    "SEQ-149 whoever answers our mail": (lambda first: wrote(BOSS, answers=first), ("unenrolled", "REPLIED"), []),
    "SEQ-149 but not a stranger who answers nothing": (lambda first: wrote(BOSS), ON, []),
    "SEQ-150 mail from the enrolled address": (lambda first: wrote(ANN, host="pass"), ("unenrolled", "CONTACT_EMAILED"), []),
    "SEQ-150 its capitals do not matter": (lambda first: wrote("Ann@Prospect.TEST"), ("unenrolled", "CONTACT_EMAILED"), []),
    "MAIL-62 but not what it writes to a mailing list": (
        lambda first: wrote(ANN, host="pass", List_Id="<talk.lists.test>", List_Post="<mailto:talk@lists.test>").replace(
            f"To: {REP}".encode(), b"To: talk@lists.test"
        ),
        ON,
        [],
    ),
    "SEQ-154 a note that she has left": (
        lambda first: noted(ANN, "Ann is no longer with the company. Please write to carl@prospect.test.", answers=first),
        ("unenrolled", "ADDRESS_RETIRED"),
        [],
    ),
    "SEQ-154 but not that somebody else has": (
        lambda first: noted("carl@else.test", "Carl is no longer with the company.", answers=first),
        OFF,
        [],
    ),
    "SEQ-154 nor that her mail was received": (
        lambda first: noted(ANN, "Your request has been received. Ticket 4711.", answers=first),
        ON,
        [],
    ),
    "SEQ-155 an accepted invitation": (lambda first: invited(ANN, "ACCEPTED"), ("unenrolled", "MEETING_BOOKED"), []),
    "SEQ-155 but not a declined one": (lambda first: invited(ANN, "DECLINED"), ON, []),
    "SEQ-155 nor a tentative one": (lambda first: invited(ANN, "TENTATIVE"), ON, []),
    "SEQ-155 but a declined one with words": (
        lambda first: invited(ANN, "DECLINED", typed="I have no time, try my colleague."),
        ("unenrolled", "CONTACT_EMAILED"),
        [],
    ),
    "SEQ-163 nor one to a meeting made before": (lambda first: invited(ANN, "ACCEPTED", created="20200101T080000Z"), ON, []),
    "SEQ-156 words that opt out, in a reply": (
        lambda first: wrote(ANN, "Please remove me from your list.", answers=first),
        ("unenrolled", "REPLIED"),
        [ANN],
    ),
    "SEQ-156 but not in what is quoted": (
        lambda first: wrote(ANN, "Yes.\r\n\r\nOn Mon, 11 Jan 2027, Rita wrote:\r\n> unsubscribe me", answers=first),
        ("unenrolled", "REPLIED"),
        [],
    ),
    "SEQ-156, S15 nor in a reply of somebody else": (
        lambda first: wrote(BOSS, "Please remove me from your list.", answers=first),
        ("unenrolled", "REPLIED"),
        [],
    ),
    "SEQ-157 a mail whose From the host calls forged": (lambda first: wrote(ANN, host="fail"), OFF, []),
    "SEQ-157 but not if it names our mail": (lambda first: wrote(ANN, answers=first, host="fail"), ("unenrolled", "REPLIED"), []),
    "S15 a forged wish to hear no more bars nobody": (lambda first: wrote(ANN, "Unsubscribe me.", host="fail"), OFF, []),
    "S15 a forged note that she has left": (lambda first: noted(ANN, "I am no longer with the company.", host="fail"), OFF, []),
    "S15 a forged note of absence": (lambda first: noted(ANN, "I am out of the office until 25 January.", host="fail"), OFF, []),
    "S15 a forged accepted invitation": (lambda first: invited(ANN, "ACCEPTED", host="fail"), OFF, []),
    "S16 a notice that quotes an id we never gave": (
        lambda first: letters.delivery_notice(
            7, MONDAY, REP, ANN, action="failed", returned=b"Message-ID: <x@y.test>\r\nTo: " + ANN.encode() + b"\r\n\r\n"
        ),
        OFF,
        [],
    ),
    "S16 a notice about somebody else that quotes our mail": (
        lambda first: letters.delivery_notice(7, MONDAY, REP, "zoe@else.test", action="failed", returned=first),
        ON,
        [],
    ),
    "SEQ-167 a notice about nobody we know": (
        lambda first: letters.delivery_notice(7, MONDAY, REP, "zoe@else.test", action="failed"),
        ON,
        [],
    ),
    "a complaint that quotes no mail of ours": (lambda first: letters.complaint(7, MONDAY, REP, b"Message-ID: <x@y.test>\r\n\r\n"), ON, []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mail_does_what_its_rule_says(small: Small, case: str) -> None:
    write, ends, suppressed = CASES[case]
    arrives(small, write(begin(small)))
    assert (outcome(small), barred(small)) == (ends, suppressed)
    small.run_until(MONDAY + 3 * DAY)
    assert len(small.sent_to(ANN)) == (2 if ends == ON else 1)


def test_a_successor_is_shown_on_the_enrollment_and_the_timeline(small: Small) -> None:
    """SEQ-154, SEQ-138: with the words that decided."""
    arrives(small, noted(ANN, "Ann is no longer with the company. Please write to carl@prospect.test.", answers=begin(small)))
    assert small.state(ANN)["reason_detail"] == "left: no longer with the company; named instead: carl@prospect.test"
    [told] = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'auto_reply_received'")
    assert told["data"]["successor"] == "carl@prospect.test"


@pytest.mark.parametrize(("rules", "shown"), [(MailRules(), False), (MailRules(log_alias_mail=True), True)], ids=["hidden", "shown"])
def test_mail_from_an_alias_ends_the_enrollment_and_stands_on_the_timeline_only_if_asked_for(
    small: Small, rules: MailRules, shown: bool
) -> None:
    """SEQ-151, SEQ-152."""
    begin(small)
    small.sql("UPDATE contacts SET other_addresses = '{ann@home.test}' WHERE workspace_id = %(ws)s")
    with small.db.tx(small.workspace_id) as tx:
        set_mail_rules(tx, rules)
    arrives(small, wrote(HOME))
    assert outcome(small) == ("unenrolled", "ALIAS_EMAILED")
    assert ("contact_wrote" in kinds(small), "enrollment_ended" in kinds(small)) == (shown, True)


@pytest.mark.parametrize(("any_user", "ends"), [(False, ON), (True, ("unenrolled", "CONTACT_EMAILED"))])
def test_mail_to_another_users_mailbox_counts_only_if_asked_for(small: Small, any_user: bool, ends: tuple[str, str]) -> None:
    """SEQ-150 `unrelatedScope`."""
    begin(small)
    with small.db.tx(small.workspace_id) as tx:
        set_mail_rules(tx, MailRules(unrelated_any_user=any_user))
    _, other = small.add_rep("pete@acme.test")
    arrives(small, wrote(ANN).replace(REP.encode(), b"pete@acme.test"), to="pete@acme.test", mailbox=other)
    assert outcome(small) == ends


def test_words_that_opt_out_can_be_made_a_reply_like_any_other(small: Small) -> None:
    """SEQ-156: switchable."""
    first = begin(small)
    with small.db.tx(small.workspace_id) as tx:
        set_mail_rules(tx, MailRules(opt_out_words=False))
    arrives(small, wrote(ANN, "Please remove me from your list.", answers=first))
    assert (outcome(small), barred(small)) == (("unenrolled", "REPLIED"), [])


def test_an_address_that_answers_is_learnt_if_its_host_vouches_for_it_and_can_be_forgotten(small: Small) -> None:
    """MAIL-78: shown on the timeline; taken back for good; never taken from another contact."""
    first = begin(small)
    arrives(small, wrote(HOME, "Not verified.", answers=first))
    assert further(small) == []
    arrives(small, wrote(HOME, "This is my private address.", answers=first, host="pass"))
    assert (further(small), kinds(small).count("alias_learnt")) == ([HOME], 1)
    with small.db.tx(small.workspace_id) as tx:
        assert aliases.list_aliases(tx, ANN) == [HOME]
        aliases.forget(tx, ANN, HOME)
    arrives(small, wrote(HOME, "And once more.", answers=first, host="pass"))
    assert further(small) == []
    small.add_contact(BOSS)
    arrives(small, wrote(BOSS, "I am somebody else.", answers=first, host="pass"))
    assert further(small) == []


def test_the_first_reason_stays_and_what_comes_later_is_only_told(small: Small) -> None:
    """SEQ-144."""
    first = begin(small)
    arrives(small, wrote(ANN, answers=first))
    arrives(small, letters.delivery_notice(8, MONDAY, REP, ANN, action="failed", returned=first))
    assert outcome(small) == ("unenrolled", "REPLIED")
    assert (kinds(small).count("enrollment_ended"), kinds(small).count("bounce_received")) == (1, 1)
    assert barred(small) == [ANN]


def test_mail_from_before_the_enrollment_ends_nothing(small: Small) -> None:
    """SEQ-145: the first look at a mailbox finds older mail."""
    small.world.deliver(REP, wrote(ANN))
    small.run_until(MONDAY + HOUR)
    begin(small)
    small.run_until(MONDAY + 2 * HOUR)
    assert outcome(small) == ON


def test_mail_from_a_connected_mailbox_is_never_the_contacts(small: Small) -> None:
    """sequences.md §11.2: a colleague of the rep, who is a contact as well."""
    small.add_rep("pete@acme.test")
    small.sql("UPDATE contacts SET email = email WHERE workspace_id = %(ws)s")
    first = begin(small)
    arrives(small, wrote("pete@acme.test", answers=first))
    assert outcome(small) == ON


def bounced(first: bytes, status: str, words: str) -> bytes:
    raw = letters.delivery_notice(7, MONDAY, REP, ANN, action="failed", returned=first)
    lines = raw.split(b"\r\n")
    return b"\r\n".join(
        f"Status: {status}".encode()
        if line.startswith(b"Status:")
        else f"Diagnostic-Code: smtp; {words}".encode()
        if line.startswith(b"Diagnostic-Code:")
        else line
        for line in lines
    )


CLASSES = {
    "SEQ-165 unknown user": ("5.1.1", "550 5.1.1 user unknown", ("unenrolled", "BOUNCED"), [ANN]),
    "SEQ-166 mailbox full": ("5.2.2", "552 5.2.2 mailbox full", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 restricted": ("5.7.133", "550 5.7.133 sender not authenticated for group", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 too large": ("5.3.4", "552 5.3.4 message too large", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 gave up": ("4.4.1", "connection timed out", ("unenrolled", "BOUNCED"), []),
    "SEQ-166 blocked": ("5.7.1", "554 5.7.1 blocked using zen.spamhaus.org", OFF, []),
    "SEQ-166 not understood": ("5.0.0", "554 transaction failed", ("unenrolled", "BOUNCED"), []),
}


@pytest.mark.parametrize("case", CLASSES)
def test_a_notice_does_what_its_class_says_and_only_a_dead_address_is_barred(small: Small, case: str) -> None:
    status, words, ends, suppressed = CLASSES[case]
    arrives(small, bounced(begin(small), status, words))
    assert (outcome(small), barred(small)) == (ends, suppressed)


def test_a_refusal_for_policy_marks_the_contact_for_thirty_days(small: Small) -> None:
    """SEQ-166: OTHER_SEND_REJECTED, and then no more."""
    arrives(small, bounced(begin(small), "5.7.1", "554 5.7.1 blocked using zen.spamhaus.org"))
    contact = small.state(ANN)["contact_id"]
    small.sql("UPDATE enrollments SET state = 'unenrolled', reason = 'MANUAL', due_at = NULL, ended_at = now() WHERE workspace_id = %(ws)s")
    second = small.add_sequence(sequence(*FLOW, name="Second"))
    assert [each.code for each in small.enroll(second, [contact]).refused] == ["OTHER_SEND_REJECTED"]
    small.clock.advance(31 * DAY)
    assert small.enroll(second, [contact]).enrolled == 1


def test_a_notice_about_an_earlier_mail_still_counts_after_the_next_has_gone(small: Small) -> None:
    """MAIL-71."""
    first = begin(small)
    small.run_until(MONDAY + 3 * DAY)
    assert len(small.sent_to(ANN)) == 2
    arrives(small, bounced(first, "5.1.1", "550 5.1.1 user unknown"))
    assert (outcome(small), barred(small)) == (("unenrolled", "BOUNCED"), [ANN])


def test_a_notice_about_a_mail_of_more_than_thirty_days_ago_changes_nothing(small: Small) -> None:
    """SEQ-167, S16."""
    flow = (email("a", subject="Hi"), email("b", "Again", after=60 * DAY))
    small.enroll(small.add_sequence(sequence(*flow)), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    [first] = small.sent_to(ANN)
    small.clock.advance(31 * DAY)
    arrives(small, bounced(bytes(first.wire), "5.1.1", "550 5.1.1 user unknown"))
    assert (outcome(small), barred(small)) == (ON, [])


def whole_company(small: Small, **settings: Any) -> bytes:
    """Ann and Ben of one company in a sequence that reacts to colleagues; returns what Ann got."""
    ann, ben = small.add_contact(ANN), small.add_contact(BEN)
    small.sql("INSERT INTO companies (workspace_id, domain, created_at, updated_at) VALUES (%(ws)s, 'prospect.test', now(), now())")
    small.sql("UPDATE contacts SET company_id = (SELECT id FROM companies WHERE workspace_id = %(ws)s) WHERE workspace_id = %(ws)s")
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
    ann, ben = small.add_contact(ANN), small.add_contact(BEN)
    small.sql("INSERT INTO companies (workspace_id, domain, created_at, updated_at) VALUES (%(ws)s, 'prospect.test', now(), now())")
    small.sql("UPDATE contacts SET company_id = (SELECT id FROM companies WHERE workspace_id = %(ws)s) WHERE workspace_id = %(ws)s")
    settings = {"email_scope": Scope.ACCOUNT_BASED, "company_scope": scope}
    small.enroll(small.add_sequence(sequence(*FLOW, name="One", **settings)), [ann])
    small.enroll(small.add_sequence(sequence(*FLOW, name="Two", **settings)), [ben])
    small.run_until(MONDAY + HOUR)
    arrives(small, wrote(ANN, answers=bytes(small.sent_to(ANN)[0].wire)))
    assert outcome(small, BEN) == ends


def test_with_the_switch_off_no_mail_of_a_person_ends_anything(small: Small) -> None:
    """SEQ-43: criteria NONE; bounces are no mail of a person."""
    first = begin(small, stop_on_email=Criteria.NONE)
    arrives(small, wrote(ANN, answers=first))
    arrives(small, wrote(ANN, "Something else."))
    assert outcome(small) == ON
    arrives(small, bounced(first, "5.1.1", "550 5.1.1 user unknown"))
    assert outcome(small) == ("unenrolled", "BOUNCED")
