from datetime import UTC, datetime
from fractions import Fraction

import pytest

from kesto.core.fields import Fields
from kesto.core.metering import Event, Span, meter_events, meter_fields, parse_meter
from kesto.core.metering.event import Problem
from kesto.core.metering.expression import expression, value_by
from kesto.core.refusals import Invalid

AT = datetime(2026, 10, 5, tzinfo=UTC)


def event(value: object = None, **properties: object) -> Event:
    return Event(AT, value, properties)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("value", "7"),
        ("value * 1.5", "10.5"),
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-value + 8", "1"),
        ("10 - 2 - 3", "5"),
        ("8 / 2 / 2", "2"),
        ("properties.up+properties.down", "0.3"),
        ("properties.http.size / 1024", "0.5"),
        ("2 * -(value - 3)", "-8"),
        ("value / 3 * 3", "7"),
    ],
)
def test_an_expression_is_exact(text: str, found: str) -> None:
    sent = event("7", up="0.1", down="0.2", **{"http.size": 512})
    assert value_by(text, sent) == Fraction(found)


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("", "wants a number"),
        ("value +", "wants a number"),
        ("value 2", "can't be read from '2' on"),
        ("(value", "a bracket that is not closed"),
        ("value)", "can't be read from"),
        ("bytes", "knows no 'bytes'"),
        ("properties.", "knows no"),
        ("abs(value)", "knows no 'abs'"),
        ("value / value", "divides by a number only"),
        ("value / 0", "divides by zero"),
        ("value ** 2", "wants a number"),
        ("value; 1", "can't be read from '; 1' on"),
        ("__import__", "knows no"),
        ("(" * 30 + "1" + ")" * 30, "brackets inside each other"),
        ("1" * 201, "more than 200 characters"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, detail: str) -> None:
    with pytest.raises(Invalid) as refused:
        expression(text)
    assert (refused.value.code, refused.value.field) == ("bad_expression", "expression")
    assert detail in refused.value.detail


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("value + properties.absent", "missing"),
        ("properties.name * 2", "bad_value"),
        ("value / 3", "bad_value"),
        ("value * 1000000000000000", "bad_value"),
    ],
)
def test_what_comes_to_no_number_is_a_problem(text: str, code: str) -> None:
    found = value_by(text, event("7", name="x"))
    assert isinstance(found, Problem)
    assert found.code == code


def test_a_meter_sums_what_an_expression_comes_to() -> None:
    written = {"aggregation": "sum", "expression": "properties.up + properties.down"}
    meter = parse_meter(Fields(written))
    assert meter_fields(meter) == written
    sent = [event(None, up="0.1", down="0.2"), event(None, up="1"), event(None, up="2", down="3")]
    found = meter_events(meter, Span(AT, datetime(2026, 11, 1, tzinfo=UTC)), sent)
    assert found.quantity == Fraction("5.3")
    assert [one.problem.code for one in found.skipped] == ["missing"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"aggregation": "count"}, "expression"),
        ({"aggregation": "unique"}, "expression"),
        ({"aggregation": "sum", "property": "size"}, "expression"),
    ],
)
def test_an_expression_stands_alone_and_for_numbers(more: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_meter(Fields({"expression": "value", **more}))
    assert (refused.value.code, refused.value.field) == ("contradiction", field)
