"""Secrets at rest: one key encrypts the keys of the workspaces, and those encrypt the secrets (reliability.md §8).

A secret is stored as `v1.<key id>.<nonce>.<ciphertext>` by AES-256-GCM, bound to the workspace, table, column and row that it stands in:
copied to another place it does not open. The data key of each workspace stands beside in `data_keys`, wrapped by the master key, which is
in no database. Secrets from before there were data keys were sealed with the master key itself; their key id says so.
"""

import base64
import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from segue.db.locks import LockKind
from segue.db.tx import Database, Tx
from segue.domain.account_events import KeysRotated
from segue.domain.errors import Unavailable
from segue.ports import RandomBytes, system_random

KEY_BYTES = 32
KEY_FILE = "secret.key"
_OTHER_KEY = "Give SEGUE_SECRET_KEY, or secret.key in the data folder, the key it was stored with; or store the secret again."


@dataclass(frozen=True, slots=True)
class Sealed:
    """A column that holds sealed secrets. `row` is the column that says which row it is, for ever."""

    table: str
    column: str
    row: str

    def place(self, workspace_id: int, row: object) -> str:
        """Return what a secret of this row is bound to."""
        return f"{workspace_id}|{self.table}|{self.column}|{row}"


class Vault:
    """Seals and opens secrets. The first master key wraps; the further ones are older and still open."""

    def __init__(
        self, *keys: bytes, random_bytes: RandomBytes = system_random, read_again: Callable[[], tuple[bytes, ...]] | None = None
    ) -> None:
        self._keys = {key_id(key): key for key in keys}
        self._random_bytes = random_bytes
        self._read_again = read_again
        self._opened: dict[tuple[int, str], bytes] = {}

    @property
    def key_id(self) -> str:
        """Return the id of the master key that wraps."""
        return next(iter(self._keys))

    def seal(self, tx: Tx, secret: str, where: Sealed, row: object) -> bytes:
        """Encrypt a secret for one row; opened at another one it fails."""
        tx.share_lock(LockKind.DATA_KEYS, 0)  # while the keys change nothing is sealed with one that is about to go
        kid, key = self._sealing_key(tx)
        return encrypt(key, kid, secret.encode(), where.place(tx.workspace_id, row), self._random_bytes)

    def open(self, tx: Tx, stored: bytes, where: Sealed, row: object) -> str:
        """Decrypt.

        Raises:
            Unavailable: the key is another one, or the row was tampered with.
        """
        kid = _key_id_of(stored)
        key = self._master(kid) or self._data_key(tx, kid)
        return decrypt(key, stored, where.place(tx.workspace_id, row)).decode()

    def _sealing_key(self, tx: Tx) -> tuple[str, bytes]:
        """Return the workspace's newest data key that opens; a new one where there is none, as after the master key was lost."""
        for row in tx.all("SELECT kid FROM data_keys WHERE workspace_id = %(ws)s ORDER BY created_at DESC, kid", {}):
            with suppress(Unavailable):
                return row["kid"], self._data_key(tx, row["kid"])
        kid = self.make_data_key(tx)
        return kid, self._data_key(tx, kid)

    def make_data_key(self, tx: Tx) -> str:
        """Give the workspace a new data key; returns its id. From then on it seals."""
        kid, key = self._random_bytes(6).hex(), self._random_bytes(KEY_BYTES)
        master = self._keys[self.key_id]
        wrapped = encrypt(master, self.key_id, key, _WRAPPED.place(tx.workspace_id, kid), self._random_bytes)
        tx.run(
            "INSERT INTO data_keys (workspace_id, kid, wrapped, created_at) VALUES (%(ws)s, %(kid)s, %(wrapped)s, %(now)s)",
            {"kid": kid, "wrapped": wrapped, "now": tx.now},
        )
        return kid

    def _data_key(self, tx: Tx, kid: str) -> bytes:
        known = self._opened.get((tx.workspace_id, kid))
        if known is not None:
            return known
        row = tx.one("SELECT wrapped FROM data_keys WHERE workspace_id = %(ws)s AND kid = %(kid)s", {"kid": kid})
        if row is None:
            raise Unavailable("A stored secret was sealed with a key that is not here.", hint=_OTHER_KEY)
        master = self._master(_key_id_of(row["wrapped"]))
        if master is None:
            raise Unavailable("The stored secrets cannot be opened with this key.", hint=_OTHER_KEY)
        key = decrypt(master, row["wrapped"], _WRAPPED.place(tx.workspace_id, kid))
        tx.after_commit(lambda: self._opened.__setitem__((tx.workspace_id, kid), key))  # what is rolled back never was
        return key

    def _master(self, kid: str) -> bytes | None:
        if kid not in self._keys and self._read_again is not None:
            self._keys = {key_id(key): key for key in self._read_again()}  # the keys were changed beside this process
        return self._keys.get(kid)


_WRAPPED = Sealed("data_keys", "wrapped", "kid")


def key_id(key: bytes) -> str:
    """Return by what a master key is named where it was used."""
    return hashlib.sha256(b"segue key id" + key).hexdigest()[:8]


