"""The deliveries of a subscription on its page: what comes, what came, and how far each is."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext
from msgspec import Struct

from kesto.core.deliveries import FulfilmentEvent
from kesto.flows.show_deliveries import Stop
from kesto.flows.show_subscription import ShownSubscription
from kesto.web.office import written
from kesto.web.ui.delivery_words import STATES, TONES, place_of, state_of
from kesto.web.ui.parts import Event

MOST_COMING, MOST_PAST = 8, 8
ICONS = {"delivered": "check", "failed": "alert", "returned": "undo"}


class DeliveryRow(Struct, frozen=True):
    """A delivery on the page of its subscription."""

    href: str
    on: date
    what: str
    place: str
    state: tuple[str, str]
    note: str
    change: tuple[str, str] | None


def delivery_rows(shown: ShownSubscription) -> tuple[list[DeliveryRow], list[DeliveryRow]]:
    """What comes, the next first, and what came, the newest first."""
    coming = [one for one in shown.deliveries if one.on >= shown.today][:MOST_COMING]
    past = [one for one in reversed(shown.deliveries) if one.on < shown.today][:MOST_PAST]
    return [_row(one, shown) for one in coming], [_row(one, shown) for one in past]


def fulfilment_event(one: FulfilmentEvent) -> Event:
    """What happened to a delivery, for a timeline."""
    text = gettext("Delivery of %(day)s: %(state)s") % {
        "day": written.day(one.delivery_on),
        "state": str(STATES[one.state]).lower(),
    }
    notes = (written.moment(one.at), one.carrier, one.tracking, one.note)
    icon = ICONS.get(one.state, "package")
    return Event(text, " · ".join(filter(None, notes)), icon=icon, tone=TONES[one.state])


def what_of(one: Stop, names: Mapping[UUID, Mapping[str, str]]) -> str:
    """What is in a delivery."""
    found = []
    for content in one.contents:
        name = written.name(names.get(content.owner_id, {})) or content.code
        is_one = content.quantity == 1
        found.append(name if is_one else f"{written.number(content.quantity)} × {name}")
    return ", ".join(found)


def _row(one: Stop, shown: ShownSubscription) -> DeliveryRow:
    latest = one.latest
    notes = [latest.carrier, latest.tracking, latest.note] if latest else []
    if one.may_change(shown.today) and one.planned is not None:
        last = {"day": written.day(one.planned.last_change_on)}
        notes.append(gettext("can be changed until %(day)s") % last)
    return DeliveryRow(
        href=reverse("office:delivery", args=[shown.id, one.on.isoformat()]),
        on=one.on,
        what=what_of(one, shown.known.sold),
        place=place_of(one.address),
        state=state_of(one.status, is_past=one.on < shown.today),
        note=" · ".join(filter(None, notes)),
        change=_change(one, shown),
    )


def _change(one: Stop, shown: ShownSubscription) -> tuple[str, str] | None:
    """Where it is skipped or taken back, and the words of that."""
    if one.planned is None or shown.is_over:
        return None
    query = f"?on={one.on.isoformat()}"
    if one.status == "skipped":
        return reverse("office:change", args=[shown.id, "unskip"]) + query, gettext(
            "Deliver after all"
        )
    if one.status == "planned" and one.on >= shown.today:
        return reverse("office:change", args=[shown.id, "skip"]) + query, gettext("Skip")
    return None
