"""The demo's month: the real engine on a stopped clock that jumps from event to event, and a worker killed at the worst instant."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from segue.db.tx import Database
from segue.demo.cast import REPS, Dice, Nature, Person, Rep, make_cast, make_sequence
from segue.demo.people import People
from segue.demo.telling import Cell, Line, read_board, read_news
from segue.domain.contacts_csv import ContactValues
from segue.domain.ids import EnrollmentId, MailboxId, SequenceId, TaskId, UserId
from segue.domain.stop_rules import Stop
from segue.features.contacts.store import save_contacts
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.engine import Engine
from segue.features.enrollments.enroll import enroll
from segue.features.enrollments.react import stop_enrollments
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.mail.hand_off import Gate
from segue.features.mail.sessions import Sessions
from segue.features.sequences.service import publish
from segue.features.tasks.service import resolve_task
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.vault import Vault
from segue.ports import StoppedClock
from segue.providers.mail.fake import FakeMailProvider
from segue.providers.mail.fake_world import Acceptance, FakeMailWorld
from segue.wiring import HANDLERS

BEGIN = datetime(2027, 1, 13, 8, 0, tzinfo=UTC)
"""Wednesday, 9 o'clock in Berlin."""
SATURDAY = datetime(2027, 1, 16, 10, 0, tzinfo=UTC)
END = BEGIN + timedelta(days=60)
"""No run comes near it; it keeps a fault from running for ever."""
KILLED_AT = 40
"""The number of the acceptance that the worker does not live to hear of: in the middle of the second emails."""
LEASE = timedelta(minutes=5)
"""How long the dead worker's rows stay its own."""


class View(Protocol):
    """What shows the story."""

    def say(self, line: Line) -> None:
        """Tell a sentence."""
        ...

    def board(self, cells: Sequence[Cell]) -> None:
        """Show where everybody stands."""
        ...

    def pass_time(self, begin: datetime, end: datetime) -> None:
        """Let simulated time pass in front of the viewer."""
        ...

    def dwell(self, real_seconds: float) -> None:
        """Give the viewer time to read."""
        ...


class WorkerKilled(BaseException):
    """Stands for SIGKILL: nothing may catch it on the way, nothing is tidied up."""


@dataclass(frozen=True, slots=True)
class _Seat:
    rep: Rep
    user_id: UserId
    mailbox_id: MailboxId


