"""The health of mailboxes: what fails is visible, its sends wait, nothing is used up (SEQ-105, L3)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from segue.db.tx import Tx
from segue.domain.events import MailboxStateChanged
from segue.domain.ids import MailboxId
from segue.domain.mailbox_trouble import trouble_of
from segue.features.workspaces.notices import Notice, close_notices, give_notice
from segue.providers.mail.base import HandOffError, Misconfigured, Refused, SignInAgain

PROBE_EVERY = timedelta(minutes=5)
"""A broken mailbox is tried again this often: repaired within the 10 minutes of L3."""
PROBE_RAREST = 6
"""Doublings of `PROBE_EVERY` at most, where each sign-in succeeds and each mail fails: every 5 hours, not to make a provider angrier."""
FAILING_MOST = timedelta(minutes=4)
"""A server that puts hand-offs off for so long is told of: visible within the 10 minutes of L3."""
TELL_AFTER = timedelta(minutes=5)
"""A server that cannot be reached is told of only then: most come back by themselves."""
WELL_AFTER = timedelta(hours=1)
"""A mailbox that works for so long, though it had nothing to send, is well."""
STARTS_SLOWLY_AFTER = timedelta(minutes=10)
"""A shorter outage leaves no backlog worth a slow start."""

SENDING = "sending"
READING = "reading"


def mark_broken(tx: Tx, mailbox_id: MailboxId, error: HandOffError, *, by: str) -> None:
    """Take a mailbox out of sending and say why; once, however many sends meet the fault. `by` is SENDING or READING.

    What broke in sending is not repaired by a reading that succeeds: a wrong SMTP password would be tried again with each poll until the
    provider locks the account. As long as no mail was accepted in between, one failure after the other is the same trouble.
    """
    state = _state_of(error)
    changed = tx.run(
        """UPDATE mailboxes AS b SET state = %(state)s, state_detail = %(detail)s, state_since = %(now)s, broken_by = %(by)s,
             trouble_since = CASE WHEN last.same THEN b.trouble_since ELSE %(now)s END,
             trouble_count = CASE WHEN NOT last.same THEN 1 WHEN b.state = 'ok' THEN b.trouble_count + 1 ELSE b.trouble_count END
           FROM (SELECT o.id, o.trouble_since IS NOT NULL AND NOT EXISTS (
                     SELECT FROM messages AS m WHERE m.workspace_id = %(ws)s AND m.mailbox_id = o.id AND m.accepted_at > o.state_since
                       AND m.handed_at > o.state_since)
                     AND (o.state <> 'ok' OR o.state_since > %(now)s - %(well)s) AS same
                 FROM mailboxes AS o WHERE o.workspace_id = %(ws)s AND o.id = %(id)s) AS last
           WHERE b.workspace_id = %(ws)s AND b.id = last.id AND b.state <> %(state)s
             AND (b.broken_by <> %(sending)s OR %(by)s = %(sending)s)""",
        {
            "id": mailbox_id,
            "state": state,
            "detail": error.detail[:500],
            "now": tx.now,
            "by": by,
            "sending": SENDING,
            "well": WELL_AFTER,
        },
    )
    if changed:
        tx.run("UPDATE mailbox_lanes SET broken = true WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s", {"id": mailbox_id})
        tx.record(MailboxStateChanged(mailbox_id=mailbox_id, state=state, detail=error.detail[:500]))


def _state_of(error: HandOffError) -> str:
    kinds = ((SignInAgain, "sign_in"), (Misconfigured, "misconfigured"), (Refused, "blocked"))
    return next((state for kind, state in kinds if isinstance(error, kind)), "unreachable")


def mark_failing(tx: Tx, mailbox_id: MailboxId, error: HandOffError) -> None:
    """Count a passing failure of the mailbox's own server; one that lasts takes the mailbox out of sending."""
    row = tx.one(
        """UPDATE mailboxes AS b SET failing_since = CASE WHEN b.failing_since IS NULL OR EXISTS (
               SELECT FROM messages AS m WHERE m.workspace_id = %(ws)s AND m.mailbox_id = b.id AND m.handed_at > b.failing_since
                 AND m.accepted_at IS NOT NULL) THEN %(now)s ELSE b.failing_since END
           WHERE b.workspace_id = %(ws)s AND b.id = %(id)s RETURNING failing_since""",
        {"id": mailbox_id, "now": tx.now},
    )
    if row is not None and tx.now - row["failing_since"] >= FAILING_MOST:
        mark_broken(tx, mailbox_id, error, by=SENDING)


