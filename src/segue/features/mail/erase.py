"""What mail keeps of an erased person is emptied (S27). Rows stay: limits count them, and no mail is judged a second time (S6, S14)."""

from segue.db.tx import Tx
from segue.domain.contact_events import ContactErased, ContactMerged
from segue.features.contacts.erase import find_traces

OF_THEIRS = "message_id IN (SELECT id FROM messages WHERE workspace_id = %(ws)s AND contact_id = %(id)s)"

STATEMENTS = (
    f"DELETE FROM message_aliases WHERE workspace_id = %(ws)s AND {OF_THEIRS}",
    f"DELETE FROM message_links WHERE workspace_id = %(ws)s AND {OF_THEIRS}",
    "UPDATE tracking_events SET agent = '', origin = NULL WHERE workspace_id = %(ws)s AND contact_id = %(id)s",
    "DELETE FROM hour_log WHERE workspace_id = %(ws)s AND contact_id = %(id)s",
    "DELETE FROM hour_evidence WHERE workspace_id = %(ws)s AND contact_id = %(id)s",
    """UPDATE inbound_messages SET message_id = '', sender = '', subject = '', verdict = '{}', named_ids = '{}', new_text = '', raw = NULL
       WHERE workspace_id = %(ws)s AND (contact_id = %(id)s OR lower(sender) = ANY(%(spellings)s)
          OR enrollment_id IN (SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = %(id)s)
          OR EXISTS (SELECT FROM unnest(%(spellings)s::text[]) AS s
                     WHERE strpos(lower(verdict::text || subject || new_text), s) > 0 OR position(convert_to(s, 'UTF8') IN raw) > 0))""",
    """UPDATE quarantine SET raw = '', error = '' WHERE workspace_id = %(ws)s
         AND EXISTS (SELECT FROM unnest(%(spellings)s::text[]) AS s
                     WHERE position(convert_to(s, 'UTF8') IN raw) > 0 OR strpos(lower(encode(raw, 'escape')), s) > 0)""",
    """UPDATE notices SET said = '', todo = '' WHERE workspace_id = %(ws)s
         AND EXISTS (SELECT FROM unnest(%(spellings)s::text[]) AS s WHERE strpos(lower(said || todo), s) > 0)""",
    """UPDATE messages SET recipient = '', recipient_normal = '', subject = '', base_subject = '', wire = '', outcome = '',
           in_reply_to = '', reference_ids = '{}', state = CASE WHEN state = 'unknown' THEN 'skipped' ELSE state END,
           filed_at = CASE WHEN state = 'sent' THEN COALESCE(filed_at, %(now)s) END
       WHERE workspace_id = %(ws)s AND contact_id = %(id)s""",
)


def erase_mail(tx: Tx, event: ContactErased) -> None:
    """Empty what was sent to the person, what came from them, and what mentions their addresses."""
    assert event.contact_id is not None
    traces = find_traces(tx, event.contact_id)
    for statement in STATEMENTS:
        tx.run(statement, {"id": traces.contact_id, "spellings": traces.spellings, "now": tx.now})


def join_mail(tx: Tx, event: ContactMerged) -> None:
    """What was sent to and came from a merged contact belongs to the one that is kept (SEQ-143)."""
    ids = {"kept": event.contact_id, "gone": event.other_id}
    for table in ("messages", "inbound_messages", "tracking_events", "hour_evidence"):
        tx.run(f"UPDATE {table} SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", ids)
    tx.run("UPDATE hour_log SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", ids)
