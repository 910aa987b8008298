"""The calculator as other programs meet it: JSON Lines in, one answer a line, in order."""

import json
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import msgspec
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from kesto.calculate import OPERATIONS, answer_lines, calculate
from kesto.core.refusals import NotFound
from kesto.ops.commands.calc import calc

Request = dict[str, object]

FLAT: Request = {"model": "flat", "amount": "29.90"}
PRICE: Request = {"op": "price", "currency": "EUR", "price": FLAT}
INVOICE: Request = {"op": "invoice", "currency": "EUR"}
LINE: Request = {"id": "a", "amount": "1", "tax_rate": "0"}
MARCH: Request = {"start": "2026-03-01", "end": "2026-04-01"}
PRORATE: Request = {
    "op": "prorate",
    "currency": "EUR",
    "amount": "1",
    "period": MARCH,
    "used": MARCH,
}
CHANGE: Request = {
    "op": "change",
    "currency": "EUR",
    "old": {"price": FLAT},
    "new": [{"price": FLAT}, {"price": {"model": "flat", "amount": "10"}}],
    "period": MARCH,
    "on": "2026-03-16",
}
EVENT: Request = {"time": "2026-03-01T10:00:00Z", "value": "2.5"}
METER: Request = {"aggregation": "sum"}
AGGREGATE: Request = {"op": "aggregate", "meter": METER, "period": MARCH, "events": [EVENT]}
PERIODS: Request = {"op": "periods", "start": "2026-01-01", "interval": "month"}
BASES: list[Request] = [
    PRICE,
    PRICE | {"price": {"model": "per_unit", "unit_amount": "0.07"}, "quantity": "3"},
    PERIODS | {"count": 2},
    INVOICE | {"lines": [LINE]},
    PRORATE,
    CHANGE,
    AGGREGATE,
    {"op": "retention", "survivors": [100, 70, 55], "horizon": 2},
]
NAMES = [
    *("price", "quantity", "quantities", "share", "minimum_share", "part", "previously_billed"),
    *("currency", "amount", "period", "used", "rule", "zone", "start", "end", "interval"),
    *("interval_count", "alignment", "anchor", "billing_day", "last_day", "count", "at", "op"),
    *("old", "new", "new_period", "on", "timing", "already_charged", "already_credited"),
    *("meter", "events", "aggregation", "filter", "group_by", "carry", "initial", "rounding"),
    *("lines", "discounts", "wallet", "paid", "replaces", "model", "tiers", "up_to", "minimum"),
    *("survivors", "horizon", "margin", "discount_rate", "tenure"),
]


def test_a_price_is_answered_in_full() -> None:
    assert calculate(PRICE | {"replaces": "20.00"}) == {
        "amount": "29.9",
        "true_up": "0.00",
        "rounded": "29.90",
        "currency": "EUR",
        "explanation": [
            {
                "what": "flat",
                "quantity": "1",
                "unit_amount": "29.9",
                "flat_amount": "0",
                "amount": "29.9",
            }
        ],
        "difference": "9.90",
    }


def test_a_period_is_answered_in_full() -> None:
    request = PERIODS | {"count": 1, "zone": "Europe/Helsinki"}
    assert calculate(request) == {
        "periods": [
            {
                "index": 0,
                "start": "2026-01-01",
                "end": "2026-02-01",
                "days": 31,
                "full_days": 31,
                "start_at": "2025-12-31T22:00:00Z",
                "end_at": "2026-01-31T22:00:00Z",
            }
        ]
    }


def test_an_invoice_is_answered_in_full() -> None:
    price = {"model": "per_unit", "unit_amount": "2", "minimum": "10"}
    tax = {"tax_category": "S", "tax_rate": "25.5", "gross": True}
    request = INVOICE | {
        "lines": [
            {"id": "base", "amount": "29.90", **tax, "tags": ["plan"]},
            {"id": "use", "price": price, "quantity": "3", **tax, "tags": ["usage"]},
        ],
        "discounts": [{"kind": "percent", "value": "50", "applies_to": {"tags": ["usage"]}}],
        "wallet": "5",
        "paid": "30.00",
    }
    assert calculate(request) == {
        "lines": [
            {"id": "base", "amount": "29.90", "discount": "0.00", "net": "29.90"},
            {"id": "use", "amount": "6.00", "discount": "3.00", "net": "3.00"},
            {"id": "use:minimum", "amount": "4.00", "discount": "2.00", "net": "2.00"},
        ],
        "discounts": [{"amount": "5.00"}],
        "tax": [{"category": "S", "rate": "25.5", "base": "27.81", "amount": "7.09"}],
        "net": "27.81",
        "tax_total": "7.09",
        "total": "34.90",
        "wallet_used": "4.90",
        "wallet_left": "0.10",
        "due": "0.00",
    }


