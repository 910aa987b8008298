"""An event as somebody sends it: whose usage, of which meter, when, how much."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

import msgspec
from msgspec import Struct

from kesto.core.fields import Fields
from kesto.core.metering.event import Event, plain_value

LONGEST_NAME = 200
MOST_PROPERTY_BYTES = 10_000
OLDEST = timedelta(days=396)
"""Thirteen months: what is older can't be told from what was sent before any more."""
MOST_AHEAD = timedelta(days=1)


class Sent(Struct, frozen=True):
    """An event with a name of its own; it names its customer or its subscription."""

    meter: str
    event: Event
    customer: str = ""
    subscription: str = ""

    @property
    def key(self) -> UUID:
        """What the same event has whenever it is sent: the hash of its source and id."""
        return _hashed([self.event.source, self.event.id])

    @property
    def content(self) -> UUID:
        """What tells it from another event with the same id: the hash of all it says."""
        event = self.event
        said = [self.meter, self.customer, self.subscription, event.at, event.properties]
        return _hashed([*said, str(plain_value(event.value))])


def parse_sent(values: object, now: datetime) -> Sent:
    """Read an event. Raises Invalid naming the field.

    `time` is an instant with its zone, up to thirteen months old; `customer` or `subscription` is
    an id or an external id.
    """
    fields = Fields(values)
    own = _name(fields, "id")
    source = _name(fields, "source", "api")
    meter = _name(fields, "meter")
    customer, subscription = _name(fields, "customer", ""), _name(fields, "subscription", "")
    if bool(customer) == bool(subscription):
        fields.refuse("missing", "customer", "or subscription must be given, and not both")
    event = Event(_instant(fields, now), _value(fields), _properties(fields), own, source)
    fields.close()
    return Sent(meter, event, customer, subscription)


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
    encoded = msgspec.json.encode(said, order="sorted")
    return UUID(bytes=blake2b(encoded, digest_size=16).digest())
