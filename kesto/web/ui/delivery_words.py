"""Deliveries in words, for the office and the portal: how often, how far, what is in one."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext, pgettext_lazy

from kesto.core.catalog import DeliverySchedule
from kesto.core.customers import Person

Words = Mapping[str, str | Promise]

STATES: Words = {
    "planned": pgettext_lazy("a delivery", "Coming"),
    "skipped": pgettext_lazy("a delivery", "Skipped"),
    "sent": pgettext_lazy("a delivery", "Sent"),
    "delivered": pgettext_lazy("a delivery", "Delivered"),
    "failed": pgettext_lazy("a delivery", "Did not arrive"),
    "returned": pgettext_lazy("a delivery", "Came back"),
}
TONES: Mapping[str, str] = {
    "planned": "",
    "skipped": "",
    "sent": "info",
    "delivered": "ok",
    "failed": "bad",
    "returned": "warn",
}
WEEKDAYS: tuple[str | Promise, ...] = (
    gettext_lazy("on Mondays"),
    gettext_lazy("on Tuesdays"),
    gettext_lazy("on Wednesdays"),
    gettext_lazy("on Thursdays"),
    gettext_lazy("on Fridays"),
    gettext_lazy("on Saturdays"),
    gettext_lazy("on Sundays"),
)


def state_of(status: str, *, is_past: bool = False) -> tuple[str, str]:
    """Tone and words of how far a delivery is; of a past day nobody may have said."""
    if is_past and status == "planned":
        return "", pgettext("a delivery", "Not marked")
    return TONES[status], str(STATES[status])


def place_of(person: Person) -> str:
    """An address on one line."""
    town = f"{person.postal_code} {person.city}".strip()
    return ", ".join(filter(None, (person.street, town)))


def schedule_words(delivery: DeliverySchedule | None, counted_from: str = "") -> list[str]:
    """What a schedule says, a sentence each; nothing for none."""
    if delivery is None:
        return []
    found = [" ".join(filter(None, (_every(delivery), _on(delivery))))]
    if counted_from:
        found.append(gettext("counted for everybody from %(day)s") % {"day": counted_from})
    days = delivery.cut_off_days
    found.append(
        ngettext(
            "can be changed until %(n)d day before", "can be changed until %(n)d days before", days
        )
        % {"n": days}
    )
    match delivery.skipping:
        case "not_allowed":
            found.append(gettext("can’t be skipped"))
        case "credited":
            found.append(gettext("skipping gives its part of the price back"))
        case _:
            found.append(gettext("skipping gives nothing back"))
    if delivery.most_skips:
        found.append(gettext("at most %(n)d skipped in a year") % {"n": delivery.most_skips})
    return found


def _every(delivery: DeliverySchedule) -> str:
    count, is_one = {"n": delivery.interval.count}, delivery.interval.count == 1
    match delivery.interval.unit:
        case "day":
            return gettext("every day") if is_one else gettext("every %(n)d days") % count
        case "week":
            return gettext("every week") if is_one else gettext("every %(n)d weeks") % count
        case _:
            return gettext("every month") if is_one else gettext("every %(n)d months") % count


def _on(delivery: DeliverySchedule) -> str:
    if not delivery.day:
        return ""
    if delivery.interval.unit == "week":
        return str(WEEKDAYS[delivery.day - 1])
    return gettext("on day %(day)d of the month") % {"day": delivery.day}
