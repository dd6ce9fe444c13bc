"""Advisory locks: what several hand-offs share is locked shared by them and exclusively by whoever stops it (H3).

Row share locks are not fair: a pause starves behind overlapping senders. Advisory locks queue fairly. Only transaction-level ones are
used, so they survive a transaction pooler (H4). A hash collision only costs a wait.
"""

import hashlib
from enum import IntEnum


class LockKind(IntEnum):
    """Kinds in the one order in which locks are ever taken (H4); fence and slot stand first because only senders take them."""

    FENCE = 0
    SLOT = 1
    INSTANCE = 2
    WORKSPACE = 3
    MAILBOX = 4
    SEQUENCE = 5
    DOMAIN = 6
    ADDRESS = 7
    USER = 8
    ADDRESS_COUNT = 9
    """Counting and taking the mails of one address, where several sequences may write to it (SEQ-141)."""
    ENROLL = 10
    """Enrolling in a workspace: exclusively where overlap is allowed, so that nobody is counted past another (SEQ-141)."""
    STARTS = 11
    """Allotting the starts of a sequence (SEQ-98)."""
    REMINDERS = 12
    """Reminding the users of a workspace of their tasks: one worker at a time (SEQ-113)."""
    RECOVERY = 13
    """Recovering a message: who finds its fence taken then knows that a sender has it, and no other worker that looks for evidence.

    It is taken before the fence and only ever tried: what is never waited for has no place in the order.
    """
    DATA_KEYS = 15
    """Sealing secrets, shared; giving the workspace another data key, exclusively. Whoever holds it asks for no other but AUDIT."""
    AUDIT = 16
    """Adding to a workspace's audit log, at the very end of a transaction."""
    IDEMPOTENCY = 15
    """One request under one Idempotency-Key: taken as the very first of its transaction, by nobody else."""


def lock_key(kind: LockKind, workspace_id: int, name: int | str) -> int:
    """Return the signed 64-bit key of a lock."""
    digest = hashlib.blake2b(f"{kind.name}:{workspace_id}:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
