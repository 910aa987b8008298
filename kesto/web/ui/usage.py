"""What is used so far, on pages of the portal and the office: amount, sum, a bar and the days."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from msgspec import Struct

from kesto.core.calendar import local_date
from kesto.core.catalog import SoldMeter
from kesto.flows.show_usage import UsedSoFar
from kesto.web.ui.charts import Chart, Day, Words, days, meter
from kesto.web.ui.language import words_language
from kesto.words import forms
from kesto.words.reasons import metered_name
from kesto.words.views import InvoiceView

ADDS_UP = ("count", "sum")
"""How meters count whose days add up to the whole."""
ONE_DAY = timedelta(days=1)


class UsedCard(Struct, frozen=True):
    """What a metered price comes to so far, in words; `chart` is None where days say nothing."""

    name: str
    period: str
    quantity: str
    sum: str
    unpriced: str
    included: str
    bar: SafeString
    chart: Chart | None
    href: str


def used_cards(
    found: Sequence[UsedSoFar], now: datetime, href_of: Callable[[UsedSoFar], str]
) -> list[UsedCard]:
    """The cards of what was used so far."""
    return [_card(one, now, href_of(one)) for one in found]


def _card(one: UsedSoFar, now: datetime, href: str) -> UsedCard:
    language = words_language()
    name, quantity = meter_name(one.meter), measured(one.quantity, one.meter)
    sum_ = forms.amount(one.amount_minor, one.price.currency, language)
    if not one.price.includes_tax:
        sum_ = gettext("%(sum)s without VAT") % {"sum": sum_}
    included, bar = _included(one)
    return UsedCard(
        name=metered_name(_name(one.price.product.names), name),
        period=forms.period(one.period_start, one.period_end, language),
        quantity=quantity,
        sum=gettext("comes to %(sum)s so far") % {"sum": sum_},
        unpriced=_unpriced(one),
        included=included,
        bar=bar,
        chart=_chart(one, local_date(now, one.zone)),
        href=href,
    )


def _unpriced(one: UsedSoFar) -> str:
    """How much of it has no price yet, and from when on; nothing where all has."""
    if one.unpriced is None:
        return ""
    facts = {
        "quantity": measured(one.unpriced.quantity, one.meter),
        "at": forms.moment(one.unpriced.first_at, words_language()),
    }
    return gettext("%(quantity)s from %(at)s on has no price yet and is not in the sum.") % facts


def _included(one: UsedSoFar) -> tuple[str, SafeString]:
    """How much of what is in the price is used, and a bar of it; nothing where none is."""
    included = _in_units_of_the_meter(one)
    if not included:
        return "", SafeString("")
    above = one.quantity - included
    facts = {"included": measured(included, one.meter)}
    if above > 0:
        facts["above"] = measured(above, one.meter)
        text = gettext("All of the included %(included)s is used, and %(above)s above it.") % facts
        return text, meter(one.quantity, one.quantity, mark=included)
    facts["used"] = measured(one.quantity, one.meter)
    text = gettext("%(used)s of the included %(included)s is used.") % facts
    return text, meter(max(one.quantity, Decimal(0)), included)


def _in_units_of_the_meter(one: UsedSoFar) -> Decimal:
    """What is included, before the price converts it; zero where it rounds: then it depends."""
    transform = one.price.spec.transform_quantity
    if transform is None or not one.included:
        return one.included
    if transform.round != "none":
        return Decimal(0)
    if transform.divide_by is not None:
        return one.included * transform.divide_by
    return one.included / (transform.multiply_by or Decimal(1))


def _chart(one: UsedSoFar, today: date) -> Chart | None:
    if one.meter.meter.aggregation not in ADDS_UP:
        return None
    language, sums = words_language(), dict(one.days)
    last = min(today, one.period_end - ONE_DAY)
    on = [one.period_start + ONE_DAY * n for n in range((last - one.period_start).days + 1)]
    shown = [(day, sums.get(day, Decimal(0))) for day in on]
    if not any(value for _, value in shown):
        return None
    name = meter_name(one.meter)
    most_on, most = max(shown, key=lambda pair: pair[1])
    facts = {"meter": name, "most": measured(most, one.meter), "day": forms.day(most_on, language)}
    words = Words(
        gettext("%(meter)s by day; the most, %(most)s, on %(day)s.") % facts,
        gettext("%(meter)s by day") % facts,
        (pgettext("of usage", "Day"), pgettext("of usage", "Used")),
    )
    return days(
        [Day(forms.day(day, language), value, measured(value, one.meter)) for day, value in shown],
        words,
    )


def last_day_of_usage(view: InvoiceView, today: date) -> date | None:
    """Until when usage in an invoice to come may grow; None where nothing grows any more."""
    until = view.usage_until
    return until - ONE_DAY if until is not None and today < until else None


def meter_name(sold: SoldMeter) -> str:
    """The meter's name in the language of the page."""
    return _name(sold.names) or sold.code


def measured(quantity: Decimal, sold: SoldMeter) -> str:
    """A quantity with the meter's unit."""
    return forms.measure(quantity, sold.unit, words_language())


def _name(names: Mapping[str, str]) -> str:
    return names.get(words_language()) or next(iter(names.values()), "")
