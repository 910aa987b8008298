"""Events as they were sent, read together: all that have nothing unusual about them at once."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from operator import eq
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import astuple

from kesto.core.metering.event import Event, plain_value, text_of
from kesto.core.metering.sent import (
    LONGEST_NAME,
    MOST_AHEAD,
    MOST_PROPERTY_BYTES,
    NUL,
    OLDEST,
    SOURCE,
    Sent,
    by_name,
    hashes,
    instants,
    properties_as_kept,
    read_with_care,
)
from kesto.core.metering.short import both_of_each, shown_of
from kesto.core.refusals import Invalid

_Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]


class Usual(Struct, forbid_unknown_fields=True, gc=False):
    """An event as it was sent, where each field is of its usual kind; its texts may say anything.

    It takes a fraction of what the same as a dictionary takes. What was left out is UNSET.
    """

    id: _Name
    meter: _Name
    time: str
    source: _Name | UnsetType = UNSET
    customer: _Name | UnsetType | None = UNSET
    subscription: _Name | UnsetType | None = UNSET
    value: Any = UNSET
    properties: dict[str, Any] | UnsetType | None = UNSET


class SentEvents(Struct):
    """Events field by field: what stands at a place of each list is of one event.

    `numbers` tells which of those that were sent it was; `refused` says by that number what is
    wrong with the others. Where nobody is named it is the empty text. `shown` is the value, where
    it is a short number, and `encoded` the properties in JSON, if there are any. For `keys` and
    `contents` see `Sent`.
    """

    numbers: Sequence[int]
    ids: Sequence[str]
    sources: Sequence[str]
    meters: Sequence[str]
    customers: Sequence[str]
    subscriptions: Sequence[str]
    ats: Sequence[datetime]
    values: Sequence[object]
    properties: Sequence[Mapping[str, object]]
    keys: Sequence[bytes]
    contents: Sequence[bytes]
    shown: Sequence[str | None]
    encoded: Sequence[bytes | None]
    refused: dict[int, Invalid]

    def at_place(self, place: int) -> Sent:
        """One of them by itself."""
        event = Event(
            *(self.ats[place], self.values[place], self.properties[place]),
            *(self.ids[place], self.sources[place]),
        )
        return Sent(
            *(self.meters[place], event, self.keys[place], self.contents[place]),
            *(self.customers[place], self.subscriptions[place]),
        )

    def each(self) -> Iterator[Sent | Invalid]:
        """All that were sent, in their order."""
        found: dict[int, Sent | Invalid] = {**self.refused}
        found |= {number: self.at_place(place) for place, number in enumerate(self.numbers)}
        return (found[number] for number in sorted(found))


def usual_events(body: bytes) -> list[Usual] | None:
    """The events of a body, if it is one or a list of them, all of the usual kind."""
    try:
        found = _body.decode(body)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    return found if isinstance(found, list) else [found]


def read_events(sent: Sequence[object], now: datetime, first: int = 0) -> SentEvents:
    """Read events; each, or what is wrong with it, naming the field. `first`: number of the first.

    `time` is an instant with its zone, up to thirteen months old; `customer` or `subscription` is
    an id or an external id. The usual ones are read together, which takes a fraction of the time;
    the others are found by halves, and read with care.
    """
    usual = _usual(sent, now, first)
    if usual is not None:
        return usual
    if len(sent) == 1:
        return _with_care(sent[0], now, first)
    half = len(sent) // 2
    one, other = read_events(sent[:half], now, first), read_events(sent[half:], now, first + half)
    *columns, refused = zip(astuple(one), astuple(other), strict=True)
    return _of_columns([[*first, *then] for first, then in columns], refused[0] | refused[1])


def as_sent(one: object) -> object:
    """What was sent as an event, as whoever sent it would know it again."""
    return msgspec.to_builtins(one) if isinstance(one, Usual) else one


_body = msgspec.json.Decoder(list[Usual] | Usual)


def _usual(sent: Sequence[object], now: datetime, first: int) -> SentEvents | None:
    """Read events together that all have nothing unusual about them; None for others."""
    try:
        found = msgspec.convert(sent, list[Usual])
        ats = instants([one.time for one in found])
        properties = [one.properties or {} for one in found]
        encoded = by_name.encode_lines(properties).split(b"\n")[:-1]
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    values = [None if one.value is UNSET else one.value for one in found]
    ids, meters = [one.id for one in found], [one.meter for one in found]
    sources = [one.source or SOURCE for one in found]
    customers = [one.customer or "" for one in found]
    subscriptions = [one.subscription or "" for one in found]
    if (
        min(ats, default=now) < now - OLDEST
        or max(ats, default=now) > now + MOST_AHEAD
        or not _is_one_of_them_named(customers, subscriptions)
        or not _are_plain(values)
        or not "".join([*ids, *{*meters}, *{*sources}, *customers, *subscriptions]).isprintable()
        or max(map(len, encoded), default=0) > MOST_PROPERTY_BYTES
        or NUL in b"".join(encoded)
    ):
        return None
    written = map(msgspec.Raw, encoded)  # as they would be written in what is said of each
    numbers = both_of_each(values)
    said = [
        both[0] if both else str(plain_value(value))
        for both, value in zip(numbers, values, strict=True)
    ]
    return SentEvents(
        *(range(first, first + len(found)), ids, sources, meters, customers, subscriptions),
        *(ats, values, properties, hashes([*zip(sources, ids, strict=True)])),
        hashes([*zip(meters, customers, subscriptions, ats, written, said, strict=True)]),
        shown=[both[1] if both else None for both in numbers],
        encoded=[None if one == b"{}" else one for one in encoded],
        refused={},
    )


def _with_care(values: object, now: datetime, number: int) -> SentEvents:
    try:
        one = read_with_care(as_sent(values), now)
    except Invalid as refused:
        return _of_columns([[] for _ in SentEvents.__struct_fields__[1:]], {number: refused})
    event = one.event
    row = (
        *(number, event.id, event.source, one.meter, one.customer, one.subscription),
        *(event.at, event.value, event.properties, one.key, one.content),
        *(shown_of(event.value), properties_as_kept(event.properties)),
    )
    return _of_columns([[field] for field in row], {})


def _of_columns(columns: Sequence[Sequence[Any]], refused: dict[int, Invalid]) -> SentEvents:
    return SentEvents(*[*columns, cast("Any", refused)])


def _is_one_of_them_named(customers: Sequence[str], subscriptions: Sequence[str]) -> bool:
    """Tell whether each event names a customer or a subscription, and not both."""
    if not any(subscriptions):
        return all(customers)
    return not any(map(eq, map(bool, customers), map(bool, subscriptions)))


def _are_plain(values: Sequence[Any]) -> bool:
    """Tell whether all of them are values that can be kept, be they numbers or not."""
    texts: Sequence[str] = values
    if {*map(type, values)} != {str}:
        texts = [value for value in values if isinstance(value, str)]
        others = [value for value in values if value is not None and type(value) is not str]
        if any(text_of(value) is None for value in others):
            return False
    return max(map(len, texts), default=0) <= LONGEST_NAME and "".join(texts).isprintable()
