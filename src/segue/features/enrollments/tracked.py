"""Opens and clicks for the timeline: they stand in a table of their own, because reading a page may change nothing else (S17)."""

from collections.abc import Iterable
from typing import Any

from segue.db.tx import Tx


def list_tracked(tx: Tx, contact_id: int, *, machines: bool) -> list[dict[str, Any]]:
    """Return a contact's opens and clicks as entries of the timeline, oldest first; those of machines folded unless `machines`."""
    return tx.all(TRACKED, {"contact": contact_id, "machines": machines})


def merged(entries: list[dict[str, Any]], tracked: Iterable[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """Put opens and clicks between the facts by their time; facts keep the order in which they were stored."""
    made: list[dict[str, Any]] = []
    waiting = iter(tracked)
    following = next(waiting, None)
    for entry in entries:
        while following is not None and following["at"] < entry["at"]:
            made.append(following)
            following = next(waiting, None)
        made.append(entry)
    return [*made, *([following] if following else []), *waiting][-most:]


TRACKED = """
    WITH seen AS (
        SELECT t.*, m.subject, COALESCE(l.url, '') AS url, NOT %(machines)s AND t.verdict <> 'human' AS folded
        FROM tracking_events AS t
        JOIN messages AS m ON m.workspace_id = t.workspace_id AND m.id = t.message_id
        LEFT JOIN message_links AS l ON l.workspace_id = t.workspace_id AND l.message_id = t.message_id AND t.kind = 'click'
          AND l.kind = 'click' AND l.position = t.position
        WHERE t.workspace_id = %(ws)s AND t.contact_id = %(contact)s),
    told AS (
        SELECT id, at, CASE kind WHEN 'open' THEN 'email_opened' ELSE 'link_clicked' END AS kind, message_id, enrollment_id,
            jsonb_build_object('subject', subject, 'url', url, 'verdict', verdict, 'final', final, 'reasons', reasons) AS data
        FROM seen WHERE NOT folded
        UNION ALL
        SELECT min(id), min(at), 'machines_seen', message_id, min(enrollment_id),
            jsonb_build_object('subject', min(subject), 'count', count(*))
        FROM seen WHERE folded GROUP BY message_id)
    SELECT told.id, told.at, told.kind, 'contact' AS actor, told.data, told.enrollment_id, told.message_id, s.name AS sequence,
        NULL AS inbound_subject
    FROM told
    LEFT JOIN enrollments AS e ON e.workspace_id = %(ws)s AND e.id = told.enrollment_id
    LEFT JOIN sequences AS s ON s.workspace_id = %(ws)s AND s.id = e.sequence_id
    ORDER BY told.at, told.id
"""
