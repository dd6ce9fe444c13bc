"""A worker process of a soak: forked from a warm parent, everything real but the inbox."""

import gc
import logging
import os
import signal
import threading
from pathlib import Path

from kills.field import Field
from kills.mutants import ENGINES, GATES
from kills.office import VAULT, open_database
from kills.post import SoakProvider
from segue.features.enrollments.engine import Engine
from segue.features.mail.hand_off import Gate
from segue.features.mail.sessions import Sessions
from segue.worker import Worker


def fork_worker(field: Field) -> int:
    """Fork a worker; returns its process id. The caller has no other threads."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        gc.freeze()
        work(field)
        code = 0
    finally:
        os._exit(code)


def work(field: Field) -> None:
    """Work until SIGTERM."""
    logging.basicConfig(filename=field.notes, level=logging.WARNING, format=f"%(asctime)s {os.getpid()} %(threadName)s %(message)s")
    clock = field.clock()
    db = open_database(field, pool_size=6)
    gate = GATES.get(field.mutant, Gate)(db, threads=field.senders, longest_deadline_s=field.deadline_s, slack_s=field.slack_s)
    sessions = Sessions(
        db, VAULT, {"soak": SoakProvider(field.port, Path(field.log), clock, absence_proves=field.mutant == "absence taken as proof")}
    )
    settle_s = 0.0 if field.mutant == "evidence too early" else field.settle_s
    engine = ENGINES.get(field.mutant, Engine)(db, gate, sessions, settle_after_s=settle_s)
    worker = Worker(engine, senders=field.senders, watch=False, tend_every_s=field.tend_every_s)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()
    engine.close()
    db.close()
    assert threading.active_count() < 50
