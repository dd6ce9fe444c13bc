"""Everything that goes wrong in a simulated world: a catalogue with names, drawn by seed, counted.

A crash is an exception that nothing catches: whoever meets it is thrown away with all it had in memory, and its connections die.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from segue.providers.mail.base import (
    Accepted,
    Checks,
    EvidenceFound,
    FetchedBatch,
    FolderCursor,
    MailboxConfig,
    MailProvider,
    MailSession,
    MayStillSend,
    Outgoing,
)
from segue.providers.mail.fake_world import Call, FakeMailWorld, Fault, FaultKind
from segue.providers.mail.outcomes import Stage


class Crash(BaseException):
    """The process dies here."""


HAND_OFF: dict[str, tuple[int, Fault]] = {
    "421 at connect": (3, Fault(FaultKind.REPLY, "421 4.3.2 try again later", Stage.CONNECT)),
    "451 greylisting": (6, Fault(FaultKind.REPLY, "451 4.7.1 greylisted, try again in 5 minutes", Stage.RCPT)),
    "450 mailbox busy": (3, Fault(FaultKind.REPLY, "450 4.2.0 mailbox busy", Stage.RCPT)),
    "452 too many": (3, Fault(FaultKind.REPLY, "452 4.5.3 too many recipients", Stage.RCPT)),
    "421 rate limit": (2, Fault(FaultKind.REPLY, "421 4.7.28 unusual rate of mail", Stage.RCPT)),
    "550 unknown user": (3, Fault(FaultKind.REPLY, "550 5.1.1 no such user here", Stage.RCPT)),
    "550 blocked": (3, Fault(FaultKind.REPLY, "550 5.7.1 blocked by policy", Stage.RCPT)),
    "552 size": (1, Fault(FaultKind.REPLY, "552 5.3.4 message size exceeds limit", Stage.DATA)),
    "535 at sign-in": (2, Fault(FaultKind.REPLY, "535 5.7.8 authentication failed", Stage.AUTH)),
    "530 must authenticate": (1, Fault(FaultKind.REPLY, "530 5.7.0 authentication required", Stage.MAIL)),
    "hang": (4, Fault(FaultKind.HANG)),
    "hang at dot": (4, Fault(FaultKind.HANG_AT_DOT)),
    "drop": (4, Fault(FaultKind.DROP)),
    "drop at dot": (6, Fault(FaultKind.DROP_AT_DOT)),
    "accept then drop": (8, Fault(FaultKind.ACCEPT_THEN_DROP)),
    "lost answer": (8, Fault(FaultKind.LOST_ANSWER)),
    "garbled answer": (6, Fault(FaultKind.GARBLED)),
    "late acceptance": (6, Fault(FaultKind.LATE, after=timedelta(minutes=4))),
    "slow": (8, Fault(FaultKind.SLOW, after=timedelta(seconds=7))),
    "sign-in refused": (2, Fault(FaultKind.SIGN_IN)),
}
"""Name → (weight, fault). A late acceptance comes well before T_settle: the protocol promises nothing else (reliability.md §1)."""

READ: dict[str, tuple[int, Fault]] = {
    "fetch cut": (4, Fault(FaultKind.CUT)),
    "fetch dropped": (3, Fault(FaultKind.DROP)),
    "fetch hangs": (2, Fault(FaultKind.HANG)),
    "fetch: sign-in refused": (1, Fault(FaultKind.SIGN_IN)),
}
ELSEWHERE: dict[str, tuple[int, Fault]] = {"server gone": (1, Fault(FaultKind.DROP))}
BY_CALL = {Call.HAND_OFF: HAND_OFF, Call.FETCH: READ, Call.FIND_EVIDENCE: ELSEWHERE, Call.FILE_SENT_COPY: ELSEWHERE}

REFUSALS = frozenset({"550 unknown user", "552 size"})
"""Refusals of the recipient that end the enrollment at once (mail.md §5)."""
PASSING = frozenset({"451 greylisting", "450 mailbox busy"})
"""Refusals of the recipient that end it when they have gone on for 48 hours (SEQ-104, SEQ-166)."""

MIDWAY = ("freeze beyond H7", "freeze at the dot", "stop in flight", "pause in flight")
"""What may happen to the rest of the world while a message is between the gate and the final dot."""
AROUND = ("freeze with a batch", "duplicated job", "UIDVALIDITY reset", "password changed", "mailbox paused")
CRASHES = tuple(f"crash {when} {what}" for when in ("before", "after") for what in (*(c.value for c in BY_CALL), "commit"))
EARLIER = frozenset((*HAND_OFF, *READ, "server gone", *MIDWAY, *AROUND, *CRASHES))
LATE_STOPS = ("suppressed while the gate waits", "sequence paused while the gate waits", "unenrolled while the gate waits")
LATER = (*LATE_STOPS, "a copy of the database sends")
"""What came after the first worlds. It has dice of its own, so that those stay what they were."""
CATALOGUE = (*HAND_OFF, *READ, "server gone", *MIDWAY, *AROUND, *CRASHES, *LATER)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A server refused a message; the truth that the checker judges BOUNCED by."""

    key: str
    at: datetime
    name: str

    @property
    def is_final(self) -> bool:
        return self.name in REFUSALS


