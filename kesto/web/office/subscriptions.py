"""A customer's subscriptions as they are shown: what is held, at which prices, until when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext, ngettext, pgettext
from msgspec import Struct

from kesto.core.catalog import Price
from kesto.core.pricing.flat import Flat
from kesto.core.pricing.per_unit import PerUnit
from kesto.store.office.customer import Held as HeldItem
from kesto.store.office.customer import Subscribed
from kesto.web.office import written
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import BillRow
from kesto.web.ui.tariffs import (
    Meters,
    interval_words,
    paid_once,
    tariff_words,
    usage_prices,
)
from kesto.words import forms

ONE = Decimal(1)
NO_METERS: Meters = {}


class Held(Struct, frozen=True):
    """A subscription as a card shows it."""

    id: UUID
    title: str
    external_id: str
    state: str
    tone: str
    start_on: date
    last_on: date | None
    next_due_on: date | None
    minimum_until: date | None
    notice: str
    rows: tuple[BillRow, ...]
    other: str


def held(
    subscription: Subscribed,
    prices: Mapping[UUID, Sequence[Price]],
    today: date,
    meters: Meters,
) -> Held:
    """A subscription with what it costs and how it stands on a day."""
    state, tone = _state(subscription, today)
    items = _running(subscription, today)
    plan = next((item for item in items if item.is_plan), None)
    is_alive = subscription.end_on is None or subscription.end_on > today
    return Held(
        id=subscription.id,
        title=written.name(plan.names) if plan else subscription.external_id,
        external_id=subscription.external_id,
        state=state,
        tone=tone,
        start_on=subscription.start_on,
        last_on=_day_before(subscription.end_on) if subscription.end_on else None,
        next_due_on=subscription.next_due_on if is_alive else None,
        minimum_until=_day_before(subscription.minimum_until)
        if subscription.minimum_until and subscription.minimum_until > today
        else None,
        notice=_notice(subscription.notice_days),
        rows=tuple(_rows(items, prices, meters)),
        other=_other(subscription),
    )


def _state(subscription: Subscribed, today: date) -> tuple[str, str]:
    if subscription.start_on > today:
        return gettext("Begins on %(day)s") % {"day": written.day(subscription.start_on)}, "info"
    if subscription.end_on is None:
        return pgettext("a subscription", "Active"), "ok"
    if subscription.end_on > today:
        last = written.day(_day_before(subscription.end_on))
        return gettext("Ends on %(day)s") % {"day": last}, "warn"
    return gettext("Ended"), ""


def _running(subscription: Subscribed, today: date) -> list[HeldItem]:
    """What runs on a day; before the beginning what begins, after the end what ran last."""
    day = max(today, subscription.start_on)
    if subscription.end_on is not None and subscription.end_on > subscription.start_on:
        day = min(day, _day_before(subscription.end_on))
    return [
        item
        for item in subscription.items
        if item.start_on <= day and (item.end_on is None or day < item.end_on)
    ]


def _rows(
    items: Sequence[HeldItem], prices: Mapping[UUID, Sequence[Price]], meters: Meters
) -> Iterator[BillRow]:
    """A row for each price of each item."""
    for item in items:
        for price in prices.get(item.owner_id, ()):
            name = written.name(price.product.names)
            reckoning, amount = price_words(price, item.quantity, meters)
            yield BillRow(name, amount, reckoning, interval_of(price))


def price_words(price: Price, quantity: Decimal, meters: Meters = NO_METERS) -> tuple[str, str]:
    """How a price is reckoned, and what it comes to where that is certain."""
    currency, language = price.currency, words_language()
    if price.meter:
        return tariff_words(price, meters), ""
    match price.spec.model:
        case Flat(amount=amount):
            return "", forms.exact_amount(amount, currency, language)
        case PerUnit(unit_amount=unit, per=per) if per == ONE:
            unit_written = forms.exact_amount(unit, currency, language)
            if quantity == ONE:
                return "", unit_written
            reckoning = f"{written.number(quantity)} × {unit_written}"
            return reckoning, forms.exact_amount(quantity * unit, currency, language)
    return tariff_words(price, meters), ""


def price_summary(prices: Sequence[Price], meters: Meters = NO_METERS) -> str:
    """What prices say in one line: "€9 every month · Calls: €0.05/min · Opening: €15 once"."""
    parts = []
    for price in prices:
        if price.interval is not None and not price.meter:
            reckoning, amount = price_words(price, ONE)
            said = f"{reckoning or amount} {interval_words(price.interval)}"
            minimum = price.spec.minimum if amount else None  # a tariff says its own
            if minimum is not None:
                least = forms.exact_amount(minimum, price.currency, words_language())
                said = f"{said}, {gettext('at least %(sum)s') % {'sum': least}}"
            parts.append(said)
    told = [" + ".join(parts)] if parts else []
    tariffs = [*usage_prices(prices, meters), *paid_once(prices)]
    return " · ".join([*told, *(f"{one.name}: {one.words}" for one in tariffs)])


def priced_name(names: Mapping[str, str], prices: Sequence[Price], meters: Meters) -> str:
    """A plan or an add-on with its prices, for a list to choose from."""
    return f"{written.name(names)} · {price_summary(prices, meters)}"


def interval_of(price: Price) -> str:
    """How often a price comes, and whether before or after its period."""
    interval = price.interval
    charged = gettext("in advance") if price.charged == "advance" else gettext("in arrears")
    return f"{interval_words(interval)}, {charged}" if interval else gettext("once")


def _notice(days: int | None) -> str:
    if days is None:
        return ""
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def _other(subscription: Subscribed) -> str:
    """Who has it and who pays, where they are not the same."""
    if subscription.holder == subscription.payer:
        return ""
    return gettext("Held by %(holder)s, paid by %(payer)s") % {
        "holder": subscription.holder_name,
        "payer": subscription.payer_name,
    }


def _day_before(on: date) -> date:
    return date.fromordinal(on.toordinal() - 1)