def mark_repaired(tx: Tx, mailbox_id: MailboxId, *, by: str) -> bool:
    """Put a mailbox back to work; its lane goes on where it stood, slowly, under all limits (SEQ-103). True when it was broken before.

    READING that succeeds mends only what reading broke; SENDING says that everything was tried and works.
    """
    changed = tx.run(
        """UPDATE mailboxes SET state = 'ok', state_detail = '', state_since = %(now)s, broken_by = '', failing_since = NULL,
             repaired_at = CASE WHEN state_since <= %(before)s THEN %(now)s ELSE repaired_at END
           WHERE workspace_id = %(ws)s AND id = %(id)s AND state <> 'ok' AND (broken_by <> %(sending)s OR %(by)s = %(sending)s)""",
        {"id": mailbox_id, "now": tx.now, "by": by, "sending": SENDING, "before": tx.now - STARTS_SLOWLY_AFTER},
    )
    if changed:
        tx.run(
            "UPDATE mailbox_lanes SET broken = (breaker = 'open') WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s", {"id": mailbox_id}
        )
        tx.record(MailboxStateChanged(mailbox_id=mailbox_id, state="ok"))
    return bool(changed)


def list_to_probe(tx: Tx) -> list[MailboxId]:
    """Return broken mailboxes whose last look is `PROBE_EVERY` ago, rarer where looking mended nothing; taking them counts as the look."""
    rows = tx.all(
        """UPDATE mailboxes SET probed_at = %(now)s
           WHERE workspace_id = %(ws)s AND state <> 'ok'
             AND (probed_at IS NULL OR probed_at <= %(now)s - %(every)s * power(2, LEAST(GREATEST(trouble_count - 1, 0), %(most)s)))
           RETURNING id""",
        {"now": tx.now, "every": PROBE_EVERY, "most": PROBE_RAREST},
    )
    return sorted(MailboxId(row["id"]) for row in rows)


def tell_troubles(tx: Tx) -> None:
    """Tell users and admins of broken mailboxes, once each, and end notices of those that work again (L3)."""
    broken = tx.all(
        """SELECT id, address, user_id, state, state_detail FROM mailboxes
           WHERE workspace_id = %(ws)s AND state <> 'ok' AND (state <> 'unreachable' OR trouble_since <= %(before)s) ORDER BY id""",
        {"before": tx.now - TELL_AFTER},
    )
    for row in broken:
        trouble = trouble_of(row["state"], row["state_detail"])
        assert trouble is not None
        said = f"{row['address']}: {trouble.badge}. Its mails wait."
        give_notice(tx, Notice("mailbox", str(row["id"]), said, trouble.todo, row["user_id"]))
    close_notices(tx, "mailbox", _list_well(tx))


def _list_well(tx: Tx) -> list[str]:
    """Return mailboxes told of that have proven to work: by a mail accepted since, or by an hour without a failure."""
    rows = tx.all(
        """SELECT b.id::text FROM notices AS n JOIN mailboxes AS b ON b.workspace_id = n.workspace_id AND b.id::text = n.subject
           WHERE n.workspace_id = %(ws)s AND n.kind = 'mailbox' AND n.closed_at IS NULL AND b.state = 'ok'
             AND (b.state_since <= %(before)s OR EXISTS (
               SELECT FROM messages AS m WHERE m.workspace_id = %(ws)s AND m.mailbox_id = b.id AND m.handed_at > b.state_since
                 AND m.accepted_at IS NOT NULL)) ORDER BY b.id""",
        {"before": tx.now - WELL_AFTER},
    )
    return [row["id"] for row in rows]


def list_dead(tx: Tx, longer_than: timedelta) -> Sequence[MailboxId]:
    """Return mailboxes that have failed for so long."""
    rows = tx.all(
        "SELECT id FROM mailboxes WHERE workspace_id = %(ws)s AND state <> 'ok' AND trouble_since <= %(before)s ORDER BY id",
        {"before": tx.now - longer_than},
    )
    return [MailboxId(row["id"]) for row in rows]


def mark_inbox_read(tx: Tx, mailbox_id: MailboxId, at: datetime) -> None:
    """Store that everything that stood in the inbox at `at` has been read (L5)."""
    tx.run(
        """UPDATE mailboxes SET inbox_read_at = GREATEST(inbox_read_at, %(at)s) WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": mailbox_id, "at": at},
    )
