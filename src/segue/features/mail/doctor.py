"""What the public name system says of a sending domain: whether its mail can be believed and answered (MAIL-48)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

LOOK_UP_S = 5.0
"""Real seconds for one question; a name server that is silent must not hold the doctor up."""
SELECTORS = ("google", "selector1", "fm1", "default", "mail", "dkim", "s1", "k1", "zoho", "sig1")
"""Names under which providers publish their DKIM keys. There is no list to ask for, so not finding one of these proves nothing."""

LookUp = Callable[[str, str], Sequence[str]]
"""(name, type of record) → the records as text, none where there are none. Raises OSError where nobody answers."""


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """One finding about a domain. `ok` None: it could not be told."""

    name: str
    ok: bool | None
    message: str


def check_domain(domain: str, look_up: LookUp | None = None) -> tuple[DomainCheck, ...]:
    """Look for MX, SPF, DKIM and DMARC. Never raises; what cannot be told says so."""
    ask = look_up or system_look_up
    try:
        return (
            _mx(domain, ask),
            _record(domain, ask, ("SPF", "v=spf1", "receivers cannot tell who may send for this domain, and may refuse its mail")),
            _dkim(domain, ask),
            _record(f"_dmarc.{domain}", ask, ("DMARC", "v=dmarc1", "Gmail, Yahoo and Microsoft ask for it")),
        )
    except OSError as error:
        return (DomainCheck("dns", None, f"{domain} could not be looked up: {error}."),)


def system_look_up(name: str, kind: str) -> Sequence[str]:
    """Ask the system's name servers."""
    import dns.exception
    import dns.resolver

    try:
        return [record.to_text().strip('"') for record in dns.resolver.resolve(name, kind, lifetime=LOOK_UP_S)]
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise OSError(f"no name server answers ({type(error).__name__})") from error


def _mx(domain: str, ask: LookUp) -> DomainCheck:
    if ask(domain, "MX"):
        return DomainCheck("MX", True, f"{domain} receives mail.")
    return DomainCheck("MX", False, f"{domain} has no MX record: answers cannot reach it.")


def _record(name: str, ask: LookUp, wanted: tuple[str, str, str]) -> DomainCheck:
    title, begins, missing = wanted
    found = [text for text in ask(name, "TXT") if text.lower().startswith(begins)]
    if len(found) == 1:
        return DomainCheck(title, True, f"{title} is published.")
    if found:
        return DomainCheck(title, False, f"There are {len(found)} {title} records; receivers ignore all of them. Keep one.")
    return DomainCheck(title, False, f"{title} is missing: {missing}. Add the TXT record that your mail provider names.")


def _dkim(domain: str, ask: LookUp) -> DomainCheck:
    for selector in SELECTORS:
        if any("p=" in text for text in ask(f"{selector}._domainkey.{domain}", "TXT")):
            return DomainCheck("DKIM", True, f"A DKIM key is published ({selector}).")
    return DomainCheck("DKIM", None, "No DKIM key under the usual names. If your provider signs mail under another name, all is well.")
