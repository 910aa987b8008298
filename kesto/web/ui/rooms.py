"""Rooms in the table of addresses: named there, and loaded when one of their addresses is used."""

from typing import Any

from django.urls.resolvers import RoutePattern, URLResolver
from django.utils.translation import get_language


class Room(URLResolver):
    """The addresses below a prefix; each is written as `room:name`."""

    def __init__(self, prefix: str, module: str, name: str) -> None:
        super().__init__(RoutePattern(prefix), module, app_name=name, namespace=name)

    @property
    def reverse_dict(self) -> Any:
        """The names of this room, collected when one of them is asked for."""
        if get_language() not in self._reverse_dict:
            super()._populate()
        return super().reverse_dict

    def _populate(self) -> None:
        """Collect no names beforehand.

        Django asks this of every room when it writes the first address of any, and would load them
        all for it.
        """
