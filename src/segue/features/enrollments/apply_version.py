"""Apply to active enrollments: move open ones to another version of their sequence, after a preview (SEQ-132…134).

Each is locked, which waits for hand-offs in flight; queued mail is withdrawn and made anew from the new texts. One whose mail is under way
is marked and moved as soon as that is settled.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from segue.db.tx import Tx
from segue.domain import moving
from segue.domain.edits import NOTHING_OWN, StepEdit, with_own
from segue.domain.enrollment import Enrollment, Surroundings, WaitingFor
from segue.domain.ids import EnrollmentId, SequenceId, StepKey
from segue.domain.moving import Done
from segue.domain.sequence import Sequence as SequenceContent
from segue.domain.sequence_diff import changed_keys
from segue.domain.sequence_events import VersionApplied
from segue.features.enrollments.store import Loaded, heirs_of, load, load_versions, save
from segue.features.tasks.service import cancel_tasks

BATCH = 500
IN_FLIGHT = "a mail is being handed over; it is moved right afterwards"
UNDECIDED = "nobody can say whether its last mail left; decide with `segue undecided decide`"


@dataclass(frozen=True, slots=True)
class Action:
    """The step that waits and when it is due; None where it waits for something without a time."""

    step_key: StepKey
    due_at: datetime | None
    waiting_for: str


@dataclass(frozen=True, slots=True)
class Move:
    """What becomes of one enrollment (SEQ-132). `left_out`: why it is not moved now; empty where it is."""

    enrollment_id: int
    address: str
    version: int
    current_step: StepKey
    added: tuple[StepKey, ...] = ()
    removed: tuple[StepKey, ...] = ()
    changed: tuple[StepKey, ...] = ()
    before: Action | None = None
    after: Action | None = None
    left_out: str = ""


def list_to_move(
    tx: Tx, sequence_id: SequenceId, version: int, *, enrollments: Sequence[int] | None = None, enrollers: Sequence[int] | None = None
) -> list[int]:
    """Return open enrollments of other versions: all, single ones, or those of chosen users (SEQ-132)."""
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND sequence_id = %(sequence)s AND state IN ('active', 'paused')
             AND version <> %(version)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
             AND (%(users)s::bigint[] IS NULL OR enroller_user_id = ANY(%(users)s)) ORDER BY id""",
        {
            "sequence": sequence_id,
            "version": version,
            "ids": None if enrollments is None else list(enrollments),
            "users": None if enrollers is None else list(enrollers),
        },
    )
    return [int(row["id"]) for row in rows]


def preview_moves(tx: Tx, ids: Sequence[int], version: int, *, overwrite: bool = False) -> list[Move]:
    """Return what moving would do; nothing is changed."""
    return [move for move, _, _ in _moves(tx, load(tx, ids, tasks=True), version, overwrite)]


def move_enrollments(tx: Tx, ids: Sequence[int], version: int, *, overwrite: bool = False) -> list[Move]:
    """Move enrollments; returns what became of each. Those whose mail is under way are marked for later (SEQ-133).

    With `overwrite` what was changed for single contacts is taken back: texts, delays, times, what was left out, settings of their own.
    """
    loaded = [each for each in load(tx, ids, lock=True, tasks=True) if each.enrollment.is_open and each.version != version]
    moves = _moves(tx, loaded, version, overwrite)
    _mark(tx, [move.enrollment_id for move, _, _ in moves if move.left_out == IN_FLIGHT], version, overwrite)
    done = [(move, after, each) for move, after, each in moves if not move.left_out]
    if not done:
        return [move for move, _, _ in moves]
    if overwrite:
        _take_edits_back(tx, [after.id for _, after, _ in done])
        done = [(move, after, _without_edits(each)) for move, after, each in done]
    _cancel_removed_tasks(tx, [(each, version) for _, _, each in done])
    save(tx, [(after, replace(each, around=_around(tx, each, version))) for _, after, each in done])
    tx.run(
        """UPDATE enrollments AS e SET version = %(version)s, move_to = NULL, move_overwrites = false,
             start_position = CASE WHEN n.started THEN e.start_position ELSE e.position END
           FROM unnest(%(ids)s::bigint[], %(started)s::bool[]) AS n(id, started) WHERE e.workspace_id = %(ws)s AND e.id = n.id""",
        {"version": version, "ids": [after.id for _, after, _ in done], "started": [each.has_started for _, _, each in done]},
    )
    _withdraw(tx, [(after.id, _around(tx, each, version).sequence.steps[after.position].key) for _, after, each in done])
    for move, after, each in done:
        tx.record(
            VersionApplied(
                contact_id=each.contact_id,
                enrollment_id=after.id,
                before=each.version,
                after=version,
                step_before=move.current_step,
                step_after=move.after.step_key if move.after else "",
            )
        )
    return [move for move, _, _ in moves]


def finish_moves(tx: Tx, most: int = BATCH) -> int:
    """Move what was marked while its mail was under way; returns how many."""
    rows = tx.all(
        """SELECT id, move_to, move_overwrites FROM enrollments WHERE workspace_id = %(ws)s AND move_to IS NOT NULL
           AND (waiting_for <> 'SENDING' OR state NOT IN ('active', 'paused')) ORDER BY id LIMIT %(most)s""",
        {"most": most},
    )
    moved = 0
    for version, overwrite in sorted({(row["move_to"], row["move_overwrites"]) for row in rows}):
        ids = [row["id"] for row in rows if (row["move_to"], row["move_overwrites"]) == (version, overwrite)]
        moved += sum(not move.left_out for move in move_enrollments(tx, ids, version, overwrite=overwrite))
    ended = [row["id"] for row in rows]
    if ended:
        tx.run(
            """UPDATE enrollments SET move_to = NULL WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND move_to IS NOT NULL
               AND (state NOT IN ('active', 'paused') OR version = move_to)""",
            {"ids": ended},
        )
    return moved


