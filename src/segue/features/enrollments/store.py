"""Enrollments in the database: load many with all that their decision needs, save many. One statement each, whatever their number (D10)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from segue.db.claim import wake_lanes
from segue.db.tx import Tx
from segue.domain.edits import NOTHING_OWN, OwnSettings, StepEdit, own_from_json, with_own
from segue.domain.enrollment import Enrollment, State, Surroundings, WaitingFor, priority
from segue.domain.ids import EnrollmentId, MailboxId, StepKey
from segue.domain.limits import MailboxLimits
from segue.domain.send_window import Days
from segue.domain.sequence import OpenTasks, TaskSettings
from segue.domain.sequence import Sequence as SequenceContent
from segue.domain.sequence_json import from_json
from segue.domain.threading import SentEmail
from segue.features.enrollments.runs import NO_RUNS, KnownMessage, Runs, collect_heirs, load_runs
from segue.features.mail.links import LINK_COLUMNS, LinkRules, rules_of
from segue.features.mail.quota import LIMIT_COLUMNS, limits_of
from segue.features.workspaces.calendars import contact_calendars, days_at


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What sending needs to know of a mailbox."""

    id: MailboxId
    address: str
    display_name: str
    deadline_s: int
    limits: MailboxLimits


@dataclass(frozen=True, slots=True)
class Person:
    """A user as sender: what stands in the mail."""

    id: int
    name: str
    email: str
    zone: ZoneInfo
    signature: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """An enrollment with its surroundings and everything a mail of it is made of."""

    enrollment: Enrollment
    around: Surroundings
    lease_token: int
    contact_id: int
    contact: dict[str, Any]
    """Token values: contact, company, as plain JSON (MAIL-9)."""
    address: str
    address_normal: str
    recipient_name: str
    sequence_id: int
    version: int
    enroller_user_id: int
    sender: Person
    mailbox: Mailbox
    mail_secret: bytes
    links: LinkRules
    sent: tuple[SentEmail, ...]
    messages: tuple[KnownMessage, ...]
    placeholders: Mapping[str, str] = field(default_factory=dict)
    """What the person who enrolled has filled in (SEQ-21)."""
    company: Mapping[str, str] = field(default_factory=dict)
    """Token values of the company record, another thing than the contact's own text (SEQ-19)."""
    task_steps: frozenset[StepKey] = frozenset()
    """Steps that have made a task, done or not."""
    start_position: int = 0
    overlap_slot: int = 0
    own: OwnSettings = NOTHING_OWN
    earlier_ids: tuple[int, ...] = ()
    """Enrollments that this one goes on from (SEQ-12)."""
    earlier_steps: frozenset[StepKey] = frozenset()
    """Steps that have left a mail or a task in one of those."""

    @property
    def cancels_tasks(self) -> bool:
        """Say whether open tasks go when this enrollment ends (SEQ-119)."""
        return self.around.sequence.settings.on_end_open_tasks is OpenTasks.CANCEL

    @property
    def has_started(self) -> bool:
        """Say whether the first step has run or is being asked: a mail that is only queued can still be taken back."""
        went = any(message.state not in ("queued", "withdrawn") or message.attempt for message in self.messages)
        waits = self.enrollment.waiting_for is WaitingFor.CONDITION
        return went or waits or bool(self.task_steps or self.earlier_steps) or self.enrollment.position != self.start_position

    def message(self, step_key: StepKey, generation: int) -> KnownMessage | None:
        """Return the message row of this K, if there is one."""
        return next((m for m in self.messages if m.step_key == step_key and m.generation == generation), None)


def lock_rows(tx: Tx, ids: Iterable[int]) -> None:
    """Lock enrollments in id order, before any of their messages: a hand-off holds the enrollment while it waits for the message, on two
    connections, and no deadlock detector sees that (H5)."""
    tx.run("SELECT FROM enrollments WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY id FOR UPDATE", {"ids": sorted(set(ids))})


