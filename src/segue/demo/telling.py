"""From facts on the timeline to sentences a person would say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.tx import Tx
from segue.demo.cast import TITLES

SHOWN_ZONE = ZoneInfo("Europe/Berlin")
"""The clock of the team's office: all times of the demo are told by it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence. Lines in a row with the same `group` may be drawn together: `who` is what differs."""

    at: datetime
    text: str
    style: str = ""
    group: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one contact stands."""

    name: str
    position: int
    state: str
    waiting_for: str
    reason: str
    pause_kind: str
    opted_out: bool


NEWS = """
    SELECT e.id, e.at, e.kind, e.data, concat_ws(' ', c.first_name, c.last_name) AS name, c.first_name, u.name AS rep, n.timezone,
        EXISTS (SELECT FROM suppressions AS s WHERE s.workspace_id = %(ws)s AND s.value = c.email_normal AND s.reason = 'opted out by mail')
          AS opted_out
    FROM events AS e
    LEFT JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
    LEFT JOIN enrollments AS n ON n.workspace_id = e.workspace_id AND n.id = e.enrollment_id
    LEFT JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = n.enroller_user_id
    WHERE e.workspace_id = %(ws)s AND e.id > %(after)s ORDER BY e.id
"""

BOARD = """
    SELECT concat_ws(' ', c.first_name, c.last_name) AS name, COALESCE(e.position, 0) AS position, COALESCE(e.state, 'new') AS state,
        COALESCE(e.waiting_for, '') AS waiting_for, COALESCE(e.reason, '') AS reason, COALESCE(e.pause_kind, '') AS pause_kind,
        EXISTS (SELECT FROM suppressions AS s WHERE s.workspace_id = %(ws)s AND s.value = c.email_normal AND s.reason = 'opted out by mail')
          AS opted_out
    FROM contacts AS c LEFT JOIN enrollments AS e ON e.workspace_id = c.workspace_id AND e.contact_id = c.id
    WHERE c.workspace_id = %(ws)s ORDER BY c.id
"""


def read_news(tx: Tx, after: int) -> tuple[int, list[Line]]:
    """Return what has been written to the timeline since event `after`, in sentences, and the last event's number."""
    rows = tx.all(NEWS, {"after": after})
    lines = [line for row in rows if (teller := TELLERS.get(row["kind"])) and (line := teller(row))]
    return (rows[-1]["id"] if rows else after), lines


def read_board(tx: Tx) -> list[Cell]:
    """Return where every contact stands."""
    return [Cell(**row) for row in tx.all(BOARD, {})]


def day_of(at: datetime) -> str:
    """Return "Mon 25 Jan"."""
    local = at.astimezone(SHOWN_ZONE)
    return f"{local:%a} {local.day} {local:%b}"


Row = dict[str, Any]
Teller = Callable[[Row], Line | None]


def _enrolled(row: Row) -> Line:
    rep = row["rep"].split()[0]
    return Line(row["at"], f"{rep} enrolls {row['name']}", "", f"enrolled {rep} {day_of(row['at'])}", row["name"])


def _sent(row: Row) -> Line:
    number = [title.lower() for title in TITLES].index(row["data"]["step_key"]) + 1
    accepted_at = datetime.fromisoformat(row["data"]["accepted_at"])
    if row["at"] - accepted_at > timedelta(minutes=1):
        at = accepted_at.astimezone(SHOWN_ZONE)
        return Line(row["at"], f"Step {number} to {row['name']} is noted as sent at {at:%H:%M}", "cyan", "sent late")
    local = accepted_at.astimezone(ZoneInfo(row["timezone"]))
    city = row["timezone"].rpartition("/")[2].replace("_", " ")
    where = "" if number == 1 or local.utcoffset() == accepted_at.astimezone(SHOWN_ZONE).utcoffset() else f" ({local:%a %H:%M} in {city})"
    text = f"Step {number} ({TITLES[number - 1].lower()}) to {row['name']}{where}"
    return Line(row["at"], text, "cyan", f"sent {number} {where[1:4]} {city if where else ''}", row["name"])


def _task_created(row: Row) -> Line:
    rep = row["rep"].split()[0]
    return Line(row["at"], f"Step 3: task for {rep}: call {row['name']}", "blue", f"task {rep} {day_of(row['at'])}", row["name"])


def _task_done(row: Row) -> Line:
    rep = row["rep"].split()[0]
    if row["data"]["how"] == "skipped":
        return Line(row["at"], f"{rep} drops the call to {row['name']}, whose sequence has ended", "blue", "dropped")
    outcome = row["data"]["outcome"].replace("_", " ")
    return Line(row["at"], f"{rep} calls {row['name']}: {outcome}", "blue", f"called {rep} {outcome} {day_of(row['at'])}", row["name"])


def _paused(row: Row) -> Line:
    back = row["data"].get("resume_at")
    if row["data"].get("pause_kind") != "away" or not back:
        return Line(row["at"], f"{row['name']} is put on hold: {row['data'].get('detail', '')}", "yellow")
    until = day_of(datetime.fromisoformat(back))
    return Line(row["at"], f"{row['name']} is on holiday: on hold until {until}", "yellow")


def _resumed(row: Row) -> Line:
    due = row["data"].get("due_at")
    following = f", next step {day_of(datetime.fromisoformat(due))}" if due else ""
    return Line(row["at"], f"{row['name']} is back: it goes on{following}", "yellow")


def _ended(row: Row) -> Line:
    name, data = row["name"], row["data"]
    if data["state"] == "finished":
        return Line(row["at"], f"All steps done, no answer: {name}", "bright_black", f"finished {day_of(row['at'])}", name)
    if data["reason"] == "REPLIED" and row["opted_out"]:
        return Line(row["at"], f"{name} asks to be left alone: stopped, never mailed again", "magenta")
    if data["reason"] == "REPLIED" and data["detail"].partition("@")[0] != row["name"].lower().replace(" ", "."):
        return Line(row["at"], f"{name} answers from {data['detail']}: stopped", "green")
    text, style = ENDINGS.get(data["reason"], (f"{{name}} is taken out: {data['reason']}", "red"))
    return Line(row["at"], text.format(name=name), style)


ENDINGS = {
    "REPLIED": ("{name} answers: stopped, the rest is never sent", "green"),
    "CONTACT_EMAILED": ("{name} writes a new mail, not an answer: stopped", "green"),
    "BOUNCED": ("The mail to {name} bounces: stopped, never mailed again", "red"),
    "SPAM_COMPLAINT": ("{name} reports spam: stopped, never mailed again", "red"),
    "MANUAL": ("{name} says yes on the telephone: taken out by hand", "blue"),
}


TELLERS: dict[str, Teller] = {
    "contact_enrolled": _enrolled,
    "email_sent": _sent,
    "task_created": _task_created,
    "task_resolved": _task_done,
    "enrollment_paused": _paused,
    "enrollment_resumed": _resumed,
    "enrollment_ended": _ended,
}
