"""Enrollments whose mailbox nobody repairs (SEQ-105)."""

from datetime import timedelta

from segue.db.tx import Tx
from segue.domain.enrollment import State
from segue.domain.stop_rules import Stop
from segue.features.enrollments.react import stop_enrollments
from segue.features.mail.health import list_dead

DEAD_DAYS = 14
BATCH = 500


def fail_abandoned(tx: Tx) -> int:
    """End up to 500 enrollments whose mail is due and whose mailbox has failed for 14 days (a setting); returns how many.

    What is not due yet waits on: the mailbox may be repaired before.
    """
    row = tx.one("SELECT settings -> 'mailbox_dead_days' AS days FROM workspaces WHERE workspace_id = %(ws)s", {})
    days = int((row or {}).get("days") or DEAD_DAYS)
    dead = list_dead(tx, timedelta(days=days))
    if not dead:
        return 0
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND mailbox_id = ANY(%(ids)s) AND priority < 3 AND due_at IS NOT NULL
             AND due_at <= %(now)s AND state = 'active' ORDER BY id LIMIT %(most)s""",
        {"ids": dead, "now": tx.now, "most": BATCH},
    )
    stop = Stop("SEND_FAILED", f"its mailbox did not work for {days} days; enroll again when it does", State.FAILED)
    return stop_enrollments(tx, [each["id"] for each in rows], stop)
