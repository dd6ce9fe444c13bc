"""Windows, delays and limits, computed anew and simply, for the checker alone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from world.office import PlainSequence

DEADLINE = timedelta(seconds=10)
"""SEQ-79: the hand-off must begin in the window; it ends at most a deadline later."""
FROZEN = timedelta(minutes=18)
DAY = timedelta(hours=24)


def in_window(at: datetime, plan: "PlainSequence", zone: str) -> bool:
    """Say whether a hand-off accepted at `at` can have begun inside the window."""
    return _open(at, plan, zone) or _open(at - DEADLINE, plan, zone)


def _open(at: datetime, plan: "PlainSequence", zone: str) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    return plan.start_minute <= minute < plan.end_minute and (plan.mode == "EVERYDAY" or local.weekday() < 5)


def cap(per_day: int) -> int:
    """What sequences may send of a mailbox's limit: nine tenths (SEQ-89)."""
    return max(1, per_day * 9 // 10)


def in_last_day(sent: Sequence[datetime], at: datetime) -> int:
    return sum(1 for each in sent if at - DAY < each <= at)


def broken_limits(sent: Sequence[datetime], at: datetime, *, per_minute: int, spacing_s: int) -> list[str]:
    """Return the limits on neighbours that one more mail begun at `at` breaks."""
    broken = []
    minute = at.replace(second=0, microsecond=0)
    if sum(1 for each in sent if each.replace(second=0, microsecond=0) == minute) + 1 > per_minute:
        broken.append(f"more than {per_minute} in a minute")
    nearest = min((abs(at - each) for each in sent), default=DAY)
    if nearest < timedelta(seconds=spacing_s):
        broken.append(f"{nearest} apart instead of {spacing_s} s")
    return broken


def add_delay(base: datetime, delay_s: int, mode: str, zone: str) -> datetime:
    """D whole days on the local calendar, counting working days where the mode says so, then the rest as elapsed time (SEQ-74)."""
    days, rest = divmod(delay_s, 86400)
    if not days:
        return base + timedelta(seconds=rest)
    local = base.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    while days:
        local += timedelta(days=1)
        if mode != "BUSINESS_DAYS" or local.weekday() < 5:
            days -= 1
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC) + timedelta(seconds=rest)


def earliest(
    plan: "PlainSequence", since: str, step: str, accepted_at: datetime, tasks: dict[str, dict[str, Any]], zone: str
) -> datetime | None:
    """Return the first instant at which `step` may be accepted when `since` was accepted at that time; None where it cannot be said."""
    keys = [each.key for each in plan.steps]
    base = accepted_at
    for each in plan.steps[keys.index(since) + 1 : keys.index(step) + 1]:
        if each.kind == "task":
            row = tasks.get(each.key)
            if row is None or (each.waits and row["resolved_at"] is None):
                return None
            base = row["resolved_at"] if each.waits else row["created_at"]
        elif each.kind == "email" and each.key != step:
            return None  # an email between them was skipped by a person
        else:
            base = add_delay(base, each.delay_s, plan.mode, zone)
    return base
