"""Fetching messages by IMAP with a cap, in pieces that survive a cut connection and a message that no server can deliver."""

import contextlib
import imaplib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from segue.providers.mail.base import Incoming, Scope, TryLater
from segue.providers.mail.imap_connection import MESSAGE_CAP, ImapConnection

_HEAD_OF_LARGE = 256 * 1024
_REPORT_PART = 64 * 1024
_BATCH_OCTETS = 2 * 1024 * 1024
_TRIES = 3
_REPORTS = frozenset({b"delivery-status", b"global-delivery-status", b"disposition-notification", b"feedback-report", b"rfc822-headers"})


@dataclass(frozen=True, slots=True)
class Taken:
    """What was fetched: `uids` are done with (some may be expunged and have no message), in order."""

    uids: Sequence[int]
    messages: tuple[Incoming, ...]


@dataclass(frozen=True, slots=True)
class _Listed:
    uid: int
    size: int
    received_at: datetime


class BodyFetcher:
    """Fetches bodies; remembers at which message it stumbled, so that one that breaks the connection three times is passed by (MAIL-56)."""

    def __init__(self) -> None:
        self._stumbles: Counter[tuple[str, int, int]] = Counter()
        self._carefully = False

    def fetch(self, connection: ImapConnection, folder: str, validity: int, uids: Sequence[int]) -> Taken:
        """Fetch these messages of the open folder, lowest UID first; fewer when the connection breaks on the way.

        Raises TryLater when not even the first could be fetched.
        """
        if not uids:
            return Taken((), ())
        listed = self._list(connection, uids)
        done: list[int] = [uid for uid in uids if uid < (listed[0].uid if listed else uids[-1] + 1)]
        messages: list[Incoming] = []
        for group in _groups(listed, 1 if self._carefully else _BATCH_OCTETS):
            try:
                raw = self._bodies(connection, group, (folder, validity))
            except TryLater:
                if self._carefully:  # only a message that was asked for alone can be to blame
                    self._stumbles[folder, validity, group[0].uid] += 1
                self._carefully = True
                if done:
                    break
                raise
            messages += [Incoming(folder, m.uid, validity, m.received_at, raw[m.uid], m.size) for m in group if m.uid in raw]
            done += [uid for uid in uids if done_after(done) < uid <= group[-1].uid]
        else:
            self._carefully = False
            done = list(uids)
        return Taken(done, tuple(messages))

    def _list(self, connection: ImapConnection, uids: Sequence[int]) -> list[_Listed]:
        with connection.within(connection.budgets.command) as client, _refused("FETCH"):
            answer = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
        listed = [
            _Listed(uid, int(fields[b"RFC822.SIZE"]), _utc(fields.get(b"INTERNALDATE")))
            for uid, fields in answer.items()
            if isinstance(fields.get(b"RFC822.SIZE"), int)
        ]
        return sorted(listed, key=lambda m: m.uid)

    def _bodies(self, connection: ImapConnection, group: Sequence[_Listed], folder: tuple[str, int]) -> dict[int, bytes]:
        first = group[0]
        if self._stumbles[*folder, first.uid] >= _TRIES:
            return {first.uid: _head_only(connection, first.uid)}
        if first.size > MESSAGE_CAP:
            return {first.uid: _large(connection, first.uid)}
        with connection.within(connection.budgets.bodies) as client, _refused("FETCH"):
            answer = client.fetch([m.uid for m in group], [f"BODY.PEEK[]<0.{MESSAGE_CAP}>"])
        return {uid: _text(fields, b"BODY[]") for uid, fields in answer.items()}


def done_after(done: Sequence[int]) -> int:
    """Return the highest UID that is done with."""
    return done[-1] if done else 0


def _groups(listed: Sequence[_Listed], octets: int) -> Iterator[Sequence[_Listed]]:
    """Cut into groups of about `octets`; a large message stands alone."""
    group: list[_Listed] = []
    total = 0
    for message in listed:
        if group and (total + message.size > octets or message.size > MESSAGE_CAP):
            yield group
            group, total = [], 0
        group.append(message)
        total += message.size
        if message.size > MESSAGE_CAP:
            yield group
            group, total = [], 0
    if group:
        yield group


def _large(connection: ImapConnection, uid: int) -> bytes:
    """Fetch headers, the first 256 kB and the report parts, which stand behind the returned message and matter more than it (MAIL-52)."""
    with connection.within(connection.budgets.bodies) as client, _refused("FETCH"):
        fields = client.fetch([uid], ["BODYSTRUCTURE", f"BODY.PEEK[]<0.{_HEAD_OF_LARGE}>"]).get(uid, {})
        head = _text(fields, b"BODY[]")
        structure = fields.get(b"BODYSTRUCTURE")
        boundary, parts = _report_parts(structure)
        if not boundary or not parts:
            return head
        texts = client.fetch([uid], [f"BODY.PEEK[{number}]<0.{_REPORT_PART}>" for number, _ in parts]).get(uid, {})
    for number, kind in parts:
        text = _text(texts, b"BODY[%s]" % number.encode())
        if text and text not in head:
            head += b"\r\n--%s\r\nContent-Type: %s\r\n\r\n%s" % (boundary, kind, text)
    return head


def _report_parts(structure: Any) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return the outer boundary and (part number, content type) of the report parts directly inside."""
    if not getattr(structure, "is_multipart", False):
        return b"", []
    parameters = structure[2] if len(structure) > 2 and isinstance(structure[2], tuple) else ()
    named = {bytes(k).lower(): v for k, v in zip(parameters[::2], parameters[1::2], strict=False)}
    found = []
    for number, part in enumerate(structure[0], 1):
        if not getattr(part, "is_multipart", True) and bytes(part[1]).lower() in _REPORTS:
            found.append((str(number), b"%s/%s" % (bytes(part[0]).lower(), bytes(part[1]).lower())))
    return named.get(b"boundary", b""), found


def _head_only(connection: ImapConnection, uid: int) -> bytes:
    """Return what can be had of a message that cannot be delivered whole: its headers, or nothing. It is shown as damaged, not lost."""
    with connection.within(connection.budgets.command) as client, _refused("FETCH"):
        return _text(client.fetch([uid], ["BODY.PEEK[HEADER]"]).get(uid, {}), b"BODY[HEADER]")


def _text(fields: Mapping[bytes, Any], name: bytes) -> bytes:
    """Return a body item under its name, with or without the octet that a partial answer starts at."""
    for key, value in fields.items():
        if key.startswith(name) and isinstance(value, bytes):
            return value
    return b""


def _utc(value: object) -> datetime:
    """Return INTERNALDATE in UTC; a server that gives none gets the epoch, so that nobody takes it for recent."""
    if not isinstance(value, datetime):
        return datetime(1970, 1, 1, tzinfo=UTC)
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


@contextlib.contextmanager
def _refused(command: str) -> Iterator[None]:
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise TryLater(f"the incoming server refused {command}: {error}", scope=Scope.MAILBOX) from error
