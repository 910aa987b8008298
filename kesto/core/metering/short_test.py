"""Short numbers and usual events say what the exact and the careful way say."""

from collections import UserDict
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kesto.core.exact import shown
from kesto.core.metering.event import number_of, plain_value
from kesto.core.metering.sent import Sent, Undated, Unreadable, read_with_care
from kesto.core.metering.sent_together import read_events
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
VALUES: st.SearchStrategy[object] = st.one_of(
    NUMBERS,
    st.sampled_from(
        [
            *(
                [],
                {},
                Decimal("2.50"),
                Decimal("1E+3"),
                b"1",
                "1" * 200,
                "1" * 201,
                "1\n",
                "\ud800",
            ),
            *(2**70, float("inf"), datetime(2026, 10, 1, tzinfo=UTC)),
        ]
    ),
)
NAMES: st.SearchStrategy[object] = st.sampled_from(
    [
        *("a", "", " ", "a\x00", "é", "x" * 200, "x" * 201, "é" * 200, None, 5, True, [], "b"),
        *("\ud800", "\u2028", "\x7f", b"a"),
    ]
)
TIMES = st.sampled_from(
    [
        *("2026-10-01T12:00:00Z", "2026-10-01T12:00:00+03:00", "2026-10-01", "now", None, 5, ""),
        *("2026-10-01T12:00:00", "2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "20261001T12Z"),
        *("2026-10-01t12:00:00z", "2026-10-01 12:00:00Z", "2026-10-01T12:00:00.1234567Z"),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", " 2026-10-01T12:00:00Z"),
        *(datetime(2026, 10, 1, tzinfo=UTC), "2026-10-01T24:00:00Z", "2026-10-01T12:00:60Z"),
    ]
)
PROPERTIES = st.one_of(
    st.none(),
    st.dictionaries(st.text(max_size=3), st.one_of(NUMBERS, st.lists(NUMBERS, max_size=2))),
    st.sampled_from([{"a": "x" * 10_000}, [], "", 0, False, [["a", 1]], UserDict(a=1)]),
    st.sampled_from([{"a": "x\x00"}, {"a": "\\u0000"}, {"\ud800": 1}, {"a": Decimal("1.0")}]),
)
EVENTS = st.one_of(
    st.fixed_dictionaries(
        {"id": st.just("e1"), "meter": st.just("m"), "time": TIMES, "value": VALUES},
        optional={"customer": NAMES, "subscription": NAMES, "properties": PROPERTIES},
    ),
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("id", "source", "meter", "customer", "subscription"), NAMES),
            "time": TIMES,
            "value": VALUES,
            "properties": PROPERTIES,
            "more": st.none(),
        },
    ),
    st.sampled_from([None, 5, "text", [], Unreadable("e1", Invalid("is none", code="none"))]),
)
USUAL = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["e1", "e2", "é"]),
        "customer": st.just("c"),
        "meter": st.just("m"),
        "time": st.just("2026-10-01T12:00:00Z"),
        "value": st.sampled_from(["1", "2.50", "-0", "x", 7, None]),
        "properties": st.just({"zone": "EU"}),
    }
)


def with_care(event: object, now: datetime = NOW) -> Sent | Invalid:
    try:
        return read_with_care(event, now)
    except Invalid as refused:
        return refused


def read(event: object, now: datetime = NOW) -> Sent:
    (found,) = read_events([event], now).each()
    assert isinstance(found, Sent)
    return found


def said(found: Sent | Invalid) -> object:
    return found if isinstance(found, Sent) else (found.code, found.field, found.detail)


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
    (found,) = read_events([event], NOW).each()
    assert said(found) == said(with_care(event))


@given(EVENTS)
def test_an_event_is_the_same_whichever_way_it_is_held(event: object) -> None:
    if isinstance(event, dict):
        for held in (Undated(event), UserDict(event)):
            (found,) = read_events([held], NOW).each()
            assert said(found) == said(with_care(held))


@given(st.lists(st.one_of(USUAL, USUAL, EVENTS), max_size=9))
def test_what_is_unusual_in_a_list_changes_nothing_for_the_others(events: list[object]) -> None:
    found = read_events(events, NOW).each()
    assert [said(one) for one in found] == [said(with_care(event)) for event in events]


def test_an_event_without_a_time_is_the_same_whenever_it_comes() -> None:
    event = Undated(id="e1", meter="m", customer="c", value="1", time=None)
    first, later = read(event), read(event, NOW.replace(day=2))
    assert (first.key, first.content) == (later.key, later.content)
    assert (first.event.at.day, later.event.at.day) == (1, 2)
    dated = read(Undated(event, time="2026-10-01T00:00:00Z"))
    assert dated.content == read({**event, "time": "2026-10-01T00:00:00Z"}).content
    assert dated.content != first.content
