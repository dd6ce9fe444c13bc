"""Outgoing webhooks by Standard Webhooks 1.0: addresses, signatures, when to try again. Pure."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from segue.domain.errors import Invalid

SECRET_PREFIX = "whsec_"  # noqa: S105  the mark of a secret, not one
SECRET_BYTES = 32
URL_MAX = 2_000

RETRY_AFTER: tuple[timedelta, ...] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Pauses between the ten tries: the schedule of Standard Webhooks 1.0, 75 h 35 min in all."""
GIVES_UP_AFTER = timedelta(hours=76)
"""So long after it was recorded a delivery is delivered or dead, however many others stand before it (L7)."""
HOLDS = timedelta(seconds=5)
HOLDS_MOST = timedelta(minutes=5)
OLD_SECRET_LASTS = timedelta(hours=24)
"""Both secrets sign for so long after a change."""

_HOST = re.compile(r"[^\s\x00-\x20\x7f-\x9f/@%?#\\\[\]:]{1,253}|\[[0-9a-fA-F:.]{2,45}\]")
_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Place:
    """Where to post to. `host` is without brackets."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def shown(self) -> str:
        """Return it without path and query, in which people put secrets (S23)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}" + ("" if self.port == (443 if self.secure else 80) else f":{self.port}")


def read_url(url: str) -> Place:
    """Take an address apart. What its host leads to is judged when it is connected to, and only then (X4).

    Raises:
        Invalid: it is no http(s) address, names a user or a fragment, or holds characters that an address cannot.
    """
    hint = "Write it as https://example.com/segue, with %-signs for whatever is not ASCII."
    try:
        parts = urlsplit(url)
        port, named = parts.port, parts.netloc
    except ValueError:
        raise Invalid("This is not the address of a web server.", hint=hint, field="url") from None
    if parts.scheme not in ("https", "http") or len(url) > URL_MAX or "@" in named or "#" in url:
        raise Invalid("This is not the address of a web server.", hint=hint, field="url")
    host = named.rpartition(":")[0] if re.search(r":\d*$", named) and not named.endswith("]") else named
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # urlsplit drops line ends and tabs without a word: what it shows must be what was given.
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path) or re.search(r"[\x00-\x20\x7f]", url):
        raise Invalid("This is not the address of a web server.", hint=hint, field="url")
    secure = parts.scheme == "https"
    return Place(secure, host.removeprefix("[").removesuffix("]"), port or (443 if secure else 80), path)


def make_secret(random: bytes) -> str:
    """Return a secret as Standard Webhooks writes it, made of 24 to 64 random bytes."""
    return SECRET_PREFIX + base64.b64encode(random).decode()


def sign(message_id: str, at: datetime, body: bytes, secrets: Sequence[str]) -> Mapping[str, str]:
    """Return the three headers of a request; one signature for each secret, the newest first."""
    stamp = str(int(at.timestamp()))
    signed = f"{message_id}.{stamp}.".encode() + body
    made = [base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode() for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(f"v1,{each}" for each in made)}


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise Invalid("This is not a webhook secret.", field="secret") from None


def next_try(attempts: int, failed_at: datetime, since: datetime) -> datetime | None:
    """Return when a delivery is tried again that has failed so many times; None when it is given up."""
    if attempts > len(RETRY_AFTER):
        return None
    at = failed_at + RETRY_AFTER[attempts - 1]
    return at if at < since + GIVES_UP_AFTER else None


def hold_for(failures: int) -> timedelta:
    """Return for how long an endpoint is left alone that has failed so many times in a row: a slow one costs a thread only now and then."""
    return min(HOLDS * (1 << min(failures - 1, 10)), HOLDS_MOST)
