"""The judge of a simulated world. Shares no code with the engine: it reads the world's own log of acceptances, the committed rows, and the plain
form of the sequences, and computes windows, delays and limits anew (reliability.md, "Against fooling ourselves" 3).

At each acceptance it looks, on a connection of its own, at what is committed in that very instant: a stop that is visible there was committed
before the mail left. At rest it judges what must have happened by then.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from segue.providers.mail.fake_world import Acceptance
from world import rest, rules
from world.letters import header

INBOX_FRESH = timedelta(minutes=2)

if TYPE_CHECKING:
    from world.faults import Faults
    from world.office import PlainSequence, Rep
    from world.people import People
    from world.sim_database import WorldEye


@dataclass(frozen=True, slots=True)
class Witnessed:
    """An acceptance with what it belongs to. `at` is when the gate was passed as far as the world delayed the rest on purpose."""

    key: str
    at: datetime
    accepted_at: datetime
    sender: str
    recipient: str
    enrollment: int
    step: str
    observed_id: str


@dataclass(slots=True)
class Truth:
    """What the world knows and the engine does not."""

    sequences: dict[int, "PlainSequence"] = field(default_factory=dict)
    reps: dict[str, "Rep"] = field(default_factory=dict)
    accepted: list[Witnessed] = field(default_factory=list)
    decided: dict[str, str] = field(default_factory=dict)
    stopped_by_hand: set[int] = field(default_factory=set)
    suppressed_by_hand: set[str] = field(default_factory=set)
    by_hand: Counter[str] = field(default_factory=Counter)
    """How many mails each rep wrote in the mail program."""
    sent_ids: dict[str, str] = field(default_factory=dict)
    """Message-ID on the Sent copy, by key, where the server wrote its own."""
    versions: dict[tuple[int, int], "PlainSequence"] = field(default_factory=dict)
    """Of sequences that were published anew: what each version is."""
    continued: dict[int, int] = field(default_factory=dict)
    """Enrollment that goes on from another mailbox → the one before it."""
    one_person: list[set[str]] = field(default_factory=list)
    """Addresses that were merged into one contact."""
    erased: set[str] = field(default_factory=set)
    addresses: dict[int, str] = field(default_factory=dict)
    """Of enrollments whose contact was erased."""
    opted_out: set[str] = field(default_factory=set)

    def plan(self, sequence: int, version: int) -> "PlainSequence":
        return self.versions.get((sequence, version), self.sequences[sequence])

    def group(self, address: str) -> set[str]:
        """Return every address that is this person's."""
        return next((each for each in self.one_person if address in each), {address})

    def join(self, one: str, other: str) -> None:
        joined = self.group(one) | self.group(other)
        self.one_person = [each for each in self.one_person if not each & joined] + [joined]

    def first_of(self, enrollment: int) -> int:
        """Return the enrollment with which one began that goes on from another mailbox."""
        while enrollment in self.continued:
            enrollment = self.continued[enrollment]
        return enrollment


