"""Many contacts at once from a program: the rows of a CSV file without the file. One statement, each row answered for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import available_timezones

from segue.db.tx import Tx
from segue.domain.contacts_csv import ContactValues, RowProblem, match_columns, read_row
from segue.domain.errors import Invalid
from segue.domain.permissions import Actor
from segue.features.contacts.access import require_to_communicate
from segue.features.contacts.properties import load_properties
from segue.features.contacts.store import save_contacts


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that was not taken; `index` counts from 0."""

    index: int
    email: str
    message: str


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the rows."""

    created: int
    updated: int
    unchanged: int
    refused: tuple[Refusal, ...]


def save_rows(tx: Tx, actor: Actor, rows: Sequence[Mapping[str, str]]) -> Saved:
    """Create or update contacts by their address; what a row leaves out stays as it is.

    Raises:
        Forbidden: one of them is there, and the actor may not write to it (SEQ-3).
        Invalid: a name in the rows is no property, or none of them is the address.
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = match_columns(names, load_properties(tx))
    if columns.unknown:
        unknown = ", ".join(sorted(columns.unknown))
        raise Invalid(f"There is no property {unknown}.", hint="Define it first, or leave it out.", field="contacts")
    zones = {zone.lower(): zone for zone in available_timezones()}
    taken: dict[str, tuple[int, ContactValues]] = {}
    refused: list[Refusal] = []
    for index, row in enumerate(rows):
        try:
            contact = read_row(columns, [row.get(name, "") for name in names], zones)
        except RowProblem as problem:
            refused.append(Refusal(index, next((row[name] for name in row if "mail" in name.lower()), "")[:320], str(problem)))
            continue
        earlier, _ = taken.setdefault(contact.email_normal, (index, contact))
        if earlier != index:
            refused.append(Refusal(index, contact.email, f"The same address stands in row {earlier} already."))
    known = tx.all("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = ANY(%(normals)s)", {"normals": list(taken)})
    require_to_communicate(tx, actor, [row["id"] for row in known])
    done = save_contacts(tx, [contact for _, contact in taken.values()])
    refused += [Refusal(taken[normal][0], taken[normal][1].email, why) for normal, why in done.barred.items()]
    unchanged = len(taken) - done.created - done.updated - len(done.barred)
    return Saved(done.created, done.updated, unchanged, tuple(sorted(refused, key=lambda each: each.index)))
