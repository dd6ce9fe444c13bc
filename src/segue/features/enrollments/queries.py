"""What is asked about enrollments: where everything stands, what happened with a contact, what nobody can decide."""

from collections.abc import Sequence
from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import NotFound
from segue.features.enrollments.tracked import list_tracked, merged


def get_figures(tx: Tx) -> dict[str, Any]:
    """Return counts: enrollments by state and reason, messages by state, what was sent and what came back, open tasks."""
    row = tx.one(FIGURES, {"now": tx.now})
    assert row is not None
    return row


def list_timeline(tx: Tx, email: str, *, most: int = 500, machines: bool = False) -> list[dict[str, Any]]:
    """Return everything that happened with a contact, the newest `most` entries, oldest first (SEQ-175).

    What machines opened and clicked is one entry for each mail, unless `machines` asks for every one (SEQ-182).

    Raises:
        NotFound: no contact has this address.
    """
    contact = tx.one(
        """SELECT id FROM contacts
           WHERE workspace_id = %(ws)s AND (email_normal = %(normal)s OR other_addresses @> ARRAY[%(normal)s]::text[])
           ORDER BY email_normal <> %(normal)s, id LIMIT 1""",
        {"normal": normal_form(email)},
    )
    if contact is None:
        raise NotFound(f"There is no contact with the address {email}.", hint="`segue contacts list` finds addresses by a part of them.")
    return merged(tx.all(TIMELINE, {"contact": contact["id"], "most": most}), list_tracked(tx, contact["id"], machines=machines), most)


def list_enrollments_of(tx: Tx, email: str) -> list[dict[str, Any]]:
    """Return the enrollments of a contact, the newest first."""
    return tx.all(
        """SELECT e.id, e.state, e.reason, e.reason_detail, e.waiting_for, e.position, e.due_at, e.resume_at, e.enrolled_at, e.ended_at,
               e.timezone, e.version, s.name AS sequence, b.address AS mailbox
           FROM enrollments AS e
           JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
           JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
           JOIN mailboxes AS b ON b.workspace_id = e.workspace_id AND b.id = e.mailbox_id
           WHERE e.workspace_id = %(ws)s
             AND (e.address_normal = %(normal)s OR c.email_normal = %(normal)s OR c.other_addresses @> ARRAY[%(normal)s]::text[])
           ORDER BY e.id DESC""",
        {"normal": normal_form(email)},
    )


def list_open_ids(tx: Tx, *, sequence_id: int | None = None, email: str = "", enrollers: Sequence[int] | None = None) -> list[int]:
    """Return open enrollments, all of them, of a sequence, of an address in any spelling, or of those who enrolled them."""
    rows = tx.all(
        """SELECT e.id FROM enrollments AS e JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
           WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused')
             AND (%(sequence)s::bigint IS NULL OR e.sequence_id = %(sequence)s)
             AND (%(enrollers)s::bigint[] IS NULL OR e.enroller_user_id = ANY(%(enrollers)s))
             AND (%(normal)s = '' OR e.address_normal = %(normal)s OR c.email_normal = %(normal)s
                  OR c.other_addresses @> ARRAY[%(normal)s]::text[])
           ORDER BY e.id""",
        {
            "sequence": sequence_id,
            "normal": normal_form(email) if email else "",
            "enrollers": list(enrollers) if enrollers is not None else None,
        },
    )
    return [int(row["id"]) for row in rows]


def list_reviews(tx: Tx) -> list[dict[str, Any]]:
    """Return what waits for a person: doubts (SEQ-130) and missing values (SEQ-20), the longest waiting first."""
    return tx.all(
        """SELECT e.id, c.email AS contact, e.address, s.name AS sequence, e.pause_kind, e.waiting_for, e.reason_detail AS why,
               COALESCE(e.paused_at, e.waiting_since) AS since, u.email AS enroller
           FROM enrollments AS e
           JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
           JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
           JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.enroller_user_id
           WHERE e.workspace_id = %(ws)s
             AND ((e.state = 'paused' AND e.pause_kind = 'review') OR (e.state = 'active' AND e.waiting_for = 'FIELD'))
           ORDER BY since NULLS FIRST, e.id""",
        {},
    )


