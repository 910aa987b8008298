from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import shown
from kesto.core.pricing import Entry, Usage, parse_price, price
from kesto.core.pricing.time_series import interval_key
from kesto.core.refusals import Invalid

SERIES = {
    "2026-03-01T10:00:00Z": "0.10",
    "2026-03-01T11:00:00Z": "-0.02",
    "2026-03-01T12:00:00Z": "0.30",
}
TEN, ELEVEN, NOON = map(interval_key, SERIES)
entries = st.lists(
    st.builds(
        lambda hour, quantity: Entry(quantity, None, (("interval", hour),)),
        st.sampled_from([TEN, ELEVEN, NOON]),
        st.decimals(0, 100, places=3),
    ),
    max_size=6,
)


def used(*found: tuple[str, str], share: Fraction | None = None) -> Usage:
    return Usage(
        entries=tuple(
            Entry(Decimal(quantity), share, (("interval", interval),))
            for interval, quantity in found
        )
    )


def amount(usage: Usage, **fields: object) -> str:
    return shown(
        price(parse_price({"model": "time_series", "series": SERIES, **fields}), usage).exact
    )


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (used(), "0"),
        (used((TEN, "0")), "0"),
        (used((TEN, "2"), (NOON, "1")), "0.5"),
        (used((NOON, "1"), (TEN, "1"), (TEN, "1")), "0.5"),
        (used((ELEVEN, "5")), "-0.1"),
    ],
)
def test_each_interval_at_its_own_price(usage: Usage, expected: str) -> None:
    assert amount(usage) == expected


def test_a_margin_comes_on_every_unit() -> None:
    assert amount(used((TEN, "2"), (ELEVEN, "5")), margin="0.05") == "0.45"


def test_the_explanation_tells_the_average_price() -> None:
    spec = parse_price({"model": "time_series", "series": SERIES, "margin": "0.05"})
    parts = price(spec, used((TEN, "2"), (NOON, "1"))).parts
    assert [
        (part.what, shown(part.quantity), shown(part.unit_amount), shown(part.amount))
        for part in parts
    ] == [("series", "3", "0.166666666667", "0.5"), ("margin", "3", "0.05", "0.15")]


def test_shares_included_units_and_conversion() -> None:
    assert amount(used((TEN, "2"), share=Fraction(1, 4))) == "0.05"
    assert amount(used((NOON, "2"), (TEN, "2")), included_units="3") == "0.3"
    assert amount(used((TEN, "2000")), transform_quantity={"divide_by": "1000"}) == "0.2"
    assert amount(used((TEN, "1")), transform_quantity={"divide_by": "3"}) == "0.033333333333"


def test_an_interval_is_the_same_however_its_zone_is_written() -> None:
    assert interval_key("2026-03-01T12:00:00+02:00") == TEN
    assert interval_key("night") == "night"
    assert interval_key("2026-03-01T12:00:00") == "2026-03-01T12:00:00"


@pytest.mark.parametrize(
    ("series", "field"),
    [
        (None, "series"),
        ([], "series"),
        ({}, "series"),
        ("no code", "series"),
        ("", "series"),
        (["0.1", "x"], "series[1]"),
        ({"2026-03-01T10:00:00Z": "1", "2026-03-01T12:00:00+02:00": "2"}, "series"),
    ],
)
def test_a_bad_series_is_refused_by_its_field(series: object, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_price({"model": "time_series", "series": series})
    assert refused.value.field == field


@given(entries)
def test_the_order_of_entries_does_not_matter(found: list[Entry]) -> None:
    for more in ({}, {"included_units": "40"}, {"margin": "0.01"}):
        there, back = Usage(entries=tuple(found)), Usage(entries=tuple(reversed(found)))
        assert amount(there, **more) == amount(back, **more)
