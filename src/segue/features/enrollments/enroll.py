"""Enrolling: many contacts at once, refusals computed set-wise, never a loop over contacts (engine.md §4, SEQ-62, SEQ-65).

A batch is one transaction and one statement; what is refused says why, and enrolling the same selection again changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from segue.db import claim
from segue.db.tx import Database, Tx
from segue.domain import enrollment as machine
from segue.domain import schedule
from segue.domain.contacts_csv import is_address
from segue.domain.edits import NOTHING_OWN
from segue.domain.enrollment import PauseKind
from segue.domain.errors import Refused
from segue.domain.events import EnrollmentRefused
from segue.domain.ids import EnrollmentId, WorkspaceId
from segue.domain.limits import DAY
from segue.domain.sequence import ZoneMode
from segue.domain.stop_rules import Stop
from segue.features.contacts.access import list_owners_in_reach
from segue.features.contacts.consent import count_without_consent, load_policies
from segue.features.contacts.suppression import UNSUBSCRIBED_ALL
from segue.features.contacts.zones import FoundZone, find_zones
from segue.features.enrollments.admission import Beginning, EnrollReport, EnrollRequest, OverLimit, RefusedContact, admit, pause_sentence
from segue.features.enrollments.cautions import find_warnings
from segue.features.enrollments.forecast import find_last_first, list_outlooks
from segue.features.enrollments.overlaps import lock_enrolling, overlap_most
from segue.features.enrollments.react import stop_enrollments
from segue.features.enrollments.refusals import MESSAGES, REFUSAL, SUSPECTS
from segue.features.enrollments.refused import crowded, note_refusal, refused_contact
from segue.features.enrollments.starts import differ, settle_starts
from segue.features.enrollments.store import days_of

BATCH = 5_000
"""engine.md §4: large enough that the statement's fixed cost vanishes, small enough that progress is seen."""

FORECAST_FROM = 10
"""From this many on it is worth saying when the last first email goes."""

BULK = 1_000
"""From this many on the planner is told of the new rows."""

COLUMNS = frozenset({"first_name", "last_name", "full_name", "company", "timezone", "country"})
"""Contact values with a column of their own; all others stand in `properties`."""


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
    request = replace(request, many=request.many or len(contacts) > 1)
    contacts = without_doubles(db, workspace_id, contacts, report)
    for number, batch in enumerate(_batches(contacts)):
        try:
            with db.tx(workspace_id, actor=request.told_as) as tx:
                plan = admit(tx, request)
                report.paused = pause_sentence(plan.pause)
                _enroll_batch(tx, plan, batch, report)
        except Refused as refused:
            note_refusal(db, workspace_id, request, contacts[number * BATCH :], refused.code)
            raise
        progress(len(batch))
    if report.enrolled >= FORECAST_FROM:
        with db.tx(workspace_id) as tx:
            report.last_first_on = _later_than_today(tx, request, report.enrolled, plan.sender["user_timezone"])
    if report.enrolled >= BULK and not request.dry_run:
        db.refresh_statistics("enrollments", "contacts")
    return report


def enroll_in(tx: Tx, request: EnrollRequest, contacts: Sequence[int], report: EnrollReport) -> None:
    """Enroll contacts, each named once, in a transaction of the caller's; what becomes of them is counted into the report.

    Raises:
        Refused: nobody can be enrolled; nothing was written.
    """
    plan = admit(tx, request)
    report.paused = pause_sentence(plan.pause)
    _enroll_batch(tx, plan, contacts, report)


class _Refused(Exception):
    """Takes the end of the old enrollment back with the transaction."""


def enroll_replacing(db: Database, workspace_id: WorkspaceId, request: EnrollRequest, contacts: Sequence[int]) -> EnrollReport:
    """Enroll contacts by hand, ending what they are in (REPLACED). Who is refused stays where they are: both happen or neither.

    Raises:
        Refused: nobody can be enrolled.
    """
    report = EnrollReport()
    request = replace(request, many=request.many or len(contacts) > 1)
    for contact in dict.fromkeys(contacts):
        mine = EnrollReport()
        try:
            with db.tx(workspace_id, actor=request.told_as) as tx:
                plan = admit(tx, request)
                _replace(tx, plan, contact, mine)
        except Refused as refused:
            note_refusal(db, workspace_id, request, [contact], refused.code)
            raise
        except _Refused:
            with db.tx(workspace_id, actor=request.told_as) as tx:
                for each in mine.refused if not request.dry_run else ():
                    tx.record(EnrollmentRefused(contact_id=contact, code=each.code, sequence=plan.content.name))
        report.enrolled += mine.enrolled
        report.refused += mine.refused
        report.paused = pause_sentence(plan.pause)
    return report


