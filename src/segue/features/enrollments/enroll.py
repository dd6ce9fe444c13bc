"""Enrolling: many contacts at once, refusals computed set-wise, never a loop over contacts (engine.md §4, SEQ-62, SEQ-65).

A batch is one transaction and one statement; what is refused says why, and enrolling the same selection again changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from segue.db import claim
from segue.db.tx import Database, Tx
from segue.domain import enrollment as machine
from segue.domain.contacts_csv import is_address
from segue.domain.enrollment import PauseKind
from segue.domain.errors import Refused
from segue.domain.free_mail import FREE_MAIL_DOMAINS
from segue.domain.ids import EnrollmentId, MailboxId, SequenceId, UserId, WorkspaceId
from segue.domain.limits import DAY
from segue.domain.permissions import holds_seat
from segue.domain.sequence import EmailSettings, FinishSettings, ZoneMode
from segue.domain.sequence import Sequence as SequenceContent
from segue.domain.tokens import tokens_used
from segue.features.contacts.consent import count_without_consent, load_policies
from segue.features.contacts.suppression import UNSUBSCRIBED_ALL
from segue.features.contacts.zones import FoundZone, find_zones
from segue.features.enrollments.forecast import Start, find_last_first, list_outlooks
from segue.features.enrollments.pauses import find_pause
from segue.features.enrollments.refusals import COMPANY_ROOM, MESSAGES, REFUSAL, SUSPECTS
from segue.features.enrollments.store import DAY_COLUMNS, days_of, load_versions
from segue.features.workspaces.users import is_seated

BATCH = 5_000
"""engine.md §4: large enough that the statement's fixed cost vanishes, small enough that progress is seen."""

FORECAST_FROM = 10
"""From this many on it is worth saying when the last first email goes."""

BULK = 1_000
"""From this many on the planner is told of the new rows."""

START_AHEAD = timedelta(days=90)
"""How far ahead a start may lie (SEQ-62)."""

COLUMNS = frozenset({"first_name", "last_name", "full_name", "company", "timezone", "country"})
"""Contact values with a column of their own; all others stand in `properties`."""


class OverLimit(StrEnum):
    """Wait in line, or be refused with SEND_LIMIT_REACHED (SEQ-96)."""

    QUEUE = "queue"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class EnrollRequest:
    """Who is to be enrolled into what, by whom and from which mailbox. `start_position` counts from 0."""

    sequence_id: SequenceId
    mailbox_id: MailboxId
    enroller_user_id: UserId
    start_position: int = 0
    start_at: datetime | None = None
    entry_point: str = "cli"
    dry_run: bool = False
    override_cool_off: bool = False
    """A person's decision against the cool-off time (SEQ-140)."""
    over_limit: OverLimit = OverLimit.QUEUE
    """What becomes of first emails for which the mailbox has no room within 24 hours (SEQ-96)."""

    @property
    def start(self) -> Start:
        """Return the start that the forecast is asked about."""
        return Start(self.sequence_id, self.mailbox_id, self.enroller_user_id, self.start_position, self.start_at)


@dataclass(frozen=True, slots=True)
class RefusedContact:
    """One contact that was not enrolled."""

    email: str
    code: str
    message: str


