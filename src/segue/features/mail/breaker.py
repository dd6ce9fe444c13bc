"""The circuit breakers of mailboxes and sequences (SEQ-106): too many bounces, complaints or refusals for policy, and a person must look.

Facts are noted in the transaction that learns them. Breakers are opened by `tend_breakers` in one of its own, because the locks that a
stop takes stand before those of an enrollment (H4). What counts lies in the last 24 hours, and after a person last closed the breaker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from segue.db.claim import wake_lanes
from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.events import BounceReceived, BreakerChanged, ComplaintReceived, EmailFailed
from segue.domain.limits import DAY
from segue.features.workspaces.notices import Notice, close_notices, give_notice

HALF_OPEN_AFTER = timedelta(hours=24)
HALF_OPEN_MAILS = 5
BREAKER_LOOK = timedelta(hours=1)
"""How often a step behind an open breaker is looked at again; closing the breaker wakes it at once."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """One of the two kinds of breakers. `percent`: hard bounces of the mails at which it opens."""

    kind: str
    percent: int
    lock: LockKind
    words: str


MAILBOX = Circuit("mailbox", 5, LockKind.MAILBOX, "The mailbox {name}")
SEQUENCE = Circuit("sequence", 8, LockKind.SEQUENCE, 'The sequence "{name}"')
CIRCUITS = (MAILBOX, SEQUENCE)
LEAST_MAILS, LEAST_BOUNCES, MOST_COMPLAINTS, MOST_REFUSALS = 20, 3, 2, 3
COMPLAINT_SPAN = timedelta(days=7)


# --- facts ------------------------------------------------------------------------------------------------------------------------------


def note_bounce(tx: Tx, event: BounceReceived) -> None:
    """Note a hard bounce, or one for policy; only of a mail that was ours for sure (S16)."""
    kind = "policy" if event.reason == "blocked" else "hard_bounce" if event.hard else ""
    if kind and event.proven and event.message_id is not None:
        _note(tx, event.message_id, kind)


def note_failure(tx: Tx, event: EmailFailed) -> None:
    """Note what the server said of the recipient while we submitted: no such user, or refused for policy."""
    kind = {"invalid": "hard_bounce", "blocked": "policy"}.get(event.reason, "")
    if kind and event.message_id is not None:
        _note(tx, event.message_id, kind, refused=True)


def note_complaint(tx: Tx, event: ComplaintReceived) -> None:
    if event.message_id is not None:
        _note(tx, event.message_id, "complaint")


def _note(tx: Tx, message: int, kind: str, *, refused: bool = False) -> None:
    tx.run(
        """INSERT INTO send_troubles (workspace_id, message_id, kind, mailbox_id, sequence_id, at, mail_at, refused)
           SELECT %(ws)s, m.id, %(kind)s, m.mailbox_id, e.sequence_id, %(now)s, COALESCE(m.handed_at, %(now)s), %(refused)s
           FROM messages AS m JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
           WHERE m.workspace_id = %(ws)s AND m.id = %(id)s
           ON CONFLICT (workspace_id, message_id, kind) DO UPDATE SET at = EXCLUDED.at, mail_at = EXCLUDED.mail_at, judged = false""",
        {"id": message, "kind": kind, "now": tx.now, "refused": refused},
    )


# --- opening and closing ----------------------------------------------------------------------------------------------------------------


def tend_breakers(tx: Tx) -> None:
    """Open what new facts trip; with automatic half-open, try 5 mails after 24 hours and close or open by what they meet."""
    mode = get_mode(tx)
    fresh = tx.all(
        "UPDATE send_troubles SET judged = true WHERE workspace_id = %(ws)s AND NOT judged RETURNING mailbox_id, sequence_id", {}
    )
    for circuit in CIRCUITS:  # all mailboxes before any sequence (H4)
        if mode != "off":
            numbers = sorted({row[f"{circuit.kind}_id"] for row in fresh})
            tripped = [(number, detail) for number in numbers if (detail := _why_tripped(tx, circuit, number))]
            for number, detail in tripped:
                _open(tx, circuit, number, detail)
        _tend_half_open(tx, circuit, begin=mode == "half_open")


def get_mode(tx: Tx) -> str:
    """Return on, half_open or off."""
    row = tx.one("SELECT settings ->> 'breaker' AS mode FROM workspaces WHERE workspace_id = %(ws)s", {})
    return str(row["mode"] or "on") if row else "on"


def _why_tripped(tx: Tx, circuit: Circuit, number: int) -> str:
    row = tx.one(COUNTS[circuit.kind], {"id": number, "day": tx.now - DAY, "week": tx.now - COMPLAINT_SPAN})
    if row is None or row["breaker"] == "open":
        return ""
    bounces, mails = row["bounces"], row["mails"]
    if row["breaker"] == "half_open" and row["any_since"]:
        return "one of the mails tried came back or was refused"
    if bounces >= LEAST_BOUNCES and mails >= LEAST_MAILS and bounces * 100 >= circuit.percent * mails:
        return f"{bounces} of {mails} mails of the last 24 hours went to dead addresses"
    if row["complaints"] >= MOST_COMPLAINTS:
        return f"{row['complaints']} complaints in 7 days"
    if circuit is MAILBOX and _refused_in_a_row(tx, number, row["breaker_from"]):
        return f"{MOST_REFUSALS} mails in a row were refused for policy"
    return ""


def _refused_in_a_row(tx: Tx, mailbox: int, since: datetime | None) -> bool:
    """Say whether the newest three refusals for policy have no mail between them that was taken."""
    row = tx.one(IN_A_ROW, {"id": mailbox, "since": since, "day": tx.now - DAY, "most": MOST_REFUSALS})
    return row is not None and row["n"] == MOST_REFUSALS and row["taken"] == 0


def _open(tx: Tx, circuit: Circuit, number: int, detail: str) -> None:
    tx.lock_for_stop(circuit.lock, number)
    row = _set(tx, circuit, number, "open", detail)
    if row is not None:
        said = f"{circuit.words.format(name=row['name'])}: sending has stopped, because {detail}."
        todo = f"Look at the list and the text, then `segue breaker close --{circuit.kind}`."
        give_notice(tx, Notice("breaker", f"{circuit.kind} {number}", said, todo, row["user_id"]))


def set_breaker(tx: Tx, circuit: Circuit, number: int, state: str) -> bool:
    """Close a breaker, or let it try 5 mails, because a person says so; False when it was not open."""
    tx.lock_for_stop(circuit.lock, number)
    row = _set(tx, circuit, number, state, "")
    if row is None:
        return False
    close_notices(tx, "breaker", [f"{circuit.kind} {number}"])
    if circuit is SEQUENCE:
        woken = tx.all(
            """UPDATE enrollments SET due_at = %(now)s, waiting_for = 'DELAY'
               WHERE workspace_id = %(ws)s AND sequence_id = %(id)s AND state = 'active' AND waiting_for = 'BREAKER' AND due_at IS NOT NULL
               RETURNING mailbox_id""",
            {"id": number, "now": tx.now},
        )
        wake_lanes(tx, [(each["mailbox_id"], tx.now) for each in woken])
    return True


def _set(tx: Tx, circuit: Circuit, number: int, state: str, detail: str) -> dict[str, Any] | None:
    """Store a breaker's state and tell of it; None when nothing changed."""
    row = tx.one(SET[circuit.kind], {"id": number, "state": state, "detail": detail, "now": tx.now})
    if row is not None:
        tx.record(BreakerChanged(of=circuit.kind, number=number, state=state or "closed", detail=detail))
    return row


