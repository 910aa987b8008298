from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kesto.core.fields import Fields
from kesto.core.refusals import Invalid
from tests.refused import refused

Read = Callable[[Fields], object]
ZERO = Decimal(0)
NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)


def refusal(values: object, read: Read) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read(Fields(values, "price"))
    return caught.value


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
    found = refusal({"amount": given}, lambda fields: fields.decimal("amount"))
    assert (found.code, found.field) == ("bad_decimal", "price.amount")


DECIMAL = (
    'must be a decimal number as a string, such as "12.50", of at most 15 digits before and 12'
    " after the point"
)
VALUES = {
    "below": "-1",
    "zero": "0",
    "null": None,
    "count": 3,
    "text": "word",
    "empty": "",
    "yes": True,
    "list": ["1", "x"],
    "signs": ["1", "-1"],
}


@pytest.mark.parametrize(
    ("read", "code", "name", "reason"),
    [
        (lambda of: of.decimal("text"), "bad_decimal", "text", DECIMAL),
        (lambda of: of.decimals("list"), "bad_decimal", "list[1]", DECIMAL),
        (lambda of: of.decimals("signs"), "negative", "signs[1]", "may not be negative"),
        (lambda of: of.decimal("below"), "negative", "below", "may not be negative"),
        (lambda of: of.optional_decimal("below"), "negative", "below", "may not be negative"),
        (lambda of: of.positive("zero"), "not_positive", "zero", "must be above zero"),
        (lambda of: of.positive("below"), "negative", "below", "may not be negative"),
        (lambda of: of.positive("absent", ZERO), "not_positive", "absent", "must be above zero"),
        (lambda of: of.optional_positive("zero"), "not_positive", "zero", "must be above zero"),
        (lambda of: of.decimal("absent"), "missing", "absent", "is missing"),
        (lambda of: of.decimal("null"), "missing", "null", "is missing"),
        (lambda of: of.count("absent"), "missing", "absent", "is missing"),
        (lambda of: of.count("text"), "bad_count", "text", "must be a whole number"),
        (lambda of: of.count("yes"), "bad_count", "yes", "must be a whole number"),
        (
            lambda of: of.count("count", least=4),
            *("bad_count", "count", "must be from 4 to 1000000000"),
        ),
        (lambda of: of.text("count"), "bad_text", "count", "must be a text"),
        (lambda of: of.text("empty"), "bad_text", "empty", "must be a text"),
        (lambda of: of.choice("text", ("a", "b")), "bad_choice", "text", "must be one of a, b"),
        (lambda of: of.choice("absent", ("a", "b")), "missing", "absent", "is missing"),
        (lambda of: of.flag("text", default=False), "bad_flag", "text", "must be true or false"),
        (lambda of: of.date("text"), "bad_date", "text", "must be a date, written YYYY-MM-DD"),
        (lambda of: of.date("count"), "bad_date", "count", "must be a date, written YYYY-MM-DD"),
        (
            lambda of: of.section("text"),
            *("not_an_object", "text", "must be an object with named fields"),
        ),
        (
            lambda of: of.sections("list"),
            *("not_an_object", "list[0]", "must be an object with named fields"),
        ),
        (lambda of: of.sections("text"), "not_a_list", "text", "must be a list"),
        (lambda of: of.items("absent"), "missing", "absent", "is missing"),
    ],
)
def test_a_refusal_has_a_code_and_names_the_field(
    read: Read, code: str, name: str, reason: str
) -> None:
    found = refusal(VALUES, read)
    assert (found.code, found.field) == (code, f"price.{name}")
    assert found.detail == f"price.{name} {reason}"


def test_what_is_given_is_read_whatever_the_default() -> None:
    fields = Fields(VALUES)
    assert fields.decimal("below", Decimal(5), is_signed=True) == -1
    assert fields.optional_decimal("below", is_signed=True) == -1
    assert fields.decimals("signs", is_signed=True) == (Decimal(1), Decimal(-1))
    assert fields.positive("count", Decimal(5)) == fields.optional_positive("count") == 3
    assert fields.count("count", 5, least=3) == 3
    assert fields.text("text", "other") == "word"
    assert fields.choice("text", ("other", "word"), "other") == "word"
    assert fields.flag("yes", default=False)
    assert fields.plain("yes") is True
    assert fields.items("list") == ["1", "x"]
    assert Fields({"list": (1, 2)}).items("list") == (1, 2)
    assert fields.has("below")


@pytest.mark.parametrize(
    ("count", "is_fine"), [(0, True), (10**9, True), (-1, False), (10**9 + 1, False)]
)
def test_a_count_is_from_none_to_a_billion(count: int, *, is_fine: bool) -> None:
    fields = Fields({"count": count})
    if is_fine:
        assert fields.count("count") == count
    else:
        assert refusal({"count": count}, lambda of: of.count("count")).code == "bad_count"


def test_objects_lie_within_objects() -> None:
    fields = Fields({"tier": {"up_to": "1"}, "tiers": [{"up_to": "2"}, {"up_to": "3"}]})
    assert fields.path == ""
    assert fields.section("tier").path == "tier"
    inner = fields.optional_section("tier")
    assert inner is not None
    assert inner.decimal("up_to") == 1
    assert [tier.path for tier in fields.sections("tiers")] == ["tiers[0]", "tiers[1]"]
    assert [tier.decimal("up_to") for tier in fields.sections("tiers")] == [2, 3]
    assert inner.at("up_to") == "tier.up_to"
    assert fields.at("tier") == "tier"
    assert fields.names() == ("tier", "tiers")
    fields.close()


def test_names_are_texts() -> None:
    assert Fields({1: "one"}).text("1") == "one"


def test_absent_and_null_take_the_default() -> None:
    fields = Fields({"null": None})
    assert fields.decimal("null", Decimal(1)) == 1
    assert fields.count("absent", 2) == 2
    assert fields.text("absent", "word") == "word"
    assert fields.flag("absent", default=True)
    assert fields.positive("absent", Decimal(2)) == 2
    assert fields.optional_positive("null") is None
    assert fields.choice("absent", ("a", "b"), "b") == "b"
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

    found = refusal({"tiers": [{"amount": "1"}, {"amuont": "1"}]}, read)
    assert (found.code, found.field) == ("unknown_field", "price.tiers[1].amuont")
    assert found.detail == "price.tiers[1].amuont is not a field here; known: amount"


def test_all_fields_that_were_asked_for_are_known() -> None:
    def read(fields: Fields) -> None:
        for name in ("unit", "flat", "unit"):
            fields.has(name)
        fields.close()

    assert refusal({"unti": "1"}, read).detail == (
        "price.unti is not a field here; known: unit, flat"
    )


@pytest.mark.parametrize("values", [[1], "text", None, 5])
def test_what_is_no_object_is_refused(values: object) -> None:
    assert refused(Invalid, lambda: Fields(values)) == (
        "not_an_object",
        "",
        "the input must be an object with named fields",
    )
