"""Why events are rejected, and what helps, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext

REASONS: Mapping[str, Promise] = {
    "unknown_customer": gettext_lazy("Unknown customer"),
    "unknown_subscription": gettext_lazy("Unknown subscription"),
    "unknown_meter": gettext_lazy("Unknown meter"),
    "no_subscription": gettext_lazy("No subscription then"),
    "ambiguous_subscription": gettext_lazy("Several subscriptions"),
    "conflict": gettext_lazy("Id taken by another event"),
    "too_old": gettext_lazy("Too old"),
    "in_future": gettext_lazy("Lies ahead"),
    "bad_time": gettext_lazy("No time"),
    "billed_already": gettext_lazy("Day is billed"),
    "missing": gettext_lazy("Something is missing"),
    "bad_text": gettext_lazy("Text that can’t be kept"),
    "bad_value": gettext_lazy("Value that can’t be kept"),
    "unknown_field": gettext_lazy("Unknown field"),
}
REMEDIES: Mapping[str, Promise] = {
    "unknown_customer": gettext_lazy("Add the customer under this number, then send again."),
    "unknown_subscription": gettext_lazy("Name a subscription that there is."),
    "unknown_meter": gettext_lazy("Make the meter in the catalogue, then send again."),
    "no_subscription": gettext_lazy("Begin the subscription on that day or before."),
    "ambiguous_subscription": gettext_lazy("Name the subscription instead of the customer."),
    "conflict": gettext_lazy("Give the event an id of its own, if it is another one."),
    "too_old": gettext_lazy("More than thirteen months ago: it can’t be taken in any more."),
    "in_future": gettext_lazy("Send again when that time has come."),
    "bad_time": gettext_lazy("Give a time with its zone, such as 2026-12-01T12:00:00+02:00."),
    "billed_already": gettext_lazy("The meter refuses what comes late. Change that at the meter."),
    "missing": gettext_lazy("Fill in what is missing."),
    "bad_text": gettext_lazy("Write up to 200 letters on one line."),
    "bad_value": gettext_lazy("Write a number or a short text on one line."),
    "unknown_field": gettext_lazy("The form leaves out what is no field of an event."),
}


def reason(code: str) -> str:
    """Why an event is rejected, in a few words."""
    return str(REASONS.get(code) or gettext("Can’t be read"))


def remedy(code: str) -> str:
    """What helps."""
    return str(REMEDIES.get(code) or gettext("Look at its fields and send it again."))


def every() -> str:
    """All reasons."""
    return pgettext("rejected events", "All")