def _replace(tx: Tx, plan: Beginning, contact: int, report: EnrollReport) -> None:
    lock_enrolling(tx, plan.sender["workspace_settings"])  # before any enrollment's row (H4)
    rows = tx.all(OPEN_OF, {"contact": contact})
    stop_enrollments(tx, [row["id"] for row in rows], Stop("REPLACED", plan.content.name))
    _enroll_batch(tx, plan, [contact], report)
    if not report.enrolled or plan.request.dry_run:
        raise _Refused


OPEN_OF = """
    SELECT e.id FROM enrollments AS e JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = %(contact)s
    WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused')
      AND (e.contact_id = c.id OR e.address_normal = c.email_normal) ORDER BY e.id
"""


def _later_than_today(tx: Tx, request: EnrollRequest, enrolled: int, zone: str) -> date | None:
    last = find_last_first(tx, request.start, enrolled if request.dry_run else 0)
    return last if last and last > tx.now.astimezone(ZoneInfo(zone)).date() else None


def without_doubles(db: Database, workspace_id: WorkspaceId, contacts: Sequence[int], report: EnrollReport) -> Sequence[int]:
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


def _enroll_batch(tx: Tx, plan: Beginning, contacts: Sequence[int], report: EnrollReport) -> None:
    request = plan.request
    lock_enrolling(tx, plan.sender["workspace_settings"])
    there = _hold(tx, contacts)
    report.refused += [RefusedContact("", "CONTACT_NOT_FOUND", MESSAGES["CONTACT_NOT_FOUND"]) for each in contacts if each not in there]
    contacts = [contact for contact in contacts if contact in there]
    zones = _starts_by_zone(tx, plan, contacts)
    consent = load_policies(tx)
    parameters = _parameters(tx, plan, contacts) | consent.parameters() | zones
    refused = crowded(tx, plan, contacts, {row["id"]: row for row in tx.all(REFUSAL, parameters)})
    report.refused += [refused_contact(row) for row in refused.values()]
    good = [contact for contact in contacts if contact not in refused]
    if not request.dry_run:
        for row in refused.values():
            tx.record(EnrollmentRefused(contact_id=row["id"], code=row["codes"][0], sequence=plan.content.name))
    good = _with_room(tx, plan, good, report)
    report.without_consent += count_without_consent(tx, consent, good)
    if request.warn:
        report.warn(find_warnings(tx, plan, good))
    if request.dry_run or not good:
        report.enrolled += len(good)
        return
    keys = dict(zip(contacts, zones["keys"], strict=True))
    added = tx.all(INSERT, {**parameters, "contacts": good, "keys": [keys[contact] for contact in good]})
    report.enrolled += len(added)
    if differ(plan.content, request.start_position):
        settle_starts(tx, [row["enrollment_id"] for row in added])
        return
    dues = [due for due in zones["dues"] if due is not None]
    if dues:
        claim.wake_lanes(tx, [(request.mailbox_id, min(dues))])


