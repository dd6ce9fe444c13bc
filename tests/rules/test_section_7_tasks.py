"""sequences.md §7, tasks: whose they are, when they are due, what releases what waits."""

from datetime import date, timedelta

import pytest

from make import MONDAY, email, sequence, task
from segue.domain.conditions import read_condition
from segue.domain.ids import TaskId
from segue.domain.sequence import ExitRule
from segue.features.tasks.service import list_tasks, resolve_task

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ANN = "ann@prospect.test"


def begin(small, *steps, **enrolling):
    small.enroll(small.add_sequence(sequence(*steps)), [small.add_contact(ANN)], **enrolling)
    small.run_until(MONDAY + HOUR)


def tasks(small, state="open"):
    with small.db.tx(small.workspace_id) as tx:
        return list_tasks(tx, state=state)


def resolve(small, how, **more):
    with small.db.tx(small.workspace_id) as tx:
        for row in list_tasks(tx):
            resolve_task(tx, TaskId(row["id"]), how, **more)


def test_seq_110_a_task_is_the_enrollers(small):
    """Not the author's, not the sender's: Rita wrote the sequence and sends, Bob enrolled."""
    bob, _ = small.add_rep("bob@acme.test")
    begin(small, task("call", after=timedelta(0)), email("a", subject="Hi"), by=bob)
    assert [row["assignee"] for row in tasks(small)] == ["bob@acme.test"]
    small.enroll(small.add_sequence(sequence(task("call", after=timedelta(0)), name="Hers")), [small.add_contact("ben@prospect.test")])
    small.run_until(MONDAY + 2 * HOUR)
    assert {row["contact"]: row["assignee"] for row in tasks(small)}["ben@prospect.test"] == "rep@acme.test"


@pytest.mark.parametrize(("after", "due"), [(timedelta(0), date(2027, 1, 11)), (DAY, date(2027, 1, 12)), (5 * DAY, date(2027, 1, 18))])
def test_seq_112_a_task_is_due_on_the_day_of_its_creation(small, after, due):
    begin(small, task("call", after=after), email("a", subject="Hi"), start_position=0)
    small.run_until(MONDAY + 8 * DAY, step=6 * HOUR)
    assert [row["due_on"] for row in tasks(small)] == [due]


@pytest.mark.parametrize("how", ["complete", "skip", "delete", ""])
def test_seq_115_completed_skipped_and_deleted_tasks_all_release_what_waits(small, how):
    begin(small, task("call", after=timedelta(0)), email("a", subject="Hi", after=DAY))
    if how:
        resolve(small, how)
    small.run_until(MONDAY + 2 * DAY)
    assert len(small.sent_to(ANN)) == (1 if how else 0)
    assert [row["state"] for row in tasks(small, "all")] == [
        {"complete": "completed", "skip": "skipped", "delete": "deleted"}.get(how, "open")
    ]


@pytest.mark.parametrize(("outcome", "ended"), [("connected", True), ("left voicemail", False)])
def test_seq_117_logging_a_call_completes_its_task(small, outcome, ended):
    rule = ExitRule("We talked", read_condition({"task": "any", "outcome": "connected"}))
    flow = sequence(task("call", after=timedelta(0)), email("a", subject="Hi", after=DAY), exit_rules=(rule,))
    small.enroll(small.add_sequence(flow), [small.add_contact(ANN)])
    small.run_until(MONDAY + HOUR)
    resolve(small, "complete", outcome=outcome)
    [row] = tasks(small, "all")
    assert (row["state"], row["outcome"]) == ("completed", outcome)
    assert (small.state(ANN)["reason"] == "EXIT_RULE") is ended
