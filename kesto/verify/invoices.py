"""Invariants of invoices: they add up, are sealed, numbered without gaps, and can be made again."""

from kesto.verify.finding import Invariant

I1 = Invariant(
    "I1",
    "Net and VAT of an invoice add up to its total, its lines and its VAT groups add up to them.",
    """
    with line as (
        select invoice_id, sum(amount_minor)::bigint as minor from invoice_line
        where merchant_id = %(merchant)s group by invoice_id),
    tax as (
        select invoice_id, sum(net_minor)::bigint as net_minor, sum(tax_minor)::bigint as tax_minor
        from invoice_tax where merchant_id = %(merchant)s group by invoice_id)
    select n.id as invoice, n.total_minor, n.net_minor, n.tax_minor, line.minor as lines_minor,
        tax.net_minor as groups_net_minor, tax.tax_minor as groups_tax_minor
    from invoice n left join line on line.invoice_id = n.id left join tax on tax.invoice_id = n.id
    where n.merchant_id = %(merchant)s and (
        n.total_minor <> n.net_minor + n.tax_minor
        or line.minor is distinct from
            case when n.includes_tax then n.total_minor else n.net_minor end
        or (tax.net_minor, tax.tax_minor) is distinct from (n.net_minor, n.tax_minor))
    """,
)
I2 = Invariant(
    "I2",
    "VAT is computed once per category and rate from the sum of the lines, half away from zero.",
    """
    with line as (
        select l.invoice_id, l.tax_category, l.tax_rate_percent, n.includes_tax,
            sum(l.amount_minor) as minor
        from invoice_line l join invoice n on n.merchant_id = l.merchant_id and n.id = l.invoice_id
        where l.merchant_id = %(merchant)s and n.kind = 'invoice'
        group by l.invoice_id, l.tax_category, l.tax_rate_percent, n.includes_tax),
    wanted as (
        select *, round(minor * tax_rate_percent
            / (100 + case when includes_tax then tax_rate_percent else 0 end)) as tax_minor
        from line)
    select invoice_id as invoice, tax_category, tax_rate_percent::text as tax_rate_percent,
        wanted.tax_minor::bigint as wanted_minor, tax.tax_minor, tax.net_minor
    from wanted full join (
            select t.* from invoice_tax t
            left join invoice n on n.merchant_id = t.merchant_id and n.id = t.invoice_id
            where t.merchant_id = %(merchant)s and n.kind is distinct from 'credit_note') tax
        using (invoice_id, tax_category, tax_rate_percent)
    where wanted.tax_minor is distinct from tax.tax_minor
        or wanted.minor <> tax.net_minor + case when includes_tax then tax.tax_minor else 0 end
    """,
)
I4 = Invariant(
    "I4",
    "Number, header, lines, explanations and VAT of an invoice are those that were sealed.",
)
I5 = Invariant(
    "I5",
    "The numbers of a series run from 1 without a gap up to its counter.",
    """
    with numbered as (
        select series_id, number,
            lag(number, 1, 0::bigint) over (partition by series_id order by number) as before
        from issued where merchant_id = %(merchant)s)
    select s.prefix as series, n.before + 1 as missing_from, n.number - 1 as missing_through
    from numbered n
    left join number_series s on s.merchant_id = %(merchant)s and s.id = n.series_id
    where n.number <> n.before + 1
    union all
    select s.prefix, coalesce(max(n.number), 0) + 1, s.next_number - 1
    from number_series s left join numbered n on n.series_id = s.id
    where s.merchant_id = %(merchant)s
    group by s.id, s.prefix, s.next_number
    having coalesce(max(n.number), 0) <> s.next_number - 1
    """,
)
I6 = Invariant(
    "I6",
    "Numbers, invoice days and times of issue of a series go up together.",
    """
    select s.prefix as series, t.invoice, t.number, t.invoice_on, t.issued_at, t.earlier_on,
        t.earlier_at
    from (
        select i.series_id, i.number, i.invoice_id as invoice, n.invoice_on, i.issued_at,
            lag(n.invoice_on) over series as earlier_on, lag(i.issued_at) over series as earlier_at
        from issued i join invoice n on n.merchant_id = i.merchant_id and n.id = i.invoice_id
        where i.merchant_id = %(merchant)s
        window series as (partition by i.series_id order by i.number)) t
    left join number_series s on s.merchant_id = %(merchant)s and s.id = t.series_id
    where t.earlier_on > t.invoice_on or t.earlier_at > t.issued_at
    """,
)
I7 = Invariant(
    "I7",
    "A credit note never exceeds the invoice's remaining creditable amount, per line and per tax"
    " rate.",
    """
    with note as (
        select n.*, row_number() over (
            partition by n.credits_invoice_id order by n.invoice_on, i.number, n.id) as place
        from invoice n left join issued i on i.merchant_id = n.merchant_id and i.invoice_id = n.id
        where n.merchant_id = %(merchant)s and n.kind = 'credit_note'),
    line as (
        select note.id as note, note.place, note.credits_invoice_id, l.line_no, l.amount_minor,
            o.amount_minor as of_minor,
            row(l.item_id, l.price_id, l.product_id, l.kind, l.period_start, l.period_end, l.part,
                l.revision, l.tax_category, l.tax_rate_percent)::text as content,
            row(o.item_id, o.price_id, o.product_id, o.kind, o.period_start, o.period_end, o.part,
                o.revision, o.tax_category, o.tax_rate_percent)::text as of_content,
            sum(l.amount_minor) over taken as taken_minor
        from note
        join invoice_line l on l.merchant_id = %(merchant)s and l.invoice_id = note.id
        left join invoice_line o on o.merchant_id = %(merchant)s
            and o.invoice_id = note.credits_invoice_id and o.line_no = l.line_no
        window taken as (partition by note.credits_invoice_id, l.line_no order by note.place)),
    billed as (
        select t.invoice_id, t.tax_category, t.tax_rate_percent, t.net_minor, t.tax_minor,
            (100 + case when n.includes_tax then t.tax_rate_percent else 0 end) as base,
            case when n.includes_tax then 1 else 0 end as gross
        from invoice_tax t join invoice n on n.merchant_id = t.merchant_id and n.id = t.invoice_id
        where t.merchant_id = %(merchant)s and n.kind = 'invoice'),
    rate as (
        select note.id as note, note.place, note.credits_invoice_id, t.tax_category,
            t.tax_rate_percent, o.net_minor as of_net_minor, o.tax_minor as of_tax_minor, o.base,
            o.gross, sum(t.net_minor) over taken as net_minor,
            sum(t.tax_minor) over taken as tax_minor
        from note
        join invoice_tax t on t.merchant_id = %(merchant)s and t.invoice_id = note.id
        left join billed o on o.invoice_id = note.credits_invoice_id
            and (o.tax_category, o.tax_rate_percent) = (t.tax_category, t.tax_rate_percent)
        window taken as (
            partition by note.credits_invoice_id, t.tax_category, t.tax_rate_percent
            order by note.place)),
    by_rate as (
        select l.invoice_id, l.tax_category, l.tax_rate_percent, sum(l.amount_minor) as minor
        from invoice_line l join note on note.id = l.invoice_id
        where l.merchant_id = %(merchant)s group by 1, 2, 3)
    select note as invoice, 'line ' || line_no || ' is not that of the invoice' as what,
        content, of_content as wanted
    from line where content is distinct from of_content
    union all
    select note, 'line ' || line_no || ' is credited for more than it was billed',
        taken_minor::text, of_minor::text
    from line where taken_minor not between least(of_minor, 0) and greatest(of_minor, 0)
    union all
    select note, 'more is credited than was billed at ' || tax_rate_percent::float || ' %%',
        net_minor || ' + ' || tax_minor, of_net_minor || ' + ' || of_tax_minor
    from rate
    where of_net_minor is null
        or net_minor not between least(of_net_minor, 0) and greatest(of_net_minor, 0)
        or tax_minor not between least(of_tax_minor, 0) and greatest(of_tax_minor, 0)
    union all
    select note, 'VAT at ' || tax_rate_percent::float || ' %% is not that of what is credited',
        tax_minor::text, round((net_minor + gross * tax_minor) * tax_rate_percent / base)::text
    from rate
    where abs(tax_minor - round((net_minor + gross * tax_minor) * tax_rate_percent / base)) > 1
        or (net_minor = of_net_minor and tax_minor <> of_tax_minor)
    union all
    select note.id, 'lines and VAT do not go together', by_rate.minor::text,
        (t.net_minor + case when note.includes_tax then t.tax_minor else 0 end)::text
    from by_rate
    full join (select t.* from invoice_tax t join note on note.id = t.invoice_id
        where t.merchant_id = %(merchant)s) t using (invoice_id, tax_category, tax_rate_percent)
    join note on note.id = invoice_id
    where by_rate.minor is distinct from
        t.net_minor + case when note.includes_tax then t.tax_minor else 0 end
    union all
    select note.id, 'more is credited than the invoice comes to', sum(c.total_minor)::text,
        n.total_minor::text
    from note join invoice n on n.merchant_id = note.merchant_id and n.id = note.credits_invoice_id
    join note c on c.credits_invoice_id = n.id and c.place <= note.place
    group by note.id, n.total_minor having sum(c.total_minor) > n.total_minor
    union all
    select note.id, 'not in the name of its invoice', row(note.billing_entity_id,
        note.billing_group_id, note.customer_id, note.currency, note.includes_tax,
        note.seller_sha256, note.buyer_sha256)::text, n.id::text
    from note
    left join invoice n on n.merchant_id = note.merchant_id and n.id = note.credits_invoice_id
        and n.kind = 'invoice'
    where row(note.billing_entity_id, note.billing_group_id, note.customer_id, note.currency,
            note.includes_tax, note.seller_sha256, note.buyer_sha256)
        is distinct from row(n.billing_entity_id, n.billing_group_id, n.customer_id, n.currency,
            n.includes_tax, n.seller_sha256, n.buyer_sha256)
    """,
)
I8 = Invariant(
    "I8",
    "Each invoice and credit note has one number, in the series of its seller, kind and year.",
    """
    select n.id as invoice, 'no number' as what, null::bigint as number
    from invoice n left join issued i on i.merchant_id = n.merchant_id and i.invoice_id = n.id
    where n.merchant_id = %(merchant)s and i.invoice_id is null
    union all
    select i.invoice_id, 'a number without its invoice', i.number
    from issued i left join invoice n on n.merchant_id = i.merchant_id and n.id = i.invoice_id
    where i.merchant_id = %(merchant)s and n.id is null
    union all
    select n.id, 'a number of another series', i.number
    from issued i
    join invoice n on n.merchant_id = i.merchant_id and n.id = i.invoice_id
    join number_series s on s.merchant_id = i.merchant_id and s.id = i.series_id
    where i.merchant_id = %(merchant)s
        and (s.billing_entity_id, s.kind, s.year)
            is distinct from (n.billing_entity_id, n.kind, extract(year from n.invoice_on)::int)
    """,
)
I9 = Invariant("I9", "Each invoice has a bank reference whose check digits are right.")
I10 = Invariant(
    "I10",
    "Each invoice comes out the same when it is computed anew from history, prices and VAT rates.",
)
I11 = Invariant(
    "I11",
    "Names and addresses that invoices froze are the bytes that their hash says.",
    """
    select kind, sha256 as stored_sha256, sha256(convert_to(document, 'UTF8')) as real_sha256
    from snapshot
    where merchant_id = %(merchant)s and sha256 <> sha256(convert_to(document, 'UTF8'))
    """,
)
I12 = Invariant(
    "I12",
    "A bank reference is that of one invoice only.",
    """
    select ltrim(upper(replace(reference, ' ', '')), '0') as reference, count(*) as invoices,
        min(id::text) as invoice
    from invoice where merchant_id = %(merchant)s and reference <> '' group by 1
    having count(*) > 1
    """,
)

I13 = Invariant(
    "I13",
    "A billing group that stands for one thing holds one subscription and no other, or the one"
    " invoice that was written by hand.",
    """
    select g.id as group, g.separate_for, count(n.id) as invoices
    from billing_group g
    left join subscription s on s.merchant_id = g.merchant_id and s.id = g.separate_for
    left join invoice n on n.merchant_id = g.merchant_id and n.billing_group_id = g.id
        and n.kind = 'invoice'
    where g.merchant_id = %(merchant)s and g.separate_for is not null and s.id is null
    group by g.id, g.separate_for
    having count(n.id) <> 1 or min(n.id::text) <> g.separate_for::text
    union all
    select g.id, g.separate_for, 0
    from billing_group g
    join subscription_item i on i.merchant_id = g.merchant_id and i.billing_group_id = g.id
        and i.subscription_id <> g.separate_for
    where g.merchant_id = %(merchant)s and g.separate_for is not null
    group by g.id, g.separate_for
    """,
)

INVOICES = (I1, I2, I4, I5, I6, I7, I8, I9, I10, I11, I12, I13)
