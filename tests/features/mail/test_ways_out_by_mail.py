"""What arrives by mail, rule by rule of sequences.md §11: each has a mail that makes it answer and one that does not."""

from collections.abc import Callable, Iterator

import pytest

from features.mail.arriving import (
    ANN,
    BOSS,
    DAY,
    HOME,
    HOUR,
    OFF,
    ON,
    arrives,
    barred,
    begin,
    bounced,
    further,
    invited,
    kinds,
    noted,
    outcome,
    wrote,
)
from make import MONDAY, REP, Small, make_small
from segue.domain.sequence import Criteria
from segue.features.mail import aliases
from segue.features.mail.mail_rules import MailRules, set_mail_rules
from world import letters


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


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


def test_with_the_switch_off_no_mail_of_a_person_ends_anything(small: Small) -> None:
    """SEQ-43: criteria NONE; bounces are no mail of a person."""
    first = begin(small, stop_on_email=Criteria.NONE)
    arrives(small, wrote(ANN, answers=first))
    arrives(small, wrote(ANN, "Something else."))
    assert outcome(small) == ON
    arrives(small, bounced(first, "5.1.1", "550 5.1.1 user unknown"))
    assert outcome(small) == ("unenrolled", "BOUNCED")
