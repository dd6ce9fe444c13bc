"""What is asked about contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.errors import NotFound
from segue.domain.ids import ContactId

PAGE_LIMIT = 500


@dataclass(frozen=True, slots=True)
class Contact:
    """A person written to. `address_dead_at` is set once mail to the address bounced for good (SEQ-165)."""

    id: ContactId
    email: str
    email_normal: str
    first_name: str
    last_name: str
    company: str
    timezone: str
    country: str
    properties: dict[str, Any]
    address_dead_at: datetime | None
    created_at: datetime
    updated_at: datetime
    other_addresses: list[str]
    company_id: int | None
    deleted_at: datetime | None


_COLUMNS = """id, email, email_normal, first_name, last_name, company, timezone, country, properties, address_dead_at,
              created_at, updated_at, other_addresses, company_id, deleted_at"""


def find_contact_by_email(tx: Tx, email: str) -> Contact | None:
    """Return the contact with this address in any spelling that reaches the same mailbox (SEQ-64), also as a further address (MAIL-78)."""
    row = tx.one(
        f"""SELECT {_COLUMNS} FROM contacts
            WHERE workspace_id = %(ws)s AND (email_normal = %(email)s OR other_addresses @> ARRAY[%(email)s]::text[])
            ORDER BY deleted_at IS NOT NULL, email_normal <> %(email)s, id LIMIT 1""",
        {"email": normal_form(email)},
    )
    return Contact(**row) if row else None


def get_contact_by_email(tx: Tx, email: str) -> Contact:
    """Return the contact with this address. Raises NotFound."""
    contact = find_contact_by_email(tx, email)
    if contact is None:
        raise NotFound(f"There is no contact with the address {email}.", hint="Import the contact first.")
    return contact


def list_contacts(tx: Tx, *, after: int = 0, limit: int = 100, search: str = "") -> list[Contact]:
    """Return a page of contacts in the order of their ids, beginning behind `after`; `search` is part of an address, name or company."""
    rows = tx.all(
        f"""SELECT {_COLUMNS} FROM contacts
            WHERE workspace_id = %(ws)s AND id > %(after)s AND deleted_at IS NULL
              AND (%(search)s = '' OR strpos(lower(concat_ws(' ', email, first_name, last_name, company)), lower(%(search)s)) > 0)
            ORDER BY id LIMIT %(limit)s""",
        {"after": after, "limit": max(1, min(limit, PAGE_LIMIT)), "search": search.strip()},
    )
    return [Contact(**row) for row in rows]


def list_contacts_by_id(tx: Tx, ids: Sequence[int]) -> list[Contact]:
    """Return contacts by id, in the order of their ids."""
    rows = tx.all(f"SELECT {_COLUMNS} FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s) ORDER BY id", {"ids": list(ids)})
    return [Contact(**row) for row in rows]


def list_ids(tx: Tx) -> list[int]:
    """Return the ids of all contacts that are not deleted."""
    rows = tx.all("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND deleted_at IS NULL ORDER BY id", {})
    return [int(row["id"]) for row in rows]


def count_contacts(tx: Tx) -> int:
    """Return how many contacts the workspace has."""
    row = tx.one("SELECT count(*) AS n FROM contacts WHERE workspace_id = %(ws)s AND deleted_at IS NULL", {})
    assert row is not None
    return int(row["n"])
