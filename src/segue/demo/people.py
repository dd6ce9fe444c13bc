"""What the contacts do when a mail reaches them: each by nature, after a time of its own, in the mail world."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import Message
from email.policy import default
from zoneinfo import ZoneInfo

from segue.demo import letters
from segue.demo.cast import Dice, Nature, Person
from segue.providers.mail.fake_world import Acceptance, FakeMailWorld

YES = (
    "Thanks for writing. This comes at a good moment: can you do Thursday afternoon?",
    "Interesting. Please send me prices for forty people.",
    "Not my area, but I have passed it on to our head of operations.",
    "We have signed with somebody else last month. Ask again in a year?",
    "Yes, let us talk. My calendar is open next week.",
)


class People:
    """All contacts, alive. `mail_arrives` is called for every acceptance, in order."""

    def __init__(self, cast: Sequence[Person], dice: Dice) -> None:
        self._by_address = {person.address: person for person in cast}
        self._dice = dice
        self._received: dict[str, int] = {}
        self._back: dict[str, datetime] = {}

    def mail_arrives(self, world: FakeMailWorld, acceptance: Acceptance) -> None:
        """Let the recipient of an accepted mail react, if it is the mail that this one reacts to."""
        person = self._by_address.get(acceptance.recipient)
        if person is None:
            return
        number = self._received[person.address] = self._received.get(person.address, 0) + 1
        mail = message_from_bytes(acceptance.wire, policy=default)
        written = self._react(person, number, mail, acceptance.accepted_at)
        if written is not None:
            at, raw = written
            world.deliver_at(at, acceptance.sender, raw)

    def _react(self, person: Person, number: int, mail: Message, now: datetime) -> tuple[datetime, bytes] | None:
        match person.nature:
            case Nature.BOUNCES if number == 1:
                at = now + timedelta(seconds=self._roll(person, "bounce", 5, 90))
                return at, letters.bounce(person, mail, at)
            case Nature.HOLIDAY:
                return self._holiday(person, number, mail, now)
            case Nature.REPLIES if number == self._roll(person, "which", 1, 4):
                at = self._later(person, now)
                return at, letters.reply(person, mail, at, self._words(person))
            case Nature.OTHER_ADDRESS if number == self._roll(person, "which", 1, 2):
                at = self._later(person, now)
                return at, letters.reply(person, mail, at, self._words(person), sender=f"{person.first_name.lower()}@{letters.ELSEWHERE}")
            case Nature.NEW_MAIL if number == self._roll(person, "which", 1, 3):
                at = self._later(person, now)
                return at, letters.new_mail(person, mail, at, "Do you work with companies in our country at all?")
            case Nature.OPTS_OUT if number == self._roll(person, "which", 1, 3):
                at = self._later(person, now)
                return at, letters.reply(person, mail, at, "Please remove me from your list.")
            case Nature.COMPLAINS if number == 2:
                at = self._later(person, now)
                return at, letters.complaint(person, mail, at)
        return None

    def _holiday(self, person: Person, number: int, mail: Message, now: datetime) -> tuple[datetime, bytes] | None:
        """One automatic answer for each absence (RFC 3834 §2); some answer for themselves once they are back."""
        if number == self._roll(person, "leaves", 1, 2):
            local = now.astimezone(ZoneInfo(person.timezone))
            back = local + timedelta(days=self._roll(person, "away", 4, 9))
            self._back[person.address] = back
            at = now + timedelta(seconds=self._roll(person, "note", 20, 60))
            return at, letters.away_note(person, mail, at, back.date())
        if person.address in self._back and now > self._back[person.address] and self._roll(person, "answers", 0, 2) == 0:
            del self._back[person.address]
            at = self._later(person, now)
            return at, letters.reply(person, mail, at, "Back from holiday now. Tell me more.")
        return None

    def _later(self, person: Person, now: datetime) -> datetime:
        """Return when the person gets round to it: minutes to two days later, and by day."""
        at = now + timedelta(minutes=self._roll(person, "later", 10, 48 * 60))
        local = at.astimezone(ZoneInfo(person.timezone))
        if 8 <= local.hour < 22:
            return at
        hours = (9 - local.hour) % 24
        return at + timedelta(hours=hours)

    def _words(self, person: Person) -> str:
        return YES[self._roll(person, "words", 0, len(YES) - 1)]

    def _roll(self, person: Person, what: str, low: int, high: int) -> int:
        return self._dice.number(f"{person.address} {what}", low, high)
