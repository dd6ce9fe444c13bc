"""The one guard for every host that a user can name: mail servers, webhooks, calendars, images (X4).

Resolve → *every* address must be public → connect to one of exactly these addresses → port list. Names are never judged by their spelling:
`getaddrinfo` takes `127.1`, `0x7f.1` and `①②⑦.0.0.1` as loopback, so only what it returns counts. Connecting to the checked address, and
not to the name again, leaves nothing for a rebinding name server to change.
"""

import queue
import re
import socket
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from segue.ports import Clock, SystemClock

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SUBMISSION_PORTS = frozenset({465, 587, 2525})
IMAP_PORTS = frozenset({143, 993})
WEB_PORTS = frozenset({80, 443, 8443})

# `is_global` on 3.11 lets some of these through (2002:7f00:1::, 192.0.0.8, 64:ff9b::7f00:1, multicast), so they are named.
_DENIED_TEXT = """
    0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 192.52.193.0/24
    192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    ::/96 ::ffff:0:0:0/96 64:ff9b:1::/48 100::/64 2001:2::/48 2001:10::/28 2001:20::/28 2001:db8::/32 3fff::/20 5f00::/16
    fc00::/7 fe80::/10 fec0::/10 ff00::/8
"""
_DENIED: tuple[Network, ...] = tuple(ip_network(n) for n in _DENIED_TEXT.split())
_NAT64 = IPv6Network("64:ff9b::/96")
_HOST = re.compile(r"[^\s\x00-\x20\x7f-\x9f/@%?#\\\[\]]{1,253}")


class EgressRefused(Exception):
    """The host may not be connected to. The text names the rule, never what the other side said."""


Resolver = Callable[[str, int, int], list[str]]
"""(host, port, address family) → addresses as text; raises OSError."""


def system_resolver(host: str, port: int, family: int) -> list[str]:
    """Ask the system, which knows /etc/hosts and every odd spelling."""
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, 0, socket.AI_NUMERICSERV)
    return [str(entry[4][0]) for entry in found]


