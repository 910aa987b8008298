"""Invariants of subscriptions: each day is billed once, and everything follows from history."""

from kesto.verify.finding import Invariant

S1 = Invariant(
    "S1",
    "No day of a price is billed twice: periods of an item do not overlap, revisions are counted.",
    """
    with claimed as (
        select item_id, price_id, kind, period_start, part,
            (array_agg(period_end order by revision desc))[1] as period_end,
            count(*) as revisions, min(revision) as first, max(revision) as last,
            sum(amount_minor) as minor,
            (array_agg(invoice_id order by revision desc))[1] as invoice
        from claim where merchant_id = %(merchant)s
        group by item_id, price_id, kind, period_start, part),
    neighbours as (
        select *, case when minor <> 0 then max(period_end) filter (where minor <> 0) over (
            partition by item_id, price_id, kind order by period_start
            range between unbounded preceding and interval '1 day' preceding) end as before_end
        from claimed)
    select item_id as item, price_id as price, kind, period_start, period_end, before_end,
        revisions, invoice
    from neighbours
    where before_end > period_start or period_end <= period_start
        or first <> 1 or last <> revisions
    """,
)
S2 = Invariant(
    "S2",
    "Everything that fell due is billed, without a hole, and each group wakes when more does.",
)
S6 = Invariant("S6", "Published plan versions and add-ons are what was published.")
S8 = Invariant(
    "S8",
    "Each line of an invoice has its claim and each claim its line, with the same amount; what a"
    " run credits is claimed as well.",
    """
    with line as (
        select l.item_id, l.price_id, l.kind, l.period_start, l.part, l.revision, l.period_end,
            l.amount_minor, l.invoice_id
        from invoice_line l join invoice n on n.merchant_id = l.merchant_id and n.id = l.invoice_id
        where l.merchant_id = %(merchant)s and n.kind = 'invoice' and l.item_id is not null),
    stated as (
        select c.item_id, c.price_id, c.kind, c.period_start, c.part, c.revision, c.period_end,
            c.amount_minor, c.invoice_id
        from claim c
        left join invoice n on n.merchant_id = c.merchant_id and n.id = c.invoice_id
        where c.merchant_id = %(merchant)s and n.kind is distinct from 'credit_note'),
    taken as (
        select c.invoice_id, c.item_id, c.price_id, c.period_start, sum(c.amount_minor) as minor
        from claim c join invoice n on n.merchant_id = c.merchant_id and n.id = c.invoice_id
        where c.merchant_id = %(merchant)s and n.kind = 'credit_note' group by 1, 2, 3, 4),
    noted as (
        select l.invoice_id, l.item_id, l.price_id, l.period_start, -sum(l.amount_minor) as minor
        from invoice_line l
        where l.merchant_id = %(merchant)s and l.invoice_id in (select invoice_id from taken)
            and l.item_id is not null
        group by 1, 2, 3, 4)
    select 'line without claim' as what, t.item_id as item, t.price_id as price, t.kind,
        t.period_start, t.period_end, t.revision, t.amount_minor, t.invoice_id as invoice
    from (table line except all table stated) t
    union all
    select 'claim without line', item_id, price_id, kind, period_start, period_end, revision,
        amount_minor, invoice_id
    from (table stated except all table line) t
    union all
    select 'credit note and its claims differ', t.item_id, t.price_id, '', t.period_start, null,
        null, t.minor::bigint, t.invoice_id
    from ((table taken except all table noted) union all (table noted except all table taken)) t
    """,
)
R2 = Invariant(
    "R2",
    "Subscriptions, items, terms and groups are what history makes of them.",
)

SUBSCRIPTIONS = (S1, S2, S6, S8, R2)
