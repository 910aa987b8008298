"""Invoices written by hand: lines that no subscription makes, priced as the others are."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.catalog import Product
from kesto.core.exact import plain, shown
from kesto.core.line import ONE_TIME, ExplainedPart, Explanation, Line, Rated
from kesto.core.money import round_minor

NO_ITEM = UUID(int=0)
"""Stands for the item and the price of a line that has none."""


class WrittenLine(Struct, frozen=True):
    """A line as a person writes it: what is sold, in the customer's language, and for how much."""

    text: str
    product: Product
    quantity: Decimal
    unit_amount: Decimal


def is_by_hand(lines: Sequence[Line]) -> bool:
    """Whether lines were written by hand; an invoice's are all so or none is."""
    return bool(lines) and all(line.item_id == NO_ITEM for line in lines)


def line_of(
    written: WrittenLine, place: int, on: date, rate_percent: Decimal, currency: str
) -> Line:
    """A line for a day: quantity times unit amount, rounded once; `place` tells it from others."""
    product = written.product
    exact = written.quantity * written.unit_amount
    part = ExplainedPart(
        what="units",
        quantity=shown(written.quantity),
        amount=shown(exact),
        unit_amount=shown(written.unit_amount),
    )
    explanation = Explanation(
        quantity=shown(written.quantity), exact=shown(exact), parts=(part,), text=written.text
    )
    rated = Rated(
        price_id=NO_ITEM,
        product_id=product.id,
        kind=ONE_TIME,
        period_start=on,
        period_end=on + timedelta(days=1),
        part=place,
        revision=1,
        quantity=plain(written.quantity),
        amount_minor=round_minor(exact, currency),
        tax_category=product.tax_category,
        tax_rate_percent=rate_percent,
        revenue_account=product.revenue_account,
        explanation=msgspec.json.encode(explanation),
    )
    return Line(NO_ITEM, rated)


def differences(lines: Sequence[Line], currency: str) -> list[str]:
    """Where lines written by hand don't come to what their own quantity and price say."""
    found = []
    for number, line in enumerate(lines, 1):
        told = msgspec.json.decode(line.rated.explanation, type=Explanation)
        exact = sum(
            (Decimal(one.quantity) * Decimal(one.unit_amount) for one in told.parts), Decimal()
        )
        wanted = round_minor(exact, currency)
        if line.rated.amount_minor != wanted:
            found.append(
                f"line {number} amount_minor: {line.rated.amount_minor}, recomputed {wanted}"
            )
        if line.rated.quantity != plain(Decimal(told.quantity)):
            found.append(f"line {number} quantity: {line.rated.quantity}, written {told.quantity}")
    return found
