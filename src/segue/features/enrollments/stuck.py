"""Rows that do not move though they should: what the doctor and the alarms look for (reliability.md §10, L2, L4)."""

from datetime import timedelta

from segue.db.tx import Tx

OVERDUE = timedelta(hours=2)
SENDING_MOST = timedelta(minutes=30)
"""L2 gives 15 minutes; the lease and T_settle lie within."""
INBOX_LAG = timedelta(minutes=15)


def list_stuck(tx: Tx) -> list[tuple[str, str]]:
    """Return what is stuck, as (name, sentence)."""
    row = tx.one(STUCK, {"due": tx.now - OVERDUE, "sending": SENDING_MOST, "read": tx.now - INBOX_LAG})
    assert row is not None
    found = []
    if row["lanes"]:
        found.append(("overdue", f"{row['lanes']} mailboxes have had mail due for 2 hours and nothing was sent. Does a worker run?"))
    if row["sending"]:
        found.append(("being sent", f"{row['sending']} mails have been on their way for 30 minutes. Does a worker run to settle them?"))
    if row["unread"]:
        found.append(("inboxes", f"{row['unread']} inboxes with open enrollments were not read for 15 minutes. Does a worker run?"))
    return found


STUCK = """
    SELECT (SELECT count(*) FROM mailbox_lanes WHERE workspace_id = %(ws)s AND NOT paused AND NOT broken AND ready_at <= %(due)s) AS lanes,
        (SELECT count(*) FROM messages WHERE workspace_id = %(ws)s AND state IN ('sending', 'in_doubt')
           AND lease_until < clock_timestamp() - %(sending)s) AS sending,
        (SELECT count(*) FROM mailboxes AS b WHERE b.workspace_id = %(ws)s AND b.state = 'ok' AND b.inbox_read_at < %(read)s
           AND EXISTS (SELECT FROM enrollments AS e WHERE e.workspace_id = %(ws)s AND e.mailbox_id = b.id
                       AND e.state IN ('active', 'paused'))) AS unread
"""
