"""Sequences in the database: publishing versions, finding them again (SEQ-45, SEQ-131)."""

from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from psycopg.types.json import Jsonb

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.acts import SequenceCreatorLost, SequenceGiven
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.ids import SequenceId, UserId
from segue.domain.sequence import EmailSettings, Sequence
from segue.domain.sequence_events import SequenceChanged
from segue.domain.sequence_json import from_json, to_json
from segue.features.mail.links import lacks_postal_address
from segue.features.workspaces.queries import get_user_row
from segue.features.workspaces.users import is_seated


@dataclass(frozen=True, slots=True)
class Published:
    """Where a published sequence stands. `changed` is false when the newest version says exactly this already."""

    sequence_id: SequenceId
    version: int
    changed: bool


def publish(tx: Tx, content: Sequence, *, owner: UserId, source: str = "", sharing: str = "everyone") -> Published:
    """Make a new version of the sequence of this name and activate it; enrollments under way keep theirs (SEQ-131).

    `sharing` counts for a new sequence alone (SEQ-8). What says the same as the newest version makes none, and activates it all the same.

    Raises:
        Invalid: a postal address is needed and not there (SEQ-25).
        Conflict: its owner has left, and nobody else owns it yet (SEQ-168).
    """
    _check_postal_address(tx, content)
    row = tx.one(
        """SELECT s.id, s.version, s.status, s.creator_lost_at, v.content FROM sequences AS s
           JOIN sequence_versions AS v ON v.workspace_id = s.workspace_id AND v.sequence_id = s.id AND v.version = s.version
           WHERE s.workspace_id = %(ws)s AND lower(s.name) = lower(%(name)s) AND s.status <> 'deleted' FOR UPDATE OF s""",
        {"name": content.name},
    )
    if row is not None:
        refuse_lost(row, content.name)
    if row is not None and from_json(row["content"]) == content:
        if row["status"] != "active":
            _activate(tx, row["id"], row["version"], content.name)
        return Published(SequenceId(row["id"]), row["version"], changed=row["status"] != "active")
    if row is None:
        row = tx.one(
            """INSERT INTO sequences (workspace_id, name, owner_user_id, sharing, version, created_at, updated_at)
               VALUES (%(ws)s, %(name)s, %(owner)s, %(sharing)s, 0, %(now)s, %(now)s) RETURNING id, version""",
            {"name": content.name, "owner": owner, "sharing": sharing, "now": tx.now},
        )
    assert row is not None
    version = row["version"] + 1
    tx.run(
        """INSERT INTO sequence_versions (workspace_id, sequence_id, version, content, source, created_at)
           VALUES (%(ws)s, %(id)s, %(version)s, %(content)s, %(source)s, %(now)s)""",
        {"id": row["id"], "version": version, "content": Jsonb(to_json(content)), "source": source, "now": tx.now},
    )
    _activate(tx, row["id"], version, content.name)
    return Published(SequenceId(row["id"]), version, changed=True)


def refuse_lost(row: dict[str, Any], name: str) -> None:
    """Raises Conflict where nothing of a sequence is sent, because its owner has left: whoever were enrolled would only end (SEQ-168)."""
    if row["creator_lost_at"] is not None:
        raise Conflict(
            f'The owner of "{name}" has left.', hint="`segue user set OWNER --hand-over-to EMAIL` gives it to somebody else, or back."
        )


def _activate(tx: Tx, sequence_id: int, version: int, name: str) -> None:
    tx.run(
        """UPDATE sequences SET version = %(version)s, status = 'active', name = %(name)s, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s""",
        {"id": sequence_id, "version": version, "name": name, "now": tx.now},
    )
    tx.record(SequenceChanged(sequence_id=sequence_id, sequence=name, change="published", detail=f"version {version}"))


def _check_postal_address(tx: Tx, content: Sequence) -> None:
    """Raises Invalid while mails of it would carry an unsubscribe link without a postal address (SEQ-25)."""
    if not any(isinstance(step.settings, EmailSettings) for step in content.steps) or not lacks_postal_address(tx):
        return
    raise Invalid(
        "The workspace has no postal address, which mails with an unsubscribe link must show.",
        hint='Run `segue workspace set --postal-address "Acme, 1 Road, Town"`, or with --no-postal-address-required.',
        field="postal_address",
    )


