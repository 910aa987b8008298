"""The steps that each amount is explained by, model by model and around them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from kesto.core.exact import shown
from kesto.core.pricing import Entry, Usage, parse_price, price
from kesto.core.refusals import Invalid

Said = list[tuple[str, ...]]
HALF = Fraction(1, 2)
TIERS = [
    {"up_to": "10", "unit_amount": "2", "flat_amount": "5"},
    {"up_to": None, "unit_amount": "1", "flat_amount": "3"},
]
PER_UNIT = {"model": "per_unit", "unit_amount": "2"}
ROWS = {
    "model": "dimensional",
    "dimensions": ["kind"],
    "rows": [{"kind": "a", "unit_amount": "2"}],
    "default": {"price": {"model": "graduated", "tiers": TIERS, "maximum": "24"}},
}
SERIES = {"model": "time_series", "series": ["1", "3"]}
PERCENT = {"model": "percentage", "rate": "10"}


def amounts(*found: str) -> Usage:
    return Usage(amounts=tuple(map(Decimal, found)))


def of(*found: str) -> Usage:
    return Usage(entries=tuple(Entry(Decimal(quantity)) for quantity in found))


def by(name: str, *found: tuple[str, str]) -> Usage:
    return Usage(
        entries=tuple(Entry(Decimal(quantity), None, ((name, value),)) for value, quantity in found)
    )


def said(fields: dict[str, Any], usage: Usage | str, **more: Any) -> Said:
    used = Decimal(usage) if isinstance(usage, str) else usage
    return [
        (
            part.what,
            *map(shown, (part.quantity, part.unit_amount, part.flat_amount, part.amount)),
        )
        for part in price(parse_price(fields), used, **more).parts
    ]


@pytest.mark.parametrize(
    ("fields", "usage", "expected"),
    [
        ({"model": "flat", "amount": "3"}, "7", [("flat", "1", "3", "0", "3")]),
        (PER_UNIT, "7", [("units", "7", "2", "0", "14")]),
        (PER_UNIT | {"per": "4"}, "7", [("units", "7", "0.5", "0", "3.5")]),
        (
            {"model": "package", "package_size": "5", "package_amount": "3", "free_units": "2"},
            "8",
            [("included", "2", "0", "0", "0"), ("packages", "2", "3", "0", "6")],
        ),
        (
            {"model": "package", "package_size": "5", "package_amount": "3"},
            "8",
            [("packages", "2", "3", "0", "6")],
        ),
        (
            {"model": "graduated", "tiers": TIERS},
            "12",
            [("tier", "10", "2", "5", "25"), ("tier", "2", "1", "3", "5")],
        ),
        ({"model": "volume", "tiers": TIERS}, "12", [("tier", "12", "1", "3", "15")]),
        ({"model": "volume", "tiers": TIERS}, "0", []),
        (
            {
                "model": "volume",
                "tiers": [{"unit_amount": "2", "flat_amount": "5", "maximum": "9"}],
            },
            "4",
            [("tier", "4", "2", "5", "13"), ("tier_maximum", "1", "-4", "0", "-4")],
        ),
        (
            {
                "model": "volume",
                "tiers": [{"unit_amount": "2", "flat_amount": "5", "maximum": "3"}],
            },
            "4",
            [("tier", "4", "2", "3", "11"), ("tier_maximum", "1", "-8", "0", "-8")],
        ),
        (
            {"model": "volume", "tiers": [{"unit_amount": "2", "package_size": "3"}]},
            "7",
            [("tier", "3", "2", "0", "6")],
        ),
        (
            {"model": "stairstep", "tiers": [{"flat_amount": "4"}]},
            "7",
            [("step", "7", "0", "4", "4")],
        ),
        ({"model": "stairstep", "tiers": [{"flat_amount": "4"}]}, "0", []),
        (PERCENT, amounts("5", "7"), [("percentage", "12", "0.1", "0", "1.2")]),
        (
            PERCENT | {"fixed_amount": "1", "free_events": 1, "min_per_event": "1.6"},
            amounts("5", "5", "7"),
            [
                ("free_events", "1", "0", "0", "0"),
                ("free_amount", "5", "0", "0", "0"),
                ("percentage", "12", "0.1", "0", "1.2"),
                ("fixed_amounts", "2", "1", "0", "2"),
                ("event_minimum", "1", "0", "0.1", "0.1"),
            ],
        ),
        (
            PERCENT | {"max_per_event": "0.6", "included_units": "3"},
            amounts("5", "7"),
            [
                ("included", "3", "0", "0", "0"),
                ("percentage", "9", "0.1", "0", "0.9"),
                ("event_maximum", "1", "0", "-0.1", "-0.1"),
            ],
        ),
        (
            {"model": "graduated_percentage", "tiers": [{"rate": "10", "flat_amount": "2"}]},
            amounts("5", "7"),
            [("percentage", "12", "0.1", "2", "3.2")],
        ),
        ({"model": "dynamic"}, amounts("5", "7"), [("amounts", "1", "0", "12", "12")]),
        (
            {
                "model": "capacity",
                "tiers": [{"limits": {"cpu": "0"}, "amount": "4"}, {"amount": "9"}],
            },
            Usage(levels=()),
            [("capacity", "1", "0", "4", "4")],
        ),
        (
            {
                "model": "capacity",
                "tiers": [{"limits": {"cpu": "3"}, "amount": "4"}, {"amount": "9"}],
            }
            | {"included_units": "2"},
            Usage(levels=(("cpu", Decimal(5)), ("disk", Decimal(1)))),
            [("capacity", "1", "0", "4", "4")],
        ),
        (
            SERIES | {"margin": "0.5"},
            by("interval", ("0", "1"), ("1", "1")),
            [("series", "2", "2", "0", "4"), ("margin", "2", "0.5", "0", "1")],
        ),
        (
            SERIES | {"included_units": "3"},
            by("interval", ("1", "4"), ("0", "2")),
            [("included", "3", "0", "0", "0"), ("series", "3", "3", "0", "9")],
        ),
        (SERIES, Usage(entries=()), [("series", "0", "0", "0", "0")]),
        (
            ROWS,
            by("kind", ("b", "12"), ("a", "3"), ("a", "1")),
            [("row", "4", "2", "0", "8"), ("row", "1", "0", "24", "24")],
        ),
        (
            ROWS | {"included_units": "5"},
            by("kind", ("b", "2"), ("a", "4")),
            [
                ("included", "5", "0", "0", "0"),
                ("row", "0", "2", "0", "0"),
                ("row", "1", "0", "7", "7"),
            ],
        ),
        (
            PER_UNIT | {"included_units": "3"},
            "7",
            [("included", "3", "0", "0", "0"), ("units", "4", "2", "0", "8")],
        ),
        (
            PER_UNIT | {"included_units": "3"},
            "2",
            [("included", "2", "0", "0", "0"), ("units", "0", "2", "0", "0")],
        ),
        (
            PER_UNIT | {"maximum": "10"},
            "7",
            [("units", "7", "2", "0", "14"), ("maximum", "1", "0", "-4", "-4")],
        ),
        (PER_UNIT | {"maximum": "14"}, "7", [("units", "7", "2", "0", "14")]),
        (
            PER_UNIT | {"commitment": {"amount": "20"}},
            "7",
            [("units", "7", "2", "0", "14"), ("commitment", "1", "0", "6", "6")],
        ),
        (
            PER_UNIT | {"commitment": {"amount": "10", "overage_factor": "3"}},
            "7",
            [("units", "7", "2", "0", "14"), ("overage", "1", "0", "8", "8")],
        ),
        (
            PER_UNIT | {"bucketed": True, "included_units": "1"},
            of("3", "5"),
            [("bucket", "3", "0", "4", "4"), ("bucket", "5", "0", "8", "8")],
        ),
    ],
)
def test_an_amount_is_explained(fields: dict[str, Any], usage: Usage | str, expected: Said) -> None:
    assert said(fields, usage) == expected


def test_a_share_takes_off_what_goes_by_units() -> None:
    graduated = {"model": "graduated", "tiers": TIERS}
    assert said(graduated, "4", share=HALF) == [
        ("tier", "4", "2", "5", "13"),
        ("share", "0.5", "8", "-8", "-4"),
    ]
    only_flat = {"model": "graduated", "tiers": [{"flat_amount": "5"}]}
    assert said(only_flat, "4", share=HALF) == [("tier", "4", "0", "5", "5")]
    assert said(ROWS, by("kind", ("a", "4")), share=HALF) == [("row", "1", "0", "4", "4")]
    assert said(ROWS, by("kind", ("b", "12")), share=HALF) == [("row", "1", "0", "12", "12")]
    assert said(SERIES, by("interval", ("1", "4")), share=HALF) == [("series", "2", "3", "0", "6")]


def test_seats_are_explained_by_what_each_change_moves() -> None:
    graduated = {"model": "graduated", "tiers": TIERS}
    usage = Usage(
        entries=(Entry(Decimal(8)), Entry(Decimal(4), HALF), Entry(Decimal(-12), Fraction(1)))
    )
    assert said(graduated, usage) == [
        ("change", "1", "16", "0", "16"),
        ("change", "0.5", "6", "0", "3"),
        ("change", "1", "-22", "0", "-22"),
        ("tiers_entered", "1", "0", "8", "8"),
    ]
    assert said(PER_UNIT, Usage(entries=(Entry(Decimal(1), HALF), Entry(Decimal(-1))))) == [
        ("change", "0.5", "2", "0", "1"),
        ("change", "1", "-2", "0", "-2"),
        ("not_below_zero", "1", "0", "1", "1"),
    ]
    volume = {"model": "volume", "tiers": TIERS, "included_units": "2"}
    assert said(volume, Usage(entries=(Entry(Decimal(8), HALF), Entry(Decimal(5), HALF)))) == [
        ("change", "0.5", "6", "0", "3"),
        ("change", "0.5", "5", "0", "2.5"),
        ("tiers_entered", "1", "0", "3", "3"),
    ]


def test_seats_keep_the_packages_and_the_maximum_of_the_tier_that_they_end_in() -> None:
    packs = {
        "model": "volume",
        "tiers": [{"unit_amount": "2", "package_size": "3", "maximum": "5"}],
    }
    usage = Usage(entries=(Entry(Decimal(4), HALF), Entry(Decimal(5), HALF)))
    assert said(packs, usage) == [
        ("change", "0.5", "4", "0", "2"),
        ("change", "0.5", "1", "0", "0.5"),
    ]
    at_zero = {"model": "volume", "tiers": [{"flat_amount": "5"}], "flat_at_zero": True}
    assert said(at_zero, Usage(entries=(Entry(Decimal(0), HALF),))) == [
        ("change", "0.5", "0", "0", "0"),
        ("tiers_entered", "1", "0", "5", "5"),
    ]


def test_included_units_go_in_the_order_of_time() -> None:
    prices = {"model": "time_series", "series": ["1"] * 10 + ["5"], "included_units": "3"}
    assert said(prices, by("interval", ("10", "2"), ("2", "3"))) == [
        ("included", "3", "0", "0", "0"),
        ("series", "2", "5", "0", "10"),
    ]
    twice = tuple(Entry(Decimal(2), share, (("interval", "1"),)) for share in (HALF, Fraction(1)))
    assert said(SERIES, Usage(entries=twice)) == [("series", "3", "3", "0", "9")]


def test_a_later_line_takes_off_what_was_before_it() -> None:
    graduated = {"model": "graduated", "tiers": TIERS}
    later = {"part": "last", "previous_quantity": Decimal(4)}
    assert said(graduated, "8", **later) == [
        ("tier", "10", "2", "5", "25"),
        ("tier", "2", "1", "3", "5"),
        ("previous", "1", "-8", "-5", "-13"),
    ]
    capacity = {"model": "capacity", "tiers": [{"amount": "9"}]}
    used = Usage(levels=(("cpu", Decimal(1)),))
    for part in ("middle", "last"):
        assert said(capacity, used, part=part, previously_billed=Decimal(4)) == [
            ("capacity", "1", "0", "9", "9"),
            ("previous", "1", "0", "-4", "-4"),
        ]
        assert len(said(capacity, used, part=part, previously_billed=Decimal(20))) == 2
        assert len(said(capacity, used, part=part)) == 1
    assert len(said(capacity, used, part="first", previously_billed=Decimal(4))) == 1


def test_what_earlier_lines_used_of_the_included_units_is_gone() -> None:
    before = {"part": "last", "previous_quantity": Decimal(4)}
    fields = PERCENT | {"included_units": "6", "free_amount": "1"}
    assert said(fields, amounts("1", "7"), **before) == [
        ("included", "2", "0", "0", "0"),
        ("free_events", "1", "0", "0", "0"),
        ("free_amount", "1", "0", "0", "0"),
        ("percentage", "5", "0.1", "0", "0.5"),
    ]
    assert said(SERIES | {"included_units": "6"}, by("interval", ("1", "7")), **before) == [
        ("included", "2", "0", "0", "0"),
        ("series", "5", "3", "0", "15"),
    ]
    assert said(ROWS | {"included_units": "6"}, by("kind", ("a", "7")), **before) == [
        ("included", "2", "0", "0", "0"),
        ("row", "5", "2", "0", "10"),
    ]
    assert said(PERCENT | {"free_amount": "6"}, amounts("7"), **before) == [
        ("free_amount", "2", "0", "0", "0"),
        ("percentage", "5", "0.1", "0", "0.5"),
    ]


@pytest.mark.parametrize(
    ("fields", "needs"),
    [
        (PERCENT, "amounts"),
        ({"model": "capacity", "tiers": [{"amount": "1"}]}, "levels"),
        (SERIES, "quantities"),
        (ROWS, "quantities"),
    ],
)
def test_a_plain_quantity_is_not_enough_for_every_model(fields: dict[str, Any], needs: str) -> None:
    with pytest.raises(Invalid) as refused:
        price(parse_price(fields), Decimal(3))
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        f"a {fields['model']} price needs {needs}",
        "missing",
        needs,
    )


@pytest.mark.parametrize(
    ("fields", "usage", "before"),
    [
        (PER_UNIT, Usage(Decimal(-1)), "0"),
        (PER_UNIT, Usage(Decimal(1)), "-1"),
        (PER_UNIT | {"bucketed": True}, of("2", "-1"), "0"),
        ({"model": "graduated_percentage", "tiers": [{"rate": "1"}]}, amounts("-3"), "2"),
        (
            {"model": "graduated_percentage", "tiers": [{"rate": "1"}], "bucketed": True},
            amounts("3", "-1"),
            "0",
        ),
    ],
)
def test_a_quantity_below_zero_is_refused(
    fields: dict[str, Any], usage: Usage, before: str
) -> None:
    with pytest.raises(Invalid) as refused:
        price(parse_price(fields), usage, previous_quantity=Decimal(before))
    assert (refused.value.detail, refused.value.code, refused.value.field) == (
        "a billed quantity is never below zero",
        "negative",
        "quantity",
    )
