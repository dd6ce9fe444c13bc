"""Consents from a file with headings: address, kind, source, when given, when it ends; many in a transaction."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from segue.db.tx import Database
from segue.domain.consent import Basis
from segue.domain.contacts_csv import restore
from segue.domain.errors import Invalid
from segue.domain.ids import WorkspaceId
from segue.features.contacts.consent import GivenConsent, checked, record_consents
from segue.features.contacts.csv_file import CsvFile, examine

BATCH = 1_000
HEADINGS = {
    "email": ("email", "email address", "e-mail", "address"),
    "kind": ("kind", "basis", "type"),
    "source": ("source", "where from", "origin"),
    "given": ("given", "given at", "date", "at", "since"),
    "expires": ("expires", "expires at", "until", "end"),
}
"""What a column may be called, in small letters."""


@dataclass(slots=True)
class ConsentReport:
    """What the import did; `bad` has line and sentence of each row that was left out."""

    recorded: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def import_consents(
    db: Database,
    workspace_id: WorkspaceId,
    path: Path,
    *,
    source: str = "",
    kind: Basis = Basis.EXPRESS,
    progress: Callable[[int], None] = lambda _: None,
) -> ConsentReport:
    """Record what the rows of a file say; `source` and `kind` stand for cells that are empty. A later row of the same address and kind
    takes the place of an earlier one. `progress` is told hundredths of the file.

    Raises:
        NotFound, Invalid: the file cannot be read, or has no column of addresses.
    """
    form = examine(path)
    file = CsvFile(path, form)
    report = ConsentReport()
    try:
        columns = _columns(file.header.cells)
        now = db.clock.now()
        for batch in _batches(file, columns, (kind, source), now, report):
            with db.tx(workspace_id, actor="import") as tx:
                report.recorded += record_consents(tx, list(batch.values()))
            progress(100 * file.position // max(form.size, 1))
    finally:
        file.close()
    return report


def _columns(cells: list[str]) -> dict[str, int]:
    names = [cell.strip().lower().replace("_", " ") for cell in cells]
    found = {field: next((i for i, name in enumerate(names) if name in known), -1) for field, known in HEADINGS.items()}
    if found["email"] < 0:
        hint = "Name the columns in the first line: email, kind, source, given, expires. Only email must be there."
        raise Invalid("The file has no column of addresses.", hint=hint, field="file")
    return found


def _batches(
    file: CsvFile, columns: dict[str, int], otherwise: tuple[Basis, str], now: datetime, report: ConsentReport
) -> Iterator[dict[tuple[str, Basis], GivenConsent]]:
    batch: dict[tuple[str, Basis], GivenConsent] = {}
    for row in file.rows():
        try:
            given = _read(row.cells, columns, otherwise, now)
        except Invalid as error:
            report.bad.append((row.line, error.message))
            continue
        batch[given.normal, given.basis] = given
        if len(batch) >= BATCH:
            yield batch
            batch = {}
    if batch:
        yield batch


def _read(cells: list[str], columns: dict[str, int], otherwise: tuple[Basis, str], now: datetime) -> GivenConsent:
    def cell(name: str) -> str:
        place = columns[name]
        return restore(cells[place]).strip() if 0 <= place < len(cells) else ""

    kind = cell("kind").lower()
    if kind and kind not in list(Basis):
        raise Invalid(f'"{kind}" is no kind of consent; there is {", ".join(Basis)}.')
    basis = Basis(kind) if kind else otherwise[0]
    return checked(
        cell("email"), basis, cell("source") or otherwise[1], given_at=_instant(cell("given")), until=_instant(cell("expires")), now=now
    )


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f'"{text[:40]}" is no date; write it as 2027-01-31.') from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
