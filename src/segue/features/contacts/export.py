"""Contacts as a table file that spreadsheets may open (X6), and everything about one person as JSON (GDPR, reliability.md §9)."""

import csv
from collections.abc import Callable, Sequence
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.contacts_csv import FIELDS, OTHERS, neutralise
from segue.domain.errors import NotFound, Unavailable
from segue.domain.ids import WorkspaceId
from segue.features.contacts.erase import find_traces
from segue.features.contacts.filter_sql import ENGINE_WRITTEN, values_of
from segue.features.contacts.lists import iterate_pages
from segue.features.contacts.properties import load_properties
from segue.features.contacts.queries import find_contact_by_email


def export_csv(
    db: Database,
    workspace_id: WorkspaceId,
    path: Path,
    contacts: Sequence[int],
    *,
    raw: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write contacts by id, page by page, in a form that an import reads back; returns how many.

    Cells that a spreadsheet could run get an apostrophe in front, which the import takes away again; with `raw` they stay as they are.

    Raises:
        Unavailable: the file cannot be written.
    """
    with db.tx(workspace_id) as tx:
        names = [name for name in load_properties(tx) if name not in FIELDS]
    made = (lambda cell: cell) if raw else neutralise
    written = 0
    try:
        with path.open("w", encoding="utf-8" if raw else "utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*FIELDS, OTHERS, *names, *ENGINE_WRITTEN])
            for page in iterate_pages(contacts):
                with db.tx(workspace_id) as tx:
                    rows = _read(tx, page)
                for row in rows:
                    own = [str(row["properties"].get(name, "")) for name in names]
                    cells = [*(row[field] for field in FIELDS), ";".join(row[OTHERS]), *own, *(row[name] for name in ENGINE_WRITTEN)]
                    writer.writerow([made(cell) for cell in cells])
                written += len(rows)
                progress(written)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}.", hint="Free some space or name another file.") from error
    return written


def _read(tx: Tx, ids: Sequence[int]) -> list[dict[str, Any]]:
    statement = f"""SELECT {", ".join(f"c.{field}" for field in FIELDS)}, c.other_addresses, c.properties, {values_of(ENGINE_WRITTEN)}
        FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(ids)s) AND c.deleted_at IS NULL ORDER BY c.id"""
    return tx.all(statement, {"ids": list(ids)})


def read_engine_written(tx: Tx, contact_id: int) -> dict[str, str]:
    """Return what the engine says of a contact (SEQ-173)."""
    statement = f"SELECT {values_of(ENGINE_WRITTEN)} FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.id = %(id)s"
    row = tx.one(statement, {"id": contact_id})
    return row or {}


MINE = "(SELECT id FROM enrollments WHERE workspace_id = %(ws)s AND contact_id = %(id)s)"
THEIR_MAIL = "(SELECT id FROM messages WHERE workspace_id = %(ws)s AND contact_id = %(id)s)"

EVERYTHING = {
    "contacts": "SELECT * FROM contacts WHERE workspace_id = %(ws)s AND id = %(id)s",
    "companies": """SELECT f.* FROM companies AS f JOIN contacts AS c ON c.workspace_id = f.workspace_id AND c.company_id = f.id
                    WHERE c.workspace_id = %(ws)s AND c.id = %(id)s""",
    "consents": "SELECT * FROM consents WHERE workspace_id = %(ws)s AND address_normal = ANY(%(normals)s)",
    "suppressions": """SELECT * FROM suppressions WHERE workspace_id = %(ws)s AND (kind = 'address' AND value = ANY(%(normals)s)
                       OR kind = 'domain' AND value = ANY(ARRAY(SELECT split_part(n, '@', 2) FROM unnest(%(normals)s::text[]) AS n)))""",
    "contact_list_members": """SELECT l.name, m.added_at FROM contact_list_members AS m
                               JOIN contact_lists AS l ON l.workspace_id = m.workspace_id AND l.id = m.list_id
                               WHERE m.workspace_id = %(ws)s AND m.contact_id = %(id)s""",
    "enrollments": """SELECT e.*, s.name AS sequence FROM enrollments AS e
                      JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
                      WHERE e.workspace_id = %(ws)s AND e.contact_id = %(id)s ORDER BY e.id""",
    "enrollment_edits": f"SELECT * FROM enrollment_edits WHERE workspace_id = %(ws)s AND enrollment_id IN {MINE}",
    "tasks": "SELECT * FROM tasks WHERE workspace_id = %(ws)s AND contact_id = %(id)s ORDER BY id",
    "messages": "SELECT * FROM messages WHERE workspace_id = %(ws)s AND contact_id = %(id)s ORDER BY id",
    "message_aliases": f"SELECT * FROM message_aliases WHERE workspace_id = %(ws)s AND message_id IN {THEIR_MAIL}",
    "message_links": f"SELECT kind, message_id, url FROM message_links WHERE workspace_id = %(ws)s AND message_id IN {THEIR_MAIL}",
    "tracking_events": "SELECT * FROM tracking_events WHERE workspace_id = %(ws)s AND contact_id = %(id)s ORDER BY id",
    "hour_log": "SELECT * FROM hour_log WHERE workspace_id = %(ws)s AND contact_id = %(id)s",
    "hour_evidence": "SELECT * FROM hour_evidence WHERE workspace_id = %(ws)s AND contact_id = %(id)s",
    "inbound_messages": f"""SELECT * FROM inbound_messages WHERE workspace_id = %(ws)s
                            AND (contact_id = %(id)s OR lower(sender) = ANY(%(spellings)s) OR enrollment_id IN {MINE}) ORDER BY id""",
    "quarantine": """SELECT * FROM quarantine WHERE workspace_id = %(ws)s AND EXISTS (
                     SELECT FROM unnest(%(spellings)s::text[]) AS s WHERE strpos(lower(encode(raw, 'escape')), s) > 0)""",
    "notices": """SELECT * FROM notices WHERE workspace_id = %(ws)s AND EXISTS (
                  SELECT FROM unnest(%(spellings)s::text[]) AS s WHERE strpos(lower(said || todo), s) > 0)""",
    "events": f"SELECT * FROM events WHERE workspace_id = %(ws)s AND (contact_id = %(id)s OR enrollment_id IN {MINE}) ORDER BY id",
}
"""Every table that tells of a person; an erasure empties the same ones."""


def collect_everything(tx: Tx, email: str) -> dict[str, Any]:
    """Return all rows about the person with this address, by table, and what the engine says of them. Mails are given as text.

    Raises:
        NotFound: nobody is known by this address.
    """
    contact = find_contact_by_email(tx, email)
    if contact is None:
        raise NotFound(f"There is no contact with the address {email}.", hint="`segue contacts list` finds addresses by a part of them.")
    traces = find_traces(tx, contact.id)
    given = {"id": contact.id, "normals": traces.normals, "spellings": traces.spellings}
    found: dict[str, Any] = {"addresses": traces.normals, "engine_written": read_engine_written(tx, contact.id)}
    for table, statement in EVERYTHING.items():
        found[table] = [_readable(row) for row in tx.all(statement, given)]
    return found


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the number of the workspace; bytes as the mail they are, or as hex digits."""
    shown = {name: value for name, value in row.items() if name != "workspace_id"}
    for name in ("wire", "raw"):
        if shown.get(name):
            shown[name] = bytes(shown[name]).decode("utf-8", "replace")
            body = message_from_bytes(bytes(row[name]), policy=policy.default).get_body(("plain", "html"))
            shown[f"{name}_text"] = body.get_content() if body is not None else ""
    return {name: value.hex() if isinstance(value, bytes) else value for name, value in shown.items()}
