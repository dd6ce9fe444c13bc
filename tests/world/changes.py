"""What an office does to its contacts and sequences in a full world: merging, erasing, handing over, publishing anew, importing; what contacts
and scanners do on the public pages. Planned with dice of its own, so that worlds without it stay what they were.
"""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import psycopg

from segue.db.tx import Tx
from segue.domain.errors import DomainError
from segue.domain.ids import SequenceId
from segue.features.contacts.edit import set_contact
from segue.features.contacts.erase import erase_person
from segue.features.contacts.import_csv import import_csv
from segue.features.contacts.merge import merge_contacts
from segue.features.enrollments.apply_version import list_to_move, move_enrollments
from segue.features.enrollments.transfer import change_sender
from segue.features.mail.links import FoundLink, LinkKind
from segue.features.mail.unsubscribe import finish, opt_out_by_link
from segue.features.sequences.service import publish
from world.office import COUNTRIES, REPS, as_sequence
from world.reps import Acts

if TYPE_CHECKING:
    from world.people import Person
    from world.simulation import World

REFUSED = (DomainError, psycopg.errors.LockNotAvailable)
"""What a person is told, and tries again another day."""
TABLES = ("contacts", "enrollments", "messages", "inbound_messages", "events", "suppressions", "tasks", "notices", "consents")
ACTS = (
    "merge two",
    "erase somebody",
    "hand somebody over",
    "publish anew",
    "opt out by link",
    "scan links",
    "import list",
    "give wrong password",
)
"""What a full world must have done now and then, by the names of the acts."""


