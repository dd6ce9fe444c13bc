"""Reading mailboxes by IMAP: new mail, Sent copies, evidence, and waiting for news (mail.md §4, §7)."""

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from imapclient.imapclient import JUNK, SENT

from segue.providers.mail.base import (
    Evidence,
    EvidenceFound,
    FetchedBatch,
    FolderCursor,
    IdKind,
    Misconfigured,
    Outgoing,
    Scope,
    TryLater,
)
from segue.providers.mail.connection import Server, Surroundings
from segue.providers.mail.envelope import has_control
from segue.providers.mail.imap_connection import ImapConnection, open_connection
from segue.providers.mail.imap_fetch import BodyFetcher
from segue.providers.mail.reading import alarm_of, ids_of_copy, vanished

RENEW_S = 9 * 60.0
"""IDLE is renewed before servers and address translators forget it (MAIL-57)."""
_POLL_S = 30.0
_SET_UP_FAILURES = 3
_RECENT = 500
"""How many of the latest Sent messages are searched before one is filed: a full search of a large folder on every send would be slow."""
_APPENDUID = re.compile(rb"APPENDUID (\d+) (\d+)", re.IGNORECASE)
_MARK_FIELDS = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-MICROSOFT-ORIGINAL-MESSAGE-ID)]"

Ids = tuple[tuple[str, str], ...]


