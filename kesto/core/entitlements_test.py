"""What plans and add-ons give adds up."""

from datetime import date
from decimal import Decimal

import pytest

from kesto.core.catalog import Entitlement
from kesto.core.entitlements import Entitled, entitled, quantity_on
from kesto.core.item import Course, Pause, Step

ONE = Decimal(1)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([], None),
        ([(None, "1")], Entitled(is_allowed=True)),
        ([("5", "1")], Entitled(is_allowed=True, limit=Decimal(5))),
        ([("5", "1"), ("10", "3")], Entitled(is_allowed=True, limit=Decimal(35))),
        ([("5", "2"), (None, "1"), ("3", "1")], Entitled(is_allowed=True)),
        ([("0", "1")], Entitled(is_allowed=False, limit=Decimal(0))),
        ([("5", "0")], None),
        ([(None, "0"), ("2", "0.5")], Entitled(is_allowed=True, limit=Decimal("1.0"))),
    ],
)
def test_limits_add_up_and_one_without_limit_wins(
    given: list[tuple[str | None, str]], wanted: Entitled | None
) -> None:
    taken = [
        ([Entitlement("seats", None if limit is None else Decimal(limit))], Decimal(quantity))
        for limit, quantity in given
    ]
    assert entitled(taken).get("seats") == wanted


def test_features_are_kept_apart() -> None:
    plan = [Entitlement("calls"), Entitlement("storage", Decimal(10))]
    found = entitled([(plan, ONE), ([Entitlement("storage", Decimal(5))], Decimal(2))])
    assert found == {"calls": Entitled(is_allowed=True), "storage": Entitled(True, Decimal(20))}


def test_the_quantity_of_the_day_counts_and_none_in_a_pause() -> None:
    course = Course(
        steps=(Step(date(2026, 10, 10), Decimal(5)), Step(date(2026, 10, 20), Decimal(2))),
        pauses=(Pause(date(2026, 10, 12), date(2026, 10, 15), Decimal(0)),),
    )
    found = [
        quantity_on(date(2026, 10, day), Decimal(3), course) for day in (9, 10, 12, 14, 15, 20)
    ]
    assert found == [3, 5, 0, 0, 5, 2]
    assert quantity_on(date(2026, 10, 1), Decimal(3), None) == 3
    endless = Course(pauses=(Pause(date(2026, 10, 12), None, Decimal(100)),))
    assert quantity_on(date(2030, 1, 1), Decimal(3), endless) == 0
