"""The audit log: only ever added to, and proven to be whole (SEQ-13, reliability.md §8)."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from make import Small, email, make_small, sequence
from segue.domain.account_events import SettingsChanged
from segue.domain.permissions import Role
from segue.features.mail.limits_set import NewLimits, set_limits
from segue.features.mail.links import set_link_settings
from segue.features.mail.mail_rules import MailRules, set_mail_rules
from segue.features.workspaces.audit import AuditFilter, list_audit, verify_audit
from segue.features.workspaces.service import create_workspace, set_sending_rules
from segue.features.workspaces.users import UserChange, add_user, write_user


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def fact(number: int) -> SettingsChanged:
    return SettingsChanged(of="workspace", before={"cap": number}, after={"cap": number + 1})


def test_a_change_says_who_when_from_where_before_and_after(small: Small) -> None:
    with small.db.tx(small.workspace_id, actor="rita@acme.test by API key CRM", origin="192.0.2.1") as tx:
        bob = add_user(tx, "bob@acme.test", UserChange())
        write_user(tx, bob, UserChange(role=Role.MANAGER))
    with small.db.tx(small.workspace_id) as tx:
        newest = list_audit(tx)[0]
        assert (newest["kind"], newest["actor"], newest["address"]) == ("user_changed", "rita@acme.test by API key CRM", "192.0.2.1")
        assert newest["at"] == small.clock.at
        assert newest["data"]["before"] == {"role": "user"}
        assert newest["data"]["after"] == {"role": "manager"}
        assert len(list_audit(tx, AuditFilter(kind="user_changed", actor="CRM"))) == 2
        assert list_audit(tx, AuditFilter(actor="nobody")) == []
        added, _connected = list_audit(tx, AuditFilter(before=newest["id"], since=small.clock.at))
        assert (added["data"]["before"], added["data"]["after"]["role"]) == ({}, "user")


def test_what_fails_leaves_no_entry(small: Small) -> None:
    """S22."""

    def fail() -> None:
        with small.db.tx(small.workspace_id) as tx:
            tx.record(fact(1))
            tx.run("SELECT 1 / 0")

    with pytest.raises(psycopg.errors.DivisionByZero):
        fail()
    assert small.sql("SELECT * FROM audit_entries WHERE workspace_id = %(ws)s AND kind = 'settings_changed'") == []


def test_the_program_itself_can_neither_change_nor_delete_an_entry(small: Small) -> None:
    with small.db.tx(small.workspace_id) as tx:
        tx.record(fact(1))
    for statement in ("UPDATE audit_entries SET actor = 'x'", "DELETE FROM audit_entries", "TRUNCATE audit_entries"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            small.sql(statement)


def test_an_entry_that_was_changed_or_taken_out_is_found(small: Small, db_urls) -> None:
    for number in range(7):
        with small.db.tx(small.workspace_id, actor=f"é {number}") as tx:
            tx.record(fact(number))
            tx.record(fact(number + 100))
    with small.db.tx(small.workspace_id) as tx:
        whole = verify_audit(tx, batch=3)
    assert (whole.entries, whole.broken_at) == (15, 0)
    ids = [row["id"] for row in small.sql("SELECT id FROM audit_entries WHERE workspace_id = %(ws)s ORDER BY id")]
    for statement, found in (
        ("UPDATE audit_entries SET actor = 'x' WHERE id = %s", ids[4]),
        ("UPDATE audit_entries SET data = '{}' WHERE id = %s", ids[4]),
        ("UPDATE audit_entries SET address = 'x' WHERE id = %s", ids[4]),
        ("DELETE FROM audit_entries WHERE id = %s", ids[5]),
    ):
        with psycopg.connect(db_urls.owner_url) as owner:
            owner.execute("SELECT set_config('segue.workspace', %s, true)", (str(small.workspace_id),))
            owner.execute("CREATE TEMP TABLE kept AS SELECT * FROM audit_entries")
            owner.execute(statement, (ids[4],))
            owner.commit()
            with small.db.tx(small.workspace_id) as tx:
                assert verify_audit(tx).broken_at == found, statement
            owner.execute("DELETE FROM audit_entries")
            owner.execute("INSERT INTO audit_entries OVERRIDING SYSTEM VALUE SELECT * FROM kept")
            owner.execute("DROP TABLE kept")
    with small.db.tx(small.workspace_id) as tx:
        assert verify_audit(tx) == whole


def test_entries_of_several_threads_stand_in_one_chain_and_workspaces_apart(small: Small) -> None:
    other = create_workspace(small.db, "Other")

    def work(workspace_id: int) -> None:
        for number in range(10):
            with small.db.tx(workspace_id) as tx:
                tx.record(fact(number))

    threads = [threading.Thread(target=work, args=(workspace,)) for workspace in (small.workspace_id, small.workspace_id, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for workspace_id, entries in ((small.workspace_id, 21), (other, 10)):
        with small.db.tx(workspace_id) as tx:
            chain = verify_audit(tx)
            assert (chain.entries, chain.broken_at) == (entries, 0)


def test_settings_say_what_was_before_and_what_is_now_and_nothing_where_nothing_changed(small: Small) -> None:
    for _ in range(2):
        with small.db.tx(small.workspace_id, actor="cli") as tx:
            set_sending_rules(tx, breaker="off", address_per_day=5)
            set_link_settings(tx, {"unsubscribe_link": "off"}, postal_address="Acme, 1 Road, Town")
            set_mail_rules(tx, MailRules(log_alias_mail=True))
            set_limits(tx, small.mailbox_id, NewLimits(per_day=50, spacing=timedelta(seconds=90)))
    with small.db.tx(small.workspace_id) as tx:
        changes = [
            (row["data"]["of"], row["data"]["before"], row["data"]["after"]) for row in list_audit(tx) if row["kind"] == "settings_changed"
        ]
    assert ("workspace", {"breaker": None, "address_per_day": None}, {"breaker": "off", "address_per_day": 5}) in changes
    assert ("workspace", {"postal_address": ""}, {"postal_address": "Acme, 1 Road, Town"}) in changes
    assert ("rep@acme.test", {"per_day": 200, "spacing": 20.0}, {"per_day": 50, "spacing": 90.0}) in changes
    assert len(changes) == len({str(change) for change in changes})


def test_connecting_a_mailbox_and_publishing_a_sequence_are_audited(small: Small) -> None:
    small.add_sequence(sequence(email("a", subject="Hi")))
    with small.db.tx(small.workspace_id) as tx:
        entries = {row["kind"]: row["data"] for row in list_audit(tx)}
    assert entries["mailbox_connected"] == {"mailbox": "rep@acme.test", "user_id": small.user_id, "provider": "fake"}
    assert entries["sequence_changed"]["change"] == "published"
