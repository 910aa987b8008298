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
        select invoice_id as id, sum(amount_minor)::bigint as minor from (
            select invoice_id, amount_minor from allocation where merchant_id = %(merchant)s
            union all select invoice_id, amount_minor from wallet_use
            where merchant_id = %(merchant)s) t
        group by invoice_id),
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
        or s.settled_minor > n.total_minor
        or (n.kind = 'invoice' and coalesce(s.credited_minor, 0) <> coalesce(t.minor, 0)))
    union all
    select 'allocation', p.id, n.id, null, a.amount_minor
    from allocation a
    join payment p on p.merchant_id = a.merchant_id and p.id = a.payment_id
    join invoice n on n.merchant_id = a.merchant_id and n.id = a.invoice_id
    where a.merchant_id = %(merchant)s and ((p.customer_id, p.currency)
        is distinct from (n.customer_id, n.currency) or n.kind <> 'invoice'
        or a.amount_minor <= 0)
    union all
    select 'wallet use', null, n.id, n.total_minor, u.amount_minor
    from wallet_use u join invoice n on n.merchant_id = u.merchant_id and n.id = u.invoice_id
    where u.merchant_id = %(merchant)s and (n.kind <> 'invoice' or u.amount_minor <= 0
        or (u.customer_id, u.billing_entity_id, u.currency)
            is distinct from (n.customer_id, n.billing_entity_id, n.currency))
    """,
)
P2 = Invariant(
    "P2",
    "A customer's credit in the ledger is what its payments and credit notes left over and what it"
    " bought, less what was used of it or paid back and what goes back to what was given.",
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
            where n.merchant_id = %(merchant)s and n.kind = 'credit_note'
            union all
            select u.customer_id, u.currency, -u.amount_minor from wallet_use u
            join credit_grant g on g.merchant_id = u.merchant_id and g.id = u.grant_id
                and g.kind = 'paid'
            where u.merchant_id = %(merchant)s
            union all
            select customer_id, currency,
                case kind when 'paid' then amount_minor else -amount_minor end from credit_grant
            where merchant_id = %(merchant)s and not before_tax
                and (kind, origin) in (('paid', 'staff'), ('given', 'credit_note'))
            union all
            select customer_id, currency, -amount_minor from payout
            where merchant_id = %(merchant)s) t
        group by customer_id, currency)
    select customer_id as customer, currency, coalesce(booked.minor, 0) as booked_minor,
        coalesce(left_over.minor, 0) as left_over_minor
    from booked full join left_over using (customer_id, currency)
    where coalesce(booked.minor, 0) <> coalesce(left_over.minor, 0)
    """,
)
P4 = Invariant(
    "P4",
    "Each bank transaction is one payment or payout of its amount, or waits in the queue with a"
    " reason.",
    """
    select t.id as transaction, t.state, t.reason, t.amount_minor, t.currency, p.id as payment,
        p.amount_minor as paid_minor
    from bank_transaction t
    left join payment p on p.merchant_id = t.merchant_id and p.bank_transaction_id = t.id
    left join payout o on o.merchant_id = t.merchant_id and o.bank_transaction_id = t.id
    where t.merchant_id = %(merchant)s and (t.state not in ('matched', 'unmatched')
        or (t.state = 'matched' and (t.reason <> '' or t.is_reversal
            or (t.direction = 'in') <> (p.id is not null)
            or (t.direction = 'out') <> (o.id is not null)
            or (coalesce(p.amount_minor, o.amount_minor), coalesce(p.currency, o.currency))
                is distinct from (t.amount_minor, t.currency)))
        or (t.state = 'unmatched' and (t.reason = '' or p.id is not null or o.id is not null)))
    """,
)

