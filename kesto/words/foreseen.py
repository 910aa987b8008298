"""What a billing run would make, beside what was billed last: a row a group, for spreadsheets."""

import csv
import io
from collections.abc import Iterable
from uuid import UUID

from msgspec import Struct

from kesto.core.ids import shown
from kesto.core.money import format_minor
from kesto.words.spreadsheet import safe

HEADS = (
    *("group", "customer", "currency", "last_total", "new_total", "difference", "credited"),
    *("reasons", "set_aside"),
)


class Foreseen(Struct, frozen=True, gc=False):
    """What comes of a billing group: an invoice, credit, both, or a reason to set it aside.

    `before_minor` is the group's last invoice, None before the first; `credited_minor` goes back
    on credit notes. `reasons` say why the sums differ, each with its amount in minor units.
    """

    group_id: UUID
    customer: str
    currency: str
    now_minor: int
    before_minor: int | None = None
    credited_minor: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    set_aside: str = ""
    is_invoice: bool = False

    @property
    def difference_minor(self) -> int:
        """What the sum is more than the last one's."""
        return self.now_minor - (self.before_minor or 0)


class Sums(Struct):
    """What a whole run would come to."""

    groups: int = 0
    invoices: int = 0
    total_minor: int = 0
    before_minor: int = 0
    credited_minor: int = 0
    set_aside: int = 0

    def count(self, found: Iterable[Foreseen]) -> None:
        """Add groups; `before_minor` is the last invoices of those that get one again."""
        for one in found:
            self.groups += 1
            self.invoices += one.is_invoice
            self.total_minor += one.now_minor
            self.before_minor += (one.before_minor or 0) if one.is_invoice else 0
            self.credited_minor += one.credited_minor
            self.set_aside += bool(one.set_aside)


def head() -> str:
    """The first line of the file."""
    return _written([HEADS])


def rows(found: Iterable[Foreseen]) -> str:
    """A line for each group."""
    return _written(_cells(one) for one in found)


def _cells(one: Foreseen) -> list[str]:
    before = "" if one.before_minor is None else format_minor(one.before_minor, one.currency)
    return [
        *(shown("billing_group", one.group_id), safe(one.customer), one.currency, before),
        format_minor(one.now_minor, one.currency),
        format_minor(one.difference_minor, one.currency),
        format_minor(one.credited_minor, one.currency),
        safe(
            "; ".join(f"{text} {format_minor(minor, one.currency)}" for text, minor in one.reasons)
        ),
        safe(one.set_aside),
    ]


def _written(rows: Iterable[Iterable[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
