"""What writes contacts: many rows in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from segue.db.tx import Tx
from segue.domain.contacts_csv import ContactValues


@dataclass(frozen=True, slots=True)
class Upserted:
    """How many contacts a batch made and how many it changed; the others said what was known."""

    created: int
    updated: int


def save_contacts(tx: Tx, contacts: Sequence[ContactValues]) -> Upserted:
    """Create or update contacts by the normal form of their address, each of which may stand in the batch once.

    What a row leaves empty stays as it is; properties are added to those there. A row that says nothing new writes nothing. Suppressions
    are kept by address and so outlive every import (S4).
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
