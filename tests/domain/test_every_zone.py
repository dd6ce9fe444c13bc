"""G9: every zone × every offset change 2026–2036 × 96 starts × windows × day modes, none outside. About a minute on one core."""

import pytest

from domain.every_zone import CASES_PER_CHANGE, FIRST, LAST, clock_of, judge, zone_names

CHUNKS = 24


@pytest.mark.whole
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_g9_no_window_is_left_in_any_zone_around_any_change(chunk: int) -> None:
    for name in zone_names()[chunk::CHUNKS]:
        clock = clock_of(name)
        asked, wrong = judge(clock)
        assert wrong == [], f"{len(wrong)} outside in {name}"
        assert asked == CASES_PER_CHANGE * sum(FIRST <= change < LAST for change in clock.changes)


def test_g9_the_sweep_sees_the_zones_and_changes_there_are() -> None:
    names = zone_names()
    changes = sum(FIRST <= change < LAST for name in names for change in clock_of(name).changes)
    print(f"G9: {len(names)} zones, {changes} offset changes, {changes * CASES_PER_CHANGE} cases")
    assert len(names) >= 590
    assert changes >= 3_500
    assert {name: len(clock_of(name).changes) for name in ("Europe/Berlin", "Asia/Tokyo")} == {"Europe/Berlin": 22, "Asia/Tokyo": 0}
