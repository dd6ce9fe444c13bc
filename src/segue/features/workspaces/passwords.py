"""Hashing passwords with Argon2id: at most two at once, so that a flood of sign-ins takes no more memory (reliability.md §8)."""

import threading
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash takes: passes, KiB of memory, lanes."""

    passes: int
    memory: int
    lanes: int


STRONG = Cost(3, 64 * 1024, 4)
SMALL = Cost(2, 19 * 1024, 1)
"""For machines with little memory (OWASP's second choice)."""


class Hasher:
    """Hashes and checks passwords; one for a process."""

    def __init__(self, cost: Cost = STRONG) -> None:
        self._argon2 = PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory, parallelism=cost.lanes)
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._nobody = ""

    def hash(self, password: str) -> str:
        """Return what is stored of a password."""
        with self._turn:
            return self._argon2.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        """Say whether this is the password. For a user without one it takes as long and says no: nobody learns who has one."""
        if not stored:
            self._nobody = self._nobody or self.hash("nobody has this password")
        with self._turn:
            try:
                return self._argon2.verify(stored or self._nobody, password) and bool(stored)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, stored: str) -> bool:
        """Say whether a hash was made at another cost than today's: it is made anew at the next sign-in."""
        return self._argon2.check_needs_rehash(stored)
