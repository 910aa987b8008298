"""Short numbers and usual events say what the exact and the careful way say."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import shown
from kesto.core.metering.event import number_of, plain_value
from kesto.core.metering.sent import Undated, parse_sent, read_with_care
from kesto.core.metering.short import ratio_of, shown_of
from kesto.core.refusals import Invalid

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NUMBERS = st.one_of(
    st.from_regex(r"-?[0-9]{1,17}(\.[0-9]{1,14})?", fullmatch=True),
    st.sampled_from(["-0", "0.0", "-0.00", "00012.500", "1e3", "+1", ".5", "5.", "٣", "", " 1"]),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
)
NAMES: st.SearchStrategy[object] = st.sampled_from(
    ["a", "", " ", "a\x00", "é", "x" * 200, "x" * 201, None, 5, True, [], "b"]
)
TIMES = st.sampled_from(
    [
        *("2026-10-01T12:00:00Z", "2026-10-01T12:00:00+03:00", "2026-10-01", "now", None, 5, ""),
        *("2026-10-01T12:00:00", "2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "20261001T12Z"),
    ]
)
PROPERTIES = st.one_of(
    st.none(),
    st.dictionaries(st.text(max_size=3), st.one_of(NUMBERS, st.lists(NUMBERS, max_size=2))),
    st.sampled_from([{"a": "x" * 10_000}, [], "", 0, False]),
)
EVENTS = st.one_of(
    st.fixed_dictionaries(
        {"id": st.just("e1"), "meter": st.just("m"), "time": TIMES, "value": NUMBERS},
        optional={"customer": NAMES, "subscription": NAMES, "properties": PROPERTIES},
    ),
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("id", "source", "meter", "customer", "subscription"), NAMES),
            "time": TIMES,
            "value": st.one_of(NUMBERS, st.just([]), st.just({})),
            "properties": PROPERTIES,
            "more": st.none(),
        },
    ),
    st.sampled_from([None, 5, "text", []]),
)


def found(read: Any, event: object) -> object:
    try:
        return read(event, NOW)
    except Invalid as refused:
        return refused.code, refused.field, refused.detail


@given(NUMBERS)
def test_a_short_number_is_the_exact_one(value: object) -> None:
    exact = number_of(value)
    short = shown_of(value)
    if short is not None:
        assert isinstance(exact, Fraction)
        assert short == shown(exact)
    if ratio_of(value) is not None:
        assert ratio_of(value) == str(plain_value(value))


@pytest.mark.parametrize("value", ["1", "-1.5", "0", "0.10", "123456789012345", 7, -7])
def test_most_numbers_are_short(value: object) -> None:
    assert shown_of(value) is not None
    assert ratio_of(value) is not None


@given(EVENTS)
def test_a_usual_event_is_read_as_the_careful_reading_reads_it(event: object) -> None:
    assert found(parse_sent, event) == found(read_with_care, event)


def test_an_event_without_a_time_is_the_same_whenever_it_comes() -> None:
    event = Undated(id="e1", meter="m", customer="c", value="1", time=None)
    first, later = parse_sent(event, NOW), parse_sent(event, NOW.replace(day=2))
    assert (first.key, first.content) == (later.key, later.content)
    assert (first.event.at.day, later.event.at.day) == (1, 2)
    dated = parse_sent(Undated(event, time="2026-10-01T00:00:00Z"), NOW)
    assert dated.content == parse_sent({**event, "time": "2026-10-01T00:00:00Z"}, NOW).content
    assert dated.content != first.content
