"""Starts that are not the same for all of a batch: a delay in front of the first step that is drawn (SEQ-44), starts a day (SEQ-98)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain.enrollment import Enrollment, PauseKind, State
from segue.domain.sequence import Sequence as SequenceContent
from segue.domain.starts import allot
from segue.features.enrollments.store import Loaded, load, save
from segue.features.workspaces.service import get_workspace


def differ(content: SequenceContent, start_position: int) -> bool:
    """Say whether enrollments of one batch begin at different times."""
    drawn = start_position == 0 and content.steps[0].delay_most is not None
    return drawn or content.settings.max_starts_per_day is not None


def settle_starts(tx: Tx, ids: Sequence[int]) -> None:
    """Give new enrollments their own starts, in the order of enrolling."""
    loaded = load(tx, ids)
    if not loaded:
        return
    begun = begin_at(tx, loaded, [each.enrollment.base_at for each in loaded])
    save(tx, [(_paused_like(after, each, tx.now), each) for after, each in zip(begun, loaded, strict=True)])


def begin_at(tx: Tx, loaded: Sequence[Loaded], wanted: Sequence[datetime]) -> list[Enrollment]:
    """Return enrollments of one sequence begun when they want, or when there is room; the room they take is stored."""
    ids = [each.enrollment.id for each in loaded]
    content = loaded[0].around.sequence
    if content.settings.max_starts_per_day is not None:  # nobody else allots starts of this sequence until the commit
        tx.lock_for_stop(LockKind.STARTS, loaded[0].sequence_id)
    starts = allot_starts(tx, loaded[0].sequence_id, content, wanted, besides=ids)
    tx.run(
        """UPDATE enrollments AS e SET starts_at = n.at FROM unnest(%(ids)s::bigint[], %(starts)s::timestamptz[]) AS n(id, at)
           WHERE e.workspace_id = %(ws)s AND e.id = n.id""",
        {"ids": ids, "starts": starts},
    )
    return [
        machine.start(each.enrollment.id, each.around, now=tx.now, start_position=each.enrollment.position, start_at=at)
        for each, at in zip(loaded, starts, strict=True)
    ]


def begin_again(tx: Tx, loaded: Loaded) -> Enrollment | None:
    """Return a paused enrollment begun anew where its start needs room of the day on which it is resumed; None for any other (SEQ-98)."""
    limited = loaded.around.sequence.settings.max_starts_per_day is not None
    if not limited or loaded.has_started:
        return None
    return begin_at(tx, [loaded], [max(tx.now, loaded.enrollment.base_at)])[0]


def allot_starts(
    tx: Tx, sequence_id: int, content: SequenceContent, wanted: Sequence[datetime], *, besides: Sequence[int] = ()
) -> list[datetime]:
    """Return when each may begin (SEQ-98). `besides`: enrollments that take no room, for it is they who are to begin."""
    limit = content.settings.max_starts_per_day
    if limit is None or not wanted:
        return list(wanted)
    zone = ZoneInfo(get_workspace(tx)["timezone"])
    return allot(_taken(tx, sequence_id, zone, min(wanted), besides), limit, zone, wanted)


def _taken(tx: Tx, sequence_id: int, zone: ZoneInfo, first: datetime, besides: Sequence[int]) -> dict[date, int]:
    """Count the starts of each date; who left before its start has taken none, and who goes on from another mailbox takes none again."""
    rows = tx.all(
        """SELECT (COALESCE(starts_at, enrolled_at) AT TIME ZONE %(zone)s)::date AS day, count(*) AS n FROM enrollments
           WHERE workspace_id = %(ws)s AND sequence_id = %(id)s AND COALESCE(starts_at, enrolled_at) > %(since)s
             AND (state IN ('active', 'paused') OR ended_at >= COALESCE(starts_at, enrolled_at))
             AND id <> ALL(%(besides)s) AND (earlier_ids IS NULL OR starts_at IS NOT NULL)
           GROUP BY 1""",
        {"zone": zone.key, "id": sequence_id, "since": first - timedelta(days=2), "besides": list(besides)},
    )
    return {row["day"]: row["n"] for row in rows}


def _paused_like(after: Enrollment, each: Loaded, now: datetime) -> Enrollment:
    if each.enrollment.state is not State.PAUSED:
        return after
    return machine.pause(after, each.around, now, PauseKind(each.enrollment.pause_kind), each.enrollment.resume_at)
