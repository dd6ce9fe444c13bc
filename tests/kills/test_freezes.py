"""H7: a process that was frozen on the way to the dot has lost its locks, and a stop that came meanwhile holds all the same."""

import os
import signal
from pathlib import Path

import psycopg
import pytest

from kills.judge import ServerLog
from kills.office import add_contacts, add_sequence, connect_mailboxes, durable_server, enroll_all, lay_out, open_database
from kills.server import Witness
from kills.stable import stable_workers
from kills.waiting import wait_until
from segue.domain.ids import WorkspaceId
from segue.domain.stop_rules import Stop
from segue.features.enrollments.react import stop_enrollments

IDLE_S = 1.5


def freeze_stop_thaw(folder: Path, mutant: str = "") -> ServerLog:
    """Freeze a worker whose DATA waits for its answer, until the database has ended its locks; stop; answer; thaw."""
    log = folder / "smtp.log"
    with durable_server(folder) as server, Witness(log=log, choose=lambda *_: None, silence_s=60.0) as smtp:
        smtp.gate.clear()
        # The deadline is long, so that only the look at the lock connection can save us.
        field = lay_out(server, folder, smtp.port, mutant=mutant, senders=2, lease_s=60.0, deadline_s=30.0, slack_s=IDLE_S - 30.0)
        db = open_database(field)
        url = server.admin_url.replace("/postgres?", "/segue?")

        def state() -> str:
            with db.tx(WorkspaceId(field.workspace_id)) as tx:
                rows = tx.all("SELECT state FROM messages WHERE workspace_id = %(ws)s", {})
            return rows[0]["state"] if rows else ""

        try:
            mailboxes = connect_mailboxes(db, field, 1)
            sequence = add_sequence(db, field, mailboxes[0][1], ("a",))
            enroll_all(db, field, sequence, mailboxes, add_contacts(db, field, 1))
            with stable_workers(folder, field, 1) as workers, psycopg.connect(url, autocommit=True) as admin:
                wait_until(lambda: state() == "in_doubt" and bool(ServerLog.read(log).data))
                os.kill(workers.pids[0], signal.SIGSTOP)
                waited = wait_until(lambda: admin.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,))
                with db.tx(WorkspaceId(field.workspace_id)) as tx:
                    ids = [row["id"] for row in tx.all("SELECT id FROM enrollments WHERE workspace_id = %(ws)s", {})]
                    assert stop_enrollments(tx, ids, Stop("MANUAL")) == 1
                smtp.gate.set()
                os.kill(workers.pids[0], signal.SIGCONT)
                wait_until(lambda: state() != "in_doubt")
                print(f"H7 the fence of a frozen worker was free after {waited:.1f} s; then: {state()}")
        finally:
            db.close()
    return ServerLog.read(log)


@pytest.mark.kills
def test_a_worker_frozen_before_the_dot_sends_nothing_once_its_locks_are_gone(folder: Path):
    log = freeze_stop_thaw(folder)
    assert len(log.data) == 1
    assert log.taken == []


@pytest.mark.kills
def test_an_engine_that_does_not_look_before_the_dot_is_caught(folder: Path):
    log = freeze_stop_thaw(folder, "no check before the dot")
    assert len(log.taken) == 1
