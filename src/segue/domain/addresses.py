"""Which addresses are the same person (MAIL-77, MAIL-78): normal forms as data. Mail is always sent to the address as typed."""

import unicodedata
from dataclasses import dataclass

_GMAIL = frozenset({"gmail.com", "googlemail.com"})


@dataclass(frozen=True, slots=True)
class Provider:
    """How one mail host reads the part before the @: where it cuts (`cut_at`), and whether dots count."""

    name: str
    cut_at: str = ""
    dots_matter: bool = True


UNCHANGED = Provider("other")
GMAIL = Provider("gmail", "+", dots_matter=False)
WORKSPACE = Provider("workspace", "+")
PLUS = Provider("plus", "+")
YAHOO = Provider("yahoo", "-")

_PLUS_DOMAINS = (
    "outlook.com hotmail.com live.com msn.com fastmail.com fastmail.fm proton.me protonmail.com pm.me protonmail.ch icloud.com me.com"
    " mac.com outlook.de outlook.fr outlook.es outlook.it outlook.jp outlook.dk"
    " outlook.be outlook.at outlook.com.br hotmail.co.uk hotmail.fr"
    " hotmail.de hotmail.it hotmail.es live.co.uk live.fr live.nl live.de live.it live.se live.dk live.no hotmail.se hotmail.nl"
)
_YAHOO_DOMAINS = (
    "yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.com.br yahoo.com.mx yahoo.com.ar"
    " yahoo.co.in yahoo.in yahoo.com.au yahoo.ie yahoo.se yahoo.no yahoo.dk yahoo.pl yahoo.gr yahoo.ro yahoo.co.id"
    " yahoo.com.ph yahoo.com.sg"
    " yahoo.com.hk yahoo.com.tw yahoo.com.vn yahoo.com.tr myyahoo.com"
)
BY_DOMAIN: dict[str, Provider] = {
    **dict.fromkeys(_GMAIL, GMAIL),
    **dict.fromkeys(_PLUS_DOMAINS.split(), PLUS),
    **dict.fromkeys(_YAHOO_DOMAINS.split(), YAHOO),
}
"""Providers known by the domain of the address itself."""

BY_MX: tuple[tuple[str, Provider], ...] = (
    ("aspmx.l.google.com", WORKSPACE),
    ("googlemail.com", WORKSPACE),
    ("smtp.google.com", WORKSPACE),
    ("mail.protection.outlook.com", PLUS),
    ("mx.microsoft", PLUS),
    ("messagingengine.com", PLUS),
    ("protonmail.ch", PLUS),
    ("mail.icloud.com", PLUS),
    ("yahoodns.net", YAHOO),
)
"""Providers of custom domains, known by the end of the MX host's name; the caller looks it up and caches it."""


def domain_to_ascii(domain: str) -> str:
    """The domain as an A-label in lower case (RFC 5891 by the stdlib's IDNA). One that cannot be converted comes back in lower case."""
    domain = unicodedata.normalize("NFC", domain.strip().rstrip(".")).lower()
    if domain.isascii() or len(domain) > 253:
        return domain
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return domain


def split_address(address: str) -> tuple[str, str]:
    """The two sides of the last @, trimmed, NFC, lower case, the right one as A-label; ("", "") if it is no address."""
    local, at, domain = unicodedata.normalize("NFC", address.strip().strip("<>")).rpartition("@")
    if not at or not local or not domain or len(address) > 1_000:
        return "", ""
    return local.lower(), domain_to_ascii(domain)


def plain_form(address: str) -> str:
    """Lower case with an A-label: what SEQ-150 compares. "" if it is no address."""
    local, domain = split_address(address)
    return f"{local}@{domain}" if local else ""


def provider_of(domain: str, mx_host: str = "") -> Provider:
    """Which reading applies to a domain (A-label); `mx_host` decides for custom domains."""
    if domain in BY_DOMAIN:
        return BY_DOMAIN[domain]
    host = mx_host.strip().rstrip(".").lower()
    return next((known for end, known in BY_MX if host == end or host.endswith("." + end)), UNCHANGED)


def normal_form(address: str, mx_host: str = "") -> str:
    """One spelling for all addresses that reach the same mailbox (MAIL-77). Idempotent. "" if it is no address."""
    local, domain = split_address(address)
    if not local:
        return ""
    provider = provider_of(domain, mx_host)
    if provider.cut_at and not local.startswith('"'):
        local = local.split(provider.cut_at, 1)[0] or local
    if not provider.dots_matter:
        local = local.replace(".", "") or local
    if domain in _GMAIL:
        domain = "gmail.com"
    return f"{local}@{domain}"


def same_person(one: str, other: str, mx_host: str = "") -> bool:
    """Whether two addresses reach the same mailbox as far as the table knows."""
    form = normal_form(one, mx_host)
    return bool(form) and form == normal_form(other, mx_host)
