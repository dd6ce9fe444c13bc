"""What differs between two versions, told by step key (SEQ-48)."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from domain.sequences import DAY, email, finish, sequence, task, valid_sequences
from segue.domain.sequence import EmailSettings, Variant
from segue.domain.sequence_diff import Difference, changed_keys, differences

INTRO, LATER, RING = email("intro", subject="Hi", delay=timedelta(0)), email("later"), task("ring")
OLD = sequence(INTRO, LATER, RING, finish())


@given(valid_sequences)
def test_a_sequence_differs_from_itself_in_nothing(valid):
    assert differences(valid, valid) == ()


@given(valid_sequences, valid_sequences)
def test_whatever_differs_is_told_in_texts(one, other):
    found = differences(one, other)
    assert bool(found) is (one != other)
    assert all(isinstance(each.before, str) and isinstance(each.after, str) for each in found)


def test_added_removed_and_changed_steps_are_told_by_key():
    new = sequence(INTRO, replace(LATER, delay=3 * DAY, settings=EmailSettings("Other")), email("extra", subject="New"), finish())
    assert differences(OLD, new) == (
        Difference("changed", "later", "delay", "2 days", "3 days"),
        Difference("changed", "later", "body", "Hello", "Other"),
        Difference("added", "extra", "", "", "email: New"),
        Difference("removed", "ring", "", "call", ""),
    )
    assert changed_keys(OLD, new) == {"later": "changed", "extra": "added", "ring": "removed"}


def test_a_step_that_moved_is_told_and_those_it_passed_are_not():
    assert differences(OLD, sequence(INTRO, RING, LATER, finish())) in (
        (Difference("moved", "ring"),),
        (Difference("moved", "later"),),
    )


def test_settings_and_variants_are_told():
    tested = replace(INTRO, variants=(Variant(2, EmailSettings("Second", "Two")),))
    new = sequence(tested, LATER, RING, finish(), threaded=False, cool_off_days=3)
    assert differences(OLD, new) == (
        Difference("setting", "threaded", "", "yes", "no"),
        Difference("setting", "cool_off_days", "", "0", "3"),
        Difference("changed", "intro", "variant 2", "", "Two\nSecond"),
    )
