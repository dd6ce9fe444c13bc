"""Which zone data rules: the `tzdata` package Segue was installed with, not the machine's own copy.

Two workers on two machines would otherwise disagree about an hour, and what the tests proved would not be what runs (S5, G9). Call
`use_packaged_tzdata` first thing in every program. The version is kept beside the pending due times, which are computed anew when it
changes (SEQ-72).
"""

import zoneinfo
from collections.abc import Mapping
from functools import cache
from importlib import resources

from segue.domain.places import plain


def use_packaged_tzdata() -> None:
    """Make `zoneinfo` read the packaged data alone, also for zones that were read before."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


@cache
def zone_data_version() -> str:
    """Return the release of the packaged data as IANA names it, such as "2026f"."""
    return resources.files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("utf-8").split("\n", 1)[0].removeprefix("# version ")


@cache
def country_names() -> Mapping[str, str]:
    """Return the ISO 3166 code of every country by its English name in plain letters, from the table that comes with the zone data."""
    rows = (line.split("\t") for line in _table("iso3166.tab"))
    return {plain(name): code for code, name in rows}


@cache
def zones_of_countries() -> Mapping[str, tuple[str, ...]]:
    """Return the zones of each country by its code, the most populous first as far as the zone data says so."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _table("zone.tab"):
        code, _, zone, *_ = line.split("\t")
        found[code] = (*found.get(code, ()), zone)
    return found


def _table(name: str) -> list[str]:
    text = resources.files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
