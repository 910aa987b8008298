from decimal import Decimal
from uuid import UUID

import pytest

from kesto.core.alerts import Alert, AlertKind, PriceUsed, check_threshold, is_reached
from kesto.core.refusals import Invalid


def alert(kind: AlertKind, threshold: str) -> Alert:
    return Alert(UUID(int=1 << 70), UUID(int=2), "data", kind, Decimal(threshold), "cus_1")


def used(quantity: str, included: str = "0", amount_minor: int = 0) -> PriceUsed:
    number = Decimal(quantity)
    return PriceUsed(number, number, Decimal(included), amount_minor)


@pytest.mark.parametrize(
    ("kind", "threshold", "found", "reached"),
    [
        ("quantity", "20", [used("19.999999999999")], 0),
        ("quantity", "20", [used("20")], 1),
        ("quantity", "20", [used("-3")], 0),
        ("share", "80", [used("15.99", "20")], 0),
        ("share", "80", [used("16", "20")], 1),
        ("share", "80", [used("16")], 0),
        ("share", "100", [used("5"), used("20", "20")], 1),
        ("amount", "1000", [used("1", amount_minor=999)], 0),
        ("amount", "1000", [used("1", amount_minor=600), used("1", amount_minor=400)], 1),
        ("quantity", "1", [], 0),
    ],
)
def test_an_alert_is_reached_at_its_threshold(
    kind: AlertKind, threshold: str, found: list[PriceUsed], reached: int
) -> None:
    assert is_reached(alert(kind, threshold), found) is bool(reached)


def test_what_is_included_is_of_the_units_that_are_priced() -> None:
    gigabytes = PriceUsed(Decimal(900_000_000), Decimal("0.9"), Decimal(1), 0)
    assert is_reached(alert("share", "90"), [gigabytes])
    assert not is_reached(alert("share", "91"), [gigabytes])


def test_an_alert_has_a_number_that_fits_a_column() -> None:
    assert alert("share", "80").number == 32
    largest = Alert(UUID(int=(1 << 128) - 1), UUID(int=2), "data", "share", Decimal(1), "")
    assert largest.number < 1 << 63


@pytest.mark.parametrize(
    ("kind", "threshold", "code"),
    [
        ("much", "1", "bad_choice"),
        ("quantity", "0", "out_of_range"),
        ("quantity", "-1", "out_of_range"),
        ("quantity", "NaN", "bad_decimal"),
        ("quantity", "0.0000000000001", "bad_decimal"),
        ("quantity", "1000000000000001", "out_of_range"),
        ("share", "10001", "out_of_range"),
        ("amount", "9.5", "bad_decimal"),
    ],
)
def test_what_is_no_threshold_is_refused(kind: str, threshold: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_threshold(kind, Decimal(threshold))
    assert refused.value.code == code
    assert check_threshold("share", Decimal("80.5")) == "share"
