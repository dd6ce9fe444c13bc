"""Variants and drawn delays: by hash, even, never changing for an enrollment (SEQ-38, SEQ-44, SEQ-133)."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.sequences import DAY, branch, email, finish, sequence, task, wait
from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.sequence import EmailSettings, Variant
from segue.domain.sequence_rules import check
from segue.domain.variants import delay_of, interval, variant_of, with_variant

TESTED = replace(
    email("intro", subject="One", delay=timedelta(0)),
    variants=(Variant(2, EmailSettings("Second", "Two")), Variant(3, EmailSettings("Third", "Three"))),
)


def drawn(step, number=3_000):
    return [variant_of(step, EnrollmentId(n), {}).ordinal for n in range(number)]


def test_seq_38_the_split_is_even_over_the_active_variants():
    shares = Counter(drawn(TESTED))
    assert set(shares) == {1, 2, 3}
    assert all(900 < share < 1_100 for share in shares.values())


def test_seq_38_an_enrollment_always_draws_the_same():
    assert drawn(TESTED) == drawn(TESTED)


def test_seq_38_steps_draw_independently_of_each_other():
    other = replace(TESTED, key=StepKey("other"))
    both = Counter(zip(drawn(TESTED), drawn(other), strict=True))
    assert len(both) == 9
    assert all(200 < count < 470 for count in both.values())


def test_seq_38_a_variant_that_is_off_is_drawn_by_nobody_and_moves_only_those_who_had_it():
    without = replace(TESTED, variants=(TESTED.variants[0], replace(TESTED.variants[1], active=False)))
    before, after = drawn(TESTED), drawn(without)
    assert 3 not in after
    assert all(new == old for old, new in zip(before, after, strict=True) if old != 3)


def test_seq_38_the_steps_own_text_can_be_off_too():
    assert set(drawn(replace(TESTED, active=False))) == {2, 3}


def test_seq_133_a_drawn_variant_is_kept_while_it_exists_also_when_it_is_off():
    off = replace(TESTED, variants=(replace(TESTED.variants[0], active=False), TESTED.variants[1]))
    assert variant_of(off, EnrollmentId(1), {StepKey("intro"): 2}).ordinal == 2
    gone = replace(TESTED, variants=TESTED.variants[1:])
    assert variant_of(gone, EnrollmentId(1), {StepKey("intro"): 2}).ordinal in (1, 3)


def test_seq_38_the_step_that_runs_has_the_content_of_the_variant():
    assert with_variant(TESTED, EnrollmentId(1), {StepKey("intro"): 2}).settings == EmailSettings("Second", "Two")
    plain = email("intro", subject="One")
    assert with_variant(plain, EnrollmentId(1), {}) is plain


def errors(*steps):
    return [found.message for found in check(sequence(*steps)) if found.severity == "error"]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (TESTED, []),
        (replace(TESTED, active=False, variants=()), ["No variant of this step is active."]),
        (replace(TESTED, variants=(Variant(2, EmailSettings("", "Two")),)), ["Variant 2: This email has no text."]),
        (replace(TESTED, variants=(Variant(1, EmailSettings("x", "Two")),)), ["Two variants of this step have the same ordinal."]),
        (replace(TESTED, variants=(Variant(2, EmailSettings("x")),)), ["The first email has no subject."]),
        (replace(TESTED, variants=(Variant(2, EmailSettings("{{ nonsense.x }}", "Two")),)), ["Variant 2"]),
    ],
)
def test_seq_46_variants_are_checked_like_the_step_itself(step, said):
    found = errors(step, finish())
    assert len(found) == len(said)
    assert all(each.startswith(start) for each, start in zip(found, said, strict=True))


def test_seq_38_only_emails_and_tasks_have_variants():
    tested = replace(wait("w"), variants=(Variant(2, wait("w").settings),))
    assert errors(email("a", subject="x"), tested, finish()) == ["Only emails and tasks have variants."]


def test_seq_38_variants_of_a_task_hold_the_next_step_alike():
    tested = replace(task("ring"), variants=(Variant(2, replace(task("ring").settings, wait=False)),))
    assert errors(tested, finish()) == ["Variant 2 waits otherwise than the step."]


RANGE = replace(email("later", subject="x", delay=2 * DAY), delay_most=4 * DAY)


def test_seq_44_a_range_is_drawn_in_whole_minutes_over_its_whole_width():
    delays = [delay_of(RANGE, EnrollmentId(n)) for n in range(3_000)]
    assert all(2 * DAY <= each <= 4 * DAY and not each % timedelta(minutes=1) for each in delays)
    assert min(delays) < 2 * DAY + timedelta(hours=1)
    assert max(delays) > 4 * DAY - timedelta(hours=1)
    assert delays == [delay_of(RANGE, EnrollmentId(n)) for n in range(3_000)]


def test_seq_44_one_value_is_that_value():
    assert delay_of(email("later", delay=2 * DAY), EnrollmentId(5)) == 2 * DAY


@pytest.mark.parametrize("most", [DAY, 2 * DAY, 400 * DAY])
def test_seq_46_a_range_whose_end_is_not_behind_its_beginning_is_refused(most):
    assert errors(replace(RANGE, delay_most=most), finish()) == ["The range of the delay is empty or too long."]


def test_seq_38_the_interval_of_a_share_is_wilsons():
    low, high = interval(10, 100)
    assert (round(low, 4), round(high, 4)) == (0.0552, 0.1744)
    assert interval(0, 0) == (0.0, 1.0)
    assert interval(0, 10)[0] == 0.0
    assert 0.25 < interval(0, 10)[1] < 0.31
    assert interval(10, 10)[1] == pytest.approx(1.0)


def test_seq_38_a_branch_may_ask_which_variant_was_drawn():
    asks = branch(when=({"variant": "intro", "is": 2},), yes="two", no="end")
    assert errors(TESTED, asks, email("two"), finish()) == []
