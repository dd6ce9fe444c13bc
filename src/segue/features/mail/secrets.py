"""Mailbox secrets at rest: AES-256-GCM, bound to the row they stand in (reliability.md §8).

Stored as `v1.<key id>.<nonce>.<ciphertext>`.
"""

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from segue.domain.errors import Unavailable
from segue.ports import RandomBytes, system_random

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Vault:
    """Seals and opens secrets with one key."""

    key: bytes
    random_bytes: RandomBytes = system_random

    @property
    def key_id(self) -> str:
        return hashlib.sha256(b"segue key id" + self.key).hexdigest()[:8]

    def seal(self, secret: str, *, place: str) -> bytes:
        """Encrypt a secret for one place (`workspace|table|column|row`); opened at another place it fails."""
        nonce = self.random_bytes(12)
        sealed = AESGCM(self.key).encrypt(nonce, secret.encode(), place.encode())
        return b".".join((b"v1", self.key_id.encode(), base64.urlsafe_b64encode(nonce), base64.urlsafe_b64encode(sealed)))

    def open(self, stored: bytes, *, place: str) -> str:
        """Decrypt.

        Raises:
            Unavailable: the key is another one, or the row was tampered with.
        """
        try:
            nonce, sealed = bytes(stored).removeprefix(b"v1.%s." % self.key_id.encode()).split(b".")
            return AESGCM(self.key).decrypt(base64.urlsafe_b64decode(nonce), base64.urlsafe_b64decode(sealed), place.encode()).decode()
        except (ValueError, InvalidTag) as error:
            raise Unavailable(
                "A stored mailbox password cannot be opened with this key.",
                hint="Give SEGUE_SECRET_KEY the key it was stored with, or add the mailbox again.",
            ) from error


def mailbox_place(workspace_id: int, mailbox_address: str) -> str:
    """Return the place of a mailbox's secret."""
    return f"{workspace_id}|mailboxes|secret|{mailbox_address}"


def load_vault(data_dir: Path, given: str = "") -> Vault:
    """Return the vault of `given` (any long secret), else of the key file in the data folder, which is made on first use."""
    if given:
        return Vault(hashlib.sha256(b"segue vault" + given.encode()).digest())
    file = data_dir / "secret.key"
    if not file.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(base64.urlsafe_b64encode(system_random(KEY_BYTES)))
    return Vault(base64.urlsafe_b64decode(file.read_bytes().strip()))
