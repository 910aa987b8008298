"""Operation price: what a quantity costs, and why."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import get_args

from msgspec import Struct

from kesto.calculate.given import Answer, given_currency, given_minor, given_share
from kesto.core.exact import WHOLE, ZERO, shown
from kesto.core.fields import Fields
from kesto.core.money import format_minor
from kesto.core.pricing import Change, Part, PartOfPeriod, Priced, parse_price
from kesto.core.pricing import price as price_of
from kesto.core.pricing.flat import Flat

PARTS_OF_PERIOD: tuple[PartOfPeriod, ...] = get_args(PartOfPeriod)


class Quantity(Struct, frozen=True):
    """A quantity: one number, or changes that each have their own share of the period."""

    number: Decimal
    changes: tuple[Change, ...] = ()


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
    whole_share = WHOLE if share is None else share
    quantity = _quantity(fields, whole_share, is_needed=not isinstance(spec.model, Flat))
    part = fields.choice("part", PARTS_OF_PERIOD, "only")
    previous_quantity = fields.decimal("previous_quantity", ZERO)
    if quantity.changes and (part != "only" or previous_quantity):
        fields.refuse("contradiction", "quantities", "with shares are priced for a whole period")
    priced = price_of(
        spec,
        quantity.number,
        changes=quantity.changes,
        share=whole_share,
        minimum_share=given_share(fields, "minimum_share"),
        part=part,
        previous_quantity=previous_quantity,
        previously_billed=fields.decimal("previously_billed", ZERO),
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


def _quantity(fields: Fields, share: Fraction, *, is_needed: bool) -> Quantity:
    if fields.has("quantity") and fields.has("quantities"):
        fields.refuse("contradiction", "quantities", "can't stand beside quantity; give one")
    if not fields.has("quantities"):
        return Quantity(fields.decimal("quantity", None if is_needed else ZERO))
    entries = [_entry(entry) for entry in fields.sections("quantities")]
    if any(entry_share is not None for _, entry_share in entries):
        return Quantity(
            ZERO,
            tuple(
                Change(quantity, share if entry_share is None else entry_share)
                for quantity, entry_share in entries
            ),
        )
    return Quantity(sum((quantity for quantity, _ in entries), ZERO))


def _entry(fields: Fields) -> tuple[Decimal, Fraction | None]:
    entry = (fields.decimal("quantity", is_signed=True), given_share(fields, "share"))
    fields.close()
    return entry