def encrypt(key: bytes, kid: str, secret: bytes, place: str, random_bytes: RandomBytes) -> bytes:
    """Encrypt with a key for a place."""
    nonce = random_bytes(12)
    sealed = AESGCM(key).encrypt(nonce, secret, place.encode())
    return b".".join((b"v1", kid.encode(), base64.urlsafe_b64encode(nonce), base64.urlsafe_b64encode(sealed)))


def decrypt(key: bytes, stored: bytes, place: str) -> bytes:
    """Decrypt. Raises Unavailable where key, place or bytes are not those of the sealing."""
    try:
        _, _, nonce, sealed = bytes(stored).split(b".")
        return AESGCM(key).decrypt(base64.urlsafe_b64decode(nonce), base64.urlsafe_b64decode(sealed), place.encode())
    except (ValueError, InvalidTag) as error:
        raise Unavailable("A stored secret cannot be opened: it was changed, or stands in another row.", hint=_OTHER_KEY) from error


def rotate_data_key(tx: Tx, vault: Vault, sealed: Sequence[Sealed]) -> int:
    """Give the workspace a new data key, seal every secret anew with it and drop the older ones; returns how many secrets.

    All in one transaction: while it runs nothing is sealed, and whatever breaks it off leaves everything as it was.
    """
    tx.lock_for_stop(LockKind.DATA_KEYS, 0)
    older = [row["kid"] for row in tx.all("SELECT kid FROM data_keys WHERE workspace_id = %(ws)s", {})]
    rows = {where: _secrets(tx, where) for where in sealed}
    opened = {where: [(row, vault.open(tx, stored, where, row)) for row, stored in found] for where, found in rows.items()}
    vault.make_data_key(tx)
    tx.run("DELETE FROM data_keys WHERE workspace_id = %(ws)s AND kid = ANY(%(older)s)", {"older": older})
    for where, secrets in opened.items():
        if secrets:
            tx.run(
                f"""UPDATE {where.table} AS t SET {where.column} = s.sealed
                    FROM unnest(%(rows)s::text[], %(sealed)s::bytea[]) AS s(row, sealed)
                    WHERE t.workspace_id = %(ws)s AND t.{where.row}::text = s.row""",
                {
                    "rows": [str(row) for row, _ in secrets],
                    "sealed": [vault.seal(tx, secret, where, row) for row, secret in secrets],
                },
            )
    return sum(len(secrets) for secrets in opened.values())


def _secrets(tx: Tx, where: Sealed) -> list[tuple[Any, bytes]]:
    rows = tx.all(
        f"""SELECT {where.row} AS row, {where.column} AS stored FROM {where.table}
            WHERE workspace_id = %(ws)s AND {where.column} IS NOT NULL AND {where.column} <> '' FOR UPDATE""",
        {},
    )
    return [(row["row"], bytes(row["stored"])) for row in rows]


def _key_id_of(stored: bytes) -> str:
    parts = bytes(stored).split(b".")
    return parts[1].decode("ascii", "replace") if len(parts) == 4 and parts[0] == b"v1" else ""


def load_vault(data_dir: Path, given: str = "", before: str = "") -> Vault:
    """Return the vault of `given` (any long secret), else of the key file in the data folder, which is made on first use.

    `before` is the secret that was given earlier, while its successor takes over (`segue keys rotate`).
    """
    if given:
        return Vault(*(hashlib.sha256(b"segue vault" + each.encode()).digest() for each in (given, before) if each))
    file = data_dir / KEY_FILE
    if not file.exists():
        write_keys(file, [system_random(KEY_BYTES)], first=True)
    return Vault(*read_keys(file), read_again=lambda: read_keys(file))


def read_keys(file: Path) -> tuple[bytes, ...]:
    """Return the master keys of a file, one a line, the newest first."""
    return tuple(base64.urlsafe_b64decode(line) for line in file.read_bytes().split())


def write_keys(file: Path, keys: Sequence[bytes], *, first: bool = False) -> None:
    """Write the master keys, whole or not at all, for nobody else to read. With `first` a file that is there meanwhile stays. OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    making = file.with_name(f".{file.name}.{os.getpid()}")
    making.unlink(missing_ok=True)
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(b"\n".join(base64.urlsafe_b64encode(key) for key in keys))
        out.flush()
        os.fsync(out.fileno())
    if not first:
        making.replace(file)
        return
    with suppress(FileExistsError):  # two first starts at once: both go on with the key of one
        file.hardlink_to(making)
    making.unlink()


def rotate_keys(db: Database, vault: Vault, sealed: Sequence[Sealed], file: Path | None) -> int:
    """Seal every secret of every workspace anew, with new data keys under the newest master key; returns how many.

    With `file` (no key is given by the environment) the master key is a new one too. The one before stays in the file, so that a process
    that has not yet heard of its successor loses nothing; it opens nothing that is still stored. Broken off, it is run again.

    Raises:
        Unavailable: a secret cannot be opened; those of its workspace stay as they are.
    """
    if file is not None:
        write_keys(file, [system_random(KEY_BYTES), *read_keys(file)])
        vault = Vault(*read_keys(file))
    done = 0
    for workspace_id in db.workspace_ids():
        with db.tx(workspace_id, actor="cli") as tx:
            secrets = rotate_data_key(tx, vault, sealed)
            tx.record(KeysRotated(secrets=secrets, master_key=vault.key_id))
        done += secrets
    if file is not None:
        write_keys(file, read_keys(file)[:2])
    return done
