"""The addresses of ours that stand in mails: unsubscribe, open, click (S18, MAIL-45, MAIL-47).

A token is a keyed hash of its purpose, the workspace and K, 160 bits in 32 characters: the same whenever the same mail is built, not
guessable, not countable, without personal data. The database keeps only a digest of it, so that the time of a look-up tells nothing about
how much of a guess was right, and the digest covers the purpose, so that no token is known at another's address.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from urllib.parse import quote

from segue.domain.ids import EnrollmentId, StepKey, WorkspaceId
from segue.domain.threading import keyed_hash

DIGEST_BYTES = 16
_TOKEN = re.compile(r"[a-z2-7]{32}")


class LinkKind(StrEnum):
    """What an address does. Unsubscribing never expires and is never rewritten; the two others are telemetry (S20)."""

    UNSUBSCRIBE = "unsubscribe"
    OPEN = "open"
    CLICK = "click"


PATHS = {LinkKind.UNSUBSCRIBE: "u", LinkKind.OPEN: "o", LinkKind.CLICK: "c"}


@dataclass(frozen=True, slots=True)
class MessageLink:
    """One address that stands in a mail. `url` is where a click leads, `position` its place among the mail's links, from 1."""

    kind: LinkKind
    token: str
    url: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class LinkKey:
    """What tokens of one mail are made of: K in its workspace, and the workspace's secret."""

    secret: bytes
    workspace_id: WorkspaceId
    enrollment_id: EnrollmentId
    step_key: StepKey
    generation: int

    def token(self, kind: LinkKind, detail: str = "") -> str:
        """Return the token of an address in this mail; `detail` tells several of one kind apart."""
        key = f"{self.enrollment_id}/{self.generation}/{self.step_key}/{detail}"
        return keyed_hash(self.secret, f"segue link {kind.value}", self.workspace_id, key)


def is_token(text: str) -> bool:
    """Say whether this may be a token at all."""
    return _TOKEN.fullmatch(text) is not None


def token_digest(kind: LinkKind, token: str) -> bytes:
    """Return what the database knows a token by, at the address of this purpose."""
    return blake2b(f"{kind.value}:{token}".encode(), digest_size=DIGEST_BYTES).digest()


def link_url(public_url: str, kind: LinkKind, token: str) -> str:
    """Return the address under which the public pages answer."""
    return f"{public_url}/{PATHS[kind]}/{token}"


def unsubscribe_mailto(address: str, token: str) -> str:
    """Return the mail form of unsubscribing: to the sender's own address, with the token in the subject (MAIL-47)."""
    return f"mailto:{quote(address, safe='@+')}?subject=unsubscribe%20{token}"
