"""A subscriber's own subscription: what may be changed, what lies ahead, who did what."""

from collections.abc import Iterator
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext

from kesto.core.history import Cancelled
from kesto.core.refusals import NotAllowed, NotFound
from kesto.flows.show_subscription import (
    ShownSubscription,
    offered_add_ons,
    offered_plans,
    show_subscription,
)
from kesto.flows.show_usage import UsedSoFar, used_so_far
from kesto.store.session import reading
from kesto.web.portal.deliveries import coming_deliveries, past_deliveries, skipping_words
from kesto.web.portal.gate import Customer, PortalRequest, page, portal
from kesto.web.portal.written import day, named
from kesto.web.ui.language import words_language
from kesto.web.ui.parts import Event
from kesto.web.ui.tariffs import Tariff, fixed_prices, usage_prices
from kesto.web.ui.usage import UsedCard, used_cards
from kesto.words.changes import Happening


@portal()
def subscription(request: PortalRequest, subscription_id: UUID) -> HttpResponse:
    """Show what may be changed, and what was."""
    customer = request.customer
    shown = own_subscription(customer, subscription_id)
    return page(
        request,
        "subscription",
        "home",
        shown=shown,
        title=title_of(shown),
        actions=list(actions_of(shown, customer)),
        is_holder=is_holder(shown, customer),
        ahead=shown.ahead,
        own_plans=own_plans(shown) if is_holder(shown, customer) and not shown.is_over else (),
        to_come=coming_deliveries(shown),
        came=past_deliveries(shown),
        skipping=skipping_words(shown),
        events=[_event(one, shown, customer) for one in reversed(shown.past)],
        used=_cards(shown, customer),
        tariffs=list(_tariffs(shown)),
    )


def own_subscription(customer: Customer, subscription_id: UUID) -> ShownSubscription:
    """The subscription, where the customer holds it or pays for it. Raises NotFound.

    One that is another's is as unknown as one that does not exist.
    """
    with reading(customer.merchant_id) as session:
        shown = show_subscription(
            session, subscription_id, customer.now, words_language(), is_staff=False
        )
    if customer.id not in {shown.found.holder_id, shown.found.payer_id}:
        raise NotFound(
            "there is no such subscription", code="unknown_subscription", field="subscription"
        )
    return shown


def changeable(customer: Customer, subscription_id: UUID) -> ShownSubscription:
    """The same for who may change it: its holder. Raises NotFound or NotAllowed."""
    shown = own_subscription(customer, subscription_id)
    if not is_holder(shown, customer):
        raise NotAllowed("only the holder changes a subscription", code="not_holder")
    return shown


def is_holder(shown: ShownSubscription, customer: Customer) -> bool:
    """Whether it is the customer's own contract."""
    return shown.found.holder_id == customer.id


def title_of(shown: ShownSubscription) -> str:
    """The plan's name, or the contract's number."""
    plan = shown.plan
    return (named(dict(plan.names)) if plan else "") or shown.found.external_id


def actions_of(shown: ShownSubscription, customer: Customer) -> Iterator[tuple[str, str, str]]:
    """What the holder may do now: the form's name, an icon and words."""
    if not is_holder(shown, customer) or shown.is_over:
        return
    plan = shown.plan.own.code if shown.plan else ""
    if any(one.plan != plan for one in offered_plans(shown.shop)):
        yield "plan", "swap", pgettext("portal", "Change plan")
    if shown.add_ons or offered_add_ons(shown.shop, plan):
        yield "add-ons", "add", pgettext("portal", "Add-ons")
    if shown.life.pauses and any(
        one.end is None or shown.today < one.end for one in shown.life.pauses
    ):
        yield "resume", "run", pgettext("portal", "End the pause")
    elif shown.life.terms.longest_pause_days:
        yield "pause", "pause", pgettext("portal", "Pause")
    if any(one.may_change(shown.today) for one in shown.deliveries):
        yield "address", "letter", pgettext("portal", "Change the delivery address")
    if is_ending(shown):
        yield "keep", "undo", gettext("Take the cancellation back")
    else:
        yield "cancel", "close", pgettext("portal", "Cancel the subscription")
    if (shown.today - shown.life.start_on).days <= shown.shop.withdrawal_days:
        yield "withdraw", "undo", gettext("Withdraw from the contract here")


def is_ending(shown: ShownSubscription) -> bool:
    """Whether a notice was given that can still be taken back."""
    return any(isinstance(one.event, Cancelled) for one in shown.ahead)


def is_told_by_customer(shown: ShownSubscription, seq: int) -> bool:
    """Whether a change was asked for in the portal, and not by the seller."""
    deed = shown.deeds.get(seq)
    return deed is not None and deed.actor.startswith("cus_")


def own_plans(shown: ShownSubscription) -> frozenset[int]:
    """The changes ahead that the customer planned and may call off; a notice is taken back."""
    return frozenset(
        one.seq
        for one in shown.ahead
        if one.can_be_called_off
        and not isinstance(one.event, Cancelled)
        and is_told_by_customer(shown, one.seq)
    )


def _tariffs(shown: ShownSubscription) -> Iterator[Tariff]:
    """What it costs: the fixed prices of all that runs, then those of usage."""
    for item in shown.items:
        yield from fixed_prices(named(dict(item.names)), item.prices, item.own, shown.today)
    for item in shown.items:
        yield from usage_prices(item.prices, shown.meters)


def _cards(shown: ShownSubscription, customer: Customer) -> list[UsedCard]:
    def href_of(one: UsedSoFar) -> str:
        return reverse("portal:usage", args=[shown.id, one.price.id])

    with reading(customer.merchant_id) as session:
        return used_cards(used_so_far(session, shown.found, customer.now), customer.now, href_of)


def _event(one: Happening, shown: ShownSubscription, customer: Customer) -> Event:
    since = gettext("from %(day)s on") % {"day": day(one.on)}
    notes = ["" if one.is_of_one_day else since, one.why]
    deed = shown.deeds.get(one.seq)
    if deed is not None and deed.actor:
        facts = {"day": day(timezone.localtime(deed.at).date())}
        facts["who"] = _who(deed.actor, customer)
        notes.append(gettext("%(who)s, %(day)s") % facts)
    if one.is_called_off:
        notes.insert(0, gettext("did not come about"))
    return Event(one.text, " · ".join(filter(None, notes)), icon="swap")


def _who(actor: str, customer: Customer) -> str:
    """Who did it: oneself, whoever else holds it, or the seller."""
    if actor == f"cus_{customer.id.hex}":
        return pgettext("who did it", "you")
    if actor.startswith("cus_"):
        return pgettext("who did it", "the holder")
    return customer.merchant_name
