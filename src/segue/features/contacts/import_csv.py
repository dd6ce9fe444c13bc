"""Import contacts from a CSV file: streamed, in batches, each whole or not at all, and safe to run again.

A batch is one transaction: COPY into a staging table, one statement into `contacts` (engine.md §3). An import that breaks off is simply
run again: what is there already is recognised by its address and only counted. Nothing is written before the columns are understood. Rows
that cannot be taken go to a file of their own, with the line and the reason, ready to be corrected and imported.
"""

import csv
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO
from zoneinfo import available_timezones

import psycopg

from segue.db.tx import Database
from segue.domain.contacts_csv import OURS, Columns, ContactValues, RowProblem, match_columns, neutralise, read_row, without_unknown
from segue.domain.errors import Invalid, Unavailable
from segue.domain.ids import WorkspaceId
from segue.features.contacts.csv_file import CsvFile, FileForm, Row, examine
from segue.features.contacts.properties import define_texts, load_properties
from segue.features.contacts.store import Upserted, save_contacts

BATCH = 10_000
"""Rows of one transaction: some 0.3 s, so progress is told about three times a second and little is done twice after a crash."""
SHOWN_PROBLEMS = 20
_64_BITS = (1 << 64) - 1


class UnknownColumns(StrEnum):
    """What becomes of columns that are no field and no property yet."""

    KEEP = "keep"
    """They become properties of the type text."""
    SKIP = "skip"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is. `rows` = created + updated + unchanged + refused, all of them stored or written by now."""

    bytes_read: int = 0
    bytes_total: int = 0
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that stayed out. `line` counts from 1, the heading is line 1."""

    line: int
    problem: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `columns` maps headings to what they fill; `refused` has the first rows that stayed out, `errors_path` all."""

    progress: ImportProgress
    encoding: str
    separator: str
    columns: dict[str, str] = field(default_factory=dict)
    refused: tuple[RefusedRow, ...] = ()
    errors_path: Path | None = None


def import_csv(
    db: Database,
    workspace_id: WorkspaceId,
    path: Path,
    *,
    progress: Callable[[ImportProgress], None] = lambda _: None,
    errors_path: Path | None = None,
    unknown: UnknownColumns = UnknownColumns.KEEP,
) -> ImportReport:
    """Create or update the contacts of a file; `progress` is told after each batch.

    Rows that cannot be taken are written to `errors_path`, by default beside the file as `<name>.errors.csv`; the others go in.

    Raises:
        NotFound: the file cannot be read.
        Invalid: it is no table, has no column with addresses, or has unknown columns that `unknown` refuses; nothing was written.
        Unavailable: the database or the disk gave out. What was done stands in whole batches; running the same import again completes it.
    """
    form = examine(path)
    file = CsvFile(path, form)
    try:
        columns = _columns(db, workspace_id, file, unknown)
        refusals = _Refusals(errors_path or path.with_name(f"{path.stem}.errors.csv"), file, path)
        with refusals:
            done = _import_rows(db, workspace_id, _Source(file, form, columns, refusals), progress)
    finally:
        file.close()
    return ImportReport(done, form.encoding, file.separator, dict(columns.names), tuple(refusals.first), refusals.written)


@dataclass(frozen=True, slots=True)
class _Source:
    file: CsvFile
    form: FileForm
    columns: Columns
    refusals: "_Refusals"


def _columns(db: Database, workspace_id: WorkspaceId, file: CsvFile, unknown: UnknownColumns) -> Columns:
    header = file.header
    if header.problem:
        raise Invalid(f"The line with the names of the columns cannot be read: {header.problem}", hint="Correct it.", line=header.line)
    if not header.cells:
        raise Invalid("The file is empty.", hint="The first line names the columns, such as email,first_name,company.")
    with db.tx(workspace_id) as tx:
        columns = match_columns(header.cells, load_properties(tx))
        if columns.unknown and unknown is UnknownColumns.REFUSE:
            named = ", ".join(f'"{head}"' for head in columns.unknown.values())
            hint = "Define them with `segue property add NAME`, or leave --unknown-columns away to keep them as text."
            raise Invalid(f"The file has columns that are no property: {named}.", hint=hint, line=header.line)
        if unknown is UnknownColumns.SKIP:
            return without_unknown(columns)
        define_texts(tx, columns.unknown)
    return columns


def _import_rows(db: Database, workspace_id: WorkspaceId, source: _Source, progress: Callable[[ImportProgress], None]) -> ImportProgress:
    done = ImportProgress(bytes_total=source.form.size)
    for batch in _batches(source):
        try:
            saved = _save(db, workspace_id, source, batch)
        except (psycopg.OperationalError, Unavailable, OSError) as error:
            raise _broken_off(error, done) from error
        taken = len(batch) - len(saved.barred)
        done = replace(
            done,
            bytes_read=source.file.position,
            rows=done.created + done.updated + done.unchanged + taken + source.refusals.count,
            created=done.created + saved.created,
            updated=done.updated + saved.updated,
            unchanged=done.unchanged + taken - saved.created - saved.updated,
            refused=source.refusals.count,
        )
        progress(done)
    return done


def _save(db: Database, workspace_id: WorkspaceId, source: _Source, batch: list[tuple[Row, ContactValues]]) -> Upserted:
    """Store a batch; what may not be stored is refused, and every refusal is on the disk before the batch is in the database."""
    with db.tx(workspace_id, actor="import") as tx:
        saved = save_contacts(tx, [contact for _, contact in batch])
        for row, contact in batch:
            if contact.email_normal in saved.barred:
                source.refusals.add(row, saved.barred[contact.email_normal])
        source.refusals.flush()
    return saved


def _batches(source: _Source) -> Iterator[list[tuple[Row, ContactValues]]]:
    """Yield the good rows in batches, the last one also if it is empty, so that its refused rows are counted."""
    zones = {name.casefold(): name for name in available_timezones()}
    seen = SeenAddresses()
    batch: list[tuple[Row, ContactValues]] = []
    for row in source.file.rows():
        if not row.problem and not any(row.cells):
            continue
        try:
            contact = _contact(row, source.columns, zones, seen)
        except RowProblem as problem:
            source.refusals.add(row, str(problem))
            continue
        batch.append((row, contact))
        if len(batch) == BATCH:
            yield batch
            batch = []
    yield batch


def _contact(row: Row, columns: Columns, zones: dict[str, str], seen: "SeenAddresses") -> ContactValues:
    if row.problem:
        raise RowProblem(row.problem)
    contact = read_row(columns, row.cells, zones)
    earlier = seen.add(contact.email_normal, row.line)
    if earlier:
        raise RowProblem(f"The same address stands in line {earlier} already.")
    return contact


def _broken_off(error: Exception, done: ImportProgress) -> Unavailable:
    said = str(error).strip().split("\n")[0]
    stored = done.created + done.updated + done.unchanged
    message = f"The import broke off after {stored:,} contacts: {said}"
    hint = "These are stored and whole. Put the cause right and run the same import again: it goes on, and nothing is doubled."
    return Unavailable(message, hint=hint)


class SeenAddresses:
    """Which addresses a file had, and in which line: 12 bytes a slot, at most half of the slots taken (a dict takes some 150 a row).

    Addresses are kept as 64-bit hashes. That two of five million share one, so that a good row is refused with the line of another, has a
    chance of one in a million.
    """

    def __init__(self) -> None:
        self._allot(1 << 12)
        self._count = 0

    def add(self, address: str, line: int) -> int:
        """Remember the address and return 0, or return the line it was first seen in."""
        hashed = hash(address) & _64_BITS or 1
        place = hashed & self._mask
        while taken := self._hashes[place]:
            if taken == hashed:
                return self._line_numbers[place]
            place = (place + 1) & self._mask
        self._hashes[place] = hashed
        self._line_numbers[place] = line
        self._count += 1
        if self._count * 2 > self._mask:
            self._grow()
        return 0

    def _allot(self, slots: int) -> None:
        self._mask = slots - 1
        self._hashes = array("Q", bytes(8 * slots))
        self._line_numbers = array("I", bytes(4 * slots))

    def _grow(self) -> None:
        hashes, line_numbers = self._hashes, self._line_numbers
        self._allot(2 * (self._mask + 1))
        for hashed, line in zip(hashes, line_numbers, strict=True):
            if hashed:
                place = hashed & self._mask
                while self._hashes[place]:
                    place = (place + 1) & self._mask
                self._hashes[place] = hashed
                self._line_numbers[place] = line


class _Refusals:
    """The file of rows that stayed out; made with the first of them. Its cells are safe to open in a spreadsheet (X6)."""

    def __init__(self, path: Path, source: CsvFile, original: Path) -> None:
        if path.exists() and path.samefile(original):
            raise Invalid("The rows with problems would overwrite the file itself.", hint="Name another file for them.")
        self.count = 0
        self.first: list[RefusedRow] = []
        self.written: Path | None = None
        self._path = path
        header = source.header.cells
        self._own = [place for place, cell in enumerate(header) if cell not in OURS]
        self._header = [header[place] for place in self._own]
        self._width = len(header)
        self._separator = source.separator
        self._file: TextIO | None = None

    def add(self, row: Row, problem: str) -> None:
        self.count += 1
        if len(self.first) < SHOWN_PROBLEMS:
            self.first.append(RefusedRow(row.line, problem))
        cells = row.cells
        if not row.problem:  # a corrected copy of such a file has our columns already, with what was wrong before
            cells = [*(cells[place] for place in self._own if place < len(cells)), *cells[self._width :]]
        self._write([str(row.line), problem, *cells])

    def flush(self) -> None:
        """Bring the rows to the disk before the batch they belong to is stored."""
        if self._file is not None:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as full:
            if error is None:
                raise self._unwritable(full) from full

    def _write(self, cells: list[str]) -> None:
        try:
            if self._file is None:
                # The mark makes spreadsheets read UTF-8; what could not be decoded goes out as it came.
                self._file = self._path.open("w", encoding="utf-8-sig", errors="surrogateescape", newline="")
                self.written = self._path
                self._put([*OURS, *self._header])
            self._put(cells)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> Unavailable:
        hint = "Free some space or name another file for the rows with problems, and run the same import again."
        return Unavailable(f"{self._path} cannot be written: {error.strerror}.", hint=hint)

    def _put(self, cells: list[str]) -> None:
        assert self._file is not None
        csv.writer(self._file, delimiter=self._separator, lineterminator="\r\n").writerow([neutralise(cell) for cell in cells])
