"""Notices: what a user and the admins must know, told once for as long as it lasts (L3, SEQ-105, SEQ-106)."""

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
    row = tx.one(
        """INSERT INTO notices (workspace_id, kind, subject, user_id, said, todo, created_at)
           VALUES (%(ws)s, %(kind)s, %(subject)s, %(user)s, %(said)s, %(todo)s, %(now)s)
           ON CONFLICT (workspace_id, kind, subject) WHERE closed_at IS NULL DO UPDATE SET said = EXCLUDED.said, todo = EXCLUDED.todo
           RETURNING id, xmax = 0 AS new""",
        {
            "kind": notice.kind,
            "subject": notice.subject,
            "user": notice.user_id,
            "said": notice.said,
            "todo": notice.todo,
            "now": tx.now,
        },
    )
    if row is None or not row["new"]:
        return False
    tx.record(NoticeGiven(notice_id=row["id"], notice_kind=notice.kind, subject=notice.subject, said=notice.said))
    return True


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
