"""Emergency stops: of the workspace, a mailbox, a user, a sequence (SEQ-107). Enrollments keep their state; lifting acts like resume."""

from dataclasses import dataclass
from enum import StrEnum

from segue.db.claim import wake_lanes
from segue.db.tx import Tx
from segue.domain.acts import SendingAllowed, SendingStopped
from segue.domain.errors import Forbidden
from segue.domain.ids import MailboxId, SequenceId, UserId
from segue.domain.permissions import Actor, Permission
from segue.domain.permissions import Reach as Permitted
from segue.features.mail.stops import set_mailbox_paused, set_sending_stopped, set_user_stopped
from segue.features.sequences.service import set_sequence_paused
from segue.features.workspaces.queries import get_user_row


class Reach(StrEnum):
    """How far a stop reaches."""

    WORKSPACE = "workspace"
    MAILBOX = "mailbox"
    USER = "user"
    SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is stopped; `id` is 0 for the workspace."""

    reach: Reach
    id: int = 0
    name: str = ""


def check_may_stop(tx: Tx, actor: Actor, scope: Scope) -> None:
    """Let pass who may stop this: admins everything, managers what their team sends, users what they send (SEQ-3). Raises Forbidden."""
    if actor.reach(Permission.MANAGE_ANY) is Permitted.ALL:
        return
    owner = None
    if scope.reach is Reach.USER:
        owner = get_user_row(tx, scope.id)
    elif scope.reach is Reach.MAILBOX:
        row = tx.one("SELECT user_id FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": scope.id})
        owner = get_user_row(tx, row["user_id"]) if row else None
    if owner is None or not actor.may_manage(owner["id"], owner["team"]):
        raise Forbidden(f"{actor.email} may not stop this.", hint="An admin may stop everything, a manager what the team sends.")


def stop_sending(tx: Tx, scope: Scope) -> bool:
    """Stop all mail of the scope that is not yet being handed over; True when it was not stopped. Returns once none is under way (S3)."""
    changed = _set(tx, scope, stopped=True)
    if changed:
        tx.record(SendingStopped(scope=scope.reach.value, name=scope.name))
    return changed


def allow_sending(tx: Tx, scope: Scope) -> bool:
    """Lift a stop; what waited goes at once, oldest first, under limits and windows (SEQ-103). True when there was one."""
    changed = _set(tx, scope, stopped=False)
    if changed:
        tx.record(SendingAllowed(scope=scope.reach.value, name=scope.name))
        wake_held(tx, scope)
    return changed


def wake_held(tx: Tx, scope: Scope) -> int:
    """Make due at once what the gate has put off because of a stop: its next look lies up to five minutes ahead. Returns how many.

    A mail keeps its place in the line: it is due as of when it first was (SEQ-97). One that meets another stop is put off again.
    """
    rows = tx.all(WAKE, {"now": tx.now, "reach": scope.reach.value, "id": scope.id})
    wake_lanes(tx, [(row["mailbox_id"], row["due_at"]) for row in rows])
    return sum(row["n"] for row in rows)


def _set(tx: Tx, scope: Scope, *, stopped: bool) -> bool:
    match scope.reach:
        case Reach.WORKSPACE:
            return set_sending_stopped(tx, stopped)
        case Reach.MAILBOX:
            return set_mailbox_paused(tx, MailboxId(scope.id), stopped)
        case Reach.USER:
            return set_user_stopped(tx, UserId(scope.id), stopped)
        case Reach.SEQUENCE:
            return set_sequence_paused(tx, SequenceId(scope.id), stopped)


WAKE = """
    WITH woken AS (
        UPDATE enrollments SET due_at = LEAST(%(now)s, COALESCE(raw_due_at, %(now)s)), waiting_for = 'DELAY'
        WHERE workspace_id = %(ws)s AND id IN (
            SELECT id FROM enrollments
            WHERE workspace_id = %(ws)s AND state = 'active' AND waiting_for = 'MAILBOX' AND due_at > %(now)s
              AND CASE %(reach)s WHEN 'workspace' THEN true WHEN 'mailbox' THEN mailbox_id = %(id)s
                    WHEN 'user' THEN sender_user_id = %(id)s ELSE sequence_id = %(id)s END
            ORDER BY id FOR UPDATE)
        RETURNING mailbox_id, due_at)
    SELECT mailbox_id, min(due_at) AS due_at, count(*) AS n FROM woken GROUP BY mailbox_id ORDER BY mailbox_id
"""
