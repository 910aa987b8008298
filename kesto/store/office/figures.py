"""The six figures of a day with their past: sums by day, which the page adds up."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from kesto.store.session import Session

Days = Mapping[date, int]

# What made an invoice's open amount change, by day: the invoice, payments, a credit note.
OPEN_CHANGES = """
    with change as (
        select n.invoice_on as happened_on, n.due_on, n.total_minor as minor
        from invoice n where n.merchant_id = %s and n.kind = 'invoice' and n.currency = %s
        union all
        select p.received_on, n.due_on, -a.amount_minor
        from allocation a
        join payment p on p.merchant_id = a.merchant_id and p.id = a.payment_id
        join invoice n on n.merchant_id = a.merchant_id and n.id = a.invoice_id
        where a.merchant_id = %s and n.currency = %s
        union all
        select n.invoice_on, n.due_on, -u.amount_minor
        from wallet_use u
        join invoice n on n.merchant_id = u.merchant_id and n.id = u.invoice_id
        where u.merchant_id = %s and n.currency = %s
        union all
        select w.booked_on, n.due_on, -w.amount_minor
        from write_off w
        join invoice n on n.merchant_id = w.merchant_id and n.id = w.invoice_id
        where w.merchant_id = %s and n.currency = %s
        union all
        select p.received_on, n.due_on, r.amount_minor
        from recovery r
        join payment p on p.merchant_id = r.merchant_id and p.id = r.payment_id
        join write_off w on w.merchant_id = r.merchant_id and w.id = r.write_off_id
        join invoice n on n.merchant_id = w.merchant_id and n.id = w.invoice_id
        where r.merchant_id = %s and n.currency = %s
        union all
        select c.invoice_on, n.due_on, -s.credited_minor
        from invoice c
        join invoice n on n.merchant_id = c.merchant_id and n.id = c.credits_invoice_id
        join settlement s on s.merchant_id = c.merchant_id and s.invoice_id = c.id
        where c.merchant_id = %s and c.kind = 'credit_note' and c.currency = %s)
    select happened_on, greatest(happened_on, due_on + 1), sum(minor)::bigint
    from change group by 1, 2
"""
INVOICED = """
    select invoice_on, sum(case kind when 'invoice' then total_minor else -total_minor end)::bigint
    from invoice where merchant_id = %s and currency = %s group by 1
"""
PAID = """
    select received_on, sum(amount_minor)::bigint from payment
    where merchant_id = %s and currency = %s group by 1
"""
SUBSCRIPTIONS = """
    select day, sum(change)::bigint from subscription s
    cross join lateral (values (s.start_on, 1), (s.end_on, -1)) as t (day, change)
    where s.merchant_id = %s and day is not null group by 1
"""
UNMATCHED = """
    select booked_on, count(*), coalesce(sum(amount_minor) filter (where currency = %s
        and direction = 'in'), 0)::bigint
    from bank_transaction where merchant_id = %s and state = 'unmatched' group by 1
"""


class Figures(Struct, frozen=True):
    """What changed on which day: sums of open and overdue invoices, subscriptions that run.

    `unmatched` counts payments that still wait, by the day when they came.
    """

    open_minor: Days
    overdue_minor: Days
    invoiced_minor: Days
    paid_minor: Days
    subscriptions: Days
    unmatched: Days
    unmatched_minor: Days


def figures(session: Session, currency: str) -> Figures:
    """All changes of the figures by day, in one currency."""
    merchant = session.merchant_id
    open_minor: dict[date, int] = {}
    overdue_minor: dict[date, int] = {}
    for happened_on, counts_on, minor in session.rows(OPEN_CHANGES, *(merchant, currency) * 6):
        open_minor[happened_on] = open_minor.get(happened_on, 0) + minor
        overdue_minor[counts_on] = overdue_minor.get(counts_on, 0) + minor
    waiting = session.rows(UNMATCHED, currency, merchant)
    return Figures(
        open_minor,
        overdue_minor,
        _days(session, INVOICED, merchant, currency),
        _days(session, PAID, merchant, currency),
        _days(session, SUBSCRIPTIONS, merchant),
        {row[0]: row[1] for row in waiting},
        {row[0]: row[2] for row in waiting},
    )


def _days(session: Session, query: str, *parameters: object) -> dict[date, int]:
    return {row[0]: row[1] for row in session.rows(query, *parameters)}
