"""An event as somebody sends it: whose usage, of which meter, when, how much."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, TypeGuard
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.metering.event import Event, plain_value, text_of
from kesto.core.metering.short import ratio_of

LONGEST_NAME = 200
MOST_PROPERTY_BYTES = 10_000
OLDEST = timedelta(days=396)
"""Thirteen months: what is older can't be told from what was sent before any more."""
MOST_AHEAD = timedelta(days=1)

_FIELDS = {"id", "source", "customer", "subscription", "meter", "time", "value", "properties"}
_by_name = msgspec.json.Encoder(order="sorted")


class Undated(dict[str, object]):
    """An event whose sender leaves its time to us: it happens when it comes.

    Sent again it comes at another time; its content is the same.
    """


class Sent(Struct, frozen=True, gc=False):
    """An event with a name of its own; it names its customer or its subscription.

    `key` is what the same event has whenever it is sent: the hash of its source and id. `content`
    tells it from another event with the same id: the hash of all it says.
    """

    meter: str
    event: Event
    key: UUID
    content: UUID
    customer: str = ""
    subscription: str = ""


def parse_sent(values: object, now: datetime) -> Sent:
    """Read an event. Raises Invalid naming the field.

    `time` is an instant with its zone, up to thirteen months old; `customer` or `subscription` is
    an id or an external id.
    """
    return _usual(values, now) or read_with_care(values, now)


def read_with_care(values: object, now: datetime) -> Sent:
    """The same for any event, field by field: what is wrong with one is found out here alone."""
    fields = Fields(values)
    own = _name(fields, "id")
    source = _name(fields, "source", "api")
    meter = _name(fields, "meter")
    customer, subscription = _name(fields, "customer", ""), _name(fields, "subscription", "")
    if bool(customer) == bool(subscription):
        fields.refuse("missing", "customer", "or subscription must be given, and not both")
    is_dated = fields.has("time") or not isinstance(values, Undated)
    at = _instant(fields, now) if is_dated else now
    event = Event(at, _value(fields), _properties(fields), own, source)
    fields.close()
    return _sent(meter, event, customer, subscription, is_dated=is_dated)


def key_of(source: str, own: str) -> UUID:
    """What an event is known by: the hash of its source and id."""
    return _hashed([source, own])


def _usual(values: object, now: datetime) -> Sent | None:
    """Read an event that has nothing unusual about it; None for all others.

    Nearly all are such, and the careful reading of one takes as long as all else that is done
    with it.
    """
    if type(values) is not dict or not values.keys() <= _FIELDS:
        return None
    get: Callable[..., Any] = values.get
    own, source, meter = get("id"), get("source", "api"), get("meter")
    customer, subscription = get("customer"), get("subscription")
    time, value, properties = get("time"), get("value"), get("properties")
    at = _utc(time) if type(time) is str else None
    if not (
        (customer is None) != (subscription is None)
        and _are_names(own, source, meter, subscription if customer is None else customer)
        and _is_plain(value)
        and (properties is None or _is_short(properties))
        and at is not None
        and now - OLDEST <= at <= now + MOST_AHEAD
    ):
        return None
    event = Event(at, value, properties or {}, own, source)
    return _sent(meter, event, customer or "", subscription or "")


def is_name(text: object) -> TypeGuard[str]:
    """Tell whether something may be a name: up to 200 characters that can be printed."""
    return type(text) is str and 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _are_names(*texts: object) -> bool:
    """Tell whether all of them may be names: the same, asked in one go."""
    for text in texts:
        if type(text) is not str or not 0 < len(text) <= LONGEST_NAME:
            return False
    return "".join(texts).isprintable()  # type: ignore[arg-type]  # texts, as was just seen


def _is_plain(value: object) -> bool:
    """Tell whether something is a value that can be kept, be it a number or not."""
    if type(value) is str:
        return len(value) <= LONGEST_NAME and value.isprintable()
    return value is None or type(value) is int or text_of(value) is not None


def _is_short(properties: object) -> TypeGuard[dict[str, object]]:
    if type(properties) is not dict:
        return False
    encoded = _encoded(properties)
    return encoded is not None and len(encoded) <= MOST_PROPERTY_BYTES


def _sent(
    meter: str, event: Event, customer: str, subscription: str, *, is_dated: bool = True
) -> Sent:
    at = event.at if is_dated else None
    value = ratio_of(event.value) or str(plain_value(event.value))
    said = [meter, customer, subscription, at, event.properties, value]
    key = _hashed([event.source, event.id])
    return Sent(meter, event, key, _hashed(said), customer, subscription)


def _name(fields: Fields, name: str, default: str | None = None) -> str:
    text = fields.text(name, default)
    if len(text) > LONGEST_NAME or not text.isprintable():
        fields.refuse("bad_text", name, f"must be up to {LONGEST_NAME} printable characters")
    return text


def _instant(fields: Fields, now: datetime) -> datetime:
    at = _utc(fields.text("time"))
    if at is None:
        reason = "must be an instant with its zone, such as 2026-10-01T12:00:00Z"
        fields.refuse("bad_time", "time", reason)
    if at < now - OLDEST:
        fields.refuse("too_old", "time", "is more than thirteen months ago")
    if at > now + MOST_AHEAD:
        fields.refuse("in_future", "time", "lies more than a day ahead")
    return at


def _utc(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is UTC:
            return at
        return at.astimezone(UTC) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _value(fields: Fields) -> object:
    value = fields.plain("value")
    if isinstance(value, Mapping | list):
        fields.refuse("bad_value", "value", "must be a number or a text")
    if isinstance(value, str) and (len(value) > LONGEST_NAME or not value.isprintable()):
        fields.refuse("bad_value", "value", f"may have up to {LONGEST_NAME} printable characters")
    return value


def _properties(fields: Fields) -> dict[str, object]:
    section = fields.optional_section("properties")
    if section is None:
        return {}
    found = {name: section.plain(name) for name in section.names()}
    encoded = _encoded(found)
    if encoded is None or len(encoded) > MOST_PROPERTY_BYTES:
        reason = f"must be at most {MOST_PROPERTY_BYTES} bytes of JSON without NUL characters"
        fields.refuse("bad_value", "properties", reason)
    return found


def _encoded(found: dict[str, object]) -> bytes | None:
    try:
        encoded = msgspec.json.encode(found)
    except (UnicodeEncodeError, RecursionError, msgspec.MsgspecError, ValueError):
        return None
    # Without the backslashes of the text itself, which stand in pairs, this is an escaped NUL.
    return None if b"\\u0000" in encoded.replace(rb"\\", b"") else encoded


def _hashed(said: object) -> UUID:
    return msgspec.convert(blake2b(_by_name.encode(said), digest_size=16).digest(), UUID)
