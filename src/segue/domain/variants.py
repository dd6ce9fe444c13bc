"""What differs between enrollments of one version: which variant of a step one gets (SEQ-38), and a delay drawn from its range (SEQ-44).

Both are hashes of enrollment and step key: the same whenever they are asked for, without a place to store them. The variant is the one with
the highest hash of its own, so that switching one off moves only those who had it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from math import sqrt

from segue.domain.ids import EnrollmentId, StepKey
from segue.domain.sequence import Step, Variant

MEANINGFUL = 100
"""Contacts of a variant below which its figures are shown as too early (SEQ-38)."""
_Z95 = 1.959964
_MINUTE = timedelta(minutes=1)


def variant_of(step: Step, enrollment_id: EnrollmentId, drawn: Mapping[StepKey, int]) -> Variant:
    """Return the content that this enrollment gets: the one drawn before while it exists, else one of the active, by hash."""
    if not step.variants:
        return step.contents[0]
    before = next((each for each in step.contents if each.ordinal == drawn.get(step.key)), None)
    if before is not None:
        return before
    active = [each for each in step.contents if each.active] or [step.contents[0]]
    return max(active, key=lambda each: _hash(f"variant/{each.ordinal}", enrollment_id, step.key))


def with_variant(step: Step, enrollment_id: EnrollmentId, drawn: Mapping[StepKey, int]) -> Step:
    """Return the step with the content that this enrollment gets in place of its settings."""
    return replace(step, settings=variant_of(step, enrollment_id, drawn).settings) if step.variants else step


def delay_of(step: Step, enrollment_id: EnrollmentId) -> timedelta:
    """Return the delay in front of the step, drawn in whole minutes where it is a range (SEQ-44)."""
    if step.delay_most is None:
        return step.delay
    return step.delay + _hash("delay", enrollment_id, step.key) % ((step.delay_most - step.delay) // _MINUTE + 1) * _MINUTE


def interval(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share by Wilson's score, which holds for few and for none (SEQ-38, SEQ-181)."""
    if total <= 0:
        return 0.0, 1.0
    share, z2 = hits / total, _Z95 * _Z95
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    reach = _Z95 * sqrt(share * (1 - share) / total + z2 / (4 * total * total)) / (1 + z2 / total)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def _hash(purpose: str, enrollment_id: EnrollmentId, key: StepKey) -> int:
    return int.from_bytes(blake2b(f"{purpose}/{enrollment_id}/{key}".encode(), digest_size=8).digest(), "big")
