"""What the limits promise: never over the cap in any 24 hours, spacing kept, clock minutes counted (SEQ-85…96, MAIL-49, S6, S29)."""

from bisect import insort
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.time_world import local, shown
from segue.domain.limits import (
    LimitName,
    MailboxLimits,
    Usage,
    effective_per_day,
    first_free,
    forecast,
    holding_limit,
    jitter_of,
    may_send_now,
    next_slot,
    room_beside,
    room_from,
)

DAY = timedelta(hours=24)
T0 = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
FREE = MailboxLimits(per_day=10_000, per_minute=60, spacing=timedelta(0), jitter=timedelta(0), user_per_day=10_000)


def seconds(*after: float) -> tuple[datetime, ...]:
    return tuple(T0 + timedelta(seconds=each) for each in after)


def test_an_idle_mailbox_sends_at_once() -> None:
    assert next_slot(MailboxLimits(), Usage(), T0, "run 1") == T0
    assert may_send_now(MailboxLimits(), Usage(), T0) is None
    assert next_slot(MailboxLimits(), Usage(sent=seconds(-3600)), T0, "run 1") == T0


def test_seq_87_free_gmail_keeps_its_ceiling_and_others_obey_the_custom_value() -> None:
    assert [effective_per_day(2000, free_gmail=True), effective_per_day(2000), effective_per_day()] == [350, 2000, 200]


def test_seq_86_a_mail_leaves_after_exactly_24_hours() -> None:
    sent = seconds(*range(0, 180 * 25, 25))
    usage = Usage(sent=sent)
    hold = holding_limit(MailboxLimits(), usage, T0 + timedelta(hours=10))
    assert hold is not None
    assert (hold.name, hold.limit, hold.until) == (LimitName.SEQUENCE_SHARE, 180, T0 + DAY)
    assert may_send_now(MailboxLimits(), usage, T0 + DAY - MICRO) is not None
    assert may_send_now(MailboxLimits(), usage, T0 + DAY) is None


def test_seq_89_manual_mail_has_the_room_that_sequences_may_not_use() -> None:
    limits, usage = MailboxLimits(per_day=10), Usage(sent=seconds(*range(0, 900, 100)))
    at = T0 + timedelta(hours=1)
    hold = holding_limit(limits, usage, at)
    assert hold is not None
    assert hold.name is LimitName.SEQUENCE_SHARE
    assert may_send_now(limits.for_manual(), usage, at) is None
    full = Usage(sent=seconds(*range(0, 500, 100)), manual=seconds(*range(50, 550, 100)))
    held = holding_limit(limits, full, at)
    assert held is not None
    assert (held.name, held.until) == (LimitName.MAILBOX_DAY, T0 + DAY)
    assert may_send_now(limits.for_manual(), full, at) is not None


def test_seq_88_the_user_s_limit_spans_mailboxes_and_spares_manual_mail() -> None:
    limits = MailboxLimits(user_per_day=3)
    usage = Usage(sent=(), user_sent=seconds(0, 100, 200))
    assert next_slot(limits, usage, T0 + timedelta(hours=1), 1) == T0 + DAY
    assert next_slot(limits.for_manual(), usage, T0 + timedelta(hours=1), 1) == T0 + timedelta(hours=1)


def test_seq_90_clock_minutes_are_counted_not_sixty_seconds() -> None:
    limits = MailboxLimits(per_minute=3, spacing=timedelta(seconds=1), jitter=timedelta(0))
    usage = Usage(sent=seconds(50, 55, 59.5))
    assert next_slot(limits, usage, T0 + timedelta(seconds=59.9), 1) == T0 + timedelta(seconds=60.5)
    assert next_slot(limits, Usage(sent=seconds(0, 1, 2)), T0 + timedelta(seconds=5), 1) == T0 + timedelta(seconds=60)
    hold = holding_limit(limits, Usage(sent=seconds(0, 1, 2)), T0 + timedelta(seconds=5))
    assert hold is not None
    assert hold.name is LimitName.PER_MINUTE


def test_seq_91_mails_keep_their_distance_with_jitter_from_the_seed_alone() -> None:
    usage = Usage(sent=(T0,))
    slots = {next_slot(MailboxLimits(), usage, T0, seed) for seed in range(200)}
    assert min(slots) >= T0 + timedelta(seconds=20)
    assert max(slots) < T0 + timedelta(seconds=30)
    assert len(slots) == 200
    assert next_slot(MailboxLimits(), usage, T0, "a") == next_slot(MailboxLimits(), usage, T0, "a")
    spread = Counter(int(jitter_of(timedelta(seconds=10), seed).total_seconds()) for seed in range(10_000))
    assert set(spread) == set(range(10))
    assert min(spread.values()) > 900


