"""The checker catches every broken engine, and lets the true one pass in the very world in which it caught it (G4)."""

import pytest

from world.mutants import MUTANTS, Mutant
from world.simulation import Outcome, Shape, run_world
from world.workers import TRUE_ENGINE, Parts

WORLDS = 8
"""A mutant that survives so many worlds made for it has not been caught."""


def shape_for(mutant: Mutant) -> Shape:
    """A short, rough world with only the faults that this mutant cannot stand."""
    return Shape(
        days=10,
        contacts=24,
        crash_rate=mutant.crash_rate,
        call_rate=0.35,
        midway_rate=0.3,
        around_rate=0.15,
        kinds=mutant.kinds,
        tempers=mutant.tempers,
        plans=mutant.plans,
        acts=mutant.acts,
        full=mutant.full,
    )


@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_engine_is_caught_where_the_true_one_passes(fresh_database, name):
    mutant = MUTANTS[name]

    def live(seed: int, parts: Parts) -> Outcome:
        with fresh_database() as urls:
            return run_world(urls, seed, shape_for(mutant), parts)

    caught = next(
        (outcome for seed in range(mutant.first_seed, mutant.first_seed + WORLDS) if (outcome := live(seed, mutant.parts)).violations), None
    )
    assert caught is not None, f"{name} survived {WORLDS} worlds"
    print(f"\n{name}: {caught.violations[0]}")
    true = live(caught.seed, TRUE_ENGINE)
    assert not true.violations, true.violations
