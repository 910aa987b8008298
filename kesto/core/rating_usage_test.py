"""What is metered: asked for with each stretch, never remembered, and less its discounts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import structs

from kesto.core.catalog import Price
from kesto.core.discount_lines import StandingDiscount
from kesto.core.due import Stretch
from kesto.core.item import Cadence, Item
from kesto.core.line import USAGE, Line
from kesto.core.pricing import Usage
from kesto.core.pricing.usage import Unpriced
from kesto.core.rating import Rater, nothing_used
from tests.items import day, item, sold, vat_rate

START = "2026-10-01"
NEXT = "2026-11-01"


def rated(one: Item) -> list[Line]:
    return Rater(vat_rate).due_lines([one], None, day(NEXT))


METERED = structs.replace(sold(), meter="calls")


def test_nothing_that_is_used_is_a_line_of_zero() -> None:
    (line,) = rated(item(METERED, start_on=START, quantity="5"))
    assert (line.rated.kind, line.rated.quantity, line.rated.amount_minor) == (USAGE, Decimal(0), 0)
    assert nothing_used(item(start_on=START), METERED, stretch()) == Usage(
        Decimal(0), entries=(), amounts=(), levels=()
    )


def stretch() -> Stretch:
    asked: list[Stretch] = []

    def usage(_item: Item, _sold: Price, found: Stretch) -> Usage:
        asked.append(found)
        return Usage(Decimal(7))

    Rater(vat_rate, usage).due_lines([item(METERED, start_on=START)], None, day(NEXT))
    return asked[0]


def test_usage_is_asked_for_each_item_price_and_stretch_and_never_remembered() -> None:
    asked: list[tuple[int, str, date, date]] = []

    def usage(own: Item, price: Price, found: Stretch) -> Usage:
        asked.append((own.id.int, price.code, found.start, found.end))
        return Usage(Decimal(len(asked)))

    both = [item(METERED, start_on=START, number=number) for number in (1, 2)]
    lines = Rater(vat_rate, usage).due_lines(both, None, day(NEXT))
    assert asked == [(number, "price-1", day(START), day(NEXT)) for number in (1, 2)]
    assert [int(one.rated.quantity) for one in lines] == [1, 2]
    assert [one.rated.amount_minor for one in lines] == [1000, 2000]


def test_a_rater_that_is_told_what_was_used_shares_what_it_remembers() -> None:
    asked: list[str] = []

    def rate(category: str, _on: date) -> Decimal:
        asked.append(category)
        return Decimal(24)

    def usage(_item: Item, _sold: Price, _found: Stretch) -> Usage:
        return Usage(Decimal(7))

    rater = Rater(rate)
    told = rater.counting(usage)
    months = [item(start_on=START), item(start_on=NEXT)]
    first = rater.due_lines(months[:1], None, day(NEXT))
    assert told.due_lines(months[:1], None, day(NEXT)) == first
    assert told.due_lines(months[1:], None, day("2026-12-01"))
    assert rater.due_lines(months[1:], None, day("2026-12-01"))
    assert asked == ["standard", "standard"]  # once a month, whoever came first
    quantities = [
        one.due_lines([item(METERED, start_on=START)], None, day(NEXT))[0].rated.quantity
        for one in (rater, told)
    ]
    assert quantities == [Decimal(0), Decimal(7)]


def test_a_line_says_which_usage_has_no_price_yet() -> None:
    missing = Unpriced(Decimal(2), 1, datetime(2026, 10, 7, tzinfo=UTC))
    rater = Rater(vat_rate, lambda _item, _sold, _found: Usage(Decimal(7), unpriced=missing))
    (line,) = rater.due_lines([item(METERED, start_on=START)], None, day(NEXT))
    assert line.unpriced == missing
    assert rated(item(METERED, start_on=START))[0].unpriced is None


def test_a_discount_is_taken_off_what_was_used() -> None:
    tenth = StandingDiscount(
        *(UUID(int=90), UUID(int=91), "tenth", 1, day(START), Cadence(day(START)), "EUR"),
        percent=Decimal(10),
    )
    rater = Rater(vat_rate, lambda _item, _sold, _found: Usage(Decimal(7)))
    lines = rater.due_lines([item(METERED, start_on=START)], None, day(NEXT), [tenth])
    assert [one.rated.amount_minor for one in lines] == [7000, -700]


def test_a_metered_minimum_is_for_the_days_of_its_stretch() -> None:
    dear = {"model": "per_unit", "unit_amount": "3", "minimum": "31"}
    metered = structs.replace(sold(spec=dear), meter="calls")
    ending = item(metered, start_on=START, end_on="2026-10-11")
    price, minimum = rated(ending)
    assert (price.rated.amount_minor, minimum.rated.amount_minor) == (0, 1000)
