"""Secrets at rest: sealed for one row, under keys that change without anything being lost (S23, reliability.md §8)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary

from make import REP, Small, email, make_small, sequence
from segue.db.tables import metadata
from segue.domain.errors import Unavailable
from segue.features.mail.connect import MAILBOX_SECRET, NewMailbox, connect_mailbox
from segue.features.workspaces.audit import AuditFilter, list_audit
from segue.features.workspaces.service import create_workspace
from segue.features.workspaces.vault import KEY_FILE, Sealed, Vault, encrypt, load_vault, read_keys, rotate_keys
from segue.wiring import SEALED

KEY = b"k" * 32


@pytest.fixture
def small(db_urls) -> Iterator[Small]:
    made = make_small(db_urls.app_url)
    yield made
    made.close()


def stored(small: Small) -> bytes:
    return bytes(small.sql("SELECT secret FROM mailboxes WHERE workspace_id = %(ws)s")[0]["secret"])


def opened(small: Small, vault: Vault) -> str:
    with small.db.tx(small.workspace_id) as tx:
        return vault.open(tx, stored(small), MAILBOX_SECRET, REP)


def test_a_secret_opens_in_its_own_row_alone(small: Small) -> None:
    other = create_workspace(small.db, "Other")
    sealed = stored(small)
    assert sealed.startswith(b"v1.")
    assert b"pw" not in sealed
    with small.db.tx(small.workspace_id) as tx:
        assert small.vault.open(tx, sealed, MAILBOX_SECRET, REP) == "pw"
        for where, row in ((MAILBOX_SECRET, "x@acme.test"), (Sealed("mailboxes", "password", "address"), REP), (SEALED[1], REP)):
            with pytest.raises(Unavailable):
                small.vault.open(tx, sealed, where, row)
        for place in range(0, len(sealed), 7):
            damaged = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
            with pytest.raises(Unavailable):
                small.vault.open(tx, damaged, MAILBOX_SECRET, REP)
    with small.db.tx(other) as tx, pytest.raises(Unavailable):
        small.vault.open(tx, sealed, MAILBOX_SECRET, REP)
    with pytest.raises(Unavailable):
        opened(small, Vault(b"x" * 32))
    assert "kkkk" not in repr(small.vault)


def test_every_column_that_may_hold_a_secret_is_sealed_or_says_why_not() -> None:
    known = {(each.table, each.column) for each in SEALED}
    no_secret = {
        ("workspaces", "mail_secret"): "makes Message-IDs and hashes of erased addresses; opens nothing",
        ("data_keys", "wrapped"): "wrapped by the master key",
        ("messages", "mime"): "a mail",
        ("quarantine", "raw"): "a mail",
    }
    named = ("secret", "password", "wrapped", "private", "token")
    found = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if any(word in column.name for word in named) and isinstance(column.type, LargeBinary)
    }
    assert found - known - set(no_secret) == set(), "seal it and name it in wiring.SEALED"
    for table, column in known:
        assert isinstance(metadata.tables[table].columns[column].type, LargeBinary)


def test_keys_rotate_while_mail_goes_on(small: Small, tmp_path: Path) -> None:
    vault = load_vault(tmp_path)
    running = load_vault(tmp_path)
    with small.db.tx(small.workspace_id) as tx:
        connect_mailbox(tx, small.user_id, NewMailbox(address=REP, provider="fake", secret="pw"), vault)
    before, first = stored(small), read_keys(tmp_path / KEY_FILE)
    assert opened(small, running) == "pw"
    assert rotate_keys(small.db, vault, SEALED, tmp_path / KEY_FILE) == 1
    after, keys = stored(small), read_keys(tmp_path / KEY_FILE)
    assert before.split(b".")[1] != after.split(b".")[1]
    assert keys[1:] == first
    assert len(small.sql("SELECT * FROM data_keys WHERE workspace_id = %(ws)s")) == 1
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert opened(small, running) == "pw", "a process that began before looks for the new key by itself"
    rotate_keys(small.db, load_vault(tmp_path), SEALED, tmp_path / KEY_FILE)
    assert len(read_keys(tmp_path / KEY_FILE)) == 2
    assert opened(small, load_vault(tmp_path)) == "pw"
    with pytest.raises(Unavailable):
        opened(small, Vault(*first))
    with small.db.tx(small.workspace_id) as tx:
        assert [row["data"]["secrets"] for row in list_audit(tx, AuditFilter(kind="keys_rotated"))] == [1, 1]


def test_secrets_from_before_there_were_data_keys_open_and_are_taken_along(small: Small) -> None:
    vault = Vault(KEY)
    old = encrypt(KEY, vault.key_id, b"old pw", MAILBOX_SECRET.place(small.workspace_id, REP), small.db.random_bytes)
    small.sql("UPDATE mailboxes SET secret = %(old)s WHERE workspace_id = %(ws)s", {"old": old})
    assert opened(small, vault) == "old pw"
    assert rotate_keys(small.db, vault, SEALED, None) == 1
    assert opened(small, Vault(KEY)) == "old pw"
    assert stored(small).split(b".")[1] != old.split(b".")[1]


def test_a_key_given_by_the_environment_is_changed_with_the_one_before_beside_it(small: Small, tmp_path: Path) -> None:
    with small.db.tx(small.workspace_id) as tx:
        connect_mailbox(tx, small.user_id, NewMailbox(address=REP, provider="fake", secret="pw"), load_vault(tmp_path, "first secret"))
    with pytest.raises(Unavailable):
        opened(small, load_vault(tmp_path, "second secret"))
    both = load_vault(tmp_path, "second secret", "first secret")
    assert opened(small, both) == "pw"
    rotate_keys(small.db, both, SEALED, None)
    assert opened(small, load_vault(tmp_path, "second secret")) == "pw"
    assert not (tmp_path / KEY_FILE).exists()


def test_what_cannot_be_opened_stops_the_rotation_of_its_workspace_and_changes_nothing(small: Small) -> None:
    small.sql("UPDATE mailboxes SET secret = 'v1.abc.def.ghi' WHERE workspace_id = %(ws)s")
    keys = small.sql("SELECT * FROM data_keys WHERE workspace_id = %(ws)s")
    with pytest.raises(Unavailable):
        rotate_keys(small.db, small.vault, SEALED, None)
    assert small.sql("SELECT * FROM data_keys WHERE workspace_id = %(ws)s") == keys


def test_the_first_use_of_a_mailbox_secret_by_a_process_is_audited_and_names_no_secret(small: Small) -> None:
    small.enroll(small.add_sequence(sequence(email("a", subject="Hi"))), [small.add_contact("ann@prospect.test")])
    small.run_until(small.clock.at + timedelta(minutes=30))
    small.engine.read(small.workspace_id, small.mailbox_id)
    with small.db.tx(small.workspace_id) as tx:
        used = list_audit(tx, AuditFilter(kind="secret_used"))
    assert sorted(row["data"]["purpose"] for row in used) == sorted({row["data"]["purpose"] for row in used})
    assert {row["data"]["mailbox"] for row in used} == {REP}


def test_two_first_starts_at_once_go_on_with_one_key(tmp_path: Path) -> None:
    first = load_vault(tmp_path)
    assert load_vault(tmp_path).key_id == first.key_id
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