def list_undecided(tx: Tx) -> list[dict[str, Any]]:
    """Return mails whose fate nobody knows (SEQ-99), the oldest first."""
    return tx.all(
        """SELECT m.id, m.recipient, m.sender, m.subject, m.step_key, m.handed_at, s.name AS sequence, e.state AS enrollment_state
           FROM messages AS m
           JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
           JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
           WHERE m.workspace_id = %(ws)s AND m.state = 'unknown' ORDER BY m.handed_at, m.id""",
        {},
    )


def list_suppressions(tx: Tx) -> list[dict[str, Any]]:
    """Return what gets no mail and why, the newest first."""
    return tx.all(
        """SELECT kind, value, reason, source, created_at FROM suppressions
           WHERE workspace_id = %(ws)s ORDER BY created_at DESC, kind, value""",
        {},
    )


FIGURES = """
    SELECT
        (SELECT count(*) FROM contacts WHERE workspace_id = %(ws)s) AS contacts,
        (SELECT count(*) FROM sequences WHERE workspace_id = %(ws)s AND status <> 'deleted') AS sequences,
        (SELECT COALESCE(jsonb_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s GROUP BY state) AS by_state) AS enrollments,
        (SELECT COALESCE(jsonb_object_agg(reason, n), '{}') FROM (
            SELECT reason, count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s AND reason <> '' GROUP BY reason) AS by_reason)
          AS ended_because,
        (SELECT COALESCE(jsonb_object_agg(waiting_for, n), '{}') FROM (
            SELECT waiting_for, count(*) AS n FROM enrollments WHERE workspace_id = %(ws)s AND state = 'active' GROUP BY waiting_for) AS w)
          AS waiting_for,
        (SELECT COALESCE(jsonb_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM messages WHERE workspace_id = %(ws)s GROUP BY state) AS by_message_state) AS messages,
        (SELECT count(*) FROM accepted WHERE workspace_id = %(ws)s) AS sent,
        (SELECT count(*) FROM accepted
         WHERE workspace_id = %(ws)s AND accepted_at > %(now)s - interval '24 hours' AND accepted_at <= %(now)s) AS sent_24h,
        (SELECT COALESCE(jsonb_object_agg(kind, n), '{}') FROM (
            SELECT kind, count(DISTINCT (mailbox_id, content_hash)) AS n FROM inbound_messages  -- one that was moved is read twice
            WHERE workspace_id = %(ws)s AND answers_message_id IS NOT NULL GROUP BY kind)
         AS by_inbound_kind) AS answers,
        (SELECT count(*) FROM tasks WHERE workspace_id = %(ws)s AND state = 'open') AS tasks_open,
        (SELECT count(*) FROM suppressions WHERE workspace_id = %(ws)s) AS suppressed,
        (SELECT count(*) FROM quarantine WHERE workspace_id = %(ws)s) AS quarantined,
        (SELECT sending_stopped_at FROM workspaces WHERE workspace_id = %(ws)s) AS sending_stopped_at
"""

TIMELINE = """
    SELECT * FROM (
        SELECT v.id, v.at, v.kind, v.actor, v.data, v.enrollment_id, v.message_id, s.name AS sequence, i.subject AS inbound_subject
        FROM events AS v
        LEFT JOIN enrollments AS e ON e.workspace_id = v.workspace_id AND e.id = v.enrollment_id
        LEFT JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
        LEFT JOIN inbound_messages AS i ON i.workspace_id = v.workspace_id AND i.id = (v.data ->> 'inbound_id')::bigint
        WHERE v.workspace_id = %(ws)s AND v.contact_id = %(contact)s ORDER BY v.id DESC LIMIT %(most)s) AS newest
    ORDER BY id
"""
