from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kesto.core.fields import Fields
from kesto.core.refusals import Invalid

Read = Callable[[Fields], object]
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)


def refusal(values: object, read: Read) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read(Fields(values, "price"))
    return refused.value


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("12.50", Decimal("12.50")),
        (12, Decimal(12)),
        (Decimal("0.10"), Decimal("0.10")),
        (Decimal("1E+3"), Decimal(1000)),
    ],
)
def test_decimals_are_texts_or_whole_numbers(given: object, read: Decimal) -> None:
    assert Fields({"amount": given}).decimal("amount") == read


@pytest.mark.parametrize(
    "given",
    [
        *("", "1,5", "1e5", "NaN", "Infinity", "-Infinity", "1_000", "+1", ".5", "5.", " 1"),
        *(0.5, True, [], {}, "0.1234567890123", "1234567890123456", "٣", Decimal("NaN")),
    ],
)
def test_anything_else_is_no_decimal(given: object) -> None:
    refused = refusal({"amount": given}, lambda fields: fields.decimal("amount"))
    assert (refused.code, refused.field) == ("bad_decimal", "price.amount")


@pytest.mark.parametrize(
    ("read", "code"),
    [
        (lambda fields: fields.decimal("below"), "negative"),
        (lambda fields: fields.positive("zero"), "not_positive"),
        (lambda fields: fields.optional_positive("zero"), "not_positive"),
        (lambda fields: fields.decimal("absent"), "missing"),
        (lambda fields: fields.decimal("null"), "missing"),
        (lambda fields: fields.count("text"), "bad_count"),
        (lambda fields: fields.count("yes"), "bad_count"),
        (lambda fields: fields.count("count", least=4), "bad_count"),
        (lambda fields: fields.text("count"), "bad_text"),
        (lambda fields: fields.choice("text", ("a", "b")), "bad_choice"),
        (lambda fields: fields.flag("text", default=False), "bad_flag"),
        (lambda fields: fields.date("text"), "bad_date"),
        (lambda fields: fields.section("text"), "not_an_object"),
        (lambda fields: fields.sections("text"), "not_a_list"),
    ],
)
def test_a_refusal_has_a_code_and_names_the_field(read: Read, code: str) -> None:
    values = {"below": "-1", "zero": "0", "null": None, "count": 3, "text": "word", "yes": True}
    refused = refusal(values, read)
    assert refused.code == code
    assert refused.field.startswith("price.")
    assert refused.field in refused.detail


def test_absent_and_null_take_the_default() -> None:
    fields = Fields({"null": None})
    assert fields.decimal("null", Decimal(1)) == 1
    assert fields.count("absent", 2) == 2
    assert fields.text("absent", "word") == "word"
    assert fields.flag("absent", default=True)
    assert fields.optional_decimal("absent") is None
    assert fields.optional_section("absent") is None
    assert not fields.has("null")


def test_dates_are_written_or_real() -> None:
    fields = Fields({"text": "2027-01-31", "day": date(2027, 1, 31)})
    assert fields.date("text") == fields.date("day")


@pytest.mark.parametrize(
    "given", ["2027-02-30", "20270131", "2027-W01-1", "31.1.2027", 20270131, NOON]
)
def test_anything_else_is_no_date(given: object) -> None:
    assert refusal({"on": given}, lambda fields: fields.date("on")).code == "bad_date"


def test_a_misspelt_field_is_refused_by_its_path() -> None:
    def read(fields: Fields) -> None:
        for tier in fields.sections("tiers"):
            tier.optional_decimal("amount")
            tier.close()

    refused = refusal({"tiers": [{"amount": "1"}, {"amuont": "1"}]}, read)
    assert (refused.code, refused.field) == ("unknown_field", "price.tiers[1].amuont")
    assert "known: amount" in refused.detail


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(Invalid, match="the input must be an object"):
        Fields([1])
