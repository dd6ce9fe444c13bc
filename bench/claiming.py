"""The queue: what a claim costs as the table grows, what an empty poll costs, and whether one huge mailbox delays the others."""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from bench.figures import Figure
from bench.ground import Served, unchecked
from segue.db import claim
from segue.domain.ids import MailboxId, WorkspaceId
from segue.features.workspaces.service import create_workspace

LANES, PER_LANE = 50, 10
"""A claim of 500."""
CLAIMS = 10
MAILBOXES = 1_000

ROWS = """
    INSERT INTO enrollments (workspace_id, contact_id, sequence_id, version, enroller_user_id, sender_user_id, mailbox_id, address,
        address_normal, timezone, base_at, due_at, priority, enrolled_at)
    SELECT %(ws)s, n, 1, 1, 1, 1, %(first_box)s + n %% %(boxes)s, a.address, a.address, 'UTC', %(now)s,
        %(now)s - interval '1 hour' + n * %(apart)s, 2, %(now)s
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n CROSS JOIN LATERAL (SELECT format('p%%s@prospect.test', n)) AS a(address)
"""
BOXES = """
    WITH made AS (
        INSERT INTO mailboxes (workspace_id, id, user_id, address, address_normal, provider, secret, connected_at) OVERRIDING SYSTEM VALUE
        SELECT %(ws)s, n, 1, format('box%%s@queue.test', n), format('box%%s@queue.test', n), 'fake', '', %(ready)s
        FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n)
    INSERT INTO mailbox_lanes (workspace_id, mailbox_id, ready_at, burst)
    SELECT %(ws)s, n, %(ready)s, %(burst)s FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""


def measure(server: Served, sizes: Sequence[int], overdue: int) -> list[Figure]:
    """Take the claims at each size, the empty poll, and the fairness of lanes."""
    workspace_id = create_workspace(server.db, "Queue")
    costs: list[float] = []
    for before, size in zip((0, *sizes), sizes, strict=False):
        _grow(server, workspace_id, before, size)
        costs.append(_claims(server, workspace_id))
    figures = [Figure(f"claim of 500 at {size:,} rows", cost, "ms") for size, cost in zip(sizes, costs, strict=True)]
    figures.append(Figure("claim: slowest size / fastest size", max(costs) / min(costs), "x", goal="<= 2", beside=f"{sizes[-1]:,} rows"))
    figures.append(Figure("empty poll", _empty_poll(server), "ms"))
    p99, most = fairness(server, overdue)
    beside = f"from due to claim, while one mailbox has {overdue:,} overdue; the worst {most:.0f} ms"
    return [*figures, Figure("p99 delay of the other mailboxes", p99, "ms", goal="<= 1000", beside=beside)]


def _grow(server: Served, workspace_id: WorkspaceId, before: int, size: int) -> None:
    now = server.db.clock.now()
    with unchecked(server) as conn:
        if before == 0:
            conn.execute(BOXES, {"ws": workspace_id, "ready": now, "burst": PER_LANE, "first": 1, "last": MAILBOXES})
        conn.execute(
            ROWS,
            {
                "ws": workspace_id,
                "first_box": 1,
                "boxes": MAILBOXES,
                "now": now,
                "apart": timedelta(microseconds=1),
                "first": before + 1,
                "last": size,
            },
        )
        conn.execute("VACUUM (ANALYZE) enrollments, mailbox_lanes")  # what autovacuum does within a minute


def _claims(server: Served, workspace_id: WorkspaceId) -> float:
    """Return the median of claims of 500 in ms, each in a transaction of its own; afterwards all is as before."""
    took: list[float] = []
    for _ in range(CLAIMS):
        began = time.perf_counter()
        with server.db.tx(workspace_id) as tx:
            claimed = claim.claim_due(tx, lanes=LANES, per_lane=PER_LANE)
        took.append((time.perf_counter() - began) * 1000)
        if len(claimed) != LANES * PER_LANE:
            raise RuntimeError(f"claimed {len(claimed)} rows")
    with server.db.tx(workspace_id) as tx:
        tx.run("UPDATE mailbox_lanes SET claimed_until = NULL WHERE workspace_id = %(ws)s AND claimed_until IS NOT NULL", {})
        tx.run("UPDATE enrollments SET lease_until = NULL WHERE workspace_id = %(ws)s AND lease_until IS NOT NULL", {})
    return median(took)


def _empty_poll(server: Served) -> float:
    """Return the median of polls that find nothing, beside all the workspaces that were filled before."""
    took = []
    long_ago = server.db.clock.now() - timedelta(days=365)
    for _ in range(200):
        began = time.perf_counter()
        if claim.list_ready_workspaces(server.db, long_ago, 100):
            raise RuntimeError("something was due a year ago")
        took.append((time.perf_counter() - began) * 1000)
    return median(took)


def fairness(server: Served, overdue: int, others: int = 500) -> tuple[float, float]:
    """Return p99 and maximum in ms of the delay from due to claim, of mailboxes that become due one after another beside a huge one."""
    workspace_id = create_workspace(server.db, "Fairness")
    now = server.db.clock.now()
    apart = timedelta(milliseconds=10)
    with unchecked(server) as conn:
        ws = {"ws": workspace_id, "now": now, "ready": now, "burst": PER_LANE, "apart": timedelta(microseconds=1)}
        conn.execute(BOXES, {**ws, "first": 1, "last": others + 1})
        conn.execute(ROWS, {**ws, "first_box": 1, "boxes": 1, "first": 1, "last": overdue})
        conn.execute(ROWS, {**ws, "first_box": 2, "boxes": others, "first": overdue + 1, "last": overdue + others})
        conn.execute("VACUUM (ANALYZE) enrollments, mailbox_lanes")
        one_by_one = {"ws": workspace_id, "begins": server.db.clock.now() + timedelta(seconds=0.5), "apart": apart}
        for table, column in (("enrollments", "due_at"), ("mailbox_lanes", "ready_at")):
            conn.execute(
                f"UPDATE {table} SET {column} = %(begins)s + mailbox_id * %(apart)s WHERE workspace_id = %(ws)s AND mailbox_id > 1",
                one_by_one,
            )
    return _delays(server, workspace_id, others)


def _delays(server: Served, workspace_id: WorkspaceId, others: int) -> tuple[float, float]:
    delays: list[float] = []
    while len(delays) < others:
        with server.db.tx(workspace_id) as tx:
            claimed = claim.claim_due(tx, lanes=16, per_lane=PER_LANE)
        at: datetime = server.db.clock.now()
        with server.db.tx(workspace_id) as tx:  # what settling does: the row moves on, the lane is given back
            ids = [c.enrollment_id for c in claimed]
            rows = tx.all("SELECT mailbox_id, due_at FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": ids})
            tx.run("UPDATE enrollments SET due_at = NULL WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": ids})
            claim.rest_lanes(tx, {MailboxId(c.mailbox_id): None for c in claimed})
        delays += [(at - row["due_at"]).total_seconds() * 1000 for row in rows if row["mailbox_id"] > 1]
    delays.sort()
    return delays[int(len(delays) * 0.99) - 1], delays[-1]
