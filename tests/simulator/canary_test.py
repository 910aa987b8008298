"""Each law of the simulator is seen to be broken by a fault that was planted, by its own check."""

import pytest

from kesto.core.refusals import Refused
from tests.simulator.lives import Office
from tests.simulator.mutants import MUTANTS, Plant, planted
from tests.simulator.oracle import LAWS, Broken, Law

SEEDS = range(300)


@pytest.mark.parametrize(("law", "plant"), MUTANTS, ids=lambda one: getattr(one, "__name__", one))
def test_a_planted_fault_is_seen(law: Law | None, plant: Plant) -> None:
    with planted(plant), pytest.raises((Broken, Refused)) as seen:
        _live([law] if law else [])
    if law is None:
        assert not isinstance(seen.value, Broken)
    else:
        assert isinstance(seen.value, Broken)
        assert seen.value.law == law


def _live(laws: list[Law]) -> None:
    for seed in SEEDS:
        Office(seed, laws).live()


def test_every_law_has_a_mutant() -> None:
    assert {law for law, _ in MUTANTS} == {*LAWS, None}