def test_seq_91_the_gate_asks_for_spacing_without_jitter() -> None:
    usage = Usage(sent=(T0,))
    assert may_send_now(MailboxLimits(), usage, T0 + timedelta(seconds=20)) is None
    assert may_send_now(MailboxLimits(), usage, T0 + timedelta(seconds=19.9)) == (
        "SPACING: mails of this mailbox keep 20 seconds apart; there is room again at 2027-01-11 09:00:20 UTC"
    )


@pytest.mark.parametrize(
    ("connected", "sending_days", "cap", "share", "spacing"),
    [
        (date(2027, 1, 11), 0, 50, 45, 60),
        (date(2027, 1, 10), 1, 60, 54, 60),
        (date(2026, 12, 20), 15, 200, 180, 60),
        (date(2026, 12, 20), 18, 200, 180, 60),
        (date(2026, 12, 13), 3, 80, 72, 60),
        (date(2026, 12, 12), 3, 200, 180, 20),  # 30 days ago: no longer new
        (None, 0, 200, 180, 20),
    ],
)
def test_seq_92_a_new_mailbox_warms_up(connected: date | None, sending_days: int, cap: int, share: int, spacing: int) -> None:
    limits = MailboxLimits(warm_up_from=connected)
    assert (limits.mailbox_cap(T0, sending_days), limits.sequence_cap(T0, sending_days)) == (cap, share)
    assert limits.spacing_at(T0) == timedelta(seconds=spacing)


def test_a_limit_of_one_mail_still_sends_one() -> None:
    assert MailboxLimits(per_day=1).sequence_cap(T0, 0) == 1


def test_seq_94_three_mails_to_one_address_and_the_fourth_a_day_after_the_first() -> None:
    assert room_from(seconds(0, 10, 20), 3, T0 + timedelta(hours=2)) == T0 + DAY
    assert room_from(seconds(0, 10), 3, T0 + timedelta(hours=2)) == T0 + timedelta(hours=2)


def test_seq_93_mails_by_hand_take_room_in_24_hours_and_keep_no_distance() -> None:
    limits = MailboxLimits(per_day=10, sequence_share=0.9)
    usage = Usage(sent=seconds(-7200, -3600), by_hand=seconds(-100, -90, -80, -70, -60, -50, -40))
    assert next_slot(limits, usage, T0, 1) == T0
    usage = replace(usage, by_hand=seconds(-100, -90, -80, -70, -60, -50, -40, -1))
    hold = holding_limit(limits, usage, T0)
    assert hold is not None
    assert (hold.name, hold.limit) == (LimitName.SEQUENCE_SHARE, 2)
    assert hold.until == T0 - timedelta(seconds=7200) + timedelta(hours=24)
    assert next_slot(limits, Usage(by_hand=usage.by_hand * 3), T0, 1) == T0, "one sequence mail a day goes whatever is written by hand"


def test_s29_after_the_clock_was_set_back_nothing_bursts() -> None:
    ahead = Usage(sent=tuple(T0 + timedelta(hours=1, seconds=25 * i) for i in range(100)))
    assert next_slot(MailboxLimits(), ahead, T0, 1) >= ahead.sent[-1] + timedelta(seconds=20)
    assert may_send_now(MailboxLimits(), ahead, T0) is not None


def test_seq_96_the_example_of_the_full_mailbox() -> None:
    morning = local("2027-01-11 10:00").astimezone(UTC)
    usage = Usage(sent=tuple(morning + timedelta(seconds=30 * i) for i in range(150)))
    tomorrow = local("2027-01-12 09:00").astimezone(UTC)
    now = local("2027-01-11 16:00").astimezone(UTC)
    planned = [*(tomorrow + timedelta(minutes=2 * i) for i in range(30)), *([now] * 20)]
    assert forecast(usage, planned, now) == 200
    free_at = first_free(MailboxLimits(), usage, planned, now)
    assert shown(free_at) == "Tue 2027-01-12 10:10 CET"
    assert forecast(usage, planned, free_at) == 179
    assert forecast(usage, planned, free_at - MICRO) == 180


