"""Invariants of the ledger: it balances, and it says what the documents say."""

from kesto.verify.finding import Invariant

L1 = Invariant(
    "L1",
    "The postings of each journal entry sum to zero in each currency.",
    """
    select entry_id as entry, currency, sum(amount_minor)::bigint as off_by_minor
    from posting where merchant_id = %(merchant)s
    group by entry_id, currency having sum(amount_minor) <> 0
    """,
)
L2 = Invariant(
    "L2",
    "All postings together sum to zero in each currency.",
    """
    select currency, sum(amount_minor)::bigint as off_by_minor
    from posting where merchant_id = %(merchant)s
    group by currency having sum(amount_minor) <> 0
    """,
)
L4 = Invariant(
    "L4",
    "The account `unmatched` holds exactly the bank transactions that wait for a person.",
    """
    with booked as (
        select currency, -sum(amount_minor)::bigint as minor from posting
        where merchant_id = %(merchant)s and account = 'unmatched' group by currency),
    waiting as (
        select currency,
            sum(case direction when 'in' then amount_minor else -amount_minor end)::bigint as minor
        from bank_transaction
        where merchant_id = %(merchant)s and state = 'unmatched' group by currency)
    select currency, coalesce(booked.minor, 0) as booked_minor,
        coalesce(waiting.minor, 0) as waiting_minor
    from booked full join waiting using (currency)
    where coalesce(booked.minor, 0) <> coalesce(waiting.minor, 0)
    """,
)
L5 = Invariant(
    "L5",
    "What a customer owes in the ledger is the sum of what is open of its invoices.",
    """
    with booked as (
        select e.customer_id, p.currency, sum(p.amount_minor)::bigint as minor
        from posting p join journal_entry e on e.merchant_id = p.merchant_id and e.id = p.entry_id
        where p.merchant_id = %(merchant)s and p.account = 'receivable'
        group by e.customer_id, p.currency),
    owed as (
        select n.customer_id, n.currency,
            sum(n.total_minor - coalesce(s.settled_minor, 0))::bigint as minor
        from invoice n
        left join settlement s on s.merchant_id = n.merchant_id and s.invoice_id = n.id
        where n.merchant_id = %(merchant)s and n.kind = 'invoice'
        group by n.customer_id, n.currency)
    select customer_id as customer, currency, coalesce(booked.minor, 0) as booked_minor,
        coalesce(owed.minor, 0) as open_minor
    from booked full join owed using (customer_id, currency)
    where coalesce(booked.minor, 0) <> coalesce(owed.minor, 0)
    """,
)
L6 = Invariant(
    "L6",
    "Each money event has exactly one journal entry of its kind, customer and day, and the"
    " reverse.",
    """
    with event as (
        select id, kind, billing_entity_id, customer_id, invoice_on as booked_on from invoice
        where merchant_id = %(merchant)s
        union all
        select id, 'payment', null, customer_id, received_on from payment
        where merchant_id = %(merchant)s
        union all
        select id, 'bank_transaction', null, null, booked_on from bank_transaction
        where merchant_id = %(merchant)s and amount_minor <> 0
        union all
        select u.id, 'wallet_use', u.billing_entity_id, u.customer_id, n.invoice_on
        from wallet_use u left join invoice n on n.merchant_id = u.merchant_id
            and n.id = u.invoice_id
        where u.merchant_id = %(merchant)s
        union all
        select g.id, 'credit_grant', g.billing_entity_id, g.customer_id, n.invoice_on
        from credit_grant g left join invoice n on n.merchant_id = g.merchant_id
            and n.id = g.source_id
        where g.merchant_id = %(merchant)s and not g.before_tax
            and (g.kind, g.origin) in (('paid', 'staff'), ('given', 'credit_note'))
        union all
        select id, 'payout', billing_entity_id, customer_id, asked_on from payout
        where merchant_id = %(merchant)s
        union all
        select o.clearing_id, 'payout_cleared', o.billing_entity_id, o.customer_id, t.booked_on
        from payout o left join bank_transaction t on t.merchant_id = o.merchant_id
            and t.id = o.bank_transaction_id
        where o.merchant_id = %(merchant)s and o.clearing_id is not null
        union all
        select id, 'write_off', billing_entity_id, customer_id, booked_on from write_off
        where merchant_id = %(merchant)s
        union all
        select r.id, 'recovery', w.billing_entity_id, w.customer_id, p.received_on
        from recovery r
        left join write_off w on w.merchant_id = r.merchant_id and w.id = r.write_off_id
        left join payment p on p.merchant_id = r.merchant_id and p.id = r.payment_id
        where r.merchant_id = %(merchant)s)
    select coalesce(event.id, entry.id) as event, event.kind, entry.kind as booked_as,
        event.booked_on as happened_on, entry.booked_on,
        case when event.kind in ('invoice', 'credit_note') then event.id end as invoice
    from event full join (select * from journal_entry where merchant_id = %(merchant)s) entry
        on entry.id = event.id
    where event.kind is distinct from entry.kind
        or event.customer_id is distinct from entry.customer_id
        or event.billing_entity_id <> entry.billing_entity_id
        -- What comes in for a closed month is booked on the first open day.
        or entry.booked_on < event.booked_on
        or (event.kind in ('invoice', 'credit_note') and entry.booked_on <> event.booked_on)
    """,
)
L8 = Invariant("L8", "The postings of an invoice or credit note are those that it makes by rule.")
L9 = Invariant(
    "L9",
    "The postings of a bank transaction, of a payment, of credit that is sold, used, given or paid"
    " back, of a write-off and of its recovery are those of their amounts.",
    """
    with receipt as (
        select id, currency,
            case direction when 'in' then amount_minor else -amount_minor end as minor
        from bank_transaction where merchant_id = %(merchant)s),
    lost as (
        select id, currency, amount_minor, tax_minor from write_off
        where merchant_id = %(merchant)s
        union all
        select r.id, w.currency, -r.amount_minor, -r.tax_minor
        from recovery r join write_off w on w.merchant_id = r.merchant_id and w.id = r.write_off_id
        where r.merchant_id = %(merchant)s),
    granted as (
        select id, kind, currency,
            case kind when 'given' then -amount_minor else amount_minor end as minor
        from credit_grant where merchant_id = %(merchant)s and not before_tax
            and (kind, origin) in (('paid', 'staff'), ('given', 'credit_note'))),
    wanted as (
        select id as entry, account, currency, sum(minor)::bigint as minor from (
            select id, 'bank' as account, currency, minor from receipt
            union all select id, 'unmatched', currency, -minor from receipt
            union all select id, 'unmatched', currency, amount_minor
                from payment where merchant_id = %(merchant)s
            union all select id, 'receivable', currency, -allocated_minor
                from payment where merchant_id = %(merchant)s
            union all select id, 'customer_credit', currency, allocated_minor - amount_minor
                from payment where merchant_id = %(merchant)s
            union all select u.id,
                case g.kind when 'given' then 'goodwill' else 'customer_credit' end, u.currency,
                u.amount_minor
                from wallet_use u left join credit_grant g on g.merchant_id = u.merchant_id
                    and g.id = u.grant_id where u.merchant_id = %(merchant)s
            union all select id, 'customer_credit', currency, -minor from granted
            union all select id, 'customer_credit', currency, amount_minor
                from payout where merchant_id = %(merchant)s
            union all select id, 'payouts', currency, -amount_minor
                from payout where merchant_id = %(merchant)s
            union all select clearing_id, 'payouts', currency, amount_minor
                from payout where merchant_id = %(merchant)s and clearing_id is not null
            union all select clearing_id, 'unmatched', currency, -amount_minor
                from payout where merchant_id = %(merchant)s and clearing_id is not null
            union all select id,
                case kind when 'given' then 'goodwill' else 'paid_elsewhere' end, currency, minor
                from granted
            union all select id, 'receivable', currency, -amount_minor
                from wallet_use where merchant_id = %(merchant)s
            union all select id, 'receivable', currency, -amount_minor from lost
            union all select id, 'vat_payable', currency, tax_minor from lost
            union all select id, 'bad_debt', currency, amount_minor - tax_minor from lost) side
        where minor <> 0 group by id, account, currency),
    booked as (
        select e.id as entry, p.account, p.currency, sum(p.amount_minor)::bigint as minor
        from journal_entry e join posting p on p.merchant_id = e.merchant_id and p.entry_id = e.id
        where e.merchant_id = %(merchant)s
            and e.kind in ('bank_transaction', 'payment', 'wallet_use', 'credit_grant', 'write_off',
                'payout', 'payout_cleared', 'recovery')
        group by e.id, p.account, p.currency)
    select entry, account, currency, booked.minor as booked_minor, wanted.minor as wanted_minor
    from wanted full join booked using (entry, account, currency)
    where wanted.minor is distinct from booked.minor
    """,
)

LEDGER = (L1, L2, L4, L5, L6, L8, L9)