def test_a_change_is_answered_in_full() -> None:
    assert calculate(CHANGE | {"already_charged": "20.00", "already_credited": "15.00"}) == {
        "credit": "5.00",
        "charge": "20.59",
        "net": "15.59",
        "lines": [
            {"side": "old", "amount": "-5.00"},
            {"side": "new", "amount": "15.43"},
            {"side": "new", "amount": "5.16"},
        ],
    }


@pytest.mark.parametrize(
    ("more", "credit", "charge"),
    [
        ({}, "15.43", "20.59"),
        ({"timing": "period_end"}, "0.00", "0.00"),
        ({"new": []}, "15.43", "0.00"),
        ({"old": None}, "0.00", "20.59"),
        ({"old": {}}, "0.00", "20.59"),
        ({"rule": "none"}, "0.00", "39.90"),
        ({"rule": "second"}, "15.43", "20.59"),
        ({"rule": "second", "on": "2026-03-16T12:00:00Z"}, "14.95", "19.95"),
        ({"on": "2026-03-15T22:30:00Z", "zone": "Europe/Helsinki"}, "15.43", "20.59"),
        ({"new_period": {"start": "2026-03-16", "end": "2027-03-16"}}, "15.43", "39.90"),
    ],
)
def test_which_change_is_asked_for(more: Request, credit: str, charge: str) -> None:
    answer = calculate(CHANGE | more)
    assert (answer["credit"], answer["charge"]) == (credit, charge)


def test_an_aggregate_is_answered_in_full() -> None:
    meter = METER | {"group_by": ["team"], "rounding": {"round": "up", "digits": 0}}
    events = [
        EVENT | {"properties": {"team": "a"}, "id": "1"},
        EVENT | {"value": "-1"},
        EVENT | {"value": "x", "id": "2"},
    ]
    assert calculate(AGGREGATE | {"meter": meter, "events": events}) == {
        "quantity": "3",
        "level": "1.5",
        "skipped": [
            {
                "index": 2,
                "id": "2",
                "code": "bad_value",
                "reason": "value is not a finite number; write one such as 12.5",
            }
        ],
        "groups": [
            {"by": {"team": "a"}, "quantity": "3"},
            {"by": {"team": None}, "quantity": "0"},
        ],
    }
    assert calculate(AGGREGATE) == {"quantity": "2.5", "level": "2.5", "skipped": []}


def test_a_line_that_replaces_another_charges_the_difference() -> None:
    line = {"id": "a", "price": FLAT, "replaces": "20.00", "tax_rate": "0"}
    assert calculate(INVOICE | {"lines": [line]})["total"] == "9.90"


@pytest.mark.parametrize(
    ("more", "indexes"),
    [
        ({"count": 3}, [0, 1, 2]),
        ({"count": 0}, []),
        ({"count": 3, "last_day": "2026-02-28"}, [0, 1]),
        ({"from": "2026-02-10", "until": "2026-04-01"}, [1, 2]),
        ({"from": "2026-02-10", "until": "2026-04-01T00:00:00Z"}, [1, 2]),
        ({"from": "2020-01-01", "until": "2026-01-01"}, []),
        ({"at": "2026-03-31"}, [2]),
        ({"at": "2026-03-31T22:30:00Z", "zone": "Europe/Helsinki"}, [3]),
        ({"at": "2026-02-01", "before": 5, "after": 1}, [0, 1, 2]),
        ({"at": "2026-05-01", "last_day": "2026-02-28"}, []),
    ],
)
def test_which_periods_are_asked_for(more: dict[str, object], indexes: list[int]) -> None:
    found = calculate(PERIODS | more)["periods"]
    assert isinstance(found, list)
    assert [period["index"] for period in found] == indexes


