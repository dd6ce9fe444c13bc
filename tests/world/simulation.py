"""A simulated world on real PostgreSQL: one seed drives people, reps, workers, faults and the order in which they all act.

Everything runs in one thread, one piece at a time (claim, deliver, settle, file, read, tend, an act of a rep), so a seed is replayed exactly.
Inside a hand-off, directly before the final dot, other pieces may run nested: that is where stops meet messages in flight.
"""

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import psycopg

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.ids import MailboxId, SequenceId, UserId, WorkspaceId
from segue.features.enrollments.admission import EnrollRequest
from segue.features.enrollments.enroll import enroll
from segue.features.mail.connect import NewMailbox, connect_mailbox
from segue.features.sequences.service import publish
from segue.features.workspaces.service import create_workspace, find_or_create_user
from segue.features.workspaces.vault import Vault
from segue.ports import StoppedClock
from segue.providers.mail.base import MayStillSend, Outgoing, SignInAgain
from segue.providers.mail.fake import FakeMailProvider
from segue.providers.mail.fake_world import Acceptance, FakeMailWorld
from segue.wiring import HANDLERS
from world import letters
from world.changes import Changes
from world.checker import Checker, Truth
from world.faults import CATALOGUE, EARLIER, LATE_STOPS, ChaosProvider, Crash, Faults
from world.office import COUNTRIES, PLANS, REPS, TWO_WAYS, Rep, as_sequence
from world.people import People, as_received
from world.reps import Acts
from world.rules import FROZEN
from world.shape import Outcome, Shape
from world.sim_database import SimDatabase, WorldEye, install_clock, kill_sessions
from world.workers import TRUE_ENGINE, Blocked, Parts, Worker

START = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
"""A Monday; the month holds the clock changes of New York (14 March) and Berlin (28 March)."""
DRAIN = timedelta(days=45)
TEND_EVERY = timedelta(minutes=5)


