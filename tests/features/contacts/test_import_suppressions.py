"""Suppression lists from files: hundreds in a transaction, with the same facts and locks as one at a time (S4, H3, SEQ-63)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from kills.waiting import wait_until
from make import Small, email, make_small, sequence
from segue.db.locks import LockKind
from segue.features.contacts.import_suppressions import SuppressionReport, import_suppressions
from segue.features.contacts.suppression import UNSUBSCRIBED_ALL, suppress


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def load_list(small: Small, folder: Path, *lines: str, reason: str = "by hand") -> SuppressionReport:
    path = folder / "list.csv"
    path.write_text("".join(f"{line}\n" for line in ("email", *lines)), encoding="utf-8")
    return import_suppressions(small.db, small.workspace_id, path, reason)


def told(small: Small) -> list[tuple[int | None, str, str]]:
    rows = small.sql(
        "SELECT contact_id, data FROM events WHERE workspace_id = %(ws)s AND kind = 'address_suppressed' ORDER BY data ->> 'value'"
    )
    return [(row["contact_id"], row["data"]["value"], row["data"]["reason"]) for row in rows]


def test_a_list_ends_what_it_covers_and_nothing_else(small: Small, tmp_path: Path) -> None:
    """S4: by the enrolled address, a further address of the contact, and the domain."""
    flow = small.add_sequence(sequence(email("one", subject="Hi")))
    people = {name: small.add_contact(f"{name}@{name}.test") for name in ("ann", "bob", "cid", "dee")}
    small.sql(
        "UPDATE contacts SET other_addresses = ARRAY['b@home.test'] WHERE workspace_id = %(ws)s AND id = %(id)s RETURNING id",
        {"id": people["bob"]},
    )
    small.enroll(flow, list(people.values()))
    known = small.add_contact("known@no.test")
    report = load_list(small, tmp_path, "Ann@ann.test", "b@home.test", "cid.test", "known@no.test", "stranger@no.test", "no!")
    assert (report.added, report.known, [value for _, value in report.bad]) == (5, 0, ["no!"])
    ended = {name: (small.state(f"{name}@{name}.test")["state"], small.state(f"{name}@{name}.test")["reason"]) for name in people}
    assert ended == dict.fromkeys(("ann", "bob", "cid"), ("unenrolled", "SUPPRESSED")) | {"dee": ("active", "")}
    facts = {value: contact for contact, value, _ in told(small)}
    assert (facts["ann@ann.test"], facts["known@no.test"], facts["stranger@no.test"]) == (people["ann"], known, None)
    assert len(told(small)) == report.added
    again = load_list(small, tmp_path, "ann@ann.test", "cid.test", "known@no.test")
    assert (again.added, again.known, len(told(small))) == (0, 3, report.added)


def test_the_first_reason_stays_but_for_a_persons_own_wish(small: Small, tmp_path: Path) -> None:
    """SEQ-63."""
    with small.db.tx(small.workspace_id) as tx:
        for address, reason in (("a@x.test", "bounced"), ("b@x.test", "complaint"), ("c@x.test", "unsubscribed")):
            suppress(tx, "address", address, reason)
    load_list(small, tmp_path, "a@x.test", "b@x.test", "c@x.test", reason="by hand")
    rows = small.sql("SELECT value, reason FROM suppressions WHERE workspace_id = %(ws)s ORDER BY value")
    assert [row["reason"] for row in rows] == ["bounced", "complaint", "unsubscribed"]
    load_list(small, tmp_path, "a@x.test", "b@x.test", "c@x.test", reason=UNSUBSCRIBED_ALL)
    rows = small.sql("SELECT value, reason FROM suppressions WHERE workspace_id = %(ws)s ORDER BY value")
    assert [row["reason"] for row in rows] == [UNSUBSCRIBED_ALL, "complaint", UNSUBSCRIBED_ALL]


@pytest.mark.parametrize(("kind", "name"), [(LockKind.ADDRESS, "ann@one.test"), (LockKind.DOMAIN, "two.test")])
def test_a_list_waits_for_a_hand_off_to_one_of_its_addresses(small: Small, tmp_path: Path, db_urls, kind: LockKind, name: str) -> None:
    """H3."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with ThreadPoolExecutor(1) as threads, psycopg.connect(db_urls.app_url, autocommit=True) as eye:
        with small.db.tx(small.workspace_id) as tx:
            tx.share_lock(kind, name)
            loading = threads.submit(load_list, small, tmp_path, "ann@one.test", "two.test", "bob@three.test")
            wait_until(lambda: loading.done() or eye.execute(waiting).fetchone() != (0,), 60)
            assert not loading.done()
        assert loading.result(timeout=60).added == 3