class ImapReader:
    """Reads one mailbox. Not thread-safe. Reconnects when needed; every method may raise TryLater, SignInAgain or Misconfigured."""

    def __init__(self, server: Server, secret: str, around: Surroundings) -> None:
        self._server = server
        self._secret = secret
        self._around = around
        self._kept: ImapConnection | None = None
        self._set_up_failures = 0
        self._special: dict[bytes, str | None] = {}
        self._read_up_to: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._bodies = BodyFetcher()

    def connection(self) -> ImapConnection:
        """Return the kept connection or a new one."""
        if self._kept is not None and self._kept.still_answers():
            return self._kept
        try:
            self._kept = open_connection(self._server, self._secret, self._around)
        except (ssl.SSLError, socket.gaierror) as error:
            self._set_up_failures += 1
            what = "TLS" if isinstance(error, ssl.SSLError) else "name look-up"
            if self._set_up_failures >= _SET_UP_FAILURES:
                raise Misconfigured(f"{what} failed {self._set_up_failures} times in a row: {error}") from error
            raise TryLater(f"{what} failed: {error}", scope=Scope.MAILBOX) from error
        self._set_up_failures = 0
        return self._kept

    def close(self) -> None:
        """Close the connection; never raises."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.close()

    # Folders ----------------------------------------------------------------------------------------------------------------------

    def watched_folders(self) -> Sequence[str]:
        """Return INBOX and Junk, and on Gmail All Mail, where filters may have put an answer (MAIL-51)."""
        connection = self.connection()
        special = [JUNK, b"\\All"] if b"X-GM-EXT-1" in connection.capabilities else [JUNK]
        found = [self._special_folder(connection, flag) for flag in special]
        return ("INBOX", *dict.fromkeys(name for name in found if name and name != "INBOX"))

    def sent_folder(self) -> str | None:
        """See `MailSession.sent_folder`."""
        if self._special.get(SENT, "") is None:
            del self._special[SENT]  # another session may have made it since
        return self._sent_folder(self.connection(), create=False)

    def _special_folder(self, connection: ImapConnection, flag: bytes) -> str | None:
        if flag not in self._special:
            with connection.within(connection.budgets.command) as client, _refusals("LIST"):
                self._special[flag] = client.find_special_folder(flag)
        return self._special[flag]

    def _examine(self, connection: ImapConnection, folder: str) -> dict[bytes, Any] | None:
        """Open a folder read-only, so that nothing ever changes a flag (MAIL-52); None when it is gone."""
        if has_control(folder):
            return None
        with connection.within(connection.budgets.command) as client:
            try:
                opened: dict[bytes, Any] = client.select_folder(folder, readonly=True)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error as error:
                with _refusals("LIST"):
                    if client.list_folders("", folder):
                        raise TryLater(f"the folder cannot be opened: {error}", scope=Scope.MAILBOX) from error
                return None
        return opened

    # New mail ---------------------------------------------------------------------------------------------------------------------

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        """See `MailSession.fetch`."""
        connection = self.connection()
        opened = self._examine(connection, cursor.folder)
        if opened is None:
            return FetchedBatch(cursor, (), alarm=vanished(cursor.folder))
        validity = int(opened.get(b"UIDVALIDITY", 0))
        known = cursor.uid_validity == validity
        last = cursor.last_uid if known else 0
        uid_next, count = int(opened.get(b"UIDNEXT", 0)), int(opened.get(b"EXISTS", 0))
        alarm = self._alarm(cursor.folder, last, uid_next, count)
        new = self._new_uids(connection, last, uid_next, count, None if known else since)
        taken = self._bodies.fetch(connection, cursor.folder, validity, new[:limit])
        more = len(new) > len(taken.uids)
        # UIDNEXT was told before the search: everything below it has been seen, also what is deleted already.
        reached = max(last, *taken.uids, 0 if more else uid_next - 1, 0)
        self._read_up_to[cursor.folder] = reached
        through = FolderCursor(cursor.folder, validity, reached, int(opened.get(b"HIGHESTMODSEQ", 0)))
        reset = not known and cursor.uid_validity != 0
        return FetchedBatch(through, taken.messages, reset=reset, more=more, alarm=alarm)

    def _alarm(self, folder: str, last: int, uid_next: int, count: int) -> str:
        before, self._counts[folder] = self._counts.get(folder), count
        return alarm_of(folder, last_uid=last, uid_next=uid_next or last + 1, count=count, count_before=before)

    def _new_uids(self, connection: ImapConnection, last: int, uid_next: int, count: int, since: datetime | None) -> list[int]:
        if count == 0 or (last > 0 and 0 < uid_next <= last + 1):
            return []
        criteria: list[object] = ["UID", f"{last + 1}:*"]
        if since is not None:
            # SINCE compares dates in the server's own zone: a day more, rather than one mail less.
            criteria += ["SINCE", (since.astimezone(UTC) - timedelta(days=1)).date()]
        with connection.within(connection.budgets.command) as client, _refusals("SEARCH"):
            found = client.search(criteria)
        # "n:*" names the last message even when its UID is below n (MAIL-53).
        return sorted(uid for uid in found if uid > last)

    # Sent copies and evidence -----------------------------------------------------------------------------------------------------

    def file_sent_copy(self, message: Outgoing, *, append: bool) -> Ids:
        """See `MailSession.file_sent_copy`; without `append` only look."""
        if has_control(message.key):
            return ()
        connection = self.connection()
        sent = self._sent_folder(connection, create=append)
        opened = None if sent is None else self._examine(connection, sent)
        if sent is None or opened is None:
            return ()
        found = self._ids_by_key(connection, sent, opened, message, recent_only=append)
        if found or not append:
            return found
        with connection.within(connection.budgets.command) as client, _refusals("APPEND"):
            answer = client.append(sent, message.wire, (b"\\Seen",))
        filed = _APPENDUID.search(answer if isinstance(answer, bytes) else str(answer).encode())
        where: Ids = ((IdKind.PROVIDER, f"{sent};{int(filed[1])};{int(filed[2])}"),) if filed else ()
        return ((IdKind.OBSERVED, message.message_id), *where)

    def _sent_folder(self, connection: ImapConnection, *, create: bool) -> str | None:
        name = self._special_folder(connection, SENT)
        if name is None and create:
            with connection.within(connection.budgets.command) as client, contextlib.suppress(imaplib.IMAP4.error):
                client.create_folder("Sent")
            self._special[SENT] = name = "Sent"
        return name

    def _ids_by_key(
        self, connection: ImapConnection, folder: str, opened: dict[bytes, Any], message: Outgoing, *, recent_only: bool = False
    ) -> Ids:
        count = int(opened.get(b"EXISTS", 0))
        if count == 0:
            return ()
        span = [f"{max(count - _RECENT, 1)}:*"] if recent_only else []
        with connection.within(connection.budgets.command) as client, _refusals("SEARCH"):
            found = client.search([*span, "HEADER", "X-Segue-Key", message.key])
            if not found:
                return ()
            uid = max(found)
            wanted = [_MARK_FIELDS, "X-GM-THRID"] if b"X-GM-EXT-1" in connection.capabilities else [_MARK_FIELDS]
            fields = client.fetch([uid], wanted).get(uid, {})
        head = next((v for k, v in fields.items() if k.startswith(b"BODY[HEADER") and isinstance(v, bytes)), b"")
        ids = ids_of_copy(head, folder, int(opened.get(b"UIDVALIDITY", 0)), uid)
        thread = fields.get(b"X-GM-THRID")
        return ids if thread is None else (*ids, (IdKind.THREAD, str(thread)))

    def find_evidence(self, message: Outgoing, *, absence_proves: bool) -> EvidenceFound:
        """See `MailSession.find_evidence`; `absence_proves` where the server files Sent copies itself (H9)."""
        if has_control(message.key) or has_control(message.message_id):
            return EvidenceFound(Evidence.CANNOT_TELL)
        connection = self.connection()
        sent = self._sent_folder(connection, create=False)
        opened = None if sent is None else self._examine(connection, sent)
        if sent is not None and opened is not None:
            ids = self._ids_by_key(connection, sent, opened, message)
            if ids:
                return EvidenceFound(Evidence.FOUND, ids)
        for folder in self.watched_folders():
            if self._quoted_in(connection, folder, message):
                return EvidenceFound(Evidence.FOUND)
        looked = sent is not None and opened is not None
        return EvidenceFound(Evidence.ABSENT if absence_proves and looked else Evidence.CANNOT_TELL)

    def _quoted_in(self, connection: ImapConnection, folder: str, message: Outgoing) -> bool:
        """Say whether a bounce or a reply quotes the key or the id: then somebody received it, whatever the server told us."""
        opened = self._examine(connection, folder)
        if opened is None or not opened.get(b"EXISTS"):
            return False
        with connection.within(connection.budgets.command) as client, _refusals("SEARCH"):
            return bool(client.search(["OR", "TEXT", message.key, "TEXT", message.message_id.strip("<>")]))

    # News -------------------------------------------------------------------------------------------------------------------------

    def wait_for_mail(self, timeout_s: float) -> bool:
        """See `MailSession.wait_for_mail`."""
        connection = self.connection()
        opened = self._examine(connection, "INBOX")
        if opened is None:
            raise TryLater("the inbox cannot be opened", scope=Scope.MAILBOX)
        uid_next = int(opened.get(b"UIDNEXT", 0))
        seen = self._read_up_to.setdefault("INBOX", max(uid_next - 1, 0))
        if uid_next > seen + 1:
            self._read_up_to["INBOX"] = uid_next - 1  # what came between the last fetch and this call
            return True
        end = self._around.clock.monotonic() + timeout_s
        idles = b"IDLE" in connection.capabilities
        while (left := end - self._around.clock.monotonic()) > 0:
            heard = self._idle(connection, min(left, RENEW_S)) if idles else self._poll(connection, min(left, _POLL_S))
            if heard:
                return True
        return False

    def _idle(self, connection: ImapConnection, seconds: float) -> bool:
        with connection.within(connection.budgets.answer) as client, _refusals("IDLE"):
            client.idle()
        connection.wait_readable(seconds)
        with connection.within(connection.budgets.answer) as client, _refusals("IDLE"):
            _, told = client.idle_done()
        return _is_news(told)

    def _poll(self, connection: ImapConnection, seconds: float) -> bool:
        connection.wait_readable(seconds)
        with connection.within(connection.budgets.answer) as client, _refusals("NOOP"):
            _, told = client.noop()
        return _is_news(told)


def _is_news(told: Sequence[Any]) -> bool:
    return any(isinstance(line, tuple) and len(line) >= 2 and line[1] in (b"EXISTS", b"RECENT") for line in told)


@contextlib.contextmanager
def _refusals(command: str) -> Any:
    """Turn a NO or BAD into TryLater; a broken connection is left to `within`."""
    try:
        yield
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise TryLater(f"the incoming server refused {command}: {error}", scope=Scope.MAILBOX) from error