def embedded(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that hide in an IPv6 address: v4-mapped, 6to4, Teredo (both ends), NAT64."""
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def is_public(address: Address) -> bool:
    """Say whether an address is surely on the public internet (the rule of reliability.md §6)."""
    if isinstance(address, IPv6Address):
        inner = embedded(address)
        if inner:
            return all(is_public(one) for one in inner)
    if any(address.version == net.version and address in net for net in _DENIED):
        return False
    return address.is_global and not address.is_multicast


@dataclass(frozen=True, slots=True)
class Allowed:
    """One entry of the operator's allow-list: a name or a network, and whether any port of it may be used."""

    name: str = ""
    network: Network | None = None
    any_port: bool = False

    @classmethod
    def parse(cls, text: str) -> "Allowed":
        """Read `mail.corp.example`, `10.1.2.0/24`, `[fd00::1]`; with `:*` behind it, any port. Raises ValueError."""
        entry = text.strip()
        any_port = entry.endswith(":*")
        if any_port:
            entry = entry.removesuffix(":*")
        entry = entry.removeprefix("[").removesuffix("]")
        try:
            return cls(network=ip_network(entry), any_port=any_port)
        except ValueError:
            if _HOST.fullmatch(entry) is None or ":" in entry or entry.replace(".", "").isdigit():
                raise ValueError(f"not a host name or network: {text!r}") from None
        return cls(name=_plain(entry), any_port=any_port)


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """What the operator decided. The default reaches public IPv4 addresses only."""

    allowed: tuple[Allowed, ...] = ()
    ipv6: bool = False
    extra_ports: frozenset[int] = frozenset()

    @classmethod
    def allowing(cls, entries: Iterable[str], *, ipv6: bool = False, extra_ports: Collection[int] = ()) -> "EgressPolicy":
        """Return a policy with an allow-list of private hosts, one text each. Raises ValueError."""
        return cls(tuple(Allowed.parse(e) for e in entries), ipv6, frozenset(extra_ports))

    def entry_for(self, host: str, address: Address) -> Allowed | None:
        """Return the entry that vouches for this address of this host, or None."""
        plain = _plain(host)
        for entry in self.allowed:
            if entry.network is None:
                if entry.name == plain:
                    return entry
            elif address.version == entry.network.version and address in entry.network:
                return entry
        return None


@dataclass(frozen=True, slots=True)
class Target:
    """A host that passed: connect to `addresses` only. `private` when it passed by the allow-list."""

    host: str
    port: int
    addresses: tuple[Address, ...]
    private: bool


def check_host(host: str, port: int, policy: EgressPolicy, *, ports: Collection[int], resolver: Resolver, timeout_s: float) -> Target:
    """Resolve and judge a host.

    Raises:
        EgressRefused: some address is not public and not allowed, the port is not on the list, or the name is no host name.
        OSError: the name does not resolve, or not within `timeout_s`.
    """
    if _HOST.fullmatch(host) is None or not 0 < port < 65536:
        raise EgressRefused("this is not a host name and a port")
    family = socket.AF_UNSPEC if policy.ipv6 else socket.AF_INET
    addresses = tuple(dict.fromkeys(_parsed(a) for a in _within(timeout_s, lambda: resolver(host, port, family))))
    if not addresses:
        raise OSError("the name has no address")
    if not policy.ipv6 and any(a.version == 6 for a in addresses):
        raise EgressRefused("IPv6 addresses are not allowed by the operator")
    entries = [policy.entry_for(host, a) for a in addresses]
    if not all(entry is not None or is_public(address) for entry, address in zip(entries, addresses, strict=True)):
        raise EgressRefused("the host lies on a private or reserved address; the operator can allow it")
    if port not in ports and port not in policy.extra_ports and not all(entry is not None and entry.any_port for entry in entries):
        raise EgressRefused(f"port {port} is not on the list of allowed ports")
    return Target(host, port, addresses, private=all(entry is not None for entry in entries))


def connect(
    host: str,
    port: int,
    policy: EgressPolicy,
    *,
    ports: Collection[int],
    timeout_s: float,
    clock: Clock | None = None,
) -> tuple[socket.socket, Target]:
    """Connect to a checked address of `host` within `timeout_s` seconds of real time, name look-up included.

    The socket keeps a time-out of what remains. Raises EgressRefused, or OSError when nothing answers.
    """
    clock = clock or SystemClock()
    end = clock.monotonic() + timeout_s
    target = check_host(host, port, policy, ports=ports, resolver=system_resolver, timeout_s=timeout_s)
    return open_socket(target, lambda: end - clock.monotonic()), target


def open_socket(target: Target, remaining: Callable[[], float]) -> socket.socket:
    """Connect to the first address of a checked target that answers before `remaining()` seconds are over. Raises OSError."""
    last: OSError = TimeoutError("no time left to connect")
    for address in target.addresses:
        left = remaining()
        if left <= 0:
            break
        try:
            sock = socket.create_connection((str(address), target.port), left)
        except OSError as error:
            last = error
            continue
        # The final dot is a small packet of its own: without this it would wait for a delayed ACK.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    raise last


def _plain(host: str) -> str:
    return host.lower().removesuffix(".")


def _parsed(text: str) -> Address:
    return ip_address(text.partition("%")[0])


def _within(timeout_s: float, look_up: Callable[[], list[str]]) -> list[str]:
    """Run a look-up with a time limit: getaddrinfo has none of its own and a dead name server would hold the hand-off's locks."""
    answer: queue.SimpleQueue[list[str] | OSError | UnicodeError] = queue.SimpleQueue()

    def run() -> None:
        try:
            answer.put(look_up())
        except (OSError, UnicodeError) as error:
            answer.put(error)

    threading.Thread(target=run, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=max(timeout_s, 0.001))
    except queue.Empty:
        raise TimeoutError("the name did not resolve in time") from None
    if isinstance(found, OSError):
        raise found
    if isinstance(found, UnicodeError):
        raise EgressRefused("this is not a host name and a port") from found
    return found