class World:
    """One world of one seed."""

    def __init__(self, urls: Any, seed: int, shape: Shape, parts: Parts = TRUE_ENGINE) -> None:
        self.seed, self.shape, self.parts = seed, shape, parts
        self.random = Random(seed)
        self.clock = StoppedClock(START)
        every = frozenset(CATALOGUE) if shape.full else EARLIER
        self.faults = Faults(
            Random(seed + 1),
            later=Random(seed + 5),
            crash_rate=shape.crash_rate,
            call_rate=shape.call_rate,
            midway_rate=shape.midway_rate,
            around_rate=shape.around_rate,
            kinds=every if shape.kinds is None else shape.kinds,
        )
        self.people = People(Random(seed + 2), shape.tempers)
        self.mail = FakeMailWorld(self.clock, on_accept=self._on_accept)
        fake = FakeMailProvider()
        fake.worlds["default"] = self.mail
        self.provider = parts.provider(ChaosProvider(fake, self.mail, self.faults, self._midway))
        self.app_url = urls.app_url
        install_clock(urls.owner_url)
        self.eye = WorldEye(urls.owner_url)
        self._bytes = Random(seed + 3)
        self.vault = Vault(b"k" * 32, random_bytes=self.random_bytes)
        self.truth = Truth()
        self.sometimes: Counter[str] = Counter()
        self._history = hashlib.sha256()
        self.agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = 0
        self._nested = False
        self._running: list[Worker] = []
        self.faults.die = self._die
        self._tended_at = self._tend_at = START
        self._workers: list[Worker] = []
        self.plans = (*PLANS, TWO_WAYS) if shape.full else PLANS
        self.foreign = False
        self.workspace_id = WorkspaceId(0)
        self.mailboxes: dict[str, MailboxId] = {}
        self.users: dict[str, UserId] = {}
        self.sequences: dict[str, SequenceId] = {}

    # --- building -------------------------------------------------------------------------------------------------------------------

    def random_bytes(self, count: int) -> bytes:
        return self._bytes.randbytes(count)

    def database(self, *, crashes: bool = True, instance: str = "here") -> SimDatabase:
        made = SimDatabase(
            self.app_url,
            clock=self.clock,
            handlers=HANDLERS,
            random_bytes=self.random_bytes,
            at_commit=(lambda when: self.faults.maybe_crash(f"{when} commit")) if crashes else None,
            lock_wait_ms=30,
        )
        made.instance_id, made.meanwhile = instance, self._meanwhile
        return made

    def build(self) -> None:
        self.eye.move_clock(self.clock.now())
        self.office = self.database(crashes=False)
        self.workspace_id = create_workspace(self.office, "Acme", timezone="Europe/Berlin")
        self.eye.enter(self.workspace_id)
        with self.office.tx(self.workspace_id) as tx:
            for rep in REPS:
                self._open_mailbox(tx, rep)
            for plan in self.plans:
                self.sequences[plan.name] = publish(tx, as_sequence(plan), owner=self.users[REPS[0].address]).sequence_id
        self.truth.sequences = {int(self.sequences[plan.name]): plan for plan in self.plans}
        self.truth.reps = {rep.address: rep for rep in REPS}
        self.checker = Checker(self.eye, self.truth, self.people, self.faults)
        self.acts = Acts(self)
        for _ in range(self.shape.workers):
            self._workers.append(self._worker())
        self._plan_contacts()
        self.acts.plan()
        if self.shape.full:
            Changes(self, self.acts).plan()

    def _open_mailbox(self, tx: Tx, rep: Rep) -> None:
        self.mail.add_mailbox(rep.address, secret="pw-0", files_sent_copies=rep.files_sent_copies, rewrites_ids=rep.rewrites_ids)
        self.users[rep.address] = find_or_create_user(tx, rep.address, name="Rep " + rep.address, timezone=rep.zone)
        self.mailboxes[rep.address] = self.connect(tx, rep, "pw-0")

    def connect(self, tx: Tx, rep: Rep, secret: str) -> MailboxId:
        """Connect a mailbox, or give it its new password."""
        new = NewMailbox(
            rep.address,
            "fake",
            secret,
            per_day=rep.per_day,
            per_minute=rep.per_minute,
            spacing=timedelta(seconds=rep.spacing_s),
            jitter=timedelta(seconds=5),
            warm_up=False,
        )
        return connect_mailbox(tx, self.users[rep.address], new, self.vault)

    def _worker(self) -> Worker:
        return Worker(self.database(), self.parts, self.vault, self.provider, self.workspace_id, self.random)

    def _plan_contacts(self) -> None:
        last = self.shape.days * 2 // 3 * 1440
        for number in range(self.shape.contacts):
            # In bursts, so that limits bind.
            minute = self.random.randrange(0, last, 1440 * 3) + self.random.randrange(600)
            self.at(START + timedelta(minutes=minute), lambda number=number: self.enroll_new(number))

    def enroll_new(self, number: int) -> None:
        """Add a contact and enroll them."""
        alias, email = f"alias{number}@private.test", f"contact{number}@prospect{number % 5}.test"
        if number % 4 == 0:
            email = f"contact.{number}+x@gmail.com"
        country = COUNTRIES[number % 2] if self.shape.full else ""
        with self.office.tx(self.workspace_id) as tx:
            row = tx.one(
                """INSERT INTO contacts (workspace_id, email, email_normal, first_name, company, country, country_code, other_addresses, created_at, updated_at)
                   VALUES (%(ws)s, %(email)s, %(normal)s, 'Ann', 'Prospect', %(country)s, %(country)s, %(others)s, %(now)s, %(now)s) RETURNING id""",
                {"email": email, "normal": normal_form(email), "country": country, "others": [alias], "now": tx.now},
            )
            assert row is not None
        self.people.add(email, row["id"], alias).country = country
        plans = self.shape.plans or tuple(plan.name for plan in self.plans)
        self.enroll(row["id"], self.random.choice(REPS).address, self.random.choice(plans))

    def enroll(self, contact: int, mailbox: str, plan: str) -> None:
        request = EnrollRequest(self.sequences[plan], self.mailboxes[mailbox], self.users[mailbox])
        with suppress(Exception):
            self.parts.enroll(enroll, self.office, self.workspace_id, request, [contact])

    # --- running --------------------------------------------------------------------------------------------------------------------

    def at(self, when: datetime, act: Callable[[], None]) -> None:
        """Put something on the agenda."""
        self._numbers += 1
        heapq.heappush(self.agenda, (when, self._numbers, act))

    def run(self) -> Outcome:
        """Live through the days, then heal the world and wait for rest."""
        self.build()
        end = START + timedelta(days=self.shape.days)
        while self.clock.now() < end and not self.checker.violations:
            self._visit()
            self._move_on(end)
        self.faults.stop()
        self.acts.heal()
        last = end + DRAIN
        while self.clock.now() < last and not self.checker.violations:
            self._visit()
            self.acts.clear_desk()
            if self.checker.is_at_rest() and not self.agenda and self.mail.next_event_at() is None:
                break
            self._move_on(last)
        for mailbox in self.mailboxes.values():  # nobody sends any more, so nobody has had to read
            engine = self._workers[0].engine
            with suppress(SignInAgain):  # a session from before the last password
                engine.read(self.workspace_id, mailbox)
            engine.read(self.workspace_id, mailbox)
        self.checker.check_rest()
        return self._outcome()

    def _outcome(self) -> Outcome:
        self._remember(str(self.checker.final_rows()))
        days = (self.clock.now() - START) / timedelta(days=1)
        self.sometimes.update(self.checker.sometimes())
        violations = [f"seed {self.seed}: {each}" for each in self.checker.violations]
        return Outcome(self.seed, violations, self._history.hexdigest(), self.faults.counts, self.sometimes, len(self.truth.accepted), days)

    def close(self) -> None:
        for worker in self._workers:
            worker.close()
        self.office.close()
        self.eye.close()

    def _visit(self) -> None:
        """Everything that happens at this instant: what is on the agenda, then the workers in a random order until all are idle."""
        while self.agenda and self.agenda[0][0] <= self.clock.now():
            heapq.heappop(self.agenda)[2]()
        self.mail.tick()
        if self.clock.now() >= self._tend_at:
            self._tended_at = self.clock.now()
            self._piece(self._workers.index(self.random.choice(self._workers)), "tend")
        if self.random.random() < 0.1:
            self._piece(0, "read")
        idle: set[int] = set()
        for _ in range(400):
            if not (self._is_due() or any(worker.has_work(self.clock.now()) for worker in self._workers)):
                break
            place = self.random.randrange(len(self._workers))
            idle = set() if self._piece(place) else idle | {place}
            self._duplicate(place)
            if len(idle) == len(self._workers):
                break
        self.checker.check_tick()

    def _is_due(self) -> bool:
        due_at, _, _ = self.checker.outlook()
        return due_at is not None and due_at <= self.clock.now()

    def _piece(self, place: int, what: str = "") -> bool:
        """Let a worker do one piece. One that crashes is replaced by a new one, which knows nothing."""
        worker, now = self._workers[place], self.clock.now()
        self._running.append(worker)
        try:
            return worker.piece(what, now=now)
        except Blocked:
            self.sometimes["blocked by a lock"] += 1
            return False
        except Crash as crash:
            self._remember(f"crash {crash}")
            self._workers[place] = self._worker()
            return True
        finally:
            self._running.pop()
            if self.clock.now() != now:
                self.eye.move_clock(self.clock.now())

    def _die(self) -> None:
        """Cut off the worker that is at it, before anything that its code still does on the way out."""
        self._running[-1].close()

    def _duplicate(self, place: int) -> None:
        """A job delivered twice: another worker gets what this one has."""
        worker = self._workers[place]
        if worker.sendings and self.faults.hit("duplicated job", self.faults.around_rate):
            other = self._workers[place - 1].sendings
            other.extend(each for each in worker.sendings if each not in other)
        if worker.sendings and self.faults.hit("freeze with a batch", self.faults.around_rate * 3):
            worker.frozen_until = self.clock.now() + timedelta(seconds=self.random.choice((20, 90, 290, 310, 900)))
        if worker.sendings and self.faults.hit("a copy of the database sends", self.faults.around_rate * 2):
            self._send_from_a_copy(worker.sendings)

    def _send_from_a_copy(self, sendings: Sequence[Any]) -> None:
        """Another installation opened this database, by a data folder of its own, and holds what was claimed before: nothing leaves (S26)."""
        copy = Worker(
            self.database(crashes=False, instance="a copy"), self.parts, self.vault, self.provider, self.workspace_id, self.random
        )
        copy.sendings += sendings
        self.foreign = True
        try:
            while copy.sendings:
                with suppress(Blocked):
                    copy.piece("deliver", now=self.clock.now())
        finally:
            self.foreign = False
            copy.close()
            self.eye.move_clock(self.clock.now())

    def _move_on(self, end: datetime) -> None:
        """Move the clock to the next instant at which anything can happen."""
        now = self.clock.now()
        due_at, resume_at, is_open = self.checker.outlook()
        self._tend_at = min(filter(None, (resume_at, self._tended_at + (TEND_EVERY if is_open else timedelta(hours=2)))))
        # What is due and was not taken just now is not asked for again at once.
        due_at = due_at if due_at is None or due_at > now else now + timedelta(minutes=1)
        instants = [end, max(self._tend_at, now + timedelta(seconds=30))]
        instants += [each for each in (due_at, self.mail.next_event_at(), self.agenda[0][0] if self.agenda else None) if each is not None]
        instants += [w.frozen_until for w in self._workers if w.frozen_until is not None]
        self.clock.advance(max(min(instants) - now, timedelta(seconds=1)))
        self.eye.move_clock(self.clock.now())

    # --- what meets a message on its way --------------------------------------------------------------------------------------------

    def _on_accept(self, world: FakeMailWorld, acceptance: Acceptance) -> None:
        self._remember(f"{acceptance.accepted_at.isoformat()} {acceptance.sender} {acceptance.recipient} {acceptance.key}")
        copy = letters.header(as_received(world, acceptance), "Message-ID")
        self.truth.sent_ids[acceptance.key] = copy
        if self.foreign:
            self.checker.fail("S26", f"a copy of the database sent {acceptance.key}")
        self.checker.witness(acceptance)
        self.people.react(world, acceptance)

    def _meanwhile(self, sending: Any) -> None:
        """Called while a gate waits for its locks: whoever holds one of them stops this very message (H2)."""
        for name in LATE_STOPS:
            if not self._nested and not self.foreign and self.faults.hit(name, self.faults.midway_rate / 4):
                with suppress(psycopg.errors.LockNotAvailable):
                    self.acts.stop_at_the_gate(name, sending)

    def _midway(self, message: Outgoing, may_still_send: MayStillSend) -> bool:
        rate = self.faults.midway_rate
        if self._nested:
            return may_still_send()
        if self.faults.hit("freeze beyond H7", rate):
            self._freeze_beyond_h7(message)
        going = may_still_send()
        # A frozen process whose server accepts late besides is the hole that H8 leaves: no evidence is late enough for it.
        if going and message.key not in self.faults.delays and self.faults.hit("freeze at the dot", rate):
            self._freeze_at_the_dot(message)
        for name in ("stop in flight", "pause in flight"):
            if going and self.faults.hit(name, rate):
                self.acts.interfere(name, message)
        return going

    def _freeze_beyond_h7(self, message: Outgoing) -> None:
        """The process stands still; the server ends its idle transactions (H7); somebody stops the enrollment; the process thaws."""
        for worker in self._workers:
            kill_sessions(self.app_url, worker.lock_pids())
        self._remember("killed")
        self.acts.interfere("stop in flight", message)
        self.clock.advance(timedelta(seconds=self.random.choice((1, 30))))
        self.eye.move_clock(self.clock.now())

    def _freeze_at_the_dot(self, message: Outgoing) -> None:
        """The process stands still with its locks, longer than lease and T_settle; another worker tends and sends meanwhile."""
        self.clock.advance(FROZEN)
        self.faults.delays[message.key] = self.faults.delays.get(message.key, timedelta(0)) + FROZEN
        self.eye.move_clock(self.clock.now())
        self._nested = True
        try:
            for what in ("tend", "claim", "deliver", "settle"):
                for place, worker in enumerate(self._workers):
                    if not worker.lock_pids():
                        self._piece(place, what)
        finally:
            self._nested = False

    def _remember(self, what: str) -> None:
        self._history.update(what.encode())


def run_world(urls: Any, seed: int, shape: Shape, parts: Parts = TRUE_ENGINE) -> Outcome:
    """Run one world on a migrated, empty database of its own and return what came of it."""
    world = World(urls, seed, shape, parts)
    try:
        return world.run()
    finally:
        with suppress(psycopg.Error):
            world.close()
