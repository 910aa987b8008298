"""One subscription: what it is and costs, what was agreed, what happened and what lies ahead."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from msgspec import Struct

from kesto.core.calendar import midnight
from kesto.core.cancellation import Ending
from kesto.core.history import Cancelled
from kesto.flows.preview_next import preview_next
from kesto.flows.show_subscription import (
    Item,
    ShownSubscription,
    offered_currencies,
    show_subscription,
)
from kesto.flows.show_usage import UsedSoFar, used_so_far
from kesto.store import staff as members
from kesto.store.office import invoices
from kesto.store.session import reading
from kesto.store.usage import events as usage_events
from kesto.store.usage.events import Wanted
from kesto.web.office import written
from kesto.web.office.change_forms import is_running
from kesto.web.office.gate import OfficeRequest, office, page
from kesto.web.office.invoice_rows import invoice_row
from kesto.web.office.paper import bill_of_next
from kesto.web.office.subscription_deliveries import delivery_rows, fulfilment_event
from kesto.web.office.subscriptions import interval_of, price_words
from kesto.web.office.told import told_event
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import BillRow, Event
from kesto.web.ui.tariffs import phase_words, usage_prices
from kesto.web.ui.usage import last_day_of_usage, used_cards
from kesto.words.changes import Happening, coupon_name
from kesto.words.changes import ending as ending_words
from kesto.words.tongue import Tongue

LATEST_INVOICES = 12


class Discount(Struct, frozen=True):
    """A discount as the page lists it: its coupon's name, and its code for the staff."""

    name: str
    code: str
    value: str
    start_on: date
    last_on: date | None


@office("customers")
def subscription(request: OfficeRequest, subscription_id: UUID) -> HttpResponse:
    """Show a subscription."""
    staff = request.staff
    language = words_language()
    with reading(staff.desk.merchant_id) as session:
        shown = show_subscription(session, subscription_id, staff.now, language)
        ahead = preview_next(session, shown.found.payer_id, staff.today, language)
        people = {one.id.hex: one.name for one in members.members(session)}
        used = used_so_far(session, shown.found, staff.now)
        has_events = usage_events.has_any(session, Wanted(shown.id))
        billed = invoices.of_subscription(session, shown.id, LATEST_INVOICES)
    group_id = shown.found.group_id
    to_come, came = delivery_rows(shown)
    coming = next((one for one in ahead if one.group_id == group_id), None)
    return page(
        request,
        "subscription",
        "customers",
        shown=shown,
        title=title_of(shown),
        state=state_of(shown),
        rows=list(cost_rows(shown)),
        actions=actions_of(shown),
        discounts=list(_discounts(shown)),
        ahead=shown.ahead,
        events=_history(shown, people),
        to_come=to_come,
        came=came,
        coming=coming,
        invoices=[invoice_row(one, staff.today) for one in billed],
        bill=bill_of_next(coming.view) if coming else None,
        grows_until=last_day_of_usage(coming.view, shown.today) if coming else None,
        used=used_cards(used, staff.now, lambda one: _usage_href(shown, one)),
        has_usage=bool(used) or has_events,
        ending=shown.ending,
        ending_why=why_of(shown.ending, shown.found.currency),
        agreed_until=agreed_until(shown),
        notice=days_words(shown.life.spans[-1].notice_days),
        last_on=day_before(shown.life.end_on) if shown.life.end_on else None,
        periods=periods_of(shown),
    )


def _usage_href(shown: ShownSubscription, one: UsedSoFar) -> str:
    return reverse("office:usage", args=[shown.id, one.price.id])


def title_of(shown: ShownSubscription) -> str:
    """The plan's name, or the contract's number where there is none."""
    return (written.name(shown.plan.names) if shown.plan else "") or shown.found.external_id


def state_of(shown: ShownSubscription) -> tuple[str, str]:
    """Tone and words of how it stands."""
    life, today = shown.life, shown.today
    if life.end_on is not None and life.end_on <= max(today, life.start_on):
        return "", gettext("Ended")
    if life.start_on > today:
        return "info", gettext("Begins on %(day)s") % {"day": written.day(life.start_on)}
    if life.pause_at(today) is not None:
        return "warn", pgettext("a subscription", "Paused")
    if life.end_on is not None:
        last = written.day(day_before(life.end_on))
        return "warn", gettext("Ends on %(day)s") % {"day": last}
    return "ok", pgettext("a subscription", "Active")


def cost_rows(shown: ShownSubscription) -> Iterator[BillRow]:
    """A row for each price of what runs, in the quantity that runs."""
    for item in shown.items:
        for price in item.prices:
            quantity = item.own.quantity_at(max(shown.today, item.own.start_on))
            reckoning, amount = price_words(price, quantity, shown.meters)
            metered = usage_prices([price], shown.meters)
            name = metered[0].name if metered else _row_name(item, shown)
            phase = "" if price.meter else phase_words(item.own)
            how_often = ", ".join(filter(None, (interval_of(price), phase)))
            yield BillRow(name, amount, reckoning, how_often)


