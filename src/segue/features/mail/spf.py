"""Whether a domain's SPF record covers the servers that send for it (MAIL-48; RFC 7208)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from segue.features.mail.names import LookUp

MOST_LOOK_UPS = 10
"""RFC 7208 §4.6.4: receivers give up after so many, and treat the record as broken."""


@dataclass(slots=True)
class Spf:
    """What a walk through a record found. `covers` None: an address could not be compared, because none is known."""

    record: str = ""
    records: int = 0
    covers: bool | None = False
    look_ups: int = 0
    anyone: bool = False
    seen: set[str] = field(default_factory=set)

    @property
    def broken(self) -> bool:
        return self.records > 1 or self.look_ups > MOST_LOOK_UPS


def read_spf(domain: str, ask: LookUp, *, providers: Iterable[str] = (), host: str = "") -> Spf:
    """Walk through the record of a domain: does it include one of `providers`, or the addresses of the server `host`?

    Raises:
        OSError: no name server answers.
    """
    found = Spf()
    addresses = [*ask(host, "A"), *ask(host, "AAAA")] if host else []
    _walk(domain, ask, found, (frozenset(each.lower() for each in providers), addresses))
    if found.record and not found.covers and not providers and not addresses:
        found.covers = None
    return found


def _records(domain: str, ask: LookUp) -> list[str]:
    return [text for text in ask(domain, "TXT") if text.lower().split(" ", 1)[0] == "v=spf1"]


def _walk(domain: str, ask: LookUp, found: Spf, wanted: tuple[frozenset[str], list[str]]) -> None:
    if domain in found.seen or found.look_ups > MOST_LOOK_UPS:
        return
    found.seen.add(domain)
    records = _records(domain, ask)
    if not found.record:
        found.records, found.record = len(records), records[0] if records else ""
    for mechanism, value in _passing(records[0]) if records else ():
        if mechanism in ("include", "redirect"):
            found.look_ups += 1
            found.covers = found.covers or value in wanted[0]
            _walk(value, ask, found, wanted)
        elif mechanism == "all":
            found.anyone = True
        elif mechanism in ("a", "mx", "ip4", "ip6"):
            found.look_ups += mechanism in ("a", "mx")
            found.covers = found.covers or _holds(mechanism, value, domain, (ask, wanted[1]))


def _passing(record: str) -> Iterator[tuple[str, str]]:
    """Yield the mechanisms that let mail pass, with what follows the colon."""
    for term in record.split()[1:]:
        if term[0] in "-~?":
            continue
        name, mark, value = term.lstrip("+").partition("=" if term.lower().startswith("redirect=") else ":")
        yield name.lower().split("/")[0] if not mark else name.lower(), value.rstrip(".").lower()


def _holds(mechanism: str, value: str, domain: str, around: tuple[LookUp, list[str]]) -> bool:
    ask, addresses = around
    name, _, length = value.partition("/")
    if mechanism in ("ip4", "ip6"):
        networks = [value]
    else:
        hosts = [name or domain] if mechanism == "a" else [each.split()[-1].rstrip(".") for each in ask(name or domain, "MX")]
        networks = [f"{each}/{length}" if length else each for host in hosts for each in ask(host, "A")]
    try:
        return any(ip_address(each) in ip_network(network, strict=False) for each in addresses for network in networks)
    except ValueError:
        return False
