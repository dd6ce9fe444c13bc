"""What a program may ask through MCP: sequences, contacts, plans, tasks, replies, figures. Nothing here changes anything."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from segue.db.tx import Tx
from segue.domain.errors import NotFound
from segue.features.contacts.lists import find_contacts
from segue.features.contacts.queries import get_contact_by_email, list_contacts, list_contacts_by_id
from segue.features.enrollments.admission import is_in_sight
from segue.features.enrollments.plan import Plan, PlannedStep
from segue.features.enrollments.preview import render_step
from segue.features.enrollments.promises import check_promises
from segue.features.enrollments.queries import get_figures, list_enrollments_of, list_timeline
from segue.features.enrollments.survey import plan
from segue.features.mcp.caller import Caller
from segue.features.sequences.lifecycle import get_content
from segue.features.sequences.service import get_sequence, list_sequences
from segue.features.sequences.yaml_file import dump_sequence, load_sequence
from segue.features.tasks.service import list_tasks

MOST = 100
"""Rows in one answer: a model reads every word of it."""


def sequences(caller: Caller) -> list[dict[str, Any]]:
    """Return the sequences that the caller sees, with their open and past enrollments."""
    with caller.tx("sequences:read") as tx:
        shared = tx.all("SELECT id, owner_user_id, sharing, shared_with, shared_teams FROM sequences WHERE workspace_id = %(ws)s", {})
        seen = {row["id"] for row in shared if is_in_sight(row, caller.actor)}
        return [row for row in list_sequences(tx) if row["id"] in seen]


def sequence(caller: Caller, name: str) -> dict[str, Any]:
    """Return a sequence's active version as a sequence file. Raises NotFound, also where it is not shared with the caller (SEQ-8)."""
    with caller.tx("sequences:read") as tx:
        row = sequence_in_sight(tx, caller, name)
        text = dump_sequence(get_content(tx, row["id"], row["version"]))
    return {"name": row["name"], "status": row["status"], "version": row["version"], "file": text}


def lint(caller: Caller, file: str) -> dict[str, Any]:
    """Check the text of a sequence file. Raises Problems, with every mistake and its line."""
    caller.require("sequences:read")
    loaded = load_sequence(file, source="sequence.yaml")
    steps = [{"key": step.key, "type": step.type} for step in loaded.sequence.steps]
    warnings = [{"line": each.line, "message": each.message} for each in loaded.warnings]
    return {"sequence": loaded.sequence.name, "steps": steps, "warnings": warnings}


def contacts(caller: Caller, filter_text: str, search: str, most: int) -> dict[str, Any]:
    """Return contacts that a filter finds, or whose address, name or company has the words in it. Raises Invalid."""
    with caller.tx("contacts:read") as tx:
        if filter_text:
            found = find_contacts(tx, filter_text)
            rows, total = list_contacts_by_id(tx, found[: min(most, MOST)]), len(found)
        else:
            rows = list_contacts(tx, limit=min(most, MOST), search=search)
            total = len(rows)
    told = [{"email": each.email, "first_name": each.first_name, "last_name": each.last_name, "company": each.company} for each in rows]
    return {"found": total, "contacts": told}


def timeline(caller: Caller, email: str, most: int) -> dict[str, Any]:
    """Return what happened with a contact, and where it stands in which sequence. Raises NotFound."""
    with caller.tx("messages:read") as tx:
        entries = list_timeline(tx, email, most=min(most, MOST))
        stands = list_enrollments_of(tx, email)
    return {"contact": email, "enrollments": stands, "entries": entries}


def plan_of(caller: Caller, email: str, days: int) -> dict[str, Any]:
    """Return what is ahead of a contact, or of everybody. Raises NotFound."""
    with caller.tx("enrollments:read") as tx:
        if email:
            get_contact_by_email(tx, email)
        return document_of(plan(tx, email=email, until=tx.now + timedelta(days=days)), texts=bool(email))


def tasks(caller: Caller, *, mine: bool, most: int) -> list[dict[str, Any]]:
    """Return open tasks, the earliest due first; `mine`: only the caller's."""
    with caller.tx("tasks:read") as tx:
        rows = list_tasks(tx, most=10_000)
    return [row for row in rows if not mine or row["assignee"] == caller.actor.email][: min(most, MOST)]


def replies(caller: Caller, most: int) -> list[dict[str, Any]]:
    """Return what people have answered, the newest first, each with the new text alone."""
    with caller.tx("messages:read") as tx:
        return tx.all(
            """SELECT i.received_at, i.sender, i.subject, i.new_text AS text, i.verdict ->> 'intent' AS intent, c.email AS contact,
                   s.name AS sequence
               FROM inbound_messages AS i
               LEFT JOIN contacts AS c ON c.workspace_id = i.workspace_id AND c.id = i.contact_id
               LEFT JOIN enrollments AS e ON e.workspace_id = i.workspace_id AND e.id = i.enrollment_id
               LEFT JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
               WHERE i.workspace_id = %(ws)s AND i.kind = 'human' AND i.contact_id IS NOT NULL
               ORDER BY i.received_at DESC, i.id DESC LIMIT %(most)s""",
            {"most": min(most, MOST)},
        )


def report(caller: Caller) -> dict[str, Any]:
    """Return the figures of the workspace, and the promises counted from the ledger of everything sent."""
    with caller.tx("reports:read") as tx:
        return {**get_figures(tx), "promises": check_promises(tx), "now": tx.now}


def sequence_in_sight(tx: Tx, caller: Caller, name: str) -> dict[str, Any]:
    """Return a sequence by name. Raises NotFound; one that the caller may not see is not named (SEQ-8)."""
    hidden = NotFound("This sequence does not exist or is not shared with you.", hint="Ask for the list of sequences.")
    try:
        row = get_sequence(tx, name)
    except NotFound:
        raise hidden from None
    if not is_in_sight(row, caller.actor):
        raise hidden
    return row


def document_of(made: Plan, *, texts: bool) -> dict[str, Any]:
    """Return a plan for a program: the first steps, and of each mail its text where wanted."""
    steps = [_step(step, texts=texts) for step in made.steps[:MOST]]
    return {"now": made.now, "until": made.until, "steps_total": len(made.steps), "steps": steps}


def _step(step: PlannedStep, *, texts: bool) -> dict[str, Any]:
    text = render_step(step) if texts else None
    named = {"sequence": step.loaded.around.sequence.name, "step": step.step.key, "type": step.step.type, "why": list(step.why)}
    return {"at": step.at, "contact": step.loaded.address} | named | (asdict(text) if text else {})