class Changes:
    """Acts beside those of the reps; each in a transaction of the office's own."""

    def __init__(self, world: "World", acts: Acts) -> None:
        self.world, self.acts = world, acts
        self.random = Random(world.seed + 4)
        self._imports = 0

    def plan(self) -> None:
        kinds = (
            *[self.merge_two] * 2,
            self.erase_somebody,
            *[self.hand_somebody_over] * 6,
            *[self.publish_anew] * 3,
            self.opt_out_by_link,
            *[self.scan_links] * 3,
            self.import_list,
            self.give_wrong_password,
        )
        days = self.world.shape.days
        for _ in range(days):
            after = timedelta(minutes=self.random.randrange(days * 1440), seconds=self.random.randrange(60))
            self.acts.later(after, self._guarded(self.random.choice(kinds)))

    def _guarded(self, act):
        def run() -> None:
            if self.world.people.known and (not self.world.shape.acts or act.__name__ in self.world.shape.acts):
                with suppress(*REFUSED):
                    act()
                    self.world.sometimes[act.__name__.replace("_", " ")] += 1

        return run

    def _person(self) -> "Person":
        return self.random.choice([*self.world.people.known.values()])

    # --- contacts -------------------------------------------------------------------------------------------------------------------

    def merge_two(self) -> None:
        keep, gone = self._person(), self._person()
        with self.acts.tx() as tx:
            merge_contacts(tx, keep.email, gone.email)
        self.world.truth.join(keep.email, gone.email)

    def erase_somebody(self) -> None:
        """After it nothing in any table names the person (S27); mail that comes later may."""
        truth, person = self.world.truth, self._person()
        rows = self.world.eye.all(
            """SELECT e.id, e.address FROM enrollments AS e WHERE e.contact_id IN (
                 SELECT contact_id FROM enrollments WHERE address = %s)""",
            (person.email,),
        )
        with self.acts.tx() as tx:
            erase_person(tx, person.email)
        truth.erased |= truth.group(person.email)
        truth.addresses.update({row["id"]: row["address"] for row in rows})
        for table in TABLES:
            found = self.world.eye.all(f"SELECT 1 FROM {table} AS t WHERE strpos(lower(t::text), %s) > 0 LIMIT 1", (person.email.lower(),))
            if found:
                self.world.checker.fail("S27", f"{person.email} was erased and still stands in {table}")

    def import_list(self) -> None:
        """A bought list: new people, and some that are there already, suppressed or erased (S4, S27)."""
        self._imports += 1
        old = [self._person() for _ in range(3)]
        new = [f"import{self._imports}.{n}@listed{n}.test" for n in range(2)]
        lines = [
            "email,first name,country",
            *(f"{each.email},Ann,{each.country}" for each in old),
            *(f"{each},Ann,{COUNTRIES[0]}" for each in new),
        ]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "list.csv"
            path.write_text("\n".join(lines))
            import_csv(self.world.office, self.world.workspace_id, path)
        rows = self.world.eye.all(
            "SELECT id, email FROM contacts WHERE deleted_at IS NULL AND lower(email) = ANY(%s) ORDER BY id",
            ([*(each.email for each in old), *new],),
        )
        for row in rows:
            if row["email"] in new:
                alias = f"home.{row['email']}"
                with self.acts.tx() as tx:
                    set_contact(tx, row["email"], {}, add=[alias])
                self.world.people.add(row["email"], row["id"], alias).country = COUNTRIES[0]
            self.world.enroll(row["id"], self.random.choice(REPS).address, self.random.choice(self.world.plans).name)

    def hand_somebody_over(self) -> None:
        """Another rep goes on at the step that waits (SEQ-12)."""
        rows = self.world.eye.all("SELECT id, mailbox_id FROM enrollments WHERE state IN ('active', 'paused') ORDER BY id")
        if not rows:
            return
        row = self.random.choice(rows)
        others = [box for box in self.world.mailboxes.values() if box != row["mailbox_id"]]
        with self.acts.tx() as tx:
            moved = change_sender(tx, [row["id"]], self.random.choice(others)).moved
            tx.flush()
            new = tx.all("SELECT max(id) AS id FROM enrollments WHERE workspace_id = %(ws)s", {})
        if moved:
            self.world.truth.continued[new[0]["id"]] = row["id"]

    # --- sequences ------------------------------------------------------------------------------------------------------------------

    def publish_anew(self) -> None:
        """Another version, or the first one again, applied to everybody in it (SEQ-132…134)."""
        truth, plan = self.world.truth, self.random.choice(self.world.plans)
        number = SequenceId(self.world.sequences[plan.name])
        newest = max((version for sequence, version in truth.versions if sequence == number), default=1)
        wanted = plan if truth.plan(number, newest) != plan else plan.changed()
        with self.acts.tx() as tx:
            version = publish(tx, as_sequence(wanted), owner=self.world.users[REPS[0].address]).version
        truth.versions[number, version] = wanted
        with self.acts.tx() as tx:
            self._apply(tx, number, version)

    @staticmethod
    def _apply(tx: Tx, number: SequenceId, version: int) -> None:
        move_enrollments(tx, list_to_move(tx, number, version), version)

    # --- pages and passwords --------------------------------------------------------------------------------------------------------

    def _link(self) -> tuple[FoundLink, str] | None:
        rows = self.world.eye.all("SELECT id, recipient FROM messages WHERE state = 'sent' AND recipient <> '' ORDER BY id")
        if not rows:
            return None
        row = self.random.choice(rows)
        return FoundLink(self.world.workspace_id, LinkKind.UNSUBSCRIBE, row["id"], "", 0), row["recipient"]

    def opt_out_by_link(self) -> None:
        found = self._link()
        if found is None or self.random.random() < 0.5:
            return
        self.world.truth.opted_out |= self.world.truth.group(found[1])
        way = self.random.choice(("link", "one-click"))
        done = opt_out_by_link(self.world.office, found[0], everything=self.random.random() < 0.3, way=way)
        if done is not None and done.in_flight:
            finish(self.world.office, done)

    def scan_links(self) -> None:
        """A scanner opens every link of a mail (S17)."""
        found = self._link()
        if found is not None:
            self.world.parts.look(self.world.office, found[0])

    def give_wrong_password(self) -> None:
        """Somebody mistypes the password of a mailbox; hours later it is put right."""
        rep = self.random.choice(REPS)
        with self.acts.tx() as tx:
            self.world.connect(tx, rep, "mistyped")
        self.acts.later(timedelta(hours=self.random.choice((1, 3, 20))), lambda: self.acts.give_new_password(rep.address))