def _parameters(tx: Tx, plan: Beginning, contacts: Sequence[int]) -> dict[str, Any]:
    """Return what `REFUSAL` and `INSERT` have in common, but for zones and consent."""
    request = plan.request
    most = overlap_most(plan.content, plan.sender["workspace_settings"])
    owners = list_owners_in_reach(tx, request.actor)
    return {
        "contacts": list(contacts),
        "sequence": request.sequence_id,
        "version": plan.version,
        "mailbox": request.mailbox_id,
        "sender": plan.sender["user_id"],
        "enroller": request.enroller_user_id,
        "position": request.start_position,
        "entry": request.entry_point,
        "told_as": tx.actor,
        "now": tx.now,
        "columns": [n for n in plan.required if n in COLUMNS],
        "of_company": [n.removeprefix("company.") for n in plan.required if "." in n],
        "properties": [n for n in plan.required if n not in COLUMNS and "." not in n],
        "invalid": _invalid(tx, contacts),
        "reaches_all": owners is None,
        "owners": owners or [],
        "cool_off": 0 if request.override_cool_off else _cool_off_days(plan),
        "overlap_most": most,
        "slot": request.sequence_id if most > 1 else 0,
        "undo_until": tx.now + request.undo if request.undo and request.start_at is None else None,
        "fill": Jsonb(dict(request.fill)),
        "own": Jsonb(request.own.to_json()) if request.own != NOTHING_OWN else None,
        "edited_steps": list(request.edits),
        "edited_subjects": [edit.subject for edit in request.edits.values()],
        "edited_bodies": [edit.body for edit in request.edits.values()],
        "edited_delays": [edit.delay for edit in request.edits.values()],
        "unsubscribed_all": UNSUBSCRIBED_ALL,
    }


def _cool_off_days(plan: Beginning) -> int:
    """Return the cool-off of the sequence, or the workspace's where it names none (SEQ-140)."""
    return plan.content.settings.cool_off_days or int(plan.sender["workspace_settings"].get("cool_off_days", 0))


def _with_room(tx: Tx, plan: Beginning, contacts: list[int], report: EnrollReport) -> list[int]:
    """Refuse, if that is wanted, whose first email is due within 24 hours and finds no room (SEQ-96)."""
    request = plan.request
    if request.over_limit is OverLimit.QUEUE or not contacts:
        return contacts
    begun = _start(tx, plan, plan.sender["user_timezone"], "")
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


def _starts_by_zone(tx: Tx, plan: Beginning, contacts: Sequence[int]) -> dict[str, list[Any]]:
    """Compute the first step's times once for each time zone (SEQ-70), not once for each contact; `keys` says whose zone is which."""
    settings = plan.content.settings
    sender = FoundZone(plan.sender["user_timezone"], "sender")
    everybody = FoundZone(settings.fixed_zone, "fixed") if settings.zone_mode is ZoneMode.FIXED else sender
    if plan.request.timezone:
        everybody = FoundZone(plan.request.timezone, "override")
    own = find_zones(tx, contacts) if settings.zone_mode is ZoneMode.CONTACT and not plan.request.timezone else {}
    countries = _countries(tx, plan, contacts)
    wanted = [(own.get(contact, everybody), countries.get(contact, "")) for contact in contacts]
    places = {each: number for number, each in enumerate(dict.fromkeys(wanted))}
    starts = [(each, country, _start(tx, plan, each.zone, country)) for each, country in places]
    return {
        "keys": [places[each] for each in wanted],
        "numbers": list(places.values()),
        "zones": [each.zone for each, *_ in starts],
        "sources": [each.source for each, *_ in starts],
        "waits": [s.waiting_for.value for *_, s in starts],
        "bases": [s.base_at for *_, s in starts],
        "raws": [s.raw_due_at for *_, s in starts],
        "dues": [s.due_at for *_, s in starts],
        "firsts": [s.first_email for *_, s in starts],
        "states": [s.state.value for *_, s in starts],
        "kinds": [s.pause_kind for *_, s in starts],
        "paused": [s.paused_at for *_, s in starts],
        "resumes": [s.resume_at for *_, s in starts],
        "rests": [s.remainder for *_, s in starts],
        "priorities": [machine.priority(s, _around(tx, plan, each.zone, country)) for each, country, s in starts],
    }


def _countries(tx: Tx, plan: Beginning, contacts: Sequence[int]) -> dict[int, str]:
    """Return the countries of contacts whose holidays count (SEQ-82); none where no such holidays are added."""
    if not plan.content.settings.contact_holidays:
        return {}
    rows = tx.all("SELECT id, country FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)", {"ids": list(contacts)})
    return {row["id"]: row["country"] for row in rows}


