"""How many mails may go, and how close together (SEQ-85…94, SEQ-95, SEQ-96, MAIL-49, S6).

Nothing is counted here: callers load what was accepted or is in doubt and ask. The rolling rule reads: at any instant t, the mails accepted
in (t − 24 h, t] never exceed the limit. There is no reset time (SEQ-86).

One rule makes this safe against clocks and slow providers: an old mail counts from the latest instant at which it can have been accepted,
a new one is judged at the earliest. Mails "from the future" (the clock was set back, S29) count as well, and push the next one behind them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from heapq import merge

DAY = timedelta(hours=24)
"""The rolling span of every daily limit."""
WARM_UP_DAYS = 30
"""A mailbox connected less than so many days ago warms up (SEQ-92)."""
WARM_UP_FIRST = 50
WARM_UP_STEP = 10
WARM_UP_SPACING = timedelta(seconds=60)
SLOW_START = ((timedelta(hours=1), timedelta(seconds=60)), (timedelta(hours=4), timedelta(seconds=30)))
"""So long after a repair mails keep so far apart (SEQ-105, L3): a backlog that bursts out is what providers block accounts for."""
FREE_GMAIL_PER_DAY = 350
"""No setting lifts a free Gmail account above this (SEQ-87)."""
MAILS_PER_ADDRESS = 3
"""Automated mails to one address in 24 h over all sequences (SEQ-94, S30)."""
WARNING_SHARE = 0.8
"""From this share of the limit on, a forecast warns (SEQ-95)."""
_MINUTE = timedelta(minutes=1)


class LimitName(StrEnum):
    """The limits, by the rule that sets them."""

    SPACING = "SPACING"
    PER_MINUTE = "PER_MINUTE"
    SEQUENCE_SHARE = "SEQUENCE_SHARE"
    MAILBOX_DAY = "MAILBOX_DAY"
    USER_DAY = "USER_DAY"


@dataclass(frozen=True, slots=True)
class MailboxLimits:
    """The limits of one mailbox and its sender.

    `per_day` is the limit after the provider's ceiling (`effective_per_day`); `warm_up_from` the date the mailbox was connected, None when
    warm-up is switched off. The defaults are those of SEQ-87…92.
    """

    per_day: int = 200
    sequence_share: float = 0.9
    per_minute: int = 3
    spacing: timedelta = timedelta(seconds=20)
    jitter: timedelta = timedelta(seconds=10)
    warm_up_from: date | None = None
    user_per_day: int = 500
    repaired_at: datetime | None = None
    """When the mailbox began to work again after an outage."""

    def for_manual(self) -> "MailboxLimits":
        """Return the limits as one-to-one mail meets them: the whole mailbox, and not the user's automated mail (SEQ-88, SEQ-89)."""
        return replace(self, sequence_share=1.0, user_per_day=max(self.user_per_day, 1_000_000))

    def warming_up(self, at: datetime) -> bool:
        """Tell whether the mailbox is new (SEQ-92). The date is UTC's: a day's error in 30 is none."""
        return self.warm_up_from is not None and at.astimezone(UTC).date() < self.warm_up_from + timedelta(days=WARM_UP_DAYS)

    def mailbox_cap(self, at: datetime, sending_days: int) -> int:
        """Return the limit of all mail in 24 h, warm-up included (SEQ-92); `sending_days` as in `Usage`."""
        if not self.warming_up(at):
            return self.per_day
        return min(self.per_day, WARM_UP_FIRST + WARM_UP_STEP * sending_days)

    def sequence_cap(self, at: datetime, sending_days: int, by_hand: int = 0) -> int:
        """Return the part of `mailbox_cap` that sequence mail may use (SEQ-89), beside so many mails of 24 h written by hand (SEQ-93).

        Never 0: a limit of 1 would mean never, and who writes many mails by hand still has one sequence mail a day.
        """
        whole = self.mailbox_cap(at, sending_days)
        return max(1, min(int(whole * self.sequence_share + 1e-9), whole - by_hand))

    def spacing_at(self, at: datetime) -> timedelta:
        """Return the least distance between two mails of the mailbox (SEQ-91)."""
        spacing = max(self.spacing, WARM_UP_SPACING) if self.warming_up(at) else self.spacing
        since = None if self.repaired_at is None else at - self.repaired_at
        return max(spacing, next((apart for span, apart in SLOW_START if since is not None and since < span), spacing))