def _tend_half_open(tx: Tx, circuit: Circuit, *, begin: bool) -> None:
    """Begin to try where that is switched on; a trial of five mails and a day without trouble closes the breaker."""
    rows = tx.all(DUE[circuit.kind], {"before": tx.now - HALF_OPEN_AFTER, "begin": begin, "mails": HALF_OPEN_MAILS})
    for row in rows:
        set_breaker(tx, circuit, row["id"], "half_open" if row["breaker"] == "open" else "")


def list_breakers(tx: Tx) -> list[dict[str, Any]]:
    """Return the breakers that are not closed."""
    return tx.all(
        """SELECT 'mailbox' AS kind, b.id, b.address AS name, l.breaker AS state, l.breaker_detail AS detail, l.breaker_at AS since
           FROM mailbox_lanes AS l JOIN mailboxes AS b ON b.workspace_id = l.workspace_id AND b.id = l.mailbox_id
           WHERE l.workspace_id = %(ws)s AND l.breaker <> ''
           UNION ALL SELECT 'sequence', id, name, breaker, breaker_detail, breaker_at FROM sequences
           WHERE workspace_id = %(ws)s AND breaker <> '' ORDER BY since""",
        {},
    )


def list_broken_sequences(tx: Tx, wanted: list[int]) -> set[int]:
    """Return which of these sequences have an open breaker: the claim's look, before the gate's (SEQ-106)."""
    rows = tx.all("SELECT id FROM sequences WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND breaker = 'open'", {"ids": wanted})
    return {row["id"] for row in rows}


