"""What the decision records in docs/adr claim of PostgreSQL and of the schema, asked of a real one."""

import threading

import psycopg
import pytest

from segue.db.functions import GATE, MARK_IN_DOUBT, SIGNATURES

READ_BEHIND_A_LOCK = {
    "a VOLATILE function": ("VOLATILE", "SELECT locked_read()", "new"),
    "a STABLE function": ("STABLE", "SELECT locked_read()", "old"),
    "one statement": (
        "VOLATILE",
        "WITH locked AS MATERIALIZED (SELECT pg_advisory_xact_lock(7)) SELECT v FROM tried, locked",
        "old",
    ),
}


@pytest.fixture
def owner(db_urls):
    with psycopg.connect(db_urls.owner_url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize("how", READ_BEHIND_A_LOCK)
def test_only_a_volatile_function_reads_what_was_committed_while_it_waited(owner, db_urls, how):
    """ADR 14, H2: the gate waits for a stop and must then see it."""
    volatility, statement, seen = READ_BEHIND_A_LOCK[how]
    owner.execute("CREATE TABLE tried (v text)")
    owner.execute("INSERT INTO tried VALUES ('old')")
    owner.execute(
        f"""CREATE FUNCTION locked_read() RETURNS text LANGUAGE plpgsql {volatility}
            AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN (SELECT v FROM tried); END $$"""
    )
    read = []

    def wait_and_read():
        with psycopg.connect(db_urls.owner_url, autocommit=True) as waiting:
            read.append(waiting.execute(statement).fetchone()[0])

    with psycopg.connect(db_urls.owner_url) as stop:
        stop.execute("SELECT pg_advisory_xact_lock(7)")
        stop.execute("UPDATE tried SET v = 'new'")
        reader = threading.Thread(target=wait_and_read)
        reader.start()
        while not somebody_waits(owner):
            pass
        stop.commit()
    reader.join()
    assert read == [seen]


def somebody_waits(connection):
    waiting = (
        "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return connection.execute(waiting).fetchone()[0]


def test_the_functions_of_the_hand_off_are_volatile_and_run_as_their_caller(owner):
    """ADR 14, ADR 16: row-level security holds inside them; only the questions across workspaces run as the owner."""
    assert "VOLATILE" in GATE
    assert "VOLATILE" in MARK_IN_DOUBT
    found = {
        name: (volatile, definer)
        for name, volatile, definer in owner.execute("SELECT proname, provolatile, prosecdef FROM pg_proc WHERE proname LIKE 'segue\\_%'")
    }
    assert found["segue_gate"] == ("v", False)
    assert found["segue_mark_in_doubt"] == ("v", False)
    assert {name for name, (_, definer) in found.items() if definer} == {
        "segue_workspaces",
        "segue_ready_workspaces",
        "segue_instances",
        "segue_find_links",
        "segue_find_token",
        "segue_find_users",
    }
    assert set(found) == {signature.partition("(")[0] for signature in SIGNATURES}


def test_every_key_begins_with_the_workspace(owner):
    """ADR 11: primary keys, unique indexes and foreign keys."""
    rows = owner.execute(
        """SELECT c.relname, i.relname, a.attname FROM pg_index AS x
           JOIN pg_class AS c ON c.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid
           JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
           WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'alembic_version'"""
    ).fetchall()
    assert len(rows) >= 16
    assert [row for row in rows if row[2] != "workspace_id"] == []
    foreign = owner.execute(
        """SELECT k.conrelid::regclass::text, k.conname, a.attname FROM pg_constraint AS k
           JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
           WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace"""
    ).fetchall()
    assert foreign
    assert [row for row in foreign if row[2] != "workspace_id"] == []


def test_the_embedded_cluster_has_the_builtin_locale(owner):
    """ADR 18: indexes do not depend on the system's C library."""
    row = owner.execute("SELECT datlocprovider, datlocale FROM pg_database WHERE datname = current_database()").fetchone()
    assert row == ("b", "C.UTF-8")
