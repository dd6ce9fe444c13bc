"""The count at the end: what was done, and what must never happen, from the world's own log and the tables, by SQL that knows no engine.

The world's log of acceptances and its inboxes are put beside the tables; nothing here asks the engine what it thinks it did.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from segue.db.tx import Database, Tx
from segue.domain.ids import WorkspaceId
from segue.providers.mail.fake_world import INBOX, JUNK, FakeMailWorld


@dataclass(frozen=True, slots=True)
class Invariants:
    """What must be 0 (reliability.md S1, S3, S5, S14, L1, L2)."""

    sent_twice: int
    after_a_stop: int
    outside_the_window: int
    unread_mail: int
    stuck_rows: int
    unaccounted: int
    """Acceptances that no row of ours knows, and rows that claim an acceptance the world knows nothing of."""

    @property
    def hold(self) -> bool:
        return not any((self.sent_twice, self.after_a_stop, self.outside_the_window, self.unread_mail, self.stuck_rows, self.unaccounted))


@dataclass(frozen=True, slots=True)
class Figures:
    """What was done."""

    contacts: int
    emails: int
    emails_by_step: dict[str, int]
    tasks_created: int
    tasks_done: int
    finished: int
    still_open: int
    ended: dict[str, int]
    """Enrollments that ended early, by reason."""
    holds: int
    resumed: int
    opted_out: int
    mails_read: dict[str, int]
    """Incoming mail by what it was judged to be."""


def count_invariants(db: Database, workspace_id: WorkspaceId, world: FakeMailWorld, mailboxes: Iterable[str]) -> Invariants:
    """Count what must never happen."""
    with db.tx(workspace_id) as tx:
        _lay_out(tx, world, mailboxes)
        return Invariants(**{name: _number(tx, statement) for name, statement in STATEMENTS.items()})


def count_figures(db: Database, workspace_id: WorkspaceId) -> Figures:
    """Count what was done."""
    with db.tx(workspace_id) as tx:
        reasons = _pairs(
            tx, "SELECT reason AS name, count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s AND reason <> '' GROUP BY 1"
        )
        by_step = "SELECT step_key AS name, count(*) AS n FROM accepted WHERE workspace_id = %(ws)s GROUP BY 1"
        kinds = "SELECT kind AS name, count(*) AS n FROM inbound_messages WHERE workspace_id = %(ws)s GROUP BY 1"
        one = tx.one(FIGURES, {})
        assert one is not None
        return Figures(**one, emails_by_step=_pairs(tx, by_step), ended=reasons, mails_read=_pairs(tx, kinds))


def _lay_out(tx: Tx, world: FakeMailWorld, mailboxes: Iterable[str]) -> None:
    """Put the world's log and inboxes beside the tables."""
    tx.run("CREATE TEMPORARY TABLE world_log (key text, recipient text, accepted_at timestamptz) ON COMMIT DROP")
    tx.run("CREATE TEMPORARY TABLE world_inbox (address text, folder text, uid bigint) ON COMMIT DROP")
    log = world.acceptances()
    tx.run(
        "INSERT INTO world_log SELECT * FROM unnest(%(keys)s::text[], %(recipients)s::text[], %(ats)s::timestamptz[])",
        {"keys": [a.key for a in log], "recipients": [a.recipient for a in log], "ats": [a.accepted_at for a in log]},
    )
    lying = [
        (address, folder, stored.uid)
        for address in mailboxes
        for folder in (INBOX, JUNK)
        if (box := world.mailbox(address)) is not None
        for stored in box.folders[folder].messages
    ]
    tx.run(
        "INSERT INTO world_inbox SELECT * FROM unnest(%(addresses)s::text[], %(folders)s::text[], %(uids)s::bigint[])",
        {"addresses": [a for a, _, _ in lying], "folders": [f for _, f, _ in lying], "uids": [u for _, _, u in lying]},
    )


def _number(tx: Tx, statement: str) -> int:
    row = tx.one(statement, {})
    assert row is not None
    return int(row["n"])


def _pairs(tx: Tx, statement: str) -> dict[str, int]:
    return {row["name"]: row["n"] for row in sorted(tx.all(statement, {}), key=lambda row: (-row["n"], row["name"]))}


