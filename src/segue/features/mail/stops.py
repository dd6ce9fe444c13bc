"""Stops wider than one enrollment: a mailbox, all that a user sends, a whole workspace (SEQ-107).

Each returns once no hand-off that it covers is under way (H3).
"""

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.ids import MailboxId, UserId


def set_mailbox_paused(tx: Tx, mailbox_id: MailboxId, paused: bool) -> bool:
    """Pause or resume sending from a mailbox; enrollments keep their state. True when that changed anything."""
    tx.lock_for_stop(LockKind.MAILBOX, mailbox_id)
    changed = tx.run(
        "UPDATE mailbox_lanes SET paused = %(paused)s WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s AND paused <> %(paused)s",
        {"id": mailbox_id, "paused": paused},
    )
    return bool(changed)


def set_user_stopped(tx: Tx, user_id: UserId, stopped: bool) -> bool:
    """Stop or start all sending of a user. True when that changed anything."""
    lock_sending_of(tx, user_id)
    changed = tx.run(
        """UPDATE users SET sending_stopped_at = CASE WHEN %(stopped)s THEN %(now)s::timestamptz END
           WHERE workspace_id = %(ws)s AND id = %(id)s AND (sending_stopped_at IS NOT NULL) <> %(stopped)s""",
        {"id": user_id, "stopped": stopped, "now": tx.now},
    )
    return bool(changed)


def lock_sending_of(tx: Tx, user_id: UserId) -> None:
    """Wait for every hand-off of mail that this user sends or has enrolled for: those of all mailboxes it can leave from (H3, H4).

    While this waits for one, the user may enroll from another; so it looks again until there is none that it does not hold.
    """
    held: set[MailboxId] = set()
    while wanted := [each for each in _list_mailboxes_of(tx, user_id) if each not in held]:
        for mailbox_id in wanted:
            tx.lock_for_stop(LockKind.MAILBOX, mailbox_id)
        held.update(wanted)


def _list_mailboxes_of(tx: Tx, user_id: UserId) -> list[MailboxId]:
    rows = tx.all(
        """SELECT id FROM mailboxes WHERE workspace_id = %(ws)s AND user_id = %(user)s
           UNION SELECT mailbox_id FROM enrollments
           WHERE workspace_id = %(ws)s AND enroller_user_id = %(user)s AND state IN ('active', 'paused') ORDER BY id""",
        {"user": user_id},
    )
    return [MailboxId(row["id"]) for row in rows]


def set_sending_stopped(tx: Tx, stopped: bool) -> bool:
    """Stop or start all sending of the workspace. True when that changed anything."""
    tx.lock_for_stop(LockKind.WORKSPACE, tx.workspace_id)
    changed = tx.run(
        """UPDATE workspaces SET sending_stopped_at = CASE WHEN %(stopped)s THEN %(now)s::timestamptz END
           WHERE workspace_id = %(ws)s AND (sending_stopped_at IS NOT NULL) <> %(stopped)s""",
        {"stopped": stopped, "now": tx.now},
    )
    return bool(changed)