@pytest.mark.parametrize(
    ("request_", "code", "named"),
    [
        ([], "not_an_object", "object"),
        ({}, "missing", "op"),
        ({"op": "exchange"}, "unknown_op", "prorate"),
        ({"op": "price"}, "missing", "currency"),
        (PRICE | {"currency": "EUX"}, "unknown_currency", "EUX"),
        (PRICE | {"quantitty": "1"}, "unknown_field", "quantitty"),
        (PRICE | {"price": "flat"}, "not_an_object", "price"),
        (PRICE | {"price": FLAT | {"tax": "1"}}, "unknown_field", "price.tax"),
        (PRICE | {"price": {"model": "per_unit", "unit_amount": "1"}}, "missing", "quantity"),
        (PRICE | {"quantity": "-1"}, "negative", "quantity"),
        (PRICE | {"quantity": 0.1}, "bad_decimal", "quantity"),
        (PRICE | {"quantity": "1", "quantities": []}, "contradiction", "quantities"),
        (PRICE | {"quantities": [{"quantity": "-2"}]}, "negative", "quantity"),
        (PRICE | {"quantities": [{"amount": "2"}]}, "missing", "quantities[0].quantity"),
        (PRICE | {"share": "3/2"}, "bad_share", "share"),
        (PRICE | {"share": "1/0"}, "bad_share", "share"),
        (PRICE | {"share": "half"}, "bad_share", "share"),
        (PRICE | {"share": True}, "bad_share", "share"),
        (PRICE | {"part": "second"}, "bad_choice", "part"),
        (PRICE | {"replaces": "1.005"}, "too_many_decimals", "replaces"),
        (PRICE | {"amounts": ["1"]}, "unknown_field", "amounts"),
        (PERIODS, "missing", "count"),
        (PERIODS | {"count": 1, "at": "2026-01-01"}, "missing", "count"),
        (PERIODS | {"from": "2026-01-01"}, "missing", "until"),
        (PERIODS | {"count": 10_001}, "too_many", "count"),
        (PERIODS | {"from": "2026-01-01", "until": "9999-12-31"}, "too_many", "until"),
        (PERIODS | {"count": 1, "before": 1}, "unknown_field", "before"),
        (PERIODS | {"count": "1"}, "bad_count", "count"),
        (PERIODS | {"count": 1, "zone": "Mars"}, "unknown_zone", "Mars"),
        (PERIODS | {"count": 1, "billing_day": 5}, "contradiction", "billing_day"),
        (PERIODS | {"count": 1, "anchor": "2026-01-01"}, "contradiction", "anchor"),
        (PERIODS | {"count": 1, "start": "2026-02-30"}, "bad_date", "start"),
        (PERIODS | {"count": 1, "start": "2026-01-01T10:00:00"}, "bad_instant", "start"),
        (PERIODS | {"count": 1, "start": "2026-01-01T99:00:00Z"}, "bad_instant", "start"),
        (PERIODS | {"count": 1, "start": "9999-12-15"}, "out_of_range", "9999"),
        (PERIODS | {"count": 1, "last_day": "9999-12-31"}, "out_of_range", "range"),
        (CHANGE | {"old": [], "new": []}, "missing", "old"),
        (CHANGE | {"old": "basic"}, "not_an_object", "old"),
        (CHANGE | {"new": [{"price": FLAT | {"amount": "-1"}}]}, "negative", "new[0].price.amount"),
        (CHANGE | {"new": {"price": FLAT, "share": "1"}}, "unknown_field", "new.share"),
        (CHANGE | {"timing": "later"}, "bad_choice", "timing"),
        (CHANGE | {"on": None}, "missing", "on"),
        (CHANGE | {"period": MARCH | {"end": "2026-03-01"}}, "empty_period", "period.end"),
        (CHANGE | {"period": MARCH | {"days": 3}}, "unknown_field", "period.days"),
        (CHANGE | {"already_charged": "1.001"}, "too_many_decimals", "already_charged"),
        (CHANGE | {"already_credited": "-1"}, "negative", "already_credited"),
        (AGGREGATE | {"meter": "sum"}, "not_an_object", "meter"),
        (AGGREGATE | {"meter": METER | {"prorated": True}}, "unknown_field", "meter.prorated"),
        (AGGREGATE | {"meter": {"aggregation": "mean"}}, "bad_choice", "meter.aggregation"),
        (AGGREGATE | {"events": None}, "missing", "events"),
        (AGGREGATE | {"events": [EVENT | {"time": "noon"}]}, "bad_date", "events[0].time"),
        (AGGREGATE | {"events": [EVENT | {"vaule": "1"}]}, "unknown_field", "events[0].vaule"),
        (AGGREGATE | {"events": [EVENT | {"id": 7}]}, "bad_text", "events[0].id"),
        (AGGREGATE | {"events": [EVENT | {"properties": []}]}, "not_an_object", "properties"),
        (AGGREGATE | {"period": MARCH | {"end": "2026-03-01"}}, "empty_period", "period.end"),
        (AGGREGATE | {"period": MARCH | {"full_days": 3}}, "contradiction", "period.full_days"),
        (INVOICE, "missing", "lines"),
        (INVOICE | {"lines": [{"id": "a", "tax_rate": "0"}]}, "missing", "lines[0].amount"),
        (INVOICE | {"lines": [LINE | {"price": FLAT}]}, "missing", "lines[0].amount"),
        (INVOICE | {"lines": [LINE, LINE]}, "twice", "lines[1].id"),
        (INVOICE | {"lines": [LINE | {"tags": "x"}]}, "not_a_list", "lines[0].tags"),
        (INVOICE | {"lines": [LINE | {"quantity": "1"}]}, "unknown_field", "lines[0].quantity"),
        (INVOICE | {"lines": [LINE], "wallet": "0.001"}, "too_many_decimals", "wallet"),
        ({"op": "reference", "scheme": "xx", "base": "1234"}, "unknown_scheme", "xx"),
        ({"op": "reference", "scheme": "fi"}, "missing", "base"),
        ({"op": "barcode", "iban": "x", "reference": "1"}, "missing", "amount"),
    ],
)
def test_what_cannot_be_computed_says_why(request_: object, code: str, named: str) -> None:
    error = calculate(request_)["error"]
    assert isinstance(error, dict)
    assert error["code"] == code
    assert named in error["detail"]
    assert error.keys() == {"code", "detail"}


