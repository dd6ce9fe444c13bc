"""Which zone data rules: the `tzdata` package Segue was installed with, not the machine's own copy.

Two workers on two machines would otherwise disagree about an hour, and what the tests proved would not be what runs (S5, G9). Call
`use_packaged_tzdata` first thing in every program. The version is kept beside the pending due times, which are computed anew when it
changes (SEQ-72).
"""

import zoneinfo
from importlib import resources


def use_packaged_tzdata() -> None:
    """Make `zoneinfo` read the packaged data alone, also for zones that were read before."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()


def zone_data_version() -> str:
    """Return the release of the packaged data as IANA names it, such as "2026f"."""
    return resources.files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text("utf-8").split("\n", 1)[0].removeprefix("# version ")
