"""VAT: once per category and rate on an invoice, never per line, half away from zero."""

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from kesto.core.exact import round_ratio

PERCENT = 100


class TaxGroup(Struct, frozen=True, gc=False):
    """What an invoice taxes at one rate: the net amount and the tax on it."""

    category: str
    rate_percent: Decimal
    net_minor: int
    tax_minor: int

    @property
    def gross_minor(self) -> int:
        """Return the amount with its tax."""
        return self.net_minor + self.tax_minor


def tax_groups(lines: Iterable[tuple[str, Decimal, int]], *, includes_tax: bool) -> list[TaxGroup]:
    """Group lines of (category, rate, amount) and tax each group, in order of first appearance.

    Amounts are minor units after discounts; they are net, or gross when the prices include tax.
    """
    sums: dict[tuple[str, Decimal], int] = {}
    for category, rate_percent, amount_minor in lines:
        key = (category, rate_percent)
        sums[key] = sums.get(key, 0) + amount_minor
    if includes_tax:
        return [tax_group(*key, gross_minor=amount) for key, amount in sums.items()]
    return [tax_group(*key, net_minor=amount) for key, amount in sums.items()]


def tax_group(
    category: str, rate_percent: Decimal, *, net_minor: int = 0, gross_minor: int = 0
) -> TaxGroup:
    """Tax the net and the gross amounts that an invoice has at one rate.

    Tax on net is net x r / 100, tax within gross is gross x r / (100 + r). When both meet in one
    group their tax is still rounded once, and gross prices and net prices with their tax on top
    add up to the total.
    """
    rate, hundred = ratio(rate_percent)
    if not gross_minor:
        return TaxGroup(category, rate_percent, net_minor, round_ratio(net_minor * rate, hundred))
    if not net_minor:
        tax = round_ratio(gross_minor * rate, hundred + rate)
        return TaxGroup(category, rate_percent, gross_minor - tax, tax)
    exact = net_minor * rate * (hundred + rate) + gross_minor * rate * hundred
    tax = round_ratio(exact, hundred * (hundred + rate))
    total = net_minor + round_ratio(net_minor * rate, hundred) + gross_minor
    return TaxGroup(category, rate_percent, total - tax, tax)


@lru_cache(maxsize=256)
def ratio(rate_percent: Decimal) -> tuple[int, int]:
    """Return a rate as whole parts and the parts that a hundred percent have."""
    numerator, denominator = rate_percent.as_integer_ratio()
    return numerator, PERCENT * denominator
