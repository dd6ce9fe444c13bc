"""One soak from empty folder to verdict."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kills.field import DELAY_S, SPEED, STEPS, Field
from kills.judge import ServerLog, Verdict, judge
from kills.mayhem import Plan
from kills.office import (
    HERE,
    add_contacts,
    add_sequence,
    connect_mailboxes,
    durable_server,
    enroll_all,
    lay_out,
    open_database,
    smtp_process,
)
from segue.domain.ids import MessageId, WorkspaceId
from segue.features.enrollments.settle import decide_undecided


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is to send."""

    enrollments: int = 1200
    mailboxes: int = 120
    silent_every: int = 6
    fault_rate: float = 0.12
    late_s: float = 1.5
    """How long after it hung up the server may still accept: well within T_settle, but for a mutant that does not wait for that."""


@dataclass(slots=True)
class Report:
    """What a soak did and how it is judged."""

    done: dict[str, Any]
    faults: dict[str, int]
    verdict: Verdict

    def __str__(self) -> str:
        done = self.done
        crashes = f"{done['crashes']} database crashes (ready after {done['ready_s']} s)"
        faults = " ".join(f"{name}:{number}" for name, number in sorted(self.faults.items()))
        return (
            f"{done['kills']} kills, {done['freezes']}+{done['long_freezes']} freezes, {done['cut_backends']} backends cut, {crashes} in "
            f"{done['seconds']:.0f} s; healed in {done['heal_seconds']:.1f} s\n{self.verdict}\nfaults shown: {faults}"
        )


def run_soak(folder: Path, plan: Plan, size: Size, mutant: str = "") -> Report:
    """Do the damage, let it heal, let a person decide what nobody can know, and judge."""
    with (
        durable_server(folder) as server,
        smtp_process(folder / "smtp.log", seed=plan.seed, rate=size.fault_rate, late_s=size.late_s) as smtp,
    ):
        field = lay_out(server, folder, smtp.port, mutant=mutant)
        field.write(folder / "field.json")
        fill(field, size)
        done = do(folder, plan, smtp)
        if not mutant and decide_as_a_person(field):
            more = do(folder, Plan(seed=plan.seed, kills=0, freezes=0, long_freezes=0, cut_backends=0, crashes=0), smtp)
            done["open_at_rest"] = more["open_at_rest"]
        faults = smtp.close()
        url = server.admin_url.replace("/postgres?", "/segue?")
        return Report(done, faults, judge(url, field.workspace_id, ServerLog.read(field.log), STEPS, DELAY_S / SPEED))


def fill(field: Field, size: Size) -> None:
    """Enroll everybody; all first mails are due at once."""
    db = open_database(field)
    try:
        mailboxes = connect_mailboxes(db, field, size.mailboxes, silent_every=size.silent_every)
        sequence = add_sequence(db, field, mailboxes[0][1])
        enroll_all(db, field, sequence, mailboxes, add_contacts(db, field, size.enrollments))
    finally:
        db.close()


def do(folder: Path, plan: Plan, smtp: Any) -> dict[str, Any]:
    """Run the damage in a process of its own; return its counts."""
    with mayhem(folder, plan) as process:
        assert process.stdout
        assert process.stdin
        assert process.stdout.readline() == "calm\n", "the damage ended early: see its output"
        smtp.calm()
        said, _ = process.communicate("go on\n")
    assert process.returncode == 0
    return dict(json.loads(said))


@contextmanager
def mayhem(folder: Path, plan: Plan) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "kills.mayhem", str(folder / "field.json"), json.dumps(asdict(plan))]
    process = subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def decide_as_a_person(field: Field) -> int:
    """Decide every undecided mail as somebody would who asks the contact: it came, or it did not (SEQ-99)."""
    came = {each.key for each in ServerLog.read(field.log).taken}
    db = open_database(field)
    try:
        with db.tx(WorkspaceId(field.workspace_id)) as tx:
            rows = tx.all("SELECT id, key FROM messages WHERE workspace_id = %(ws)s AND state = 'unknown'", {})
            for row in rows:
                decide_undecided(tx, MessageId(row["id"]), "was_sent" if row["key"] in came else "send_again")
    finally:
        db.close()
    return len(rows)
