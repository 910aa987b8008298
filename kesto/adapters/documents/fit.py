"""What stands on page 1: all lines where they fit, else one line for each service.

Page 1 is always enough to understand and to pay; the lines that it rolls up are specified from
page 2 on. Heights are tenths of a millimetre, measured on the form and rounded up.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec import Struct

from kesto.adapters.documents.letters import breakable
from kesto.words.messages import count, say
from kesto.words.paper import Bridge, Paper, PaperLine
from kesto.words.reasons import shortened
from kesto.words.tongue import Tongue

MOST_LINES = 8
"""Of page 1; less one for each service above two."""

PAGE = 2690
LEAST_GAPS = 100

_HEAD = 755
_CHART, _BRIDGE, _STEP, _MORE_STEP = 280, 95, 43, 37
_DETAILS, _TABLE, _GROUP = 36, 96, 57
_LINE, _NAME_ROW, _NOTE_ROW = 79, 37, 33
_TAX, _RATE, _TOTALS, _TOTAL = 73, 37, 70, 43
_NOTICES = 165
_PAY = 444
# Letters that surely fit into a row.
_NAME_LETTERS, _NOTE_LETTERS, _STEP_LETTERS = 46, 60, 36


class Row(Struct, frozen=True):
    """A line as the template prints it."""

    name: str
    note: str
    quantity: str
    price: str
    rate: str
    amount: str


class Group(Struct, frozen=True):
    """Rows under a head; without a title they have no head."""

    title: str
    note: str
    amount: str
    subtotal: str
    lines: tuple[Row, ...]


class Fitted(Struct, frozen=True):
    """The groups of page 1 and those of the pages behind it, which may be none."""

    groups: tuple[Group, ...]
    specification: tuple[Group, ...] = ()


class _Share(NamedTuple):
    """What one row of a rolled-up page is the sum of."""

    name: str
    rate: str


def fitted(paper: Paper) -> Fitted:
    """Return all lines on page 1 where they are few and low enough, else a specification."""
    lines = sum(len(service.lines) for service in paper.services)
    more_heads = max(0, len(paper.services) - 2)
    if lines > MOST_LINES - more_heads or _height(paper) > PAGE:
        return specified(paper)
    return Fitted(_groups(paper))


def specified(paper: Paper) -> Fitted:
    """Return one row a service and VAT rate for page 1, and all lines for the pages behind it."""
    return Fitted((Group("", "", "", "", _rolled_up(paper)),), _groups(paper))


def _groups(paper: Paper) -> tuple[Group, ...]:
    return tuple(
        Group(
            breakable(service.title),
            breakable(service.note),
            service.amount,
            say(paper.language, "subtotal", title=service.title) if service.title else "",
            tuple(_row(line) for line in service.lines),
        )
        for service in paper.services
    )


def _row(line: PaperLine) -> Row:
    return Row(
        *(breakable(line.name), line.note, line.quantity, line.price, line.rate, line.amount)
    )


def _rolled_up(paper: Paper) -> tuple[Row, ...]:
    """One row for what belongs together and has one rate; the last ones hold what is left."""
    found: dict[_Share, list[PaperLine]] = {}
    for service in paper.services:
        for line in service.lines:
            found.setdefault(_Share(service.title or line.name, line.rate), []).append(line)
    rows = min(MOST_LINES, max(1, (PAGE - _frame(paper)) // _LINE))
    if len(found) > rows:
        found = _merged(found, rows, say(paper.language, "other_lines"))
    tongue = Tongue(paper.language, paper.currency)
    return tuple(_sum_row(share, lines, tongue) for share, lines in found.items())


def _merged(
    found: dict[_Share, list[PaperLine]], rows: int, others: str
) -> dict[_Share, list[PaperLine]]:
    """Keep the first ones; the rest is put together by rate, or at once where rates are many."""
    rates = {share.rate for share in found}
    is_by_rate = len(rates) <= rows
    kept = dict(list(found.items())[: rows - (len(rates) if is_by_rate else 1)])
    merged = dict(kept)
    for share, lines in found.items():
        if share not in kept:
            rest = _Share(others, share.rate if is_by_rate else "")
            merged[rest] = [*merged.get(rest, []), *lines]
    return merged


def _sum_row(share: _Share, lines: Sequence[PaperLine], tongue: Tongue) -> Row:
    return Row(
        name=breakable(shortened(share.name, _NAME_LETTERS)),
        note=count(tongue.language, "rolled_up", Decimal(len(lines))),
        quantity="",
        price="",
        rate=share.rate,
        amount=tongue.figure(sum(line.amount_minor for line in lines)),
    )


def _height(paper: Paper) -> int:
    """How much of page 1 a document needs with all its lines."""
    lines = [line for service in paper.services for line in service.lines]
    heads = sum(bool(service.title) for service in paper.services)
    return _frame(paper) + _GROUP * heads + sum(_line_height(line) for line in lines)


def _frame(paper: Paper) -> int:
    """How much of page 1 a document needs without lines, with the least gaps between its parts."""
    return (
        _HEAD
        + (_story_height(paper.bridge, has_chart=paper.chart is not None) if paper.bridge else 0)
        + (_DETAILS * _rows(paper.details, 2 * _NOTE_LETTERS) if paper.details else 0)
        + _TABLE
        + _sums_height(paper)
        + _NOTICES
        + (_PAY if paper.pay else 0)
        + LEAST_GAPS
    )


def _story_height(bridge: Bridge, *, has_chart: bool) -> int:
    facts = (bridge.before, *bridge.steps)
    more = sum(_rows(fact.label, _STEP_LETTERS) - 1 for fact in facts)
    height = _BRIDGE + _STEP * len(facts) + _MORE_STEP * more
    return max(height, _CHART) if has_chart else height


def _line_height(line: PaperLine) -> int:
    names, notes = _rows(line.name, _NAME_LETTERS), _rows(line.note, _NOTE_LETTERS)
    return _LINE + _NAME_ROW * (names - 1) + _NOTE_ROW * (notes - 1)


def _sums_height(paper: Paper) -> int:
    """The higher one of VAT by rate and the totals beside it."""
    rates = len(paper.tax.rows) + bool(paper.tax.total) if paper.tax else 0
    return max(_TAX + _RATE * rates, _TOTALS + _TOTAL * (len(paper.totals) - 1))


def _rows(text: str, letters: int) -> int:
    return max(1, -(-len(text) // letters))
