"""What the reps of a simulated world do: tasks, pauses, decisions, passwords; and how they clear their desks in the end."""

from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.ids import MessageId, TaskId
from segue.domain.stop_rules import Stop
from segue.features.contacts.suppression import suppress as suppress_address
from segue.features.enrollments.react import pause_enrollments, resume_enrollments, stop_enrollments
from segue.features.enrollments.settle import decide_undecided
from segue.features.mail.breaker import CIRCUITS, list_breakers, set_breaker
from segue.features.tasks.service import resolve_task
from segue.providers.mail.base import Outgoing
from segue.providers.mail.fake_world import INBOX
from world import letters
from world.office import REPS

if TYPE_CHECKING:
    from world.simulation import World


class Acts:
    """The reps' acts, each in a transaction of the office's own database handle."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.random = world.random
        self._writes = Random(world.seed + 4)  # dice of its own: what else happens in a seed's world stays what it was
        self._passwords = 0

    def tx(self) -> Any:
        return self.world.office.tx(self.world.workspace_id, actor="rep")

    def plan(self) -> None:
        """Put a month of office life on the agenda."""
        kinds = (
            *[self.work_on_tasks] * 10,
            *[self.decide_unknown] * 4,
            *[self.pause_somebody] * 3,
            *[self.resume_somebody] * 6,
            *[self.unenroll_somebody] * 2,
            self.suppress_somebody,
            self.pause_sequence,
            self.pause_mailbox,
            self.change_password,
            self.reset_uid_validity,
            *[self.enroll_again] * 2,
        )
        only = self.world.shape.acts
        kinds = tuple(kind for kind in kinds if not only or kind.__name__ in only)
        for _ in range(self.world.shape.days * 5):
            minute = self.random.randrange(self.world.shape.days * 1440)
            self.later(timedelta(minutes=minute, seconds=self.random.randrange(60)), self.random.choice(kinds))

        for _ in range(self.world.shape.days):
            minute = self._writes.randrange(self.world.shape.days * 1440)
            self.later(timedelta(minutes=minute), self.write_by_hand)

    def write_by_hand(self) -> None:
        """A rep writes in the mail program, half of the time to somebody of a sequence (SEQ-93)."""
        rep = self._writes.choice(REPS)
        number, now = self.world.truth.by_hand.total() + 1, self.world.clock.now()
        mails = [mail for mail in self.world.mail.acceptances() if mail.sender == rep.address]
        about = self._writes.choice(mails) if mails and self._writes.random() < 0.5 else None
        to, answers = (about.recipient, about.wire) if about else ("somebody@else.test", b"")
        self.world.mail.write_by_hand(rep.address, letters.person_mail(900_000 + number, now, rep.address, to, "By hand.", answers=answers))
        self.world.truth.by_hand[rep.address] += 1

    def later(self, after: timedelta, act: Any) -> None:
        self.world.at(self.world.clock.now() + after, act)

    # --- tasks, undecided mails, pauses ---------------------------------------------------------------------------------------------

    def close_breakers(self) -> None:
        """A person has looked at what came back, and goes on (SEQ-106)."""
        kinds = {circuit.kind: circuit for circuit in CIRCUITS}
        with suppress(psycopg.errors.LockNotAvailable), self.tx() as tx:
            for row in list_breakers(tx):
                set_breaker(tx, kinds[row["kind"]], row["id"], "")

    def work_on_tasks(self) -> None:
        self.close_breakers()
        for row in self.world.eye.all("SELECT id FROM tasks WHERE state = 'open' ORDER BY id"):
            if self.random.random() < 0.5:
                with self.tx() as tx:
                    resolve_task(tx, TaskId(row["id"]), self.random.choice(("complete", "complete", "skip", "delete")))

    def decide_unknown(self) -> None:
        """A person looks what really happened; sometimes they skip a mail that never left."""
        for row in self.world.eye.all("SELECT id, key FROM messages WHERE state = 'unknown' ORDER BY id"):
            truth = self.world.truth
            left = any(each.key == row["key"] for each in truth.accepted)
            choice = "was_sent" if left else self.random.choice(("send_again", "send_again", "skip"))
            with self.tx() as tx:
                decide_undecided(tx, MessageId(row["id"]), choice)
            truth.decided[row["key"]] = choice

    def _somebody(self, state: str) -> int | None:
        rows = self.world.eye.all("SELECT id FROM enrollments WHERE state = %s ORDER BY id", (state,))
        return self.random.choice(rows)["id"] if rows else None

    def pause_somebody(self) -> None:
        found = self._somebody("active")
        if found is not None:
            with self.tx() as tx:
                pause_enrollments(tx, [found])

    def resume_somebody(self) -> None:
        found = self._somebody("paused")
        if found is not None:
            with self.tx() as tx:
                resume_enrollments(tx, [found])

    def unenroll_somebody(self) -> None:
        found = self._somebody(self.random.choice(("active", "active", "paused")))
        if found is not None:
            self._stop(found)

    def _stop(self, enrollment: int) -> None:
        with self.tx() as tx:
            stop_enrollments(tx, [enrollment], Stop("MANUAL"))
        self.world.truth.stopped_by_hand.add(enrollment)

    def suppress_somebody(self) -> None:
        """The office puts an address on the block list, spelt as somebody remembers it (S4)."""
        person = self.random.choice(list(self.world.people.known.values()) or [None])
        if person is not None:
            self.world.truth.suppressed_by_hand.add(person.email)
            spelt = person.email.replace("contact.", "contact").replace("+x@gmail.com", "@gmail.com").upper()
            with self.tx() as tx:
                self.world.parts.suppress(suppress_address, tx, "address", spelt, "asked by telephone")

    def enroll_again(self) -> None:
        person = self.random.choice(list(self.world.people.known.values()) or [None])
        if person is not None:
            plan = self.random.choice(sorted(self.world.sequences))
            self.world.enroll(person.contact_id, self.random.choice(REPS).address, plan)

    # --- sequences and mailboxes ----------------------------------------------------------------------------------------------------

    def pause_sequence(self) -> None:
        name = self.random.choice(sorted(self.world.sequences))
        self._set_sequence(name, paused=True)
        self.later(timedelta(hours=self.random.choice((1, 6, 30))), lambda: self._set_sequence(name, paused=False))

    def _set_sequence(self, name: str, *, paused: bool) -> None:
        with self.tx() as tx:
            tx.lock_for_stop(LockKind.SEQUENCE, self.world.sequences[name])
            tx.run(
                "UPDATE sequences SET paused = %(paused)s WHERE workspace_id = %(ws)s AND id = %(id)s",
                {"id": self.world.sequences[name], "paused": paused},
            )

    def pause_mailbox(self) -> None:
        if not self.world.faults.hit("mailbox paused", 1.0):
            return
        rep = self.random.choice(REPS)
        self._set_mailbox(rep.address, paused=True)
        self.later(timedelta(hours=self.random.choice((1, 4, 20))), lambda: self._set_mailbox(rep.address, paused=False))

    def _set_mailbox(self, address: str, *, paused: bool) -> None:
        with self.tx() as tx:
            self._write_mailbox(tx, address, paused=paused)

    def _write_mailbox(self, tx: Tx, address: str, *, paused: bool) -> None:
        mailbox = self.world.mailboxes[address]
        tx.lock_for_stop(LockKind.MAILBOX, mailbox)
        tx.run(
            "UPDATE mailbox_lanes SET paused = %(paused)s WHERE workspace_id = %(ws)s AND mailbox_id = %(id)s",
            {"id": mailbox, "paused": paused},
        )

    def change_password(self) -> None:
        """The mail server gets a new password; the office notices hours later."""
        if not self.world.faults.hit("password changed", 1.0):
            return
        rep = self.random.choice(REPS)
        self._passwords += 1
        secret = f"pw-{self._passwords}"
        self.world.mail.change_secret(rep.address, secret)
        self.later(timedelta(hours=self.random.choice((1, 5, 26))), lambda: self._reconnect(rep.address, secret))

    def _reconnect(self, address: str, secret: str) -> None:
        rep = next(each for each in REPS if each.address == address)
        self.world.mail.change_secret(address, secret)
        with self.tx() as tx:
            self.world.connect(tx, rep, secret)

    def give_new_password(self, address: str) -> None:
        self._passwords += 1
        self._reconnect(address, f"pw-{self._passwords}")

    def reset_uid_validity(self) -> None:
        """The server loses its numbering; half of the mail that has been judged by now is gone besides."""
        if not self.world.faults.hit("UIDVALIDITY reset", 1.0):
            return
        rep = self.random.choice(REPS)
        box = self.world.mail.mailbox(rep.address)
        assert box is not None
        judged = self.world.eye.all("SELECT message_id FROM inbound_messages")
        known = {row["message_id"].encode() for row in judged if row["message_id"]}
        for stored in list(box.folders[INBOX].messages):
            if any(each in stored.raw for each in known) and self.random.random() < 0.6:
                self.world.mail.remove(rep.address, stored.uid)
        self.world.mail.reset_uid_validity(rep.address)

    # --- in the middle of a hand-off --------------------------------------------------------------------------------------------------

    def interfere(self, name: str, message: Outgoing) -> None:
        """Try to stop or pause while a message is between the gate and the dot. It has to wait, and is done directly afterwards."""
        rows = self.world.eye.all("SELECT enrollment_id FROM messages WHERE key = %s", (message.key,))
        enrollment, address = rows[0]["enrollment_id"], message.sender

        def act() -> None:
            if name == "stop in flight":
                self._stop(enrollment)
            else:
                self._set_mailbox(address, paused=True)
                self.later(timedelta(hours=2), lambda: self._set_mailbox(address, paused=False))

        try:
            act()
        except psycopg.errors.LockNotAvailable:
            self.world.sometimes["a stop waited for a message in flight"] += 1
            self.world.at(self.world.clock.now(), act)

    def stop_at_the_gate(self, name: str, sending: Any) -> None:
        """Stop a message whose gate waits for its locks: by its address, its sequence or its enrollment."""
        if name.startswith("suppressed"):
            self.world.truth.suppressed_by_hand.add(sending.outgoing.recipient)
            with self.tx() as tx:
                suppress_address(tx, "address", sending.outgoing.recipient, "asked by telephone")
        elif name.startswith("sequence"):
            plan = next(each for each, number in self.world.sequences.items() if number == sending.sequence_id)
            self._set_sequence(plan, paused=True)
            self.later(timedelta(hours=2), lambda: self._set_sequence(plan, paused=False))
        else:
            self._stop(sending.enrollment_id)

    # --- the end ----------------------------------------------------------------------------------------------------------------------

    def heal(self) -> None:
        """Everything works again: passwords, mailboxes, sequences."""
        for rep in REPS:
            self.give_new_password(rep.address)
            self._set_mailbox(rep.address, paused=False)
        for name in self.world.sequences:
            self._set_sequence(name, paused=False)

    def clear_desk(self) -> None:
        """The reps do what lies on their desks, so that everything can come to its end."""
        for row in self.world.eye.all("SELECT id FROM tasks WHERE state = 'open' ORDER BY id"):
            with self.tx() as tx:
                resolve_task(tx, TaskId(row["id"]), "complete")
        self.decide_unknown()
        self.close_breakers()
        rows = self.world.eye.all("SELECT id FROM enrollments WHERE state = 'paused' AND resume_at IS NULL ORDER BY id")
        with suppress(psycopg.errors.LockNotAvailable), self.tx() as tx:
            resume_enrollments(tx, [row["id"] for row in rows])
