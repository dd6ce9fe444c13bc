"""How often one caller may ask: a bucket for each key that fills with time. Counted in this process alone."""

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass

from segue.ports import Clock

KEYS_MAX = 50_000
"""Buckets kept; the longest unused goes first, so that a flood of keys costs memory no further."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class RateLimit:
    """At most `per_minute` calls of one key in a minute, all at once if need be."""

    def __init__(self, clock: Clock, per_minute: int) -> None:
        self.clock = clock
        self.per_minute = per_minute
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Take one call of this key; False when it has none left."""
        now = self.clock.monotonic()
        with self._lock:
            bucket = self._buckets.pop(key, None) or _Bucket(self.per_minute, now)
            bucket.left = min(self.per_minute, bucket.left + (now - bucket.at) * self.per_minute / 60)
            bucket.at = now
            self._buckets[key] = bucket
            while len(self._buckets) > KEYS_MAX:
                self._buckets.popitem(last=False)
            if bucket.left < 1:
                return False
            bucket.left -= 1
            return True

    def retry_after(self, key: str) -> int:
        """Return after how many whole seconds a key has a call left again."""
        with self._lock:
            bucket = self._buckets.get(key)
            return max(1, math.ceil((1 - bucket.left) * 60 / self.per_minute)) if bucket else 1
