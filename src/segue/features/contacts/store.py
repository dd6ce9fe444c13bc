"""What writes contacts and suppressions. Every statement takes many rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.types.json import Jsonb

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import domain_to_ascii, normal_form
from segue.domain.contacts_csv import ContactValues
from segue.domain.errors import Invalid
from segue.domain.events import AddressSuppressed

SuppressionKind = Literal["address", "domain"]


@dataclass(frozen=True, slots=True)
class Upserted:
    """How many contacts a batch made and how many it changed; the others said what was known."""

    created: int
    updated: int


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address or domain that gets no mail (S4). `value` is a normal form."""

    kind: SuppressionKind
    value: str
    reason: str
    created_at: datetime


def save_contacts(tx: Tx, contacts: Sequence[ContactValues]) -> Upserted:
    """Create or update contacts by the normal form of their address, each of which may stand in the batch once.

    What a row leaves empty stays as it is; properties are added to those there. A row that says nothing new writes nothing. Suppressions are
    kept by address and so outlive every import (S4).
    """
    if not contacts:
        return Upserted(0, 0)
    with tx.conn.cursor() as cursor:
        cursor.execute(_STAGING)
        with cursor.copy("COPY contact_staging FROM STDIN") as copy:
            for contact in contacts:
                copy.write_row((*contact[:-1], Jsonb(contact.properties)))
    counted = tx.one(_UPSERT, {"now": tx.now})
    tx.run("DROP TABLE contact_staging")
    assert counted is not None
    return Upserted(counted["created"], counted["updated"])


# Dropped at the end of the batch, and by any rollback: two imports of one transaction pooler's connection never meet.
_STAGING = """
    CREATE TEMPORARY TABLE contact_staging (
      email text, email_normal text, first_name text, last_name text, company text, timezone text, country text, properties jsonb
    ) ON COMMIT DROP"""

# In the order of the key, so that two imports at once wait for each other and never deadlock.
_UPSERT = """
    WITH saved AS (
      INSERT INTO contacts AS c
        (workspace_id, email, email_normal, first_name, last_name, company, timezone, country, properties, created_at, updated_at)
      SELECT %(ws)s, email, email_normal, first_name, last_name, company, timezone, country, properties, %(now)s, %(now)s
      FROM contact_staging ORDER BY email_normal
      ON CONFLICT (workspace_id, email_normal) DO UPDATE SET
        email = excluded.email,
        first_name = COALESCE(NULLIF(excluded.first_name, ''), c.first_name),
        last_name = COALESCE(NULLIF(excluded.last_name, ''), c.last_name),
        company = COALESCE(NULLIF(excluded.company, ''), c.company),
        timezone = COALESCE(NULLIF(excluded.timezone, ''), c.timezone),
        country = COALESCE(NULLIF(excluded.country, ''), c.country),
        properties = c.properties || excluded.properties,
        updated_at = excluded.updated_at
      WHERE excluded.email <> c.email
         OR excluded.first_name NOT IN ('', c.first_name)
         OR excluded.last_name NOT IN ('', c.last_name)
         OR excluded.company NOT IN ('', c.company)
         OR excluded.timezone NOT IN ('', c.timezone)
         OR excluded.country NOT IN ('', c.country)
         OR NOT c.properties @> excluded.properties
      RETURNING (xmax = 0) AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new) AS created, count(*) FILTER (WHERE NOT is_new) AS updated FROM saved"""


def suppress(tx: Tx, kind: SuppressionKind, value: str, reason: str, *, source: str = "") -> bool:
    """Put an address or domain on the list that gets no mail; returns False if it stands there already.

    Returns once no hand-off to it is under way (H3), and records `AddressSuppressed`, which ends what is open. To be called before enrollments
    are locked, and for domains before addresses (H4).

    Raises:
        Invalid: the value is no address, or no domain.
    """
    normal = normal_form(value) if kind == "address" else domain_to_ascii(value.strip().removeprefix("@"))
    if not normal or (kind == "domain" and ("@" in normal or "." not in normal)):
        raise Invalid(
            f'"{value}" is no {kind}.', hint="Write name@company.example for an address, company.example for a domain.", field="value"
        )
    tx.lock_for_stop(LockKind.ADDRESS if kind == "address" else LockKind.DOMAIN, normal)
    added = tx.run(
        """INSERT INTO suppressions (workspace_id, kind, value, reason, source, created_at)
           VALUES (%(ws)s, %(kind)s, %(value)s, %(reason)s, %(source)s, %(now)s) ON CONFLICT DO NOTHING""",
        {"kind": kind, "value": normal, "reason": reason, "source": source, "now": tx.now},
    )
    if added:
        known = tx.one("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = %(value)s", {"value": normal})
        contact = known["id"] if known else None
        tx.record(AddressSuppressed(contact_id=contact, suppression_kind=kind, value=normal, reason=reason))
    return bool(added)


def find_suppressions(tx: Tx, addresses: Sequence[str]) -> dict[str, Suppression]:
    """Return what bars these addresses, by address as given; those that may be written to are left out. Any number in one statement."""
    normal = {address: normal_form(address) for address in addresses}
    values = {*normal.values(), *(form.rpartition("@")[2] for form in normal.values())} - {""}
    rows = tx.all(
        "SELECT kind, value, reason, created_at FROM suppressions WHERE workspace_id = %(ws)s AND value = ANY(%(values)s)",
        {"values": sorted(values)},
    )
    found = {(row["kind"], row["value"]): Suppression(**row) for row in rows}
    hits = {address: found.get(("address", form)) or found.get(("domain", form.rpartition("@")[2])) for address, form in normal.items()}
    return {address: hit for address, hit in hits.items() if hit}
