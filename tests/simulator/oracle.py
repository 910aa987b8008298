"""The laws that every simulated life must keep, each told independently of the code it checks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Literal, get_args
from uuid import UUID

from msgspec.structs import replace

from kesto.core.changes.shop import FIRST_FOR_ALL
from kesto.core.history import (
    CalledOff,
    DiscountEnded,
    DiscountGiven,
    Told,
    Transferred,
    in_effect,
)
from kesto.core.item import Item
from kesto.core.life import Life
from kesto.core.life_items import discounts_of, items_of
from kesto.core.line import DISCOUNT, RECURRING, Key, Line
from kesto.core.play import play
from tests.simulator.wares import COUPONS
from tests.simulator.world import LISTING, Invoice, Member, World, amounts

Law = Literal[
    "rerun", "difference", "tiling", "accrual", "usage", "discounts", "totals", "order", "preview"
]
LAWS: tuple[Law, ...] = get_args(Law)


PERIODS_OF = {
    one.code: {"once": 1, "periods": one.periods, "forever": 0}[one.duration]
    for one in COUPONS.values()
}


class Broken(AssertionError):  # noqa: N818 - a law is broken
    """A law that did not hold."""

    def __init__(self, law: Law, detail: str) -> None:
        super().__init__(law, detail)  # both, to come out of another process as it went in
        self.law = law

    def __str__(self) -> str:
        return ": ".join(self.args)


def rerun_adds_nothing(world: World, through: date) -> None:
    """Billing again on the same day finds no work."""
    again = world.bill(through)
    if again:
        raise Broken("rerun", f"{len(again)} invoices more for {through}")


def billed_is_what_is_due(world: World) -> None:
    """By key, what was billed in a clean group adds up to what is due from scratch."""
    for group_id in world.looked_at:
        group = world.groups[group_id]
        if group.dirty_from is not None or group.billed_through is None:
            continue
        billed = amounts(world.billed[group_id])
        due = due_amounts(world.due(group_id, group.billed_through))
        if billed == due:
            continue
        for key in billed.keys() | due.keys():
            if billed.get(key, 0) != due.get(key, 0):
                detail = f"{key} billed {billed.get(key, 0)}, due {due.get(key, 0)}"
                raise Broken("difference", f"{detail} through {group.billed_through}")


def periods_tile(world: World, through: date) -> None:
    """The periods of a price in an item follow one another from its first day to its last."""
    for group_id, group in world.groups.items():
        account = world.account(group, with_ended=True)
        spans: dict[tuple[UUID, UUID], list[tuple[date, date]]] = defaultdict(list)
        for line in world.due(group_id, through):
            rated = line.rated
            if rated.kind == RECURRING:
                place = (line.item_id, rated.price_id)
                spans[place].append((rated.period_start, rated.period_end))
        for item in account.items:
            for sold in item.prices:
                if sold.interval is not None and not sold.meter:
                    _tiles(item, sorted(spans.pop((item.id, sold.id), [])))
        if spans:
            raise Broken("tiling", f"billed for what does not run: {list(spans)}")


def _tiles(item: Item, spans: Sequence[tuple[date, date]]) -> None:
    first = _first_charged(item)
    if item.end_on is None:
        raise Broken("tiling", f"{item.id} does not end")
    if first >= item.end_on:
        if spans:
            raise Broken("tiling", f"{item.id} never ran, and has {spans}")
        return
    day = first
    for start, end in spans:
        if start != day or end <= start:
            raise Broken("tiling", f"{item.id}: a period from {start} after one to {day}")
        day = end
    if day != item.end_on:
        raise Broken("tiling", f"{item.id}: periods to {day}, but it ran to {item.end_on}")


def _first_charged(item: Item) -> date:
    """Its first day, unless a trial comes before its periods."""
    first = item.cadence.start_on
    for turn in item.course.turns if item.course else ():
        first = min(first, turn.on)
    return max(item.start_on, first, item.billed_from or item.start_on)


def discounts_keep_their_bounds(world: World) -> None:
    """None takes more than there is, more than its amounts, or off periods it is not for."""
    windows = _windows(world)
    owners = {item.id: member.id for member in world.members for item in member.life().items}
    for group_id, billed in world.billed.items():
        if world.groups[group_id].dirty_from is not None:
            continue  # what is to be taken back waits for its next invoice
        prices: dict[tuple[UUID, UUID, date], int] = defaultdict(int)
        taken: dict[tuple[UUID, UUID, date], int] = defaultdict(int)
        in_all: Counter[tuple[UUID, int]] = Counter()
        for key, amount in amounts(billed).items():
            place = (key.item_id, key.price_id, key.period_start)
            if key.kind != DISCOUNT:
                prices[place] += amount
                continue
            taken[place] -= amount
            is_for_all = key.part >= FIRST_FOR_ALL
            whose = (group_id if is_for_all else owners[key.item_id], key.part)
            in_all[whose] -= amount
            given, until = windows[whose]
            if not given.on <= key.period_start < until:
                raise Broken("discounts", f"{given.code} off a period from {key.period_start}")
        for place, amount in taken.items():
            if not 0 <= amount <= max(prices[place], 0):
                raise Broken("discounts", f"{amount} off {prices[place]} at {place}")
        for whose, amount in in_all.items():
            given, _ = windows[whose]
            most = PERIODS_OF[given.code] * given.amount_minor
            if most and amount > most:
                raise Broken("discounts", f"{given.code} took {amount}, at most {most}")


def _windows(world: World) -> dict[tuple[UUID, int], tuple[DiscountGiven, date]]:
    """Each discount with its end, by its number in its subscription or its payer's group."""
    found: dict[tuple[UUID, int], tuple[DiscountGiven, date]] = {}
    for member in world.members:
        group_id = member.first_group_id
        for one in in_effect(member.told):
            match one.event:
                case Transferred():
                    group_id = one.event.group_id
                case DiscountGiven():
                    payer = one.event.group_id or group_id
                    place = payer if one.event.scope == "customer" else member.id
                    whose = (place, one.event.number)
                    if whose in found:
                        raise Broken("discounts", f"two are number {one.event.number} in {place}")
                    found[whose] = (one.event, _until(member, one.event))
    return found


