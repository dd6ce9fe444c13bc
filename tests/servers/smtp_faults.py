"""What a faulty SMTP server can do, and who chooses it: the SMTP part of the fault catalogue (reliability.md §7)."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

CONNECTION_STAGES = ("banner", "ehlo", "starttls", "auth")
MESSAGE_STAGES = ("mail", "rcpt", "data", "body", "dot")


@dataclass(frozen=True)
class Fault:
    """`kind` at `stage`. At the dot, `accepted` says whether the message was taken before things went wrong.

    Kinds: reply (says `reply`) · hang (says nothing more) · drop (closes) · garble (says what is no reply) · drip (the right answer, a
    byte at a time) · late (drops at once, accepts `seconds` later).
    """

    kind: str
    stage: str
    reply: str = ""
    accepted: bool = False
    seconds: float = 0.05

    @property
    def name(self) -> str:
        """What it is counted as."""
        code = "_" + self.reply.split(" ", 1)[0] if self.reply else ""
        return f"{'accept_then_' if self.accepted else ''}{self.kind}{code}_{self.stage}"


CATALOGUE: tuple[Fault, ...] = (
    Fault("reply", "banner", "421 4.3.2 going down"),
    Fault("garble", "banner"),
    Fault("hang", "ehlo"),
    Fault("hang", "auth"),
    Fault("reply", "auth", "454 4.7.0 try again"),
    *(Fault("hang", stage) for stage in MESSAGE_STAGES),
    *(Fault("drop", stage) for stage in MESSAGE_STAGES),
    *(Fault("garble", stage) for stage in ("mail", "rcpt", "data")),
    Fault("reply", "mail", "421 4.3.2 closing"),
    Fault("reply", "mail", "452 4.3.1 no space"),
    Fault("reply", "rcpt", "450 4.2.0 greylisted"),
    Fault("reply", "rcpt", "451 4.7.1 greylisted"),
    Fault("reply", "rcpt", "550 5.1.1 no such user"),
    Fault("reply", "rcpt", "550 5.7.1 blocked by policy"),
    Fault("reply", "rcpt", "552 5.2.2 over quota"),
    Fault("reply", "data", "451 4.3.0 later"),
    Fault("reply", "dot", "421 4.7.28 too much mail"),
    Fault("reply", "dot", "451 4.3.0 later"),
    Fault("reply", "dot", "554 5.7.1 spam"),
    Fault("drop", "dot", accepted=True),
    Fault("hang", "dot", accepted=True),
    Fault("garble", "dot", accepted=True),
    Fault("drip", "dot", accepted=True),
    Fault("late", "dot", seconds=0.5),
)
"""The SMTP part of the fault catalogue (reliability.md §7) that an honest or broken server can show.

`Fault("reply", "dot", "451 …", accepted=True)` is not in it: a server that keeps a message it refused makes every client send it twice.
"""

Chooser = Callable[[str, int], Fault | None]
"""Asked with "connection" or "message" and a running number."""


def by_seed(seed: int, rate: float, catalogue: tuple[Fault, ...] = CATALOGUE) -> Chooser:
    """Return a chooser that lets `rate` of connections and messages fail, the same ones for the same seed and number."""
    for_connection = [f for f in catalogue if f.stage in CONNECTION_STAGES]
    for_message = [f for f in catalogue if f.stage in MESSAGE_STAGES]

    def choose(what: str, number: int) -> Fault | None:
        dice = random.Random(f"{seed}/{what}/{number}")
        faults = for_connection if what == "connection" else for_message
        return dice.choice(faults) if faults and dice.random() < rate else None

    return choose


def in_order(*faults: Fault | None) -> Chooser:
    """Return a chooser that gives the faults one by one, each to the first connection or message that it fits, then none."""
    left = list(faults)
    lock = threading.Lock()

    def choose(what: str, number: int) -> Fault | None:
        with lock:
            if not left:
                return None
            first = left[0]
            stages = CONNECTION_STAGES if what == "connection" else MESSAGE_STAGES
            if first is not None and first.stage not in stages:
                return None
            if first is None and what == "connection":
                return None
            return left.pop(0)

    return choose
