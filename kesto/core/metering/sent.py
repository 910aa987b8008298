"""An event as somebody sends it: whose usage, of which meter, when, how much."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, TypeGuard

import msgspec
from msgspec import Meta, Struct

from kesto.core.fields import Fields
from kesto.core.metering.event import Event, plain_value, text_of
from kesto.core.metering.short import ratio_of
from kesto.core.refusals import Invalid

LONGEST_NAME = 200
MOST_PROPERTY_BYTES = 10_000
OLDEST = timedelta(days=396)
"""Thirteen months: what is older can't be told from what was sent before any more."""
MOST_AHEAD = timedelta(days=1)

_BAD_TIME = "must be an instant with its zone, such as 2026-10-01T12:00:00Z"
_NUL = b"\\u0000"
_EMPTY = blake2b(digest_size=16)
_by_name = msgspec.json.Encoder(order="sorted")


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


def parse_sent(sent: Sequence[object], now: datetime) -> list[Sent | Invalid]:
    """Read events; each, or what is wrong with it, naming the field.

    `time` is an instant with its zone, up to thirteen months old; `customer` or `subscription` is
    an id or an external id. The usual ones are read together, which takes a fraction of the time;
    the others are found by halves, and read with care.
    """
    usual = _usual(sent, now)
    if usual is not None:
        return usual
    if len(sent) == 1:
        return [_with_care(sent[0], now)]
    half = len(sent) // 2
    return [*parse_sent(sent[:half], now), *parse_sent(sent[half:], now)]


def read_with_care(values: object, now: datetime) -> Sent:
    """Read any event, field by field: what is wrong with one is found out here alone.

    Raises Invalid naming the field.
    """
    if isinstance(values, Unreadable):
        raise values.refusal
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
    return _sent(meter, event, customer, subscription, at if is_dated else None)


def key_of(source: str, own: str) -> bytes:
    """What an event is known by: the hash of its source and id."""
    return _hashed((source, own))


_Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]


class _Usual(Struct, forbid_unknown_fields=True, gc=False):
    """The fields of an event that has nothing unusual about it, before its texts are looked at."""

    id: _Name
    meter: _Name
    time: str
    source: _Name = "api"
    customer: _Name | None = None
    subscription: _Name | None = None
    value: Any = None
    properties: dict[str, Any] | None = None


def _usual(sent: Sequence[object], now: datetime) -> list[Sent | Invalid] | None:
    """Read events together that all have nothing unusual about them; None for others."""
    try:
        found = msgspec.convert(sent, list[_Usual])
        ats = [_utc(one.time) for one in found]
        properties = [_by_name.encode(one.properties) for one in found if one.properties]
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    if (
        min(ats, default=now) < now - OLDEST
        or max(ats, default=now) > now + MOST_AHEAD
        or any((one.customer is None) == (one.subscription is None) for one in found)
        or not _are_plain([one.value for one in found])
        or not _are_printable(found)
        or max(map(len, properties), default=0) > MOST_PROPERTY_BYTES
        or _NUL in b"".join(properties)
    ):
        return None
    return [
        _sent(
            one.meter,
            Event(at, one.value, one.properties or {}, one.id, one.source),
            one.customer or "",
            one.subscription or "",
            at,
        )
        for one, at in zip(found, ats, strict=True)
    ]


def is_name(text: object) -> TypeGuard[str]:
    """Tell whether something may be a name: up to 200 characters that can be printed."""
    return type(text) is str and 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _with_care(values: object, now: datetime) -> Sent | Invalid:
    try:
        return read_with_care(values, now)
    except Invalid as refused:
        return refused


def _are_plain(values: Sequence[object]) -> bool:
    """Tell whether all of them are values that can be kept, be they numbers or not."""
    texts = [value for value in values if isinstance(value, str)]
    others = [value for value in values if value is not None and type(value) is not str]
    return (
        all(text_of(value) is not None for value in others)
        and max(map(len, texts), default=0) <= LONGEST_NAME
        and "".join(texts).isprintable()
    )


def _are_printable(found: Sequence[_Usual]) -> bool:
    """Tell whether all that is called by a name in events can be printed."""
    names = [one.id for one in found]
    names += {one.meter for one in found} | {one.source for one in found}
    names += [one.customer or one.subscription or "" for one in found]
    return "".join(names).isprintable()


def _sent(
    meter: str, event: Event, customer: str, subscription: str, said_at: datetime | None
) -> Sent:
    value = ratio_of(event.value) or str(plain_value(event.value))
    content = _hashed((meter, customer, subscription, said_at, event.properties, value))
    key = _hashed((event.source, event.id))
    return Sent(meter, event, key, content, customer, subscription)


def _name(fields: Fields, name: str, default: str | None = None) -> str:
    text = fields.text(name, default)
    if len(text) > LONGEST_NAME or not text.isprintable():
        fields.refuse("bad_text", name, f"must be up to {LONGEST_NAME} printable characters")
    return text


def _instant(fields: Fields, now: datetime) -> datetime:
    try:
        at = _utc(fields.text("time"))
    except ValueError:
        fields.refuse("bad_time", "time", _BAD_TIME)
    if at < now - OLDEST:
        fields.refuse("too_old", "time", "is more than thirteen months ago")
    if at > now + MOST_AHEAD:
        fields.refuse("in_future", "time", "lies more than a day ahead")
    return at


def _utc(text: str) -> datetime:
    """An instant in UTC. Raises ValueError for what is none, or has no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError(text)
    try:
        return at.astimezone(UTC)
    except OverflowError as beyond:
        raise ValueError(text) from beyond


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
    return None if _NUL in encoded.replace(rb"\\", b"") else encoded


def _hashed(said: object) -> bytes:
    found = _EMPTY.copy()  # made in half the time of a new one
    found.update(_by_name.encode(said))
    return found.digest()
