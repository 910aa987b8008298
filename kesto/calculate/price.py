"""Operation price: what a quantity costs, and why."""

from collections.abc import Sequence
from typing import get_args

from msgspec import Struct

from kesto.calculate.given import Answer, given_currency, given_minor, given_share
from kesto.calculate.usage import Before, given_usage
from kesto.core.exact import WHOLE, ZERO, shown
from kesto.core.fields import Fields
from kesto.core.money import format_minor
from kesto.core.pricing import Part, PartOfPeriod, Priced, parse_price
from kesto.core.pricing import price as price_of

PARTS_OF_PERIOD: tuple[PartOfPeriod, ...] = get_args(PartOfPeriod)


class Line(Struct, frozen=True):
    """A priced line in minor units: the amount, what its minimum adds, what it replaces."""

    priced: Priced
    amount_minor: int
    true_up_minor: int
    replaces_minor: int | None

    @property
    def rounded_minor(self) -> int:
        """Return what the line charges, the minimum included."""
        return self.amount_minor + self.true_up_minor


def price(fields: Fields) -> Answer:
    """Compute what a price comes to."""
    currency = given_currency(fields)
    line = priced_line(fields, currency)
    fields.close()
    answer: Answer = {
        "amount": shown(line.priced.exact),
        "true_up": format_minor(line.true_up_minor, currency),
        "rounded": format_minor(line.rounded_minor, currency),
        "currency": currency,
        "explanation": explained(line.priced.parts),
    }
    if line.replaces_minor is not None:
        difference = line.rounded_minor - line.replaces_minor
        answer["difference"] = format_minor(difference, currency)
    return answer


def priced_line(fields: Fields, currency: str) -> Line:
    """Read a price and what it is for, and price it."""
    spec = parse_price(fields.require("price"), path=fields.at("price"))
    share = given_share(fields, "share")
    before = Before(
        fields.choice("part", PARTS_OF_PERIOD, "only"),
        fields.decimal("previous_quantity", ZERO),
        fields.decimal("previously_billed", ZERO),
    )
    priced = price_of(
        spec,
        given_usage(fields, spec, before),
        share=WHOLE if share is None else share,
        minimum_share=given_share(fields, "minimum_share"),
        part=before.part,
        previous_quantity=before.quantity,
        previously_billed=before.billed,
    )
    replaces = given_minor(fields, "replaces", currency) if fields.has("replaces") else None
    return Line(priced, priced.minor(currency), priced.true_up_minor(currency), replaces)


def explained(parts: Sequence[Part]) -> list[Answer]:
    """Write an explanation part by part."""
    return [
        {
            "what": part.what,
            "quantity": shown(part.quantity),
            "unit_amount": shown(part.unit_amount),
            "flat_amount": shown(part.flat_amount),
            "amount": shown(part.amount),
        }
        for part in parts
    ]
