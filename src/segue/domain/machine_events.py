"""Which opens and clicks a person made (SCI-40…43). Pure: a request or several, and a list of signs, in; reasons and a verdict out.

Every sign that is met is kept as a reason; the first in the order of the table decides. Wrong towards a machine loses a figure, wrong
towards a person makes something happen: in doubt it is a machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

SETTLE_AFTER = timedelta(minutes=10)
"""SCI-41: rules that look back may change a verdict for so long."""
TOO_SOON = timedelta(seconds=2)
LINKS_TOGETHER = timedelta(seconds=5)
LINKS_MANY = 3
NETWORK_TOGETHER = timedelta(minutes=10)
NETWORK_RECIPIENTS = 5
SYSTEM_MAILS = 50
SYSTEM_SHARE = 0.8
SYSTEM_AT_ONCE = timedelta(seconds=60)
SYSTEM_DAYS = timedelta(days=30)


class Verdict(StrEnum):
    """Who made an event. `prefetch`: the mail was delivered, which says nothing about reading."""

    HUMAN = "human"
    MACHINE = "machine"
    PREFETCH = "prefetch"


class Reason(StrEnum):
    """Signs in the order in which they decide (the table of SCI-40)."""

    HEAD_REQUEST = "head_request"
    TOO_SOON = "too_soon"
    PREFETCH_AGENT = "prefetch_agent"
    PREFETCH_NETWORK = "prefetch_network"
    IMAGE_PROXY = "image_proxy"
    SCANNER_AGENT = "scanner_agent"
    SCANNER_NETWORK = "scanner_network"
    MANY_LINKS = "many_links"
    SHARED_NETWORK = "shared_network"
    SCANNING_SYSTEM = "scanning_system"


DECIDES = {
    Reason.PREFETCH_AGENT: Verdict.PREFETCH,
    Reason.PREFETCH_NETWORK: Verdict.PREFETCH,
    Reason.IMAGE_PROXY: Verdict.HUMAN,
}
"""What a sign makes of an event; the others make it a machine's."""

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Signs:
    """The data file of SCI-42, ready for use. Texts of agents are lower-case; networks have the name of their owner."""

    version: str
    prefetch_agents: frozenset[str]
    prefetch_networks: tuple[Network, ...]
    image_proxies: tuple[str, ...]
    scanner_agents: tuple[str, ...]
    scanner_networks: tuple[Network, ...]

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> "Signs":
        """Build from the file's JSON. Raises KeyError, ValueError."""
        return cls(
            version=str(content["version"]),
            prefetch_agents=frozenset(each["is"].lower() for each in content["prefetch_agents"]),
            prefetch_networks=tuple(ip_network(each["net"]) for each in content["prefetch_networks"]),
            image_proxies=tuple(each["has"].lower() for each in content["image_proxies"]),
            scanner_agents=tuple(each["has"].lower() for each in content["scanner_agents"]),
            scanner_networks=tuple(ip_network(each["net"]) for each in content["scanner_networks"]),
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """One request for a pixel or a link. `accepted_at`: when the receiving server took the mail, as far as known."""

    method: str
    agent: str
    referrer: str
    address: str
    at: datetime
    accepted_at: datetime | None


def signs_of(seen: Seen, signs: Signs) -> tuple[Reason, ...]:
    """Return the signs that one request shows by itself (rules 1 to 4)."""
    agent = seen.agent.strip().lower()
    told = f"{agent} {seen.referrer.lower()}"
    address = _address(seen.address)
    met = {
        Reason.HEAD_REQUEST: seen.method != "GET",
        Reason.TOO_SOON: seen.accepted_at is None or seen.at < seen.accepted_at + TOO_SOON,
        Reason.PREFETCH_AGENT: agent in signs.prefetch_agents,
        Reason.PREFETCH_NETWORK: _within(address, signs.prefetch_networks),
        Reason.IMAGE_PROXY: any(each in agent for each in signs.image_proxies),
        Reason.SCANNER_AGENT: not agent or any(each in told for each in signs.scanner_agents),
        Reason.SCANNER_NETWORK: _within(address, signs.scanner_networks),
    }
    return tuple(reason for reason, is_met in met.items() if is_met)


def verdict_of(reasons: Iterable[str]) -> Verdict:
    """Return what the first of these signs decides; without any a person it is (rule 10)."""
    met = set(reasons)
    first = next((reason for reason in Reason if reason in met), None)
    return Verdict.HUMAN if first is None else DECIDES.get(first, Verdict.MACHINE)


def clicked_many(clicks: Sequence[tuple[datetime, int]], links: int) -> set[int]:
    """Return which clicks on one mail, as (instant, place of the link), belong to a burst: three links, or all of several, in five seconds
    (rule 5)."""
    found: set[int] = set()
    for at, _ in clicks:
        burst = [i for i, (when, _) in enumerate(clicks) if at <= when <= at + LINKS_TOGETHER]
        places = len({clicks[i][1] for i in burst})
        if places >= LINKS_MANY or (places == links > 1):
            found.update(burst)
    return found


def share_network(events: Sequence[tuple[datetime, int]]) -> set[int]:
    """Return which events from one network, as (instant, contact), reach five people within ten minutes (rule 7)."""
    found: set[int] = set()
    for at, _ in events:
        together = [i for i, (when, _) in enumerate(events) if at <= when <= at + NETWORK_TOGETHER]
        if len({events[i][1] for i in together}) >= NETWORK_RECIPIENTS:
            found.update(together)
    return found


def is_scanning_system(mails: int, at_once: int) -> bool:
    """Say whether a receiving system touches nearly every mail within a minute (rule 8)."""
    return mails >= SYSTEM_MAILS and at_once >= SYSTEM_SHARE * mails


def network_of(address: str) -> str:
    """Return the /24 or /48 of an address, "" for what is none: the finest that is remembered, hashed and for a day (SCI-42)."""
    found = _address(address)
    if found is None:
        return ""
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _within(address: IPv4Address | IPv6Address | None, networks: Iterable[Network]) -> bool:
    return address is not None and any(address in each for each in networks)
