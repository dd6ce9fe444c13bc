"""A workspace to import into, and files to import."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segue.db.tx import Database
from segue.domain.ids import WorkspaceId
from segue.features.contacts.import_csv import ImportReport, import_csv
from segue.features.contacts.queries import count_contacts
from segue.features.workspaces.service import create_workspace
from segue.ports import StoppedClock

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)


@dataclass(slots=True)
class Workspace:
    """A workspace of its own in an empty database."""

    db: Database
    id: WorkspaceId
    folder: Path
    clock: StoppedClock

    def load(self, content: str | bytes, **more: Any) -> ImportReport:
        """Import a file of this content."""
        return import_csv(self.db, self.id, self.write(content), **more)

    def write(self, content: str | bytes, name: str = "contacts.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def contacts(self, columns: str = "email, first_name, properties") -> list[tuple[Any, ...]]:
        """What is stored, by address."""
        with self.db.tx(self.id) as tx:
            return [
                tuple(row.values())
                for row in tx.all(f"SELECT {columns} FROM contacts WHERE workspace_id = %(ws)s ORDER BY email_normal", {})
            ]

    def count(self) -> int:
        with self.db.tx(self.id) as tx:
            return count_contacts(tx)


@contextmanager
def workspace(app_url: str, folder: Path) -> Iterator[Workspace]:
    clock = StoppedClock(NOW)
    db = Database(app_url, clock=clock)
    try:
        yield Workspace(db, create_workspace(db, "Acme"), folder, clock)
    finally:
        db.close()
