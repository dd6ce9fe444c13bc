"""The list of those who get no mail: in every spelling, for good, and not before hand-offs under way are over (S4, H3)."""

import psycopg
import pytest

from features.contacts.tables import NOW, workspace
from segue.db.locks import LockKind, lock_key
from segue.domain.errors import Invalid
from segue.features.contacts.suppression import Suppression, find_suppressions, suppress


@pytest.fixture
def acme(db_urls, tmp_path):
    with workspace(db_urls.app_url, tmp_path) as made:
        yield made


def put(acme, kind, value, reason="asked", *, patience="10s"):
    with acme.db.tx(acme.id, actor="rita") as tx:
        tx.run(f"SET LOCAL lock_timeout = '{patience}'")
        return suppress(tx, kind, value, reason)


def found(acme, *addresses):
    with acme.db.tx(acme.id) as tx:
        return find_suppressions(tx, addresses)


def test_an_address_is_barred_in_every_spelling_that_reaches_its_mailbox(acme):
    """SEQ-64."""
    assert put(acme, "address", " Ann.Lee@GMAIL.com ")
    barred = Suppression("address", "annlee@gmail.com", "asked", NOW)
    assert found(acme, "annlee+x@googlemail.com", "bob@gmail.com") == {"annlee+x@googlemail.com": barred}


@pytest.mark.parametrize("value", ["Acme.example", "@acme.example", " acme.example. "])
def test_a_domain_bars_all_its_addresses_and_no_others(acme, value):
    assert put(acme, "domain", value)
    assert set(found(acme, "a@ACME.example", "b@acme.example", "a@sub.acme.example", "acme.example@x.example")) == {
        "a@ACME.example",
        "b@acme.example",
    }


def test_the_first_reason_stays_and_the_fact_is_recorded_once(acme):
    acme.load("email\nann@x.example\n")
    assert put(acme, "address", "ann@x.example", "complaint")
    assert not put(acme, "address", "ANN@x.example", "asked")
    assert found(acme, "ann@x.example")["ann@x.example"].reason == "complaint"
    with acme.db.tx(acme.id) as tx:
        events = tx.all("SELECT kind, actor, contact_id IS NOT NULL AS known, data FROM events WHERE workspace_id = %(ws)s", {})
    data = {"suppression_kind": "address", "value": "ann@x.example", "reason": "complaint"}
    assert events == [{"kind": "address_suppressed", "actor": "rita", "known": True, "data": data}]


def test_an_import_never_lifts_a_suppression(acme):
    """S4."""
    put(acme, "address", "ann@x.example")
    acme.load("email\nann@x.example\n")
    assert found(acme, "ann@x.example")


@pytest.mark.parametrize(
    ("kind", "value"), [("address", "acme.example"), ("address", ""), ("domain", "acme"), ("domain", "a@b.example"), ("domain", "")]
)
def test_what_is_no_address_or_domain_is_refused(acme, kind, value):
    with pytest.raises(Invalid) as refused:
        put(acme, kind, value)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("kind", "lock", "value"), [("address", LockKind.ADDRESS, "ann@x.example"), ("domain", LockKind.DOMAIN, "x.example")]
)
def test_a_suppression_waits_for_the_hand_off_under_way(acme, kind, lock, value):
    """H3: a hand-off holds the lock shared; the stop returns once it is over, so that no mail leaves after it."""
    with acme.db.anywhere() as sending:
        sending.execute("SELECT pg_advisory_xact_lock_shared(%s)", (lock_key(lock, acme.id, value),))
        with pytest.raises(psycopg.errors.LockNotAvailable):
            put(acme, kind, value, patience="50ms")
    assert put(acme, kind, value)


def test_suppressions_of_thousands_are_found_in_one_question(acme):
    put(acme, "domain", "x.example")
    assert len(found(acme, *(f"p{n}@x.example" for n in range(5_000)))) == 5_000
    assert found(acme) == {}
