"""H5: the hand-off holds the enrollment on one connection and waits for the message on another. Whoever takes both must take them in this order,
or two wait for each other in a way that no deadlock detector sees."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import psycopg

from kills.waiting import wait_until
from make import email, make_small, sequence
from segue.db.tx import Connection, Database
from segue.features.enrollments.execute import claim_and_prepare
from segue.features.enrollments.settle import settle
from segue.features.mail.hand_off import Facts, Gate, Held, Result, Sending
from segue.providers.mail.base import Accepted


class Pausing(Gate):
    """Stops for a moment when it holds its locks and has not yet written `in_doubt`."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, threads=2)
        self.there, self.go_on = threading.Event(), threading.Event()

    def _lock_then_read(self, conn: Connection, sending: Sending, now: datetime) -> Facts | None:
        facts = super()._lock_then_read(conn, sending, now)
        self.there.set()
        self.go_on.wait(20)
        return facts


def test_settling_what_a_slow_worker_says_does_not_hold_up_the_hand_off_of_another(db_urls):
    """A worker that overslept its lease reports on a message that another one is handing over by now."""
    small = make_small(db_urls.app_url)
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    small.engine.read(small.workspace_id, small.mailbox_id)
    [sending] = claim_and_prepare(small.db, small.workspace_id, lanes=1)
    gate, now = Pausing(small.db), small.clock.now()
    stale = Result(sending, Held("the mailbox is sending another message", now + timedelta(seconds=1)), now)
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(2) as threads, psycopg.connect(db_urls.app_url, autocommit=True) as eye:
        with small.engine.sessions.use(small.workspace_id, small.mailbox_id) as session:
            handing_over = threads.submit(gate.hand_off, sending, session)
            assert gate.there.wait(20)
            settling = threads.submit(settle, small.db, small.workspace_id, [stale])
            wait_until(lambda: settling.done() or eye.execute(waiting).fetchone() != (0,))
            gate.go_on.set()
            result = handing_over.result(timeout=10)  # `in_doubt` would wait 30 s for the settler, and the settler for us
        settling.result(timeout=10)
    assert isinstance(result.outcome, Accepted)
    settle(small.db, small.workspace_id, [result])
    assert [row["state"] for row in small.sql("SELECT state FROM messages WHERE workspace_id = %(ws)s")] == ["sent"]
    gate.close()
    small.close()
