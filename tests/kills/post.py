"""The mailbox of the soak: the real SMTP client, an inbox that is always empty, and evidence as a server would give it that files Sent copies itself.

The server's log stands for that Sent folder. With `files_sent_copies` false the folder is one that only we would have filed to: it shows nothing of a
message that is in doubt, and absence proves nothing (H9).
"""

import json
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from segue.ports import Clock
from segue.providers.egress import EgressPolicy
from segue.providers.mail.base import Evidence, EvidenceFound, FetchedBatch, FolderCursor, MailboxConfig, Outgoing
from segue.providers.mail.connection import Surroundings
from segue.providers.mail.smtp_imap import SmtpImapSession, default_tls_context, read_settings


class Log:
    """The keys that the server has accepted so far; read on from where the last look ended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.keys: set[str] = set()
        self._offset = 0
        self._rest = b""
        self._lock = threading.Lock()

    def shows(self, key: str) -> bool:
        with self._lock, self.path.open("rb") as file:
            file.seek(self._offset)
            new = file.read()
            self._offset += len(new)
            *lines, self._rest = (self._rest + new).split(b"\n")
            self.keys.update(row["taken"] for row in map(json.loads, lines) if "taken" in row)
            return key in self.keys


class SoakSession(SmtpImapSession):
    """See the module. `absence_proves` makes the mutant (5): a folder without Sent copies is believed all the same."""

    absence_proves = False

    def __init__(self, config: MailboxConfig, around: Surroundings, log: Log) -> None:
        super().__init__(config, read_settings(config), around)
        self._log = log

    def watched_folders(self) -> Sequence[str]:
        return ()

    def sent_folder(self) -> str | None:
        return None

    def fetch(self, cursor: FolderCursor, *, limit: int, since: datetime) -> FetchedBatch:
        return FetchedBatch(cursor, ())

    def file_sent_copy(self, message: Outgoing) -> tuple[tuple[str, str], ...]:
        return ()

    def find_evidence(self, message: Outgoing) -> EvidenceFound:
        if not self.files_sent_copies:
            return EvidenceFound(Evidence.ABSENT if self.absence_proves else Evidence.CANNOT_TELL)
        return EvidenceFound(Evidence.FOUND if self._log.shows(message.key) else Evidence.ABSENT)


class SoakProvider:
    """Opens `SoakSession`s to one server on this machine."""

    def __init__(self, port: int, log: Path, clock: Clock, *, absence_proves: bool = False) -> None:
        self._around = Surroundings(EgressPolicy.allowing(["127.0.0.1"], extra_ports=[port]), clock, default_tls_context)
        self._log = Log(log)
        self._absence_proves = absence_proves

    def open(self, config: MailboxConfig) -> SoakSession:
        session = SoakSession(config, self._around, self._log)
        session.absence_proves = self._absence_proves
        return session