def _until(member: Member, given: DiscountGiven) -> date:
    """The day from which a discount counts no more."""
    gone = {one.event.seq for one in member.told if isinstance(one.event, CalledOff)}
    ends = [
        one.event.on
        for one in member.told
        if isinstance(one.event, DiscountEnded)
        and one.event.discount_id == given.discount_id
        and one.seq not in gone
    ]
    return min([given.until_on or date.max, *ends])


def totals_add_up(invoices: Sequence[Invoice]) -> None:
    """An invoice has a line that is not zero; its total is its lines, its VAT one part by rate."""
    for invoice in invoices:
        lines, totals = invoice.draft.lines, invoice.draft.totals
        if not any(line.rated.amount_minor for line in lines):
            raise Broken("totals", "an invoice over nothing")
        gross: dict[tuple[str, Decimal], int] = defaultdict(int)
        for line in lines:
            rated = line.rated
            gross[rated.tax_category, rated.tax_rate_percent] += rated.amount_minor
        tax = sum(_tax(amount, rate) for (_, rate), amount in gross.items())
        total = sum(gross.values())
        if (totals.total_minor, totals.tax_minor) != (total, tax):
            detail = f"total {totals.total_minor} of {total}, VAT {totals.tax_minor} of {tax}"
            raise Broken("totals", detail)
        if totals.net_minor != sum(amount for _, amount in totals.revenue):
            raise Broken("totals", "revenue is not the net")


def _tax(gross_minor: int, rate_percent: Decimal) -> int:
    exact = Decimal(gross_minor) * rate_percent / (100 + rate_percent)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def order_of_telling_is_nothing(
    world: World, through: date, random: Random, members: Sequence[Member] = ()
) -> None:
    """Told in another order, what takes effect on other days comes to the same bills."""
    for member in members or world.members:
        gone = {one.event.seq for one in member.told if isinstance(one.event, CalledOff)}
        days: dict[date, list[Told]] = defaultdict(list)
        for one in member.told:
            if one.seq not in gone and not isinstance(one.event, CalledOff):
                days[one.event.on].append(one)
        shuffled = list(days.values())
        random.shuffle(shuffled)
        told = [one for day in shuffled for one in day]
        told = [replace(one, seq=place) for place, one in enumerate(told)]
        other, life = play(told, member.first_group_id), member.life()
        for group_id in world.groups:
            if _due_of(world, other, group_id, through) != _due_of(world, life, group_id, through):
                raise Broken("order", f"told in another order: {[one.event for one in told]}")


def _due_of(world: World, life: Life, group_id: UUID, through: date) -> dict[Key, int]:
    items, discounts = items_of([life], group_id, LISTING), discounts_of([life], group_id)
    return due_amounts(world.rater.due_lines(items, None, through, discounts))


def preview_is_the_bill(
    shown: Mapping[UUID, Sequence[Line]], invoices: Sequence[Invoice], touched: Iterable[UUID]
) -> None:
    """What was shown before a change is what is billed on the same day."""
    made = {invoice.group_id: invoice.draft.lines for invoice in invoices}
    for group_id in touched:
        before, after = tuple(shown.get(group_id, ())), tuple(made.get(group_id, ()))
        if before != after:
            raise Broken("preview", f"shown {before}, billed {after}")


def due_amounts(lines: Iterable[Line]) -> dict[Key, int]:
    """The amounts of due lines by key, without those of nothing."""
    return {line.key: line.rated.amount_minor for line in lines if line.rated.amount_minor}
