"""A mail world in memory: mailboxes, an append-only log of acceptances, deliveries, and faults on demand.

The demo, the simulated months and the contract suite run on it. It is deterministic: time comes from the clock it is given, nothing is
random, and calls of one thread always give the same result. It proves our logic, not any provider's behaviour (MAIL-88).
"""

import heapq
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from enum import StrEnum

from segue.ports import Clock
from segue.providers.mail.base import Outgoing
from segue.providers.mail.outcomes import Stage

INBOX, JUNK, SENT = "INBOX", "Junk", "Sent"


class FaultKind(StrEnum):
    """What can go wrong in a call. The accepting kinds are the ones that make a hand-off doubtful."""

    REPLY = "reply"
    """The server answers `reply` at `stage`: not accepted."""
    HANG = "hang"
    """No answer before the dot, until the deadline: not accepted."""
    HANG_AT_DOT = "hang_at_dot"
    """The dot is taken, nothing is ever answered, and the message was not accepted."""
    DROP = "drop"
    """The connection breaks before the dot: not accepted."""
    DROP_AT_DOT = "drop_at_dot"
    """The dot is taken, the connection breaks, and the message was not accepted."""
    ACCEPT_THEN_DROP = "accept_then_drop"
    """Accepted, then the connection breaks."""
    LOST_ANSWER = "lost_answer"
    """Accepted, and silence until the deadline."""
    GARBLED = "garbled"
    """Accepted, and an unreadable answer."""
    LATE = "late"
    """Silence until the deadline; accepted `after` from now."""
    SLOW = "slow"
    """Accepted after `after` of real time."""
    SIGN_IN = "sign_in"
    """The credentials are refused, in any call."""
    CUT = "cut"
    """The connection breaks in mid-FETCH, after one message."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of one call; `reply` as a server says it: `550 5.1.1 no such user`."""

    kind: FaultKind
    reply: str = ""
    stage: Stage = Stage.RCPT
    after: timedelta = timedelta(0)


class Call(StrEnum):
    """The calls that can be given faults."""

    HAND_OFF = "hand_off"
    FILE_SENT_COPY = "file_sent_copy"
    FIND_EVIDENCE = "find_evidence"
    FETCH = "fetch"
    SENT_FOLDER = "sent_folder"
    WAIT = "wait"


FaultChooser = Callable[[Call, str, int], Fault | None]
"""Called with the call, the mailbox's address and the call's number in this world; says what goes wrong. Must be deterministic."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The world took responsibility for a message at `accepted_at`."""

    number: int
    accepted_at: datetime
    sender: str
    recipient: str
    message_id: str
    key: str
    wire: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """A message that lies in a folder."""

    uid: int
    received_at: datetime
    raw: bytes


@dataclass(slots=True)
class FakeFolder:
    """A folder as IMAP has it: UIDs only grow until UIDVALIDITY changes."""

    uid_validity: int = 1
    next_uid: int = 1
    messages: list[Stored] = field(default_factory=list)

    def add(self, raw: bytes, at: datetime) -> int:
        uid = self.next_uid
        self.messages.append(Stored(uid, at, raw))
        self.next_uid += 1
        return uid

    def after(self, uid: int) -> list[Stored]:
        """Return what has a higher UID, cheaply when little is new."""
        found: list[Stored] = []
        for stored in reversed(self.messages):
            if stored.uid <= uid:
                break
            found.append(stored)
        return found[::-1]


@dataclass(slots=True)
class FakeMailbox:
    """One account of the world."""

    address: str
    secret: str
    files_sent_copies: bool
    rewrites_ids: bool
    folders: dict[str, FakeFolder]
    sent_by_key: dict[str, int] = field(default_factory=dict)
    arrivals: int = 0


OnAccept = Callable[["FakeMailWorld", Acceptance], None]


