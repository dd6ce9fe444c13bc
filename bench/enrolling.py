"""Enrolling in bulk, refusals computed, against raw COPY of the very rows it wrote into tables of the same shape."""

import time
from datetime import timedelta
from typing import Any

import psycopg

from bench.figures import Figure
from bench.ground import Served, unchecked
from segue.domain.ids import StepKey
from segue.domain.sequence import EmailSettings, FinishSettings, SequenceSettings, Step
from segue.domain.sequence import Sequence as SequenceContent
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.enroll import enroll
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.sequences.service import publish
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.vault import Vault


def measure(server: Served, count: int) -> list[Figure]:
    """Enroll `count` contacts, one in fifty of them on the block list; then copy what came of it."""
    workspace_id = create_workspace(server.db, "Enrolling")
    steps = (
        Step(StepKey("a"), "email", EmailSettings("Hello {{ contact.first_name }}", "Your first days")),
        Step(StepKey("end"), "finish", FinishSettings(), timedelta(days=1)),
    )
    with server.db.tx(workspace_id) as tx:
        user = find_or_create_user(tx, "rep@enroll.test", name="Rita Rep")
        box = connect_mailbox(tx, user, NewMailbox("rep@enroll.test", "fake", "", {}), Vault(b"b" * 32))
        published = publish(tx, SequenceContent("Enrolling", steps, SequenceSettings()), owner=user)
    ids = _contacts(server, workspace_id, count)
    began = time.perf_counter()
    report = enroll(server.db, workspace_id, EnrollRequest(published.sequence_id, box, user), ids)
    ours = count / (time.perf_counter() - began)
    if report.enrolled + len(report.refused) != count or len(report.refused) != count // 50:
        raise RuntimeError(f"enrolled {report.enrolled}, refused {len(report.refused)} of {count}")
    with_keys, without = (report.enrolled / _copy(server, workspace_id, keys=keys) for keys in (True, False))
    rows = "contacts/s; each an enrollment and its timeline entry"
    return [
        Figure(
            f"enroll {count:,} / COPY, indexes and foreign keys alike",
            ours / with_keys,
            "x",
            goal=">= 0.6",
            beside=f"{ours:,.0f} / {with_keys:,.0f} {rows}",
        ),
        Figure(f"enroll {count:,} / COPY, foreign keys left out", ours / without, "x", beside=f"{ours:,.0f} / {without:,.0f} {rows}"),
    ]


def _contacts(server: Served, workspace_id: int, count: int) -> list[int]:
    with unchecked(server) as conn:
        conn.execute(
            """INSERT INTO contacts (workspace_id, email, email_normal, first_name, created_at, updated_at)
               SELECT %(ws)s, a.address, a.address, 'Ann' || n, %(now)s, %(now)s FROM generate_series(1, %(count)s::bigint) AS n
               CROSS JOIN LATERAL (SELECT format('e%%s@prospect.test', n)) AS a(address)""",
            {"ws": workspace_id, "now": server.db.clock.now(), "count": count},
        )
        conn.execute(
            """INSERT INTO suppressions (workspace_id, kind, value, reason, created_at)
               SELECT %(ws)s, 'address', format('e%%s@prospect.test', n * 50), 'blocked', %(now)s
               FROM generate_series(1, %(most)s::bigint) AS n""",
            {"ws": workspace_id, "now": server.db.clock.now(), "most": count // 50},
        )
        conn.execute("VACUUM (ANALYZE) contacts, suppressions")
        return [row[0] for row in conn.execute("SELECT id FROM contacts WHERE workspace_id = %s ORDER BY id", (workspace_id,))]


def _copy(server: Served, workspace_id: int, *, keys: bool) -> float:
    """Return the seconds that COPY takes for the same rows, from memory, into tables of the same indexes and, with `keys`, foreign keys."""
    total = 0.0
    with psycopg.connect(server.admin_url, autocommit=True) as conn:
        for table in ("enrollments", "events"):
            with conn.cursor().copy(f"COPY (SELECT * FROM {table} WHERE workspace_id = {workspace_id:d} ORDER BY id) TO STDOUT") as out:
                rows = [bytes(block) for block in out]
            blocks = [b"".join(rows[at : at + 1000]) for at in range(0, len(rows), 1000)]
            conn.execute(f"CREATE TABLE same_shape_{table} (LIKE {table} INCLUDING ALL)")
            for name, definition in _foreign_keys(conn, table) if keys else ():
                conn.execute(f"ALTER TABLE same_shape_{table} ADD CONSTRAINT {name} {definition}")
            began = time.perf_counter()
            with conn.cursor().copy(f"COPY same_shape_{table} FROM STDIN") as into:
                for block in blocks:
                    into.write(block)
            total += time.perf_counter() - began
            conn.execute(f"DROP TABLE same_shape_{table}")
    return total


def _foreign_keys(conn: psycopg.Connection[tuple[Any, ...]], table: str) -> list[tuple[Any, ...]]:
    return conn.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass", (table,)
    ).fetchall()
