"""What lines of usage are told with: their meters, and what the lines before them counted."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from kesto.core.catalog import SoldMeter
from kesto.core.exact import plain
from kesto.core.line import USAGE, Key, Line
from kesto.store.meters import meters
from kesto.store.session import Session


def meters_of(session: Session, prices: Sequence[UUID]) -> dict[UUID, SoldMeter]:
    """The meters of those of the prices that have one, by price."""
    rows = session.rows(
        "select id, meter from price where merchant_id = %s and id = any(%s) and meter <> ''",
        *(session.merchant_id, list(prices)),
    )
    known = meters(session) if rows else {}
    return {own: known[code] for own, code in rows}


def quantities_before(session: Session, lines: Sequence[Line]) -> dict[Key, Decimal]:
    """What was counted by the line before, of those that correct one for the same days."""
    asked = [one for one in lines if one.rated.kind == USAGE and one.rated.revision > 1]
    if not asked:
        return {}
    rows = session.rows(
        "select t.n, l.quantity"
        " from unnest(%s::bigint[], %s::uuid[], %s::uuid[], %s::date[], %s::date[], %s::int[],"
        "  %s::int[]) t (n, item_id, price_id, period_start, period_end, part, revision)"
        " join claim c on c.merchant_id = %s and c.item_id = t.item_id"
        "  and c.price_id = t.price_id and c.kind = 'usage' and c.period_start = t.period_start"
        "  and c.period_end = t.period_end and c.part = t.part and c.revision = t.revision"
        " join invoice_line l on l.merchant_id = c.merchant_id and l.invoice_id = c.invoice_id"
        "  and l.item_id = c.item_id and l.price_id = c.price_id and l.kind = c.kind"
        "  and l.period_start = c.period_start and l.part = c.part and l.revision = c.revision",
        *(list(range(len(asked))), [one.item_id for one in asked]),
        *([one.rated.price_id for one in asked], [one.rated.period_start for one in asked]),
        *([one.rated.period_end for one in asked], [one.rated.part for one in asked]),
        *([one.rated.revision - 1 for one in asked], session.merchant_id),
    )
    return {asked[place].key: plain(quantity) for place, quantity in rows}
