"""Deleting a sequence with everybody in it (SEQ-136).

Two steps, each safe if the next never comes: one short transaction behind the lock that its hand-offs share, after which the gate lets
nothing of it out; then its enrollments end in batches. What a crash leaves open is ended by `finish_deletions`.
"""

from collections.abc import Callable

from segue.db.tx import Database, Tx
from segue.domain.errors import Invalid
from segue.domain.ids import WorkspaceId
from segue.domain.stop_rules import Stop
from segue.features.enrollments.react import stop_enrollments
from segue.features.sequences.lifecycle import mark_deleted

BATCH = 500


def delete_sequence(
    db: Database,
    workspace_id: WorkspaceId,
    name: str,
    *,
    unenroll_all: bool = False,
    repeated_name: str = "",
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Delete a sequence; returns how many enrollments ended with it.

    Raises:
        Conflict: enrollments are open and `unenroll_all` is not given.
        Invalid: enrollments are to be ended and the name was not repeated.
    """
    if unenroll_all and repeated_name.strip().casefold() != name.strip().casefold():
        raise Invalid(
            "Everybody in the sequence would be unenrolled.", hint=f'Repeat its name: --unenroll-all --name "{name}".', field="name"
        )
    with db.tx(workspace_id) as tx:
        waiting = int(mark_deleted(tx, name, unenroll_all=unenroll_all)["open"])
    ended = 0
    while waiting:
        with db.tx(workspace_id) as tx:
            ended_now = finish_deletions(tx)
        ended += ended_now
        progress(ended)
        if not ended_now:
            break
    return ended


def finish_deletions(tx: Tx, most: int = BATCH) -> int:
    """End open enrollments of deleted sequences; returns how many (SEQ-136)."""
    deleted = tx.all("SELECT id FROM sequences WHERE workspace_id = %(ws)s AND unenrolling ORDER BY id", {})
    if not deleted:
        return 0
    rows = tx.all(
        """SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND sequence_id = ANY(%(ids)s) AND state IN ('active', 'paused')
           ORDER BY id LIMIT %(most)s""",
        {"ids": [row["id"] for row in deleted], "most": most},
    )
    if not rows:
        tx.run(
            "UPDATE sequences SET unenrolling = false WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)",
            {"ids": [row["id"] for row in deleted]},
        )
    return stop_enrollments(tx, [row["id"] for row in rows], Stop("SEQUENCE_DELETED"))