@dataclass(slots=True)
class Faults:
    """Draws what goes wrong. `rates` are probabilities; `stop` heals the world for good."""

    random: Random
    crash_rate: float = 0.004
    call_rate: float = 0.07
    midway_rate: float = 0.03
    around_rate: float = 0.02
    kinds: frozenset[str] = EARLIER
    later: Random = field(default_factory=lambda: Random(0))
    on: bool = True
    die: Callable[[], None] = lambda: None
    """Cuts the dying process off: its connections are gone before anything that it might still do on its way out."""
    counts: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    delays: dict[str, timedelta] = field(default_factory=dict)
    """How long after the gate the world will let a message be accepted, by key."""

    def stop(self) -> None:
        self.on = False

    def hit(self, name: str, rate: float) -> bool:
        """Decide whether a named fault strikes here."""
        dice = self.later if name in LATER else self.random
        if not self.on or name not in self.kinds or dice.random() >= rate:
            return False
        self.counts[name] += 1
        return True

    def maybe_crash(self, where: str) -> None:
        if self.hit(f"crash {where}", self.crash_rate):
            self.die()
            raise Crash(where)

    def draw(self, call: Call) -> tuple[str, Fault] | None:
        """Return the fault of one call, or None."""
        table = {name: row for name, row in BY_CALL[call].items() if name in self.kinds}
        # Inboxes are read far more often than mails are sent.
        if not self.on or not table or self.random.random() >= self.call_rate * (1.0 if call is Call.HAND_OFF else 0.4):
            return None
        name = self.random.choices(list(table), [weight for weight, _ in table.values()])[0]
        self.counts[name] += 1
        return name, table[name][1]


Midway = Callable[[Outgoing, MayStillSend], bool]
"""Asked in place of `may_still_send`, directly before the final dot: the world may do anything here first."""


class ChaosProvider:
    """Opens sessions on the fake world with faults and crashes around every call."""

    def __init__(self, inner: MailProvider, world: FakeMailWorld, faults: Faults, midway: Midway) -> None:
        self.inner = inner
        self.world = world
        self.faults = faults
        self.midway = midway

    def open(self, config: MailboxConfig) -> MailSession:
        return ChaosSession(self, self.inner.open(config), config.address)


class ChaosSession:
    """A session whose every call can fail, and before and after whose every call the process can die."""

    def __init__(self, provider: ChaosProvider, inner: MailSession, address: str) -> None:
        self._provider = provider
        self._inner = inner
        self._address = address
        self.files_sent_copies = inner.files_sent_copies

    def _before(self, call: Call) -> str:
        faults = self._provider.faults
        faults.maybe_crash(f"before {call.value}")
        drawn = faults.draw(call)
        if drawn is not None:
            self._provider.world.script(call, self._address, drawn[1])
        return drawn[0] if drawn else ""

    def _after(self, call: Call) -> None:
        self._provider.faults.maybe_crash(f"after {call.value}")

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        name = self._before(Call.HAND_OFF)
        self._provider.faults.delays.pop(message.key, None)  # of an earlier try that did not get as far as the dot
        if name == "late acceptance":
            self._provider.faults.delays[message.key] = HAND_OFF[name][1].after
        if name in REFUSALS | PASSING:
            self._provider.faults.refusals.append(Refusal(message.key, self._provider.world.clock.now(), name))
        try:
            return self._inner.hand_off(
                message, deadline_s=deadline_s, may_still_send=lambda: self._provider.midway(message, may_still_send)
            )
        finally:
            self._after(Call.HAND_OFF)

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        self._before(Call.FILE_SENT_COPY)
        ids = self._inner.file_sent_copy(message)
        self._after(Call.FILE_SENT_COPY)
        return ids

    def find_evidence(self, message: Outgoing) -> EvidenceFound:
        self._before(Call.FIND_EVIDENCE)
        found = self._inner.find_evidence(message)
        self._after(Call.FIND_EVIDENCE)
        return found

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        self._before(Call.FETCH)
        batch = self._inner.fetch(cursor, limit=limit, since=since)
        self._after(Call.FETCH)
        return batch

    def watched_folders(self) -> Sequence[str]:
        return self._inner.watched_folders()

    def sent_folder(self) -> str | None:
        return self._inner.sent_folder()

    def wait_for_mail(self, timeout_s: float) -> bool:
        return self._inner.wait_for_mail(timeout_s)

    def test(self) -> Checks:
        return self._inner.test()

    def close(self) -> None:
        with suppress(Exception):
            self._inner.close()