def load(tx: Tx, ids: Iterable[int], *, lock: bool = False, tasks: bool = False) -> list[Loaded]:
    """Load enrollments by id; with `tasks` also tasks that other versions have made.

    With `lock`, their rows are locked first, in id order, and only then read (H2): this waits for hand-offs in flight.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return []
    if lock:
        lock_rows(tx, wanted)
    rows = tx.all(LOAD, {"ids": wanted})
    contents = load_versions(tx, {(row["sequence_id"], row["version"]) for row in rows})
    heirs = collect_heirs((row["id"], row["earlier_ids"] or ()) for row in rows)
    runs = load_runs(tx, wanted, heirs, tasks=tasks or any(has_tasks(content) for content in contents.values()))
    return [_loaded(tx, row, contents[row["sequence_id"], row["version"]], runs.get(row["id"], NO_RUNS)) for row in rows]


def heirs_of(loaded: Iterable[Loaded]) -> dict[int, list[EnrollmentId]]:
    """Return for each enrollment, and each that it goes on from, whose past it is: facts of the earlier ones are its own."""
    given = list(loaded)
    heirs = collect_heirs((each.enrollment.id, each.earlier_ids) for each in given)
    for each in given:
        heirs.setdefault(each.enrollment.id, []).append(each.enrollment.id)
    return heirs


def has_tasks(content: SequenceContent) -> bool:
    """Say whether a sequence creates tasks at all: only then are those of its enrollments looked at."""
    return any(isinstance(step.settings, TaskSettings) for step in content.steps)


def load_versions(tx: Tx, wanted: set[tuple[int, int]]) -> dict[tuple[int, int], SequenceContent]:
    """Return the content of versions. They never change, so they are read once a process."""
    cache = tx.db.immutable
    missing = [key for key in wanted if ("version", tx.workspace_id, *key) not in cache]
    if missing:
        for row in tx.all(
            """SELECT v.sequence_id, v.version, v.content FROM sequence_versions AS v
               JOIN unnest(%(s)s::bigint[], %(v)s::int[]) AS given(sequence_id, version) USING (sequence_id, version)
               WHERE v.workspace_id = %(ws)s""",
            {"s": [s for s, _ in missing], "v": [v for _, v in missing]},
        ):
            cache["version", tx.workspace_id, row["sequence_id"], row["version"]] = from_json(row["content"])
    return {key: cache["version", tx.workspace_id, *key] for key in wanted}


def save(tx: Tx, changed: Sequence[tuple[Enrollment, Loaded]]) -> None:
    """Write enrollments, end their leases and wake the lanes of mailboxes that have mail due."""
    if not changed:
        return
    rows = [(e, loaded, priority(e, loaded.around) if e.is_open else 1) for e, loaded in changed]
    tx.run(
        SAVE,
        {
            "now": tx.now,
            "ids": [e.id for e, _, _ in rows],
            "states": [e.state.value for e, _, _ in rows],
            "waits": [e.waiting_for.value for e, _, _ in rows],
            "positions": [e.position for e, _, _ in rows],
            "generations": [e.generation for e, _, _ in rows],
            "firsts": [e.first_email for e, _, _ in rows],
            "bases": [e.base_at for e, _, _ in rows],
            "raws": [e.raw_due_at for e, _, _ in rows],
            "dues": [e.due_at for e, _, _ in rows],
            "priorities": [p for _, _, p in rows],
            "kinds": [e.pause_kind for e, _, _ in rows],
            "paused": [e.paused_at for e, _, _ in rows],
            "resumes": [e.resume_at for e, _, _ in rows],
            "remainders": [e.remainder for e, _, _ in rows],
            "reasons": [e.reason for e, _, _ in rows],
            "details": [e.reason_detail[:500] for e, _, _ in rows],
            "ends": [e.ended_at for e, _, _ in rows],
        },
    )
    wake_lanes(tx, [(loaded.mailbox.id, e.due_at) for e, loaded, p in rows if e.due_at is not None and p < 3])


def find_open_by_address(tx: Tx, normals: Sequence[str]) -> list[int]:
    """Return open enrollments of these normal-form addresses, also where one is a further address of the contact (SEQ-151)."""
    rows = tx.all(
        """SELECT e.id FROM enrollments AS e JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
           WHERE e.workspace_id = %(ws)s AND e.state IN ('active', 'paused')
             AND (e.address_normal = ANY(%(normals)s) OR c.email_normal = ANY(%(normals)s) OR c.other_addresses && %(normals)s::text[])""",
        {"normals": list(normals)},
    )
    return [row["id"] for row in rows]


def find_going_on(tx: Tx, ended: Sequence[int]) -> list[int]:
    """Return open enrollments that go on from these, which have ended (SEQ-12). Asked with their rows locked, none is missed."""
    rows = tx.all(
        """SELECT e.id FROM enrollments AS old
           JOIN enrollments AS e ON e.workspace_id = old.workspace_id AND e.contact_id = old.contact_id
           WHERE old.workspace_id = %(ws)s AND old.id = ANY(%(ids)s) AND e.state IN ('active', 'paused') AND old.id = ANY(e.earlier_ids)""",
        {"ids": list(ended)},
    )
    return [row["id"] for row in rows]


def days_of(row: dict[str, Any], at: datetime, *, country: str = "") -> Days:
    """Return the days that count around an instant from a row with the columns of `DAY_COLUMNS`; `country`: the contact's, if it is added
    (SEQ-82)."""
    return days_at(
        at,
        row["working_week"],
        (row["holiday_calendars"], row["sender_calendars"], contact_calendars(country)),
        (row["holidays"], row["holidays_removed"], row["absences"]),
    )


DAY_COLUMNS = """w.working_week, w.holidays, w.holidays_removed, w.holiday_calendars, u.holiday_calendars AS sender_calendars, u.absences"""
"""What `days_of` needs, with `w` the workspace and `u` the sender."""


def enrollment_of(row: dict[str, Any]) -> Enrollment:
    """Build the domain object from a row."""
    return Enrollment(
        id=EnrollmentId(row["id"]),
        position=row["position"],
        base_at=row["base_at"],
        state=State(row["state"]),
        waiting_for=WaitingFor(row["waiting_for"]),
        generation=row["generation"],
        first_email=row["first_email"],
        raw_due_at=row["raw_due_at"],
        due_at=row["due_at"],
        pause_kind=row["pause_kind"],
        paused_at=row["paused_at"],
        resume_at=row["resume_at"],
        remainder=row["remainder"],
        reason=row["reason"],
        reason_detail=row["reason_detail"],
        ended_at=row["ended_at"],
    )


def _around(tx: Tx, row: dict[str, Any], content: SequenceContent, runs: Runs) -> Surroundings:
    return Surroundings(
        with_own(content, own_from_json(row["own_settings"])),
        ZoneInfo(row["timezone"]),
        days_of(row, tx.now, country=row["country"] if content.settings.contact_holidays else ""),
        ZoneInfo(row["assignee_timezone"]),
        open_tasks=frozenset(runs.open_tasks),
        drawn=runs.drawn,
        edits=edits_of(row["edits"] or {}),
    )


def _loaded(tx: Tx, row: dict[str, Any], content: SequenceContent, runs: Runs) -> Loaded:
    contact = {
        **row["properties"],
        "first_name": row["first_name"],
        "last_name": row["last_name"],
        "full_name": f"{row['first_name']} {row['last_name']}".strip(),
        "timezone": row["contact_timezone"],
        "country": row["country"],
        "email": row["address"],
        "company": row["company"],
    }
    return Loaded(
        enrollment=enrollment_of(row),
        around=_around(tx, row, content, runs),
        lease_token=row["lease_token"],
        contact_id=row["contact_id"],
        contact=contact,
        address=row["address"],
        address_normal=row["address_normal"],
        recipient_name=f"{row['first_name']} {row['last_name']}".strip(),
        sequence_id=row["sequence_id"],
        version=row["version"],
        enroller_user_id=row["enroller_user_id"],
        sender=Person(row["sender_user_id"], row["user_name"], row["user_email"], ZoneInfo(row["user_timezone"]), row["signature"]),
        mailbox=Mailbox(MailboxId(row["mailbox_id"]), row["mailbox_address"], row["display_name"], row["deadline_s"], limits_of(row)),
        mail_secret=row["mail_secret"],
        links=rules_of(row, content.settings, tx.db.public_url, tracked=row["tracked"], country=row["country"]),
        sent=tuple(runs.sent),
        messages=tuple(runs.messages),
        placeholders=row["placeholders"],
        task_steps=frozenset(runs.tasks),
        start_position=row["start_position"],
        overlap_slot=row["overlap_slot"],
        company=row["company_record"] or {},
        own=own_from_json(row["own_settings"]),
        earlier_ids=tuple(row["earlier_ids"] or ()),
        earlier_steps=frozenset(runs.earlier),
    )


def edits_of(stored: Mapping[str, Mapping[str, Any]]) -> dict[StepKey, StepEdit]:
    """Build what was edited from the JSON of `EDITS`."""
    return {
        StepKey(key): StepEdit(
            subject=edit["subject"],
            body=edit["body"],
            delay=timedelta(seconds=edit["delay"]) if edit["delay"] is not None else None,
            at=datetime.fromisoformat(edit["at"]) if edit["at"] is not None else None,
            skipped=edit["skipped"],
            generation=edit["generation"],
        )
        for key, edit in stored.items()
    }


EDITS = """(SELECT jsonb_object_agg(x.step_key, jsonb_build_object('subject', x.subject, 'body', x.body,
        'delay', extract(epoch FROM x.delay), 'at', x.at, 'skipped', x.skipped, 'generation', x.generation))
      FROM enrollment_edits AS x WHERE x.workspace_id = e.workspace_id AND x.enrollment_id = e.id)"""
"""The edits of an enrollment `e`, by step."""


COMPANY_RECORD = """(
            SELECT f.properties || jsonb_build_object('name', f.name, 'domain', f.domain) FROM companies AS f
            WHERE f.workspace_id = c.workspace_id AND f.id = c.company_id) AS company_record"""
"""The company record of a contact `c` as token values; NULL where there is none (SEQ-19)."""

LOAD = f"""
    SELECT e.*, c.first_name, c.last_name, c.company, c.timezone AS contact_timezone, c.country, c.properties, c.tracked,
        {COMPANY_RECORD},
        u.name AS user_name, u.email AS user_email, u.timezone AS user_timezone,
        u.signature, a.timezone AS assignee_timezone, b.address AS mailbox_address, b.display_name, b.deadline_s, w.mail_secret,
        {LIMIT_COLUMNS}, {LINK_COLUMNS}, {DAY_COLUMNS}, {EDITS} AS edits
    FROM enrollments AS e
    JOIN contacts AS c ON c.workspace_id = e.workspace_id AND c.id = e.contact_id
    JOIN users AS u ON u.workspace_id = e.workspace_id AND u.id = e.sender_user_id
    JOIN users AS a ON a.workspace_id = e.workspace_id AND a.id = e.enroller_user_id
    JOIN mailboxes AS b ON b.workspace_id = e.workspace_id AND b.id = e.mailbox_id
    JOIN workspaces AS w ON w.workspace_id = e.workspace_id
    WHERE e.workspace_id = %(ws)s AND e.id = ANY(%(ids)s) ORDER BY e.id
