"""The second wall: whatever a statement forgets, PostgreSQL lets the app's role see one workspace only (D11, S21)."""

from datetime import UTC, datetime

import psycopg
import pytest

from make import make_small
from segue.db.migrate import HEAD, current_revision, upgrade
from segue.db.tables import metadata
from segue.features.workspaces.service import create_workspace, find_or_create_user


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_table_begins_its_key_with_the_workspace_and_has_a_policy(table, db_urls) -> None:
    assert next(iter(metadata.tables[table].primary_key)).name == "workspace_id"
    with psycopg.connect(db_urls.owner_url) as conn:
        row = conn.execute("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", (f"public.{table}",)).fetchone()
        policies = conn.execute("SELECT roles::text, qual FROM pg_policies WHERE tablename = %s", (table,)).fetchall()
    assert row == (True,)
    assert len(policies) == 1
    assert policies[0][0] == "{segue_app}"
    assert "segue.workspace" in policies[0][1]


def test_the_app_role_owns_nothing_and_cannot_bypass_the_policies(db_urls) -> None:
    with psycopg.connect(db_urls.app_url) as conn:
        me = conn.execute("SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user").fetchone()
        owned = conn.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)"
        ).fetchone()
    assert me == (False, False, False)
    assert owned == (0,)


def test_without_a_workspace_the_app_sees_and_writes_nothing(db_urls) -> None:
    small = make_small(db_urls.app_url)
    small.close()
    with psycopg.connect(db_urls.app_url) as conn:
        for table in metadata.tables:
            assert conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(
                "INSERT INTO suppressions (workspace_id, kind, value, reason, created_at) VALUES (1, 'address', 'a@b.test', 'x', %s)",
                (datetime(2027, 1, 1, tzinfo=UTC),),
            )


def test_a_statement_that_forgets_its_filter_sees_no_other_workspace(db_urls) -> None:
    small = make_small(db_urls.app_url)
    other = create_workspace(small.db, "Other")
    with small.db.tx(other) as tx:
        find_or_create_user(tx, "spy@other.test")
    with small.db.tx(other) as tx:
        assert [row["email"] for row in tx.all("SELECT email FROM users")] == ["spy@other.test"]
        assert tx.all("SELECT * FROM mailboxes") == []
        assert tx.run("UPDATE users SET name = 'stolen'") == 1
        assert tx.run("DELETE FROM mailbox_lanes") == 0
    assert small.sql("SELECT name FROM users") == [{"name": "Rita Rep"}]
    small.close()


def test_the_setting_of_the_workspace_ends_with_its_transaction(db_urls) -> None:
    small = make_small(db_urls.app_url)
    with small.db.tx(small.workspace_id) as tx:
        assert tx.all("SELECT id FROM users")
    with small.db.anywhere() as conn:
        assert conn.execute("SELECT count(*) FROM users").fetchone() == (0,)
    small.close()


def test_upgrading_twice_changes_nothing(db_urls) -> None:
    upgrade(db_urls.owner_url)
    with psycopg.connect(db_urls.owner_url) as conn:
        assert current_revision(conn) == HEAD
