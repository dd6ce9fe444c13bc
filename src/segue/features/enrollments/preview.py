"""What would go if these contacts were enrolled now: real dates and rendered texts (SEQ-49). Nothing is stored."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.tx import Tx
from segue.domain import enrollment as machine
from segue.domain.edits import with_own
from segue.domain.enrollment import Surroundings
from segue.domain.errors import DomainError
from segue.domain.ids import EnrollmentId, MailboxId
from segue.domain.sequence import EmailSettings, TaskSettings, ZoneMode
from segue.domain.sequence import Sequence as SequenceContent
from segue.features.contacts.zones import find_zones
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.compose import example_closing, fill_task, token_values
from segue.features.enrollments.plan import HORIZON, Plan, PlannedStep, of_enrollments, plan_ahead
from segue.features.enrollments.starts import allot_starts
from segue.features.enrollments.store import COMPANY_RECORD, DAY_COLUMNS, Loaded, Mailbox, Person, days_of, load_versions
from segue.features.enrollments.survey import load_open, survey
from segue.features.mail.links import LINK_COLUMNS, rules_of
from segue.features.mail.quota import LIMIT_COLUMNS, limits_of
from segue.features.templates.render import preview_email


@dataclass(frozen=True, slots=True)
class Text:
    """A mail or task as it would be read; where a value is missing the text says so (SEQ-20)."""

    subject: str
    body: str


def preview(tx: Tx, request: EnrollRequest, contacts: Sequence[int], *, without: Collection[str] = ()) -> Plan:
    """Plan the enrollments that the request would make of these contacts, beside all mail that its mailbox has ahead already.

    `without`: addresses that would be refused.
    """
    around = tx.one(REQUEST, {"sequence": request.sequence_id, "mailbox": request.mailbox_id, "enroller": request.enroller_user_id})
    zones = find_zones(tx, contacts)
    rows = [{**row, "zone": zones[row["id"]].zone if row["id"] in zones else ""} for row in tx.all(CONTACTS, {"ids": list(contacts)})]
    if around is None:
        return Plan(tx.now, tx.now + HORIZON, ())
    key = (int(request.sequence_id), int(around["version"]))
    content = with_own(load_versions(tx, {key})[key], request.own)
    first = int(around["next_id"])
    chosen = [row for row in rows if row["email"] not in without]
    starts = allot_starts(tx, request.sequence_id, content, [request.start_at or tx.now] * len(chosen))
    imagined = [
        _imagine(tx, replace(request, start_at=at), _One(EnrollmentId(first + i), content, around, row))
        for i, (row, at) in enumerate(zip(chosen, starts, strict=True))
    ]
    present = load_open(tx, mailbox_id=request.mailbox_id)
    made = plan_ahead([*present, *imagined], survey(tx), until=tx.now + HORIZON, imagined_from=first)
    return of_enrollments(made, [each.enrollment.id for each in imagined])


@dataclass(frozen=True, slots=True)
class _One:
    """What an imagined enrollment is made of."""

    id: EnrollmentId
    content: SequenceContent
    around: dict[str, Any]
    contact: dict[str, Any]


def _imagine(tx: Tx, request: EnrollRequest, one: _One) -> Loaded:
    row, contact = one.around, one.contact
    settings = one.content.settings
    chosen = {ZoneMode.FIXED: settings.fixed_zone, ZoneMode.CONTACT: contact["zone"]}.get(settings.zone_mode, "")
    zone = request.timezone or chosen or row["user_timezone"]
    days = days_of(row, tx.now, country=contact["country"] if settings.contact_holidays else "")
    around = Surroundings(one.content, ZoneInfo(zone), days, ZoneInfo(row["assignee_timezone"]), edits=request.edits)
    name = f"{contact['first_name']} {contact['last_name']}".strip()
    values = {name: contact[name] for name in ("first_name", "last_name", "company", "timezone", "country", "email")}
    return Loaded(
        enrollment=machine.start(one.id, around, now=tx.now, start_position=request.start_position, start_at=request.start_at),
        around=around,
        lease_token=0,
        contact_id=contact["id"],
        contact={**contact["properties"], **values, "full_name": name},
        address=contact["email"],
        address_normal=contact["email_normal"],
        recipient_name=name,
        sequence_id=int(request.sequence_id),
        version=row["version"],
        enroller_user_id=int(request.enroller_user_id),
        sender=Person(row["user_id"], row["user_name"], row["user_email"], ZoneInfo(row["user_timezone"]), row["signature"]),
        mailbox=Mailbox(MailboxId(request.mailbox_id), row["address"], row["display_name"], row["deadline_s"], limits_of(row)),
        mail_secret=row["mail_secret"],
        links=rules_of(row, settings, tx.db.public_url, tracked=contact["tracked"], country=contact["country"]),
        sent=(),
        messages=(),
        company=contact["company_record"] or {},
        placeholders=request.fill,
        own=request.own,
    )


def render_step(step: PlannedStep) -> Text | None:
    """Return the text of a planned email or task; None for any other step, and a sentence in place of a text that cannot be made."""
    settings = step.step.settings
    if isinstance(settings, TaskSettings):
        task = fill_task(step.loaded, settings)
        return Text(task.subject, task.notes)
    if not isinstance(settings, EmailSettings):
        return None
    values = token_values(step.loaded)
    try:
        made = preview_email(
            settings.subject,
            settings.body,
            values,
            format=settings.format,
            signature=step.loaded.sender.signature,
            unsubscribe=example_closing(step.loaded),
        )
        return Text(made.subject or _answered_subject(step.loaded), made.text)
    except DomainError as error:
        return Text(settings.subject, f"[{error.message}]")


def _answered_subject(loaded: Loaded) -> str:
    """Return the subject of a follow-up that has none of its own: it answers the first email (SEQ-40)."""
    if loaded.sent:
        return f"Re: {loaded.sent[0].subject.removeprefix('Re: ')}"
    emails = (each.settings for each in loaded.around.sequence.steps if isinstance(each.settings, EmailSettings))
    first = next((each for each in emails if each.subject), None)
    return f"Re: {preview_email(first.subject, '', token_values(loaded)).subject}" if first else ""


REQUEST = f"""
    SELECT s.version, b.id, b.address, b.display_name, b.user_id, b.deadline_s, {LIMIT_COLUMNS},
        u.name AS user_name, u.email AS user_email, u.timezone AS user_timezone, u.signature,
        a.timezone AS assignee_timezone, {DAY_COLUMNS}, {LINK_COLUMNS}, w.mail_secret,
        (SELECT COALESCE(max(id), 0) + 1 FROM enrollments WHERE workspace_id = %(ws)s) AS next_id
    FROM sequences AS s
    JOIN mailboxes AS b ON b.workspace_id = s.workspace_id AND b.id = %(mailbox)s
    JOIN users AS u ON u.workspace_id = s.workspace_id AND u.id = b.user_id
    JOIN users AS a ON a.workspace_id = s.workspace_id AND a.id = %(enroller)s
    JOIN workspaces AS w ON w.workspace_id = s.workspace_id
    WHERE s.workspace_id = %(ws)s AND s.id = %(sequence)s
"""

CONTACTS = f"""
    SELECT c.id, c.email, c.email_normal, c.first_name, c.last_name, c.company, c.timezone, c.country, c.properties, c.tracked,
        {COMPANY_RECORD}
    FROM contacts AS c JOIN unnest(%(ids)s::bigint[]) WITH ORDINALITY AS given(id, place) ON given.id = c.id
    WHERE c.workspace_id = %(ws)s ORDER BY given.place
"""