"""

SAVE = """
    UPDATE enrollments AS e SET state = n.state, waiting_for = n.waits, position = n.position, generation = n.generation,
        first_email = n.first, base_at = n.base, raw_due_at = n.raw, due_at = n.due, priority = n.priority, pause_kind = n.kind,
        paused_at = n.paused, resume_at = n.resume, remainder = n.remainder, reason = n.reason, reason_detail = n.detail,
        ended_at = n.ended, lease_until = NULL, wait_told = e.wait_told AND e.waiting_for = n.waits,
        waiting_since = CASE WHEN e.waiting_for = n.waits THEN COALESCE(e.waiting_since, %(now)s) ELSE %(now)s END
    FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(waits)s::text[], %(positions)s::smallint[], %(generations)s::int[],
        %(firsts)s::bool[], %(bases)s::timestamptz[], %(raws)s::timestamptz[], %(dues)s::timestamptz[], %(priorities)s::smallint[],
        %(kinds)s::text[], %(paused)s::timestamptz[], %(resumes)s::timestamptz[], %(remainders)s::interval[], %(reasons)s::text[],
        %(details)s::text[], %(ends)s::timestamptz[])
      AS n(id, state, waits, position, generation, first, base, raw, due, priority, kind, paused, resume, remainder, reason, detail, ended)
    WHERE e.workspace_id = %(ws)s AND e.id = n.id
"""
