"""Every way in which what arrives ends or holds an enrollment, from the raw mail to the row (sequences.md §11)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from make import MONDAY, REP, Small, answer, email, make_small, sequence
from segue.domain.events import ReplyReceived
from world import letters

DAY = timedelta(days=1)
ANN = "ann@prospect.test"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small: Small) -> bytes:
    """Enroll Ann, let the first of three mails go, and return it as she has it."""
    flow = sequence(email("a", subject="Hi"), email("b", "Again", after=2 * DAY), email("c", "Last", after=2 * DAY))
    contact = small.add_contact(ANN)
    with small.db.tx(small.workspace_id) as tx:
        tx.run("UPDATE contacts SET other_addresses = '{ann@home.test}' WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": contact})
    small.enroll(small.add_sequence(flow), [contact])
    small.run_until(MONDAY + timedelta(hours=1))
    [first] = small.sent_to(ANN)
    return bytes(first.wire)


def arrives(small: Small, raw: bytes) -> None:
    """Deliver a mail to the rep and read the inbox."""
    small.world.deliver(REP, raw)
    small.engine.read(small.workspace_id, small.mailbox_id)


def kinds(small: Small) -> list[str]:
    rows = small.sql("SELECT kind FROM events WHERE workspace_id = %(ws)s ORDER BY id")
    return [row["kind"] for row in rows]


def person(sender: str, text: str = "Tell me more.", *, answers: bytes = b"") -> bytes:
    return letters.person_mail(7, MONDAY, sender, REP, text, answers=answers)


WAYS = {
    "a reply (SEQ-148)": (lambda first: person(ANN, answers=first), "REPLIED"),
    "a reply from another address (SEQ-149)": (lambda first: person("boss@prospect.test", answers=first), "REPLIED"),
    "other mail of the contact (SEQ-150)": (lambda first: person(ANN), "CONTACT_EMAILED"),
    "mail from an alias (SEQ-151)": (lambda first: person("ann@home.test"), "ALIAS_EMAILED"),
    "words that opt out, in a reply (SEQ-156)": (
        lambda first: answer(first, sender=ANN, text="Please unsubscribe me from your mails."),
        "REPLIED",
    ),
    "a bounce that quotes our mail (SEQ-165)": (
        lambda first: letters.delivery_notice(7, MONDAY, REP, ANN, action="failed", returned=first),
        "BOUNCED",
    ),
    "a complaint (SPAM_COMPLAINT)": (lambda first: letters.complaint(7, MONDAY, REP, first), "SPAM_COMPLAINT"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_enrollment_ends_once_for_the_right_reason_and_no_mail_follows(small: Small, way: str) -> None:
    write, reason = WAYS[way]
    raw = write(begin(small))
    arrives(small, raw)
    after = small.state(ANN)
    assert (after["state"], after["reason"], after["due_at"]) == ("unenrolled", reason, None)
    arrives(small, raw.replace(b"Tell me more", b"One more thing"))
    small.run_until(MONDAY + 7 * DAY)
    assert small.state(ANN)["reason"] == reason
    assert len(small.sent_to(ANN)) == 1
    assert kinds(small).count("enrollment_ended") == 1


@pytest.mark.parametrize(
    "way", ["words that opt out, in a reply (SEQ-156)", "a bounce that quotes our mail (SEQ-165)", "a complaint (SPAM_COMPLAINT)"]
)
def test_what_is_proven_bars_the_address(small: Small, way: str) -> None:
    """S16, SEQ-156: nobody can enroll it again."""
    arrives(small, WAYS[way][0](begin(small)))
    report = small.enroll(small.add_sequence(sequence(email("a", subject="Hi"), name="Second")), [small.state(ANN)["contact_id"]])
    assert (report.enrolled, len(report.refused)) == (0, 1)


def test_a_bounce_matched_by_address_alone_asks_a_person_and_suppresses_nothing(small: Small) -> None:
    """MAIL-70, SEQ-130."""
    begin(small)
    arrives(small, letters.delivery_notice(7, MONDAY, REP, ANN, action="failed"))
    after = small.state(ANN)
    assert (after["state"], after["pause_kind"], after["resume_at"]) == ("paused", "review", None)
    assert small.sql("SELECT 1 FROM suppressions WHERE workspace_id = %(ws)s") == []
    small.run_until(MONDAY + 7 * DAY)
    assert len(small.sent_to(ANN)) == 1


def test_a_delay_notice_changes_nothing(small: Small) -> None:
    """MAIL-66."""
    first = begin(small)
    arrives(small, letters.delivery_notice(7, MONDAY, REP, ANN, action="delayed", returned=first))
    small.run_until(MONDAY + 2 * DAY)
    assert (small.state(ANN)["state"], len(small.sent_to(ANN))) == ("active", 2)


def test_a_note_of_absence_holds_until_the_day_it_names(small: Small) -> None:
    """SEQ-129: the rest of the delay is served after the return; nothing ends."""
    first = begin(small)
    text = "I am out of the office. I will be back on 25 January 2027."
    arrives(small, letters.away_mail(7, MONDAY, ANN, REP, text, answers=first))
    held = small.state(ANN)
    assert (held["state"], held["pause_kind"]) == ("paused", "away")
    assert held["resume_at"].isoformat() == "2027-01-25T08:00:00+00:00"
    small.run_until(MONDAY + 13 * DAY)
    assert len(small.sent_to(ANN)) == 1
    small.run_until(MONDAY + 17 * DAY)
    assert (small.state(ANN)["state"], len(small.sent_to(ANN))) == ("active", 2)


def test_a_mail_of_a_stranger_changes_nothing(small: Small) -> None:
    begin(small)
    arrives(small, person("somebody@else.test"))
    assert small.state(ANN)["state"] == "active"
    [row] = small.sql("SELECT raw, new_text FROM inbound_messages WHERE workspace_id = %(ws)s")
    assert (row["raw"], row["new_text"]) == (None, "")  # MAIL-60


def test_the_same_mail_read_again_after_a_reset_has_no_second_effect(small: Small) -> None:
    """S14: UIDVALIDITY changes, everything is read again."""
    arrives(small, person(ANN, answers=begin(small)))
    small.world.reset_uid_validity(REP)
    small.engine.read(small.workspace_id, small.mailbox_id)
    assert kinds(small).count("reply_received") == 1
    arrives(small, person("somebody@else.test"))
    assert len(small.sql("SELECT DISTINCT message_id FROM inbound_messages WHERE workspace_id = %(ws)s")) == 2


def test_a_mail_that_cannot_be_judged_is_set_aside_after_three_tries_and_the_inbox_goes_on(small: Small) -> None:
    """MAIL-56, L4: what breaks is a reaction to the mail, so the mail is kept with its bytes."""
    first = begin(small)

    def broken(tx: object, event: object) -> None:
        raise ZeroDivisionError

    good, small.db.handlers = small.db.handlers, {**small.db.handlers, ReplyReceived: (broken,)}
    small.world.deliver(REP, person(ANN, answers=first))
    small.world.deliver(REP, letters.person_mail(8, MONDAY, "x@else.test", REP, "Hello"))
    reports = [small.engine.read(small.workspace_id, small.mailbox_id) for _ in range(3)]
    assert [report.complete for report in reports] == [False, False, True]
    [row] = small.sql("SELECT tries, released, raw FROM quarantine WHERE workspace_id = %(ws)s")
    assert (row["tries"], row["released"], b"Tell me more" in bytes(row["raw"])) == (3, True, True)
    assert len(small.sql("SELECT 1 FROM inbound_messages WHERE workspace_id = %(ws)s AND sender = 'x@else.test'")) == 1
    assert "mail_quarantined" in kinds(small)
    small.db.handlers = good