@dataclass(frozen=True, slots=True)
class Usage:
    """What counts against the limits: instants of the last 24 h, each tuple sorted, of mails accepted or in doubt (SEQ-86).

    `sent`: the mailbox's automated mails. `manual`: its one-to-one mails (unknown? put all into `sent`: stricter, never looser).
    `user_sent`: the sender's automated mails over all mailboxes, those in `sent` included; None stands for `sent` itself.
    `sending_days`: dates before today's on which the mailbox has sent, in the sender's zone; today's first day of sending is 0.
    """

    sent: tuple[datetime, ...] = ()
    manual: tuple[datetime, ...] = ()
    user_sent: tuple[datetime, ...] | None = None
    sending_days: int = 0
    by_hand: tuple[datetime, ...] = ()
    """Mails seen in the Sent folder that passed no program of ours (SEQ-93): they take room in 24 h and keep no distance."""

    def by_hand_at(self, at: datetime) -> int:
        """Count those of the 24 h before `at`; what lies ahead of it, as after a clock was set back, counts too (S29)."""
        return len(self.by_hand) - bisect_right(self.by_hand, at - DAY)

    def everything(self) -> Sequence[datetime]:
        """Return all mails of the mailbox, sorted."""
        return list(merge(self.sent, self.manual)) if self.manual else self.sent

    def of_user(self) -> Sequence[datetime]:
        """Return the automated mails of the sender, sorted."""
        return self.sent if self.user_sent is None else self.user_sent


@dataclass(frozen=True, slots=True)
class Hold:
    """The limit that forbids a mail, and the instant (UTC) it stops doing so if nothing else is sent."""

    name: LimitName
    until: datetime
    limit: int

    def __str__(self) -> str:
        what = {
            LimitName.SPACING: f"mails of this mailbox keep {self.limit} seconds apart",
            LimitName.PER_MINUTE: f"this mailbox sends at most {self.limit} mails a minute",
            LimitName.SEQUENCE_SHARE: f"sequences may send {self.limit} mails in 24 hours from this mailbox",
            LimitName.MAILBOX_DAY: f"this mailbox may send {self.limit} mails in 24 hours",
            LimitName.USER_DAY: f"the sender's sequences may send {self.limit} mails in 24 hours over all mailboxes",
        }[self.name]
        return f"{self.name}: {what}; there is room again at {self.until:%Y-%m-%d %H:%M:%S} UTC"


def effective_per_day(custom: int = 200, *, free_gmail: bool = False) -> int:
    """Return the daily limit of a mailbox: the custom value overrides the provider's ceiling, except on free Gmail (SEQ-87)."""
    return min(custom, FREE_GMAIL_PER_DAY) if free_gmail else custom


def room_from(sent: Sequence[datetime], cap: int, at: datetime) -> datetime:
    """Return the first instant from `at` on at which one more mail keeps every 24 h within `cap`; `sent` is sorted.

    Serves any rolling limit: mailbox, user, company domain, address (SEQ-86, SEQ-88, SEQ-94).
    """
    assert cap >= 1, "a limit below one mail never has room"
    if len(sent) < cap:
        return at
    return max(at, sent[-cap] + DAY)  # at exactly +24 h the old mail has left (t − 24 h, t]


def room_beside(sent: Sequence[datetime], planned: Sequence[datetime], cap: int, at: datetime) -> datetime:
    """Return the first instant from `at` on at which one more mail takes no room from mails planned in the 24 h after it (SEQ-97).

    Both lists are sorted. A mail at c breaks the cap where some `cap` others lie with it in less than 24 h; those others, from `low` to
    `high`, close the span (high − 24 h, low + 24 h) to it.
    """
    assert cap >= 1, "a limit below one mail never has room"
    mails = list(merge(sent, (max(each, at) for each in planned)))
    room = at
    for low, high in zip(mails, mails[cap - 1 :], strict=False):
        if high - low < DAY and high - DAY < room < low + DAY:
            room = low + DAY
    return room


def next_slot(limits: MailboxLimits, usage: Usage, at: datetime, jitter_seed: str | int) -> datetime:
    """Return the first instant (UTC) from `at` on at which one more mail respects every limit, spacing with jitter included.

    The jitter is a hash of the seed (step run or message), so that two workers compute the same slot and an idle mailbox does not wait.
    """
    slot = at.astimezone(UTC)
    everything = usage.everything()
    if everything:
        slot = max(slot, everything[-1] + limits.spacing_at(slot) + jitter_of(limits.jitter, jitter_seed))
    while (hold := _longest_hold(limits, usage, everything, slot)) is not None:
        slot = hold.until
    return slot


