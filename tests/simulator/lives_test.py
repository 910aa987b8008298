"""Lives by rules: whatever is asked in whatever order, each bill keeps every law."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from kesto.core.refusals import Refused
from tests.simulator import oracle
from tests.simulator.coverage import CLOCK_NIGHTS, COMMANDS
from tests.simulator.generator import LEAP_DAY
from tests.simulator.lives import Office
from tests.simulator.world import noon

LEAST_OPERATIONS = 12


class Lives(RuleBasedStateMachine):
    """An office in which Hypothesis chooses what happens; chance fills in the rest."""

    office: Office

    @initialize(seed=st.integers(0, 2**16))
    def opens(self, seed: int) -> None:
        self.office = Office(seed)
        self.office.subscribe()

    @rule()
    def subscribes(self) -> None:
        if len(self.office.world.members) < 4:
            self.office.subscribe()

    @rule(days=st.integers(1, 45), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        world = self.office.world
        world.moves_to(world.now + timedelta(days=days, hours=hours))

    @rule(days_back=st.sampled_from([0, 0, 1, 5]))
    def bills(self, days_back: int) -> None:
        self.office.bill(self.office.world.today - timedelta(days=days_back))

    @rule(on=st.sampled_from([*sorted(CLOCK_NIGHTS), LEAP_DAY]))
    def a_special_day_comes(self, on: date) -> None:
        self.office.world.moves_to(noon(on))

    @rule(place=st.integers(0, 3), kind=st.sampled_from(COMMANDS))
    def asks_twice(self, place: int, kind: str) -> None:
        """The same words again, as of someone who pressed the button twice."""
        world = self.office.world
        member = world.members[place % len(world.members)]
        command = self.office.generator.command(kind, world, member)
        for _ in range(2):
            with suppress(Refused):
                world.carry_out(member, command, world.decide(member, command))

    @invariant()
    def what_was_billed_is_due(self) -> None:
        self.office.bill(self.office.world.today)

    @invariant()
    def it_may_be_told_in_any_order(self) -> None:
        world, random = self.office.world, self.office.random
        oracle.order_of_telling_is_nothing(
            world, world.today, random, [random.choice(world.members)]
        )

    @invariant()
    def every_clean_group_keeps_the_bounds_of_its_discounts(self) -> None:
        oracle.discounts_keep_their_bounds(self.office.world)

    def teardown(self) -> None:
        if hasattr(self, "office"):
            self.office.end()


def _asks(kind: str) -> Callable[[Lives, int], None]:
    def asks(self: Lives, place: int) -> None:
        members = self.office.world.members
        self.office.carries_out(kind, members[place % len(members)])

    asks.__name__ = kind
    return asks


for _kind in COMMANDS:
    setattr(Lives, _kind, rule(place=st.integers(0, 3))(_asks(_kind)))


def test_lives_by_rules_keep_every_law() -> None:
    assert len(COMMANDS) >= LEAST_OPERATIONS
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=400,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
