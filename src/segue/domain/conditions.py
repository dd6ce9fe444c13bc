"""Questions that a sequence asks about one enrollment: of a branch step (SEQ-191) and of an exit rule (SEQ-172).

One form for file, database and API: `{"property": "country", "is": "DE"}`, `{"clicked": "intro", "at_least": 2}`. The first entry says what
the question is about and names the thing; the second, where there is one, compares.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from segue.domain.ids import StepKey

ANY = "any"
"""Stands for every step, every sequence, every list."""

ABOUT: dict[str, tuple[str, ...]] = {
    "property": ("is", "is_not", "contains", "known"),
    "opened": ("at_least",),
    "clicked": ("at_least",),
    "replied_to": (),
    "task": ("outcome",),
    "in_list": (),
    "not_in_list": (),
    "variant": ("is",),
    "wrote_in_thread": (),
}
"""What may be asked, and how each is compared. Without a comparison: is there a value, at least one, any outcome."""

UNTOLD = frozenset({"property", "in_list", "not_in_list", "opened", "clicked"})
"""What may change without a fact that stops anything, as by an import, or as opens and clicks do (S20): an open question about it is asked
again from time to time."""

_NOTHING: Mapping[Any, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Condition:
    """One question. `relation` and `value` are empty where the thing itself is the question."""

    about: str
    name: str
    relation: str = ""
    value: str = ""

    @property
    def problem(self) -> str:
        """Return what is wrong with a condition that could not be read empty for any other."""
        return "" if self.about else self.name

    def plain(self) -> dict[str, str | int | bool]:
        """Return the form of files and databases."""
        if not self.relation:
            return {self.about: self.name}
        if self.relation == "known":
            return {self.about: self.name, "known": self.value != "false"}
        number = self.relation == "at_least" or (self.about == "variant" and self.value.isdecimal())
        return {self.about: self.name, self.relation: int(self.value) if number else self.value}

    def __str__(self) -> str:
        asked = {
            "in_list": "in the list",
            "not_in_list": "not in the list",
            "replied_to": "replied to",
            "wrote_in_thread": "wrote in the thread of",
        }
        words = f"{asked.get(self.about, self.about)} {self.name}"
        return f"{words} {self.relation.replace('_', ' ')} {self.value}".rstrip() if self.relation else words


def read_condition(plain: Mapping[str, Any]) -> Condition:
    """Return the condition that `plain` made; one that cannot be read has a `problem`."""
    about = [name for name in plain if name in ABOUT]
    if len(about) != 1:
        return Condition("", f"A condition asks about one of {', '.join(ABOUT)}.")
    others = [name for name in plain if name != about[0]]
    allowed = ABOUT.get(about[0], ())
    if len(others) > 1 or any(name not in allowed for name in others):
        return Condition("", f"Beside `{about[0]}` may stand {' or '.join(f'`{each}`' for each in allowed) or 'nothing'}.")
    relation = others[0] if others else ""
    value = plain[relation] if relation else ""
    return Condition(about[0], str(plain[about[0]]), relation, str(value).lower() if isinstance(value, bool) else str(value))


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """What became of a task: `state` is open, completed, skipped or deleted; `outcome` what a person noted, such as connected."""

    state: str
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """All that conditions of one enrollment may ask for, as of this moment. None: nobody can say, so the answer is *no* (SEQ-191)."""

    contact: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    opens: Mapping[StepKey, int] | None = field(default_factory=lambda: _NOTHING)
    """Human opens by step; machines are left out."""
    clicks: Mapping[StepKey, int] | None = field(default_factory=lambda: _NOTHING)
    replied_to: frozenset[str] = frozenset()
    """Names, in lower case, of other sequences that this person has replied to."""
    tasks: Mapping[StepKey, TaskOutcome] = field(default_factory=lambda: _NOTHING)
    lists: frozenset[str] | None = frozenset()
    """Names of lists, in lower case."""
    unread_lists: frozenset[str] = frozenset()
    """Saved filters that cannot be read any more, in lower case."""
    variants: Mapping[StepKey, int] = field(default_factory=lambda: _NOTHING)
    wrote_in_thread: int = 0
    """Mails that the rep wrote in the mail program, in the thread of the sequence or for one of its tasks (SEQ-172)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it holds, and the value that was seen, for the timeline."""

    holds: bool
    seen: str


def ask(condition: Condition, known: Known) -> Answer:
    """Answer one question. What cannot be answered is *no*."""
    return _ASK.get(condition.about, _unanswered)(condition, known)


def ask_all(conditions: Iterable[Condition], match: str, known: Known) -> Answer:
    """Answer a branch: all of the conditions, or with `match` "any" one of them; `seen` tells each with its value."""
    answers = [(condition, ask(condition, known)) for condition in conditions]
    holds = [answer.holds for _, answer in answers]
    seen = "; ".join(f"{condition}: {answer.seen}" for condition, answer in answers)
    return Answer(any(holds) if match == "any" else bool(holds) and all(holds), seen)


def _property(condition: Condition, known: Known) -> Answer:
    value = known.contact.get(condition.name)
    text = "" if value is None else str(value)
    same, wanted = text.strip().casefold(), condition.value.strip().casefold()
    compared = {"": bool(same), "known": bool(same) is (wanted != "false"), "is": same == wanted, "is_not": same != wanted}
    return Answer(wanted in same if condition.relation == "contains" else compared[condition.relation], text or "no value")


def _counted(counts: Mapping[StepKey, int] | None, condition: Condition) -> Answer:
    if counts is None:
        return Answer(holds=False, seen="not known")
    number = sum(counts.values()) if condition.name == ANY else counts.get(StepKey(condition.name), 0)
    return Answer(number >= int(condition.value or 1), str(number))


def _replied_to(condition: Condition, known: Known) -> Answer:
    names = known.replied_to if condition.name == ANY else known.replied_to & {condition.name.casefold()}
    return Answer(bool(names), ", ".join(sorted(names)) or "none")


def _task(condition: Condition, known: Known) -> Answer:
    asked = list(known.tasks.values()) if condition.name == ANY else [each for key, each in known.tasks.items() if key == condition.name]
    done = [each for each in asked if each.state == "completed"]
    wanted = condition.value.strip().casefold()
    seen = ", ".join(each.outcome or each.state for each in asked) or "no task"
    return Answer(any(not wanted or each.outcome.strip().casefold() == wanted for each in done), seen)


def _in_list(condition: Condition, known: Known) -> Answer:
    if known.lists is None or condition.name.casefold() in known.unread_lists:
        return Answer(holds=False, seen="not known")
    member = bool(known.lists) if condition.name == ANY else condition.name.casefold() in known.lists
    return Answer(member is (condition.about == "in_list"), "yes" if member else "no")


def _variant(condition: Condition, known: Known) -> Answer:
    drawn = known.variants.get(StepKey(condition.name))
    return Answer(drawn is not None and str(drawn) == condition.value, "none" if drawn is None else str(drawn))


def _wrote(condition: Condition, known: Known) -> Answer:  # noqa: ARG001  of one enrollment there is one thread to ask about
    return Answer(known.wrote_in_thread > 0, str(known.wrote_in_thread))


def _unanswered(condition: Condition, known: Known) -> Answer:  # noqa: ARG001  nothing that is known answers it
    return Answer(holds=False, seen="not known")


_ASK = {
    "property": _property,
    "opened": lambda condition, known: _counted(known.opens, condition),
    "clicked": lambda condition, known: _counted(known.clicks, condition),
    "replied_to": _replied_to,
    "task": _task,
    "in_list": _in_list,
    "not_in_list": _in_list,
    "variant": _variant,
    "wrote_in_thread": _wrote,
}
