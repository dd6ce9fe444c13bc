"""What is presented to get in: API keys, session tokens, one-time tokens. Only digests of them are ever stored (reliability.md §8).

An API key reads `segue_` + 30 characters of base62 + 6 characters of base62 that are the CRC-32 of what stands before them: leak scanners
find it by its pattern, and a mistyped one is refused without asking the database.
"""

import hashlib
import re
import zlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY_PREFIX = "segue_"
KEY_PATTERN = r"segue_[0-9A-Za-z]{36}"
"""For leak scanners, published in docs/operate/security-model.md."""
KEY_RANDOM = 30
"""Characters of chance: 178 bits."""
TOKEN_BYTES = 32
START = len(KEY_PREFIX) + 6
"""Characters of a key that are shown again later."""


def make_api_key(random: bytes) -> str:
    """Return a key made of at least 32 random bytes."""
    secret = _base62(int.from_bytes(random), KEY_RANDOM)
    return f"{KEY_PREFIX}{secret}{_checksum(secret)}"


def is_api_key(presented: str) -> bool:
    """Say whether this is written like a key, its checksum included."""
    if not re.fullmatch(KEY_PATTERN, presented):
        return False
    secret = presented.removeprefix(KEY_PREFIX)
    return _checksum(secret[:KEY_RANDOM]) == secret[KEY_RANDOM:]


def make_token(random: bytes) -> str:
    """Return a session or one-time token made of 32 random bytes: 256 bits in 43 characters that an address can hold."""
    return _base62(int.from_bytes(random), 43)


def make_recovery_code(random: bytes) -> str:
    """Return a code that a person can copy from paper, such as `k3fp-9xwt-2m7q`: 60 bits, without letters that look alike."""
    number, letters = int.from_bytes(random), "23456789abcdefghijkmnpqrstuvwxyz"
    drawn = "".join(letters[number >> 5 * place & 31] for place in range(12))
    return "-".join((drawn[:4], drawn[4:8], drawn[8:]))


def digest_of(presented: str) -> bytes:
    """Return what is stored of a key, token or code. A fast hash does: there is too much chance in them to try."""
    return hashlib.sha256(presented.encode("utf-8", "surrogatepass")).digest()


def _checksum(secret: str) -> str:
    return _base62(zlib.crc32((KEY_PREFIX + secret).encode()), 6)


def _base62(number: int, length: int) -> str:
    drawn = []
    for _ in range(length):
        number, place = divmod(number, 62)
        drawn.append(ALPHABET[place])
    return "".join(reversed(drawn))
