"""Mails that a rep writes in the mail program: seen in Sent, counted, and told to whoever asks (MAIL-51, SEQ-93, SEQ-148, SEQ-172)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from features.mail.arriving import ANN, BOSS, DAY, FLOW, HOUR, ON, arrives, kinds, outcome, wrote
from make import MONDAY, REP, Small, answer, email, make_small, sequence, task
from segue.domain.conditions import Condition
from segue.domain.sequence import ExitRule, TaskKind
from segue.features.enrollments.survey import plan
from segue.features.mail.mail_rules import MailRules, set_mail_rules
from segue.providers.mail.fake_world import SENT, Call, Fault, FaultKind

MINUTE = timedelta(minutes=1)
WROTE = Condition("wrote_in_thread", "any")


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False, per_day=10)
    yield made
    made.close()


def by_hand(small: Small, number: int = 0, *, to: str = "somebody@else.test", date: datetime | None = None, **headers: str) -> None:
    """Let the rep write a mail in the mail program."""
    given = {"From": REP, "To": to, "Date": format_datetime(date or small.clock.now()), "Message-ID": f"<hand-{number}@acme.test>"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**given, **headers}.items()]
    small.world.write_by_hand(REP, "\r\n".join([*lines, "", f"Written by hand, number {number}.", ""]).encode())


def counted(small: Small) -> int:
    small.engine.read(small.workspace_id, small.mailbox_id)
    [row] = small.sql("SELECT count(*) AS n FROM hand_sent_mails WHERE workspace_id = %(ws)s")
    return int(row["n"])


def send(small: Small, count: int) -> int:
    """Enroll so many and return to how many of them the first mail has gone within the hour."""
    people = [f"p{number}@prospect.test" for number in range(count)]
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact(each) for each in people])
    small.run_until(small.clock.now() + HOUR, step=MINUTE)
    return sum(1 for each in people if small.sent_to(each))


def begin(small: Small, *rules: ExitRule) -> bytes:
    small.enroll(small.add_sequence(sequence(*FLOW, exit_rules=rules)), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    [first] = small.sent_to(ANN)
    return bytes(first.wire)


def id_of(wire: bytes) -> str:
    return next(line.partition(b":")[2].strip().decode() for line in wire.split(b"\r\n") if line.lower().startswith(b"message-id:"))


def test_seq_93_mails_by_hand_take_room_from_the_mailbox_until_they_are_a_day_old(small: Small) -> None:
    for number in range(7):
        by_hand(small, number)
    assert counted(small) == 7
    assert send(small, 5) == 3
    small.run_until(MONDAY + DAY + HOUR)
    assert all(small.sent_to(f"p{number}@prospect.test") for number in range(5))


def test_seq_93_the_plan_knows_of_them(small: Small) -> None:
    for number in range(7):
        by_hand(small, number)
    assert counted(small) == 7
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact(f"p{i}@prospect.test") for i in range(5)])
    with small.db.tx(small.workspace_id) as tx:
        steps = [step for step in plan(tx).steps if step.step.key == "a"]
    assert sum(1 for step in steps if step.at is not None and step.at >= MONDAY + DAY - MINUTE) == 2


def test_seq_93_a_workspace_may_leave_them_out_of_the_limit(small: Small) -> None:
    with small.db.tx(small.workspace_id) as tx:
        set_mail_rules(tx, MailRules(count_by_hand=False))
    for number in range(9):
        by_hand(small, number)
    assert counted(small) == 9
    assert send(small, 5) == 5


def test_one_sequence_mail_a_day_goes_however_much_is_written_by_hand(small: Small) -> None:
    for number in range(12):
        by_hand(small, number)
    assert counted(small) == 12
    assert send(small, 3) == 1


def test_what_nobody_wrote_now_does_not_count(small: Small) -> None:
    begin(small)  # our own copy lies in Sent
    assert small.world.mailbox(REP).folders[SENT].messages  # type: ignore[union-attr]
    by_hand(small, 1, Auto_Submitted="auto-replied")
    by_hand(small, 2, date=small.clock.now() - 3 * DAY)  # moved there from elsewhere
    assert counted(small) == 0
    by_hand(small, 3)
    assert counted(small) == 1
    small.world.reset_uid_validity(REP, folder=SENT)
    assert counted(small) == 1


@pytest.mark.parametrize("gone", [False, True], ids=["refused", "gone"])
def test_a_sent_folder_that_cannot_be_read_holds_nothing_back(small: Small, gone: bool) -> None:
    if gone:
        small.world.mailbox(REP).files_sent_copies = False  # type: ignore[union-attr]
        small.world.remove_folder(REP, SENT)
    else:
        small.world.script(Call.SENT_FOLDER, REP, *[Fault(FaultKind.DROP)] * 300)
    assert send(small, 2) == 2
    [row] = small.sql("SELECT state FROM mailboxes WHERE workspace_id = %(ws)s")
    assert row["state"] == "ok"
    assert small.sql("SELECT 1 FROM notices WHERE workspace_id = %(ws)s") == []


def test_seq_172_by_itself_a_mail_by_hand_in_the_thread_changes_nothing(small: Small) -> None:
    first = begin(small)
    by_hand(small, to=f"Ann <{ANN}>", In_Reply_To=id_of(first))
    assert counted(small) == 1
    assert outcome(small) == ON
    assert "hand_mail_sent" in kinds(small)


def test_seq_172_an_exit_rule_may_ask_for_it(small: Small) -> None:
    first = begin(small, ExitRule("We write ourselves", WROTE))
    by_hand(small, 1, to=ANN)  # of something else
    by_hand(small, 2, to=BOSS, References=id_of(first))  # passed on to somebody else
    assert counted(small) == 2
    assert outcome(small) == ON
    by_hand(small, 3, to=f"{BOSS}, {ANN}", References=id_of(first))
    assert counted(small) == 3
    assert outcome(small) == ("unenrolled", "EXIT_RULE")


def test_seq_148_an_answer_to_the_mail_of_a_manual_task_is_a_reply_whoever_sends_it(small: Small) -> None:
    flow = sequence(email("a", subject="Hi"), task("write", TaskKind.MANUAL_EMAIL, after=HOUR), email("b", after=DAY))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(MONDAY + DAY)
    by_hand(small, 1, to=ANN, Subject="Something new")
    assert counted(small) == 1
    hand = b"Message-ID: <hand-1@acme.test>\r\nSubject: Something new\r\nFrom: rep@acme.test\r\n\r\nHello\r\n"
    arrives(small, answer(hand, sender=BOSS))
    assert outcome(small) == ("unenrolled", "REPLIED")


def test_seq_148_a_mail_from_a_stranger_that_answers_a_mail_of_something_else_stops_nobody(small: Small) -> None:
    begin(small)
    by_hand(small, 1, to=ANN)
    assert counted(small) == 1
    arrives(small, wrote(BOSS, In_Reply_To="<hand-1@acme.test>"))
    assert outcome(small) == ON
