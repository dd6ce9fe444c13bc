"""Companies, by the domain of their people's addresses; the record's name and the contact's own text are two things (SEQ-19)."""

from typing import Any

from segue.db.tx import Tx
from segue.domain.addresses import domain_to_ascii
from segue.domain.errors import NotFound


def find_company(tx: Tx, company_id: int | None) -> dict[str, Any] | None:
    """Return a company by id."""
    return tx.one("SELECT id, domain, name, properties FROM companies WHERE workspace_id = %(ws)s AND id = %(id)s", {"id": company_id})


def get_company(tx: Tx, domain: str) -> dict[str, Any]:
    """Return a company by its domain, with its contacts and what is open of them. Raises NotFound."""
    row = tx.one(
        "SELECT id, domain, name, properties, created_at FROM companies WHERE workspace_id = %(ws)s AND domain = %(domain)s",
        {"domain": domain_to_ascii(domain.strip().rpartition("@")[2])},
    )
    if row is None:
        raise NotFound(f"There is no company with the domain {domain}.", hint="`segue company list` shows those there are.")
    people = tx.all(
        """SELECT c.id, c.email, c.first_name, c.last_name, (
               SELECT s.name FROM enrollments AS e JOIN sequences AS s ON s.workspace_id = e.workspace_id AND s.id = e.sequence_id
               WHERE e.workspace_id = c.workspace_id AND e.contact_id = c.id AND e.state IN ('active', 'paused') LIMIT 1) AS sequence
           FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.company_id = %(id)s AND c.deleted_at IS NULL ORDER BY c.id LIMIT 500""",
        {"id": row["id"]},
    )
    return {**row, "contacts": people}


def list_companies(tx: Tx, *, search: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """Return companies with the number of their contacts, the largest first; `search` is part of domain or name."""
    return tx.all(
        """SELECT f.id, f.domain, f.name, (SELECT count(*) FROM contacts AS c
               WHERE c.workspace_id = f.workspace_id AND c.company_id = f.id AND c.deleted_at IS NULL) AS contacts
           FROM companies AS f WHERE f.workspace_id = %(ws)s
             AND (%(search)s = '' OR strpos(lower(f.domain || ' ' || f.name), lower(%(search)s)) > 0)
           ORDER BY contacts DESC, f.domain LIMIT %(limit)s""",
        {"search": search.strip(), "limit": limit},
    )


def name_company(tx: Tx, domain: str, name: str) -> dict[str, Any]:
    """Give a company record its name, which `{{ company.name }}` shows. Raises NotFound."""
    found = get_company(tx, domain)
    tx.run(
        "UPDATE companies SET name = %(name)s, updated_at = %(now)s WHERE workspace_id = %(ws)s AND id = %(id)s",
        {"name": " ".join(name.split())[:255], "id": found["id"], "now": tx.now},
    )
    return get_company(tx, domain)
