"""What the public name system says of a sending domain: whether its mail can be believed and answered (MAIL-48)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from segue.features.mail.names import LookUp, look_up_at
from segue.features.mail.presets import Preset, find_preset_of_host
from segue.features.mail.spf import MOST_LOOK_UPS, read_spf

SELECTORS = ("google", "selector1", "fm1", "default", "mail", "dkim", "s1", "k1", "zoho", "sig1")
"""Names under which providers publish their DKIM keys. There is no list to ask for, so not finding one of these proves nothing."""


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """One finding about a domain. `ok` None: it could not be told."""

    name: str
    ok: bool | None
    message: str


def check_domain(domain: str, look_up: LookUp | None = None, *, host: str = "", selector: str = "") -> tuple[DomainCheck, ...]:
    """Look for MX, SPF, DKIM, DMARC and the reverse name. Never raises; what cannot be told says so.

    `host` is the server that mail is handed to; `selector` the name of the DKIM key, where the provider names one.
    """
    ask = look_up or look_up_at()
    try:
        return tuple(_check(domain, ask, host, selector))
    except OSError as error:
        return (DomainCheck("dns", None, f"{domain} could not be looked up: {error}."),)


def blocks(found: Sequence[DomainCheck]) -> bool:
    """Say whether mail of the domain would be refused by whoever reads it: neither SPF nor DKIM (MAIL-48). All else only warns."""
    by_name = {each.name: each for each in found}
    return "SPF" in by_name and by_name["SPF"].ok is False and by_name["DKIM"].ok is not True


def _check(domain: str, ask: LookUp, host: str, selector: str) -> Iterator[DomainCheck]:
    preset = find_preset_of_host(host)
    yield _mx(domain, ask)
    spf, covered = _spf(domain, ask, host, preset)
    yield spf
    if covered is not None:
        yield covered
    dkim = _dkim(domain, ask, (selector,) if selector else (*(preset.selectors if preset else ()), *SELECTORS))
    yield dkim
    yield from _dmarc(domain, ask, aligned=dkim.ok is True or (covered is not None and covered.ok is True))
    if host and preset is None:
        yield _reverse(host, ask)


def _mx(domain: str, ask: LookUp) -> DomainCheck:
    found = ask(domain, "MX")
    if found and all(each.split()[-1] == "." for each in found):  # RFC 7505
        return DomainCheck("MX", False, f"{domain} says that it takes no mail (null MX): answers cannot reach it.")
    if found:
        return DomainCheck("MX", True, f"{domain} receives mail.")
    return DomainCheck("MX", False, f"{domain} has no MX record: answers cannot reach it.")


def _spf(domain: str, ask: LookUp, host: str, preset: Preset | None) -> tuple[DomainCheck, DomainCheck | None]:
    """Return what is to be said of the record itself, and whether it covers the sending server."""
    found = read_spf(domain, ask, providers=preset.spf if preset else (), host="" if preset else host)
    if not found.record:
        missing = "receivers cannot tell who may send for this domain, and may refuse its mail"
        return DomainCheck("SPF", False, f"SPF is missing: {missing}. Add the TXT record that your mail provider names."), None
    if found.records > 1:
        return DomainCheck("SPF", False, f"There are {found.records} SPF records; receivers ignore all of them. Keep one."), None
    if found.broken:
        return DomainCheck("SPF", False, f"The SPF record needs more than {MOST_LOOK_UPS} look-ups; receivers treat it as broken."), None
    if found.anyone:
        return DomainCheck("SPF", False, "The SPF record lets anybody send for this domain (all without -, ~ or ?)."), None
    return DomainCheck("SPF", True, "SPF is published."), _covered(found.covers, host, preset)


def _covered(covers: bool | None, host: str, preset: Preset | None) -> DomainCheck | None:
    if not host or (preset is not None and not preset.spf):
        return None
    if covers:
        return DomainCheck("SPF covers the provider", True, f"SPF covers {preset.name if preset else host}.")
    if preset is None:  # mail may leave by another machine than the one it is handed to
        return DomainCheck("SPF covers the provider", None, f"SPF names no address of {host}; right only if mail leaves by another server.")
    return DomainCheck("SPF covers the provider", False, f"SPF does not cover {preset.name}: add include:{preset.spf[0]} to the record.")


def _dkim(domain: str, ask: LookUp, selectors: Sequence[str]) -> DomainCheck:
    for selector in dict.fromkeys(selectors):
        for text in ask(f"{selector}._domainkey.{domain}", "TXT"):
            tags = _tags(text)
            if tags.get("p"):
                return DomainCheck("DKIM", True, f"A DKIM key is published ({selector}).")
            if "p" in tags:  # RFC 6376 §3.6.1: an empty key is a revoked one
                return DomainCheck("DKIM", False, f"The DKIM key {selector} is revoked: its mail fails the check.")
    if len(selectors) == 1:
        return DomainCheck("DKIM", False, f"There is no DKIM key under the name {selectors[0]}.")
    return DomainCheck("DKIM", None, "No DKIM key under the usual names. If your provider signs mail under another name, all is well.")


def _dmarc(domain: str, ask: LookUp, *, aligned: bool) -> Iterator[DomainCheck]:
    found: list[str] = []
    at = domain
    while not found and at.count(".") >= 1:  # a subdomain without one obeys its organisation's (RFC 7489 §6.6.3)
        found = [text for text in ask(f"_dmarc.{at}", "TXT") if text.lower().startswith("v=dmarc1")]
        at = at.partition(".")[2]
    if not found:
        yield DomainCheck("DMARC", False, "DMARC is missing: Gmail, Yahoo and Microsoft ask for it. Begin with v=DMARC1; p=none.")
        return
    if len(found) > 1:
        yield DomainCheck("DMARC", False, f"There are {len(found)} DMARC records; receivers ignore all of them. Keep one.")
        return
    policy = _tags(found[0]).get("p", "none")
    yield DomainCheck("DMARC", True, f"DMARC is published (p={policy}).")
    if aligned:
        yield DomainCheck("DMARC alignment", True, "SPF or DKIM speaks for the very domain that mails come from.")
    else:
        said = f"nothing was found that speaks for the domain that mails come from; with p={policy} they may be refused"
        yield DomainCheck("DMARC alignment", None if policy == "none" else False, f"DMARC alignment: {said}.")


def _reverse(host: str, ask: LookUp) -> DomainCheck:
    """Addresses of one's own server need names that lead back to them (mail.md §5: 5.7.25)."""
    import dns.reversename

    addresses = [*ask(host, "A"), *ask(host, "AAAA")]
    lacking = []
    for address in addresses:
        names = ask(dns.reversename.from_address(address).to_text(omit_final_dot=True), "PTR")
        if not any(address in ask(name.rstrip("."), "AAAA" if ":" in address else "A") for name in names):
            lacking.append(address)
    if not addresses:
        return DomainCheck("reverse name", None, f"{host} has no public address.")
    if lacking:
        return DomainCheck(
            "reverse name", None, f"{', '.join(lacking)} of {host} has no name that leads back to it; receivers distrust it."
        )
    return DomainCheck("reverse name", True, f"The addresses of {host} have their names.")


def _tags(text: str) -> dict[str, str]:
    parts = (each.partition("=") for each in text.split(";") if "=" in each)
    return {name.strip().lower(): value.strip() for name, _, value in parts}
