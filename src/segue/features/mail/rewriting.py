"""Links and the open pixel in the HTML part of a mail (SEQ-26). The text part stays as it was written.

Never rewritten: links to us, unsubscribing above all; what is no web address; and links whose words show an address: they would lead
elsewhere than they say, which mail programs take for fraud.
"""

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlsplit

from segue.domain.public_links import LinkKey, LinkKind, MessageLink, link_url
from segue.features.mail.links import LinkRules

URL_MAX = 2_000
LINKS_MAX = 100
SIZE_MAX = 101_000
"""MAIL-8: Gmail clips what is above about 102 kB. A mail that tracking would push over it goes untracked."""

# The cleaner writes every attribute in double quotes and every tag closed.
_ANCHOR = re.compile(
    r'<a\b(?P<before>(?:[^>"]|"[^"]*")*?)\bhref="(?P<url>[^"]*)"(?P<after>(?:[^>"]|"[^"]*")*)>(?P<words>.*?)</a>', re.DOTALL
)
_TAG = re.compile(r"<[^>]*>")
_SHOWN_ADDRESS = re.compile(r"(?i)\b(?:https?://|www\.)([^\s/<>]+)|^\s*((?:[a-z0-9-]+\.)+[a-z]{2,24})(?:[/?#]\S*)?\s*$")


@dataclass(frozen=True, slots=True)
class Tracked:
    """The HTML as it is sent, and the addresses of ours that now stand in it."""

    html: str
    links: tuple[MessageLink, ...] = ()


def track(html: str, rules: LinkRules, key: LinkKey) -> Tracked:
    """Put the pixel and our own addresses into the HTML of a mail, as far as the rules allow."""
    links: list[MessageLink] = []
    made = html
    if rules.clicks:
        made = _ANCHOR.sub(lambda found: _anchor(found, rules, key, links), made)
    if rules.opens:
        token = key.token(LinkKind.OPEN)
        links.append(MessageLink(LinkKind.OPEN, token))
        pixel = f'<img src="{escape(link_url(rules.public_url, LinkKind.OPEN, token))}" width="1" height="1" alt="" style="border:0">\n'
        before, end, after = made.rpartition("</body>")
        made = f"{before}{pixel}{end}{after}" if end else made + pixel
    return Tracked(made, tuple(links)) if len(made) <= SIZE_MAX else Tracked(html)


def is_web_address(url: str) -> bool:
    """Say whether a click may be led there: http or https, with a host, without control characters (S19)."""
    if len(url) > URL_MAX or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


def _anchor(found: re.Match[str], rules: LinkRules, key: LinkKey, links: list[MessageLink]) -> str:
    url = unescape(found["url"])
    if not is_web_address(url) or url.startswith(f"{rules.public_url}/") or len(links) >= LINKS_MAX:
        return found[0]
    if _shows_address(found["words"]):
        return found[0]
    place = len(links) + 1
    token = key.token(LinkKind.CLICK, f"{place} {url}")
    links.append(MessageLink(LinkKind.CLICK, token, url, place))
    ours = escape(link_url(rules.public_url, LinkKind.CLICK, token))
    return f'<a{found["before"]}href="{ours}"{found["after"]}>{found["words"]}</a>'


def _shows_address(words: str) -> bool:
    return _SHOWN_ADDRESS.search(unescape(_TAG.sub("", words))) is not None
