"""An event as somebody sends it: whose usage, of which meter, when, how much."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TypeGuard

import msgspec
from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.metering.event import Event, plain_value
from kesto.core.metering.short import ratio_of
from kesto.core.refusals import Invalid

LONGEST_NAME = 200
MOST_PROPERTY_BYTES = 10_000
OLDEST = timedelta(days=396)
"""Thirteen months: what is older can't be told from what was sent before any more."""
MOST_AHEAD = timedelta(days=1)
SOURCE = "api"
"""Where an event comes from that says nothing of it."""

_BAD_TIME = "must be an instant with its zone, such as 2026-10-01T12:00:00Z"
NUL = b"\\u0000"
by_name = msgspec.json.Encoder(order="sorted")
_EMPTY = blake2b(digest_size=16)


class Undated(dict[str, object]):
    """An event whose sender leaves its time to us: it happens when it comes.

    Sent again it comes at another time; its content is the same.
    """


class Unreadable(Struct, frozen=True):
    """What was sent as an event and is none, as whoever read it found out."""

    id: str
    refusal: Invalid


class Sent(Struct, frozen=True, gc=False):
    """An event with a name of its own; it names its customer or its subscription.

    `key` is what the same event has whenever it is sent: the hash of its source and id. `content`
    tells it from another event with the same id: the hash of all it says. Both are the 16 bytes of
    an id.
    """

    meter: str
    event: Event
    key: bytes
    content: bytes
    customer: str = ""
    subscription: str = ""


def read_with_care(values: object, now: datetime) -> Sent:
    """Read any event, field by field: what is wrong with one is found out here alone.

    Raises Invalid naming the field.
    """
    if isinstance(values, Unreadable):
        raise values.refusal
    fields = Fields(values)
    own = _name(fields, "id")
    source = _name(fields, "source", SOURCE)
    meter = _name(fields, "meter")
    customer, subscription = _name(fields, "customer", ""), _name(fields, "subscription", "")
    if bool(customer) == bool(subscription):
        fields.refuse("missing", "customer", "or subscription must be given, and not both")
    is_dated = fields.has("time") or not isinstance(values, Undated)
    at = _instant(fields, now) if is_dated else now
    event = Event(at, _value(fields), _properties(fields), own, source)
    fields.close()
    return _sent(meter, event, customer, subscription, at if is_dated else None)


def key_of(source: str, own: str) -> bytes:
    """What an event is known by: the hash of its source and id."""
    return hashes([(source, own)])[0]


def hashes(said: Iterable[object]) -> list[bytes]:
    """The hash of each thing that is said, by its JSON in the order of names."""
    found = []
    for line in by_name.encode_lines(said).split(b"\n")[:-1]:
        one = _EMPTY.copy()  # made in half the time of a new one
        one.update(line)
        found.append(one.digest())
    return found


def properties_as_kept(properties: Mapping[str, object]) -> bytes | None:
    """The JSON of properties; None where there are none."""
    return by_name.encode(properties) if properties else None


def instants(texts: Iterable[str]) -> list[datetime]:
    """Instants in UTC. Raises ValueError for what is none, or has no zone."""
    found = map(datetime.fromisoformat, texts)
    return [at if at.tzinfo is UTC else _in_utc(at) for at in found]


def is_name(text: object) -> TypeGuard[str]:
    """Tell whether something may be a name: up to 200 characters that can be printed."""
    return type(text) is str and 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _sent(
    meter: str, event: Event, customer: str, subscription: str, said_at: datetime | None
) -> Sent:
    value = ratio_of(event.value) or str(plain_value(event.value))
    said = (meter, customer, subscription, said_at, event.properties, value)
    content, key = hashes((said, (event.source, event.id)))
    return Sent(meter, event, key, content, customer, subscription)


def _name(fields: Fields, name: str, default: str | None = None) -> str:
    text = fields.text(name, default)
    if len(text) > LONGEST_NAME or not text.isprintable():
        fields.refuse("bad_text", name, f"must be up to {LONGEST_NAME} printable characters")
    return text


def _instant(fields: Fields, now: datetime) -> datetime:
    try:
        at = instants([fields.text("time")])[0]
    except ValueError:
        fields.refuse("bad_time", "time", _BAD_TIME)
    if at < now - OLDEST:
        fields.refuse("too_old", "time", "is more than thirteen months ago")
    if at > now + MOST_AHEAD:
        fields.refuse("in_future", "time", "lies more than a day ahead")
    return at


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(at)
    try:
        return at.astimezone(UTC)
    except OverflowError as beyond:
        raise ValueError(at) from beyond


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
    return None if NUL in encoded.replace(rb"\\", b"") else encoded
