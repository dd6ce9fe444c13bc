"""Does the mailbox host vouch for the From domain? (SEQ-157, S15; RFC 8601)

Only the topmost Authentication-Results counts, and only if its authserv-id is our own host's: anyone can write the others.
"""

import re
from typing import Literal

from segue.domain.addresses import domain_to_ascii
from segue.domain.inbound.message import Message

Result = Literal["pass", "fail", "none"]

_COMMENT = re.compile(r"\([^()]{0,500}\)")
_METHOD = re.compile(r"\s*([a-z0-9-]{2,30})\s*=\s*([a-z]{2,20})", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(header\.(?:from|d|i)|smtp\.(?:mailfrom|mfrom))\s*=\s*\"?([^\s;\"]{1,300})", re.IGNORECASE)
_TWO_PART = frozenset(
    {"co", "com", "org", "net", "ac", "gov", "edu", "or", "ne", "go", "gob", "gouv", "nom", "asn", "id", "ltd", "plc", "me"}
)


def authentication(mail: Message, trusted: frozenset[str]) -> Result:
    """ "pass" if DMARC, or aligned DKIM or SPF, passed for the From domain; "fail" if one failed; "none" if it says nothing."""
    headers = mail.root.all_text("authentication-results")
    froms = [value for name, value in mail.root.headers if name == "from"]
    if not headers or not trusted:
        return "none"
    if len(froms) != 1:
        return "fail"
    server, results = split_results(headers[0])
    if server not in {t.lower() for t in trusted}:
        return "none"
    return _judge(results, mail.sender.rpartition("@")[2])


def split_results(value: str) -> tuple[str, list[tuple[str, str, dict[str, str]]]]:
    """(authserv-id, [(method, result, properties)]); the id is "" where the host writes none, as Exchange Online does."""
    pieces = _COMMENT.sub(" ", value[:8_000]).split(";")
    server = ""
    if not _METHOD.match(pieces[0]):
        server = pieces.pop(0).strip().split(" ")[0].lower()
    out = []
    for piece in pieces[:40]:
        found = _METHOD.match(piece)
        if found:
            properties = {m[1].lower(): m[2].lower() for m in _PROPERTY.finditer(piece)}
            out.append((found[1].lower(), found[2].lower(), properties))
    return server, out


def _judge(results: list[tuple[str, str, dict[str, str]]], domain: str) -> Result:
    failed = False
    for method, result, properties in results:
        if method == "dmarc":
            named = properties.get("header.from", domain)
            if result == "pass":
                return "pass" if domain_to_ascii(named) == domain else "fail"
            if result in {"fail", "reject", "quarantine"}:
                return "fail"
    for method, result, properties in results:
        if method == "dkim":
            names = [properties.get("header.d", ""), properties.get("header.i", "").rpartition("@")[2]]
        elif method == "spf":
            names = [(properties.get("smtp.mailfrom") or properties.get("smtp.mfrom", "")).rpartition("@")[2]]
        else:
            continue
        if result == "pass" and any(aligned(name, domain) for name in names if name):
            return "pass"
        failed = failed or result in {"fail", "softfail", "permerror"}
    return "fail" if failed else "none"


def aligned(one: str, other: str) -> bool:
    """Relaxed alignment (RFC 7489 §3.1): the same organisational domain, by the two-label rule and the common second-level suffixes."""
    return bool(one) and organisation(domain_to_ascii(one)) == organisation(domain_to_ascii(other))


def organisation(domain: str) -> str:
    """The registrable part of a domain."""
    labels = domain.split(".")
    size = 3 if len(labels) > 2 and labels[-2] in _TWO_PART and len(labels[-1]) == 2 else 2
    return ".".join(labels[-size:])
