"""What becomes of sequences after they are published: archived, copied, shared, deleted, brought back (SEQ-7, SEQ-8, SEQ-48, SEQ-135)."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from psycopg.types.json import Jsonb

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.errors import Conflict, NotFound
from segue.domain.ids import SequenceId, UserId
from segue.domain.sequence import Sequence
from segue.domain.sequence_events import SequenceChanged
from segue.domain.sequence_json import from_json, to_json
from segue.features.sequences.service import get_sequence, refuse_lost

RESTORABLE = timedelta(days=90)
"""How long a deleted sequence can be brought back (SEQ-136)."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who may use a sequence beside its owner (SEQ-8): private, everyone, or chosen users and teams."""

    kind: str = "private"
    users: tuple[UserId, ...] = ()
    teams: tuple[str, ...] = ()


def archive(tx: Tx, name: str) -> bool:
    """Stop new enrollments; running ones finish (SEQ-135). False when it was archived already."""
    return _set_status(tx, get_sequence(tx, name), "archived", "archived")


def activate(tx: Tx, name: str) -> bool:
    """Let an archived sequence be enrolled into again. False when it is active already."""
    row = get_sequence(tx, name)
    if row["status"] == "draft":
        raise Conflict(f'"{row["name"]}" is a draft.', hint="`segue sequence apply FILE.yaml` publishes it.")
    refuse_lost(row, row["name"])
    return _set_status(tx, row, "active", "activated")


def clone(tx: Tx, name: str, new_name: str, *, owner: UserId) -> SequenceId:
    """Copy the newest version as a private draft of the person who copies, without statistics (SEQ-48).

    Raises:
        Conflict: there is a sequence of the new name.
    """
    row = get_sequence(tx, name)
    _check_name_is_free(tx, new_name)
    content = replace(get_content(tx, row["id"], row["version"]), name=new_name)
    made = tx.one(
        """INSERT INTO sequences (workspace_id, name, owner_user_id, status, sharing, version, created_at, updated_at)
           VALUES (%(ws)s, %(name)s, %(owner)s, 'draft', 'private', 1, %(now)s, %(now)s) RETURNING id""",
        {"name": new_name, "owner": owner, "now": tx.now},
    )
    assert made is not None
    tx.run(
        """INSERT INTO sequence_versions (workspace_id, sequence_id, version, content, source, created_at)
           VALUES (%(ws)s, %(id)s, 1, %(content)s, %(source)s, %(now)s)""",
        {"id": made["id"], "content": Jsonb(to_json(content)), "source": f"copy of {row['name']}", "now": tx.now},
    )
    tx.record(SequenceChanged(sequence_id=made["id"], sequence=new_name, change="cloned", detail=row["name"]))
    return SequenceId(made["id"])


def share(tx: Tx, name: str, sharing: Sharing) -> None:
    """Say who may use a sequence; acts at once on everyone (SEQ-131)."""
    row = get_sequence(tx, name)
    tx.run(
        """UPDATE sequences SET sharing = %(kind)s, shared_with = %(users)s, shared_teams = %(teams)s, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": row["id"], "kind": sharing.kind, "users": list(sharing.users), "teams": list(sharing.teams), "now": tx.now},
    )
    tx.record(SequenceChanged(sequence_id=row["id"], sequence=row["name"], change="shared", detail=sharing.kind))


def mark_deleted(tx: Tx, name: str, *, unenroll_all: bool) -> dict[str, Any]:
    """Delete a sequence: from the commit on nothing of it is handed over, and nobody can be enrolled (SEQ-136). Returns its row, with
    `open`: how many enrollments are still to be ended.

    Raises:
        Conflict: there are open enrollments and the caller did not ask to end them.
    """
    row = get_sequence(tx, name)
    tx.lock_for_stop(LockKind.SEQUENCE, row["id"])
    tx.run("SELECT FROM sequences WHERE workspace_id = %(ws)s AND id = %(id)s FOR UPDATE", {"id": row["id"]})  # waits for enrolls
    found = tx.one(
        """SELECT count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s AND sequence_id = %(id)s AND state IN ('active', 'paused')""",
        {"id": row["id"]},
    )
    count = int(found["n"]) if found else 0
    if count and not unenroll_all:
        contacts = "1 contact is" if count == 1 else f"{count:,} contacts are"
        hint = f'Archive it to let them finish, or add --unenroll-all and repeat the name with --name "{row["name"]}".'
        raise Conflict(f'{contacts} in "{row["name"]}".', hint=hint, code="sequence_in_use")
    tx.run(
        """UPDATE sequences SET status = 'deleted', deleted_at = %(now)s, updated_at = %(now)s, unenrolling = %(open)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": row["id"], "now": tx.now, "open": count > 0},
    )
    tx.record(SequenceChanged(sequence_id=row["id"], sequence=row["name"], change="deleted", detail=f"{count} open enrollments"))
    return {**row, "open": count}


