"""CloudEvents 1.0: an event as their clients send it, in the words of ours.

`type` is the meter, `subject` the customer, or a subscription by its `sub_...` id; the extension
attribute `subscription` names one by what the merchant calls it. `data` is an object of properties,
whose `value` is the event's own, or just a number or a text. Other attributes tell nothing about
usage and are left out.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from kesto.api.bodies import decoded_json
from kesto.api.doors.door import Asked
from kesto.api.problems import Problem
from kesto.core.metering.sent import Undated, Unreadable
from kesto.core.refusals import Invalid
from kesto.flows.accept_usage import Verdict

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
MARK = "HTTP_CE_SPECVERSION"
"""What a request has whose attributes stand in its headers."""

VERSION = "1.0"
FIELDS = {
    "meter": "type",
    "customer": "subject",
    "subscription": "subject",
    "value": "data",
    "properties": "data",
}
"""What a field of ours is called there."""

_SUBSCRIPTION = re.compile(r"sub_[0-9a-f]{32}")
_JSON = re.compile(r"(?:application|text)/(?:[\w.+-]+\+)?json")
_QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")
_HEADER = "HTTP_CE_"


def is_cloud(asked: Asked) -> bool:
    """Whether a request says that it brings CloudEvents."""
    return asked.content_type in {ONE, BATCH} or MARK in asked.surroundings


def events_of(asked: Asked) -> Sequence[object]:
    """The CloudEvents of a request in our words, in whichever mode they came. Raises Problem."""
    if asked.content_type not in {ONE, BATCH} and MARK in asked.surroundings:
        return [in_our_words(_in_headers(asked))]
    body = decoded_json(asked.body)
    if isinstance(body, dict):
        return [in_our_words(body)]
    if asked.content_type == ONE or not isinstance(body, list):
        detail = "The body must be a CloudEvent, or a JSON array of them sent as a batch."
        raise Problem(400, "not_a_list", detail, field="body")
    return [in_our_words(one) for one in body]


def in_our_words(one: object) -> object:
    """A CloudEvent as an event of ours, or what is wrong with it."""
    if not isinstance(one, Mapping):
        return Unreadable("", Invalid("an event must be an object", code="not_an_object"))
    try:
        return _translated(one)
    except Invalid as refused:
        own = one.get("id")
        return Unreadable(own if isinstance(own, str) else "", refused)


def in_their_words(verdict: Verdict) -> Verdict:
    """A verdict whose field is called as in a CloudEvent."""
    field = FIELDS.get(verdict.field, verdict.field)
    return Verdict(
        *(verdict.id, verdict.status, verdict.code, field, verdict.detail),
        note=verdict.note,
    )


def _translated(one: Mapping[str, Any]) -> dict[str, object]:
    if one.get("specversion") != VERSION:
        detail = f"specversion must be {VERSION!r}"
        raise Invalid(detail, code="unknown_specversion", field="specversion")
    for name in ("id", "source", "type"):
        if not isinstance(one.get(name), str) or not one[name]:
            raise Invalid(f"{name} must be a text", code="missing", field=name)
    subject, named = one.get("subject"), one.get("subscription")
    if named is None and isinstance(subject, str) and _SUBSCRIPTION.fullmatch(subject):
        named = subject
    data = _data(one)
    properties = data if isinstance(data, dict) else {}
    event = {
        "id": one["id"],
        "source": one["source"],
        "meter": one["type"],
        "customer": subject if named is None else None,
        "subscription": named,
        "time": one.get("time"),
        "value": properties.get("value") if isinstance(data, dict) else data,
        "properties": properties,
    }
    if isinstance(event["value"], dict | list):  # no amount: a property like others
        event["value"] = None
    return event if event["time"] is not None else Undated(event)


def _data(one: Mapping[str, Any]) -> object:
    """The data of a CloudEvent: an object, a number, a text or none."""
    kind = one.get("datacontenttype")
    data = one.get("data")
    if data is None and isinstance(one.get("data_base64"), str):
        try:
            data = _read(b64decode(one["data_base64"], validate=True), kind)
        except (binascii.Error, ValueError):
            raise Invalid(
                "data_base64 must be base64", code="bad_value", field="data_base64"
            ) from None
    if isinstance(data, list):
        detail = "data must be an object of properties, a number or a text"
        raise Invalid(detail, code="bad_value", field="data")
    return data


def _in_headers(asked: Asked) -> dict[str, object]:
    """A CloudEvent whose attributes are headers and whose data is the body."""
    found: dict[str, object] = {
        name.removeprefix(_HEADER).lower(): _unquoted(value)
        for name, value in asked.surroundings.items()
        if name.startswith(_HEADER)
    }
    return {**found, "data": _read(asked.body, asked.content_type)}


def _read(body: bytes, kind: object) -> object:
    """Data that came as bytes: JSON, where its type says so or it has none, else a text."""
    if not body:
        return None
    media_type = kind.partition(";")[0].strip().lower() if isinstance(kind, str) else ""
    if not media_type or _JSON.fullmatch(media_type):
        return decoded_json(body)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "bad_value", "The data is no text in UTF-8.", field="data") from None


def _unquoted(value: str) -> str:
    """The text of a header, in which what is not plain ASCII stands as `%C3%A4`."""
    raw = _QUOTED.sub(lambda found: bytes([int(found[1], 16)]), value.encode("utf-8", "replace"))
    return raw.decode("utf-8", "replace")