class Story:
    """One run. `tell()` plays it to its end; afterwards `db`, `workspace_id` and `world` are there to be counted."""

    def __init__(self, app_url: str, dice: Dice, view: View) -> None:
        self.clock = StoppedClock(BEGIN)
        self.dice = dice
        self.view = view
        self.cast = make_cast(dice)
        self.kills = 0
        self.proven = 0
        self._people = People(self.cast, dice)
        self._plans: list[tuple[datetime, int, Callable[[], None]]] = []
        self._planned = 0
        self._arrivals: dict[str, int] = {}
        self._last_event = 0
        self._known_tasks: set[int] = set()
        self.world = FakeMailWorld(self.clock, on_accept=self._accepted)
        self._provider = FakeMailProvider()
        self._provider.worlds["default"] = self.world
        self._vault = Vault(b"demo" * 8)
        self.db = Database(app_url, clock=self.clock, handlers=HANDLERS)
        self.workspace_id = create_workspace(self.db, "Halden", timezone="Europe/Berlin")
        self._seats = [self._connect(rep) for rep in REPS]
        self._sequence_id, self._contacts = self._prepare()
        self._engine = self._new_engine()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.close()
        self.db.close()

    def tell(self) -> None:
        """Play the whole story."""
        weekday = [c for n, c in enumerate(self._contacts) if n % 4 != 3]
        weekend = [c for n, c in enumerate(self._contacts) if n % 4 == 3]
        self._plan(BEGIN, lambda: self._enroll(weekday))
        self._plan(SATURDAY, lambda: self._enroll_on_saturday(weekend))
        self._tell("Three reps enroll 30 made-up people; ten more follow on Saturday", "bold white")
        self._show_board()
        self.view.dwell(2.5)
        at: datetime | None = BEGIN
        while at is not None and at < END:
            self.view.pass_time(self.clock.now(), at)
            self.clock.at = max(self.clock.at, at)
            self._do_what_is_due()
            self._show()
            at = self._next_at()
        self.view.dwell(1.5)

    # --- the loop -------------------------------------------------------------------------------------------------------------------

    def _do_what_is_due(self) -> None:
        self.world.tick()
        while self._plans and self._plans[0][0] <= self.clock.now():
            heapq.heappop(self._plans)[2]()
        self._read_new_mail()
        self._engine.tend(self.workspace_id)
        try:
            while self._engine.run_due(self.workspace_id):
                pass
        except WorkerKilled:
            self._start_again()
        self._take_tasks_up()

    def _next_at(self) -> datetime | None:
        """Return the next instant at which anything happens; None at the end of the story."""
        planned = self._plans[0][0] if self._plans else None
        upcoming = [at for at in (self._engine.find_next_at(self.workspace_id), self.world.next_event_at(), planned) if at is not None]
        return max(min(upcoming), self.clock.now() + timedelta(seconds=1)) if upcoming else None

    def _read_new_mail(self) -> None:
        """Read a mailbox as soon as something has arrived, as IDLE and push do (MAIL-57)."""
        for seat in self._seats:
            box = self.world.mailbox(seat.rep.address)
            if box is not None and box.arrivals > self._arrivals.get(seat.rep.address, 0):
                self._arrivals[seat.rep.address] = box.arrivals
                self._engine.read(self.workspace_id, seat.mailbox_id)

    def _show(self) -> None:
        with self.db.tx(self.workspace_id) as tx:
            self._last_event, lines = read_news(tx, self._last_event)
        for line in lines:
            self.view.say(line)
        if lines:
            self._show_board()

    def _show_board(self) -> None:
        with self.db.tx(self.workspace_id) as tx:
            self.view.board(read_board(tx))

    def _plan(self, at: datetime, action: Callable[[], None]) -> None:
        self._planned += 1
        heapq.heappush(self._plans, (at, self._planned, action))

    # --- what the reps do -----------------------------------------------------------------------------------------------------------

    def _enroll(self, contacts: Sequence[int]) -> None:
        for number, seat in enumerate(self._seats):
            request = EnrollRequest(self._sequence_id, seat.mailbox_id, seat.user_id, entry_point="demo")
            enroll(self.db, self.workspace_id, request, contacts[number :: len(self._seats)])

    def _enroll_on_saturday(self, contacts: Sequence[int]) -> None:
        self._tell("Saturday: follow-ups rest. Ten more enrolled: first emails may go", "bold white")
        self._enroll(contacts)

    def _take_tasks_up(self) -> None:
        """Let each rep plan when to do the new tasks: within a day, in office hours."""
        with self.db.tx(self.workspace_id) as tx:
            rows = tx.all("SELECT id, enrollment_id, contact_id, assignee_user_id FROM tasks WHERE workspace_id = %(ws)s ORDER BY id", {})
        for row in rows:
            if row["id"] not in self._known_tasks:
                self._known_tasks.add(row["id"])
                person = self.cast[self._contacts.index(row["contact_id"])]
                zone = next(seat.rep.timezone for seat in self._seats if seat.user_id == row["assignee_user_id"])
                task, enrollment = TaskId(row["id"]), EnrollmentId(row["enrollment_id"])
                self._plan(self._office_hour(person, zone), lambda t=task, e=enrollment, p=person: self._call(t, e, p))  # type: ignore[misc]

    def _office_hour(self, person: Person, zone: str) -> datetime:
        at = self.clock.now() + timedelta(minutes=self.dice.number(f"{person.address} call", 60, 26 * 60))
        local = at.astimezone(ZoneInfo(zone))
        while local.weekday() > 4 or not 9 <= local.hour < 18:
            local += timedelta(hours=1)
        return local.astimezone(UTC)

    def _call(self, task: TaskId, enrollment: EnrollmentId, person: Person) -> None:
        good = person.nature is Nature.GOOD_CALL
        outcomes = ("no_answer", "left_voicemail", "busy")
        outcome = "connected" if good else outcomes[self.dice.number(f"{person.address} outcome", 0, 2)]
        with self.db.tx(self.workspace_id, actor="demo") as tx:
            row = tx.one("SELECT enrollment_active FROM tasks WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": task})
            if row is not None and not row["enrollment_active"]:  # the list shows that the sequence has ended (SEQ-119)
                resolve_task(tx, task, "skip")
                return
            resolve_task(tx, task, "complete", outcome=outcome)
        if good:  # a good call stops nothing by itself: the rep does it (SEQ-171)
            with self.db.tx(self.workspace_id, actor="demo") as tx:
                stop_enrollments(tx, [enrollment], Stop("MANUAL", "said yes on the telephone"))

    # --- the worker dies ------------------------------------------------------------------------------------------------------------

    def _accepted(self, world: FakeMailWorld, acceptance: Acceptance) -> None:
        self._people.mail_arrives(world, acceptance)
        if acceptance.number == KILLED_AT:
            raise WorkerKilled(acceptance.key)

    def _start_again(self) -> None:
        """Throw the dead worker's engine away, and let a new one find out what became of the mail (reliability.md §1, recover)."""
        self.kills += 1
        lost = self.world.acceptances()[-1]
        name = next(person.name for person in self.cast if person.address == lost.recipient)
        self._show()
        self._tell(f"Worker KILLED after the mail to {name} was accepted", "bold red")
        self.view.dwell(2.0)
        self._engine.close()
        self.clock.advance(LEASE + timedelta(seconds=1))
        self._let_leases_run_out()
        self._engine = self._new_engine()
        self._engine.tend(self.workspace_id)
        if [a.key for a in self.world.acceptances()].count(lost.key) == 1 and self._is_sent(lost.key):
            self.proven += 1
            self._tell("→ recovered by evidence (it is in Sent): not sent twice", "bold green")
            self.view.dwell(3.0)

    def _let_leases_run_out(self) -> None:
        """Leases follow the database's clock (H6), which does not jump with the demo's: five minutes are let pass by hand."""
        with self.db.tx(self.workspace_id) as tx:
            for table, column in (("messages", "lease_until"), ("enrollments", "lease_until"), ("mailbox_lanes", "claimed_until")):
                shift = f"UPDATE {table} SET {column} = {column} - %(past)s WHERE workspace_id = %(ws)s AND {column} IS NOT NULL"
                tx.run(shift, {"past": LEASE})

    def _is_sent(self, key: str) -> bool:
        with self.db.tx(self.workspace_id) as tx:
            row = tx.one("SELECT state FROM messages WHERE workspace_id = %(ws)s AND key = %(key)s", {"key": key})
        return row is not None and row["state"] == "sent"

    def _tell(self, text: str, style: str) -> None:
        self.view.say(Line(self.clock.now(), text, style))

    # --- before it begins -----------------------------------------------------------------------------------------------------------

    def _connect(self, rep: Rep) -> _Seat:
        self.world.add_mailbox(rep.address, secret="demo", files_sent_copies=True)  # noqa: S106  a sandbox
        with self.db.tx(self.workspace_id, actor="demo") as tx:
            user_id = find_or_create_user(tx, rep.address, name=rep.name, timezone=rep.timezone)
            new = NewMailbox(address=rep.address, provider="fake", secret="demo", display_name=rep.name)  # noqa: S106
            return _Seat(rep, user_id, connect_mailbox(tx, user_id, new, self._vault))

    def _prepare(self) -> tuple[SequenceId, list[int]]:
        values = [ContactValues(p.address, p.address, p.first_name, p.last_name, p.company, p.timezone, "", {}) for p in self.cast]
        with self.db.tx(self.workspace_id, actor="demo") as tx:
            save_contacts(tx, values)
            rows = tx.all("SELECT id, email FROM contacts WHERE workspace_id = %(ws)s", {})
            published = publish(tx, make_sequence(), owner=self._seats[0].user_id)
        ids = {row["email"]: row["id"] for row in rows}
        return published.sequence_id, [ids[person.address] for person in self.cast]

    def _new_engine(self) -> Engine:
        sessions = Sessions(self.db, self._vault, {"fake": self._provider})
        return Engine(self.db, Gate(self.db, threads=2), sessions, settle_after_s=0.0)