def _around(tx: Tx, plan: Beginning, zone: str, country: str) -> machine.Surroundings:
    days, assignee = days_of(plan.sender, tx.now, country=country), ZoneInfo(plan.sender["assignee_timezone"])
    return machine.Surroundings(plan.content, ZoneInfo(zone), days, assignee, edits=plan.request.edits)


def _start(tx: Tx, plan: Beginning, zone: str, country: str) -> machine.Enrollment:
    request = plan.request
    around = _around(tx, plan, zone, country)
    held = tx.now + request.undo if request.undo and request.start_at is None else request.start_at
    started = machine.start(EnrollmentId(0), around, now=tx.now, start_position=request.start_position, start_at=held)
    if request.undo and not started.first_email:  # only a first email that would go at once is held (SEQ-59)
        started = machine.start(EnrollmentId(0), around, now=tx.now, start_position=request.start_position, start_at=request.start_at)
    if not plan.pause:
        return started
    until = plan.pause["until"]  # that day's first opening, as for those whom the pause found enrolled (SEQ-128)
    resume_at = schedule.opening_from(until, around.window, around.days, around.zone) if until else None
    return machine.pause(started, around, tx.now, PauseKind.MANUAL, resume_at)


# One statement for the enrollments and their timeline entries; the partial unique index (S8) settles races with other enrolls.
INSERT = """
    WITH added AS (
        INSERT INTO enrollments (workspace_id, contact_id, sequence_id, version, enroller_user_id, sender_user_id, mailbox_id, address,
            address_normal, timezone, timezone_source, waiting_for, position, start_position, first_email, base_at, raw_due_at, due_at,
            priority, state, pause_kind, paused_at, resume_at, remainder, placeholders, overlap_slot, own_settings, undo_until, entry_point,
            enrolled_at)
        SELECT %(ws)s, c.id, %(sequence)s, %(version)s, %(enroller)s, %(sender)s, %(mailbox)s, c.email, c.email_normal, z.zone, z.source,
            z.waiting_for, %(position)s, %(position)s, z.first_email, z.base_at, z.raw_due_at, z.due_at, z.priority,
            z.state, z.pause_kind, z.paused_at, z.resume_at, z.remainder, %(fill)s, %(slot)s, %(own)s::jsonb,
            CASE WHEN z.first_email THEN %(undo_until)s::timestamptz END, %(entry)s, %(now)s
        FROM unnest(%(contacts)s::bigint[], %(keys)s::int[]) WITH ORDINALITY AS asked(id, key, place)
        JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.id = asked.id
        JOIN unnest(%(numbers)s::int[], %(zones)s::text[], %(sources)s::text[], %(waits)s::text[], %(bases)s::timestamptz[],
            %(raws)s::timestamptz[], %(dues)s::timestamptz[], %(firsts)s::bool[], %(priorities)s::smallint[],
            %(states)s::text[], %(kinds)s::text[], %(paused)s::timestamptz[], %(resumes)s::timestamptz[], %(rests)s::interval[])
          AS z(number, zone, source, waiting_for, base_at, raw_due_at, due_at, first_email, priority, state, pause_kind, paused_at,
            resume_at, remainder) ON z.number = asked.key
        ORDER BY asked.place
        ON CONFLICT (workspace_id, address_normal, overlap_slot) WHERE state IN ('active', 'paused') DO NOTHING
        RETURNING id, contact_id, version, entry_point, state),
    edited AS (
        INSERT INTO enrollment_edits (workspace_id, enrollment_id, step_key, subject, body, delay, edited_by, edited_at)
        SELECT %(ws)s, added.id, d.*, %(told_as)s, %(now)s FROM added
        CROSS JOIN unnest(%(edited_steps)s::text[], %(edited_subjects)s::text[], %(edited_bodies)s::text[], %(edited_delays)s::interval[])
          AS d)
    INSERT INTO events (workspace_id, at, kind, contact_id, enrollment_id, actor, data)
    SELECT %(ws)s, %(now)s, 'contact_enrolled', contact_id, id, %(told_as)s,
        jsonb_build_object('sequence', %(sequence)s::bigint, 'version', version, 'start_step', %(position)s::int,
            'entry_point', entry_point, 'begins_paused', state = 'paused')
    FROM added
    RETURNING enrollment_id
"""