P5 = Invariant(
    "P5",
    "A customer's wallet holds what is left of its grants, with each seller, never below zero; what"
    " is left of those it paid for is the credit that the ledger says.",
    """
    with booked as (
        select e.customer_id, e.billing_entity_id, p.currency,
            -sum(p.amount_minor)::bigint as minor
        from posting p join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id
        where p.merchant_id = %(merchant)s and p.account = 'customer_credit'
        group by e.customer_id, e.billing_entity_id, p.currency),
    kept as (
        select customer_id, billing_entity_id, currency, balance_minor from wallet
        where merchant_id = %(merchant)s),
    granted as (
        select customer_id, billing_entity_id, currency, sum(left_minor)::bigint as minor,
            (sum(left_minor) filter (where kind = 'paid'))::bigint as paid_minor
        from credit_grant where merchant_id = %(merchant)s group by 1, 2, 3)
    select customer_id as customer, billing_entity_id as billing_entity, currency,
        coalesce(booked.minor, 0) as booked_minor,
        coalesce(granted.paid_minor, 0) as paid_minor, coalesce(granted.minor, 0) as left_minor,
        coalesce(kept.balance_minor, 0) as wallet_minor
    from booked full join kept using (customer_id, billing_entity_id, currency)
    full join granted using (customer_id, billing_entity_id, currency)
    where coalesce(booked.minor, 0) <> coalesce(granted.paid_minor, 0)
        or coalesce(kept.balance_minor, 0) <> coalesce(granted.minor, 0)
        or kept.balance_minor < 0
    """,
)
P6 = Invariant(
    "P6",
    "An invoice that is written off has nothing open, and one journal entry that gives it up; what"
    " was recovered of it is no more than was given up.",
    """
    with back as (
        select write_off_id, sum(amount_minor)::bigint as minor, sum(tax_minor)::bigint as tax_minor
        from recovery where merchant_id = %(merchant)s group by write_off_id),
    booked as (
        select id, count(*) as entries from journal_entry
        where merchant_id = %(merchant)s and kind = 'write_off' group by id)
    select coalesce(w.invoice_id, s.invoice_id) as invoice, w.amount_minor,
        coalesce(back.minor, 0) as recovered_minor, s.written_off_minor,
        n.total_minor - s.settled_minor as open_minor,
        coalesce(booked.entries, 0) as entries
    from (select * from write_off where merchant_id = %(merchant)s) w
    full join (select * from settlement
        where merchant_id = %(merchant)s and written_off_minor <> 0) s
        on s.invoice_id = w.invoice_id
    left join invoice n on n.merchant_id = %(merchant)s and n.id = w.invoice_id
    left join back on back.write_off_id = w.id
    left join booked on booked.id = w.id
    where w.id is null or n.id is null or coalesce(booked.entries, 0) <> 1
        or (w.customer_id, w.billing_entity_id, w.currency)
            is distinct from (n.customer_id, n.billing_entity_id, n.currency)
        or coalesce(s.written_off_minor, 0) <> w.amount_minor - coalesce(back.minor, 0)
        or coalesce(back.minor, 0) > w.amount_minor or coalesce(back.tax_minor, 0) > w.tax_minor
        or (select n.total_minor - coalesce(sum(t.settled_minor), 0) from settlement t
            where t.merchant_id = n.merchant_id and t.invoice_id = n.id) <> 0
    """,
)

P7 = Invariant(
    "P7",
    "Credit granted is used, expired, paid out or left; what is used of a grant paid invoices of"
    " its customer, or came off them before tax, while it could be used, and what is paid out is in"
    " payouts.",
    """
    with use as (
        select grant_id, amount_minor from wallet_use where merchant_id = %(merchant)s
        union all
        select grant_id, amount_minor from credit_taken where merchant_id = %(merchant)s),
    used as (select grant_id, sum(amount_minor)::bigint as minor from use group by grant_id)
    select g.id as "grant", null::uuid as invoice, g.amount_minor, g.used_minor,
        coalesce(used.minor, 0) as paid_minor, g.expired_minor, g.left_minor
    from credit_grant g left join used on used.grant_id = g.id
    where g.merchant_id = %(merchant)s and (g.used_minor <> coalesce(used.minor, 0)
        or g.amount_minor <> g.used_minor + g.expired_minor + g.paid_out_minor + g.left_minor
        or least(g.used_minor, g.expired_minor, g.paid_out_minor, g.left_minor) < 0
        or (g.kind = 'given' and g.paid_out_minor <> 0)
        or (g.kind = 'paid' and (g.expires_on is not null or g.expired_minor <> 0))
        or (g.expires_on is null and g.expired_minor <> 0))
    union all
    select g.id, u.invoice_id, g.amount_minor, g.used_minor, u.amount_minor, g.expired_minor,
        g.left_minor
    from wallet_use u join credit_grant g on g.merchant_id = u.merchant_id and g.id = u.grant_id
    join invoice n on n.merchant_id = u.merchant_id and n.id = u.invoice_id
    where u.merchant_id = %(merchant)s and (n.invoice_on < g.valid_from
        or n.invoice_on > g.expires_on
        or (u.customer_id, u.billing_entity_id, u.currency)
            is distinct from (g.customer_id, g.billing_entity_id, g.currency))
    union all
    select null, null, coalesce(o.minor, 0), null, coalesce(g.minor, 0), null, null
    from (select customer_id, billing_entity_id, currency, sum(amount_minor)::bigint as minor
        from payout where merchant_id = %(merchant)s group by 1, 2, 3) o
    full join (select customer_id, billing_entity_id, currency,
            sum(paid_out_minor)::bigint as minor
        from credit_grant where merchant_id = %(merchant)s and paid_out_minor <> 0
        group by 1, 2, 3) g using (customer_id, billing_entity_id, currency)
    where coalesce(o.minor, 0) <> coalesce(g.minor, 0)
    """,
)

PAYMENTS = (P1, P2, P4, P5, P6, P7)
