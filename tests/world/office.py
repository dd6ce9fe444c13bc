"""The office of a simulated world: reps with mailboxes in several zones and the sequences they run, told twice.

Once as the engine's own sequences, and once as `PlainStep` and `PlainSequence`: the same numbers in a form that shares no code with the engine,
for the checker to judge by.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from make import email, sequence, task
from segue.domain.conditions import read_condition
from segue.domain.ids import StepKey
from segue.domain.send_window import DayMode, SendWindow
from segue.domain.sequence import BranchSettings, Sequence, Step, WaitSettings, ZoneMode


@dataclass(frozen=True, slots=True)
class Rep:
    """A sender: address, zone, limits, and what their mail server is like."""

    address: str
    zone: str
    per_day: int
    per_minute: int
    spacing_s: int
    files_sent_copies: bool
    rewrites_ids: bool


REPS = (
    Rep("rita@acme.test", "Europe/Berlin", 6, 3, 30, files_sent_copies=True, rewrites_ids=True),
    Rep("noah@acme.test", "America/New_York", 8, 1, 20, files_sent_copies=True, rewrites_ids=False),
    Rep("asha@acme.test", "Asia/Kolkata", 5, 2, 90, files_sent_copies=False, rewrites_ids=False),
)

SHARE = 0.9
"""The part of a mailbox's limit that sequences may use (SEQ-89)."""


@dataclass(frozen=True, slots=True)
class PlainStep:
    """A step as the checker knows it: key, email, task (waited for or not), wait, branch or finish, and its delay in seconds."""

    key: str
    kind: str
    delay_s: int
    waits: bool = False
    country: str = ""
    """Stands on the way of a branch that only contacts of this country take; empty: on everybody's."""


@dataclass(frozen=True, slots=True)
class PlainSequence:
    """A sequence as the checker knows it: window in minutes of the local day, which days count, whose zone."""

    name: str
    steps: tuple[PlainStep, ...]
    start_minute: int
    end_minute: int
    mode: str
    fixed_zone: str = ""
    hold_first: bool = False
    threaded: bool = True

    def way(self, country: str) -> "PlainSequence":
        """Return what a contact of this country goes through (SEQ-191)."""
        return replace(self, steps=tuple(step for step in self.steps if step.country in ("", country)))

    def changed(self) -> "PlainSequence":
        """Return another version: a day more in front of each follow-up, and one more email before the end (SEQ-132)."""
        later = tuple(
            replace(step, delay_s=step.delay_s + DAY) if step.kind == "email" and n else step for n, step in enumerate(self.steps[:-1])
        )
        return replace(self, steps=(*later, PlainStep("more", "email", DAY), self.steps[-1]))


DAY, HOUR = 86400, 3600

PLANS = (
    PlainSequence(
        "Classic",
        (
            PlainStep("a", "email", 0),
            PlainStep("b", "email", 2 * DAY),
            PlainStep("c", "email", 3 * DAY),
            PlainStep("finish", "finish", DAY),
        ),
        9 * 60,
        17 * 60,
        "EVERYDAY",
    ),
    PlainSequence(
        "Call first",
        (
            PlainStep("a", "email", 0),
            PlainStep("call", "task", DAY, waits=True),
            PlainStep("b", "email", DAY),
            PlainStep("note", "task", 0),
            PlainStep("c", "email", 2 * DAY + 4 * HOUR),
            PlainStep("finish", "finish", DAY),
        ),
        10 * 60,
        11 * 60 + 30,
        "WEEKDAYS_ONLY",
    ),
    PlainSequence(
        "Hurry",
        (
            PlainStep("a", "email", 0),
            PlainStep("b", "email", HOUR),
            PlainStep("rest", "wait", HOUR),
            PlainStep("c", "email", HOUR),
            PlainStep("d", "email", 2 * HOUR),
            PlainStep("finish", "finish", DAY),
        ),
        8 * 60,
        20 * 60,
        "EVERYDAY",
        threaded=False,
    ),
    PlainSequence(
        "Patient",
        (PlainStep("a", "email", DAY), PlainStep("b", "email", 3 * DAY), PlainStep("c", "email", DAY), PlainStep("finish", "finish", DAY)),
        9 * 60,
        10 * 60,
        "BUSINESS_DAYS",
        fixed_zone="Asia/Tokyo",
    ),
    PlainSequence(
        "Held",
        (PlainStep("a", "email", 0), PlainStep("b", "email", 2 * DAY), PlainStep("finish", "finish", DAY)),
        14 * 60,
        15 * 60,
        "BUSINESS_DAYS",
        hold_first=True,
    ),
    PlainSequence(
        "Narrow",
        (PlainStep("a", "email", 0), PlainStep("b", "email", DAY), PlainStep("finish", "finish", DAY)),
        13 * 60,
        13 * 60 + 6,
        "EVERYDAY",
        hold_first=True,
    ),
)

COUNTRIES = ("DE", "US")
"""Contacts of the first take the one way of "Two ways", those of the second the other."""
TWO_WAYS = PlainSequence(
    "Two ways",
    (
        PlainStep("a", "email", 0),
        PlainStep("ask", "branch", DAY),
        PlainStep("yes", "email", HOUR, country="DE"),
        PlainStep("no", "email", DAY, country="US"),
        PlainStep("last", "email", DAY),
        PlainStep("finish", "finish", DAY),
    ),
    9 * 60,
    18 * 60,
    "EVERYDAY",
)
"""Begun in full worlds alone, so that worlds that once found something stay what they were."""


def as_sequence(plan: PlainSequence) -> Sequence:
    """Return the engine's form of a plan."""
    window = SendWindow(plan.start_minute, plan.end_minute, DayMode(plan.mode))
    more: dict[str, object] = {"hold_first_email": plan.hold_first, "threaded": plan.threaded}
    if plan.fixed_zone:
        more |= {"zone_mode": ZoneMode.FIXED, "fixed_zone": plan.fixed_zone}
    return sequence(*[_step(plan, step) for step in plan.steps if step.kind != "finish"], name=plan.name, window=window, **more)


def _step(plan: PlainSequence, step: PlainStep) -> Step:
    after = timedelta(seconds=step.delay_s)
    if step.kind == "email":
        subject = f"{plan.name} {step.key} for {{{{ contact.first_name }}}}" if step.key == "a" or not plan.threaded else ""
        made = email(step.key, f"Hello {{{{ contact.first_name }}}}, this is {step.key}.", after=after, subject=subject)
        return replace(made, then="last") if step.country == "DE" else made
    if step.kind == "branch":
        return Step(
            StepKey(step.key), "branch", BranchSettings((read_condition({"property": "country", "is": "DE"}),), yes="yes", no="no"), after
        )
    if step.kind == "task":
        return task(step.key, after=after, wait=step.waits)
    return Step(StepKey(step.key), "wait", WaitSettings(), after)
