"""Pauses of more than one contact: a sequence, all of a user's enrollments, everybody's (SEQ-122, SEQ-123, SEQ-126, SEQ-128).

Such a pause is written down before it is carried out: enrollments that begin later begin paused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.locks import LockKind
from segue.db.tx import Database, Tx
from segue.domain import enrollment as machine
from segue.domain.enrollment import Enrollment, PauseKind, State
from segue.domain.ids import WorkspaceId
from segue.domain.send_window import resolve_local
from segue.features.enrollments.react import pause_enrollments, resume_enrollments
from segue.features.enrollments.store import Loaded, load
from segue.features.workspaces.service import get_workspace

BATCH = 500


@dataclass(frozen=True, slots=True)
class Whose:
    """Enrollments of a sequence and of those who enrolled them. `sequence_id` 0: of every sequence; `users` None: everybody's."""

    sequence_id: int = 0
    users: tuple[int, ...] | None = None


def pause_whole(
    db: Database,
    workspace_id: WorkspaceId,
    whose: Whose,
    *,
    until: date | None = None,
    actor: str = "segue",
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Pause all of these, those that come included; returns how many were not paused before."""
    with db.tx(workspace_id, actor=actor) as tx:
        _lock(tx, whose)
        for user in whose.users if whose.users is not None else (None,):
            tx.run(WRITE, {"sequence": whose.sequence_id or None, "user": user, "until": _start_of(tx, until), "by": actor, "now": tx.now})
    return _in_batches(db, workspace_id, whose, (actor, progress), lambda tx, ids: pause_enrollments(tx, ids, until=until))


def resume_whole(
    db: Database, workspace_id: WorkspaceId, whose: Whose, *, actor: str = "segue", progress: Callable[[int], None] = lambda _: None
) -> int:
    """Take pauses by hand back; what is held for an absence or a doubt stays held. Returns how many go on."""
    with db.tx(workspace_id, actor=actor) as tx:
        _lock(tx, whose)
        tx.run(FORGET, {"sequence": whose.sequence_id, "users": list(whose.users) if whose.users is not None else None})
    return _in_batches(db, workspace_id, whose, (actor, progress), resume_enrollments, paused=True)


def list_paused_ids(tx: Tx, whose: Whose) -> list[int]:
    """Return what `resume_whole` would resume."""
    return _next(tx, whose, after=0, paused=True, most=1_000_000)


def foresee_resume(tx: Tx, ids: Sequence[int]) -> list[tuple[Loaded, Enrollment]]:
    """Return paused enrollments as they would be if they were resumed now (SEQ-126: the new times are shown first)."""
    return [
        (loaded, machine.resume(loaded.enrollment, loaded.around, tx.now))
        for loaded in load(tx, ids)
        if loaded.enrollment.state is State.PAUSED
    ]


def find_pause(tx: Tx, sequence_id: int, user_id: int) -> dict[str, Any] | None:
    """Return the pause under which a new enrollment of this sequence by this user begins (SEQ-123), the one that lasts longest.

    Behind a shared lock: a pause that is being written is waited for, and one that comes later finds what was enrolled.
    """
    tx.share_lock(LockKind.WORKSPACE, tx.workspace_id)
    tx.share_lock(LockKind.SEQUENCE, sequence_id)
    return tx.one(FIND, {"sequence": sequence_id, "user": user_id, "now": tx.now})


def _lock(tx: Tx, whose: Whose) -> None:
    if whose.sequence_id:
        tx.lock_for_stop(LockKind.SEQUENCE, whose.sequence_id)
    else:
        tx.lock_for_stop(LockKind.WORKSPACE, tx.workspace_id)


def _start_of(tx: Tx, day: date | None) -> datetime | None:
    """Return the begin of a day in the workspace's zone: until then what is enrolled begins paused."""
    return resolve_local(ZoneInfo(get_workspace(tx)["timezone"]), datetime.combine(day, time())) if day else None


def _in_batches(
    db: Database,
    workspace_id: WorkspaceId,
    whose: Whose,
    told: tuple[str, Callable[[int], None]],
    act: Callable[[Tx, list[int]], int],
    *,
    paused: bool = False,
) -> int:
    actor, progress = told
    changed = last = 0
    while True:
        with db.tx(workspace_id, actor=actor) as tx:
            ids = _next(tx, whose, after=last, paused=paused, most=BATCH)
            changed += act(tx, ids)
        progress(changed)
        if len(ids) < BATCH:
            return changed
        last = ids[-1]


def _next(tx: Tx, whose: Whose, *, after: int, paused: bool, most: int) -> list[int]:
    rows = tx.all(
        """SELECT id FROM enrollments
           WHERE workspace_id = %(ws)s AND id > %(after)s AND (%(sequence)s = 0 OR sequence_id = %(sequence)s)
             AND (%(users)s::bigint[] IS NULL OR enroller_user_id = ANY(%(users)s))
             AND CASE WHEN %(paused)s THEN state = 'paused' AND pause_kind = %(manual)s ELSE state IN ('active', 'paused') END
           ORDER BY id LIMIT %(most)s""",
        {
            "after": after,
            "sequence": whose.sequence_id,
            "users": list(whose.users) if whose.users is not None else None,
            "paused": paused,
            "manual": PauseKind.MANUAL.value,
            "most": most,
        },
    )
    return [int(row["id"]) for row in rows]


WRITE = """
    INSERT INTO sequence_pauses (workspace_id, sequence_id, user_id, until_at, paused_by, paused_at)
    VALUES (%(ws)s, %(sequence)s, %(user)s, %(until)s, %(by)s, %(now)s)
    ON CONFLICT (workspace_id, COALESCE(sequence_id, 0), COALESCE(user_id, 0))
    DO UPDATE SET until_at = EXCLUDED.until_at, paused_by = EXCLUDED.paused_by, paused_at = EXCLUDED.paused_at
"""

# Resuming everything of a sequence ends the pauses of single users in it too; resuming a user's sequences those of each of them.
FORGET = """
    DELETE FROM sequence_pauses WHERE workspace_id = %(ws)s
      AND (%(sequence)s = 0 OR sequence_id = %(sequence)s) AND (%(users)s::bigint[] IS NULL OR user_id = ANY(%(users)s))
"""

FIND = """
    SELECT (p.until_at AT TIME ZONE w.timezone)::date AS until, p.paused_by, s.name AS sequence, u.email AS user FROM sequence_pauses AS p
    JOIN workspaces AS w ON w.workspace_id = p.workspace_id
    LEFT JOIN sequences AS s ON s.workspace_id = p.workspace_id AND s.id = p.sequence_id
    LEFT JOIN users AS u ON u.workspace_id = p.workspace_id AND u.id = p.user_id
    WHERE p.workspace_id = %(ws)s AND COALESCE(p.sequence_id, %(sequence)s) = %(sequence)s AND COALESCE(p.user_id, %(user)s) = %(user)s
      AND (p.until_at IS NULL OR p.until_at > %(now)s)
    ORDER BY p.until_at IS NOT NULL, p.until_at DESC LIMIT 1
"""
