"""Credit before tax: what customers' credit takes off an invoice, as lines of their own.

Such a line has no item, and so no key: it is not due from history and nothing that looks back at
what was billed takes it back. It stays with its invoice, as credit that paid it does.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import msgspec

from kesto.core.by_hand import NO_ITEM
from kesto.core.calendar import local_date
from kesto.core.exact import shown
from kesto.core.invoicing import Draft, totals
from kesto.core.line import CREDIT, CreditTaken, Explanation, Line, Rated
from kesto.core.money import allocate, major
from kesto.core.wallets import Grant, Used, in_order


class Day(NamedTuple):
    """When and in what an invoice is made: its day, where that is, and how it counts."""

    on: date
    zone: str
    currency: str
    includes_tax: bool


def rooms_of(parts: Sequence[tuple[object, object, int]]) -> list[int]:
    """How much credit may come off each part, which has a product, a VAT rate and an amount.

    What is below zero is set off first, within its product, then within its rate; where a whole
    rate is below zero, nothing may come off anything.
    """
    left = [minor for _, _, minor in parts]
    for depth in (0, 1):
        groups: dict[object, list[int]] = {}
        for place, part in enumerate(parts):
            groups.setdefault(part[:2] if depth == 0 else part[1], []).append(place)
        for places in groups.values():
            _set_off(left, places)
    return [0] * len(left) if min(left, default=0) < 0 else left


class _Place(NamedTuple):
    """What shares credit: a price of a period with its discounts, in one product and VAT rate."""

    item_id: UUID
    price_id: UUID
    period_start: date
    product_id: UUID
    tax_category: str
    tax_rate_percent: Decimal

    @property
    def sold(self) -> tuple[UUID, str, Decimal]:
        """What a line of credit is the line of: a product at a rate."""
        return self.product_id, self.tax_category, self.tax_rate_percent


def less_credit(made: Draft, grants: Iterable[Grant], day: Day) -> Draft:
    """Take credit off a draft before its VAT: the next grants in their order, as far as it goes.

    The draft has no credit off it yet. No VAT rate goes below zero; where one is below zero
    already, all credit waits for another invoice.
    """
    left, uses = sum(_rooms(made.lines).values()), []
    for grant in in_order(grants):
        part = min(grant.left_minor, left)
        if part > 0 and grant.before_tax and grant.is_usable(day.on):
            uses.append(Used(grant, part))
            left -= part
    return with_credit(made, uses, day)


def with_credit(made: Draft, uses: Sequence[Used], day: Day) -> Draft:
    """A draft with what is used of grants taken off it; `left_minor` of each is before the use.

    Each amount is spread over what the lines come to after discounts, so that VAT rates get their
    share. Of a product at a rate there is one line for each grant.
    """
    if not uses:
        return made
    rooms = _rooms(made.lines)
    accounts = {line.rated.product_id: line.rated.revenue_account for line in made.lines}
    lines = [*made.lines]
    for used in uses:
        explained = _explained(used, day)
        for sold, minor in _spread(used.amount_minor, rooms).items():
            part = len(lines) - len(made.lines) + 1
            lines.append(_line(*sold, accounts[sold[0]], minor, part, explained, day))
    return Draft(tuple(lines), totals(lines, includes_tax=day.includes_tax), tuple(uses))


def _rooms(lines: Sequence[Line]) -> dict[_Place, int]:
    sums: dict[_Place, int] = {}
    for line in lines:
        rated = line.rated
        place = _Place(
            *(line.item_id, rated.price_id, rated.period_start, rated.product_id),
            *(rated.tax_category, rated.tax_rate_percent),
        )
        sums[place] = sums.get(place, 0) + rated.amount_minor
    rooms = rooms_of([(place.sold, place.sold[1:], minor) for place, minor in sums.items()])
    return {place: room for place, room in zip(sums, rooms, strict=True) if room}


def _set_off(left: list[int], places: Sequence[int]) -> None:
    """Let what is below zero come off what is above, as far as that goes."""
    above = [place for place in places if left[place] > 0]
    below = [place for place in places if left[place] < 0]
    amount = min(sum(abs(left[place]) for place in side) for side in (above, below))
    if not amount:
        return
    for side, sign in ((above, -1), (below, 1)):
        for place, share in zip(
            side, allocate(amount, [abs(left[one]) for one in side]), strict=True
        ):
            left[place] += sign * share


def _spread(amount_minor: int, rooms: dict[_Place, int]) -> Mapping[tuple[UUID, str, Decimal], int]:
    """Take an amount out of the rooms, which are changed; how much of each product at a rate."""
    taken: dict[tuple[UUID, str, Decimal], int] = {}
    shares = allocate(amount_minor, list(rooms.values()))
    for place, share in zip(list(rooms), shares, strict=True):
        rooms[place] -= share
        if share:
            taken[place.sold] = taken.get(place.sold, 0) + share
    return taken


def _explained(used: Used, day: Day) -> CreditTaken:
    grant = used.grant
    return CreditTaken(
        grant_id=grant.id,
        given_on=local_date(grant.created_at, day.zone),
        amount_minor=grant.amount_minor,
        taken_minor=used.amount_minor,
        left_minor=grant.left_minor - used.amount_minor,
    )


def _line(
    product_id: UUID,
    tax_category: str,
    tax_rate_percent: Decimal,
    revenue_account: str,
    taken_minor: int,
    part: int,
    credit: CreditTaken,
    day: Day,
) -> Line:
    explanation = Explanation(
        quantity="1", exact=shown(-major(taken_minor, day.currency)), credit=credit
    )
    rated = Rated(
        price_id=NO_ITEM,
        product_id=product_id,
        kind=CREDIT,
        period_start=day.on,
        period_end=day.on + timedelta(days=1),
        part=part,
        revision=1,
        quantity=Decimal(1),
        amount_minor=-taken_minor,
        tax_category=tax_category,
        tax_rate_percent=tax_rate_percent,
        revenue_account=revenue_account,
        explanation=msgspec.json.encode(explanation),
    )
    return Line(NO_ITEM, rated)
