"""What was billed so far, by key: on invoices, less what credit notes took back."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from kesto.core.exact import plain
from kesto.core.invoice import explanations
from kesto.core.invoicing import Billed
from kesto.core.line import DISCOUNT, Key, Rated
from kesto.store.session import Session


class BilledPlace(NamedTuple):
    """A line of an invoice: what a key was billed on."""

    invoice_id: UUID
    line_no: int
    amount_minor: int


class TakenBack(NamedTuple):
    """What a run's credit note claims: a further revision of a key, below zero."""

    key: Key
    revision: int
    amount_minor: int
    period_end: date


BilledPlaces = Mapping[Key, Sequence[BilledPlace]]


def billed_by_key(session: Session, groups: Sequence[UUID]) -> dict[UUID, dict[Key, Billed]]:
    """What was billed in groups, by key, each with its last revision."""
    rows = session.rows(
        "select n.billing_group_id, l.item_id, l.price_id, l.kind, l.period_start, l.part,"
        "  l.revision, l.period_end, l.quantity, l.amount_minor, l.tax_category,"
        "  l.tax_rate_percent, p.id, p.revenue_account, e.document::text, l.line_no"
        " from invoice n"
        " join invoice_line l on l.merchant_id = n.merchant_id and l.invoice_id = n.id"
        " join product p on p.merchant_id = l.merchant_id and p.id = l.product_id"
        " join explanation e on e.merchant_id = n.merchant_id and e.invoice_id = n.id"
        " where n.merchant_id = %s and n.billing_group_id = any(%s) and n.kind = 'invoice'"
        "  and l.item_id is not null"
        " order by l.revision, n.id, l.line_no",
        *(session.merchant_id, list(groups)),
    )
    found: dict[UUID, dict[Key, Billed]] = {}
    for group_id, item_id, price_id, kind, start, part, revision, end, *rest in rows:
        quantity, amount, category, rate, product_id, account, document, line_no = rest
        explanation = explanations(document)[line_no - 1]
        rated = Rated(
            *(price_id, product_id, kind, start, end, part, revision, plain(quantity), amount),
            *(category, plain(rate), account, explanation),
        )
        billed = found.setdefault(group_id, {})
        key = Key(item_id, price_id, kind, start, part)
        before = billed.get(key)
        billed[key] = Billed(amount + (before.amount_minor if before else 0), rated)
    _take_back(session, groups, found)
    return found


def lines_of_keys(session: Session, group_id: UUID, keys: Sequence[Key]) -> BilledPlaces:
    """Where the items of keys were billed, by key, the newest revision first."""
    rows = session.rows(
        "select l.item_id, l.price_id, l.kind, l.period_start, l.part, n.id, l.line_no,"
        "  l.amount_minor"
        " from invoice n"
        " join invoice_line l on l.merchant_id = n.merchant_id and l.invoice_id = n.id"
        " where n.merchant_id = %s and n.billing_group_id = %s and n.kind = 'invoice'"
        "  and l.item_id = any(%s) and l.amount_minor <> 0"
        " order by l.revision desc",
        *(session.merchant_id, group_id, list({key.item_id for key in keys})),
    )
    found: dict[Key, list[BilledPlace]] = {}
    for row in rows:
        found.setdefault(Key(*row[:5]), []).append(BilledPlace(*row[5:]))
    return found


def set_off(session: Session, invoice_id: UUID) -> dict[int, int]:
    """What later invoices took back of an invoice's lines, by their number.

    A key that was billed on several invoices counts against each of them: rather too little may
    be credited by hand than too much.
    """
    rows = session.rows(
        "select l.line_no, -sum(c.amount_minor)::bigint from invoice_line l"
        " join claim c on c.merchant_id = l.merchant_id and c.item_id = l.item_id"
        "  and c.price_id = l.price_id and c.kind = l.kind and c.period_start = l.period_start"
        "  and c.part = l.part and c.revision > l.revision and c.amount_minor < 0"
        " join invoice n on n.merchant_id = c.merchant_id and n.id = c.invoice_id"
        "  and n.kind = 'invoice'"
        " where l.merchant_id = %s and l.invoice_id = %s and l.amount_minor > 0"
        " group by l.line_no",
        *(session.merchant_id, invoice_id),
    )
    return dict(rows)


def take_back(billed: dict[Key, Billed], taken: TakenBack) -> None:
    """Count what a run's credit note claims."""
    before = billed.get(taken.key) or late_discount(base_of(taken.key, billed), taken.key)
    last = replace(
        before.last,
        revision=max(before.last.revision, taken.revision),
        period_end=taken.period_end,
    )
    amount_minor = before.amount_minor + taken.amount_minor
    billed[taken.key] = replace(before, amount_minor=amount_minor, last=last)


def late_discount(base: Billed, key: Key) -> Billed:
    """A discount that stands on no invoice, because it came as a credit note on another line."""
    last = replace(base.last, kind=key.kind, part=key.part, revision=0, amount_minor=0)
    return Billed(0, last)


def base_of(key: Key, billed: Mapping[Key, Billed]) -> Billed:
    """The line that a discount is taken off. Raises KeyError."""
    for other, found in billed.items():
        same = (other.item_id, other.price_id, other.period_start)
        if other.kind != DISCOUNT and same == (key.item_id, key.price_id, key.period_start):
            return found
    raise KeyError(key)


def _take_back(
    session: Session, groups: Sequence[UUID], found: Mapping[UUID, dict[Key, Billed]]
) -> None:
    """Count what credit notes took: by hand, or as claims of a run, which bill it for less."""
    note = "n.merchant_id = %s and n.billing_group_id = any(%s) and n.kind = 'credit_note'"
    for group_id, *taken, minor in session.rows(
        "select n.billing_group_id, l.item_id, l.price_id, l.kind, l.period_start, l.part,"
        "  sum(l.amount_minor)::bigint"
        " from invoice n"
        " join invoice_line l on l.merchant_id = n.merchant_id and l.invoice_id = n.id"
        f" where {note} and l.item_id is not null and not exists (select from claim c"
        "  where c.merchant_id = n.merchant_id and c.invoice_id = n.id)"
        " group by 1, 2, 3, 4, 5, 6",
        *(session.merchant_id, list(groups)),
    ):
        billed = found[group_id]
        before = billed[Key(*taken)]
        billed[Key(*taken)] = replace(before, credited_minor=before.credited_minor + minor)
    for group_id, *named, revision, minor, period_end in session.rows(
        "select n.billing_group_id, c.item_id, c.price_id, c.kind, c.period_start, c.part,"
        "  c.revision, c.amount_minor, c.period_end from invoice n"
        " join claim c on c.merchant_id = n.merchant_id and c.invoice_id = n.id"
        f" where {note} order by c.revision",
        *(session.merchant_id, list(groups)),
    ):
        take_back(found[group_id], TakenBack(Key(*named), revision, minor, period_end))
