"""The frame of the best time to send (SEQ-84): which hours of a day may be chosen, and what the choice is learnt from.

The estimate itself (science.md §1.4) is not here yet; until it is, the setting `best_time` is refused (`sequence_rules`). This frame
will not change with it: the date is found by SEQ-78 and never moves, the hour lies in the window, and no usable hour means the due time.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from segue.domain.send_window import SendWindow

KEPT_DAYS = 180
"""SCI-7: no reaction older than this is learnt from."""
FURTHER_WEIGHT = {"open": 0.5, "click": 1.0, "reply": 1.5}
"""SCI-6: what a further reaction to a mail weighs; the first weighs 1, whatever its kind."""
UNRELATED_MAIL_WEIGHT = 1.0
AFTER_LAST_MAIL = timedelta(hours=12)
"""SCI-1: never nearer to the mail before."""
LEAST_PART = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Earliest(StrEnum):
    """From when on an hour may be chosen: the start of the window, or not before the due time (SCI-1, SCI-31)."""

    WINDOW = "WINDOW"
    DUE = "DUE"


@dataclass(frozen=True, slots=True)
class Candidate:
    """The part of a clock hour, `[start, end)` in UTC, in which a mail may go."""

    start: datetime
    end: datetime

    def minute_for(self, enrollment_id: int) -> datetime:
        """Return the instant in it that belongs to an enrollment: spread evenly, and the same whenever it is asked (SCI-17)."""
        minutes = int((self.end - self.start) / timedelta(minutes=1))
        digest = hashlib.blake2b(str(enrollment_id).encode(), digest_size=8).digest()
        return self.start + timedelta(minutes=int.from_bytes(digest, "big") % max(1, minutes))


def candidates(
    due: datetime, window: SendWindow, zone: ZoneInfo, *, now: datetime, last_mail_at: datetime | None, earliest: Earliest = Earliest.WINDOW
) -> tuple[Candidate, ...]:
    """Return the hours of the due time's date in which a mail may go, in order (SCI-17). `due` is fitted by SEQ-78 already.

    Fewer than two are no choice: the due time stands. Never in the past, never within 12 hours after the mail before.
    """
    day = due.astimezone(zone).date()
    opens = datetime.combine(day, time(), zone) + timedelta(minutes=window.start_minute)
    closes = datetime.combine(day, time(), zone) + timedelta(minutes=window.end_minute)
    floor = max(filter(None, (now, last_mail_at and last_mail_at + AFTER_LAST_MAIL, due if earliest is Earliest.DUE else None)))
    found: list[Candidate] = []
    # Clock hours are walked in UTC: around a clock change a local hour may be missing, doubled or of another length.
    start, end = max(opens.astimezone(UTC), floor.astimezone(UTC)), closes.astimezone(UTC)
    while start < end:
        following = min(_next_clock_hour(start, zone), end)
        if following - start >= LEAST_PART:
            found.append(Candidate(start, following))
        start = following
    return tuple(found)


def minute_of(at: datetime) -> int:
    """Return the minutes since 1970 in UTC: how the log keeps instants (SCI-5)."""
    return int(at.timestamp()) // 60


def _next_clock_hour(at: datetime, zone: ZoneInfo) -> datetime:
    local = at.astimezone(zone)
    return at + _HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
