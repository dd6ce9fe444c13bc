"""What is asked about enrollments: where everything stands, whether the promises hold, what happened with a contact.

The promises are counted from the ledger (messages, acceptances, timeline) by SQL that shares nothing with the engine's decisions; local
times are PostgreSQL's own, so that its zone data checks ours.
"""

from collections.abc import Sequence
from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import NotFound


def get_figures(tx: Tx) -> dict[str, Any]:
    """Return counts: enrollments by state and reason, messages by state, what was sent and what came back, open tasks."""
    row = tx.one(FIGURES, {"now": tx.now})
    assert row is not None
    return row


def check_promises(tx: Tx) -> dict[str, int]:
    """Count breaches of the promises in the whole ledger: each must be 0.

    `sent_twice`: acceptances of a step beyond one for each enrollment, those a person ordered aside (S1, SEQ-99). `after_stop`: mails whose
    hand-off began after the enrollment had ended or the address was suppressed (S2, S4). `outside_window`: follow-ups whose hand-off began
    outside days and hours (S5).
    """
    counts = {}
    for name, statement in (("sent_twice", SENT_TWICE), ("after_stop", AFTER_STOP), ("outside_window", OUTSIDE_WINDOW)):
        row = tx.one(statement, {})
        assert row is not None
        counts[name] = int(row["n"])
    return counts


def list_timeline(tx: Tx, email: str, *, most: int = 500) -> list[dict[str, Any]]:
    """Return everything that happened with a contact, the newest `most` entries, oldest first (SEQ-175).

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
    return tx.all(TIMELINE, {"contact": contact["id"], "most": most})


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

SENT_TWICE = """
    SELECT COALESCE(sum(GREATEST(0, told.n - 1 - ordered.n)), 0) + (
        SELECT count(*) FROM messages AS m WHERE m.workspace_id = %(ws)s AND m.state = 'sent' AND NOT EXISTS (
            SELECT FROM accepted AS a WHERE a.workspace_id = %(ws)s AND a.message_id = m.id)) AS n
    FROM (SELECT enrollment_id, step_key, count(*) AS n FROM accepted WHERE workspace_id = %(ws)s GROUP BY enrollment_id, step_key) AS told
    CROSS JOIN LATERAL (
        SELECT count(*) AS n FROM events
        WHERE workspace_id = %(ws)s AND enrollment_id = told.enrollment_id AND kind = 'email_decided'
          AND data ->> 'step_key' = told.step_key AND data ->> 'choice' = 'send_again') AS ordered
    WHERE told.n > 1
"""

# A stop is stored when its transaction commits; its time is that of its beginning. A mail handed over in between is no breach: either it
# was settled first (its timeline entry comes first) or the stop met it in flight and says so (S3).
AFTER_STOP = """
    SELECT count(*) AS n FROM messages AS m
    JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
    WHERE m.workspace_id = %(ws)s AND m.handed_at IS NOT NULL AND m.state IN ('sent', 'in_doubt', 'unknown')
      AND NOT EXISTS (SELECT FROM events AS met WHERE met.workspace_id = %(ws)s AND met.enrollment_id = e.id
                      AND met.kind = 'stop_met_message_in_flight' AND met.message_id = m.id)
      AND ((e.state NOT IN ('active', 'paused') AND m.handed_at > e.ended_at AND NOT EXISTS (
              SELECT FROM events AS sent JOIN events AS ended ON ended.workspace_id = sent.workspace_id
                AND ended.enrollment_id = sent.enrollment_id AND ended.kind = 'enrollment_ended' AND sent.id < ended.id
              WHERE sent.workspace_id = %(ws)s AND sent.enrollment_id = e.id AND sent.kind = 'email_sent' AND sent.message_id = m.id))
        OR EXISTS (SELECT FROM suppressions AS s
                   WHERE s.workspace_id = %(ws)s AND s.created_at < m.handed_at
                     AND ((s.kind = 'address' AND s.value = m.recipient_normal)
                       OR (s.kind = 'domain' AND s.value = split_part(m.recipient_normal, '@', 2)))
                     AND NOT EXISTS (SELECT FROM events AS sent JOIN events AS listed ON listed.workspace_id = sent.workspace_id
                         AND listed.kind = 'address_suppressed' AND listed.data ->> 'value' = s.value AND sent.id < listed.id
                       WHERE sent.workspace_id = %(ws)s AND sent.kind = 'email_sent' AND sent.message_id = m.id)))
"""

# Exempt is the first email alone, as long as nothing was sent before it (SEQ-81). IS NOT TRUE: what cannot be told is a breach.
OUTSIDE_WINDOW = """
    SELECT count(*) AS n FROM (
        SELECT m.handed_at AT TIME ZONE e.timezone AS local, w.working_week, w.holidays, v.content -> 'settings' AS settings,
            m.first_email AND NOT EXISTS (
                SELECT FROM messages AS earlier WHERE earlier.workspace_id = m.workspace_id AND earlier.enrollment_id = m.enrollment_id
                  AND earlier.state = 'sent' AND earlier.handed_at < m.handed_at AND earlier.step_key <> m.step_key) AS first
        FROM messages AS m
        JOIN enrollments AS e ON e.workspace_id = m.workspace_id AND e.id = m.enrollment_id
        JOIN sequence_versions AS v ON v.workspace_id = e.workspace_id AND v.sequence_id = e.sequence_id AND v.version = e.version
        JOIN workspaces AS w ON w.workspace_id = e.workspace_id
        WHERE m.workspace_id = %(ws)s AND m.handed_at IS NOT NULL AND m.state IN ('sent', 'in_doubt', 'unknown')) AS mail
    WHERE NOT (mail.first AND NOT (mail.settings ->> 'hold_first_email')::bool)
      AND (extract(hour FROM local) * 60 + extract(minute FROM local) >= (mail.settings ->> 'window_start_minute')::int
           AND extract(hour FROM local) * 60 + extract(minute FROM local) < (mail.settings ->> 'window_end_minute')::int
           AND NOT local::date = ANY(mail.holidays)
           AND (mail.settings ->> 'days' = 'EVERYDAY' OR (extract(isodow FROM local)::int - 1) = ANY(mail.working_week))) IS NOT TRUE
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
