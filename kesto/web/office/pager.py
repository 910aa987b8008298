"""Lists a page at a time: which rows, and links to those before and after."""

from urllib.parse import urlencode

from django.http import HttpRequest
from msgspec import Struct

ROWS = 50
MOST_PAGES = 100_000


class Pager(Struct, frozen=True):
    """Where in a list a page is; an address is empty where there is no such page."""

    offset: int
    count: int
    before: str
    after: str

    @property
    def first(self) -> int:
        """The place of the page's first row, from one; zero in an empty list."""
        return min(self.offset + 1, self.count)

    @property
    def last(self) -> int:
        """The place of the page's last row."""
        return min(self.offset + ROWS, self.count)


def asked_page(request: HttpRequest) -> int:
    """The page that was asked for, from one."""
    text = request.GET.get("page", "1")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < len(str(10**6)) else 1
    return min(max(number, 1), MOST_PAGES)


def pager(request: HttpRequest, count: int) -> Pager:
    """The page that was asked for, of a list of so many rows; beyond its end, the last one."""
    last = max((count - 1) // ROWS + 1, 1)
    number = min(asked_page(request), last)

    def address(page: int) -> str:
        query = {**request.GET.dict(), "page": str(page)}
        return f"?{urlencode(query)}"

    return Pager(
        (number - 1) * ROWS,
        count,
        address(number - 1) if number > 1 else "",
        address(number + 1) if number < last else "",
    )


def with_query(request: HttpRequest, **changes: str) -> str:
    """The page's own address with other filters, from its first page on; empty takes one out."""
    query = {**request.GET.dict(), **changes}
    query.pop("page", None)
    return f"?{urlencode({name: value for name, value in query.items() if value})}"