def _row_name(item: Item, shown: ShownSubscription) -> str:
    name = written.name(item.names)
    if item.own.start_on > max(shown.today, shown.life.start_on):
        day = written.day(item.own.start_on)
        return gettext("%(name)s, from %(day)s on") % {"name": name, "day": day}
    return name


def actions_of(shown: ShownSubscription) -> list[tuple[str, str, str]]:
    """What may be done now: the form's name, an icon and words."""
    life, today = shown.life, max(shown.today, shown.life.start_on)
    if shown.is_over:
        return []
    is_paused = life.pause_at(today) is not None
    has_pause = any(one.end is None or today < one.end for one in life.pauses)
    is_ending = any(isinstance(one.event, Cancelled) for one in shown.ahead)
    discounts = any(is_running(one, shown.today) for one in life.discounts)
    found = [
        ("plan", "swap", gettext("Change plan"), True),
        ("quantity", "add", gettext("Change quantity"), True),
        ("add-on", "add", gettext("Add an add-on"), True),
        ("remove-add-on", "minus", gettext("Remove an add-on"), bool(shown.add_ons)),
        ("pause", "pause", pgettext("to do", "Pause"), not is_paused),
        ("resume", "run", gettext("Resume"), has_pause),
        ("coupon", "gift", gettext("Give a coupon"), True),
        ("end-discount", "price", gettext("End a discount"), discounts),
        ("extra", "price", gettext("Sell something once"), True),
        ("skip", "package", gettext("Skip a delivery"), _can_be_skipped(shown)),
        ("address", "letter", gettext("Change the delivery address"), _is_delivered(shown)),
        ("billing-day", "calendar", gettext("Change billing periods"), True),
        ("payer", "person", gettext("Another payer"), True),
        ("currency", "price", gettext("Another currency"), bool(offered_currencies(shown))),
        ("renew", "month", gettext("Renew"), True),
        ("keep", "undo", gettext("Take the notice back"), is_ending),
        ("cancel", "close", pgettext("a subscription, to do", "Cancel"), not is_ending),
        ("withdraw", "undo", gettext("Withdraw from the contract"), True),
    ]
    return [(name, icon, text) for name, icon, text, is_there in found if is_there]


def _is_delivered(shown: ShownSubscription) -> bool:
    return any(one.planned and one.on >= shown.today for one in shown.deliveries)


def _can_be_skipped(shown: ShownSubscription) -> bool:
    return any(one.planned and one.status == "planned" for one in shown.deliveries)


def _moment(shown: ShownSubscription, one: Happening) -> datetime:
    """When a change was told; what happened by itself was told by nobody: when it began."""
    deed = shown.deeds.get(one.seq)
    return deed.at if deed is not None else midnight(one.on, shown.found.clock.zone)


def _history(shown: ShownSubscription, people: Mapping[str, str]) -> list[Event]:
    """Changes, renewals and what happened to deliveries, as they were told, the newest first."""
    changes = [
        (_moment(shown, one), place, told_event(one, shown.deeds.get(one.seq), people))
        for place, one in enumerate(shown.past)
    ]
    told = sorted(
        (event for stop in shown.deliveries for event in stop.events), key=lambda one: one.at
    )
    happened = [
        (event.at, len(changes) + place, fulfilment_event(event))
        for place, event in enumerate(told)
    ]
    in_order = sorted((*changes, *happened), key=lambda one: one[:2], reverse=True)
    return [event for _, _, event in in_order]


def why_of(ending: Ending | None, currency: str) -> str:
    """Which rule gives the last day."""
    return ending_words(ending.rule, Tongue(words_language(), currency)) if ending else ""


def agreed_until(shown: ShownSubscription) -> date | None:
    """The last day of the minimum that still binds."""
    until = [one.until for one in shown.life.spans if one.until and one.until > shown.today]
    return day_before(max(until)) if until else None


def periods_of(shown: ShownSubscription) -> str:
    """How time is cut into billing periods."""
    cadence = shown.life.cadence
    match cadence.alignment:
        case "calendar":
            return gettext("with the calendar month")
        case "billing_day":
            return gettext("on day %(day)d of the month") % {"day": cadence.billing_day}
        case "anchor":
            return gettext("counted from %(day)s") % {"day": written.day(cadence.anchor)}
        case _:
            return gettext("counted from %(day)s") % {"day": written.day(cadence.start_on)}


def days_words(days: int) -> str:
    """So many days."""
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def day_before(on: date) -> date:
    """The day before."""
    return date.fromordinal(on.toordinal() - 1)


def _discounts(shown: ShownSubscription) -> Iterator[Discount]:
    for one in shown.life.discounts:
        if is_running(one, shown.today):
            value = written.number(one.percent) + " %"
            if one.amount_minor:
                value = written.money(one.amount_minor, one.currency)
            last_on = day_before(one.until_on) if one.until_on else None
            name = coupon_name(shown.known.coupons, one.code, words_language())
            yield Discount(name, one.code, value, one.start_on, last_on)
