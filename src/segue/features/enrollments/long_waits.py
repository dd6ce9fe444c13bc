"""Telling the timeline of what has been waiting for the same thing for more than a day (SEQ-175)."""

from datetime import timedelta

from segue.db.tx import Tx
from segue.domain.acts import WaitsLong

LONG = timedelta(hours=24)


def tell_long_waits(tx: Tx, most: int = 200) -> int:
    """Record each such wait once; returns how many. Delays, hours and chosen starts are no waits of this kind."""
    rows = tx.all(TELL, {"before": tx.now - LONG, "most": most})
    for row in rows:
        tx.record(
            WaitsLong(
                contact_id=row["contact_id"],
                enrollment_id=row["id"],
                waiting_for=row["waiting_for"],
                since=row["waiting_since"],
                detail=row["reason_detail"],
            )
        )
    return len(rows)


TELL = """
    UPDATE enrollments SET wait_told = true WHERE workspace_id = %(ws)s AND id IN (
        SELECT id FROM enrollments
        WHERE workspace_id = %(ws)s AND state = 'active' AND NOT wait_told AND waiting_since < %(before)s
          AND waiting_for IN ('LIMIT', 'TASK', 'MAILBOX', 'RETRY', 'FIELD', 'UNCONFIRMED', 'BREAKER')
        ORDER BY id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING id, contact_id, waiting_for, waiting_since, reason_detail
"""