# A mail refused in the hand-off is among no accepted ones, so it is added to them.
_COUNTED = """
    (SELECT count(*) FROM send_troubles AS t WHERE t.workspace_id = %(ws)s AND {mine} AND t.kind = 'hard_bounce'
       AND t.at > GREATEST(%(day)s, k.breaker_from)) AS bounces,
    (SELECT count(*) FROM send_troubles AS t WHERE t.workspace_id = %(ws)s AND {mine} AND t.kind = 'complaint'
       AND t.at > GREATEST(%(week)s, k.breaker_from)) AS complaints,
    EXISTS (SELECT FROM send_troubles AS t WHERE t.workspace_id = %(ws)s AND {mine} AND t.mail_at >= k.breaker_at) AS any_since,
    (SELECT count(*) FROM messages AS m {joined} WHERE m.workspace_id = %(ws)s AND {of} AND m.handed_at > GREATEST(%(day)s, k.breaker_from))
      + (SELECT count(*) FROM send_troubles AS t WHERE t.workspace_id = %(ws)s AND {mine} AND t.kind = 'hard_bounce' AND t.refused
           AND t.at > GREATEST(%(day)s, k.breaker_from)) AS mails
"""
COUNTS = {
    "mailbox": "SELECT k.breaker, k.breaker_from, "
    + _COUNTED.format(mine="t.mailbox_id = k.mailbox_id", joined="", of="m.mailbox_id = k.mailbox_id")
    + "FROM mailbox_lanes AS k WHERE k.workspace_id = %(ws)s AND k.mailbox_id = %(id)s",
    "sequence": "SELECT k.breaker, k.breaker_from, "
    + _COUNTED.format(
        mine="t.sequence_id = k.id",
        joined="JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id",
        of="e.sequence_id = k.id",
    )
    + "FROM sequences AS k WHERE k.workspace_id = %(ws)s AND k.id = %(id)s",
}

IN_A_ROW = """
    WITH newest AS (SELECT message_id, mail_at FROM send_troubles
                    WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s AND kind = 'policy' AND at > GREATEST(%(day)s, %(since)s)
                    ORDER BY mail_at DESC LIMIT %(most)s)
    SELECT (SELECT count(*) FROM newest) AS n, (
        SELECT count(*) FROM messages AS m WHERE m.workspace_id = %(ws)s AND m.mailbox_id = %(id)s AND m.accepted_at IS NOT NULL
          AND m.handed_at BETWEEN (SELECT min(mail_at) FROM newest) AND (SELECT max(mail_at) FROM newest)
          AND NOT EXISTS (SELECT FROM newest AS w WHERE w.message_id = m.id)) AS taken
"""

SET = {
    "mailbox": """
        UPDATE mailbox_lanes AS l SET breaker = %(state)s, breaker_at = %(now)s, breaker_detail = %(detail)s,
            broken = %(state)s = 'open' OR b.state <> 'ok', breaker_from = CASE WHEN %(state)s = '' THEN %(now)s ELSE l.breaker_from END
        FROM mailboxes AS b
        WHERE l.workspace_id = %(ws)s AND l.mailbox_id = %(id)s AND b.workspace_id = %(ws)s AND b.id = %(id)s AND l.breaker <> %(state)s
          AND (%(state)s <> 'half_open' OR l.breaker = 'open')
        RETURNING b.address AS name, b.user_id""",
    "sequence": """
        UPDATE sequences AS s SET breaker = %(state)s, breaker_at = %(now)s, breaker_detail = %(detail)s,
            breaker_from = CASE WHEN %(state)s = '' THEN %(now)s ELSE s.breaker_from END
        WHERE s.workspace_id = %(ws)s AND s.id = %(id)s AND s.breaker <> %(state)s AND (%(state)s <> 'half_open' OR s.breaker = 'open')
        RETURNING s.name, s.owner_user_id AS user_id""",
}

_DUE = """
    SELECT {id} AS id, k.breaker FROM {table} AS k WHERE k.workspace_id = %(ws)s
      AND ((%(begin)s AND k.breaker = 'open' AND k.breaker_at <= %(before)s)
        OR (k.breaker = 'half_open' AND (
            SELECT count(*) >= %(mails)s AND max(m.handed_at) <= %(before)s FROM messages AS m {joined}
            WHERE m.workspace_id = %(ws)s AND {of} AND m.handed_at >= k.breaker_at)))
"""
DUE = {
    "mailbox": _DUE.format(id="k.mailbox_id", table="mailbox_lanes", joined="", of="m.mailbox_id = k.mailbox_id"),
    "sequence": _DUE.format(
        id="k.id",
        table="sequences",
        joined="JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id",
        of="e.sequence_id = k.id",
    ),
}
