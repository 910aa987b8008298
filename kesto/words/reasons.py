"""Why a sum changed, in words: a short label for each reason of the comparison."""

from collections.abc import Mapping
from uuid import UUID

from kesto.core.comparison import Reason
from kesto.words.tongue import Tongue

# A label takes one row of a document; a name is cut for it, but not to nothing.
_LABEL, _LEAST_NAME = 38, 12


def reason_text(reason: Reason, names: Mapping[UUID, str], tongue: Tongue) -> str:
    """Return what changed, such as "Sähkö: määrä 2 → 5"; its amount stands beside it."""
    printed = tongue.exact if reason.what == "price" else tongue.number
    facts = {
        "before": printed(reason.before) if reason.before else "",
        "now": printed(reason.now) if reason.now else "",
    }
    key = f"changed_{reason.what}"
    room = max(_LEAST_NAME, _LABEL - len(tongue.say(key, name="", **facts)))
    name = names.get(reason.product_id, "") if reason.product_id else ""
    return tongue.say(key, name=shortened(name, room), **facts)


def shortened(text: str, longest: int) -> str:
    """Return a text that fits, cut with an ellipsis where it does not."""
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"
