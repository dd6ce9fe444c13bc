"""What a program may do through MCP, with its caller's rights: enroll after a preview, hold, go on, end, do tasks."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

from segue.domain.errors import Conflict, Invalid
from segue.domain.ids import MailboxId, SequenceId, TaskId, UserId
from segue.domain.stop_rules import Stop
from segue.features.contacts.queries import get_contact_by_email
from segue.features.enrollments.admission import EnrollReport, EnrollRequest
from segue.features.enrollments.enroll import enroll
from segue.features.enrollments.preview import preview
from segue.features.enrollments.queries import list_open_ids
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.enrollments.rights import require_to_hold, require_to_manage_all, require_to_resolve
from segue.features.mail.connect import get_mailbox, list_mailboxes
from segue.features.mcp.caller import Caller
from segue.features.mcp.looking import document_of, sequence_in_sight
from segue.features.tasks.service import resolve_task

MOST_CONTACTS = 500
"""Contacts in one call: more than a person reads through belong into a list and `segue enroll --list`."""


@dataclass(frozen=True, slots=True)
class Wish:
    """An enrolling that a program asks for. `sender`: the mailbox to send from; empty: the caller's only one."""

    sequence: str
    contacts: tuple[str, ...]
    sender: str = ""
    start_step: int = 1


def preview_enrolling(caller: Caller, wish: Wish) -> dict[str, Any]:
    """Enroll nobody; return who would be, who would be refused and why, the mails as they would be read, and what confirms exactly this.

    Raises:
        NotFound, Invalid, Refused: it cannot be begun at all.
    """
    request, ids = _request(caller, wish)
    report = enroll(caller.db, caller.workspace_id, replace(request, dry_run=True), ids)
    with caller.tx("enrollments:read") as tx:
        made = preview(tx, request, ids, without={each.email for each in report.refused})
    return {**_told(report), "confirm": _mark_of(wish, request, report), "plan": document_of(made, texts=True)}


def enroll_confirmed(caller: Caller, wish: Wish, confirm: str) -> dict[str, Any]:
    """Enroll as previewed. Enrolling the same contacts again changes nothing.

    Raises:
        Conflict: `confirm` is not that of a preview of this wish, or what it would do has changed since.
    """
    caller.require("enrollments:write")
    request, ids = _request(caller, wish)
    foreseen = enroll(caller.db, caller.workspace_id, replace(request, dry_run=True), ids)
    if confirm != _mark_of(wish, request, foreseen):
        hint = "Call preview_enrollment with the same arguments, show it to the person, and send its `confirm`."
        raise Conflict("This enrolling was not previewed, or has changed since.", hint=hint)
    return _told(enroll(caller.db, caller.workspace_id, request, ids))


def _request(caller: Caller, wish: Wish) -> tuple[EnrollRequest, list[int]]:
    if not 1 <= len(wish.contacts) <= MOST_CONTACTS:
        raise Invalid(f"Name 1 to {MOST_CONTACTS} contacts.", hint="Enroll larger selections from a list.", field="contacts")
    with caller.tx("enrollments:read") as tx:
        sequence = sequence_in_sight(tx, caller, wish.sequence)
        own = [str(row["address"]) for row in list_mailboxes(tx) if not caller.actor.email or row["user"] == caller.actor.email]
        if not wish.sender and len(own) != 1:
            said = f"There are {len(own)} mailboxes to send from." if own else "You have no mailbox to send from."
            raise Invalid(said, hint=f"Name one as sender: {', '.join(own)}." if own else "Connect one, or name a sender.", field="sender")
        mailbox = get_mailbox(tx, wish.sender or own[0])
        ids = [int(get_contact_by_email(tx, email).id) for email in wish.contacts]
    request = EnrollRequest(
        sequence_id=SequenceId(sequence["id"]),
        mailbox_id=MailboxId(mailbox["id"]),
        enroller_user_id=caller.actor.user_id or UserId(mailbox["user_id"]),
        actor=caller.actor,
        warn=True,
        many=len(ids) > 1,
        start_position=wish.start_step - 1,
        entry_point="mcp",
    )
    return request, ids


def _mark_of(wish: Wish, request: EnrollRequest, report: EnrollReport) -> str:
    """Return what stands for this wish and what it would do; nobody can name it who has not been told it."""
    said = [
        wish.sequence.casefold(),
        request.sequence_id,
        request.mailbox_id,
        request.start_position,
        sorted(wish.contacts),
        report.enrolled,
    ]
    refused = sorted((each.email, each.code) for each in report.refused)
    return hashlib.sha256(json.dumps([said, refused]).encode()).hexdigest()[:24]


def _told(report: EnrollReport) -> dict[str, Any]:
    refused = [{"email": each.email, "code": each.code, "message": each.message} for each in report.refused]
    warnings = [{"code": each.code, "message": each.message, "contacts": each.count} for each in report.warnings]
    return {"enrolled": report.enrolled, "refused": refused, "warnings": warnings, "paused": report.paused}


def hold(caller: Caller, email: str) -> dict[str, Any]:
    """Pause what a contact is in. Holds when this returns: a mail on its way is finished first. Raises NotFound, Forbidden."""
    with caller.tx("enrollments:write") as tx:
        ids = list_open_ids(tx, email=get_contact_by_email(tx, email).email)
        require_to_hold(tx, caller.actor, ids)
        return {"contact": email, "paused": pause_enrollments(tx, ids)}


def go_on(caller: Caller, email: str) -> dict[str, Any]:
    """Take a contact's pauses back; the rest of a delay is still waited for. Raises NotFound, Forbidden."""
    with caller.tx("enrollments:write") as tx:
        ids = list_open_ids(tx, email=get_contact_by_email(tx, email).email)
        require_to_hold(tx, caller.actor, ids)
        require_to_manage_all(tx, caller.actor, ids)
        return {"contact": email, "resumed": resume_enrollments(tx, ids)}


def end(caller: Caller, email: str, note: str) -> dict[str, Any]:
    """End what a contact is in, for good. Raises NotFound, Forbidden."""
    with caller.tx("enrollments:write") as tx:
        ids = list_open_ids(tx, email=get_contact_by_email(tx, email).email)
        require_to_hold(tx, caller.actor, ids)
        return {"contact": email, "ended": stop_enrollments(tx, ids, Stop("MANUAL", note))}


def do_task(caller: Caller, task: int, outcome: str, note: str) -> dict[str, Any]:
    """Complete a task; a step that waited for it goes on. Raises NotFound, Forbidden, Conflict."""
    with caller.tx("tasks:write") as tx:
        require_to_resolve(tx, caller.actor, TaskId(task))
        resolve_task(tx, TaskId(task), "complete", outcome=outcome, note=note)
    return {"task": task, "state": "completed"}
