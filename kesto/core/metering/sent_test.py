"""An event as somebody sends it: how it is read, what is refused, and what tells it apart."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from kesto.core.metering.event import Event
from kesto.core.metering.sent import Sent, Undated, is_name, key_of, read_with_care
from kesto.core.metering.sent_together import read_events
from kesto.core.refusals import Invalid
from tests.refused import refused

NOW = datetime(2026, 10, 15, 12, 30, 15, tzinfo=UTC)
THIRTEEN_MONTHS, DAY, MOMENT = timedelta(days=396), timedelta(days=1), timedelta(microseconds=1)
PLAIN: Mapping[str, object] = {
    "id": "a-1",
    "meter": "minutes",
    "customer": "aino",
    "time": "2026-10-01T12:00:00Z",
}
AT = datetime(2026, 10, 1, 12, tzinfo=UTC)
NAMES = ("id", "source", "meter", "customer", "subscription")
LONGEST = "x" * 200


def parsed(values: object, now: datetime = NOW) -> Sent:
    """What comes of one event."""
    (found,) = read_events([values], now).each()
    if isinstance(found, Invalid):
        raise found
    return found


def read(**more: object) -> Sent:
    """What comes of the plain event with other fields: the same at once and with care."""
    values = {**PLAIN, **more}
    found = parsed(values)
    assert found == read_with_care(values, NOW)
    return found


def no(**more: object) -> tuple[str, str, str]:
    values = {**PLAIN, **more}
    found = refused(Invalid, lambda: parsed(values))
    assert found == refused(Invalid, lambda: read_with_care(values, NOW))
    return found


def said(found: Sent) -> tuple[object, ...]:
    return found.meter, found.event, found.customer, found.subscription


def test_an_event_needs_an_id_a_meter_a_customer_and_a_time() -> None:
    found = read()
    assert said(found) == ("minutes", Event(AT, None, {}, "a-1", "api"), "aino", "")


def test_an_event_is_read_field_by_field() -> None:
    found = read(source="bank", customer=None, subscription="s", value="2.5", properties={"a": [1]})
    assert said(found) == ("minutes", Event(AT, "2.5", {"a": [1]}, "a-1", "bank"), "", "s")


@pytest.mark.parametrize("missing", ["id", "meter", "time"])
def test_what_an_event_needs_is_asked_for(missing: str) -> None:
    assert no(**{missing: None}) == ("missing", missing, f"{missing} is missing")
    for wrong in ("", 7):
        assert no(**{missing: wrong}) == ("bad_text", missing, f"{missing} must be a text")


@pytest.mark.parametrize("more", [{"customer": None}, {"subscription": "s"}])
def test_an_event_belongs_to_a_customer_or_to_a_subscription(more: dict[str, object]) -> None:
    assert no(**more) == (
        "missing",
        "customer",
        "customer or subscription must be given, and not both",
    )


def test_what_is_no_event_is_refused() -> None:
    assert refused(Invalid, lambda: parsed([]))[0] == "not_an_object"
    code, field, _ = no(amount="1")
    assert (code, field) == ("unknown_field", "amount")


def named(name: str, text: str) -> dict[str, object]:
    """The fields with a name in place of another; a subscription stands in for the customer."""
    return {name: text} if name != "subscription" else {"customer": None, name: text}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_has_up_to_200_printable_characters(name: str) -> None:
    found = read(**named(name, LONGEST))
    names = (found.event.id, found.event.source, found.meter, found.customer, found.subscription)
    assert names[NAMES.index(name)] == LONGEST
    refusal = ("bad_text", name, f"{name} must be up to 200 printable characters")
    for text in (LONGEST + "x", "a\nb", "a\x00", "\ud800", "a\u2028b"):
        assert no(**named(name, text)) == refusal


@pytest.mark.parametrize("text", ["x", LONGEST, "ääni", "a b"])
def test_what_may_be_a_name(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["", LONGEST + "x", "a\tb", 7, None, ["x"]])
def test_what_can_not_be_a_name(text: object) -> None:
    assert not is_name(text)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-10-01T12:00:00Z", datetime(2026, 10, 1, 12, tzinfo=UTC)),
        ("2026-10-01T12:00:00.25+03:00", datetime(2026, 10, 1, 9, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-10-01T23:30-01:30", datetime(2026, 10, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_kept_as_an_instant(text: str, at: datetime) -> None:
    found = read(time=text).event.at
    assert found == at
    assert found.tzinfo is UTC  # whatever the zone of the machine


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-01T12:00:00",  # without its zone
        "2026-10-01",
        "yesterday",
        "2026-02-29T12:00:00Z",
        "0001-01-01T00:00:00+23:59",  # before the first year
        "9999-12-31T23:59:59-23:59",
    ],
)
def test_a_time_that_is_no_instant_is_refused(text: str) -> None:
    assert no(time=text) == (
        "bad_time",
        "time",
        "time must be an instant with its zone, such as 2026-10-01T12:00:00Z",
    )


@pytest.mark.parametrize("at", [NOW - THIRTEEN_MONTHS, NOW, NOW + DAY])
def test_a_time_lies_up_to_thirteen_months_back_and_a_day_ahead(at: datetime) -> None:
    assert read(time=at.isoformat()).event.at == at


@pytest.mark.parametrize(
    ("at", "code", "reason"),
    [
        (NOW - THIRTEEN_MONTHS - MOMENT, "too_old", "is more than thirteen months ago"),
        (NOW - THIRTEEN_MONTHS - DAY, "too_old", "is more than thirteen months ago"),
        (NOW + DAY + MOMENT, "in_future", "lies more than a day ahead"),
        (NOW + THIRTEEN_MONTHS, "in_future", "lies more than a day ahead"),
    ],
)
def test_a_time_beyond_that_is_refused(at: datetime, code: str, reason: str) -> None:
    assert no(time=at.isoformat()) == (code, "time", f"time {reason}")


@pytest.mark.parametrize("value", [None, 0, -2.5, True, "", "12.50", "ääni", LONGEST])
def test_a_value_is_a_number_or_a_text(value: object) -> None:
    assert read(value=value).event.value == value


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({}, "must be a number or a text"),
        ([], "must be a number or a text"),
        (["1"], "must be a number or a text"),
        (LONGEST + "x", "may have up to 200 printable characters"),
        ("a\nb", "may have up to 200 printable characters"),
        ("\x00", "may have up to 200 printable characters"),
    ],
)
def test_another_value_is_refused(value: object, reason: str) -> None:
    assert no(value=value) == ("bad_value", "value", f"value {reason}")


PROPERTIES = (
    "bad_value",
    "properties",
    "properties must be at most 10000 bytes of JSON without NUL characters",
)


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"a": None, "b": {"c": [1, 2.5, True]}},
        {"text": "x" * (10_000 - len('{"text":""}'))},
        {"text": "ä" * 4_994 + "x"},  # two bytes each
        {"code": "\\u0000", "more": "\\\\u0000"},  # characters, none of them NUL
    ],
)
def test_properties_are_kept_as_they_are(properties: dict[str, object]) -> None:
    assert read(properties=properties).event.properties == properties


def nested(depth: int) -> object:
    found: object = 1
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize(
    "properties",
    [
        {"text": "x" * (10_001 - len('{"text":""}'))},
        {"text": "ä" * 4_995},
        {"text": "a\x00b"},
        {"text": "\\\x00"},
        {"text": "\\\\\x00"},
        {"a\x00": 1},
        {"a": {"b": ["\x00"]}},
        {"text": "\ud800"},
        {"deep": nested(5_000)},
    ],
)
def test_properties_that_can_not_be_kept_are_refused(properties: dict[str, object]) -> None:
    assert no(properties=properties) == PROPERTIES


def test_properties_are_an_object() -> None:
    assert no(properties=[]) == (
        "not_an_object",
        "properties",
        "properties must be an object with named fields",
    )


# What was kept before must be found again: these never change.
KEY = UUID("21c2992e-e9e7-d1c5-05a0-4fc0170b092a").bytes
CONTENT = UUID("baa01224-7f7d-1397-c076-31997cbe8ca8").bytes
UNDATED = UUID("be7ce298-8fb3-fc34-d4ee-c9d1e33f93f4").bytes


@pytest.mark.parametrize("value", ["2.5", "2.50", "+2.5", 2.5])
@pytest.mark.parametrize("properties", [{"a": 1, "b": "x"}, {"b": "x", "a": 1}])
def test_the_same_event_has_the_same_key_and_content_for_ever(
    value: object, properties: dict[str, object]
) -> None:
    found = read(value=value, properties=properties)
    assert (found.key, found.content) == (KEY, CONTENT)
    assert key_of("api", "a-1") == KEY


@pytest.mark.parametrize("other", [{"id": "a-2"}, {"source": "bank"}])
def test_an_event_with_another_id_or_source_is_another(other: dict[str, object]) -> None:
    assert read(**other).key != KEY
    assert read(**other).content == read().content


@pytest.mark.parametrize(
    "other",
    [
        {"time": "2026-10-01T12:00:01Z"},
        {"value": "1"},
        {"properties": {"a": 1}},
        {"meter": "hours"},
        {"customer": "veikko"},
        {"customer": None, "subscription": "aino"},
    ],
)
def test_an_event_that_says_something_else_has_other_content(other: dict[str, object]) -> None:
    assert read(**other).key == KEY
    assert read(**other).content != read().content


def test_an_event_without_a_time_of_its_own_happens_when_it_comes() -> None:
    values = Undated({name: value for name, value in PLAIN.items() if name != "time"})
    first, again = (parsed(values, at) for at in (NOW, NOW + DAY))
    assert [one.event.at for one in (first, again)] == [NOW, NOW + DAY]
    assert (first.key, first.content) == (again.key, again.content) == (KEY, UNDATED)
    assert refused(Invalid, lambda: parsed(dict(values)))[:2] == ("missing", "time")
    dated = parsed(Undated(PLAIN))
    assert dated == read()
    assert dated.content != UNDATED
