"""Operation change: what a plan change inside a period credits and charges."""

from datetime import datetime
from typing import Literal, get_args

from kesto.calculate.given import (
    Answer,
    given_currency,
    given_day,
    given_instant,
    given_minor,
    given_zone,
)
from kesto.core.calendar import Period
from kesto.core.exact import ZERO
from kesto.core.fields import Fields
from kesto.core.money import format_minor
from kesto.core.plan_change import (
    PlanChange,
    Shares,
    Sold,
    change_at_period_end,
    plan_change,
    shares_by_day,
    shares_by_second,
)
from kesto.core.pricing import parse_price
from kesto.core.pricing.flat import Flat
from kesto.core.proration import ProrationRule

Timing = Literal["now", "period_end"]

RULES: tuple[ProrationRule, ...] = get_args(ProrationRule)
TIMINGS: tuple[Timing, ...] = get_args(Timing)


def change(fields: Fields) -> Answer:
    """Compute the lines of a change from old prices to new ones."""
    currency = given_currency(fields)
    old, new = _side(fields, "old"), _side(fields, "new")
    if not old and not new:
        fields.refuse("missing", "old", "or new must hold a price")
    timing = fields.choice("timing", TIMINGS, "now")
    shares = _shares(fields, fields.choice("rule", RULES, "day"), given_zone(fields))
    charged_minor = None
    if fields.has("already_charged"):
        charged_minor = given_minor(fields, "already_charged", currency)
    credited_minor = given_minor(fields, "already_credited", currency)
    fields.close()
    if timing == "period_end":
        return _answer(change_at_period_end(old, new), currency)
    changed = plan_change(
        old,
        new,
        shares,
        currency,
        already_charged_minor=charged_minor,
        already_credited_minor=credited_minor,
    )
    return _answer(changed, currency)


def _side(fields: Fields, name: str) -> list[Sold]:
    """Read the prices of a plan: one object, a list of them, or nothing."""
    given = fields.plain(name)
    if not given and (given is None or isinstance(given, list | dict)):
        return []
    sections = fields.sections(name) if isinstance(given, list) else [fields.section(name)]
    return [_sold(section) for section in sections]


def _sold(fields: Fields) -> Sold:
    spec = parse_price(fields.require("price"), path=fields.at("price"))
    quantity = fields.decimal("quantity", ZERO if isinstance(spec.model, Flat) else None)
    fields.close()
    return Sold(spec, quantity)


def _shares(fields: Fields, rule: ProrationRule, zone: str) -> Shares:
    period = fields.section("period")
    new_period = fields.optional_section("new_period")
    if rule == "second":
        whole = _instants(period, zone)
        other = whole if new_period is None else _instants(new_period, zone)
        return shares_by_second(whole, other, given_instant(fields, "on", zone))
    days = _days(period, zone)
    other_days = days if new_period is None else _days(new_period, zone)
    return shares_by_day(days, other_days, given_day(fields, "on", zone), rule)


def _instants(fields: Fields, zone: str) -> tuple[datetime, datetime]:
    bounds = given_instant(fields, "start", zone), given_instant(fields, "end", zone)
    _check(fields, is_empty=bounds[0] >= bounds[1])
    return bounds


def _days(fields: Fields, zone: str) -> Period:
    period = Period(given_day(fields, "start", zone), given_day(fields, "end", zone))
    _check(fields, is_empty=period.days <= 0)
    return period


def _check(fields: Fields, *, is_empty: bool) -> None:
    fields.close()
    if is_empty:
        fields.refuse("empty_period", "end", "must be after the start")


def _answer(changed: PlanChange, currency: str) -> Answer:
    lines = [
        *(("old", -minor) for minor in changed.credits_minor),
        *(("new", minor) for minor in changed.charges_minor),
    ]
    return {
        "credit": format_minor(changed.credit_minor, currency),
        "charge": format_minor(changed.charge_minor, currency),
        "net": format_minor(changed.net_minor, currency),
        "lines": [{"side": side, "amount": format_minor(minor, currency)} for side, minor in lines],
    }
