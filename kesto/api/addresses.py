"""Where a request to the API leads: its addresses, by their first word.

Django would compare a path with one address after the other, and there are about a hundred.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import URLPattern, URLResolver

View = Callable[..., HttpResponse]


class Addresses:
    """What Django's table says, each address beside those that begin with the same word."""

    def __init__(self, patterns: Iterable[URLPattern | URLResolver]) -> None:
        self._by_word: dict[str, list[URLPattern]] = {}
        for pattern in patterns:
            word = str(pattern.pattern).partition("/")[0]
            if "<" in word or isinstance(pattern, URLResolver):
                raise ValueError(f"an address of the API begins with a word: {pattern.pattern}")
            self._by_word.setdefault(word, []).append(pattern)

    def view(self, path: str) -> tuple[View, Mapping[str, Any]] | None:
        """The view of a path, and the names in it; None where it leads nowhere."""
        for pattern in self._by_word.get(path.partition("/")[0], ()):
            if found := pattern.pattern.match(path):
                return pattern.callback, found[2]
        return None
