"""A command that makes something due wakes running workers at once (engine.md §2), at most once a second a process."""

import threading
from collections.abc import Iterator

import pytest

from make import Small, email, make_small, sequence
from segue.db.waking import Bell, listen
from segue.ports import StoppedClock


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def test_enrolling_rings_after_its_commit_and_a_listener_wakes(small: Small) -> None:
    """What woke it can be seen by then."""
    seen: list[int] = []
    woken, stopping = threading.Event(), threading.Event()

    def look() -> None:
        seen.append(small.sql("SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s")[0]["n"])
        woken.set()

    listener = threading.Thread(target=listen, args=(small.db, look, stopping))
    listener.start()
    try:
        _await_listener(small)
        small.db.ring = Bell(small.db).ring
        small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
        assert woken.wait(30)
    finally:
        stopping.set()
        listener.join()
    assert seen == [1]


def _await_listener(small: Small) -> None:
    """The listener has its own connection; it hears what is rung once it says LISTEN."""
    pause = threading.Event()
    for _ in range(300):
        with small.db.anywhere() as conn:
            if conn.execute("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'").fetchone() != (0,):
                return
        pause.wait(0.1)
    raise AssertionError("nobody listens")


def test_a_process_rings_at_most_once_a_second(small: Small) -> None:
    bell = Bell(small.db)
    assert [bell.ring(), bell.ring()] == [True, False]
    assert isinstance(small.clock, StoppedClock)
    small.clock.sleep(1.0)
    assert bell.ring()
