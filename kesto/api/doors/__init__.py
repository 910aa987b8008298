"""The doors: the calls that a merchant's own systems make all day, beside Django.

The front asks here first; an address that is no door goes to Django. The same address in Django's
table describes the call and leads through the same door, so there is one way of doing it.
"""

from collections.abc import Mapping
from typing import Any

from kesto.api.doors import looking, sending
from kesto.api.doors.door import Door, Tell

__all__ = ["door_of", "is_door", "open_at_once", "open_door"]

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


def is_door(surroundings: dict[str, Any]) -> bool:
    """Whether a request, as WSGI tells it, comes to a door."""
    return door_of(surroundings["REQUEST_METHOD"], _path(surroundings)) is not None


def open_door(surroundings: dict[str, Any], tell: Tell) -> bool:
    """Answer a request, as WSGI tells it, that comes to a door; False where there is none.

    `tell` is called once, now or later, maybe by another thread.
    """
    path = _path(surroundings)
    door = door_of(surroundings["REQUEST_METHOD"], path)
    if door is None:
        return False
    door.open(path, surroundings, _body(surroundings), tell)
    return True


def open_at_once(surroundings: dict[str, Any], tell: Tell) -> bool:
    """The same where nothing is to be waited for meanwhile; False where anything is."""
    path = _path(surroundings)
    door = door_of(surroundings["REQUEST_METHOD"], path)
    if door is None or not door.is_quick:
        return False
    return door.open_at_once(path, surroundings, _body(surroundings), tell)


def _path(surroundings: dict[str, Any]) -> str:
    # WSGI has the bytes of a path as if they were Latin-1.
    path: str = surroundings["PATH_INFO"]
    return path if path.isascii() else path.encode("latin-1").decode("utf-8", "replace")


def _body(surroundings: dict[str, Any]) -> bytes:
    body: bytes = surroundings["wsgi.input"].getvalue()
    return body
