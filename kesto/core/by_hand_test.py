from datetime import date
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from kesto.core.by_hand import NO_ITEM, WrittenLine, differences, is_by_hand, line_of
from kesto.core.line import Line, Rated
from tests.simulator.wares import PRODUCTS

ON, RATE = date(2027, 10, 4), Decimal("13.5")
WRITTEN = WrittenLine("Asennus", PRODUCTS["paper"], Decimal("2.50"), Decimal("9.99"))


def made(written: WrittenLine = WRITTEN, currency: str = "EUR") -> Line:
    return line_of(written, 3, ON, RATE, currency)


def otherwise(**more: object) -> Line:
    line = made()
    return replace(line, rated=replace(line.rated, **more))


def test_a_line_is_quantity_times_unit_amount_rounded_once() -> None:
    line = made()
    assert line.item_id == NO_ITEM
    assert line.rated == Rated(
        price_id=NO_ITEM,
        product_id=PRODUCTS["paper"].id,
        kind="one_time",
        period_start=ON,
        period_end=date(2027, 10, 5),
        part=3,
        revision=1,
        quantity=Decimal("2.5"),
        amount_minor=2498,  # of 24.975, half away from zero
        tax_category="reduced",
        tax_rate_percent=RATE,
        revenue_account="3020",
        explanation=line.rated.explanation,
    )
    assert str(line.rated.quantity) == "2.5"


def test_a_line_explains_itself() -> None:
    assert msgspec.json.decode(made().rated.explanation) == {
        "quantity": "2.5",
        "exact": "24.975",
        "parts": [{"what": "units", "quantity": "2.5", "amount": "24.975", "unit_amount": "9.99"}],
        "text": "Asennus",
    }


def test_a_line_below_zero_is_rounded_alike() -> None:
    back = replace(WRITTEN, quantity=Decimal("-2.5"))
    assert made(back).rated.amount_minor == -2498
    assert made(back, "JPY").rated.amount_minor == -25


def test_a_line_without_a_part_comes_to_nothing() -> None:
    bare = msgspec.json.encode({"quantity": "2.5", "exact": "0"})
    assert differences([otherwise(explanation=bare, amount_minor=0)], "EUR") == []


def test_an_invoice_is_written_by_hand_as_a_whole() -> None:
    line, of_an_item = made(), replace(made(), item_id=PRODUCTS["seat"].id)
    assert is_by_hand([line, line])
    assert not is_by_hand([line, of_an_item])
    assert not is_by_hand([of_an_item])
    assert not is_by_hand([])


def test_a_line_comes_to_what_it_says() -> None:
    assert differences([made(), made()], "EUR") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"amount_minor": 2497}, "line 2 amount_minor: 2497, recomputed 2498"),
        ({"quantity": Decimal(3)}, "line 2 quantity: 3, written 2.5"),
    ],
)
def test_a_line_that_was_tampered_with_is_found(change: dict[str, object], told: str) -> None:
    assert differences([made(), otherwise(**change), made()], "EUR") == [told]


def test_a_line_of_several_parts_is_their_sum() -> None:
    explanation = msgspec.json.decode(made().rated.explanation)
    explanation["parts"] *= 2
    twice = otherwise(explanation=msgspec.json.encode(explanation), amount_minor=4995)
    assert differences([twice], "EUR") == []
