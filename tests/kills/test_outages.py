"""H1, L10: what a worker knows of the wire outlives an outage of its database."""

import os
import signal
from pathlib import Path

import pytest

from kills.judge import ServerLog
from kills.office import add_contacts, add_sequence, connect_mailboxes, durable_server, enroll_all, lay_out, open_database
from kills.server import Witness
from kills.stable import stable_workers
from kills.waiting import wait_until
from segue.domain.ids import WorkspaceId


@pytest.mark.kills
def test_an_acceptance_that_met_a_dead_database_is_stored_when_it_is_back(folder: Path):
    """Where the server files no Sent copies, nobody could tell afterwards: the mail would have to be decided by a person."""
    log = folder / "smtp.log"
    with durable_server(folder) as server, Witness(log=log, choose=lambda *_: None, silence_s=60.0) as smtp:
        smtp.dot_gate.clear()
        field = lay_out(server, folder, smtp.port, mutant="away at settling", deadline_s=20.0, lease_s=5.0, settle_s=5.0)
        db = open_database(field)
        try:
            mailboxes = connect_mailboxes(db, field, 1, silent_every=1)
            sequence = add_sequence(db, field, mailboxes[0][1], ("a",))
            enroll_all(db, field, sequence, mailboxes, add_contacts(db, field, 1))
            with stable_workers(folder, field, 1):
                wait_until(lambda: log.exists() and bool(ServerLog.read(log).taken))
                postmaster = int((server.server.data / "postmaster.pid").read_text().split()[0])
                os.kill(postmaster, signal.SIGKILL)
                smtp.dot_gate.set()
                server.ensure_running()
                db.close()
                db = open_database(field)
                with db.tx(WorkspaceId(field.workspace_id)) as tx:
                    wait_until(lambda: tx.all("SELECT state FROM messages WHERE workspace_id = %(ws)s", {})[0]["state"] != "in_doubt")
                    kinds = [row["kind"] for row in tx.all("SELECT kind FROM events WHERE workspace_id = %(ws)s ORDER BY id", {})]
        finally:
            db.close()
    assert "email_sent" in kinds
    assert "email_undecided" not in kinds