def restore(tx: Tx, name: str) -> SequenceId:
    """Bring back the sequence of this name that was deleted last, as archived; its enrollments stay ended (SEQ-136).

    Raises:
        NotFound: none was deleted within 90 days.
        Conflict: there is another of this name by now.
    """
    row = tx.one(
        """SELECT id, name FROM sequences WHERE workspace_id = %(ws)s AND lower(name) = lower(%(name)s) AND status = 'deleted'
             AND NOT unenrolling AND deleted_at > %(since)s ORDER BY deleted_at DESC LIMIT 1""",
        {"name": name, "since": tx.now - RESTORABLE},
    )
    if row is None:
        hint = f"Deleted sequences can be brought back for {RESTORABLE.days} days; `segue sequence list --deleted` shows them."
        raise NotFound(f"No deleted sequence is called {name!r}.", hint=hint)
    _check_name_is_free(tx, row["name"])
    _set_status(tx, {**row, "status": "deleted"}, "archived", "restored")
    return SequenceId(row["id"])


def list_deleted(tx: Tx) -> list[dict[str, Any]]:
    """Return the sequences that can be brought back, the newest deletion first."""
    return tx.all(
        """SELECT id, name, version, deleted_at FROM sequences WHERE workspace_id = %(ws)s AND status = 'deleted'
             AND deleted_at > %(since)s ORDER BY deleted_at DESC""",
        {"since": tx.now - RESTORABLE},
    )


def list_versions(tx: Tx, sequence_id: int) -> list[dict[str, Any]]:
    """Return the versions of a sequence with how many enrollments are open in each, the newest first."""
    return tx.all(
        """SELECT v.version, v.source, v.created_at,
               (SELECT count(*) FROM enrollments AS e WHERE e.workspace_id = v.workspace_id AND e.sequence_id = v.sequence_id
                  AND e.version = v.version AND e.state IN ('active', 'paused')) AS open
           FROM sequence_versions AS v WHERE v.workspace_id = %(ws)s AND v.sequence_id = %(id)s ORDER BY v.version DESC""",
        {"id": sequence_id},
    )


def get_content(tx: Tx, sequence_id: int, version: int) -> Sequence:
    """Return what a version says. Raises NotFound."""
    row = tx.one(
        "SELECT content FROM sequence_versions WHERE workspace_id = %(ws)s AND sequence_id = %(id)s AND version = %(version)s",
        {"id": sequence_id, "version": version},
    )
    if row is None:
        raise NotFound(f"There is no version {version} of this sequence.", hint="`segue sequence show NAME` lists them.")
    return from_json(row["content"])


def _check_name_is_free(tx: Tx, name: str) -> None:
    found = tx.one(
        "SELECT name FROM sequences WHERE workspace_id = %(ws)s AND lower(name) = lower(%(name)s) AND status <> 'deleted'", {"name": name}
    )
    if found is not None:
        raise Conflict(f'There is a sequence called "{found["name"]}" already.', hint="Choose another name.")


def _set_status(tx: Tx, row: dict[str, Any], status: str, change: str) -> bool:
    if row["status"] == status:
        return False
    tx.run(
        """UPDATE sequences SET status = %(status)s, deleted_at = NULL, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": row["id"], "status": status, "now": tx.now},
    )
    tx.record(SequenceChanged(sequence_id=row["id"], sequence=row["name"], change=change))
    return True