def _moves(tx: Tx, loaded: Iterable[Loaded], version: int, overwrite: bool) -> list[tuple[Move, Enrollment, Loaded]]:
    given = list(loaded)
    ways = _load_ways(tx, heirs_of(given))
    return [_move(tx, each, (version, overwrite), ways.get(each.enrollment.id, {})) for each in given]


def _move(tx: Tx, each: Loaded, to: tuple[int, bool], ways: dict[StepKey, bool]) -> tuple[Move, Enrollment, Loaded]:
    version, overwrite = to
    old, enrollment = each.around.sequence, each.enrollment
    around = _around(tx, _without_edits(each) if overwrite else each, version)
    current = old.steps[enrollment.position].key
    left_out = {WaitingFor.SENDING: IN_FLIGHT, WaitingFor.UNCONFIRMED: UNDECIDED}.get(enrollment.waiting_for, "")
    move = Move(enrollment.id, each.address, each.version, current, left_out=left_out)
    if left_out:
        return move, enrollment, each
    done = Done(each.has_started, _ran(each), ways)
    after = moving.move(enrollment, each.around, around, done, tx.now)
    kinds = changed_keys(old, around.sequence)
    told = replace(
        move,
        added=tuple(key for key, kind in kinds.items() if kind == "added"),
        removed=tuple(key for key, kind in kinds.items() if kind == "removed"),
        changed=tuple(key for key, kind in kinds.items() if kind in ("changed", "moved")),
        before=Action(current, enrollment.due_at, enrollment.waiting_for.value),
        after=Action(around.sequence.steps[after.position].key, after.due_at, after.waiting_for.value),
    )
    return told, after, each


def _around(tx: Tx, each: Loaded, version: int) -> Surroundings:
    """Return the surroundings in the other version; tasks of steps that are not there any more hold nothing."""
    key = (each.sequence_id, version)
    content: SequenceContent = load_versions(tx, {key})[key]
    still = frozenset(task for task in each.around.open_tasks if content.position_of(task) is not None)
    return replace(each.around, sequence=with_own(content, each.own), open_tasks=still)


def _without_edits(each: Loaded) -> Loaded:
    """Return an enrollment as its version says; which run of a step comes next is no edit and stays (S1)."""
    runs = {key: StepEdit(generation=edit.generation) for key, edit in each.around.edits.items() if edit.generation}
    return replace(each, own=NOTHING_OWN, around=replace(each.around, edits=runs))


def _take_edits_back(tx: Tx, ids: Sequence[int]) -> None:
    tx.run("DELETE FROM enrollment_edits WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) AND generation = 0", {"ids": ids})
    tx.run(
        """UPDATE enrollment_edits SET subject = NULL, body = NULL, delay = NULL, at = NULL, skipped = false, edited_by = %(by)s,
             edited_at = %(now)s WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s)""",
        {"ids": ids, "by": tx.actor, "now": tx.now},
    )
    tx.run("UPDATE enrollments SET own_settings = NULL WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": ids})


def _ran(each: Loaded) -> frozenset[StepKey]:
    """Return the steps that have left a mail or a task: they never run again."""
    mails = {message.step_key for message in each.messages if message.state not in ("queued", "withdrawn")}
    return frozenset(mails | each.task_steps | each.earlier_steps)


def _load_ways(tx: Tx, heirs: Mapping[int, Sequence[EnrollmentId]]) -> dict[int, dict[StepKey, bool]]:
    found: dict[int, dict[StepKey, bool]] = {}
    for row in tx.all(
        """SELECT enrollment_id, data ->> 'step_key' AS step, data ->> 'way' AS way FROM events
           WHERE workspace_id = %(ws)s AND enrollment_id = ANY(%(ids)s) AND kind = 'branch_taken' ORDER BY id""",
        {"ids": list(heirs)},
    ):
        for heir in heirs[row["enrollment_id"]]:
            found.setdefault(heir, {})[StepKey(row["step"])] = row["way"] == "yes"
    return found


def _mark(tx: Tx, ids: Sequence[int], version: int, overwrite: bool) -> None:
    if ids:
        tx.run(
            """UPDATE enrollments SET move_to = %(version)s, move_overwrites = %(overwrite)s
               WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)""",
            {"version": version, "overwrite": overwrite, "ids": list(ids)},
        )


def _cancel_removed_tasks(tx: Tx, moved: Sequence[tuple[Loaded, int]]) -> None:
    """Cancel open tasks whose step is gone: the dependency on them is resolved (SEQ-133)."""
    gone = [
        (each.enrollment.id, task)
        for each, version in moved
        for task in each.around.open_tasks
        if _around(tx, each, version).sequence.position_of(task) is None
    ]
    cancel_tasks(tx, [e for e, _ in gone], steps=[str(task) for _, task in gone])


def _withdraw(tx: Tx, waiting: Sequence[tuple[int, StepKey]]) -> None:
    """Withdraw queued mail: it is made anew from the new texts. Mail of the waiting step that was tried before keeps its bytes, or what a
    server has seen could not be told from what it has not."""
    tx.run(
        """UPDATE messages AS m SET state = 'withdrawn' FROM unnest(%(e)s::bigint[], %(s)s::text[]) AS n(enrollment, step)
           WHERE m.workspace_id = %(ws)s AND m.enrollment_id = n.enrollment AND m.state = 'queued'
             AND (m.attempt = 0 OR m.step_key <> n.step)""",
        {"e": [e for e, _ in waiting], "s": [str(s) for _, s in waiting]},
    )
