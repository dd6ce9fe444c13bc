"""Lists of contacts: with members of their own, or saved filters that find their members when asked (SEQ-51)."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.contact_filter import parse_filter
from segue.domain.errors import Conflict, Invalid, NotFound
from segue.domain.properties import ENGINE_WRITTEN
from segue.features.contacts.filter_sql import to_sql
from segue.features.contacts.properties import load_properties

PAGE = 10_000


def find_contacts(tx: Tx, text: str, *, among: Sequence[int] | None = None) -> list[int]:
    """Return the ids of the contacts that a filter finds, all or `among` some, in order; deleted ones are left out. Raises Invalid."""
    condition, parameters = to_sql(parse_filter(text, {**load_properties(tx), **ENGINE_WRITTEN}))
    # The text is assembled from constants alone (filter_sql); every value is a parameter.
    some = "" if among is None else "AND c.id = ANY(%(among)s)"
    statement = (
        f"SELECT c.id FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.deleted_at IS NULL {some} AND {condition} ORDER BY c.id"
    )
    return [int(row["id"]) for row in tx.all(statement, parameters | ({} if among is None else {"among": list(among)}))]


def ask_filters(tx: Tx, names: Collection[str], contacts: Sequence[int]) -> dict[str, frozenset[int] | None]:
    """Return whom of these contacts each saved filter of these names finds, by name in lower case.

    None: it cannot be read any more, as when a property that it names is gone.
    """
    found: dict[str, frozenset[int] | None] = {}
    for row in tx.all("SELECT name, filter FROM contact_lists WHERE workspace_id = %(ws)s AND filter <> ''", {}) if names else ():
        if (name := row["name"].casefold()) in names:
            try:
                found[name] = frozenset(find_contacts(tx, row["filter"], among=contacts))
            except Invalid:
                found[name] = None
    return found


def create_list(tx: Tx, name: str, filter_text: str = "") -> int:
    """Make a list; with a filter it has no members of its own. Raises Invalid, Conflict."""
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 200:
        raise Invalid("A list needs a name of at most 200 characters.", hint="Give it one.", field="name")
    if filter_text.strip():
        find_contacts(tx, filter_text)
    row = tx.one(
        """INSERT INTO contact_lists (workspace_id, name, filter, created_at) VALUES (%(ws)s, %(name)s, %(filter)s, %(now)s)
           ON CONFLICT DO NOTHING RETURNING id""",
        {"name": clean, "filter": filter_text.strip(), "now": tx.now},
    )
    if row is None:
        raise Conflict(f'There is a list "{clean}" already.', hint="Choose another name.")
    return int(row["id"])


def get_list(tx: Tx, name: str) -> dict[str, Any]:
    """Return a list by name. Raises NotFound."""
    row = tx.one(
        "SELECT id, name, filter, created_at FROM contact_lists WHERE workspace_id = %(ws)s AND lower(name) = lower(%(name)s)",
        {"name": " ".join(name.split())},
    )
    if row is None:
        raise NotFound(f'There is no list "{name}".', hint="`segue list list` shows them; `segue list create NAME` makes one.")
    return row


def list_lists(tx: Tx) -> list[dict[str, Any]]:
    """Return all lists; saved filters are not counted."""
    return tx.all(
        """SELECT l.id, l.name, l.filter, l.created_at, CASE WHEN l.filter = '' THEN (
               SELECT count(*) FROM contact_list_members AS m JOIN contacts AS c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
               WHERE m.workspace_id = l.workspace_id AND m.list_id = l.id AND c.deleted_at IS NULL) END AS members
           FROM contact_lists AS l WHERE l.workspace_id = %(ws)s ORDER BY lower(l.name)""",
        {},
    )


def list_members(tx: Tx, name: str) -> list[int]:
    """Return the ids of the contacts that a list has at this moment (SEQ-51). Raises NotFound."""
    found = get_list(tx, name)
    if found["filter"]:
        return find_contacts(tx, found["filter"])
    rows = tx.all(
        """SELECT m.contact_id AS id FROM contact_list_members AS m
           JOIN contacts AS c ON c.workspace_id = m.workspace_id AND c.id = m.contact_id
           WHERE m.workspace_id = %(ws)s AND m.list_id = %(list)s AND c.deleted_at IS NULL ORDER BY m.contact_id""",
        {"list": found["id"]},
    )
    return [int(row["id"]) for row in rows]


def change_members(tx: Tx, name: str, contacts: Sequence[int], *, add: bool) -> int:
    """Add contacts to a list or take them off, any number in one statement; returns how many were not so before.

    Raises:
        NotFound: there is no such list.
        Conflict: it is a saved filter.
    """
    found = get_list(tx, name)
    if found["filter"]:
        raise Conflict(f'"{found["name"]}" is a saved filter: its members are whom it finds.', hint="Make a list without a filter.")
    parameters = {"list": found["id"], "contacts": sorted(set(contacts)), "now": tx.now}
    if add:
        return tx.run(
            """INSERT INTO contact_list_members (workspace_id, list_id, contact_id, added_at)
               SELECT %(ws)s, %(list)s, id, %(now)s FROM contacts
               WHERE workspace_id = %(ws)s AND id = ANY(%(contacts)s) AND deleted_at IS NULL ORDER BY id ON CONFLICT DO NOTHING""",
            parameters,
        )
    return tx.run(
        "DELETE FROM contact_list_members WHERE workspace_id = %(ws)s AND list_id = %(list)s AND contact_id = ANY(%(contacts)s)", parameters
    )


def delete_list(tx: Tx, name: str) -> None:
    """Delete a list; its contacts stay. Raises NotFound."""
    found = get_list(tx, name)
    tx.run("DELETE FROM contact_list_members WHERE workspace_id = %(ws)s AND list_id = %(list)s", {"list": found["id"]})
    tx.run("DELETE FROM contact_lists WHERE workspace_id = %(ws)s AND id = %(list)s", {"list": found["id"]})


def find_by_addresses(tx: Tx, emails: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the ids of contacts by any of their addresses, and the addresses that are nobody's."""
    forms = {normal_form(email): email for email in emails}
    rows = tx.all(
        """SELECT id, email_normal, other_addresses FROM contacts WHERE workspace_id = %(ws)s AND deleted_at IS NULL
             AND (email_normal = ANY(%(forms)s) OR other_addresses && %(forms)s::text[]) ORDER BY id""",
        {"forms": list(forms)},
    )
    known = {address for row in rows for address in (row["email_normal"], *row["other_addresses"])}
    return [int(row["id"]) for row in rows], [email for form, email in forms.items() if form not in known]


def iterate_pages(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield ids in pages."""
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]
