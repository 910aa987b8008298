"""What a pause does, said before it is asked for: in portal and office."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext

from kesto.core.catalog import WHOLE_PERCENT, AddOn, PlanVersion
from kesto.flows.show_subscription import ShownSubscription
from kesto.web.ui.language import words_language
from kesto.words import forms


def pause_words(about: ShownSubscription) -> Iterator[str]:
    """A sentence each: the price, the billing day, the end, the term, deliveries, usage."""
    terms = about.life.terms
    yield _price(terms.paused_percent)
    yield gettext("The billing day stays the same, and invoices come as before.")
    if terms.reminder_days:
        yield gettext(
            "It goes on by itself on the day that is given, and a message reminds of it before."
            " A pause can be ended earlier."
        )
    else:
        yield gettext(
            "It goes on by itself on the day that is given. A pause can be ended earlier."
        )
    if about.life.spans and about.life.spans[-1].minimum_months:
        if terms.pause_extends_term:
            yield gettext("The minimum term becomes longer by the days of the pause.")
        else:
            yield gettext("The minimum term ends when it would without the pause.")
    if any(sold.entitlements for sold in _published(about)):
        yield gettext("What belongs to the subscription can’t be used during the pause.")
    if any(one.own.delivery is not None for one in about.items):
        yield gettext("Nothing is delivered on the days of the pause.")
    if any(price.meter for one in about.items for price in one.prices):
        yield gettext("What is used all the same during the pause is billed as usual.")


def _published(about: ShownSubscription) -> Iterator[PlanVersion | AddOn]:
    for one in about.items:
        if one.own.owner_id is not None:
            yield about.shop.published(one.own.owner_id)


def _price(percent: Decimal) -> str:
    credited = gettext("What was billed for these days already is given back.")
    if not percent:
        text = gettext("The fixed prices cost nothing for the days of the pause.")
        return f"{text} {credited}"
    if percent >= WHOLE_PERCENT:
        return gettext("The fixed prices cost as much as before during the pause.")
    share = forms.percent(percent, words_language())
    text = gettext("For the days of the pause %(share)s of the fixed prices is charged.")
    return f"{text % {'share': share}} {credited}"
