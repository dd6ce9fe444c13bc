"""Consent by address, and what its absence does by country. Checked at enrolling and again at the gate, as suppression is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segue.db.locks import LockKind
from segue.db.tx import Tx
from segue.domain.addresses import normal_form
from segue.domain.consent import DEFAULTS, OTHERS, Basis, Policies, Policy, expires_at
from segue.domain.contact_events import ConsentRecorded, ConsentWithdrawn
from segue.domain.errors import Invalid
from segue.domain.places import country_code
from segue.zone_data import country_names


def load_policies(tx: Tx) -> Policies:
    """Return the policies that hold: the workspace's own, else those Segue begins with."""
    rows = tx.all("SELECT country, policy FROM consent_policies WHERE workspace_id = %(ws)s", {})
    return Policies({**DEFAULTS, **{row["country"]: Policy(row["policy"]) for row in rows}})


def set_policy(tx: Tx, country: str, policy: Policy) -> str:
    """Set what a missing consent does in a country, by name or code; `*` for all others. Returns its code. Raises Invalid."""
    code = OTHERS if country.strip() == OTHERS else country_code(country, country_names())
    if not code:
        raise Invalid(f"{country!r} is no country.", hint="Write two letters such as DE, or * for all others.", field="country")
    if policy is Policy.BLOCK:  # no hand-off that read the old policy is under way afterwards (H3)
        tx.lock_for_stop(LockKind.WORKSPACE, tx.workspace_id)
    tx.run(  # the gate knows the stored policies alone: a new one for all others must not take in the countries that Segue begins with
        """INSERT INTO consent_policies (workspace_id, country, policy)
           SELECT %(ws)s, * FROM unnest(%(countries)s::text[], %(policies)s::text[]) ON CONFLICT DO NOTHING""",
        {"countries": list(DEFAULTS), "policies": [each.value for each in DEFAULTS.values()]},
    )
    tx.run(
        """INSERT INTO consent_policies (workspace_id, country, policy) VALUES (%(ws)s, %(country)s, %(policy)s)
           ON CONFLICT (workspace_id, country) DO UPDATE SET policy = excluded.policy""",
        {"country": code, "policy": policy.value},
    )
    return code


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """A consent that is fit to be stored. `normal` is the form of MAIL-77."""

    normal: str
    basis: Basis
    source: str
    given_at: datetime
    ends_at: datetime | None


def checked(email: str, basis: Basis, source: str, *, given_at: datetime | None, until: datetime | None, now: datetime) -> GivenConsent:
    """Return a consent as it is stored.

    Raises:
        Invalid: no address, no source, or a time that cannot be.
    """
    normal = normal_form(email)
    given = given_at or now
    if not normal:
        raise Invalid(f'"{email}" is no email address.', hint="Write name@company.example.", field="email")
    if not source.strip():
        raise Invalid("Where the consent comes from is not said.", hint="Say it: a form, a contract, a call on a date.", field="source")
    if given > now or (until is not None and until <= given):
        raise Invalid("A consent is given before now, and ends after it was given.", hint="Correct the times.", field="at")
    return GivenConsent(normal, basis, source.strip()[:500], given, expires_at(basis, given, until))


def record_consent(
    tx: Tx, email: str, basis: Basis, source: str, *, given_at: datetime | None = None, until: datetime | None = None
) -> None:
    """Record why an address may be written to. A later record of the same kind takes its place; every one stays on the timeline.

    Raises:
        Invalid: no address, no source, or a time that cannot be.
    """
    record_consents(tx, [checked(email, basis, source, given_at=given_at, until=until, now=tx.now)])


def record_consents(tx: Tx, given: Sequence[GivenConsent]) -> int:
    """Record any number of consents, each address and kind once, in two statements; returns how many."""
    ordered = sorted(given, key=lambda each: (each.normal, each.basis))
    rows = tx.all(
        """WITH n AS (
             SELECT * FROM unnest(%(addresses)s::text[], %(kinds)s::text[], %(sources)s::text[], %(givens)s::timestamptz[],
               %(ends)s::timestamptz[]) AS n(address, kind, source, given_at, ends_at)),
           stored AS (
             INSERT INTO consents (workspace_id, address_normal, kind, source, given_at, expires_at, recorded_at)
             SELECT %(ws)s, address, kind, source, given_at, ends_at, %(now)s FROM n
             ON CONFLICT (workspace_id, address_normal, kind) DO UPDATE SET source = excluded.source, given_at = excluded.given_at,
               expires_at = excluded.expires_at, recorded_at = excluded.recorded_at)
           SELECT c.id, n.kind, n.source, n.ends_at FROM n
           LEFT JOIN contacts AS c ON c.workspace_id = %(ws)s AND c.email_normal = n.address""",
        {
            "addresses": [each.normal for each in ordered],
            "kinds": [each.basis.value for each in ordered],
            "sources": [each.source for each in ordered],
            "givens": [each.given_at for each in ordered],
            "ends": [each.ends_at for each in ordered],
            "now": tx.now,
        },
    )
    for row in rows:
        tx.record(ConsentRecorded(contact_id=row["id"], basis=row["kind"], source=row["source"], expires_at=row["ends_at"]))
    return len(rows)


def withdraw_consent(tx: Tx, email: str) -> int:
    """Take back every consent of an address; returns how many there were."""
    normal = normal_form(email)
    tx.lock_for_stop(LockKind.ADDRESS, normal)
    taken = tx.run("DELETE FROM consents WHERE workspace_id = %(ws)s AND address_normal = %(address)s", {"address": normal})
    if taken:
        tx.record(ConsentWithdrawn(contact_id=_contact_of(tx, normal)))
    return taken


def list_consents(tx: Tx, addresses: Sequence[str]) -> list[dict[str, Any]]:
    """Return what is recorded for normal-form addresses."""
    return tx.all(
        """SELECT address_normal AS address, kind, source, given_at, expires_at, recorded_at FROM consents
           WHERE workspace_id = %(ws)s AND address_normal = ANY(%(addresses)s) ORDER BY address_normal, kind""",
        {"addresses": list(addresses)},
    )


def count_without_consent(tx: Tx, policies: Policies, contacts: Sequence[int]) -> int:
    """Count contacts whose country's policy is to warn and who have no valid consent (SEQ-60)."""
    warns = [country for country, policy in policies.by_country.items() if policy is Policy.WARN and country != OTHERS]
    row = tx.one(
        """SELECT count(*) AS n FROM contacts AS c WHERE c.workspace_id = %(ws)s AND c.id = ANY(%(contacts)s)
             AND (c.country_code = ANY(%(warns)s) OR %(others)s AND c.country_code <> ALL(%(named)s))
             AND NOT EXISTS (SELECT FROM consents AS k WHERE k.workspace_id = %(ws)s AND k.address_normal = c.email_normal
                             AND (k.expires_at IS NULL OR k.expires_at > %(now)s))""",
        {
            "contacts": list(contacts),
            "warns": warns,
            "others": policies.of(OTHERS) is Policy.WARN,
            "named": [country for country in policies.by_country if country != OTHERS],
            "now": tx.now,
        },
    )
    assert row is not None
    return int(row["n"])


def _contact_of(tx: Tx, normal: str) -> int | None:
    row = tx.one("SELECT id FROM contacts WHERE workspace_id = %(ws)s AND email_normal = %(address)s", {"address": normal})
    return int(row["id"]) if row else None
