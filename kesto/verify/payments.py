"""Invariants of payments: nothing is settled that was not paid, nothing paid is lost."""

from kesto.verify.finding import Invariant

P1 = Invariant(
    "P1",
    "What is settled is what was allocated, never more than was paid or is due.",
    """
    with by_payment as (
        select payment_id as id, sum(amount_minor)::bigint as minor from allocation
        where merchant_id = %(merchant)s group by payment_id),
    by_invoice as (
        select invoice_id as id, sum(amount_minor)::bigint as minor from allocation
        where merchant_id = %(merchant)s group by invoice_id),
    taken_back as (
        select n.credits_invoice_id as id, sum(s.credited_minor)::bigint as minor
        from invoice n join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
        where n.merchant_id = %(merchant)s and n.kind = 'credit_note' group by 1)
    select 'payment' as what, p.id as payment, null::uuid as invoice,
        p.allocated_minor as settled_minor, coalesce(a.minor, 0) as allocated_minor
    from payment p left join by_payment a on a.id = p.id
    where p.merchant_id = %(merchant)s and (p.allocated_minor <> coalesce(a.minor, 0)
        or p.allocated_minor not between 0 and p.amount_minor)
    union all
    select 'settlement', null, n.id, s.paid_minor, coalesce(a.minor, 0)
    from invoice n
    left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
    left join by_invoice a on a.id = n.id
    left join taken_back t on t.id = n.id
    where n.merchant_id = %(merchant)s and (coalesce(s.paid_minor, 0) <> coalesce(a.minor, 0)
        or s.total_minor <> n.total_minor
        or s.paid_minor < 0 or s.credited_minor < 0
        or s.paid_minor + s.credited_minor > n.total_minor
        or (n.kind = 'invoice' and coalesce(s.credited_minor, 0) <> coalesce(t.minor, 0)))
    union all
    select 'allocation', p.id, n.id, null, a.amount_minor
    from allocation a
    join payment p on p.merchant_id = a.merchant_id and p.id = a.payment_id
    join invoice n on n.merchant_id = a.merchant_id and n.id = a.invoice_id
    where a.merchant_id = %(merchant)s and ((p.customer_id, p.currency)
        is distinct from (n.customer_id, n.currency) or n.kind <> 'invoice'
        or a.amount_minor <= 0)
    """,
)
P2 = Invariant(
    "P2",
    "A customer's credit in the ledger is what its payments and credit notes left over.",
    """
    with booked as (
        select e.customer_id, p.currency, -sum(p.amount_minor)::bigint as minor
        from posting p join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id
        where p.merchant_id = %(merchant)s and p.account = 'customer_credit'
        group by e.customer_id, p.currency),
    left_over as (
        select customer_id, currency, sum(minor)::bigint as minor from (
            select customer_id, currency, amount_minor - allocated_minor as minor from payment
            where merchant_id = %(merchant)s
            union all
            select n.customer_id, n.currency, n.total_minor - coalesce(s.credited_minor, 0)
            from invoice n
            left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
            where n.merchant_id = %(merchant)s and n.kind = 'credit_note') t
        group by customer_id, currency)
    select customer_id as customer, currency, coalesce(booked.minor, 0) as booked_minor,
        coalesce(left_over.minor, 0) as left_over_minor
    from booked full join left_over using (customer_id, currency)
    where coalesce(booked.minor, 0) <> coalesce(left_over.minor, 0)
    """,
)
P4 = Invariant(
    "P4",
    "Each bank transaction is one payment of its amount, or waits in the queue with a reason.",
    """
    select t.id as transaction, t.state, t.reason, t.amount_minor, t.currency, p.id as payment,
        p.amount_minor as paid_minor
    from bank_transaction t
    left join payment p on p.merchant_id = t.merchant_id and p.bank_transaction_id = t.id
    where t.merchant_id = %(merchant)s and case t.state
        when 'matched' then t.reason <> '' or t.direction <> 'in' or t.is_reversal
            or (p.amount_minor, p.currency) is distinct from (t.amount_minor, t.currency)
        when 'unmatched' then t.reason = '' or p.id is not null
        else true end
    """,
)

PAYMENTS = (P1, P2, P4)
