"""What a draft costs, by the core that bills: a calculator, and a chart by quantity."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from django.utils.translation import gettext

from kesto.core.catalog import Price
from kesto.core.exact import ZERO
from kesto.core.money import major
from kesto.core.price_checks import price_lists, prices_of
from kesto.core.pricing import MODELS, QUANTITY_MODELS, Entry, Usage, price
from kesto.core.pricing.capacity import Capacity
from kesto.core.pricing.dimensional import Dimensional
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.time_series import INTERVAL, TimeSeries
from kesto.core.refusals import Invalid
from kesto.core.tax import tax_groups
from kesto.web.office import written
from kesto.web.office.draft_price import number
from kesto.web.office.editor_words import NEW_PRODUCT
from kesto.web.office.rates import Rate
from kesto.web.ui import charts
from kesto.web.ui.parts import Bill, BillRow, BillTotal

STEPS = 20
LARGEST = Decimal(10) ** 9
ONE = Decimal(1)
MODEST = Decimal(20)


def quantity_of(text: str) -> Decimal:
    """A quantity as somebody typed it; one when it is none."""
    try:
        found = Decimal(number(text) or "1")
    except InvalidOperation:
        return ONE
    return found if found.is_finite() and 0 <= found <= LARGEST else ONE


def usage_of(one: Price, quantity: Decimal) -> Usage:
    """A quantity in the kind that a pricing model takes: one transaction, one level, one kind."""
    model = one.spec.model
    match model:
        case TimeSeries(series=series):
            share = quantity / len(series)
            return Usage(
                entries=tuple(Entry(share, None, ((INTERVAL, p.interval),)) for p in series)
            )
        case Dimensional(rows=rows):
            return Usage(entries=(Entry(quantity, None, rows[0].values),))
        case Capacity(tiers=tiers):
            units = dict.fromkeys(unit for size in tiers for unit, _ in size.limits)
            return Usage(levels=tuple((unit, quantity) for unit in units))
    if MODELS[one.spec.name].takes == "amounts":
        return Usage(amounts=(quantity,))
    return Usage(quantity)


def goes_by_quantity(one: Price) -> bool:
    """Whether what a price comes to depends on how much there is."""
    return not isinstance(one.spec.model, Flat)


def minor_of(one: Price, quantity: Decimal) -> int:
    """What a price comes to in a whole period, its minimum included."""
    priced = price(one.spec, usage_of(one, quantity), share=Fraction(1))
    return priced.minor(one.currency) + priced.true_up_minor(one.currency)


def bill_of(
    prices: Sequence[Price], quantities: Sequence[Decimal], rates: Sequence[Rate]
) -> Bill | None:
    """The lines, VAT and total of the first price list; nothing when there is no price."""
    lists = price_lists(prices)
    if not lists:
        return None
    currency, includes_tax = lists[0]
    by_category = {rate.category: rate.percent for rate in rates}
    rows, lines = [], []
    for one, quantity in zip(prices, quantities, strict=True):
        if (one.currency, one.includes_tax) != lists[0]:
            continue
        try:
            minor = minor_of(one, quantity)
        except (Invalid, ArithmeticError):
            continue
        name = written.name(one.product.names) or str(NEW_PRODUCT)
        reckoning = written.number(quantity) if goes_by_quantity(one) else ""
        once = gettext("once") if one.interval is None else ""
        rows.append(BillRow(name, written.money(minor, currency), reckoning, once))
        lines.append(
            (one.product.tax_category, by_category.get(one.product.tax_category, ZERO), minor)
        )
    groups = tax_groups(lines, includes_tax=includes_tax)
    totals = [
        BillTotal(
            gettext("VAT %(rate)s %%") % {"rate": written.number(group.rate_percent)},
            written.money(group.tax_minor, currency),
            is_quiet=True,
        )
        for group in groups
    ]
    total = sum(group.gross_minor for group in groups)
    totals.append(BillTotal(gettext("Total with VAT"), written.money(total, currency)))
    return Bill(gettext("What it costs"), rows, totals)


def chart_of(now: Sequence[Price], before: Sequence[Price] = ()) -> charts.Chart | None:
    """The recurring prices of the first price list by quantity; nothing when none goes by it."""
    lists = price_lists(now)
    if not lists:
        return None
    currency, includes_tax = lists[0]
    listed = _recurring(now, currency, includes_tax=includes_tax)
    if not any(map(goes_by_quantity, listed)):
        return None
    top = _top(listed)
    quantities = [top * step / STEPS for step in range(STEPS + 1)]
    name, old = gettext("This version"), gettext("The version before")
    series = [charts.Series(name, list(_points(listed, quantities, currency)))]
    former = _recurring(before, currency, includes_tax=includes_tax)
    if former:
        series.append(charts.Series(old, list(_points(former, quantities, currency)), "q"))
    sentence = gettext("The price by quantity, from %(low)s to %(high)s.") % {
        "low": series[0].points[0].written,
        "high": series[0].points[-1].written,
    }
    words = charts.Words(sentence, gettext("Price by quantity"), (gettext("Quantity"), currency))
    return charts.lines(series, words)


def _recurring(prices: Sequence[Price], currency: str, *, includes_tax: bool) -> list[Price]:
    listed = prices_of(prices, currency, includes_tax=includes_tax)
    return [one for one in listed if one.interval is not None]


def _points(
    prices: Sequence[Price], quantities: Sequence[Decimal], currency: str
) -> Iterator[charts.Point]:
    for quantity in quantities:
        minor = 0
        for one in prices:
            try:
                minor += minor_of(one, quantity)
            except (Invalid, ArithmeticError):
                continue
        label = written.number(quantity)
        yield charts.Point(label, major(max(minor, 0), currency), written.money(minor, currency))


def _top(prices: Sequence[Price]) -> Decimal:
    """How far the chart goes: past the last bound of a tier."""
    bounds = [MODEST]
    for one in prices:
        spec = one.spec
        bounds.append(spec.included_units * 2)
        if spec.name in QUANTITY_MODELS:
            tiers = [getattr(tier, "up_to", None) for tier in getattr(spec.model, "tiers", ())]
            bounds += [(bound + spec.included_units) * 3 / 2 for bound in tiers if bound]
    return _round_up(max(bounds))


def _round_up(value: Decimal) -> Decimal:
    """The next number that divides well into the steps of the chart."""
    power = Decimal(10) ** value.adjusted()
    return next(
        nice * power for nice in map(Decimal, (1, 2, 4, 6, 8, 10, 20)) if nice * power >= value
    )