@pytest.mark.parametrize(
    ("applies_to", "code"),
    [
        ({"lines": ["b"]}, "unknown_line"),
        ({"lines": ["a"], "tags": ["x"]}, "missing"),
        ({}, "missing"),
        ({"lines": ["a"], "line": 1}, "unknown_field"),
    ],
)
def test_a_discount_names_lines_that_are_there(applies_to: object, code: str) -> None:
    discount = {"kind": "amount", "value": "1", "applies_to": applies_to}
    error = calculate(INVOICE | {"lines": [LINE], "discounts": [discount]})["error"]
    assert isinstance(error, dict)
    assert error["code"] == code


def test_no_barcode_without_a_finnish_account() -> None:
    request = {
        "op": "barcode",
        "iban": "DE89370400440532013000",
        "amount": "1",
        "reference": "1232",
    }
    error = calculate(request)["error"]
    assert isinstance(error, dict)
    assert error["code"] == "no_barcode"


def test_a_line_that_cannot_be_read_does_not_stop_the_others() -> None:
    good = json.dumps(PRICE).encode()
    lines = [
        good,
        b"nonsense\n",
        b"\n",
        b"\xff\n",
        b'"\\ud83d"',
        b"[" * 100_000,
        b" " * 4_000_001,
        good,
    ]
    answers = list(answer_lines(lines))
    codes = [answer.get("error") and answer["error"]["code"] for answer in answers]  # type: ignore[index]  # errors are objects
    assert codes == [None, *["bad_json"] * 5, "too_long", None]


@given(
    st.sampled_from(BASES),
    st.sampled_from(NAMES),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=5)
        | st.sampled_from(
            ["1", "-1", "0", "1/3", "JPY", "9999-12-31", "0001-01-01T00:00:00+14:00"]
        ),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(NAMES), inner),
        max_leaves=4,
    ),
)
def test_whatever_comes_in_is_answered(base: Request, name: str, value: object) -> None:
    line = msgspec.json.encode(base | {name: value})
    (answer,) = answer_lines([line])
    assert json.loads(msgspec.json.encode(answer)) == answer


def test_every_operation_has_a_name_of_its_own() -> None:
    assert list(OPERATIONS) == [
        *("price", "periods", "prorate", "change", "aggregate"),
        *("invoice", "reference", "barcode", "cancel", "credit", "retention"),
        "deliveries",
    ]


@pytest.mark.parametrize(("lines", "status"), [([PRICE, PRICE], 0), ([PRICE, {"op": "x"}], 1)])
def test_the_command_answers_a_file_and_says_in_its_status_whether_all_went_well(
    lines: list[object], status: int, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = tmp_path / "lines.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(typer.Exit) as left:
        calc(file)
    assert left.value.exit_code == status
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [("error" in answer) for answer in answers] == [False, bool(status)]


def test_the_command_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    typed = TextIOWrapper(BytesIO(json.dumps(PRICE).encode()))
    monkeypatch.setattr(sys, "stdin", typed)
    with pytest.raises(typer.Exit):
        calc(None)
    assert json.loads(capfdbinary.readouterr().out)["rounded"] == "29.90"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="can't be read"):
        calc(tmp_path / "nothing.jsonl")
