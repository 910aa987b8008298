"""Why a sum changed, in words: a short label for each reason of the comparison."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from uuid import UUID

from msgspec import Struct

from kesto.core.reasons import Reason, What
from kesto.words.forms import measure
from kesto.words.tongue import Tongue
from kesto.words.views import UsageView

# A label takes one row of a document; a name is cut for it, but not to nothing.
_LABEL, _LEAST_NAME = 38, 12
_PRINTED: Mapping[What, Callable[[Tongue, str], str]] = {
    "price": Tongue.exact,
    "average": Tongue.exact,
    "phase": Tongue.percent,
}
_LATE = {"correction": "changed_late", "correction_before": "changed_late_before"}


class Called(Struct, frozen=True):
    """What reasons call by id or code, by name."""

    products: Mapping[UUID, str]
    meters: Mapping[str, UsageView] = {}
    plans: Mapping[str, str] = {}
    coupons: Mapping[str, str] = {}


def reason_text(reason: Reason, called: Called, tongue: Tongue) -> str:
    """Return what changed, such as "Sähkö: määrä 2 → 5"; its amount stands beside it."""
    if reason.what == "plan":
        return _plan_text(reason, called, tongue)
    meter = called.meters.get(reason.meter)
    printed = _PRINTED.get(reason.what, Tongue.number)
    facts = {
        "before": printed(tongue, reason.before) if reason.before else "",
        "now": printed(tongue, reason.now) if reason.now else "",
    }
    key = f"changed_{reason.what}"
    if reason.what == "other" and reason.product_id is not None:
        key = "changed_other_of"
    if meter is not None and reason.what == "quantity":
        change = Decimal(reason.now) - Decimal(reason.before)
        key = "changed_usage_more" if change > 0 else "changed_usage_less"
        facts = {"change": measure(abs(change), meter.unit, tongue.language)}
    elif meter is not None and reason.what in _LATE:
        key = _LATE[reason.what]
    room = max(_LEAST_NAME, _LABEL - len(tongue.say(key, name="", **facts)))
    name = called.products.get(reason.product_id, "") if reason.product_id else ""
    if reason.coupon:
        name = called.coupons.get(reason.coupon, reason.coupon)
    if meter is not None:
        name = metered_name(name, meter.name)
    return tongue.say(key, name=shortened(name, room), **facts)


def _plan_text(reason: Reason, called: Called, tongue: Tongue) -> str:
    """Return which plan took the place of which, each with half of the room."""
    room = (_LABEL - len(tongue.say("changed_plan", before="", now=""))) // 2
    before, now = (
        shortened(called.plans.get(code, code), max(_LEAST_NAME, room))
        for code in (reason.before, reason.now)
    )
    return tongue.say("changed_plan", before=before, now=now)


def metered_name(product: str, meter: str) -> str:
    """Return what a line of usage is called: by its meter too, where that says more."""
    is_told = not meter or product.casefold() == meter.casefold()
    return product if is_told else f"{product}, {meter}"


def shortened(text: str, longest: int) -> str:
    """Return a text that fits, cut with an ellipsis where it does not."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
