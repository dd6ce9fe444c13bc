"""New zone data: every pending due time is computed anew, a part with each call (SEQ-72)."""

from segue.db.tx import Tx
from segue.domain.ids import EnrollmentId
from segue.domain.replan import refit
from segue.features.enrollments.store import load, save
from segue.zone_data import zone_data_version

PART = 500
"""Enrollments at a time: their locks are held for well under a second."""


def follow_zone_data(tx: Tx, version: str = "") -> int:
    """Compute the next pending due times by the zone data of this program; returns how many moved.

    `version`: the release of that data, the installed one if left out. A program with older data than another has used changes nothing.
    """
    version = version or zone_data_version()
    found = tx.one("SELECT version, done_to FROM zone_data WHERE workspace_id = %(ws)s FOR UPDATE SKIP LOCKED", {})
    if found is None:  # a young workspace, or another worker is at it
        tx.run("INSERT INTO zone_data (workspace_id, version) VALUES (%(ws)s, %(version)s) ON CONFLICT DO NOTHING", {"version": version})
        return 0
    if version > found["version"]:
        tx.run("UPDATE zone_data SET version = %(version)s, done_to = 0 WHERE workspace_id = %(ws)s", {"version": version})
        return _refit(tx, after=0)
    if found["done_to"] is None or version < found["version"]:
        return 0
    return _refit(tx, after=found["done_to"])


def _refit(tx: Tx, after: int) -> int:
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND id > %(after)s AND state = 'active' AND due_at > %(now)s
           ORDER BY id LIMIT %(part)s""",
        {"after": after, "part": PART, "now": tx.now},
    )
    ids = [EnrollmentId(row["id"]) for row in rows]
    moved = []
    for loaded in load(tx, ids, lock=True):
        due_at = loaded.enrollment.due_at
        again = refit(loaded.enrollment, loaded.around)
        if again != loaded.enrollment and due_at is not None and due_at > tx.now:  # what is due already is left to the gate
            moved.append((again, loaded))
    if moved:
        save(tx, moved)
    done_to = ids[-1] if len(ids) == PART else None
    tx.run("UPDATE zone_data SET done_to = %(to)s WHERE workspace_id = %(ws)s", {"to": done_to})
    return len(moved)
