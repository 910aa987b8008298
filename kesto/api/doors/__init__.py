"""The doors: the calls that a merchant's own systems make all day, beside Django.

The front asks here first; an address that is no door goes to Django. The same address in Django's
table describes the call and leads through the same door, so there is one way of doing it.
"""

from collections.abc import Mapping
from typing import Any

from kesto.api.doors import looking, sending
from kesto.api.doors.door import Coming, Door

__all__ = ["door_of", "open_door"]

DOORS: Mapping[tuple[str, str], Door] = {
    ("POST", "/v1/events"): sending.SEND,
    ("GET", looking.CHECK_PATH): looking.CHECK,
    # Where the clients of OpenMeter send their CloudEvents.
    ("POST", "/api/v1/events"): sending.SEND_CLOUDS,
}


def door_of(method: str, path: str) -> Door | None:
    """The door at an address, if there is one."""
    if method == "GET" and looking.USAGE_PATH.fullmatch(path):
        return looking.USAGE
    return DOORS.get((method, path))


def open_door(surroundings: dict[str, Any]) -> Coming | None:
    """Answer a request, as WSGI tells it, that comes to a door; None where there is none."""
    # WSGI has the bytes of a path as if they were Latin-1.
    path = surroundings["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    door = door_of(surroundings["REQUEST_METHOD"], path)
    return door.open(path, surroundings, surroundings["wsgi.input"].read()) if door else None
