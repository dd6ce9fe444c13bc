"""SEQ-72: when the zone data is updated, every pending due time is computed anew."""

from datetime import UTC, datetime, timedelta

import pytest

from make import email, make_small, sequence, task
from segue.features.enrollments.zone_update import PART, follow_zone_data
from segue.zone_data import zone_data_version

HOUR = timedelta(hours=1)
DUE = datetime(2027, 1, 13, 9, 0, tzinfo=UTC)


@pytest.fixture
def small(db_urls):
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def older_data(small, *, moved_by=HOUR, version="2020a"):
    """Leave the database as a program with older zone data would have: it believed in another offset."""
    small.sql(
        """UPDATE enrollments SET raw_due_at = raw_due_at + %(by)s, due_at = due_at + %(by)s
           WHERE workspace_id = %(ws)s AND due_at IS NOT NULL RETURNING id""",
        {"by": moved_by},
    )
    small.sql("UPDATE zone_data SET version = %(version)s WHERE workspace_id = %(ws)s RETURNING version", {"version": version})


def enrolled(small, *steps, count=1):
    flow = small.add_sequence(sequence(*steps))
    small.enroll(flow, [small.add_contact(f"p{number}@x.test") for number in range(count)])
    small.run_until(datetime(2027, 1, 11, 10, 0, tzinfo=UTC))


def dues(small):
    rows = small.sql("SELECT DISTINCT due_at FROM enrollments WHERE workspace_id = %(ws)s AND state = 'active'")
    return [row["due_at"] for row in rows]


def test_a_delay_keeps_its_civil_time_and_its_instant_follows(small):
    enrolled(small, email("one", subject="Hello"), email("two", after=timedelta(days=2)))
    assert dues(small) == [DUE]
    older_data(small)
    small.engine.tend(small.workspace_id)
    assert dues(small) == [DUE]
    [row] = small.sql("SELECT version, done_to FROM zone_data WHERE workspace_id = %(ws)s")
    assert (row["version"], row["done_to"]) == (zone_data_version(), None)


def test_a_task_moves_as_well(small):
    enrolled(small, email("one", subject="Hello"), task("call", after=timedelta(days=2)))
    before = dues(small)
    older_data(small)
    assert dues(small) != before
    small.engine.tend(small.workspace_id)
    assert dues(small) == before


def test_what_is_due_for_another_reason_keeps_its_instant_and_moves_into_the_window(small):
    enrolled(small, email("one", subject="Hello"), email("two", after=timedelta(days=2)))
    older_data(small, moved_by=timedelta(minutes=7, days=-1))
    small.engine.tend(small.workspace_id)
    assert dues(small) == [DUE + timedelta(minutes=7, days=-1)]
    older_data(small, moved_by=timedelta(hours=11))  # 21:07 in Berlin
    small.engine.tend(small.workspace_id)
    assert dues(small) == [datetime(2027, 1, 13, 8, 0, tzinfo=UTC)]


def test_data_of_the_same_or_a_later_release_changes_nothing(small):
    enrolled(small, email("one", subject="Hello"), email("two", after=timedelta(days=2)))
    for version in (zone_data_version(), "2999z"):
        older_data(small, version=version)
        before = dues(small)
        small.engine.tend(small.workspace_id)
        assert dues(small) == before


def test_many_are_done_in_parts(small):
    flow = small.add_sequence(sequence(email("one", subject="Hello")))
    small.enroll(flow, [small.add_contact(f"p{number}@x.test") for number in range(PART + 10)], start_at=DUE)
    small.engine.tend(small.workspace_id)
    small.sql("UPDATE zone_data SET version = '2020a' WHERE workspace_id = %(ws)s RETURNING version")
    for done_to_the_end in (False, True):
        with small.db.tx(small.workspace_id) as tx:
            follow_zone_data(tx)
        [row] = small.sql("SELECT version, done_to FROM zone_data WHERE workspace_id = %(ws)s")
        assert row["version"] == zone_data_version()
        assert (row["done_to"] is None) == done_to_the_end
