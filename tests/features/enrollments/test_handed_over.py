"""An enrollment that goes on from another mailbox keeps its past, and whoever answers an old mail still ends it (SEQ-12, SEQ-148)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest

from domain.sequences import branch
from kills.waiting import wait_until
from make import MONDAY, REP, Small, email, make_small, sequence, task
from segue.domain.conditions import read_condition
from segue.domain.ids import MailboxId, TaskId
from segue.domain.sequence import EmailSettings, ExitRule, Variant
from segue.features.enrollments.apply_version import move_enrollments
from segue.features.enrollments.react import resume_enrollments
from segue.features.enrollments.store import load
from segue.features.enrollments.transfer import Transferred, change_sender
from segue.features.sequences.lifecycle import Sharing, share
from segue.features.tasks.service import list_tasks, resolve_task
from world import letters

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN, BOB, CID = "ann@prospect.test", "bob@acme.test", "cid@acme.test"
A, B, C = email("a", subject="Hi"), email("b", "Again", after=2 * DAY), email("c", "Last", after=2 * DAY)


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small: Small, *steps, sender: MailboxId | None = None, **settings) -> int:
    small.enroll(small.add_sequence(sequence(*steps, **settings)), [small.add_contact(ANN)], sender=sender)
    small.run_until(MONDAY + HOUR)
    return int(small.state(ANN)["id"])


def hand_over(small: Small, enrollment: int, box: MailboxId) -> Transferred:
    with small.db.tx(small.workspace_id) as tx:
        return change_sender(tx, [enrollment], box)


def first_mail(small: Small) -> bytes:
    wire: bytes = small.sent_to(ANN)[0].wire
    return wire


def ends(small: Small) -> list[tuple[str, str]]:
    return [
        (row["state"], row["reason"]) for row in small.sql("SELECT state, reason FROM enrollments WHERE workspace_id = %(ws)s ORDER BY id")
    ]


def deliver_answer(small: Small, to: str) -> None:
    raw = letters.person_mail(7, small.clock.now(), "ann.private@else.test", to, "Yes, please.", answers=first_mail(small))
    small.world.deliver(to, raw)


def test_an_answer_to_a_mail_of_the_old_sender_ends_what_goes_on(small: Small) -> None:
    """SEQ-148, SEQ-149, S3. The defect: it named an ended enrollment and was nobody's, and the next follow-up went."""
    _, bobs = small.add_rep(BOB)
    _, cids = small.add_rep(CID)
    old = begin(small, A, B, C, sender=bobs)
    assert hand_over(small, old, cids).moved == 1
    deliver_answer(small, BOB)
    small.engine.read(small.workspace_id, bobs)
    assert ends(small) == [("unenrolled", "REPLACED"), ("unenrolled", "REPLIED")]
    small.run_until(MONDAY + 5 * DAY, step=HOUR)
    assert len(small.sent_to(ANN)) == 1


def test_an_answer_that_waits_for_the_hand_over_ends_what_goes_on(small: Small, db_urls) -> None:
    """S3: it was read while the enrollment was still the old one."""
    _, bobs = small.add_rep(BOB)
    _, cids = small.add_rep(CID)
    old = begin(small, A, B, C, sender=bobs)
    deliver_answer(small, BOB)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as threads, psycopg.connect(db_urls.app_url, autocommit=True) as eye:
        with small.db.tx(small.workspace_id) as tx:
            change_sender(tx, [old], cids)
            reading = threads.submit(small.engine.read, small.workspace_id, bobs)
            wait_until(lambda: reading.done() or eye.execute(waiting).fetchone() != (0,), 60)
        reading.result(timeout=60)
    assert ends(small) == [("unenrolled", "REPLACED"), ("unenrolled", "REPLIED")]


def test_what_has_run_never_runs_again_in_another_version(small: Small) -> None:
    """S1, SEQ-133. The defect: the mails of the old enrollment were forgotten, and a step that had moved back was sent once more."""
    old = begin(small, A, B, C)
    small.run_until(MONDAY + 3 * DAY)
    _, box = small.add_rep(BOB)
    hand_over(small, old, box)
    small.add_sequence(sequence(B, A, C, email("d", "New", after=DAY)))
    with small.db.tx(small.workspace_id) as tx:
        move_enrollments(tx, [small.state(ANN)["id"]], 2)
    small.run_until(MONDAY + 14 * DAY, step=HOUR)
    steps = [
        row["step_key"] for row in small.sql("SELECT step_key FROM messages WHERE workspace_id = %(ws)s AND state = 'sent' ORDER BY id")
    ]
    assert steps == ["a", "b", "c", "d"]


