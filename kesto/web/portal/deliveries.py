"""A subscriber's deliveries: what comes and can still be changed, what was sent and arrived."""

from datetime import date

from django.utils.translation import gettext
from msgspec import Struct

from kesto.flows.show_deliveries import Stop
from kesto.flows.show_subscription import ShownSubscription
from kesto.web.portal.written import named
from kesto.web.ui.delivery_words import place_of, state_of
from kesto.web.ui.language import words_language
from kesto.words import forms

MOST_COMING, MOST_PAST = 8, 6


class DeliveryRow(Struct, frozen=True):
    """A delivery as its subscriber sees it; `action` is what they can do with it now."""

    on: date
    what: str
    place: str
    state: tuple[str, str]
    until: date | None = None
    action: str = ""
    note: str = ""


def coming_deliveries(shown: ShownSubscription) -> list[DeliveryRow]:
    """What comes, the next first."""
    coming = [one for one in shown.deliveries if one.on >= shown.today]
    return [_coming(one, shown) for one in coming[:MOST_COMING]]


def past_deliveries(shown: ShownSubscription) -> list[DeliveryRow]:
    """What was sent, the newest first."""
    past = [one for one in shown.deliveries if one.on < shown.today and one.latest]
    return [
        DeliveryRow(
            *(one.on, _what(one, shown), place_of(one.address), state_of(one.status)),
            note=" · ".join(
                filter(None, (one.latest.carrier, one.latest.tracking) if one.latest else ())
            ),
        )
        for one in past[: -MOST_PAST - 1 : -1]
    ]


def skipping_words(shown: ShownSubscription) -> str:
    """What skipping does, as the plan of the next delivery says."""
    planned = next(
        (one.planned for one in shown.deliveries if one.planned and one.on >= shown.today), None
    )
    if planned is None or planned.skipping == "not_allowed":
        return ""
    if planned.skipping == "credited":
        return gettext("A delivery that you skip is taken off your bill.")
    return gettext("Skipping a delivery does not change your bill.")


def _coming(one: Stop, shown: ShownSubscription) -> DeliveryRow:
    may_change = one.may_change(shown.today)
    action = ""
    if may_change and one.status == "skipped":
        action = "unskip"
    elif may_change and one.planned is not None and one.planned.skipping != "not_allowed":
        action = "skip"
    return DeliveryRow(
        *(one.on, _what(one, shown), place_of(one.address), state_of(one.status)),
        until=one.planned.last_change_on if one.planned and may_change else None,
        action=action,
    )


def _what(one: Stop, shown: ShownSubscription) -> str:
    found = []
    for content in one.contents:
        name = named(dict(shown.known.sold.get(content.owner_id, {}))) or content.code
        number = forms.number(content.quantity, words_language())
        found.append(name if content.quantity == 1 else f"{number} × {name}")
    return ", ".join(found)
