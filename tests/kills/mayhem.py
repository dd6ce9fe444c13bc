"""The damage: one single-threaded process that forks workers and ends, freezes and cuts them off, by seed.

    python -m kills.mayhem FIELD PLAN

prints one JSON object of counts at the end.
"""

import gc
import heapq
import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psycopg

from kills.field import Field
from kills.worker_process import fork_worker
from segue.db.embedded import Embedded, start
from segue.ports import SystemClock

CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Plan:
    """How much damage is to be done. Real seconds; `heal_s` bounds the rest afterwards (L1)."""

    seed: int = 1
    workers: int = 4
    kills: int = 500
    freezes: int = 20
    long_freezes: int = 3
    cut_backends: int = 60
    crashes: int = 2
    pace_s: float = 0.04
    long_freeze_s: float = 2.5
    heal_s: float = 60.0


@dataclass(slots=True)
class Done:
    """What was done, and how long the database took to be ready after each crash."""

    kills: int = 0
    freezes: int = 0
    long_freezes: int = 0
    cut_backends: int = 0
    crashes: int = 0
    ready_s: list[float] = field(default_factory=list)
    seconds: float = 0.0
    heal_seconds: float = 0.0
    open_at_rest: int = 0
    drained_before_the_end: bool = False
    exit_codes: list[int] = field(default_factory=list)
    died: int = 0


OPEN = """
    SELECT count(*) FROM enrollments WHERE workspace_id = %s AND state = 'active' AND waiting_for <> 'UNCONFIRMED'
"""


class Mayhem:
    """Forks and ends."""

    def __init__(self, where: Field, plan: Plan, server: Embedded) -> None:
        self.field, self.plan, self.server = where, plan, server
        self.dice = random.Random(plan.seed)
        self.done = Done()
        self.running: list[int] = []
        self.frozen: list[tuple[float, int]] = []
        self.admin = self.connect()

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.server.admin_url.replace("/postgres?", "/segue?"), autocommit=True)

    def run(self) -> None:
        began = time.monotonic()
        while len(self.running) < self.plan.workers:
            self.running.append(fork_worker(self.field))
        work = self.actions()
        for number, action in enumerate(work):
            self.wait(min(self.dice.expovariate(1 / self.plan.pace_s), 10 * self.plan.pace_s))
            action()
            if number == len(work) * 9 // 10:
                self.done.drained_before_the_end = self.count_open() == 0
        while self.frozen:
            self.wait(0.01)
        self.done.seconds = time.monotonic() - began

    def actions(self) -> list[object]:
        plan = self.plan
        work = (
            [self.kill] * plan.kills
            + [self.freeze] * plan.freezes
            + [self.freeze_long] * plan.long_freezes
            + [self.cut_backend] * plan.cut_backends
            + [self.crash] * plan.crashes
        )
        self.dice.shuffle(work)
        return work

    def wait(self, seconds: float) -> None:
        """Let time pass, and thaw whose time has come."""
        ends = time.monotonic() + seconds
        while self.frozen and self.frozen[0][0] <= ends:
            at, pid = heapq.heappop(self.frozen)
            CLOCK.sleep(max(0.0, at - time.monotonic()))
            if pid in self.running:
                os.kill(pid, signal.SIGCONT)
        CLOCK.sleep(max(0.0, ends - time.monotonic()))

    def kill(self) -> None:
        self.bury()
        pid = self.dice.choice(self.running)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self.running.remove(pid)
        self.running.append(fork_worker(self.field))
        self.done.kills += 1

    def bury(self) -> None:
        """A worker that ended by itself is a fault of the engine: count it and go on with another."""
        for pid in list(self.running):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self.running.remove(pid)
                self.running.append(fork_worker(self.field))
                self.done.died += 1

    def freeze(self) -> None:
        self.stop_for(self.dice.uniform(0.02, 0.5))
        self.done.freezes += 1

    def freeze_long(self) -> None:
        self.stop_for(self.plan.long_freeze_s * self.dice.uniform(1.0, 2.0))
        self.done.long_freezes += 1

    def stop_for(self, seconds: float) -> None:
        awake = [pid for pid in self.running if all(pid != frozen for _, frozen in self.frozen)]
        if awake:
            pid = self.dice.choice(awake)
            os.kill(pid, signal.SIGSTOP)
            heapq.heappush(self.frozen, (time.monotonic() + seconds, pid))

    def cut_backend(self) -> None:
        self.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE usename = 'segue_app' ORDER BY random() LIMIT 1) AS one"
        )
        self.done.cut_backends += 1

    def crash(self) -> None:
        """Kill the postmaster and let the supervisor bring it back (G2)."""
        pid = int((self.server.server.data / "postmaster.pid").read_text().split()[0])
        began = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        self.server.ensure_running()
        self.done.ready_s.append(round(time.monotonic() - began, 2))
        self.admin = self.connect()
        self.done.crashes += 1

    def heal(self) -> None:
        """No more damage: everything that is due must get through within the bound."""
        began = time.monotonic()
        while self.count_open() and time.monotonic() - began < self.plan.heal_s:
            self.wait(0.1)
            self.bury()
        self.done.heal_seconds = time.monotonic() - began
        self.done.open_at_rest = self.count_open()
        for pid in self.running:
            os.kill(pid, signal.SIGTERM)
        self.done.exit_codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in self.running]

    def count_open(self) -> int:
        row = self.admin.execute(OPEN, (self.field.workspace_id,)).fetchone()
        return int(row[0]) if row else 0


def main(field_path: str, plan_text: str) -> None:
    where = Field.read(Path(field_path))
    with start(Path(where.data_dir), small=True) as server:
        mayhem = Mayhem(where, Plan(**json.loads(plan_text)), server)
        gc.collect()
        gc.freeze()
        try:
            mayhem.run()
            print("calm", flush=True)
            sys.stdin.readline()  # the server is calm as well
            mayhem.heal()
        finally:
            for pid in mayhem.running:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        print(json.dumps(asdict(mayhem.done)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
