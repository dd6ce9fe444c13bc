"""What writes contacts: many rows in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from psycopg.types.json import Jsonb

from segue.db.tx import Tx
from segue.domain.contact_events import ContactPlacesChanged
from segue.domain.contacts_csv import ContactValues
from segue.domain.free_mail import FREE_MAIL_DOMAINS
from segue.domain.places import country_code
from segue.zone_data import country_names


@dataclass(frozen=True, slots=True)
class Upserted:
    """How many contacts a batch made and how many it changed; the others said what was known.

    `barred` says of normal-form addresses why they were left out: deleted, erased, or a further address of somebody else.
    """

    created: int
    updated: int
    barred: Mapping[str, str] = field(default_factory=dict)


def save_contacts(tx: Tx, contacts: Sequence[ContactValues]) -> Upserted:
    """Create or update contacts by the normal form of their address, each of which may stand in the batch once.

    What a row leaves empty stays as it is; properties and further addresses are added to those there. A row that says nothing new writes
    nothing. Companies come with the first contact of their domain. Suppressions are kept by address and so outlive every import (S4).
    """
    if not contacts:
        return Upserted(0, 0)
    codes = {country: country_code(country, country_names()) for country in {contact.country for contact in contacts}}
    with tx.conn.cursor() as cursor:
        cursor.execute(_STAGING)
        with cursor.copy("COPY contact_staging FROM STDIN") as copy:
            for contact in contacts:
                domain = contact.email_normal.rpartition("@")[2]
                firm = "" if domain in FREE_MAIL_DOMAINS else domain
                copy.write_row((*contact[:-2], Jsonb(contact.properties), list(contact.other_addresses), codes[contact.country], firm))
    barred = {row["email_normal"]: _BARRED[row["why"]].format_map(row) for row in tx.all(_FIND_BARRED, {})}
    if barred:
        tx.run("DELETE FROM contact_staging WHERE email_normal = ANY(%(barred)s)", {"barred": list(barred)})
    tx.run(_COMPANIES, {"now": tx.now})
    counted = tx.one(_UPSERT, {"now": tx.now})
    tx.run("DROP TABLE contact_staging")
    assert counted is not None
    if counted["enrolled"]:
        tx.record(ContactPlacesChanged(contact_ids=tuple(counted["enrolled"])))
    return Upserted(counted["created"], counted["updated"], barred)


# Dropped at the end of the batch, and by any rollback: two imports of one transaction pooler's connection never meet.
_STAGING = """
    CREATE TEMPORARY TABLE contact_staging (
      email text, email_normal text, first_name text, last_name text, company text, timezone text, country text, properties jsonb,
      other_addresses text[], country_code text, domain text
    ) ON COMMIT DROP"""

_BARRED = {
    "erased": "This person was erased and is not taken up again.",
    "deleted": "This contact was deleted. `segue contacts restore {email_normal}` brings it back.",
    "further": "This is a further address of {owner}.",
}

# Each part begins with the few rows that its own small index has, whatever the number of contacts: asked of the whole table, a batch of an
# import into 130,000 contacts took seven seconds.
_FIND_BARRED = """
    SELECT s.email_normal, 'erased' AS why, '' AS owner FROM contact_staging AS s
      JOIN workspaces AS w ON w.workspace_id = %(ws)s
      JOIN suppressions AS x ON x.workspace_id = %(ws)s AND x.kind = 'erased'
        AND x.value = segue_address_hash(w.mail_secret, s.email_normal)
    UNION ALL
    SELECT s.email_normal, 'deleted', '' FROM contact_staging AS s
      JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.email_normal = s.email_normal AND c.deleted_at IS NOT NULL
    UNION ALL
    SELECT s.email_normal, 'further', o.email FROM contacts AS o CROSS JOIN LATERAL unnest(o.other_addresses) AS further(address)
      JOIN contact_staging AS s ON s.email_normal = further.address
      WHERE o.workspace_id = %(ws)s AND o.deleted_at IS NULL AND o.other_addresses <> '{}'
        AND NOT EXISTS (SELECT FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.email_normal = s.email_normal)"""

# In the order of the key, here and below, so that two imports at once wait for each other and never deadlock.
_COMPANIES = """
    INSERT INTO companies AS f (workspace_id, domain, name, created_at, updated_at)
    SELECT %(ws)s, domain, COALESCE((array_agg(company ORDER BY email_normal) FILTER (WHERE company <> ''))[1], ''), %(now)s, %(now)s
    FROM contact_staging WHERE domain <> '' GROUP BY domain ORDER BY domain
    ON CONFLICT (workspace_id, domain) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at
    WHERE f.name = '' AND excluded.name <> ''"""

_UPSERT = """
    WITH saved AS (
      INSERT INTO contacts AS c
        (workspace_id, email, email_normal, first_name, last_name, company, timezone, country, country_code, properties, other_addresses,
         company_id, created_at, updated_at)
      SELECT %(ws)s, s.email, s.email_normal, s.first_name, s.last_name, s.company, s.timezone, s.country, s.country_code, s.properties,
        s.other_addresses, f.id, %(now)s, %(now)s
      FROM contact_staging AS s LEFT JOIN companies AS f ON f.workspace_id = %(ws)s AND f.domain = s.domain
      ORDER BY s.email_normal
      ON CONFLICT (workspace_id, email_normal) DO UPDATE SET
        email = excluded.email,
        first_name = COALESCE(NULLIF(excluded.first_name, ''), c.first_name),
        last_name = COALESCE(NULLIF(excluded.last_name, ''), c.last_name),
        company = COALESCE(NULLIF(excluded.company, ''), c.company),
        timezone = COALESCE(NULLIF(excluded.timezone, ''), c.timezone),
        country = COALESCE(NULLIF(excluded.country, ''), c.country),
        country_code = CASE WHEN excluded.country = '' THEN c.country_code ELSE excluded.country_code END,
        properties = c.properties || excluded.properties,
        other_addresses = ARRAY(SELECT DISTINCT unnest(c.other_addresses || excluded.other_addresses) ORDER BY 1),
        updated_at = excluded.updated_at
      WHERE c.deleted_at IS NULL AND (excluded.email <> c.email
         OR excluded.first_name NOT IN ('', c.first_name)
         OR excluded.last_name NOT IN ('', c.last_name)
         OR excluded.company NOT IN ('', c.company)
         OR excluded.timezone NOT IN ('', c.timezone)
         OR excluded.country NOT IN ('', c.country)
         OR NOT c.other_addresses @> excluded.other_addresses
         OR NOT c.properties @> excluded.properties)
      RETURNING c.id, (xmax = 0) AS is_new
    )
    SELECT count(*) FILTER (WHERE is_new) AS created, count(*) FILTER (WHERE NOT is_new) AS updated,
      array_agg(id ORDER BY id) FILTER (WHERE NOT is_new AND EXISTS (
        SELECT FROM enrollments AS e
        WHERE e.workspace_id = %(ws)s AND e.contact_id = saved.id AND e.state IN ('active', 'paused'))) AS enrolled
    FROM saved"""
