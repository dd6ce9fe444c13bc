"""Reminders of open tasks (SEQ-113): at the minute, once a day, for as long as the task is open."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from make import MONDAY, Small, make_small, sequence, task
from segue.domain.ids import TaskId, UserId
from segue.domain.sequence import OpenTasks
from segue.domain.stop_rules import Stop
from segue.features.enrollments.react import stop_enrollments
from segue.features.tasks.reminders import remind
from segue.features.tasks.service import assign_tasks, resolve_task
from segue.features.workspaces.notices import list_notices

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = MONDAY + DAY - HOUR
"""Tuesday 09:00 in Berlin, the first reminder time after tasks were made on Monday at ten."""
ANN, BOB = "ann@prospect.test", "bob@prospect.test"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def give_tasks(small: Small, *people: str, name: str = "Calls", by: UserId | None = None, sender: Any = None, **settings: Any) -> list[int]:
    """Let the user have a call to make for each of these people; returns the tasks."""
    before = {row["id"] for row in small.sql("SELECT id FROM tasks WHERE workspace_id = %(ws)s")}
    flow = small.add_sequence(sequence(task("ring", after=timedelta(0)), name=name, **settings))
    small.enroll(flow, [small.add_contact(each) for each in people], by=by, sender=sender)
    small.run_until(small.clock.now())
    return [row["id"] for row in small.sql("SELECT id FROM tasks WHERE workspace_id = %(ws)s ORDER BY id") if row["id"] not in before]


def told(small: Small, at: datetime) -> list[str]:
    """What the open notices say at this time."""
    small.clock.at = at
    small.engine.tend(small.workspace_id)
    return said(small)


def said(small: Small) -> list[str]:
    with small.db.tx(small.workspace_id) as tx:
        return sorted(row["said"] for row in list_notices(tx))


def given(small: Small) -> int:
    """How often somebody was told."""
    return len(small.sql("SELECT id FROM events WHERE workspace_id = %(ws)s AND kind = 'notice_given'"))


def resolve(small: Small, number: int, how: str = "complete") -> None:
    with small.db.tx(small.workspace_id) as tx:
        resolve_task(tx, TaskId(number), how)


def test_a_digest_of_all_open_tasks_comes_at_the_minute_and_not_before(small: Small) -> None:
    give_tasks(small, ANN, BOB)
    assert told(small, MONDAY + HOUR) == [], "they were made after Monday's reminder time"
    assert told(small, NINE - timedelta(seconds=1)) == []
    assert told(small, NINE) == ["2 tasks are due, the oldest since 2027-01-11."]


def test_nobody_is_reminded_twice_on_one_day_and_everybody_again_on_the_next(small: Small) -> None:
    give_tasks(small, ANN)
    for at in (NINE, NINE + timedelta(seconds=5), NINE + 12 * HOUR):
        assert len(told(small, at)) == 1
    assert given(small) == 1
    assert len(told(small, NINE + DAY)) == 1, "yesterday's is over"
    assert given(small) == 2


def test_a_clock_that_jumps_back_reminds_nobody_again(small: Small) -> None:
    """L11, S29."""
    give_tasks(small, ANN)
    told(small, NINE)
    for at in (NINE - HOUR, NINE, NINE - DAY, NINE + timedelta(minutes=1)):
        told(small, at)
    assert given(small) == 1


def test_what_was_missed_while_no_worker_ran_is_made_up_for_on_the_same_day(small: Small) -> None:
    """L11."""
    give_tasks(small, ANN)
    assert len(told(small, NINE + 10 * HOUR)) == 1


def test_one_notice_for_each_task_where_the_sequence_says_so(small: Small) -> None:
    ann, bob = give_tasks(small, ANN, BOB, individual_reminders=True)
    assert told(small, NINE) == [f"Task {ann} is due: call, since 2027-01-11.", f"Task {bob} is due: call, since 2027-01-11."]
    resolve(small, ann)
    assert said(small) == [f"Task {bob} is due: call, since 2027-01-11."]
    resolve(small, bob, "delete")
    assert said(small) == []
    assert told(small, NINE + DAY) == []


def test_a_digest_ends_with_its_last_task_whatever_becomes_of_tasks_told_of_alone(small: Small) -> None:
    ann, bob = give_tasks(small, ANN, BOB)
    [alone] = give_tasks(small, "cid@prospect.test", name="Alone", individual_reminders=True)
    assert len(told(small, NINE)) == 2
    resolve(small, ann)
    assert len(said(small)) == 2
    resolve(small, bob, "skip")
    assert said(small) == [f"Task {alone} is due: call, since 2027-01-11."]


def test_a_task_that_is_done_before_is_not_reminded_of(small: Small) -> None:
    [ann] = give_tasks(small, ANN)
    resolve(small, ann)
    assert told(small, NINE) == []


def test_a_task_that_is_taken_back_or_handed_over_ends_its_reminder(small: Small) -> None:
    """SEQ-119, SEQ-121."""
    give_tasks(small, ANN, on_end_open_tasks=OpenTasks.CANCEL)
    [bob] = give_tasks(small, BOB, name="Others")
    other, _ = small.add_rep("rob@acme.test")
    told(small, NINE)
    with small.db.tx(small.workspace_id) as tx:
        assign_tasks(tx, [bob], other)
    assert said(small) == ["2 tasks are due, the oldest since 2027-01-11."], "Ann's is still open"
    with small.db.tx(small.workspace_id) as tx:
        stop_enrollments(tx, [small.state(ANN)["id"]], Stop("MANUAL"))
    assert said(small) == []
    told(small, NINE + HOUR)
    assert given(small) == 1, "not twice for the same task and day"
    assert len(told(small, NINE + DAY)) == 1


def test_each_sequence_has_its_own_reminder_time(small: Small) -> None:
    give_tasks(small, ANN)
    give_tasks(small, BOB, name="Late", task_reminder_minute=16 * 60 + 30)
    assert len(told(small, NINE)) == 1
    assert len(told(small, NINE + 7 * HOUR + timedelta(minutes=29))) == 1
    assert told(small, NINE + 7 * HOUR + timedelta(minutes=30)) == ["1 task is due, the oldest since 2027-01-11."] * 2


def test_the_clock_is_that_of_the_person_whose_task_it_is(small: Small) -> None:
    """SEQ-111: the assignee's zone."""
    user, mailbox = small.add_rep("nell@acme.test")
    small.sql("UPDATE users SET timezone = 'America/New_York' WHERE workspace_id = %(ws)s AND id = %(user)s", {"user": user})
    give_tasks(small, ANN, by=user, sender=mailbox)
    assert told(small, MONDAY + 5 * HOUR - timedelta(seconds=1)) == [], "made at four in the morning in New York"
    assert told(small, MONDAY + 5 * HOUR) == ["1 task is due, the oldest since 2027-01-11."]
    [notice] = small.sql("SELECT user_id FROM notices WHERE workspace_id = %(ws)s")
    assert notice["user_id"] == user


def test_two_workers_remind_once(small: Small) -> None:
    """L11: never twice at once."""
    give_tasks(small, ANN, BOB)
    small.clock.at = NINE
    new: list[int] = []

    def work() -> None:
        with small.db.tx(small.workspace_id) as tx:
            new.append(remind(tx))

    with small.db.tx(small.workspace_id) as tx:
        assert remind(tx) == 1
        others = [threading.Thread(target=work) for _ in range(2)]
        for each in others:
            each.start()
    for each in others:
        each.join()
    assert (new, given(small)) == ([0, 0], 1)
