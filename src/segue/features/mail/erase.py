"""What mail keeps of an erased person is emptied (S27). Rows stay: limits count them, and no mail is judged a second time (S6, S14)."""

from collections.abc import Sequence
from email import message_from_bytes

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


ENCODED = {"inbound_messages": "id", "quarantine": "mailbox_id, folder, uid_validity, uid"}
"""Tables with whole mails, and their keys within a workspace."""
PART = 100


def erase_mail(tx: Tx, event: ContactErased) -> None:
    """Empty what was sent to the person, what came from them, and what mentions their addresses."""
    assert event.contact_id is not None
    traces = find_traces(tx, event.contact_id)
    for statement in STATEMENTS:
        tx.run(statement, {"id": traces.contact_id, "spellings": traces.spellings, "now": tx.now})
    for table, keys in ENCODED.items():
        _empty_encoded(tx, table, keys, traces.spellings)


def _empty_encoded(tx: Tx, table: str, keys: str, spellings: Sequence[str]) -> None:
    """Empty stored mails that mention the person where the database cannot see it: in base64 and quoted-printable."""
    names = [name.strip() for name in keys.split(",")]
    match = " AND ".join(f"{name} = %({name})s" for name in names)
    last: tuple[object, ...] = ()
    while True:
        behind = f"AND ({keys}) > ({', '.join(f'%({name})s' for name in names)})" if last else ""
        rows = tx.all(
            f"""SELECT {keys}, raw FROM {table} WHERE workspace_id = %(ws)s AND length(raw) > 0 {behind}
                  AND (position('base64' in lower(encode(raw, 'escape'))) > 0
                    OR position('quoted-printable' in lower(encode(raw, 'escape'))) > 0)
                ORDER BY {keys} LIMIT {PART}""",
            dict(zip(names, last, strict=False)),
        )
        for row in rows:
            if mentions(bytes(row["raw"]), spellings):
                tx.run(f"UPDATE {table} SET raw = '' WHERE workspace_id = %(ws)s AND {match}", {name: row[name] for name in names})
        if len(rows) < PART:
            return
        last = tuple(rows[-1][name] for name in names)


def mentions(raw: bytes, spellings: Sequence[str]) -> bool:
    """Say whether a part of a mail, decoded, names one of these addresses. Any bytes in; never raises."""
    wanted = [spelling.encode() for spelling in spellings]
    try:
        parts = [part.get_payload(decode=True) for part in message_from_bytes(raw).walk()]
    except (ValueError, LookupError, TypeError, AttributeError):  # the standard parser raises on hostile input
        return False
    return any(spelling in part.lower() for part in parts if isinstance(part, bytes) for spelling in wanted)


def join_mail(tx: Tx, event: ContactMerged) -> None:
    """What was sent to and came from a merged contact belongs to the one that is kept (SEQ-143)."""
    ids = {"kept": event.contact_id, "gone": event.other_id}
    for table in ("messages", "inbound_messages", "tracking_events", "hour_evidence"):
        tx.run(f"UPDATE {table} SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", ids)
    tx.run("UPDATE hour_log SET contact_id = %(kept)s WHERE workspace_id = %(ws)s AND contact_id = %(gone)s", ids)
