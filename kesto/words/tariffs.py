"""What usage costs, in words: what is included, each price, and up to where it holds.

Bounds of tiers count what is above the included units; people are told them in all, and so in the
meter's own units, whatever a price converts them to.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from msgspec import Struct

from kesto.core.calendar import Interval
from kesto.core.catalog import Price
from kesto.core.pricing import PriceSpec
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.graduated import Graduated
from kesto.core.pricing.graduated_percentage import GraduatedPercentage
from kesto.core.pricing.package import Package
from kesto.core.pricing.per_unit import PerUnit
from kesto.core.pricing.percentage import Percentage
from kesto.core.pricing.stairstep import Stairstep
from kesto.core.pricing.tiers import Tier
from kesto.core.pricing.time_series import TimeSeries
from kesto.core.pricing.volume import Volume
from kesto.words.messages import count
from kesto.words.tongue import Tongue

ONE, ZERO = Decimal(1), Decimal(0)


def tariff(price: Price, unit: str, language: str, *, is_used: bool = True) -> str:
    """Return what usage costs by a price whose meter counts in a unit ("" without one).

    What is not used but taken (`is_used` False), such as an opening, has a plain price.
    """
    told = _Told(price.spec, Tongue(language, price.currency, unit), price.interval, is_used)
    text = ", ".join([*told.model(), *told.limits()])
    return text if price.includes_tax else told.tongue.say("tariff_net", tariff=text)


class _Told(Struct, frozen=True):
    """A price that is put into words."""

    spec: PriceSpec
    tongue: Tongue
    interval: Interval | None
    is_used: bool = True

    @property
    def factor(self) -> Decimal:
        """How many of the meter's units one of those is that are priced."""
        transform = self.spec.transform_quantity
        if transform is None:
            return ONE
        if transform.divide_by:
            return transform.divide_by
        return ONE / transform.multiply_by if transform.multiply_by else ONE

    @property
    def included(self) -> Decimal:
        """What is included, in units that are priced."""
        model = self.spec.model
        return self.spec.included_units + (model.free_units if isinstance(model, Package) else ZERO)

    def model(self) -> Iterator[str]:
        """What is included and what the rest costs."""
        first, *others = self.prices()
        if self.included:
            quantity = self.measured(self.included)
            if self.interval is None:
                yield self.tongue.say("tariff_included", quantity=quantity)
            else:
                every = count(
                    *(self.tongue.language, f"tariff_{self.interval.unit}"),
                    Decimal(self.interval.count),
                )
                yield self.tongue.say("tariff_included_every", quantity=quantity, every=every)
            first = self.tongue.say("tariff_then", price=first)
        yield first
        yield from others

    def prices(self) -> list[str]:
        """What each part of the usage costs, one after the other."""
        match self.spec.model:
            case Flat(amount=amount) if not self.is_used:
                return [self.money(amount)]
            case Flat(amount=amount):
                return [self.tongue.say("tariff_flat", sum=self.money(amount))]
            case PerUnit(unit_amount=amount, per=per):
                return [self.rate(amount, per)]
            case Package(package_size=size, package_amount=amount, round=way):
                return [self.blocks(amount, size, is_started=way == "up")]
            case Graduated() | Volume() | Stairstep() | GraduatedPercentage() as model:
                return self.tiers(model)
            case model:
                return [*self.of_events(model)]

    def tiers(self, model: Graduated | Volume | Stairstep | GraduatedPercentage) -> list[str]:
        """Prices in tiers; those of a percentage are bounded by sums."""
        match model:
            case Graduated(tiers=tiers) | Volume(tiers=tiers):
                prices = [(tier.up_to, self.tier(tier)) for tier in tiers]
                found = self.bounded(prices, self.bound)
                if len(found) == 1 or isinstance(model, Graduated):
                    return found
                return [self.tongue.say("tariff_all_at", tiers=", ".join(found))]
            case Stairstep(tiers=steps):
                sums = [(step.up_to, self.money(step.flat_amount)) for step in steps]
                return self.bounded(sums, self.bound)
            case GraduatedPercentage(tiers=rate_tiers):
                rates = [
                    (one.up_to, self.with_flat(self.share(one.rate), one.flat_amount))
                    for one in rate_tiers
                ]
                return self.bounded(rates, self.money)

    def of_events(self, model: Struct) -> Iterator[str]:
        """What is priced by what each event says."""
        match model:
            case Percentage():
                yield from self.percentage(model)
            case TimeSeries(margin=margin) if margin:
                yield self.tongue.say("tariff_series_margin", price=self.rate(margin))
            case TimeSeries():
                yield self.tongue.say("tariff_series")
            case Capacity():
                yield self.tongue.say("tariff_capacity")
            case Dimensional():
                yield self.tongue.say("tariff_dimensional")
            case _:
                yield self.tongue.say("tariff_dynamic")

    def percentage(self, model: Percentage) -> Iterator[str]:
        """A share of each transaction, and what bounds it."""
        say = self.tongue.say
        if model.free_events:
            yield say("tariff_free_events", quantity=self.tongue.number(str(model.free_events)))
        if model.free_amount:
            yield say("tariff_free_amount", sum=self.money(model.free_amount))
        rate = say("tariff_percentage", rate=self.share(model.rate))
        if model.fixed_amount:
            rate = f"{rate} + {self.money(model.fixed_amount)}"
        yield rate
        for key, limit in (("least", model.min_per_event), ("most", model.max_per_event)):
            if limit is not None:
                yield say(f"tariff_event_{key}", sum=self.money(limit))

    def limits(self) -> Iterator[str]:
        """What holds for the whole period."""
        spec = self.spec
        if spec.commitment is not None and spec.commitment.true_up:
            yield self.tongue.say("tariff_committed", sum=self.money(spec.commitment.amount))
        for key, limit in (("least", spec.minimum), ("most", spec.maximum)):
            if limit is not None:
                yield self.tongue.say(f"tariff_{key}", sum=self.money(limit))

    def bounded(
        self, prices: Sequence[tuple[Decimal | None, str]], bound: Callable[[Decimal], str]
    ) -> list[str]:
        """Prices, each with the bound up to which it holds; the last has none."""
        key = "tariff_up_to_in_all" if self.included else "tariff_up_to"
        found = [
            self.tongue.say(key, price=price, bound=bound(up_to))
            if up_to is not None
            else self.tongue.say("tariff_above", price=price)
            for up_to, price in prices
        ]
        return [price for _, price in prices] if len(prices) == 1 else found

    def tier(self, tier: Tier) -> str:
        """What units of a tier cost."""
        if tier.package_size:
            price = self.blocks(tier.unit_amount, tier.package_size, is_started=True)
        elif tier.flat_amount and not tier.unit_amount:
            price = self.money(tier.flat_amount)
        else:
            price = self.with_flat(self.rate(tier.unit_amount), tier.flat_amount)
        if tier.maximum is None:
            return price
        return self.tongue.say("tariff_capped", price=price, sum=self.money(tier.maximum))

    def with_flat(self, price: str, flat_amount: Decimal) -> str:
        """A price with what is due once its tier is reached."""
        if not flat_amount:
            return price
        return self.tongue.say("tariff_reached", price=price, sum=self.money(flat_amount))

    def rate(self, amount: Decimal, per: Decimal = ONE) -> str:
        """What a unit costs, or so many units."""
        units, transform = per * self.factor, self.spec.transform_quantity
        if transform is not None and transform.round in {"up", "down"} and per == ONE:
            return self.blocks(amount, per, is_started=transform.round == "up")
        if units != ONE:
            return self.tongue.say(
                "tariff_for", sum=self.money(amount), quantity=self.measured(per)
            )
        if not self.tongue.unit:
            return self.tongue.say("tariff_each", sum=self.money(amount))
        return f"{self.money(amount)}/{self.tongue.unit}"

    def blocks(self, amount: Decimal, size: Decimal, *, is_started: bool) -> str:
        """What a block of units costs."""
        key = "tariff_started" if is_started else "tariff_full"
        return self.tongue.say(key, sum=self.money(amount), quantity=self.measured(size))

    def bound(self, up_to: Decimal) -> str:
        """Where a tier ends, counted from the first unit."""
        return self.measured(up_to + self.included)

    def measured(self, units: Decimal) -> str:
        """Units that are priced, in those of the meter."""
        return self.tongue.measure(str(units * self.factor))

    def money(self, amount: Decimal) -> str:
        """An amount in major units."""
        return self.tongue.exact(str(amount))

    def share(self, rate: Decimal) -> str:
        """A percentage."""
        return self.tongue.percent(str(rate))