def get_sequence(tx: Tx, name: str) -> dict[str, Any]:
    """Return a sequence by its name, whatever its case.

    Raises:
        NotFound: no sequence of that name.
    """
    row = tx.one(
        "SELECT * FROM sequences WHERE workspace_id = %(ws)s AND lower(name) = lower(%(name)s) AND status <> 'deleted'", {"name": name}
    )
    if row is None:
        raise NotFound(
            f"There is no sequence called {name!r}.", hint="`segue sequence list` shows them; `segue sequence apply FILE.yaml` adds one."
        )
    return row


def list_sequences(tx: Tx) -> list[dict[str, Any]]:
    """Return the sequences with their open and past enrollments."""
    return tx.all(
        """SELECT s.id, s.name, s.status, s.sharing, s.version, s.paused, s.updated_at, count(e.id) AS enrolled,
               count(e.id) FILTER (WHERE e.state IN ('active', 'paused')) AS open,
               count(e.id) FILTER (WHERE e.reason = 'REPLIED') AS replied
           FROM sequences AS s LEFT JOIN enrollments AS e ON e.workspace_id = s.workspace_id AND e.sequence_id = s.id
           WHERE s.workspace_id = %(ws)s AND s.status <> 'deleted' GROUP BY s.workspace_id, s.id ORDER BY lower(s.name)""",
        {},
    )


def give_sequence(tx: Tx, sequence_id: SequenceId, owner: UserId) -> None:
    """Give a sequence to another user (SEQ-7). One that was archived because its owner was lost is active again (SEQ-168).

    Raises:
        Conflict: the new owner has no sequence seat.
    """
    new = get_user_row(tx, owner)
    if not is_seated(new):
        raise Conflict(f"{new['email']} has no sequence seat.", hint="`segue user set EMAIL --seat` gives one.")
    row = tx.one(
        """UPDATE sequences AS s SET owner_user_id = %(owner)s, creator_lost_at = NULL, archived_by_loss = false, updated_at = %(now)s,
               status = CASE WHEN s.archived_by_loss THEN 'active' ELSE s.status END
           FROM users AS u WHERE s.workspace_id = %(ws)s AND s.id = %(id)s
             AND (s.owner_user_id <> %(owner)s OR s.creator_lost_at IS NOT NULL OR s.archived_by_loss)
             AND u.workspace_id = s.workspace_id AND u.id = s.owner_user_id RETURNING s.name, u.email AS before""",
        {"id": sequence_id, "owner": owner, "now": tx.now},
    )
    if row is not None:
        tx.record(SequenceGiven(sequence_id=sequence_id, sequence=row["name"], before=row["before"], after=new["email"]))


def mark_creator_lost(tx: Tx, user_id: UserId, *, unenrolls: bool) -> int:
    """Archive what a lost user owns; with `unenrolls` nothing of it is sent any more (SEQ-168). Returns how many sequences.

    Call it with the mailboxes locked that the user sends from, if at all: mailboxes come before sequences (H4).
    """
    rows = tx.all(
        "SELECT id FROM sequences WHERE workspace_id = %(ws)s AND owner_user_id = %(user)s AND status <> 'deleted' ORDER BY id",
        {"user": user_id},
    )
    for row in rows:
        tx.lock_for_stop(LockKind.SEQUENCE, row["id"])
    changed = tx.all(
        """UPDATE sequences SET archived_by_loss = archived_by_loss OR status = 'active', updated_at = %(now)s,
               status = CASE WHEN status = 'active' THEN 'archived' ELSE status END,
               creator_lost_at = CASE WHEN %(unenrolls)s THEN %(now)s::timestamptz END
           WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND owner_user_id = %(user)s RETURNING id, name""",
        {"ids": [row["id"] for row in rows], "user": user_id, "unenrolls": unenrolls, "now": tx.now},
    )
    for row in sorted(changed, key=itemgetter("id")):
        tx.record(SequenceCreatorLost(sequence_id=row["id"], sequence=row["name"], unenrolls=unenrolls))
    return len(changed)


def set_sequence_paused(tx: Tx, sequence_id: SequenceId, paused: bool) -> bool:
    """Stop or start all sending of a sequence (SEQ-107); returns once none is under way (H3). True when that changed anything."""
    tx.lock_for_stop(LockKind.SEQUENCE, sequence_id)
    changed = tx.run(
        """UPDATE sequences SET paused = %(paused)s, updated_at = %(now)s
           WHERE workspace_id = %(ws)s AND id = %(id)s AND paused <> %(paused)s""",
        {"id": sequence_id, "paused": paused, "now": tx.now},
    )
    return bool(changed)
