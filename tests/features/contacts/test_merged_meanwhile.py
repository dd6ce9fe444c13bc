"""A merge that comes first while another act on the same contact waits for its lock: that act touches nothing it has not locked (S3, S27)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from kills.waiting import wait_until
from make import MONDAY, Small, email, make_small, sequence
from segue.domain.errors import Conflict, NotFound
from segue.features.contacts.edit import delete_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.merge import merge_contacts

ANN, BOB, CAT, DAN = "ann@x.test", "bob@x.test", "cat@x.test", "dan@x.test"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    contacts = [made.add_contact(each) for each in (ANN, BOB, CAT, DAN)]
    made.enroll(made.add_sequence(sequence(email("one", subject="Hi"))), contacts)
    yield made
    made.close()


def after_a_merge(small: Small, url: str, act, *given: str) -> BaseException | None:
    """Merge Ann into Bob; begin an act that waits for it; return what the act raised."""

    def run() -> None:
        with small.db.tx(small.workspace_id) as tx:
            act(tx, *given)

    with ThreadPoolExecutor(1) as threads, psycopg.connect(url, autocommit=True) as eye:
        with small.db.tx(small.workspace_id) as tx:
            merge_contacts(tx, BOB, ANN)
            tx.flush()
            begun = threads.submit(run)
            wait_until(lambda: begun.done() or eye.execute(WAITING).fetchone() != (0,))
        return begun.exception(timeout=60)


def open_now(small: Small) -> set[str]:
    rows = small.sql("SELECT address FROM enrollments WHERE workspace_id = %(ws)s AND state = 'active'")
    return {row["address"] for row in rows}


def test_a_second_merge_does_not_take_whom_it_has_not_locked(small: Small, db_urls) -> None:
    """The defect: Ann's address led to Bob by then, and Bob was merged away without a lock: an error of the database, or worse."""
    assert isinstance(after_a_merge(small, db_urls.app_url, merge_contacts, CAT, ANN), Conflict)
    assert open_now(small) == {ANN, CAT, DAN}
    assert small.clock.now() == MONDAY


def test_a_deletion_says_that_there_is_nothing_left_to_delete(small: Small, db_urls) -> None:
    """The defect: it said that Ann was deleted before, while her enrollment went on under Bob."""
    assert isinstance(after_a_merge(small, db_urls.app_url, delete_contact, ANN), Conflict)
    assert open_now(small) == {ANN, CAT, DAN}


@pytest.mark.parametrize("person", [ANN, BOB])
def test_an_erasure_covers_what_a_merge_has_just_added_or_is_refused(small: Small, db_urls, person: str) -> None:
    """S27: the hashes of all addresses are kept, and nothing says done that is not."""
    assert isinstance(after_a_merge(small, db_urls.app_url, erase_person, person), Conflict)
    with small.db.tx(small.workspace_id) as tx:
        assert erase_person(tx, person) == 2
    assert open_now(small) == {CAT, DAN}


def test_who_is_gone_altogether_is_not_found(small: Small) -> None:
    with small.db.tx(small.workspace_id) as tx:
        erase_person(tx, ANN)
    with small.db.tx(small.workspace_id) as tx, pytest.raises(NotFound):
        merge_contacts(tx, CAT, ANN)