def holding_limit(limits: MailboxLimits, usage: Usage, at: datetime) -> Hold | None:
    """Return the limit that forbids a mail at `at` for longest, or None: the gate's question, asked without jitter."""
    return _longest_hold(limits, usage, usage.everything(), at.astimezone(UTC))


def may_send_now(limits: MailboxLimits, usage: Usage, at: datetime) -> str | None:
    """Return None if a mail may begin at `at`, else a sentence that names the limit and says until when (SEQ-108)."""
    hold = holding_limit(limits, usage, at)
    return None if hold is None else str(hold)


def forecast(usage: Usage, planned: Sequence[datetime], at: datetime) -> int:
    """Count, as of `at`, the mails of the 24 h before and those planned for the 24 h after (SEQ-95).

    `planned` holds the instants of everything planned from ACTIVE and PAUSED enrollments, what is overdue or paused at the present instant.
    Planned mail that lies before `at` counts as sent then, so the same function draws the coming days.
    """
    return _around(sorted((*usage.everything(), *planned)), at)


def first_free(limits: MailboxLimits, usage: Usage, planned: Sequence[datetime], at: datetime) -> datetime:
    """Return the first instant from `at` on at which the forecast leaves room for one more sequence mail (SEQ-96)."""
    start = at.astimezone(UTC)
    mails = sorted((*usage.everything(), *(max(start, each) for each in planned)))
    # The count falls only when a mail leaves the 24 h behind, so only those instants need a look.
    for candidate in (start, *(mail + DAY for mail in merge(mails, usage.by_hand) if mail + DAY > start)):
        if _around(mails, candidate) < limits.sequence_cap(candidate, usage.sending_days, usage.by_hand_at(candidate)):
            return candidate
    return mails[-1] + DAY if mails else start


def jitter_of(most: timedelta, seed: str | int) -> timedelta:
    """Return a part of `most` that depends on nothing but the seed."""
    digest = blake2b(str(seed).encode(), digest_size=8, person=b"spacing").digest()
    return most * (int.from_bytes(digest) / 2**64)


def _around(mails: Sequence[datetime], at: datetime) -> int:
    return bisect_right(mails, at + DAY) - bisect_right(mails, at - DAY)


def _longest_hold(limits: MailboxLimits, usage: Usage, everything: Sequence[datetime], at: datetime) -> Hold | None:
    """Return the hold that lasts longest among those in force at `at` (aware UTC)."""
    holds = [hold for hold in _holds(limits, usage, everything, at) if hold.until > at]
    return max(holds, key=lambda hold: hold.until, default=None)


def _holds(limits: MailboxLimits, usage: Usage, everything: Sequence[datetime], at: datetime) -> tuple[Hold, ...]:
    if not everything and not usage.of_user():
        return ()
    by_hand = usage.by_hand_at(at)
    share, whole = limits.sequence_cap(at, usage.sending_days, by_hand), limits.mailbox_cap(at, usage.sending_days)
    room = room_from(usage.sent, share, at)
    if by_hand:  # one of those leaves the 24 h first, or the oldest of ours
        room = min(room, max(at, usage.by_hand[-by_hand] + DAY))
    spacing = limits.spacing_at(at)
    spaced = everything[-1] + spacing if everything else at
    return (
        Hold(LimitName.SPACING, spaced, int(spacing.total_seconds())),
        Hold(LimitName.PER_MINUTE, _minute_with_room(everything, limits.per_minute, at), limits.per_minute),
        Hold(LimitName.SEQUENCE_SHARE, room, share),
        Hold(LimitName.MAILBOX_DAY, room_from(everything, whole, at), whole),
        Hold(LimitName.USER_DAY, room_from(usage.of_user(), limits.user_per_day, at), limits.user_per_day),
    )


def _minute_with_room(everything: Sequence[datetime], per_minute: int, at: datetime) -> datetime:
    """Return `at`, or the start of the next clock minute if the one of `at` is full (SEQ-90: 09:00:00–09:00:59)."""
    minute = at.replace(second=0, microsecond=0)
    in_it = sum(1 for mail in everything[-per_minute:] if minute <= mail < minute + _MINUTE)
    return minute + _MINUTE if in_it >= per_minute else at
