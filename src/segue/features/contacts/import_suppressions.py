"""Suppression lists from a file: addresses and domains, one a row, many in a transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from segue.db.tx import Database
from segue.domain.contacts_csv import is_address, restore
from segue.domain.errors import Invalid
from segue.domain.ids import WorkspaceId
from segue.features.contacts.csv_file import CsvFile, examine
from segue.features.contacts.suppress_many import suppress_many

BATCH = 500
"""Each entry is locked and waits for hand-offs to it (H3), so a transaction holds few of them: the server's lock table is shared by all."""


@dataclass(slots=True)
class SuppressionReport:
    """What the import did; `bad` has line and value of what is neither address nor domain."""

    added: int = 0
    known: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def import_suppressions(
    db: Database, workspace_id: WorkspaceId, path: Path, reason: str, *, progress: Callable[[int], None] = lambda _: None
) -> SuppressionReport:
    """Suppress what stands in the first column of a file; a heading is passed over. `progress` is told hundredths of the file.

    Raises:
        NotFound, Invalid: the file cannot be read.
    """
    form = examine(path)
    file = CsvFile(path, form)
    report = SuppressionReport()
    try:
        for batch in _batches(file, report):
            with db.tx(workspace_id, actor="import") as tx:
                new = suppress_many(tx, batch, reason, source="import")
                report.added += new
                report.known += len(batch) - new
            progress(100 * file.position // max(form.size, 1))
    finally:
        file.close()
    return report


def _batches(file: CsvFile, report: SuppressionReport) -> Iterator[set[tuple[str, str]]]:
    batch: set[tuple[str, str]] = set()
    _take(file.header.line, file.header.cells, batch, None)
    for row in file.rows():
        _take(row.line, row.cells, batch, report)
        if len(batch) >= BATCH:
            yield batch
            batch = set()
    yield batch


def _take(line: int, cells: list[str], batch: set[tuple[str, str]], report: SuppressionReport | None) -> None:
    value = restore(cells[0]).strip() if cells else ""
    if not value:
        return
    try:
        batch.add(_kind_of(value))
    except Invalid:
        if report is not None:  # the first line may be a heading
            report.bad.append((line, value[:100]))


def _kind_of(value: str) -> tuple[str, str]:
    bare = value.removeprefix("@")
    if "@" in bare:
        if not is_address(bare):
            raise Invalid(f'"{value}" is no address.')
        return "address", bare
    if not is_address(f"x@{bare}"):
        raise Invalid(f'"{value}" is no domain.')
    return "domain", bare