STATEMENTS = {
    # S1. The key is written into the mail and is one for each step of each enrollment; the table's own count is a second witness.
    "sent_twice": """
        SELECT (SELECT COALESCE(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM world_log GROUP BY key) AS of_key)
             + (SELECT COALESCE(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM accepted WHERE workspace_id = %(ws)s
                                                     GROUP BY enrollment_id, step_key, generation) AS of_k) AS n""",
    # S3. A stop is the commit of an end, or of a pause until it was lifted.
    "after_a_stop": """
        SELECT count(*) AS n FROM world_log AS w
        JOIN messages AS m ON m.workspace_id = %(ws)s AND m.key = w.key
        WHERE EXISTS (SELECT FROM events AS e WHERE e.workspace_id = %(ws)s AND e.enrollment_id = m.enrollment_id
                      AND e.kind = 'enrollment_ended' AND e.at < w.accepted_at)
           OR EXISTS (SELECT FROM events AS e WHERE e.workspace_id = %(ws)s AND e.enrollment_id = m.enrollment_id
                      AND e.kind = 'enrollment_paused' AND e.at < w.accepted_at
                      AND NOT EXISTS (SELECT FROM events AS r WHERE r.workspace_id = %(ws)s AND r.enrollment_id = m.enrollment_id
                                      AND r.kind = 'enrollment_resumed' AND r.id > e.id AND r.at <= w.accepted_at))
           OR EXISTS (SELECT FROM suppressions AS s WHERE s.workspace_id = %(ws)s AND s.kind = 'address' AND s.value = m.recipient_normal
                      AND s.created_at < w.accepted_at)""",
    # S5. Monday to Friday, 9 to 17 by the contact's clock; an enrollment's first mail is exempt (SEQ-81).
    "outside_the_window": """
        SELECT count(*) AS n FROM (
            SELECT w.accepted_at AT TIME ZONE e.timezone AS local, row_number() OVER (PARTITION BY e.id ORDER BY w.accepted_at) AS number
            FROM world_log AS w
            JOIN messages AS m ON m.workspace_id = %(ws)s AND m.key = w.key
            JOIN enrollments AS e ON e.workspace_id = %(ws)s AND e.id = m.enrollment_id) AS mail
        WHERE number > 1 AND (extract(isodow FROM local) > 5 OR local::time < '09:00' OR local::time >= '17:00')""",
    # S14.
    "unread_mail": """
        SELECT count(*) AS n FROM world_inbox AS w
        JOIN mailboxes AS b ON b.workspace_id = %(ws)s AND b.address = w.address
        WHERE NOT EXISTS (SELECT FROM inbound_messages AS i WHERE i.workspace_id = %(ws)s AND i.mailbox_id = b.id AND i.folder = w.folder
                          AND i.uid = w.uid)""",
    # L1, L2.
    "stuck_rows": """
        SELECT (SELECT count(*) FROM messages WHERE workspace_id = %(ws)s AND state IN ('queued', 'sending', 'in_doubt', 'unknown'))
             + (SELECT count(*) FROM enrollments WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')) AS n""",
    "unaccounted": """
        SELECT (SELECT count(*) FROM world_log AS w WHERE NOT EXISTS (
                    SELECT FROM messages AS m JOIN accepted AS a ON a.workspace_id = m.workspace_id AND a.message_id = m.id
                    WHERE m.workspace_id = %(ws)s AND m.key = w.key AND m.recipient = w.recipient))
             + (SELECT count(*) FROM accepted AS a JOIN messages AS m ON m.workspace_id = a.workspace_id AND m.id = a.message_id
                WHERE a.workspace_id = %(ws)s AND NOT EXISTS (SELECT FROM world_log AS w WHERE w.key = m.key)) AS n""",
}

FIGURES = """
    SELECT (SELECT count(*) FROM enrollments WHERE workspace_id = %(ws)s) AS contacts,
        (SELECT count(*) FROM accepted WHERE workspace_id = %(ws)s) AS emails,
        (SELECT count(*) FROM tasks WHERE workspace_id = %(ws)s) AS tasks_created,
        (SELECT count(*) FROM tasks WHERE workspace_id = %(ws)s AND state <> 'open') AS tasks_done,
        (SELECT count(*) FROM enrollments WHERE workspace_id = %(ws)s AND state = 'finished') AS finished,
        (SELECT count(*) FROM enrollments WHERE workspace_id = %(ws)s AND state IN ('active', 'paused')) AS still_open,
        (SELECT count(*) FROM events WHERE workspace_id = %(ws)s AND kind = 'enrollment_paused') AS holds,
        (SELECT count(*) FROM events WHERE workspace_id = %(ws)s AND kind = 'enrollment_resumed') AS resumed,
        (SELECT count(*) FROM suppressions WHERE workspace_id = %(ws)s AND reason = 'opted out by mail') AS opted_out
"""
