"""Stopping all that a user sends waits for every hand-off of theirs, also for one that begins while it waits (H3, S3, SEQ-107)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from kills.waiting import wait_until
from make import Small, email, make_small, sequence
from segue.db.locks import LockKind, lock_key
from segue.features.mail.stops import set_user_stopped

WAITS = "SELECT 1 AS one FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
HELD = "SELECT (classid::bigint << 32) | objid::bigint AS key FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND pid = pg_backend_pid()"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url, jitter=timedelta(0), warm_up=False)
    yield made
    made.close()


def stop_and_tell_locks(small: Small) -> set[int]:
    with small.db.tx(small.workspace_id) as tx:
        assert set_user_stopped(tx, small.user_id, True)
        return {row["key"] for row in tx.all(HELD, {})}


def test_a_mailbox_enrolled_from_while_the_stop_waits_is_waited_for_too(small: Small) -> None:
    _, other = small.add_rep("second@acme.test")
    flow = small.add_sequence(sequence(email("a", subject="Hi")))
    with ThreadPoolExecutor(1) as pool:
        with small.db.tx(small.workspace_id) as handing_off:
            handing_off.share_lock(LockKind.MAILBOX, small.mailbox_id)
            stopping = pool.submit(stop_and_tell_locks, small)
            wait_until(lambda: bool(small.sql(WAITS)) or stopping.done(), within_s=30)
            assert not stopping.done(), "it waits for the mail that is under way"
            report = small.enroll(flow, [small.add_contact("late@prospect.test")], sender=other)
            assert report.enrolled == 1, report.refused
        held = stopping.result(30)
    assert {lock_key(LockKind.MAILBOX, small.workspace_id, each) for each in (small.mailbox_id, other)} <= held
