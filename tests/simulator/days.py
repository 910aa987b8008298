"""The laws of days: what they cost and what was used on them is billed, once and to the payer."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from kesto.core.line import ONE_TIME, RECURRING, USAGE
from tests.simulator.accrual import Diary, Weights, accrues, exact_minor
from tests.simulator.oracle import Broken
from tests.simulator.wares import PRICES
from tests.simulator.world import World

LISTED = {sold.id for prices in PRICES.values() for sold in prices}
ACCRUING = {sold.id for prices in PRICES.values() for sold in prices if accrues(sold)}
METER_OF = {sold.id: sold.meter for prices in PRICES.values() for sold in prices if sold.meter}


def days_add_up(world: World, through: date) -> None:
    """What was billed for a price is what its days cost, but for half a unit a line."""
    weights: Weights = defaultdict(Decimal)
    once: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    for member in world.members:
        diary = Diary(member.told, member.first_group_id)
        for place, weight in diary.weights(through).items():
            weights[place] += weight
        for (group_id, price_id), amount in diary.once.items():
            once[group_id, price_id] += amount
        for group_id, amount in diary.extras().items():
            once[group_id, None] += amount
    _is_sold_once(world, once)
    exact = exact_minor(weights)
    for group_id in world.groups:
        own = {price_id: cost for (group, price_id), cost in exact.items() if group == group_id}
        _costs_its_days(world, group_id, own, through)


def _costs_its_days(
    world: World, group_id: UUID, exact: Mapping[UUID, Fraction], through: date
) -> None:
    lines = Counter(
        line.rated.price_id for line in world.due(group_id, through) if line.rated.kind == RECURRING
    )
    billed: dict[UUID, int] = defaultdict(int)
    for key, one in world.billed[group_id].items():
        if key.kind == RECURRING and key.price_id in ACCRUING:
            billed[key.price_id] += one.amount_minor
    for price_id in billed.keys() | exact.keys():
        wanted = exact.get(price_id, Fraction(0))
        if abs(billed.get(price_id, 0) - wanted) * 2 > lines[price_id]:
            detail = f"billed {billed.get(price_id, 0)}, its days cost {wanted}"
            raise Broken("accrual", f"price {price_id.int} in {group_id.int}: {detail}")


def usage_is_counted_once(world: World, through: date) -> None:
    """What is billed for a metered price is what was used on its days: nothing lost or twice."""
    wanted: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for member in world.members:
        diary = Diary(member.told, member.first_group_id)
        diary.weights(through)
        for place, quantity in diary.metered.quantities(member.book, METER_OF).items():
            wanted[place] += quantity
    billed: dict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
    for group_id in world.groups:
        for line in world.due(group_id, through):
            if line.rated.kind == USAGE:
                billed[group_id, line.rated.price_id] += line.rated.quantity
    for place in billed.keys() | wanted.keys():
        if billed.get(place, 0) != wanted.get(place, 0):
            detail = f"billed {billed.get(place, 0)}, used {wanted.get(place, 0)}"
            raise Broken("usage", f"price {place[1].int} in {place[0].int}: {detail}")


def _is_sold_once(world: World, wanted: Mapping[tuple[UUID, UUID | None], int]) -> None:
    billed: dict[tuple[UUID, UUID | None], int] = defaultdict(int)
    for group_id in world.groups:
        for key, one in world.billed[group_id].items():
            if key.kind == ONE_TIME:
                is_listed = key.price_id in LISTED
                billed[group_id, key.price_id if is_listed else None] += one.amount_minor
    for place in billed.keys() | wanted.keys():
        if billed.get(place, 0) != wanted.get(place, 0):
            detail = f"billed {billed.get(place, 0)}, sold for {wanted.get(place, 0)}"
            raise Broken("accrual", f"once, {place}: {detail}")
