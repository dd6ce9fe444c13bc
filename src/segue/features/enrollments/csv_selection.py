"""The contacts of a file as a selection to enroll: by the addresses that stand in it, in its order."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from segue.db.tx import Database
from segue.domain.contacts_csv import RowProblem, match_columns, read_row
from segue.domain.ids import WorkspaceId
from segue.features.contacts.csv_file import CsvFile, examine

BATCH = 10_000


def list_contacts_of_file(db: Database, workspace_id: WorkspaceId, path: Path) -> list[int]:
    """Return the ids of the contacts whose addresses stand in a file that was imported, each once.

    Rows that were refused by the import are passed over. Raises NotFound, Invalid for a file that cannot be read or understood.
    """
    file = CsvFile(path, examine(path))
    try:
        found: dict[int, None] = {}
        for addresses in _batches(file):
            with db.tx(workspace_id) as tx:
                rows = tx.all(
                    """SELECT c.id FROM unnest(%(given)s::text[]) WITH ORDINALITY AS given(email, place)
                       JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.email_normal = given.email ORDER BY given.place""",
                    {"given": addresses},
                )
            found.update((int(row["id"]), None) for row in rows)
        return list(found)
    finally:
        file.close()


def _batches(file: CsvFile) -> Iterator[list[str]]:
    columns = match_columns(file.header.cells)
    zones = {name.casefold(): name for name in available_timezones()}
    batch: list[str] = []
    for row in file.rows():
        if row.problem or not any(row.cells):
            continue
        try:
            batch.append(read_row(columns, row.cells, zones).email_normal)
        except RowProblem:
            continue
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
