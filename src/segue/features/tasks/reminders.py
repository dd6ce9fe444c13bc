"""Reminding people of their open tasks (SEQ-113): at the sequence's reminder time of the assignee's day, a digest or a notice for each.

A task is reminded of once a day at most, whatever workers, restarts and clocks do: its row says on which date it was (L11). What a worker
missed is made up for on the same day. A task that appears later in the day is reminded of from the next day on.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.send_window import local_time, resolve_local
from segue.features.workspaces.notices import Notice, give_notices

ONE, MANY = "task", "tasks"
"""Kinds of notices: of one task, subject "17 2027-01-12"; of all tasks of a user, subject "3 2027-01-12 09:00". `CLOSE` reads them."""
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A user's reminder time that has come on the user's own date; tasks made before `until` are reminded of."""

    user_id: int
    minute: int
    day: date
    until: datetime


def remind(tx: Tx) -> int:
    """Give the reminders whose time has come and end those of tasks that are done; returns how many notices are new.

    A transaction of its own: its lock comes before every row's (H4).
    """
    given = 0
    if turns := _list_turns(tx):
        tx.lock_for_stop(LockKind.REMINDERS, tx.workspace_id)  # a digest counts all of its tasks, not those that one of two workers got
        given = give_notices(tx, _notices(tx, turns))
    close_reminders(tx)
    return given


def close_reminders(tx: Tx) -> None:
    """End the notices whose tasks are done, are somebody else's now, or were reminded of again."""
    tx.run(CLOSE, {"now": tx.now})


def _list_turns(tx: Tx) -> list[_Turn]:
    """Return the reminder times that have come for users with tasks not yet reminded of on their date."""
    users = tx.all(ASSIGNEES, {})
    zones = {row["id"]: ZoneInfo(row["timezone"]) for row in users}
    days = {user: local_time(zone, tx.now).date() for user, zone in zones.items()}
    turns: list[_Turn] = []
    for row in tx.all(TIMES, {"users": list(days), "days": list(days.values())}) if days else ():
        user, minute = row["user_id"], row["minute"]
        at = resolve_local(zones[user], datetime.combine(days[user], time()) + minute * _MINUTE)
        if at <= tx.now and row["first"] < at + _MINUTE:
            turns.append(_Turn(user, minute, days[user], at + _MINUTE))
    return turns


def _notices(tx: Tx, turns: list[_Turn]) -> list[Notice]:
    """Mark the tasks and return what to tell: one notice for each that wants its own, and the digests of the others."""
    columns = {
        "users": [turn.user_id for turn in turns],
        "minutes": [turn.minute for turn in turns],
        "days": [turn.day for turn in turns],
        "until": [turn.until for turn in turns],
    }
    marked = tx.all(MARK, columns)
    notices = [_of_one(row) for row in marked if row["individual"]]
    if len(notices) < len(marked):
        digested = {(row["user_id"], row["minute"]) for row in marked if not row["individual"]}
        notices += [_of_many(row) for row in tx.all(DIGESTS, columns) if (row["user_id"], row["minute"]) in digested]
    return notices


def _of_one(row: dict[str, Any]) -> Notice:
    """No words of the contact: notices outlive an erasure (S27)."""
    said = f"Task {row['id']} is due: {row['kind'].replace('_', ' ')}, since {row['due_on']}."
    todo = f"`segue tasks list` shows it, `segue tasks complete {row['id']}` when it is done."
    return Notice(ONE, f"{row['id']} {row['day']}", said, todo, row["user_id"])


def _of_many(row: dict[str, Any]) -> Notice:
    number = f"{row['n']} tasks are" if row["n"] > 1 else "1 task is"
    subject = f"{row['user_id']} {row['day']} {row['minute'] // 60:02}:{row['minute'] % 60:02}"
    return Notice(MANY, subject, f"{number} due, the oldest since {row['oldest']}.", "`segue tasks list` shows them.", row["user_id"])


