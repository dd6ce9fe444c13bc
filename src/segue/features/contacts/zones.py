"""The time zone of a contact from what is known of it (SEQ-70): its own property, else city or region, else phone number, else country."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from segue.db.tx import Tx
from segue.domain.places import zone_of_place
from segue.zone_data import zones_of_countries

PROBE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class FoundZone:
    """A zone and what told it: contact, place, phone or country."""

    zone: str
    source: str


def find_zones(tx: Tx, contacts: Sequence[int]) -> dict[int, FoundZone]:
    """Return the zones of contacts by id, in one statement for any number; those that nothing tells of are left out."""
    rows = tx.all(
        """SELECT id, timezone, country_code, properties ->> 'city' AS city, properties ->> 'state' AS region,
               COALESCE(NULLIF(properties ->> 'phone', ''), properties ->> 'mobile_phone') AS phone
           FROM contacts WHERE workspace_id = %(ws)s AND id = ANY(%(ids)s)""",
        {"ids": list(contacts)},
    )
    known: dict[tuple[Any, ...], FoundZone | None] = {}
    found: dict[int, FoundZone] = {}
    for row in rows:
        key = (row["timezone"], row["city"] or "", row["region"] or "", row["phone"] or "", row["country_code"])
        if key not in known:
            known[key] = _find(*key, tx.now)
        zone = known[key]
        if zone is not None:
            found[row["id"]] = zone
    return found


def _find(given: str, city: str, region: str, phone: str, country: str, now: datetime) -> FoundZone | None:
    if given in available_timezones():
        return FoundZone(given, "contact")
    if zone := zone_of_place(city, region, country):
        return FoundZone(zone, "place")
    if zone := _one_clock(_zones_of_phone(phone, country), now):
        return FoundZone(zone, "phone")
    if zone := _OFFICIAL.get(country) or _one_clock(zones_of_countries().get(country, ()), now):
        return FoundZone(zone, "country")
    return None


_OFFICIAL = {"CN": "Asia/Shanghai", "NZ": "Pacific/Auckland", "EC": "America/Guayaquil"}
"""One clock by law (China), or for all but some hundred people in a thousand times as many (Chatham and the Galapagos aside)."""


def _zones_of_phone(phone: str, country: str) -> tuple[str, ...]:
    """Return the zones of a phone number; one without its country is read in the contact's."""
    if not phone:
        return ()
    import phonenumbers  # a second of tables: only where a phone number is all there is
    from phonenumbers import timezone

    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return ()
    zones = timezone.time_zones_for_number(number) if phonenumbers.is_possible_number(number) else ()
    return tuple(zone for zone in zones if zone in available_timezones())


def _one_clock(zones: Iterable[str], now: datetime) -> str:
    """Return the first of zones that show the same time all year round from now on; empty for none and where they differ."""
    names = list(zones)
    instants = [now + month * PROBE for month in range(13)]
    clocks = {tuple(at.astimezone(ZoneInfo(name)).utcoffset() for at in instants) for name in names}
    return names[0] if len(clocks) == 1 else ""
