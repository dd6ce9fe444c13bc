"""What a user leaves behind who is downgraded or removed: sequences, enrollments, tasks (SEQ-11, SEQ-12, SEQ-121, SEQ-168, SEQ-169).

Two steps, each safe if the next never comes. First, in one short transaction behind the locks that hand-offs share, the user and the
sequences change: from that commit on the gate lets nothing of them out. Then enrollments end in batches; what a crash leaves open ends when
its next mail is due, with the same reason, or when the same change is asked for again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from segue.db.tx import Database, Tx
from segue.domain.errors import Conflict
from segue.domain.ids import SequenceId, UserId, WorkspaceId
from segue.domain.permissions import Role
from segue.domain.stop_rules import Stop
from segue.features.enrollments.react import stop_enrollments
from segue.features.mail.stops import lock_sending_of
from segue.features.sequences.service import give_sequence, mark_creator_lost
from segue.features.tasks.service import assign_tasks, list_open_task_ids
from segue.features.workspaces.service import get_workspace
from segue.features.workspaces.users import UserChange, find_admin, write_user

BATCH = 500


@dataclass(frozen=True, slots=True)
class Hanging:
    """What hangs on a user (SEQ-12). `in_sequences`: open enrollments in the user's sequences, whoever enrolled them."""

    sequences: int
    in_sequences: int
    enrollments: int
    tasks: int
    mailboxes: int


@dataclass(frozen=True, slots=True)
class Left:
    """What a change of a user did."""

    handed_over: int = 0
    archived: int = 0
    creator_lost: int = 0
    sender_lost: int = 0
    tasks: int = 0


def count_hanging(tx: Tx, user_id: UserId) -> Hanging:
    """Count what hangs on a user."""
    row = tx.one(
        """SELECT
             (SELECT count(*) FROM sequences WHERE workspace_id = %(ws)s AND owner_user_id = %(id)s AND status <> 'deleted') AS sequences,
             (SELECT count(*) FROM enrollments AS e JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
              WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') AND s.owner_user_id = %(id)s) AS in_sequences,
             (SELECT count(*) FROM enrollments
              WHERE workspace_id = %(ws)s AND state IN ('active', 'paused') AND %(id)s IN (sender_user_id, enroller_user_id))
               AS enrollments,
             (SELECT count(*) FROM tasks WHERE workspace_id = %(ws)s AND assignee_user_id = %(id)s AND state = 'open') AS tasks,
             (SELECT count(*) FROM mailboxes WHERE workspace_id = %(ws)s AND user_id = %(id)s) AS mailboxes""",
        {"id": user_id},
    )
    assert row is not None
    return Hanging(**row)


def change_user(
    db: Database,
    workspace_id: WorkspaceId,
    user_id: UserId,
    change: UserChange,
    *,
    actor: str = "segue",
    progress: Callable[[int], None] = lambda _: None,
) -> Left:
    """Change a user, and where that takes the right to use sequences away carry out what follows.

    Sequences go to `change.hand_over_to` first, if given: transferring them beforehand keeps everyone in them (SEQ-168). Asking again for
    what is so already completes what was broken off.

    Raises:
        Conflict: the last owner, or a receiver without a seat, or the user themself as receiver.
        Invalid: a seat for a viewer, or no time zone.
    """
    loses = change.deleted or change.seat is False or change.active is False or change.role is Role.VIEWER
    if loses and change.hand_over_to == user_id:  # who is back may take back what was lost with them
        raise Conflict("A user cannot be handed over to themself.", hint="Name another user.")
    with db.tx(workspace_id, actor=actor) as tx:
        if loses:  # mailboxes, then sequences, then rows (H4)
            lock_sending_of(tx, user_id)
        handed = _hand_over(tx, user_id, change.hand_over_to) if change.hand_over_to else 0
        unenrolls = get_workspace(tx)["settings"].get("on_creator_loss", "UNENROLL") != "ARCHIVE"
        archived = mark_creator_lost(tx, user_id, unenrolls=unenrolls) if loses else 0
        email = str(write_user(tx, user_id, change)["email"])
        tasks = _reassign(tx, user_id, change.hand_over_to) if loses else 0
    if not loses:
        return Left(handed)
    creator = _end(db, workspace_id, IN_SEQUENCES, user_id, Stop("CREATOR_LOST", email), (actor, progress))
    sender = _end(db, workspace_id, OWN, user_id, Stop("SENDER_LOST", email), (actor, progress))
    return Left(handed, archived, creator, sender, tasks)


def _hand_over(tx: Tx, user_id: UserId, to: UserId) -> int:
    rows = tx.all(
        "SELECT id FROM sequences WHERE workspace_id = %(ws)s AND owner_user_id = %(user)s AND status <> 'deleted' ORDER BY id",
        {"user": user_id},
    )
    for row in rows:
        give_sequence(tx, SequenceId(row["id"]), to)
    return len(rows)


def _reassign(tx: Tx, user_id: UserId, to: UserId | None) -> int:
    """Open tasks go to who takes the sequences over, else to an owner or admin: no task is left with nobody (SEQ-121, S9)."""
    receiver = to or find_admin(tx, besides=user_id)
    return assign_tasks(tx, list_open_task_ids(tx, assignee=user_id), receiver) if receiver else 0


IN_SEQUENCES = """
    SELECT e.id FROM enrollments AS e JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
    WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused') AND s.owner_user_id = %(user)s AND s.creator_lost_at IS NOT NULL
    ORDER BY e.id LIMIT %(most)s
"""
OWN = """
    SELECT id FROM enrollments
    WHERE workspace_id = %(ws)s AND state IN ('active', 'paused') AND %(user)s IN (sender_user_id, enroller_user_id)
    ORDER BY id LIMIT %(most)s
"""


def _end(db: Database, workspace_id: WorkspaceId, which: str, user_id: UserId, stop: Stop, told: tuple[str, Callable[[int], None]]) -> int:
    actor, progress = told
    ended = 0
    while True:
        with db.tx(workspace_id, actor=actor) as tx:
            ids = [row["id"] for row in tx.all(which, {"user": user_id, "most": BATCH})]
            ended += stop_enrollments(tx, ids, stop)
        progress(ended)
        if len(ids) < BATCH:
            return ended
