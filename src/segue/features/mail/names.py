"""Questions to the public name system, through name servers of one's choice (tests, split networks)."""

from collections.abc import Callable, Sequence

from segue.domain.errors import Invalid

LOOK_UP_S = 5.0
"""Real seconds for one question; a name server that is silent must not hold the doctor up."""
RESERVED = (".test", ".example", ".invalid", ".localhost", ".local", ".internal", ".example.com", ".example.net", ".example.org")
"""Names that the public system never knows (RFC 2606, RFC 6761): nobody is asked for them."""

LookUp = Callable[[str, str], Sequence[str]]
"""(name, type of record) → the records as text, none where there are none. Raises OSError where nobody answers."""


def look_up_at(name_servers: str = "") -> LookUp:
    """Return a look-up at `host:port, host` in numbers, or at the system's name servers.

    Raises:
        Invalid: one of them is no address.
    """
    servers = [_server(each.strip()) for each in name_servers.split(",") if each.strip()]

    def look_up(name: str, kind: str) -> Sequence[str]:
        import dns.exception
        import dns.resolver

        try:
            resolver = dns.resolver.Resolver(configure=not servers)
            if servers:
                resolver.nameservers = [host for host, _ in servers]
                resolver.nameserver_ports = dict(servers)
            records = resolver.resolve(name, kind, lifetime=LOOK_UP_S)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.DNSException as error:
            raise OSError(f"no name server answers ({type(error).__name__})") from error
        # A long TXT record comes in pieces that belong together (RFC 7208 §3.3).
        return [b"".join(r.strings).decode("utf-8", "replace") if kind == "TXT" else r.to_text() for r in records]

    return look_up


def is_public(domain: str) -> bool:
    """Say whether the public name system can know a domain."""
    return "." in domain and not f".{domain.lower()}".endswith(RESERVED)


def _server(text: str) -> tuple[str, int]:
    import dns.inet

    host, _, port = text.rpartition(":") if text.count(":") == 1 else (text, "", "53")
    if not dns.inet.is_address(host) or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Invalid(f"{text!r} is no name server.", hint="Write 9.9.9.9 or 127.0.0.1:5353.", field="SEGUE_NAME_SERVERS")
    return host, int(port)