@given(
    st.lists(st.floats(0, 4 * 86400), max_size=60),
    st.lists(st.floats(0, 3 * 86400), max_size=60),
    st.integers(1, 12),
    st.integers(0, 86400),
)
def test_the_first_free_instant_is_free_and_the_first(sent: list[float], planned: list[float], cap: int, now: int) -> None:
    limits = MailboxLimits(per_day=cap, sequence_share=1.0)
    at = T0 + DAY + timedelta(seconds=now)
    usage = Usage(sent=tuple(sorted(T0 - timedelta(days=3) + timedelta(seconds=each) for each in sent)))
    ahead = [at + timedelta(seconds=each) for each in planned]
    found = first_free(limits, usage, ahead, at)
    assert found >= at
    assert forecast(usage, ahead, found) < cap
    step = (found - at) / 50
    assert all(forecast(usage, ahead, at + step * i) >= cap for i in range(50) if at + step * i < found)


@given(
    st.lists(st.tuples(st.floats(0, 7200), st.booleans()), min_size=1, max_size=120),
    st.integers(1, 25),
    st.sampled_from([0.5, 0.9, 1.0]),
    st.integers(1, 5),
    st.sampled_from([0, 1, 20, 60]),
)
def test_s6_a_history_of_slots_never_breaks_a_limit(
    wishes: list[tuple[float, bool]], per_day: int, share: float, per_minute: int, apart: int
) -> None:
    limits = MailboxLimits(per_day, share, per_minute, timedelta(seconds=apart))
    sent: list[datetime] = []
    manual: list[datetime] = []
    now = T0
    for number, (pause, by_hand) in enumerate(wishes):
        now += timedelta(seconds=pause)
        usage = Usage(tuple(sent), tuple(manual))
        rule = limits.for_manual() if by_hand else limits
        now = next_slot(rule, usage, now, number)
        assert may_send_now(rule, usage, now) is None
        insort(manual if by_hand else sent, now)
    everything = sorted(sent + manual)
    assert most_in_24_hours(everything) <= per_day
    assert most_in_24_hours(sent) <= max(per_day * share, 1)
    assert all(later - earlier >= timedelta(seconds=apart) for earlier, later in pairwise(everything))
    assert max(Counter(f"{each:%F %H:%M}" for each in everything).values()) <= per_minute


@given(st.lists(st.integers(0, 2 * 86400), max_size=80), st.integers(1, 20), st.integers(0, 86400))
def test_a_slot_is_the_earliest_that_the_gate_lets_through(sent: list[int], per_day: int, now: int) -> None:
    limits = MailboxLimits(per_day=per_day, jitter=timedelta(0))
    usage = Usage(sent=seconds(*sorted(sent)))
    at = T0 + 2 * DAY + timedelta(seconds=now)
    slot = next_slot(limits, usage, at, 0)
    assert may_send_now(limits, usage, slot) is None
    if slot > at:
        for part in range(20):
            assert may_send_now(limits, usage, at + (slot - at) * part / 20) is not None
        assert may_send_now(limits, usage, slot - MICRO) is not None


@given(
    st.lists(st.integers(0, 86400), max_size=30), st.lists(st.integers(-3600, 86400), max_size=30), st.integers(1, 12), st.integers(1, 300)
)
def test_seq_97_a_mail_beside_planned_ones_takes_none_of_their_room(sent: list[int], planned: list[int], cap: int, parts: int) -> None:
    """Found is the first instant at which no 24 hours that were within the cap without it are over the cap with it."""
    before = sorted(T0 - DAY + timedelta(seconds=each) for each in sent)
    ahead = sorted(T0 + timedelta(seconds=each) for each in planned)
    found = room_beside(before, ahead, cap, T0)
    others = [*before, *(max(each, T0) for each in ahead)]

    def crowds(at: datetime) -> bool:
        spans = [(last - DAY, last) for last in (*others, at) if last - DAY < at <= last]
        return any(sum(1 for each in others if low < each <= high) >= cap for low, high in spans)

    assert found >= T0
    assert not crowds(found)
    assert all(crowds(T0 + (found - T0) * i / parts) for i in range(parts)) or found == T0


def most_in_24_hours(history: list[datetime]) -> int:
    """Slide a window over the history: the most mails in any (t − 24 h, t]; the checker shares nothing with the limits."""
    return max((sum(1 for each in history if last - DAY < each <= last) for last in history), default=0)
