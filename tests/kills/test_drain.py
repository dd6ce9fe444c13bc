"""L9, G29: SIGTERM begins no new hand-off, lets the running ones finish, and leaves nothing in doubt."""

from pathlib import Path

import psycopg
import pytest

from kills.office import durable_server, lay_out, open_database, smtp_process
from kills.race import enroll_round
from kills.stable import stable_workers
from segue.ports import SystemClock

CLOCK = SystemClock()
OPEN = "SELECT count(*) FROM messages WHERE workspace_id = %s AND state = ANY(%s)"


def drain(folder: Path, *, times: int, per_round: int) -> list[float]:
    """SIGTERM a worker in full work so many times; return how long each took to end."""
    took: list[float] = []
    with durable_server(folder) as server, smtp_process(folder / "smtp.log", latency=0.2) as smtp:
        field = lay_out(server, folder, smtp.port, senders=8, lease_s=60.0, deadline_s=10.0, slack_s=5.0)
        open_database(field).close()
        url = server.admin_url.replace("/postgres?", "/segue?")
        with stable_workers(folder, field, 0) as workers, psycopg.connect(url, autocommit=True) as admin:

            def count(*states: str) -> int:
                row = admin.execute(OPEN, (field.workspace_id, list(states))).fetchone()
                return int(row[0]) if row else 0

            for number in range(times):
                if number % 20 == 0:
                    enroll_round(field, per_round, number)
                workers.start(1)
                ends = CLOCK.monotonic() + 20.0
                while count("in_doubt") < 4:
                    assert CLOCK.monotonic() < ends, "the worker is not busy"
                    CLOCK.sleep(0.01)
                [(code, seconds)] = workers.stop()
                assert code == 0
                assert count("in_doubt", "sending") == 0, "left behind"
                took.append(seconds)
    return took


def check(took: list[float]) -> None:
    took.sort()
    print(f"G29 {len(took)} SIGTERM drains of 8 busy senders: median {took[len(took) // 2]:.2f} s, worst {took[-1]:.2f} s, 0 left in doubt")
    assert took[-1] <= 30.0


@pytest.mark.kills
def test_a_worker_that_is_told_to_stop_leaves_nothing_in_doubt(folder: Path):
    check(drain(folder, times=8, per_round=1500))


@pytest.mark.soak
def test_1000_workers_that_are_told_to_stop_leave_nothing_in_doubt(folder: Path):
    check(drain(folder, times=1000, per_round=1500))
