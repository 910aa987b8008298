"""Why a sum changed, in words: a short label for each reason of the comparison."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from uuid import UUID

from kesto.core.comparison import Reason
from kesto.words.forms import measure
from kesto.words.tongue import Tongue
from kesto.words.views import UsageView

# A label takes one row of a document; a name is cut for it, but not to nothing.
_LABEL, _LEAST_NAME = 38, 12
_LATE = {"correction": "changed_late", "correction_before": "changed_late_before"}


def reason_text(
    reason: Reason,
    names: Mapping[UUID, str],
    tongue: Tongue,
    meters: Mapping[str, UsageView] = MappingProxyType({}),
) -> str:
    """Return what changed, such as "Sähkö: määrä 2 → 5"; its amount stands beside it."""
    meter = meters.get(reason.meter)
    printed = tongue.exact if reason.what in {"price", "average"} else tongue.number
    facts = {
        "before": printed(reason.before) if reason.before else "",
        "now": printed(reason.now) if reason.now else "",
    }
    key = f"changed_{reason.what}"
    if meter is not None and reason.what == "quantity":
        change = Decimal(reason.now) - Decimal(reason.before)
        key = "changed_usage_more" if change > 0 else "changed_usage_less"
        facts = {"change": measure(abs(change), meter.unit, tongue.language)}
    elif meter is not None and reason.what in _LATE:
        key = _LATE[reason.what]
    room = max(_LEAST_NAME, _LABEL - len(tongue.say(key, name="", **facts)))
    name = names.get(reason.product_id, "") if reason.product_id else ""
    if meter is not None:
        name = metered_name(name, meter.name)
    return tongue.say(key, name=shortened(name, room), **facts)


def metered_name(product: str, meter: str) -> str:
    """Return what a line of usage is called: by its meter too, where that says more."""
    is_told = not meter or product.casefold() == meter.casefold()
    return product if is_told else f"{product}, {meter}"


def shortened(text: str, longest: int) -> str:
    """Return a text that fits, cut with an ellipsis where it does not."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