ASSIGNEES = """
    SELECT u.id, u.timezone FROM users AS u
    WHERE u.workspace_id = %(ws)s AND u.deleted_at IS NULL AND EXISTS (
        SELECT FROM tasks AS t WHERE t.workspace_id = u.workspace_id AND t.assignee_user_id = u.id AND t.state = 'open')
"""

_SETTINGS = """
    JOIN enrollments AS e ON e.workspace_id = t.workspace_id AND e.id = t.enrollment_id
    JOIN sequence_versions AS v ON v.workspace_id = e.workspace_id AND v.sequence_id = e.sequence_id AND v.version = e.version
    CROSS JOIN LATERAL (SELECT COALESCE((v.content -> 'settings' ->> 'task_reminder_minute')::int, 540) AS minute,
        COALESCE((v.content -> 'settings' ->> 'individual_reminders')::bool, false) AS individual) AS s
"""
"""What the enrollment's version says; versions from before there were reminders have the defaults of sequences.md §3.2."""

TIMES = f"""
    SELECT n.user_id, s.minute, min(t.created_at) AS first FROM unnest(%(users)s::bigint[], %(days)s::date[]) AS n(user_id, day)
    JOIN tasks AS t ON t.workspace_id = %(ws)s AND t.assignee_user_id = n.user_id AND t.state = 'open' AND t.due_on <= n.day
        AND (t.reminded_on IS NULL OR t.reminded_on < n.day)
    {_SETTINGS}
    GROUP BY n.user_id, s.minute
"""

_TURNS = """unnest(%(users)s::bigint[], %(minutes)s::int[], %(days)s::date[], %(until)s::timestamptz[]) AS n(user_id, minute, day, until)
    JOIN tasks AS t ON t.workspace_id = %(ws)s AND t.assignee_user_id = n.user_id AND t.state = 'open'"""

# A task that somebody is just resolving or handing over is not waited for: the next round has it, should it still be open.
MARK = f"""
    WITH due AS MATERIALIZED (
        SELECT t.id, n.day, s.minute, s.individual FROM {_TURNS}
            AND t.due_on <= n.day AND (t.reminded_on IS NULL OR t.reminded_on < n.day) AND t.created_at < n.until
        {_SETTINGS}
        WHERE s.minute = n.minute FOR UPDATE OF t SKIP LOCKED)
    UPDATE tasks AS t SET reminded_on = due.day FROM due WHERE t.workspace_id = %(ws)s AND t.id = due.id
    RETURNING t.id, t.kind, t.due_on, t.assignee_user_id AS user_id, due.day, due.minute, due.individual
"""

DIGESTS = f"""
    SELECT n.user_id, n.minute, n.day, count(*) AS n, min(t.due_on) AS oldest FROM {_TURNS} AND t.reminded_on = n.day
    {_SETTINGS}
    WHERE s.minute = n.minute AND NOT s.individual GROUP BY n.user_id, n.minute, n.day
"""

CLOSE = """
    UPDATE notices SET closed_at = %(now)s WHERE workspace_id = %(ws)s AND id IN (
        SELECT n.id FROM notices AS n
        WHERE n.workspace_id = %(ws)s AND n.kind IN ('task', 'tasks') AND n.closed_at IS NULL AND NOT EXISTS (
            SELECT FROM tasks AS t
            WHERE t.workspace_id = n.workspace_id AND t.assignee_user_id = n.user_id AND t.state = 'open'
              AND t.reminded_on = split_part(n.subject, ' ', 2)::date
              AND CASE n.kind WHEN 'task' THEN t.id = split_part(n.subject, ' ', 1)::bigint ELSE NOT EXISTS (
                SELECT FROM notices AS own WHERE own.workspace_id = t.workspace_id AND own.kind = 'task' AND own.closed_at IS NULL
                  AND own.subject = t.id || ' ' || t.reminded_on) END)
        FOR UPDATE OF n SKIP LOCKED)
"""