class Checker:
    """Collects violations; a world stops at the first."""

    def __init__(self, eye: "WorldEye", truth: Truth, people: "People", faults: "Faults") -> None:
        self.eye, self.truth, self.people, self.faults = eye, truth, people, faults
        self.violations: list[str] = []
        self._by_key: dict[str, Witnessed] = {}
        self._by_enrollment: dict[int, list[Witnessed]] = defaultdict(list)
        self._by_sender: dict[str, list[datetime]] = defaultdict(list)
        self._accepted_by_sender: dict[str, list[datetime]] = defaultdict(list)
        self._by_address: dict[str, list[datetime]] = defaultdict(list)
        self.seen: Counter[str] = Counter()

    def fail(self, rule: str, what: str) -> None:
        self.violations.append(f"{rule}: {what}")

    # --- at each acceptance -----------------------------------------------------------------------------------------------------------

    def witness(self, acceptance: Acceptance) -> None:
        """Judge one acceptance by what is committed at this instant."""
        rows = self.eye.all(COMMITTED, {"key": acceptance.key})
        if len(rows) != 1:
            self.fail("S1", f"{acceptance.key} was accepted and belongs to {len(rows)} messages")
            return
        row = rows[0]
        delay = self.faults.delays.pop(acceptance.key, timedelta(0))
        mail = Witnessed(
            acceptance.key,
            acceptance.accepted_at - delay,
            acceptance.accepted_at,
            acceptance.sender,
            acceptance.recipient,
            row["enrollment_id"],
            row["step_key"],
            self.truth.sent_ids.get(acceptance.key) or header(acceptance.wire, "Message-ID"),
        )
        where = f"{mail.step} of enrollment {mail.enrollment} at {acceptance.accepted_at:%m-%d %H:%M:%S}"
        if acceptance.key in self._by_key:
            self.fail("S1", f"{where} was accepted before, at {self._by_key[acceptance.key].accepted_at:%m-%d %H:%M:%S}")
        if not delay or delay == rules.FROZEN:  # a late acceptance began before whatever was stored since
            self._no_stop_before(row, where)
            self._no_answer_before(mail, row, where)
        if acceptance.recipient in self.truth.erased:
            self.fail("S27", f"{where} went to {acceptance.recipient}, who was erased")
        plan = self.truth.plan(row["sequence_id"], row["version"]).way(self.people.known[acceptance.recipient].country)
        if mail.step not in [step.key for step in plan.steps]:
            self.fail("SEQ-191", f"{where} is not on the way of {acceptance.recipient}")
            return
        self._window(mail, plan, where)
        self._limits(mail, where)
        self._order(mail, plan, row, where)
        self._thread(mail, plan, acceptance, where)
        if row["sender"] != acceptance.sender or row["address"] != acceptance.recipient:
            self.fail("S10", f"{where} went from {acceptance.sender} to {acceptance.recipient}")
        self.truth.accepted.append(mail)
        self._by_key[mail.key] = mail
        self._by_enrollment[mail.enrollment].append(mail)

    def _no_stop_before(self, row: dict[str, Any], where: str) -> None:
        if row["state"] != "active":
            self.fail("S3", f"{where} left after the enrollment was {row['state']} ({row['reason'] or row['pause_kind']})")
        for stop in ("suppressed", "sequence_paused", "lane_paused", "workspace_stopped"):
            if row[stop]:
                self.fail("S4" if stop == "suppressed" else "S3", f"{where} left although {stop}")

    def _no_answer_before(self, mail: Witnessed, row: dict[str, Any], where: str) -> None:
        """L5: what lay in the inbox more than two minutes before the gate has been read and has had its effect."""
        latest = mail.at - INBOX_FRESH - rules.DEADLINE
        for cause in self.people.causes:
            if cause.contact != mail.recipient or not cause.ends or not row["enrolled_at"] <= cause.at <= latest:
                continue
            answered = self._by_key.get(cause.key)
            # A reply to another enrollment's mail is other mail of the contact here, if it came from them and to this very mailbox (SEQ-150).
            elsewhere = self.people.known[cause.contact].temper == "replies from elsewhere" or cause.mailbox != mail.sender
            if answered is not None and (answered.enrollment == mail.enrollment or (cause.what == "answer" and not elsewhere)):
                self.fail("L5", f"{where} left after {cause.what} ({cause.ends}) had come at {cause.at:%m-%d %H:%M:%S}")

    def _window(self, mail: Witnessed, plan: "PlainSequence", where: str) -> None:
        first = plan.steps[0]
        exempt = mail.step == first.key and first.kind == "email" and not first.delay_s and not plan.hold_first
        zone = plan.fixed_zone or self.truth.reps[mail.sender].zone
        if not exempt and not rules.in_window(mail.at, plan, zone):
            self.fail("S5", f"{where} is outside {plan.name}'s window in {zone}")

    def _limits(self, mail: Witnessed, where: str) -> None:
        rep = self.truth.reps[mail.sender]
        others = self._by_sender[mail.sender]
        cap = rules.cap(rep.per_day)
        for sentence in rules.broken_limits(others, mail.at, per_minute=rep.per_minute, spacing_s=rep.spacing_s):
            self.fail("S6", f"{where} from {mail.sender}: {sentence}")
        others.append(mail.at)
        others.sort()
        of_day = self._accepted_by_sender[mail.sender]
        in_day = rules.in_last_day(of_day, mail.accepted_at) + 1
        if in_day > cap:
            self.fail("S6", f"{where} from {mail.sender}: more than {cap} in 24 hours")
        if in_day == cap:
            self.seen["quota exactly at cap"] += 1
        of_day.append(mail.accepted_at)
        to = self._by_address[mail.recipient]
        if rules.in_last_day(to, mail.accepted_at) >= 3:
            self.fail("S30", f"{where} is the fourth mail to {mail.recipient} in 24 hours")
        to.append(mail.accepted_at)

    def _order(self, mail: Witnessed, plan: "PlainSequence", row: dict[str, Any], where: str) -> None:
        if row["open_tasks"]:
            self.fail("S9", f"{where} left while a task before it is open")
        before = self._by_enrollment[mail.enrollment]
        keys = [step.key for step in plan.steps]
        later = [each for each in before if each.step in keys and keys.index(each.step) > keys.index(mail.step)]
        if later:
            self.fail("S7", f"{where} left after {later[0].step}")
        if not before or before[-1].step == mail.step or before[-1].step not in keys:
            self._after_a_change(mail, plan, where)
            return
        tasks = {each["step_key"]: each for each in self.eye.all(TASKS, (mail.enrollment,))}
        paused = self.eye.all(PAUSES, (mail.enrollment, before[-1].at))
        zone = plan.fixed_zone or self.truth.reps[mail.sender].zone
        earliest = rules.earliest(plan, before[-1].step, mail.step, before[-1].accepted_at, tasks, zone)
        if earliest is not None and not paused and mail.accepted_at < earliest:
            self.fail("S7", f"{where} left {earliest - mail.accepted_at} before its delay after {before[-1].step} was over")

    def _after_a_change(self, mail: Witnessed, plan: "PlainSequence", where: str) -> None:
        """What goes on from another mailbox repeats nothing, and the delay runs through the change (SEQ-12, S7): an hour is for clock changes."""
        earlier = self.truth.continued.get(mail.enrollment)
        while earlier is not None and not self._by_enrollment[earlier]:
            earlier = self.truth.continued.get(earlier)
        if earlier is None:
            return
        last = self._by_enrollment[earlier][-1]
        delay = timedelta(seconds=next(step.delay_s for step in plan.steps if step.key == mail.step))
        if last.step == mail.step and not self._by_enrollment[mail.enrollment]:
            self.fail("S1", f"{where} was sent before by another sender, at {last.accepted_at:%m-%d %H:%M:%S}")
        elif mail.accepted_at - last.accepted_at < delay - timedelta(hours=1):
            self.fail("S7", f"{where} left {mail.accepted_at - last.accepted_at} after {last.step} of the sender before")

    def _thread(self, mail: Witnessed, plan: "PlainSequence", acceptance: Acceptance, where: str) -> None:
        before = [each for each in self._by_enrollment[mail.enrollment] if each.step != mail.step]
        answers = header(acceptance.wire, "In-Reply-To")
        if not plan.threaded or not before:
            if answers:
                self.fail("S12", f"{where} opens a thread and answers {answers}")
        elif answers != before[-1].observed_id and before[-1].key not in self.truth.decided:
            self.fail("S12", f"{where} answers {answers}, not {before[-1].observed_id}")

    # --- after every tick and at rest -------------------------------------------------------------------------------------------------

    def check_tick(self) -> None:
        """S8, and one end per enrollment (SEQ-144), after every tick."""
        for row in self.eye.all(TICK):
            self.fail(row["rule"], row["what"])

    def outlook(self) -> tuple[datetime | None, datetime | None, bool]:
        """When the workers would wake next, when something paused resumes, and whether anything is open or broken."""
        row = self.eye.all(NEXT)[0]
        return row["at"], row["resume_at"], row["open"]

    def is_at_rest(self) -> bool:
        return not self.eye.all("SELECT 1 FROM enrollments WHERE state IN ('active', 'paused') LIMIT 1") and not self.outlook()[2]

    def check_rest(self) -> None:
        """S2, S13, S14, L1, L2: what must hold when everything has come to rest."""
        if not self.violations:
            self.violations += rest.judge(self.eye, self.truth, self.people, self.faults)

    def final_rows(self) -> list[dict[str, Any]]:
        return self.eye.all("SELECT id, state, reason, ended_at, position FROM enrollments ORDER BY id")

    def sometimes(self) -> Counter[str]:
        """Return how often states that a good world reaches sometimes were reached."""
        row = self.eye.all(SOMETIMES)[0]
        return self.seen + Counter({name.replace("_", " "): count for name, count in row.items()})


