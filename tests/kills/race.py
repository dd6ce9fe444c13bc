"""Stops against mails in flight: rounds of workers that send and threads that stop."""

from pathlib import Path

from kills.field import Field
from kills.judge import ServerLog
from kills.office import add_contacts, add_sequence, connect_mailboxes, durable_server, enroll_all, lay_out, open_database, smtp_process
from kills.stable import stable_workers
from kills.stopper import Raced, Stopper, judge_stops

SEQUENCES = 6
LATENCY_S = 0.06
"""At most so long lie between claim and the answer to the dot, half of it before the answer to DATA."""


def race(folder: Path, *, stops: int, seed: int, mutant: str = "", per_round: int = 3000) -> Raced:
    """Aim so many stops at mails in flight; judge by the server's log. A mutant's race ends with the round that caught it."""
    with durable_server(folder) as server, smtp_process(folder / "smtp.log", seed=seed, latency=LATENCY_S) as smtp:
        field = lay_out(server, folder, smtp.port, mutant=mutant, senders=8, lease_s=60.0, deadline_s=10.0, slack_s=5.0, tend_every_s=1.0)
        db = open_database(field, pool_size=10)
        stopper = Stopper(db, field, stops, seed)
        try:
            with stable_workers(folder, field, 2) as workers:
                number = 0
                while len(stopper.stops) < stops and not (mutant and judge_stops(stopper.stops, ServerLog.read(field.log)).late):
                    number += 1
                    enroll_round(field, per_round, number)
                    stopper.run()
                assert [code for code, _ in workers.stop()] == [0, 0]
        finally:
            db.close()
        return judge_stops(stopper.stops, ServerLog.read(field.log))


def enroll_round(field: Field, number: int, which: int) -> None:
    """Enroll new contacts; mailboxes and sequences stay the same."""
    db = open_database(field)
    try:
        mailboxes = connect_mailboxes(db, field, 48)
        for each in range(SEQUENCES):
            name = f"s{each}"
            sequence = add_sequence(db, field, mailboxes[0][1], ("a",), name)
            contacts = add_contacts(db, field, number // SEQUENCES, name=f"{name}.{which}")
            enroll_all(db, field, sequence, mailboxes, contacts)
    finally:
        db.close()
