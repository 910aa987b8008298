"""Why a sum changed: one reason each, and which of them are named where there is little room."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

What = Literal[
    "plan",
    "new",
    "ended",
    "one_time",
    "one_time_before",
    "quantity",
    "price",
    "average",
    "quantity_and_price",
    "days",
    "pause",
    "skipped",
    "phase",
    "periods",
    "minimum",
    "discount",
    "discount_new",
    "discount_ended",
    "credit",
    "correction",
    "correction_before",
    "tax",
    "other",
]


class Reason(Struct, frozen=True):
    """One thing that changed and what it made of the sum.

    `before` and `now` are decimal strings: the quantity, the price in major units, the days in
    use or paused, the deliveries skipped, the percentage of the price that is charged, or the
    number of periods, as `what` says; of a `plan` they are codes; empty where there is nothing to
    compare. The price of usage that changes by the hour is an average. `meter` is the code of the
    meter that counted, `coupon` that of the coupon.
    """

    what: What
    product_id: UUID | None
    amount_minor: int
    before: str = ""
    now: str = ""
    meter: str = ""
    coupon: str = ""

    @property
    def is_made(self) -> bool:
        """Whether a customer or the seller made the change; usage and the calendar make others."""
        return self.what in (_MADE_OF_USAGE if self.meter else _MADE)


_MADE_OF_USAGE = frozenset({"price", "quantity_and_price"})
_MADE = _MADE_OF_USAGE | {
    *("plan", "new", "ended", "one_time", "quantity", "pause", "skipped"),
    *("discount", "discount_new", "discount_ended", "credit", "correction"),
}


def at_most(rows: int, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """Keep so many reasons; where there are more, the last row rolls up the rest.

    The weightiest one always keeps its row, then those that somebody made, then the others: what
    a person changed never stands in the rest while something that came by itself has a row.
    """
    if len(reasons) <= rows:
        return tuple(reasons)
    places = range(len(reasons))
    by_rank = sorted(places, key=lambda place: (place > 0, not reasons[place].is_made))
    kept, rest = sorted(by_rank[: rows - 1]), by_rank[rows - 1 :]
    rest_minor = sum(reasons[place].amount_minor for place in rest)
    rolled_up = (Reason("other", None, rest_minor),) if rest_minor else ()
    return (*(reasons[place] for place in kept), *rolled_up)
