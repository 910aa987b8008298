import pytest

from kesto.core.pricing import MODELS, parse_price
from kesto.core.refusals import Invalid

LAST = {"up_to": None, "unit_amount": "1"}


def tiers(*found: object, model: str = "graduated") -> dict[str, object]:
    return {"model": model, "tiers": list(found)}


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({}, "missing", "model"),
        ({"model": "percent", "rate": "1"}, "unknown_model", "model"),
        ({"model": "flat"}, "missing", "amount"),
        ({"model": "flat", "amount": "-1"}, "negative", "amount"),
        ({"model": "flat", "amount": 0.5}, "bad_decimal", "amount"),
        ({"model": "flat", "amount": "1", "charged": "later"}, "bad_choice", "charged"),
        ({"model": "flat", "amount": "1", "unit_amount": "1"}, "unknown_field", "unit_amount"),
        ({"model": "flat", "amount": "1", "commitment": {}}, "missing", "commitment.amount"),
        ({"model": "flat", "amount": "1", "minimum": "-1"}, "negative", "minimum"),
        (
            {"model": "flat", "amount": "1", "minimum": "2", "maximum": "1"},
            "contradiction",
            "minimum",
        ),
        ({"model": "per_unit", "unit_amount": "1", "per": "0"}, "not_positive", "per"),
        (
            {"model": "package", "package_size": "0", "package_amount": "1"},
            "not_positive",
            "package_size",
        ),
        (tiers(), "bad_tiers", "tiers"),
        ({"model": "volume", "tiers": {}}, "not_a_list", "tiers"),
        (tiers("1"), "not_an_object", "tiers[0]"),
        (tiers({"up_to": "5", "unit_amount": "1"}), "bad_tiers", "tiers[0].up_to"),
        (tiers({"unit_amount": "1"}, LAST), "bad_tiers", "tiers[0].up_to"),
        (tiers({"up_to": "0", "unit_amount": "1"}, LAST), "bad_tiers", "tiers[0].up_to"),
        (
            tiers({"up_to": "5", "unit_amount": "1"}, {"up_to": "5", "unit_amount": "1"}, LAST),
            "bad_tiers",
            "tiers[1].up_to",
        ),
        (tiers({"up_to": None}), "missing", "tiers[0].unit_amount"),
        (tiers({"up_to": None, "flat_amonut": "1"}), "missing", "tiers[0].unit_amount"),
        (tiers({**LAST, "flat_amonut": "1"}), "unknown_field", "tiers[0].flat_amonut"),
        (tiers({**LAST, "unit_amount": "-1"}), "negative", "tiers[0].unit_amount"),
        (tiers(LAST, model="stairstep"), "missing", "tiers[0].flat_amount"),
        (
            {"model": "flat", "amount": "1", "transform_quantity": {"round": "up"}},
            "missing",
            "transform_quantity.divide_by",
        ),
        (
            {
                "model": "flat",
                "amount": "1",
                "transform_quantity": {"divide_by": "2", "multiply_by": "2"},
            },
            "contradiction",
            "transform_quantity.multiply_by",
        ),
        (
            {"model": "flat", "amount": "1", "transform_quantity": {"divide_by": "0"}},
            "not_positive",
            "transform_quantity.divide_by",
        ),
    ],
)
def test_a_bad_price_is_refused_by_its_field(
    values: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_price(values)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert field in refused.value.detail


def test_the_path_of_a_price_stands_before_its_fields() -> None:
    with pytest.raises(Invalid) as refused:
        parse_price({"model": "flat"}, path="prices[2]")
    assert refused.value.field == "prices[2].amount"


def test_an_unknown_model_is_told_the_known_ones() -> None:
    with pytest.raises(Invalid) as refused:
        parse_price({"model": "percent"})
    assert all(name in refused.value.detail for name in MODELS)