@dataclass(slots=True)
class EnrollReport:
    """What enrolling did, or with `dry_run` would do. `paused`: a sentence where the enrollments begin paused (SEQ-123)."""

    enrolled: int = 0
    paused: str = ""
    refused: list[RefusedContact] = field(default_factory=list)
    last_first_on: date | None = None
    """The day on which the last first email goes out, where that is a later one than today's (SEQ-95)."""
    without_consent: int = 0
    """Contacts among the enrolled from whose country a policy wants a consent that is not recorded, but only warns."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """Everything about a request that is the same for all its contacts."""

    request: EnrollRequest
    version: int
    content: SequenceContent
    sender: dict[str, Any]
    required: tuple[str, ...]
    pause: dict[str, Any] | None
    """The pause under which these enrollments begin (SEQ-123)."""


def enroll(
    db: Database,
    workspace_id: WorkspaceId,
    request: EnrollRequest,
    contacts: Sequence[int],
    progress: Callable[[int], None] = lambda _: None,
) -> EnrollReport:
    """Enroll contacts by id, `BATCH` in a transaction; `progress` is told how many have been looked at.

    Raises:
        Refused: nobody can be enrolled: the sequence, the sender or the start step is not fit for it.
    """
    report = EnrollReport()
    now = db.clock.now()
    if request.start_at is not None and not now <= request.start_at <= now + START_AHEAD:
        raise Refused(MESSAGES["START_TIME_INVALID"], code="START_TIME_INVALID")
    contacts = _without_doubles(db, workspace_id, contacts, report)
    for batch in _batches(contacts):
        with db.tx(workspace_id, actor=request.entry_point) as tx:
            plan = _plan(tx, request)
            report.paused = _pause_sentence(plan.pause)
            _enroll_batch(tx, plan, batch, report)
        progress(len(batch))
    if report.enrolled >= FORECAST_FROM:
        with db.tx(workspace_id) as tx:
            report.last_first_on = _later_than_today(tx, request, report.enrolled, plan.sender["user_timezone"])
    if report.enrolled >= BULK and not request.dry_run:
        db.refresh_statistics("enrollments", "contacts")
    return report


def _later_than_today(tx: Tx, request: EnrollRequest, enrolled: int, zone: str) -> date | None:
    last = find_last_first(tx, request.start, enrolled if request.dry_run else 0)
    return last if last and last > tx.now.astimezone(ZoneInfo(zone)).date() else None


def _without_doubles(db: Database, workspace_id: WorkspaceId, contacts: Sequence[int], report: EnrollReport) -> Sequence[int]:
    """Return each contact once, in order; the others are refused (SEQ-62). A contact is one canonical address."""
    once = dict.fromkeys(contacts)
    if len(once) == len(contacts):
        return contacts
    twice = list((Counter(contacts) - Counter(once.keys())).elements())
    with db.tx(workspace_id) as tx:
        rows = tx.all("SELECT id, email FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": twice})
    addresses = {row["id"]: row["email"] for row in rows}
    code = "DUPLICATE_IN_SELECTION"
    report.refused += [RefusedContact(addresses.get(each, ""), code, MESSAGES[code]) for each in twice]
    return list(once)


def _batches(contacts: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(contacts), BATCH):
        yield contacts[start : start + BATCH]


def _plan(tx: Tx, request: EnrollRequest) -> _Plan:
    """Check what concerns all contacts alike, in the order of SEQ-62."""
    sequence = tx.one(
        "SELECT name, status, version, paused FROM sequences WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": request.sequence_id}
    )
    if sequence is None:
        raise Refused(MESSAGES["SEQUENCE_NOT_FOUND"], code="SEQUENCE_NOT_FOUND")
    if sequence["status"] != "active":
        raise Refused(MESSAGES["SEQUENCE_NOT_ACTIVE"], code="SEQUENCE_NOT_ACTIVE")
    sender = tx.one(
        f"""SELECT b.address, b.state, b.user_id, u.email, u.active, u.seat, u.role, u.timezone AS user_timezone,
               a.timezone AS assignee_timezone, a.active AS enroller_active, a.seat AS enroller_seat, a.role AS enroller_role,
               COALESCE(w.sending_stopped_at, u.sending_stopped_at) AS stopped_at,
               {DAY_COLUMNS}, w.settings AS workspace_settings
           FROM mailboxes AS b JOIN users AS u ON u.workspace_id = b.workspace_id AND u.id = b.user_id
           JOIN users AS a ON a.workspace_id = b.workspace_id AND a.id = %(enroller)s
           JOIN workspaces AS w ON w.workspace_id = b.workspace_id
           WHERE b.workspace_id = %(ws)s AND b.id = %(id)s""",
        {"id": request.mailbox_id, "enroller": request.enroller_user_id},
    )
    if sender is None:
        raise Refused(MESSAGES["SENDER_NO_MAILBOX"], code="SENDER_NO_MAILBOX")
    if not holds_seat(role=sender["enroller_role"], seat=sender["enroller_seat"], active=sender["enroller_active"]):
        raise Refused(MESSAGES["NOT_ALLOWED"], code="NOT_ALLOWED")
    if not is_seated(sender):
        raise Refused(MESSAGES["SENDER_NO_SEAT"].format(sender=sender["email"]), code="SENDER_NO_SEAT")
    if sender["state"] == "sign_in":
        raise Refused(MESSAGES["MAILBOX_DISCONNECTED"].format(mailbox=sender["address"]), code="MAILBOX_DISCONNECTED")
    if sender["stopped_at"] is not None:
        raise Refused(MESSAGES["WORKSPACE_STOPPED"], code="WORKSPACE_STOPPED")
    key = (request.sequence_id, sequence["version"])
    content: SequenceContent = load_versions(tx, {key})[key]
    steps = content.steps
    if not 0 <= request.start_position < len(steps) or isinstance(steps[request.start_position].settings, FinishSettings):
        raise Refused(MESSAGES["START_STEP_INVALID"], code="START_STEP_INVALID")
    pause = find_pause(tx, request.sequence_id, request.enroller_user_id)
    return _Plan(request, sequence["version"], content, sender, _required_properties(content, request.start_position), pause)


def _pause_sentence(pause: dict[str, Any] | None) -> str:
    if pause is None:
        return ""
    what = f'The sequence "{pause["sequence"]}"' if pause["sequence"] else "Every sequence"
    whose = f" of {pause['user']}" if pause["user"] else ""
    until = f" until {pause['until_at']:%Y-%m-%d}" if pause["until_at"] else ""
    return f"{what}{whose} is paused{until}: these enrollments begin paused."


def _required_properties(content: SequenceContent, start: int) -> tuple[str, ...]:
    """Return the contact properties that the emails ahead cannot do without: tokens without fallback (SEQ-20)."""
    names: dict[str, None] = {}
    for step in content.steps[start:]:
        if isinstance(step.settings, EmailSettings):
            for use in tokens_used(f"{step.settings.subject}\n{step.settings.body}"):
                head, _, name = use.name.partition(".")
                if head == "contact" and not use.has_fallback and name != "email":
                    names[name] = None
                elif use.name == "company.name" and not use.has_fallback:
                    names["company"] = None
    return tuple(names)


def _enroll_batch(tx: Tx, plan: _Plan, contacts: Sequence[int], report: EnrollReport) -> None:
    request = plan.request
    there = _hold(tx, contacts)
    report.refused += [RefusedContact("", "CONTACT_NOT_FOUND", MESSAGES["CONTACT_NOT_FOUND"]) for each in contacts if each not in there]
    contacts = [contact for contact in contacts if contact in there]
    zones = _starts_by_zone(tx, plan, contacts)
    consent = load_policies(tx)
    parameters = {
        "contacts": list(contacts),
        "sequence": request.sequence_id,
        "version": plan.version,
        "mailbox": request.mailbox_id,
        "sender": plan.sender["user_id"],
        "enroller": request.enroller_user_id,
        "position": request.start_position,
        "entry": request.entry_point,
        "now": tx.now,
        "columns": [n for n in plan.required if n in COLUMNS],
        "properties": [n for n in plan.required if n not in COLUMNS],
        "invalid": _invalid(tx, contacts),
        "cool_off": 0 if request.override_cool_off else int(plan.sender["workspace_settings"].get("cool_off_days", 0)),
        "unsubscribed_all": UNSUBSCRIBED_ALL,
        **consent.parameters(),
        **zones,
    }
    refused = tx.all(REFUSAL, parameters)
    refused += _crowded(tx, plan, contacts, {row["id"] for row in refused})
    bad = {row["id"] for row in refused}
    report.refused += [RefusedContact(row["email"], row["code"], _sentence(row)) for row in refused]
    good = [contact for contact in contacts if contact not in bad]
    good = _with_room(tx, plan, good, report)
    report.without_consent += count_without_consent(tx, consent, good)
    if request.dry_run or not good:
        report.enrolled += len(good)
        return
    keys = dict(zip(contacts, zones["keys"], strict=True))
    report.enrolled += tx.run(INSERT, {**parameters, "contacts": good, "keys": [keys[contact] for contact in good]})
    dues = [due for due in zones["dues"] if due is not None]
    if dues:
        claim.wake_lanes(tx, [(request.mailbox_id, min(dues))])


def _with_room(tx: Tx, plan: _Plan, contacts: list[int], report: EnrollReport) -> list[int]:
    """Refuse, if that is wanted, whose first email is due within 24 hours and finds no room (SEQ-96)."""
    request = plan.request
    if request.over_limit is OverLimit.QUEUE or not contacts:
        return contacts
    begun = _start(tx, plan, plan.sender["user_timezone"])
    if not begun.first_email or begun.due_at is None or begun.due_at > tx.now + DAY:
        return contacts
    [outlook] = list_outlooks(tx, mailbox_id=request.mailbox_id, days=1)
    room = outlook.room if not request.dry_run else max(0, outlook.room - report.enrolled)
    zone = ZoneInfo(plan.sender["user_timezone"])
    free_at = f"{outlook.free_at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
    sentence = MESSAGES["SEND_LIMIT_REACHED"].format(mailbox=plan.sender["address"], time=free_at)
    rows = tx.all("SELECT id, email FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": contacts[room:]})
    report.refused += [RefusedContact(row["email"], "SEND_LIMIT_REACHED", sentence) for row in rows]
    return contacts[:room]


def _invalid(tx: Tx, contacts: Sequence[int]) -> list[int]:
    return [row["id"] for row in tx.all(SUSPECTS, {"ids": list(contacts)}) if not is_address(row["email"])]


def _hold(tx: Tx, contacts: Sequence[int]) -> set[int]:
    """Return the contacts that are there, and keep each from being deleted until this transaction is through (SEQ-62, SEQ-170).

    In the order in which imports lock them, so that the two wait for each other and never deadlock.
    """
    rows = tx.all(
        """SELECT id FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) AND deleted_at IS NULL
           ORDER BY email_normal FOR SHARE""",
        {"ids": list(contacts)},
    )
    return {row["id"] for row in rows}


def _crowded(tx: Tx, plan: _Plan, contacts: Sequence[int], refused: set[int]) -> list[dict[str, Any]]:
    """Refuse whom the company limit leaves no room (SEQ-62). Who is refused for something else takes no place."""
    limit = int(plan.sender["workspace_settings"].get("company_limit", 0))
    if not limit:
        return []
    free = [contact for contact in contacts if contact not in refused]
    rows = tx.all(COMPANY_ROOM, {"ids": free, "free": sorted(FREE_MAIL_DOMAINS)})
    return [{**row, "code": "COMPANY_LIMIT", "detail": ""} for row in rows if row["colleagues"] >= limit]


def _sentence(row: dict[str, Any]) -> str:
    return MESSAGES[row["code"]].format_map(
        {"address": row["email"], "domain": row["email"].rpartition("@")[2], "name": row["detail"]} | row
    )


def _starts_by_zone(tx: Tx, plan: _Plan, contacts: Sequence[int]) -> dict[str, list[Any]]:
    """Compute the first step's times once for each time zone (SEQ-70), not once for each contact; `keys` says whose zone is which."""
    settings = plan.content.settings
    sender = FoundZone(plan.sender["user_timezone"], "sender")
    everybody = FoundZone(settings.fixed_zone, "fixed") if settings.zone_mode is ZoneMode.FIXED else sender
    own = find_zones(tx, contacts) if settings.zone_mode is ZoneMode.CONTACT else {}
    wanted = [own.get(contact, everybody) for contact in contacts]
    places = {each: number for number, each in enumerate(dict.fromkeys(wanted))}
    starts = [(each, _start(tx, plan, each.zone)) for each in places]
    return {
        "keys": [places[each] for each in wanted],
        "numbers": list(places.values()),
        "zones": [each.zone for each, _ in starts],
        "sources": [each.source for each, _ in starts],
        "waits": [s.waiting_for.value for _, s in starts],
        "bases": [s.base_at for _, s in starts],
        "raws": [s.raw_due_at for _, s in starts],
        "dues": [s.due_at for _, s in starts],
        "firsts": [s.first_email for _, s in starts],
        "states": [s.state.value for _, s in starts],
        "kinds": [s.pause_kind for _, s in starts],
        "paused": [s.paused_at for _, s in starts],
        "resumes": [s.resume_at for _, s in starts],
        "rests": [s.remainder for _, s in starts],
        "priorities": [machine.priority(s, _around(tx, plan, each.zone)) for each, s in starts],
    }


