"""What the outcome of a hand-off does to the enrollment, end to end (mail.md §5, SEQ-99, SEQ-104, SEQ-105)."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest

from make import MONDAY, REP, Small, email, make_small, sequence
from segue.domain.ids import MessageId
from segue.features.enrollments.react import pause_enrollments, resume_enrollments
from segue.features.enrollments.settle import decide_undecided
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.providers.mail.fake_world import Call, Fault, FaultKind
from segue.providers.mail.outcomes import Stage

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
ANN = "ann@prospect.test"
FLOW = sequence(email("a", subject="Hi"), email("b", after=2 * DAY))


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


@pytest.fixture
def plain(db_urls) -> Iterator[Small]:
    """A server that files no Sent copies: absence there proves nothing (H9)."""
    made = make_small(db_urls.app_url, files_sent_copies=False)
    yield made
    made.close()


def begin(small: Small, *faults: Fault, until: timedelta = MINUTE) -> None:
    small.world.script(Call.HAND_OFF, REP, *faults)
    small.enroll(small.add_sequence(FLOW), [small.add_contact(ANN)])
    small.run_until(MONDAY + until, step=MINUTE)


def reply(line: str, stage: Stage = Stage.RCPT) -> Fault:
    return Fault(FaultKind.REPLY, line, stage)


def the_message(small: Small) -> dict:
    return small.sql("SELECT * FROM messages WHERE workspace_id = %(ws)s ORDER BY id")[0]


def test_an_unknown_user_ends_the_enrollment(small: Small) -> None:
    begin(small, reply("550 5.1.1 no such user"))
    after = small.state(ANN)
    assert (after["state"], after["reason"], the_message(small)["state"]) == ("unenrolled", "BOUNCED", "failed")
    assert the_message(small)["handed_at"] is None  # MAIL-40: surely not accepted counts against no limit


def test_a_mail_refused_for_policy_waits_for_a_person_and_goes_when_they_go_on(small: Small) -> None:
    """SEQ-130, SEQ-166: the very same mail, once."""
    begin(small, reply("550 5.7.1 blocked by policy"))
    held = small.state(ANN)
    assert (held["state"], held["pause_kind"], len(small.sent_to(ANN))) == ("paused", "review", 0)
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [held["id"]])
    small.run_until(MONDAY + 3 * DAY)
    first, _ = small.sent_to(ANN)
    assert first.message_id == the_message(small)["message_id"]


def test_after_a_persons_word_a_temporary_refusal_has_its_48_hours_again(small: Small) -> None:
    """MAIL-40: days that a person took to decide are no days of trying."""
    begin(small, reply("550 5.7.1 blocked by policy"), reply("451 4.7.1 greylisted"))
    small.run_until(MONDAY + 4 * DAY, step=HOUR)
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [small.state(ANN)["id"]])
    small.run_until(MONDAY + 4 * DAY + MINUTE)
    assert small.state(ANN)["waiting_for"] == "RETRY"
    small.run_until(MONDAY + 4 * DAY + 2 * HOUR)
    assert len(small.sent_to(ANN)) == 1


def test_a_temporary_refusal_is_tried_again_after_half_an_hour_with_the_same_bytes(small: Small) -> None:
    """MAIL-40."""
    begin(small, reply("451 4.7.1 greylisted"))
    waiting = small.state(ANN)
    assert waiting["waiting_for"] == "RETRY"
    assert MONDAY + 30 * MINUTE <= waiting["due_at"] <= MONDAY + 33 * MINUTE
    before = bytes(the_message(small)["wire"])
    small.run_until(MONDAY + HOUR)
    [sent] = small.sent_to(ANN)
    assert sent.wire == before


def test_after_48_hours_of_temporary_refusals_it_is_given_up(small: Small) -> None:
    """SEQ-104, SEQ-166: with ever longer pauses, and never again."""
    begin(small, *[reply("450 4.2.1 busy")] * 60, until=MINUTE)
    small.run_until(MONDAY + 3 * DAY)
    after = small.state(ANN)
    assert (after["state"], after["reason"], small.sent_to(ANN)) == ("unenrolled", "BOUNCED", [])
    assert 12 <= the_message(small)["attempt"] <= 17
    delayed = small.sql("SELECT at FROM events WHERE workspace_id = %(ws)s AND kind = 'email_delayed' ORDER BY id")
    gaps = [b["at"] - a["at"] for a, b in pairwise(delayed)]
    assert gaps == sorted(gaps[:3]) + gaps[3:]
    assert max(gaps) < 5 * HOUR


def test_a_mailbox_that_cannot_sign_in_holds_its_mail_and_goes_on_when_repaired(small: Small) -> None:
    """MAIL-41, L3: no attempt is used up, the state says why, a new password repairs it."""
    small.world.change_secret(REP, "new")
    begin(small, until=20 * MINUTE)
    [box] = small.sql("SELECT state FROM mailboxes WHERE workspace_id = %(ws)s")
    assert (box["state"], small.state(ANN)["state"], small.sent_to(ANN)) == ("sign_in", "active", [])
    assert the_message(small)["attempt"] == 0
    told = small.sql("SELECT 1 FROM events WHERE workspace_id = %(ws)s AND kind = 'mailbox_state_changed'")
    assert len(told) == 1, "told once, however often it fails"
    with small.db.tx(small.workspace_id) as tx:
        connect_mailbox(tx, small.user_id, NewMailbox(REP, "fake", "new"), small.vault)
    small.run_until(MONDAY + 40 * MINUTE)
    assert len(small.sent_to(ANN)) == 1


def test_a_lost_answer_is_settled_by_the_sent_copy(small: Small) -> None:
    """H9: accepted, the answer lost, found; sent once, and the delay runs from it."""
    begin(small, Fault(FaultKind.LOST_ANSWER), until=10 * MINUTE)
    assert (the_message(small)["state"], len(small.sent_to(ANN))) == ("sent", 1)
    small.run_until(MONDAY + 3 * DAY)
    assert len(small.sent_to(ANN)) == 2


def test_a_message_that_surely_did_not_leave_goes_again_with_the_same_id(small: Small) -> None:
    begin(small, Fault(FaultKind.DROP_AT_DOT), until=10 * MINUTE)
    [sent] = small.sent_to(ANN)
    assert (the_message(small)["attempt"], sent.message_id) == (2, the_message(small)["message_id"])


@pytest.mark.parametrize(
    ("choice", "mails", "first_generation"), [("was_sent", ["b"], 0), ("send_again", ["a", "b"], 1), ("skip", ["b"], None)]
)
def test_what_nobody_can_decide_a_person_does(plain: Small, choice: str, mails: list[str], first_generation: int | None) -> None:
    """SEQ-99: no timer ever sends it."""
    begin(plain, Fault(FaultKind.DROP_AT_DOT), until=10 * MINUTE)
    assert (the_message(plain)["state"], plain.state(ANN)["waiting_for"]) == ("unknown", "UNCONFIRMED")
    plain.run_until(MONDAY + DAY, step=HOUR)
    assert plain.sent_to(ANN) == []
    with plain.db.tx(plain.workspace_id) as tx:
        assert decide_undecided(tx, MessageId(the_message(plain)["id"]), choice)
        assert not decide_undecided(tx, MessageId(the_message(plain)["id"]), choice)
    plain.run_until(MONDAY + 4 * DAY)
    sent = plain.sql(
        "SELECT step_key, generation FROM messages WHERE workspace_id = %(ws)s AND key = ANY(%(k)s) ORDER BY id",
        {"k": [a.key for a in plain.sent_to(ANN)]},
    )
    assert [row["step_key"] for row in sent] == mails
    if choice == "send_again":
        assert sent[0]["generation"] == first_generation
    assert plain.state(ANN)["state"] in ("active", "finished")


def test_a_mail_to_be_sent_again_in_a_pause_does_not_block_the_mailbox(plain: Small) -> None:
    """A due row that may not be claimed would stand at the head of the lane for ever (L8)."""
    begin(plain, Fault(FaultKind.DROP_AT_DOT), until=10 * MINUTE)
    with plain.db.tx(plain.workspace_id) as tx:
        pause_enrollments(tx, [plain.state(ANN)["id"]])
    with plain.db.tx(plain.workspace_id) as tx:
        decide_undecided(tx, MessageId(the_message(plain)["id"]), "send_again")
    other = sequence(email("a", subject="Hello"), name="Other")
    plain.enroll(plain.add_sequence(other), [plain.add_contact("bob@prospect.test")])
    plain.run_until(MONDAY + HOUR)
    assert (len(plain.sent_to("bob@prospect.test")), plain.sent_to(ANN)) == (1, [])


def test_a_text_that_cannot_be_built_fails_the_enrollment_once(small: Small) -> None:
    """SEQ-20: failed, told once, and never claimed again."""
    begin(small)
    with small.db.tx(small.workspace_id) as tx:  # the follow-up greets by name: it has become far longer than a mail may be
        tx.run("UPDATE contacts SET first_name = repeat('Ann ', 200000) WHERE workspace_id = %(ws)s", {})
    small.run_until(MONDAY + 4 * DAY)
    after = small.state(ANN)
    assert (after["state"], after["reason"], after["due_at"]) == ("failed", "RENDER_FAILED", None)
    assert len(small.sql("SELECT 1 FROM events WHERE workspace_id = %(ws)s AND kind = 'enrollment_ended'")) == 1


def test_a_full_address_holds_itself_and_not_the_mailbox(small: Small) -> None:
    """SEQ-94: at most three mails to one address in 24 hours; others go on."""
    hasty = sequence(*[email(f"s{i}", subject="Hi", after=timedelta(0) if i == 0 else HOUR) for i in range(5)], name="Hasty")
    small.enroll(small.add_sequence(hasty), [small.add_contact(ANN)])
    small.run_until(MONDAY + 4 * HOUR)
    assert len(small.sent_to(ANN)) == 3
    small.enroll(small.add_sequence(FLOW), [small.add_contact("bob@prospect.test")])
    small.run_until(MONDAY + 5 * HOUR)
    assert (len(small.sent_to("bob@prospect.test")), small.state(ANN)["waiting_for"]) == (1, "LIMIT")
    small.run_until(MONDAY + 2 * DAY)
    assert len(small.sent_to(ANN)) == 5
