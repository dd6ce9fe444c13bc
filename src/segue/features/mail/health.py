"""The health of mailboxes: what fails is visible, its sends wait, nothing is used up (SEQ-105, L3)."""

from datetime import datetime, timedelta

from segue.db.tx import Tx
from segue.domain.events import MailboxStateChanged
from segue.domain.ids import MailboxId
from segue.providers.mail.base import HandOffError, Misconfigured, SignInAgain

PROBE_EVERY = timedelta(minutes=5)
"""A broken mailbox is tried again this often: repaired within the 10 minutes of L3."""


SENDING = "sending"
READING = "reading"


def mark_broken(tx: Tx, mailbox_id: MailboxId, error: HandOffError, *, by: str) -> None:
    """Take a mailbox out of sending and say why; once, however many sends meet the fault. `by` is SENDING or READING.

    What broke in sending is not repaired by a reading that succeeds: a wrong SMTP password would be tried again with each poll until the
    provider locks the account.
    """
    state = "sign_in" if isinstance(error, SignInAgain) else "misconfigured" if isinstance(error, Misconfigured) else "unreachable"
    changed = tx.run(
        """UPDATE mailboxes SET state = %(state)s, state_detail = %(detail)s, state_since = %(now)s, broken_by = %(by)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state <> %(state)s AND (broken_by <> %(sending)s OR %(by)s = %(sending)s)""",
        {"id": mailbox_id, "state": state, "detail": error.detail[:500], "now": tx.now, "by": by, "sending": SENDING},
    )
    if changed:
        tx.run("UPDATE mailbox_lanes SET broken = true WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s", {"id": mailbox_id})
        tx.record(MailboxStateChanged(mailbox_id=mailbox_id, state=state, detail=error.detail[:500]))


def mark_repaired(tx: Tx, mailbox_id: MailboxId, *, by: str) -> bool:
    """Put a mailbox back to work; its lane goes on where it stood, under all limits (SEQ-103). True when it was broken before.

    READING that succeeds mends only what reading broke; SENDING says that everything was tried and works.
    """
    changed = tx.run(
        """UPDATE mailboxes SET state = 'ok', state_detail = '', state_since = %(now)s, broken_by = ''
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state <> 'ok' AND (broken_by <> %(sending)s OR %(by)s = %(sending)s)""",
        {"id": mailbox_id, "now": tx.now, "by": by, "sending": SENDING},
    )
    if changed:
        tx.run("UPDATE mailbox_lanes SET broken = false WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s", {"id": mailbox_id})
        tx.record(MailboxStateChanged(mailbox_id=mailbox_id, state="ok"))
    return bool(changed)


def list_to_probe(tx: Tx) -> list[MailboxId]:
    """Return broken mailboxes whose last look is `PROBE_EVERY` ago; taking them counts as the look."""
    rows = tx.all(
        """UPDATE mailboxes SET probed_at = %(now)s
           WHERE workspace_id = %(ws)s AND state <> 'ok' AND (probed_at IS NULL OR probed_at <= %(before)s) RETURNING id""",
        {"now": tx.now, "before": tx.now - PROBE_EVERY},
    )
    return [MailboxId(row["id"]) for row in rows]


def mark_inbox_read(tx: Tx, mailbox_id: MailboxId, at: datetime) -> None:
    """Store that everything that stood in the inbox at `at` has been read (L5)."""
    tx.run(
        """UPDATE mailboxes SET inbox_read_at = GREATEST(inbox_read_at, %(at)s) WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": mailbox_id, "at": at},
    )
