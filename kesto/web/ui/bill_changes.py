"""What a change makes of the bills to come, on pages of the portal and the office."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from msgspec import Struct

from kesto.core.catalog import WHOLE_PERCENT, Price, SoldMeter
from kesto.core.differences import Differences
from kesto.core.history import DiscountEnded, DiscountGiven, PlanChanged, SubscriptionEvent
from kesto.flows.show_subscription import ShownSubscription
from kesto.flows.show_usage import UsedSoFar
from kesto.web.ui.language import words_language
from kesto.web.ui.usage import measured, meter_name
from kesto.words import forms
from kesto.words.changes import coupon_name

ONE_DAY = timedelta(days=1)
REGULARLY: Mapping[str, str | Promise] = {
    "week": gettext_lazy("From %(day)s on, every week"),
    "month": gettext_lazy("From %(day)s on, every month"),
    "year": gettext_lazy("From %(day)s on, every year"),
    "bill": gettext_lazy("From %(day)s on, every invoice"),
}


class BillChanges(Struct, frozen=True):
    """By how much bills differ, each row (when, how much), and what is to be known of it."""

    rows: Sequence[tuple[str, str]]
    notes: Sequence[str] = ()


class Changing(Struct, frozen=True):
    """A subscription, what is to happen to it, and what it used so far."""

    shown: ShownSubscription
    events: Sequence[SubscriptionEvent]
    used: Sequence[UsedSoFar] = ()


def bill_changes(found: Differences, currency: str) -> list[tuple[str, str]]:
    """The rows: each day with a difference of its own, then every regular bill."""
    language = words_language()
    rows = [
        (
            gettext("On %(day)s") % {"day": forms.day(on, language)},
            forms.change(minor, currency, language),
        )
        for on, minor in found.once
    ]
    if found.regular_from is None:
        return rows
    day = {"day": forms.day(found.regular_from, language)}
    if found.regular_minor:
        label = str(REGULARLY[found.every]) % day
        rows.append((label, forms.change(found.regular_minor, currency, language)))
    elif rows:
        rows.append((gettext("From %(day)s on") % day, gettext("as without the change")))
    return rows


def notes_of(changing: Changing, found: Differences) -> list[str]:
    """What the rows do not say: discounts that end, usage to come, how usage counts around it."""
    seen_to = found.seen_to or changing.shown.today
    notes = [*_discounts(changing, seen_to), *_phases(changing, seen_to)]
    old, new = _old_prices(changing), _new_prices(changing)
    if any(price.meter for price in (*old, *(price for _, price in new))):
        notes.append(gettext("Usage to come is not in these sums."))
    return [*notes, *_usage(changing, new)]


def _discounts(changing: Changing, seen_to: date) -> Iterator[str]:
    """The discounts that are in the sums and end after the days that were looked at."""
    shown, events = changing.shown, changing.events
    gone = {event.discount_id for event in events if isinstance(event, DiscountEnded)}
    given = [event for event in events if isinstance(event, DiscountGiven)]
    ends = [(one.code, one.until_on) for one in shown.life.discounts if one.id not in gone]
    ends += [(event.code, event.until_on) for event in given]
    for code, until_on in ends:
        if until_on is not None and until_on > seen_to:
            yield gettext("The discount %(name)s is in these sums; its last day is %(day)s.") % {
                "name": coupon_name(shown.known.coupons, code, words_language()),
                "day": forms.day(until_on - ONE_DAY, words_language()),
            }


def _phases(changing: Changing, seen_to: date) -> Iterator[str]:
    """The phase of the plan that is in the sums and ends after the days that were looked at."""
    for owner_id, share, start_on, end_on in _reduced(changing):
        if start_on <= seen_to < end_on:
            text = (
                gettext(
                    "In these sums %(plan)s costs %(share)s of its fixed prices, until %(day)s."
                )
                if share
                else gettext("In these sums the fixed prices of %(plan)s are free, until %(day)s.")
            )
            yield text % {
                "plan": _named(changing.shown.known.sold.get(owner_id, {})),
                "share": forms.percent(share, words_language()),
                "day": forms.day(end_on - ONE_DAY, words_language()),
            }


def _reduced(changing: Changing) -> Iterator[tuple[UUID, Decimal, date, date]]:
    """The phases with a percentage of their own that will run: of which version, how much, when."""
    changes = [event for event in changing.events if isinstance(event, PlanChanged)]
    for event in changes:
        for item in event.items:
            if item.for_days and item.percent != WHOLE_PERCENT:
                start_on = event.on + item.after_days * ONE_DAY
                yield item.owner_id, item.percent, start_on, start_on + item.for_days * ONE_DAY
    for own in () if changes else changing.shown.life.items:
        if own.owner_id and own.end_on and own.percent != WHOLE_PERCENT:
            yield own.owner_id, own.percent, own.start_on, own.end_on


def _usage(changing: Changing, new: Sequence[tuple[PlanChanged, Price]]) -> Iterator[str]:
    """How usage is counted before and after a change of plan: each plan has its own count."""
    if any(isinstance(event, PlanChanged) for event in changing.events):
        yield from _usage_before(changing)
    for event, price in new:
        meter = changing.shown.meters.get(price.meter)
        if meter is not None:
            yield _usage_after(changing, event, price, meter)


def _usage_before(changing: Changing) -> Iterator[str]:
    plan = changing.shown.plan
    if plan is None:
        return
    with_included = gettext(
        "%(meter)s before the change is billed at the prices of %(plan)s: %(used)s so far,"
        " %(included)s included."
    )
    without = gettext(
        "%(meter)s before the change is billed at the prices of %(plan)s: %(used)s so far."
    )
    own = {price.id for price in plan.prices}
    for one in changing.used:
        if one.price.id in own:
            facts = {"meter": meter_name(one.meter), "plan": _named(plan.names)}
            facts |= {"used": measured(one.quantity, one.meter)}
            facts |= {"included": measured(one.included, one.meter)}
            is_told = one.included and one.price.spec.transform_quantity is None
            yield (with_included if is_told else without) % facts


def _usage_after(changing: Changing, event: PlanChanged, price: Price, meter: SoldMeter) -> str:
    named = changing.shown.known.sold.get(event.items[0].owner_id, {})
    facts = {"meter": meter_name(meter), "plan": _named(named)}
    facts["day"] = forms.day(event.on, words_language())
    if not price.spec.included_units or price.spec.transform_quantity is not None:
        text = gettext("%(meter)s from %(day)s on counts from zero at the prices of %(plan)s.")
        return text % facts
    facts["included"] = measured(price.spec.included_units, meter)
    text = gettext(
        "%(meter)s from %(day)s on counts from zero at the prices of %(plan)s,"
        " with all of its %(included)s included."
    )
    return text % facts


def _old_prices(changing: Changing) -> Sequence[Price]:
    return [price for item in changing.shown.items for price in item.prices]


def _new_prices(changing: Changing) -> list[tuple[PlanChanged, Price]]:
    """The metered prices of the plans to come."""
    counter = changing.shown.shop
    return [
        (event, price)
        for event in changing.events
        if isinstance(event, PlanChanged) and event.items
        for price in counter.prices_of(counter.published(event.items[0].owner_id))
        if price.meter
    ]


def _named(names: Mapping[str, str]) -> str:
    return names.get(words_language()) or next(iter(names.values()), "")
