"""How a simulated world is made, and what came of it."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a world is and how rough."""

    days: int = 30
    contacts: int = 24
    workers: int = 2
    crash_rate: float = 0.004
    call_rate: float = 0.07
    midway_rate: float = 0.03
    around_rate: float = 0.02
    kinds: frozenset[str] | None = None
    tempers: tuple[str, ...] = ()
    """Only these kinds of people; empty: all, as `people.TEMPERS` weighs them."""
    plans: tuple[str, ...] = ()
    """Only these sequences; empty: all."""
    acts: tuple[str, ...] = ()
    """Only these acts of the reps, by the names of their functions; empty: all."""
    full: bool = False
    """With everything that came after the first worlds: acts of `changes`, branches, and the faults of `faults.LATER`."""


@dataclass(slots=True)
class Outcome:
    """What a world came to."""

    seed: int
    violations: list[str]
    digest: str
    faults: Counter[str] = field(default_factory=Counter)
    sometimes: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    days: float = 0.0
