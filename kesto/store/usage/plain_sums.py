"""Plain sums: what very many prices ask that take one quantity as it was added up.

A run asks for each of its subscribers, so what one costs to read is what the run waits for. The
rows of a chunk are found by one walk along their key and come back as one row: their names one
behind the other, and their numbers as text. A row each, with an object for each of its fields,
takes three times as long.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from struct import iter_unpack
from typing import NamedTuple

from kesto.core.catalog import SoldMeter
from kesto.core.counting import Ask, from_sum
from kesto.core.exact import SHORT
from kesto.core.metering import Span
from kesto.core.pricing import Usage
from kesto.store import arrays
from kesto.store.session import Session

NAME_BYTES = "32s"
"""A row's name: its subscription, its start and its end, as PostgreSQL sends them."""

# The arrays are hidden in queries of their own: the database would look at each of their values to
# guess how many rows there are, which takes longer than finding them.
READ = """
    select string_agg(uuid_send(subscription_id) || timestamptz_send(start_at)
            || timestamptz_send(end_at), ''),
        string_agg(trim_scale({number})::text, ','), coalesce(max(newest_no), 0)
    from usage_rollup
    where merchant_id = %(merchant)s and meter_id = %(meter)s
        and subscription_id = any((select %(subscriptions)s::uuid[])::uuid[])
        and end_at = any((select %(ends)s::timestamptz[])::timestamptz[])
        and labels = '{{}}' and is_filled and newest_no <= %(seen)s
"""
ADDED = READ.format(number="added")
HIGHEST = READ.format(number="coalesce(highest, 0)")


class PlainSums(NamedTuple):
    """Answers in the order of the asks, None where nothing is kept; `newest`: their last batch."""

    usages: list[Usage | None]
    newest: int


def read(session: Session, sold: SoldMeter, asks: Sequence[Ask], batch: int) -> PlainSums:
    """What rollups of one meter say that hold nothing later than a batch."""
    instants = {span: _instants(span) for span in {ask.span for ask in asks}}
    own = [ask.subscription_id.int.to_bytes(16, "big") for ask in asks]
    ((names, numbers, newest),) = arrays.rows(
        session,
        HIGHEST if sold.meter.aggregation == "max" else ADDED,
        {
            "merchant": session.merchant_id,
            "meter": sold.id,
            "subscriptions": arrays.uuids_of(own),
            "ends": arrays.instants({span.end_at for span in instants}),
            "seen": batch,
        },
    )
    if names is None:
        return PlainSums([None] * len(asks), 0)
    each = (name for (name,) in iter_unpack(NAME_BYTES, names))
    found = dict(zip(each, _usages(numbers), strict=True))
    wanted = [one + instants[ask.span] for one, ask in zip(own, asks, strict=True)]
    return PlainSums([found.get(name) for name in wanted], newest)


def _instants(span: Span) -> bytes:
    return arrays.sent(span.start_at) + arrays.sent(span.end_at)


def _usages(numbers: str) -> Iterable[Usage]:
    """Each number as a usage; almost all are short and above zero, and stay as they are."""
    texts = numbers.split(",")
    is_usual = "-" not in numbers and max(map(len, texts)) <= SHORT.prec
    return map(Usage if is_usual else from_sum, map(Decimal, texts))
