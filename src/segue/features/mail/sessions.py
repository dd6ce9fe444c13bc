"""Open mail sessions, one of a kind for each mailbox: for sending, for reading. Connections are kept between uses (engine.md §3)."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from segue.db.tx import Database, Tx
from segue.domain.account_events import SecretUsed
from segue.domain.errors import NotFound
from segue.domain.ids import MailboxId, WorkspaceId
from segue.features.mail.connect import MAILBOX_SECRET
from segue.features.workspaces.vault import Vault
from segue.ports import process_name
from segue.providers.mail import MAIL_PROVIDERS
from segue.providers.mail.base import MailboxConfig, MailProvider, MailSession

Key = tuple[WorkspaceId, MailboxId, str]


class Sessions:
    """Keeps sessions. A session is used by one thread at a time; `purpose` keeps reading from waiting for sending."""

    def __init__(self, db: Database, vault: Vault, providers: Mapping[str, MailProvider] = MAIL_PROVIDERS) -> None:
        self._db = db
        self._vault = vault
        self._providers = providers
        self._guard = threading.Lock()
        self._open: dict[Key, MailSession] = {}
        self._locks: dict[Key, threading.Lock] = {}
        self._told: set[Key] = set()

    @contextmanager
    def use(self, workspace_id: WorkspaceId, mailbox_id: MailboxId, purpose: str = "send") -> Iterator[MailSession]:
        """Give the mailbox's session for this purpose, opened on first use; waits while another thread has it."""
        key = (workspace_id, mailbox_id, purpose)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            session = self._open.get(key)
            if session is None:
                session = self._open[key] = self._connect(key)
            yield session

    def forget(self, workspace_id: WorkspaceId, mailbox_id: MailboxId) -> None:
        """Close a mailbox's sessions, so that the next use sees new settings."""
        with self._guard:
            keys = [key for key in self._open if key[:2] == (workspace_id, mailbox_id)]
            for key in keys:
                self._open.pop(key).close()

    def close(self) -> None:
        """Close everything."""
        with self._guard:
            sessions, self._open = list(self._open.values()), {}
        for session in sessions:
            session.close()

    def _connect(self, key: Key) -> MailSession:
        workspace_id, mailbox_id, purpose = key
        with self._db.tx(workspace_id) as tx:
            row = tx.one(
                "SELECT address, provider, settings, secret FROM mailboxes WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": mailbox_id}
            )
            if row is None:
                raise NotFound(f"There is no mailbox {mailbox_id}.")
            config = config_of(tx, row, self._vault)
            if key not in self._told:  # once a process: what opens it from elsewhere stands out, and reconnecting says nothing new
                tx.record(SecretUsed(mailbox=row["address"], purpose=purpose, process=process_name()))
                tx.after_commit(lambda: self._told.add(key))
        return self._providers[row["provider"]].open(config)


def config_of(tx: Tx, row: dict[str, Any], vault: Vault) -> MailboxConfig:
    """Return what a provider needs, with the secret opened. Raises Unavailable."""
    secret = vault.open(tx, row["secret"], MAILBOX_SECRET, row["address"])
    return MailboxConfig(row["address"], row["provider"], row["settings"], secret)
