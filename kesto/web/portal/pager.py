"""Lists a page at a time, the newest first."""

from collections.abc import Sequence

from django.http import HttpRequest

ROWS = 24
LONGEST = 5


def asked_offset(request: HttpRequest) -> int:
    """After how many rows the page begins."""
    text = request.GET.get("after", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= LONGEST
    return int(text) if is_number else 0


def older(offset: int, found: Sequence[object]) -> str:
    """Where what is older stands; empty where there is no more. One row too many was read."""
    return f"?after={offset + ROWS}" if len(found) > ROWS else ""
