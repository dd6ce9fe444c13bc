"""The contacts of a simulated world and what they do when a mail reaches them. The ledger of causes is the truth that the checker judges by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zlib import crc32

from segue.providers.mail.fake_world import SENT, Acceptance, FakeMailWorld
from world import letters

TEMPERS = {
    "silent": 30,
    "replies": 14,
    "replies from elsewhere": 6,
    "writes anew": 6,
    "writes from an alias": 5,
    "is away": 10,
    "is away, then replies": 6,
    "bounces": 7,
    "bounces without trace": 4,
    "is delayed": 4,
    "opts out in words": 3,
    "complains": 3,
    "replies late": 5,
}

QUIETLY = ("silent", "silent", "has left", "has a full box", "has a ticket desk", "is spoken of falsely")
"""What becomes of the silent ones, by their address and without dice, so that worlds that once found something stay what they were."""

ENDS = {
    "replies": "REPLIED",
    "replies late": "REPLIED",
    "replies from elsewhere": "REPLIED",
    "is away, then replies": "REPLIED",
    "opts out in words": "REPLIED",
    "writes anew": "CONTACT_EMAILED",
    "writes from an alias": "ALIAS_EMAILED",
    "bounces": "BOUNCED",
    "complains": "SPAM_COMPLAINT",
    "has left": "ADDRESS_RETIRED",
    "has a full box": "BOUNCED",
}
"""The reason with which each temper's mail ends an enrollment; those that are missing end nothing."""


@dataclass(slots=True)
class Person:
    """A contact: how they are, at which mail they react, and how many have reached them."""

    email: str
    contact_id: int
    alias: str
    temper: str
    reacts_at: int
    mails: int = 0
    country: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A mail that somebody's mail system delivered to one of our mailboxes. `ends` is the reason it must end an enrollment with, or empty."""

    inbound_id: str
    at: datetime
    mailbox: str
    contact: str
    key: str
    what: str
    ends: str


class People:
    """All contacts. `react` is the world's hook: called at each acceptance, it schedules what comes back."""

    def __init__(self, random: Random, only: Sequence[str] = ()) -> None:
        self.random = random
        self.tempers = {name: weight for name, weight in TEMPERS.items() if not only or name in only}
        self.known: dict[str, Person] = {}
        self.causes: list[Cause] = []
        self._numbers = 0

    def add(self, email: str, contact_id: int, alias: str) -> Person:
        temper = self.random.choices(list(self.tempers), list(self.tempers.values()))[0]
        if temper == "silent" and "silent" in self.tempers:
            temper = QUIETLY[crc32(email.encode()) % len(QUIETLY)]
        person = self.known[email] = Person(email, contact_id, alias, temper, self.random.choice((1, 1, 2, 3)))
        return person

    def react(self, world: FakeMailWorld, acceptance: Acceptance) -> None:
        person = self.known[acceptance.recipient]
        person.mails += 1
        if person.mails < person.reacts_at:
            return
        received = as_received(world, acceptance)
        for after, what, write in self._answers(person, acceptance, received):
            self._numbers += 1
            number, at = self._numbers, acceptance.accepted_at + after
            raw = write(number, at)
            ends = ENDS.get(person.temper, "") if what in ("answer", "left") else ""
            if what == "notice" and person.temper in ("bounces", "has a full box"):
                ends = "BOUNCED"
            if what == "complaint":
                ends = "SPAM_COMPLAINT"
            self.causes.append(Cause(letters.header(raw, "Message-ID"), at, acceptance.sender, person.email, acceptance.key, what, ends))
            world.deliver_at(at, acceptance.sender, raw)

    def _answers(
        self, person: Person, acceptance: Acceptance, received: bytes
    ) -> list[tuple[timedelta, str, Callable[[int, datetime], bytes]]]:
        """Return (delay, what, writer) of each mail that comes back."""
        ours, minutes = acceptance.sender, self.random.choice((0, 1, 2, 7, 45, 300, 1440, 4000))
        soon = timedelta(minutes=minutes, seconds=self.random.randrange(60))
        away = (timedelta(seconds=self.random.randrange(1, 90)), "away", self._away(person, ours, received))

        def says(sender: str, text: str, *, answers: bytes = received) -> Callable[[int, datetime], bytes]:
            return lambda number, at: letters.person_mail(number, at, sender, ours, text, answers=answers)

        def notice(action: str, returned: bytes) -> Callable[[int, datetime], bytes]:
            return lambda number, at: letters.delivery_notice(number, at, ours, person.email, action=action, returned=returned)

        def away_says(text: str) -> Callable[[int, datetime], bytes]:
            return lambda number, at: letters.away_mail(number, at, person.email, ours, text, answers=received)

        kind = person.temper
        answers: dict[str, list[tuple[timedelta, str, Callable[[int, datetime], bytes]]]] = {
            "silent": [],
            "replies": [(soon, "answer", says(person.email, "Thanks, let us talk."))],
            "replies late": [(timedelta(days=3) + soon, "answer", says(person.email, "Sorry for the delay. Tell me more."))],
            "replies from elsewhere": [(soon, "answer", says(f"assistant@{person.email.partition('@')[2]}", "I answer for my boss: yes."))],
            "writes anew": [(soon, "answer", says(person.email, "By the way, what does it cost?", answers=b""))],
            "writes from an alias": [(soon, "answer", says(person.alias, "From my other address: what does it cost?", answers=b""))],
            "is away": [away],
            "is away, then replies": [away, (timedelta(days=1) + soon, "answer", says(person.email, "Back again. Interesting!"))],
            "bounces": [(soon, "notice", notice("failed", received))],
            "bounces without trace": [(soon, "notice", notice("failed", b""))],
            "is delayed": [(soon, "notice", notice("delayed", received))],
            "opts out in words": [(soon, "answer", says(person.email, "Please remove me from your list."))],
            "has left": [(soon, "left", away_says("I am no longer with the company. Please write to office@prospect.test."))],
            "has a full box": [(soon, "notice", notice("full", received))],
            "has a ticket desk": [(soon, "receipt", away_says("We have received your request. Your ticket number is 4711."))],
            "is spoken of falsely": [(soon, "forgery", _forgery(ours, received))],
            "complains": [(soon, "complaint", lambda number, at: letters.complaint(number, at, ours, received))],
        }
        return answers[kind]

    def _away(self, person: Person, ours: str, received: bytes) -> Callable[[int, datetime], bytes]:
        days = self.random.randrange(2, 9)

        def write(number: int, at: datetime) -> bytes:
            back = at + timedelta(days=days)
            text = f"I am out of the office. I will be back on {back:%d %B %Y}." if days % 2 else "I am out of the office at the moment."
            return letters.away_mail(number, at, person.email, ours, text, answers=received)

        return write


def _forgery(ours: str, received: bytes) -> Callable[[int, datetime], bytes]:
    """Somebody who has our mail says that another address is dead (S16)."""
    return lambda number, at: letters.delivery_notice(number, at, ours, "nobody@forged.test", action="failed", returned=received)


def as_received(world: FakeMailWorld, acceptance: Acceptance) -> bytes:
    """Return a mail as its recipient has it: with the Message-ID that the sending server put in place of ours, where it does so."""
    box = world.mailbox(acceptance.sender)
    assert box is not None
    uid = box.sent_by_key.get(acceptance.key)
    if box.files_sent_copies and uid is not None:
        return next(stored.raw for stored in box.folders[SENT].messages if stored.uid == uid)
    return acceptance.wire