def test_a_variant_that_was_drawn_holds(small: Small) -> None:
    """SEQ-38, SEQ-191: what was drawn is what a branch sees, whatever number the enrollment has now."""
    tested = replace(A, variants=(Variant(2, EmailSettings("Other", "B")),))
    old = begin(small, tested, B)
    [sent] = small.sql("SELECT variant FROM messages WHERE workspace_id = %(ws)s")
    boxes = [small.add_rep(address)[1] for address in (BOB, CID, "dan@acme.test", "eve@acme.test")]
    for box in boxes:
        hand_over(small, int(small.state(ANN)["id"]), box)
        with small.db.tx(small.workspace_id) as tx:
            (loaded,) = load(tx, [small.state(ANN)["id"]])
        assert loaded.around.drawn["a"] == sent["variant"]
    assert loaded.earlier_ids == tuple(range(old, old + 4))
    assert loaded.has_started


@pytest.mark.parametrize("when", [{"task": "ring", "outcome": "connected"}, {"opened": "a", "at_least": 2}])
def test_a_branch_sees_what_happened_before(small: Small, when: dict[str, object]) -> None:
    """SEQ-191: outcomes of tasks, opens and clicks of the mails that the old sender sent."""
    ask = branch("ask", when=(when,), yes="talked", no="missed")
    last = (replace(email("talked", subject="Our talk"), then="finish"), email("missed", subject="I tried to reach you"))
    old = begin(small, task("ring", after=timedelta(0)), A, replace(ask, delay=DAY), *last)
    with small.db.tx(small.workspace_id) as tx:
        resolve_task(tx, TaskId(list_tasks(tx)[0]["id"]), "complete", outcome="connected")
    small.run_until(MONDAY + 2 * HOUR)
    for _ in range(2):
        small.sql(
            """INSERT INTO tracking_events (workspace_id, kind, message_id, contact_id, enrollment_id, at, verdict, final)
               SELECT workspace_id, 'open', id, contact_id, enrollment_id, %(now)s, 'human', true FROM messages
               WHERE workspace_id = %(ws)s RETURNING id""",
            {"now": small.clock.now()},
        )
    _, box = small.add_rep(BOB)
    hand_over(small, old, box)
    small.run_until(MONDAY + 3 * DAY, step=HOUR)
    assert [row["subject"] for row in small.sql("SELECT subject FROM messages WHERE workspace_id = %(ws)s ORDER BY id")] == [
        "Hi",
        "Our talk",
    ]


def test_an_exit_rule_that_was_carried_out_is_not_carried_out_again(small: Small) -> None:
    """SEQ-172: once for an enrollment at most."""
    rule = ExitRule("Look at it", read_condition({"property": "stage", "is": "customer"}), "pause")
    begin(small, A, B, C, exit_rules=(rule,))
    small.sql("""UPDATE contacts SET properties = '{"stage": "Customer"}' WHERE workspace_id = %(ws)s RETURNING id""")
    small.run_until(MONDAY + 3 * DAY, step=HOUR)
    assert small.state(ANN)["state"] == "paused"
    _, box = small.add_rep(BOB)
    hand_over(small, int(small.state(ANN)["id"]), box)
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [small.state(ANN)["id"]])
    small.run_until(MONDAY + 9 * DAY, step=HOUR)
    assert [each.sender for each in small.sent_to(ANN)] == [REP, BOB, BOB]


def test_a_sender_who_may_not_use_the_sequence_takes_nothing_over(small: Small) -> None:
    """SEQ-9."""
    old = begin(small, A, B)
    _, box = small.add_rep(BOB)
    with small.db.tx(small.workspace_id) as tx:
        share(tx, "Welcome", Sharing("private"))
    done = hand_over(small, old, box)
    assert (done.moved, done.not_shared) == (0, (ANN,))
    assert small.state(ANN)["id"] == old


def test_the_hours_are_the_new_senders(small: Small) -> None:
    """SEQ-70. Due Wed 10:00 in Berlin, which is 04:00 in New York: it goes at 09:00 there."""
    old = begin(small, A, B)
    bob, box = small.add_rep(BOB)
    small.sql("UPDATE users SET timezone = 'America/New_York' WHERE workspace_id = %(ws)s AND id = %(id)s RETURNING id", {"id": bob})
    hand_over(small, old, box)
    after = small.state(ANN)
    assert (after["timezone"], after["timezone_source"], after["due_at"]) == ("America/New_York", "sender", MONDAY + 2 * DAY + 5 * HOUR)


def test_who_goes_on_takes_no_start_of_the_day(small: Small) -> None:
    """SEQ-98."""
    old = begin(small, A, B, max_starts_per_day=1)
    small.clock.at = MONDAY + DAY
    _, box = small.add_rep(BOB)
    hand_over(small, old, box)
    small.enroll(small.state(ANN)["sequence_id"], [small.add_contact("dee@prospect.test")])
    assert small.state("dee@prospect.test")["due_at"] == MONDAY + DAY
