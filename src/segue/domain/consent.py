"""Consent: what entitles to write to somebody, how long it lasts, and what its absence does in a country (reliability.md §9). Pure.

An engineer's table, not a lawyer's: a workspace sets its own policies, and these are only where it begins.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class Basis(StrEnum):
    """Kinds of consent, after CASL: express, or implied by business, by an inquiry, by a published address."""

    EXPRESS = "express"
    BUSINESS = "business"
    INQUIRY = "inquiry"
    PUBLISHED = "published"


LASTS = {Basis.BUSINESS: timedelta(days=730), Basis.INQUIRY: timedelta(days=182)}
"""How long an implied consent holds: two years after business, six months after an inquiry (CASL s. 10(10), (13)); others have no end."""


class Policy(StrEnum):
    """What a missing consent does."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"


OTHERS = "*"
"""All countries without a policy of their own, and contacts whose country is not known."""

DEFAULTS = {"DE": Policy.WARN, "CA": Policy.WARN, OTHERS: Policy.OFF}
"""Germany is assumed to want prior consent between businesses too (UWG § 7); Canada wants a recorded basis (CASL)."""


class Policies(NamedTuple):
    """The policies of a workspace by country code."""

    by_country: dict[str, Policy]

    def of(self, country: str) -> Policy:
        """Return the policy that holds for a country."""
        return self.by_country.get(country, self.by_country.get(OTHERS, Policy.OFF))

    def parameters(self) -> dict[str, object]:
        """Return what a statement needs to tell whom the policy blocks."""
        named = [country for country in self.by_country if country != OTHERS]
        return {
            "consent_blocks": [country for country in named if self.by_country[country] is Policy.BLOCK],
            "consent_blocks_others": self.of(OTHERS) is Policy.BLOCK,
            "consent_named": named,
        }


def expires_at(basis: Basis, given_at: datetime, stated: datetime | None) -> datetime | None:
    """Return when a consent ends: as stated, else by its kind; None for one without an end."""
    if stated is not None or basis not in LASTS:
        return stated
    return given_at + LASTS[basis]
