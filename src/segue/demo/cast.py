"""Who takes part in the demo: three reps, forty contacts in ten time zones, and what each contact will do. All of it is made up."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import (
    EmailSettings,
    FinishSettings,
    SequenceSettings,
    Step,
    StepSettings,
    TaskKind,
    TaskSettings,
    ZoneMode,
)
from segue.domain.sequence import Sequence as SequenceContent


@dataclass(frozen=True, slots=True)
class Dice:
    """Chance that is the same in every run with the same seed: a hash of the seed and of what is asked."""

    seed: int

    def number(self, what: str, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both included."""
        digest = hashlib.blake2b(f"{self.seed}/{what}".encode(), digest_size=8).digest()
        return low + int.from_bytes(digest, "big") % (high - low + 1)


class Nature(StrEnum):
    """What a contact will do."""

    SILENT = "stay silent"
    REPLIES = "reply in the thread"
    OTHER_ADDRESS = "reply from another address"
    NEW_MAIL = "write a new mail"
    HOLIDAY = "be on holiday"
    BOUNCES = "have a dead address"
    OPTS_OUT = "ask to be left alone"
    COMPLAINS = "report spam"
    GOOD_CALL = "say yes on the telephone"


HOW_MANY = Counter(
    {
        Nature.REPLIES: 6,
        Nature.OTHER_ADDRESS: 2,
        Nature.NEW_MAIL: 2,
        Nature.HOLIDAY: 5,
        Nature.BOUNCES: 2,  # a third among the first thirty would open the sequence's breaker (SEQ-106)
        Nature.OPTS_OUT: 2,
        Nature.COMPLAINS: 1,
        Nature.GOOD_CALL: 2,
    }
)
"""The rest stays silent."""


@dataclass(frozen=True, slots=True)
class Rep:
    """A person who sells. All three work in one company."""

    name: str
    address: str
    timezone: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


@dataclass(frozen=True, slots=True)
class Person:
    """A contact. `domain` is the company's."""

    first_name: str
    last_name: str
    company: str
    domain: str
    timezone: str
    nature: Nature = Nature.SILENT

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def address(self) -> str:
        return f"{self.first_name}.{self.last_name}@{self.domain}".lower()


REPS = (
    Rep("Rita Vogel", "rita@halden.test", "Europe/Berlin"),
    Rep("Tom Okafor", "tom@halden.test", "Europe/London"),
    Rep("June Park", "june@halden.test", "America/New_York"),
)

_COMPANIES = (
    ("Kite Foods", "kitefoods.example", "America/New_York", "Anna Kowalski, Bruno Lima, Chloe Martin, David Osei"),
    ("Nordlicht Optik", "nordlicht.example", "Europe/Berlin", "Erik Hansen, Frieda Lang, Gregor Wolf, Hanna Ziegler"),
    ("Blue Harbor", "blueharbor.example", "America/Los_Angeles", "Ivy Chen, Jack Rivera, Kira Novak, Liam Walsh"),
    ("Atelier Moreau", "moreau.example", "Europe/Paris", "Maya Moreau, Noah Petit, Olivia Blanc, Paul Girard"),
    ("Tern & Sons", "tern.example", "Europe/London", "Quinn Harris, Rosa Bell, Samir Khan, Tessa Wood"),
    ("Sakura Works", "sakura.example", "Asia/Tokyo", "Umi Tanaka, Vera Sato, Wen Mori, Yuki Ito"),
    ("Casa Verde", "casaverde.example", "America/Sao_Paulo", "Zoe Alves, Artur Rocha, Bela Costa, Caio Dias"),
    ("Indus Grid", "indusgrid.example", "Asia/Kolkata", "Dev Mehta, Esha Rao, Farah Ali, Gita Nair"),
    ("Southern Sail", "southernsail.example", "Australia/Sydney", "Hugo Reid, Isla Grant, Jonah Price, Kate Lowe"),
    ("Prairie Data", "prairie.example", "America/Chicago", "Leo Adams, Mia Brooks, Nora Diaz, Omar Ellis"),
)


def make_cast(dice: Dice) -> tuple[Person, ...]:
    """Return the forty contacts with their natures dealt out."""
    plain = [
        (first, last, company, domain, zone)
        for company, domain, zone, people in _COMPANIES
        for first, last in (name.split() for name in people.split(", "))
    ]
    dealt = _deal(dice, [f"{first} {last}" for first, last, *_ in plain])
    return tuple(Person(*each, dealt[f"{each[0]} {each[1]}"]) for each in plain)


def _deal(dice: Dice, names: Sequence[str]) -> dict[str, Nature]:
    shuffled = sorted(names, key=lambda name: (dice.number(f"deal {name}", 0, 1 << 60), name))
    natures = [*HOW_MANY.elements()]
    natures += [Nature.SILENT] * (len(names) - len(natures))
    return dict(zip(shuffled, natures, strict=True))


TITLES = ("Hello", "Follow-up", "Call", "Example", "Goodbye")
"""The five steps in one word each."""

_HELLO = """Hi {{ contact.first_name }},

I noticed that {{ contact.company }} plans its deliveries by hand. Halden does that part
for companies of your size, and most save a day a week.

Would a short call next week be of use?

{{ sender.first_name }}
"""
_FOLLOW_UP = """Hi {{ contact.first_name }},

Did my note reach you at a busy time? A yes or a no are both fine.

{{ sender.first_name }}
"""
_EXAMPLE = """Hi {{ contact.first_name }},

I tried to reach you by telephone. Here is what another company did with Halden:
two planners, three weeks, one spreadsheet less.

{{ sender.first_name }}
"""
_GOODBYE = """Hi {{ contact.first_name }},

I take it that this is not the time, and will not write again. If that changes, just
answer this mail.

All the best to everybody at {{ contact.company }}
{{ sender.first_name }}
"""


def make_sequence() -> SequenceContent:
    """Return the five steps: email, email in the thread, call, email, email; follow-ups 9 to 5 on the contact's working days."""
    days = [timedelta(days=n) for n in (0, 2, 1, 2, 2)]
    settings: tuple[StepSettings, ...] = (
        EmailSettings(subject="Planning at {{ contact.company }}", body=_HELLO),
        EmailSettings(body=_FOLLOW_UP),
        TaskSettings(TaskKind.CALL, subject="Call {{ contact.full_name }}"),
        EmailSettings(body=_EXAMPLE),
        EmailSettings(body=_GOODBYE),
    )
    types = ("email", "email", "call", "email", "email")
    steps = [
        Step(StepKey(title.lower()), kind, each, delay) for title, kind, each, delay in zip(TITLES, types, settings, days, strict=True)
    ]
    end = Step(StepKey("end"), "finish", FinishSettings(), timedelta(days=1))
    window = SendWindow(540, 1020, DayMode.BUSINESS_DAYS)
    return SequenceContent("First contact", (*steps, end), SequenceSettings(window=window, zone_mode=ZoneMode.CONTACT))
