"""Notices: what a user and the admins must know, told once for as long as it lasts (L3, SEQ-105, SEQ-106)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segue.db.tx import Tx
from segue.domain.events import NoticeGiven


@dataclass(frozen=True, slots=True)
class Notice:
    """What to tell. `kind` and `subject` say what it is about; `user_id` whom it concerns besides the admins."""

    kind: str
    subject: str
    said: str
    todo: str = ""
    user_id: int | None = None


def give_notice(tx: Tx, notice: Notice) -> bool:
    """Tell of something unless it is told already; what is told already gets the newest words. True when it is new."""
    return give_notices(tx, [notice]) == 1


def give_notices(tx: Tx, notices: Sequence[Notice]) -> int:
    """Tell of several things, each with a subject of its own, in one statement; returns how many are new."""
    if not notices:
        return 0
    rows = tx.all(
        """INSERT INTO notices (workspace_id, kind, subject, user_id, said, todo, created_at)
           SELECT %(ws)s, given.*, %(now)s
           FROM unnest(%(kinds)s::text[], %(subjects)s::text[], %(users)s::bigint[], %(said)s::text[], %(todo)s::text[]) AS given
           ON CONFLICT (workspace_id, kind, subject) WHERE closed_at IS NULL DO UPDATE SET said = EXCLUDED.said, todo = EXCLUDED.todo
           RETURNING id, kind, subject, said, xmax = 0 AS new""",
        {
            "kinds": [notice.kind for notice in notices],
            "subjects": [notice.subject for notice in notices],
            "users": [notice.user_id for notice in notices],
            "said": [notice.said for notice in notices],
            "todo": [notice.todo for notice in notices],
            "now": tx.now,
        },
    )
    new = [row for row in rows if row["new"]]
    for row in new:
        tx.record(NoticeGiven(notice_id=row["id"], notice_kind=row["kind"], subject=row["subject"], said=row["said"]))
    return len(new)


def close_notices(tx: Tx, kind: str, subjects: list[str]) -> int:
    """End notices whose cause is over; returns how many were open."""
    return tx.run(
        """UPDATE notices SET closed_at = %(now)s
           WHERE workspace_id = %(ws)s AND kind = %(kind)s AND subject = ANY(%(subjects)s) AND closed_at IS NULL""",
        {"kind": kind, "subjects": subjects, "now": tx.now},
    )


def close_notice(tx: Tx, number: int) -> bool:
    """End a notice because a person has seen to it; False when it was closed before or there is none."""
    return bool(
        tx.run(
            "UPDATE notices SET closed_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s AND closed_at IS NULL",
            {"id": number, "now": tx.now},
        )
    )


def list_notices(tx: Tx, *, closed: bool = False, most: int = 200) -> list[dict[str, Any]]:
    """Return open notices, with `closed` also those that are over; the newest first."""
    return tx.all(
        """SELECT n.id, n.kind, n.subject, n.said, n.todo, n.created_at, n.closed_at, u.email AS user FROM notices AS n
           LEFT JOIN users AS u ON u.workspace_id = n.workspace_id AND u.id = n.user_id
           WHERE n.workspace_id = %(ws)s AND (%(closed)s OR n.closed_at IS NULL) ORDER BY n.id DESC LIMIT %(most)s""",
        {"closed": closed, "most": most},
    )
