"""Exit rules: ways out that somebody set up (SEQ-172)."""

from datetime import timedelta

import pytest

from make import MONDAY, email, make_small, sequence, task
from segue.domain.conditions import read_condition
from segue.domain.ids import TaskId
from segue.domain.sequence import ExitRule
from segue.features.enrollments.react import resume_enrollments
from segue.features.tasks.service import list_tasks, resolve_task

DAY = timedelta(days=1)
ANN = "ann@prospect.test"
CONNECTED = read_condition({"task": "any", "outcome": "connected"})
CUSTOMER = read_condition({"property": "stage", "is": "customer"})


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def begin(small, *rules):
    steps = (task("ring", after=timedelta(0)), email("one", subject="Hi"), email("two", after=DAY), email("bye", subject="Bye", after=DAY))
    small.enroll(small.add_sequence(sequence(*steps, exit_rules=rules)), [small.add_contact(ANN)])
    small.run_until(MONDAY + timedelta(hours=1))


def ring(small, outcome):
    with small.db.tx(small.workspace_id) as tx:
        for row in list_tasks(tx):
            resolve_task(tx, TaskId(row["id"]), "complete", outcome=outcome)


def become_customer(small):
    small.sql("""UPDATE contacts SET properties = '{"stage": "Customer"}' WHERE workspace_id = %(ws)s""")


def test_seq_171_a_talk_stops_nothing_by_itself(small):
    begin(small)
    ring(small, "connected")
    assert small.state(ANN)["state"] == "active"


def test_seq_172_a_call_outcome_unenrolls_with_the_rules_name(small):
    begin(small, ExitRule("We talked", CONNECTED))
    ring(small, "Connected")
    assert (small.state(ANN)["state"], small.state(ANN)["reason"], small.state(ANN)["reason_detail"]) == (
        "unenrolled",
        "EXIT_RULE",
        "We talked",
    )
    small.run_until(MONDAY + 5 * DAY)
    assert small.sent_to(ANN) == []


def test_seq_172_another_outcome_changes_nothing(small):
    begin(small, ExitRule("We talked", CONNECTED))
    ring(small, "no answer")
    small.run_until(MONDAY + DAY)
    assert len(small.sent_to(ANN)) == 1


def test_seq_172_a_value_that_changed_unseen_is_met_before_the_next_step(small):
    begin(small, ExitRule("Bought", CUSTOMER))
    ring(small, "no answer")
    small.run_until(MONDAY + timedelta(hours=2))
    become_customer(small)
    small.run_until(MONDAY + 5 * DAY)
    assert len(small.sent_to(ANN)) == 1
    assert small.state(ANN)["reason"] == "EXIT_RULE"


def test_seq_172_a_rule_can_pause_and_does_so_once(small):
    begin(small, ExitRule("Look at it", CUSTOMER, "pause"))
    ring(small, "no answer")
    small.run_until(MONDAY + timedelta(hours=2))
    become_customer(small)
    small.run_until(MONDAY + 5 * DAY)
    assert small.state(ANN)["state"] == "paused"
    with small.db.tx(small.workspace_id) as tx:
        resume_enrollments(tx, [small.state(ANN)["id"]])
    small.run_until(MONDAY + 9 * DAY)
    assert len(small.sent_to(ANN)) == 3


def test_seq_172_a_rule_can_lead_to_another_step_and_leaves_out_what_lies_between(small):
    begin(small, ExitRule("Say goodbye", CONNECTED, "branch", "bye"))
    ring(small, "connected")
    small.run_until(MONDAY + 5 * DAY)
    sent = small.sql("SELECT step_key FROM messages WHERE workspace_id = %(ws)s AND state = 'sent'")
    assert [row["step_key"] for row in sent] == ["bye"]
    (told,) = small.sql("SELECT data FROM events WHERE workspace_id = %(ws)s AND kind = 'exit_rule_applied'")
    assert (told["data"]["rule"], told["data"]["action"], told["data"]["next_step"]) == ("Say goodbye", "branch", "bye")


def test_seq_172_a_rule_that_leads_nowhere_new_does_not_hold_up_the_step(small):
    """The defect: the step it leads to was waiting already, and stayed leased for five minutes."""
    begin(small, ExitRule("Say goodbye", CUSTOMER, "branch", "bye"))
    ring(small, "no answer")
    small.run_until(MONDAY + DAY + timedelta(hours=2), step=timedelta(hours=1))
    assert [row["position"] for row in small.sql("SELECT position FROM enrollments WHERE workspace_id = %(ws)s")] == [3]
    become_customer(small)
    small.run_until(MONDAY + 2 * DAY + timedelta(hours=2), step=timedelta(hours=1))
    assert len(small.sent_to(ANN)) == 3