class FakeMailWorld:
    """All mailboxes of a world. Thread-safe; hooks run outside its lock, in the thread that caused the acceptance."""

    def __init__(self, clock: Clock, *, on_accept: OnAccept | None = None, faults: FaultChooser | None = None) -> None:
        self.clock = clock
        self.on_accept = on_accept
        self.choose_fault = faults
        self._lock = threading.RLock()
        self._mailboxes: dict[str, FakeMailbox] = {}
        self._accepted: list[Acceptance] = []
        self._scripts: dict[tuple[Call, str], deque[Fault]] = {}
        self._pending: list[tuple[datetime, int, Callable[[], Acceptance | None]]] = []
        self._pending_count = 0
        self._calls = 0

    def add_mailbox(self, address: str, *, secret: str = "", files_sent_copies: bool = False, rewrites_ids: bool = False) -> None:
        """Open an account. An empty `secret` lets everybody in.

        `files_sent_copies`: the server files Sent itself, as Gmail and Microsoft 365 do. `rewrites_ids`: it writes its own Message-ID
        and keeps ours in X-Microsoft-Original-Message-ID, as Outlook does (MAIL-13).
        """
        with self._lock:
            folders = {name: FakeFolder() for name in (INBOX, JUNK, SENT)}
            self._mailboxes[_same(address)] = FakeMailbox(address, secret, files_sent_copies, rewrites_ids, folders)

    def mailbox(self, address: str) -> FakeMailbox | None:
        """Return the account, or None; the caller holds `lock()` while touching it."""
        return self._mailboxes.get(_same(address))

    def lock(self) -> AbstractContextManager[bool]:
        """Return the world's lock."""
        return self._lock

    def change_secret(self, address: str, secret: str) -> None:
        """Change the password: open sessions fail from their next call."""
        with self._lock:
            self._mailboxes[_same(address)].secret = secret

    # What went out ----------------------------------------------------------------------------------------------------------------

    def acceptances(self) -> tuple[Acceptance, ...]:
        """Return the log so far, in order of acceptance."""
        self.tick()
        with self._lock:
            return tuple(self._accepted)

    def accept(self, message: Outgoing) -> Acceptance:
        """Take responsibility for a message now: log it, file the Sent copy where the server does, deliver it, call the hook."""
        acceptance = self._record(message, self.clock.now())
        if self.on_accept is not None:
            self.on_accept(self, acceptance)
        return acceptance

    def accept_at(self, at: datetime, message: Outgoing) -> None:
        """Take responsibility later, when the clock has reached `at`."""
        self._later(at, lambda: self._record(message, at))

    def _record(self, message: Outgoing, at: datetime) -> Acceptance:
        with self._lock:
            number = len(self._accepted) + 1
            acceptance = Acceptance(number, at, message.sender, message.recipient, message.message_id, message.key, message.wire)
            self._accepted.append(acceptance)
            raw = message.wire
            sender = self.mailbox(message.sender)
            if sender is not None:
                raw = _rewritten(raw, number) if sender.rewrites_ids else raw
                if sender.files_sent_copies:
                    sender.sent_by_key[message.key] = sender.folders[SENT].add(raw, at)
            if self.mailbox(message.recipient) is not None:
                self._put(message.recipient, raw, INBOX, at)
            return acceptance

    def write_by_hand(self, address: str, raw: bytes) -> int:
        """Send a message from the account's own mail program: it lies in Sent, and in the inbox of who has an account here. Return its UID
        in Sent. It passed no provider of ours, so that it stands in no log of acceptances."""
        with self._lock:
            head = BytesHeaderParser().parsebytes(raw)
            for _, recipient in getaddresses(head.get_all("to", []) + head.get_all("cc", [])):
                if self.mailbox(recipient) is not None:
                    self._put(recipient, raw, INBOX, self.clock.now())
            return self._mailboxes[_same(address)].folders[SENT].add(raw, self.clock.now())

    # What comes in ----------------------------------------------------------------------------------------------------------------

    def deliver(self, address: str, raw: bytes, *, folder: str = INBOX) -> int:
        """Put a message into a folder of a mailbox, received now; return its UID."""
        return self._put(address, raw, folder, self.clock.now())

    def _put(self, address: str, raw: bytes, folder: str, at: datetime) -> int:
        with self._lock:
            box = self._mailboxes[_same(address)]
            box.arrivals += 1
            return box.folders[folder].add(raw, at)

    def deliver_at(self, at: datetime, address: str, raw: bytes, *, folder: str = INBOX) -> None:
        """Deliver when the clock has reached `at`."""

        def delivery() -> None:
            self._put(address, raw, folder, at)

        self._later(at, delivery)

    def remove(self, address: str, uid: int, *, folder: str = INBOX) -> None:
        """Expunge one message."""
        with self._lock:
            box = self._mailboxes[_same(address)].folders[folder]
            box.messages = [m for m in box.messages if m.uid != uid]

    def remove_folder(self, address: str, folder: str) -> None:
        """Let a folder vanish."""
        with self._lock:
            del self._mailboxes[_same(address)].folders[folder]

    def reset_uid_validity(self, address: str, *, folder: str = INBOX) -> None:
        """Renumber a folder under a new UIDVALIDITY (MAIL-50)."""
        with self._lock:
            box = self._mailboxes[_same(address)]
            old = box.folders[folder]
            renumbered = [Stored(n, m.received_at, m.raw) for n, m in enumerate(old.messages, 1)]
            box.folders[folder] = FakeFolder(old.uid_validity + 1, len(renumbered) + 1, renumbered)
            if folder == SENT:
                new_uid = {m.uid: n for n, m in enumerate(old.messages, 1)}
                box.sent_by_key = {key: new_uid[uid] for key, uid in box.sent_by_key.items() if uid in new_uid}

    # Time and faults --------------------------------------------------------------------------------------------------------------

    def _later(self, at: datetime, action: Callable[[], Acceptance | None]) -> None:
        with self._lock:
            self._pending_count += 1
            heapq.heappush(self._pending, (at, self._pending_count, action))

    def next_event_at(self) -> datetime | None:
        """Return when the next pending delivery or late acceptance falls due, so that a simulation can jump to it."""
        with self._lock:
            return self._pending[0][0] if self._pending else None

    def tick(self) -> None:
        """Carry out what fell due. Every session call does this first."""
        while self._pending:
            with self._lock:
                if not self._pending or self._pending[0][0] > self.clock.now():
                    return
                acceptance = heapq.heappop(self._pending)[2]()
            if acceptance is not None and self.on_accept is not None:
                self.on_accept(self, acceptance)

    def script(self, call: Call, address: str, *faults: Fault) -> None:
        """Give the next calls of this kind on this mailbox these faults, one each, before `faults` of the constructor is asked."""
        with self._lock:
            self._scripts.setdefault((call, _same(address)), deque()).extend(faults)

    def next_fault(self, call: Call, address: str) -> Fault | None:
        """Return what goes wrong in this call; counts the call."""
        with self._lock:
            self._calls += 1
            scripted = self._scripts.get((call, _same(address)))
            if scripted:
                return scripted.popleft()
            number = self._calls
        return None if self.choose_fault is None else self.choose_fault(call, address, number)


def _same(address: str) -> str:
    return address.lower()


def _rewritten(raw: bytes, number: int) -> bytes:
    """Replace the Message-ID header and keep ours beside it, as Outlook's SMTP does."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    head = (b"\r\n" + head).replace(b"\r\nMessage-ID:", b"\r\nX-Microsoft-Original-Message-ID:", 1)
    return b"Message-ID: <rewritten-%d@fake.invalid>" % number + head + gap + body
