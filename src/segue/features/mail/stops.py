"""Stops wider than one enrollment: a mailbox, a whole workspace (SEQ-107).

Each returns once no hand-off that it covers is under way (H3).
"""

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.ids import MailboxId


def set_mailbox_paused(tx: Tx, mailbox_id: MailboxId, paused: bool) -> bool:
    """Pause or resume sending from a mailbox; enrollments keep their state. True when that changed anything."""
    tx.lock_for_stop(LockKind.MAILBOX, mailbox_id)
    changed = tx.run(
        "UPDATE mailbox_lanes SET paused = %(paused)s WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s AND paused <> %(paused)s",
        {"id": mailbox_id, "paused": paused},
    )
    return bool(changed)


def set_sending_stopped(tx: Tx, stopped: bool) -> bool:
    """Stop or start all sending of the workspace. True when that changed anything."""
    tx.lock_for_stop(LockKind.WORKSPACE, tx.workspace_id)
    changed = tx.run(
        """UPDATE workspaces SET sending_stopped_at = CASE WHEN %(stopped)s THEN %(now)s::timestamptz END
           WHERE workspace_id = %(ws)s AND (sending_stopped_at IS NOT NULL) <> %(stopped)s""",
        {"stopped": stopped, "now": tx.now},
    )
    return bool(changed)
