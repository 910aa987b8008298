"""What a subscriber may choose: plans and add-ons of their price list, by month, and from when."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.catalog import AddOn, PlanVersion, Price
from kesto.core.changes import ChangePlan, decide
from kesto.core.changes.plan import monthly
from kesto.core.money import round_minor
from kesto.core.refusals import Refused
from kesto.flows.show_subscription import ShownSubscription, offered_add_ons, offered_plans
from kesto.web.portal.written import money, named
from kesto.web.ui.language import words_language
from kesto.web.ui.tariffs import Tariff, paid_once, usage_prices
from kesto.words import forms


class PlanOffer(Struct, frozen=True):
    """A plan with what it costs in a month, the difference, and the day it would begin."""

    code: str
    name: str
    month: str
    difference: str
    is_less: bool
    is_current: bool
    on: date | None
    usage: Sequence[Tariff]
    once: Sequence[Tariff]


class AddOnOffer(Struct, frozen=True):
    """An add-on, whether it is there, and what it costs in a month."""

    code: str
    name: str
    month: str
    is_there: bool
    usage: Sequence[Tariff] = ()


def plans(about: ShownSubscription) -> list[PlanOffer]:
    """The own plan and those that are offered in the same price list, the cheapest first."""
    current = about.plan
    day = max(about.today, about.life.start_on)
    quantity = current.own.quantity_at(day) if current else Decimal(1)
    now = _month_minor(current.prices, quantity, about) if current else 0
    priced = [
        (_month_minor(about.shop.prices_of(one), quantity, about), one)
        for one in _own_and_offered(about)
    ]
    return [
        _plan(one, minor, now, about) for minor, one in sorted(priced, key=lambda pair: pair[0])
    ]


def add_ons(about: ShownSubscription) -> list[AddOnOffer]:
    """The add-ons that are there, and those that go with the plan."""
    there = [
        AddOnOffer(
            *(one.own.code, named(dict(one.names)), _month(one.prices, about), True),
            usage_prices(one.prices, about.meters),
        )
        for one in about.add_ons
    ]
    codes = {one.code for one in there}
    plan = about.plan.own.code if about.plan else ""
    more: list[AddOn] = [one for one in offered_add_ons(about.shop, plan) if one.code not in codes]
    return there + [
        AddOnOffer(
            *(one.code, named(one.names), _month(about.shop.prices_of(one), about), False),
            usage_prices(about.shop.prices_of(one), about.meters),
        )
        for one in more
    ]


def _own_and_offered(about: ShownSubscription) -> list[PlanVersion]:
    offered = offered_plans(about.shop)
    own = about.plan.own.code if about.plan else ""
    if own and own not in {one.plan for one in offered}:
        return [about.shop.version(own), *offered]
    return offered


def _plan(one: PlanVersion, minor: int, now: int, about: ShownSubscription) -> PlanOffer:
    current = about.plan
    is_current = current is not None and current.own.code == one.plan
    prices = about.shop.prices_of(one)
    difference = minor - now
    currency = about.shop.currency
    return PlanOffer(
        code=one.plan,
        name=named(one.names),
        month=money(minor, currency),
        difference=forms.change(difference, currency, words_language()) if difference else "",
        is_less=difference < 0,
        is_current=is_current,
        on=None if is_current else _begins(one, about),
        usage=usage_prices(prices, about.meters),
        once=paid_once(prices),
    )


def _begins(one: PlanVersion, about: ShownSubscription) -> date | None:
    """The day on which the plan would begin, None where it can't be taken now."""
    try:
        events = decide(about.told, ChangePlan(one.plan), about.shop)
    except Refused:
        return None
    return min(event.on for event in events)


def _month(prices: Sequence[Price], about: ShownSubscription) -> str:
    minor = _month_minor(prices, Decimal(1), about)
    return gettext("%(sum)s a month") % {"sum": money(minor, about.shop.currency)}


def _month_minor(prices: Sequence[Price], quantity: Decimal, about: ShownSubscription) -> int:
    """What recurring prices come to in a month, without usage."""
    return round_minor(monthly(prices, quantity), about.shop.currency)
