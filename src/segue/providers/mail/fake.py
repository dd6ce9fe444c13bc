"""The `fake` mail provider: sessions on a `FakeMailWorld` registered by name. Ships in the package for the demo and simulated months."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from segue.providers.mail.base import (
    Accepted,
    Checks,
    Evidence,
    EvidenceFound,
    FetchedBatch,
    FolderCursor,
    HandOffError,
    Incoming,
    MailboxConfig,
    MayStillSend,
    Misconfigured,
    Outgoing,
    Scope,
    SignInAgain,
    TryLater,
    Unknown,
)
from segue.providers.mail.envelope import check_outgoing
from segue.providers.mail.fake_world import INBOX, JUNK, SENT, Call, FakeFolder, FakeMailbox, FakeMailWorld, Fault, FaultKind
from segue.providers.mail.outcomes import judge
from segue.providers.mail.reading import alarm_of, ids_of_copy, vanished

_DEADLINE_KINDS = frozenset({FaultKind.HANG, FaultKind.HANG_AT_DOT, FaultKind.LOST_ANSWER, FaultKind.LATE})
_ACCEPTING = frozenset({FaultKind.ACCEPT_THEN_DROP, FaultKind.LOST_ANSWER, FaultKind.GARBLED})

_DOUBTFUL = _DEADLINE_KINDS | _ACCEPTING | {FaultKind.DROP_AT_DOT}


class FakeMailProvider:
    """Opens sessions on worlds: `settings={"world": name}`, by default the world called "default"."""

    def __init__(self) -> None:
        self.worlds: dict[str, FakeMailWorld] = {}

    def open(self, config: MailboxConfig) -> "FakeMailSession":
        """Return a session. Raises Misconfigured when no world of that name is registered."""
        name = str(config.settings.get("world", "default"))
        world = self.worlds.get(name)
        if world is None:
            raise Misconfigured(f"no mail world is called {name!r}")
        return FakeMailSession(world, config)


class FakeMailSession:
    """A session on one mailbox of a world; the contract stands in `MailSession`."""

    def __init__(self, world: FakeMailWorld, config: MailboxConfig) -> None:
        self._world = world
        self._address = config.address
        self._secret = config.secret
        box = world.mailbox(config.address)
        self.files_sent_copies = box is not None and box.files_sent_copies
        self._seen = 0 if box is None else box.arrivals
        self._counts: dict[str, int] = {}

    def hand_off(self, message: Outgoing, *, deadline_s: float, may_still_send: MayStillSend) -> Accepted:
        check_outgoing(message)
        fault = self._begin(Call.HAND_OFF)
        if fault is not None:
            self._fail_before_dot(fault, deadline_s)
        if not may_still_send():
            raise TryLater("stopped before the final dot", scope=Scope.MAILBOX, after=timedelta(minutes=1))
        if fault is not None and fault.kind in _DOUBTFUL:
            self._fail_at_dot(fault, message, deadline_s)
        acceptance = self._world.accept(message)
        return Accepted(reply=f"250 2.0.0 Ok: {acceptance.number}")

    def _fail_before_dot(self, fault: Fault, deadline_s: float) -> None:
        if fault.kind is FaultKind.REPLY:
            code, _, text = fault.reply.partition(" ")
            raise judge(int(code), text, fault.stage)
        if fault.kind is FaultKind.HANG:
            self._world.clock.sleep(deadline_s)
            raise TryLater("no answer before the deadline", scope=Scope.MAILBOX)
        if fault.kind in (FaultKind.DROP, FaultKind.CUT):
            raise TryLater("the connection broke before the final dot", scope=Scope.MAILBOX)
        if fault.kind is FaultKind.SLOW:
            self._world.clock.sleep(fault.after.total_seconds())

    def _fail_at_dot(self, fault: Fault, message: Outgoing, deadline_s: float) -> None:
        if fault.kind is FaultKind.LATE:
            self._world.accept_at(self._world.clock.now() + fault.after, message)
        elif fault.kind in _ACCEPTING:
            self._world.accept(message)
        if fault.kind in _DEADLINE_KINDS:
            self._world.clock.sleep(deadline_s)
        raise Unknown(f"no well-formed answer after the final dot ({fault.kind})")

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        try:
            box = self._signed_in(Call.FILE_SENT_COPY)
        except HandOffError:
            return ()
        with self._world.lock():
            sent = box.folders.get(SENT)
            if sent is None:
                return ()
            if message.key not in box.sent_by_key and not self.files_sent_copies:
                box.sent_by_key[message.key] = sent.add(message.wire, self._world.clock.now())
        return self._ids_in_sent(box, message.key)

    def _ids_in_sent(self, box: FakeMailbox, key: str) -> tuple[tuple[str, str], ...]:
        with self._world.lock():
            uid = box.sent_by_key.get(key)
            folder = box.folders.get(SENT)
            stored = next((m for m in folder.messages if m.uid == uid), None) if folder and uid else None
        if folder is None or stored is None:
            return ()
        return ids_of_copy(stored.raw, SENT, folder.uid_validity, stored.uid)

    def find_evidence(self, message: Outgoing) -> EvidenceFound:
        box = self._signed_in(Call.FIND_EVIDENCE)
        ids = self._ids_in_sent(box, message.key)
        if ids:
            return EvidenceFound(Evidence.FOUND, ids)
        if self.files_sent_copies:
            return EvidenceFound(Evidence.ABSENT)
        marks = (message.key.encode(), message.message_id.encode())
        with self._world.lock():
            quoted = any(
                mark in m.raw for name in (INBOX, JUNK) if name in box.folders for m in box.folders[name].messages for mark in marks
            )
        return EvidenceFound(Evidence.FOUND if quoted else Evidence.CANNOT_TELL)

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        fault = self._begin(Call.FETCH)
        if fault is not None and fault.kind is not FaultKind.CUT:
            self._fail_to_read(fault)
        with self._world.lock():
            box = self._box()
            self._seen = box.arrivals
            folder = box.folders.get(cursor.folder)
            if folder is None:
                return FetchedBatch(cursor, (), alarm=vanished(cursor.folder))
            return self._batch(folder, cursor, since, 1 if fault is not None else limit)

    def _batch(self, folder: FakeFolder, cursor: FolderCursor, since: datetime, limit: int) -> FetchedBatch:
        known = cursor.uid_validity == folder.uid_validity
        last = cursor.last_uid if known else 0
        count, before = len(folder.messages), self._counts.get(cursor.folder)
        self._counts[cursor.folder] = count
        alarm = alarm_of(cursor.folder, last_uid=last, uid_next=folder.next_uid, count=count, count_before=before)
        new = folder.after(last)
        if not known:
            # A first read or a rescan is bounded by whole days, as IMAP's SINCE is.
            first = since.replace(hour=0, minute=0, second=0, microsecond=0)
            new = [m for m in new if m.received_at >= first]
        taken, more = new[:limit], len(new) > limit
        reached = taken[-1].uid if more else max(last, folder.next_uid - 1)
        validity = folder.uid_validity
        messages = tuple(Incoming(cursor.folder, m.uid, validity, m.received_at, m.raw, len(m.raw)) for m in taken)
        reset = not known and cursor.uid_validity != 0
        return FetchedBatch(FolderCursor(cursor.folder, validity, reached), messages, reset=reset, more=more, alarm=alarm)

    def watched_folders(self) -> Sequence[str]:
        self._signed_in(Call.FETCH)
        with self._world.lock():
            return tuple(name for name in (INBOX, JUNK) if name in self._box().folders)

    def sent_folder(self) -> str | None:
        self._signed_in(Call.SENT_FOLDER)
        with self._world.lock():
            return SENT if SENT in self._box().folders else None

    def wait_for_mail(self, timeout_s: float) -> bool:
        self._signed_in(Call.WAIT)
        waited = 0.0
        while True:
            self._world.tick()
            with self._world.lock():
                arrivals = self._box().arrivals
            if arrivals > self._seen:
                self._seen = arrivals
                return True
            if waited >= timeout_s:
                return False
            nap = min(0.05, timeout_s - waited)
            self._world.clock.sleep(nap)
            waited += nap

    def test(self) -> Checks:
        box = self._world.mailbox(self._address)
        if box is None:
            return Checks((("mailbox", False, f"The world has no mailbox {self._address}."),))
        fits = self._fits(box)
        return Checks((("sign_in", fits, "Signed in." if fits else "The password is not right."),))

    def close(self) -> None:
        """Nothing is open."""

    # ------------------------------------------------------------------------------------------------------------------------------

    def _fits(self, box: FakeMailbox) -> bool:
        return box.secret in ("", self._secret)

    def _box(self) -> FakeMailbox:
        box = self._world.mailbox(self._address)
        if box is None:
            raise Misconfigured(f"the world has no mailbox {self._address}")
        return box

    def _begin(self, call: Call) -> Fault | None:
        self._world.tick()
        if not self._fits(self._box()):
            raise SignInAgain("535 5.7.8 authentication failed")
        fault = self._world.next_fault(call, self._address)
        if fault is not None and fault.kind is FaultKind.SIGN_IN:
            raise SignInAgain("535 5.7.8 authentication failed")
        return fault

    def _signed_in(self, call: Call) -> FakeMailbox:
        fault = self._begin(call)
        if fault is not None:
            self._fail_to_read(fault)
        return self._box()

    def _fail_to_read(self, fault: Fault) -> None:
        if fault.kind in _DEADLINE_KINDS:
            self._world.clock.sleep(20)
        raise TryLater(f"the mailbox could not be read ({fault.kind})", scope=Scope.MAILBOX)


FAKE = FakeMailProvider()
"""The instance behind `MAIL_PROVIDERS["fake"]`; a world is put in with `FAKE.worlds[name] = world`."""