COMMITTED = """
    SELECT m.enrollment_id, m.step_key, e.state, e.version, e.enrolled_at, e.reason, e.pause_kind, e.sequence_id, e.address, b.address AS sender,
        s.paused AS sequence_paused, l.paused AS lane_paused, w.sending_stopped_at IS NOT NULL AS workspace_stopped,
        EXISTS (SELECT FROM suppressions AS x WHERE x.value = e.address_normal) AS suppressed,
        EXISTS (SELECT FROM tasks AS t WHERE t.enrollment_id = e.id AND t.waits AND t.state = 'open') AS open_tasks
    FROM messages AS m JOIN enrollments AS e ON e.id = m.enrollment_id JOIN mailboxes AS b ON b.id = e.mailbox_id
    JOIN sequences AS s ON s.id = e.sequence_id JOIN mailbox_lanes AS l ON l.mailbox_id = e.mailbox_id
    JOIN workspaces AS w ON w.workspace_id = e.workspace_id
    WHERE m.key = %(key)s
"""
TASKS = "SELECT step_key, created_at, resolved_at, waits FROM tasks WHERE enrollment_id = %s"
PAUSES = "SELECT 1 FROM events WHERE enrollment_id = %s AND kind = 'enrollment_paused' AND at >= %s LIMIT 1"
NEXT = """
    SELECT LEAST((SELECT min(ready_at) FROM mailbox_lanes WHERE NOT paused AND NOT broken AND (claimed_until IS NULL OR claimed_until < at)),
        (SELECT min(due_at) FROM enrollments WHERE due_at IS NOT NULL AND priority = 3 AND (lease_until IS NULL OR lease_until < at))) AS at,
        (SELECT min(resume_at) FROM enrollments WHERE state = 'paused') AS resume_at,
        EXISTS (SELECT FROM messages WHERE state IN ('sending', 'in_doubt') OR (state = 'sent' AND filed_at IS NULL))
        OR EXISTS (SELECT FROM mailbox_lanes WHERE claimed_until IS NOT NULL)
        OR EXISTS (SELECT FROM enrollments WHERE lease_until IS NOT NULL)
        OR EXISTS (SELECT FROM mailboxes WHERE state <> 'ok') AS open
    FROM sim.clock
"""
TICK = """
    SELECT 'S8' AS rule, 'open twice: ' || string_agg(id::text, ', ') AS what FROM (
        SELECT id, CASE WHEN lower(address) LIKE '%%@gmail.com'
            THEN replace(split_part(split_part(lower(address), '@', 1), '+', 1), '.', '') ELSE lower(address) END AS person
        FROM enrollments WHERE state IN ('active', 'paused')) AS o GROUP BY person HAVING count(*) > 1
    UNION ALL
    SELECT 'S13', 'enrollment ' || enrollment_id || ' ended ' || count(*) || ' times' FROM events
    WHERE kind = 'enrollment_ended' GROUP BY enrollment_id HAVING count(*) > 1
    UNION ALL
    SELECT 'L1', 'enrollment ' || id || ' is due and not active' FROM enrollments WHERE due_at IS NOT NULL AND state <> 'active'
"""
SOMETIMES = """
    SELECT (SELECT count(*) FROM events WHERE kind = 'email_undecided') AS in_doubt_became_unknown,
        (SELECT count(*) FROM messages WHERE state = 'sent' AND outcome = '') AS in_doubt_became_sent_by_evidence,
        (SELECT count(*) FROM messages WHERE state <> 'sent' AND attempt > 0 AND outcome = '') AS in_doubt_became_queued,
        (SELECT count(*) FROM events WHERE kind = 'stop_met_message_in_flight') AS a_stop_met_a_message_in_flight,
        (SELECT count(*) FROM events WHERE kind = 'mailbox_state_changed' AND data ->> 'state' = 'ok') AS signed_in_again
"""