def _around(tx: Tx, plan: _Plan, zone: str) -> machine.Surroundings:
    return machine.Surroundings(plan.content, ZoneInfo(zone), days_of(plan.sender, tx.now), ZoneInfo(plan.sender["assignee_timezone"]))


def _start(tx: Tx, plan: _Plan, zone: str) -> machine.Enrollment:
    request = plan.request
    around = _around(tx, plan, zone)
    started = machine.start(EnrollmentId(0), around, now=tx.now, start_position=request.start_position, start_at=request.start_at)
    return machine.pause(started, around, tx.now, PauseKind.MANUAL, plan.pause["until_at"]) if plan.pause else started


# One statement for the enrollments and their timeline entries; the partial unique index (S8) settles races with other enrolls.
INSERT = """
    WITH added AS (
        INSERT INTO enrollments (workspace_id, contact_id, sequence_id, version, enroller_user_id, sender_user_id, mailbox_id, address,
            address_normal, timezone, timezone_source, waiting_for, position, start_position, first_email, base_at, raw_due_at, due_at,
            priority, state, pause_kind, paused_at, resume_at, remainder, entry_point, enrolled_at)
        SELECT %(ws)s, c.id, %(sequence)s, %(version)s, %(enroller)s, %(sender)s, %(mailbox)s, c.email, c.email_normal, z.zone, z.source,
            z.waiting_for, %(position)s, %(position)s, z.first_email, z.base_at, z.raw_due_at, z.due_at, z.priority,
            z.state, z.pause_kind, z.paused_at, z.resume_at, z.remainder, %(entry)s, %(now)s
        FROM unnest(%(contacts)s::bigint[], %(keys)s::int[]) WITH ORDINALITY AS asked(id, key, place)
        JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.id = asked.id
        JOIN unnest(%(numbers)s::int[], %(zones)s::text[], %(sources)s::text[], %(waits)s::text[], %(bases)s::timestamptz[],
            %(raws)s::timestamptz[], %(dues)s::timestamptz[], %(firsts)s::bool[], %(priorities)s::smallint[],
            %(states)s::text[], %(kinds)s::text[], %(paused)s::timestamptz[], %(resumes)s::timestamptz[], %(rests)s::interval[])
          AS z(number, zone, source, waiting_for, base_at, raw_due_at, due_at, first_email, priority, state, pause_kind, paused_at,
            resume_at, remainder) ON z.number = asked.key
        ORDER BY asked.place
        ON CONFLICT (workspace_id, address_normal, overlap_slot) WHERE state IN ('active', 'paused') DO NOTHING
        RETURNING id, contact_id, version, entry_point, state)
    INSERT INTO events (workspace_id, at, kind, contact_id, enrollment_id, actor, data)
    SELECT %(ws)s, %(now)s, 'contact_enrolled', contact_id, id, %(entry)s,
        jsonb_build_object('sequence', %(sequence)s::bigint, 'version', version, 'start_step', %(position)s::int,
            'entry_point', entry_point, 'begins_paused', state = 'paused')
    FROM added
"""
