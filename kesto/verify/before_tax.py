"""Invariants of credit before tax: what came off invoices is what was taken of grants."""

from kesto.verify.finding import Invariant

P8 = Invariant(
    "P8",
    "Credit that comes off before tax stands on its invoice's lines, of a grant that could be used"
    " there, and is used once; what a credit note gives back of it is a grant again.",
    """
    with stood as (
        select l.invoice_id, -sum(l.amount_minor)::bigint as minor
        from invoice_line l join invoice n on n.merchant_id = l.merchant_id and n.id = l.invoice_id
            and n.kind = 'invoice'
        where l.merchant_id = %(merchant)s and l.kind = 'credit' group by 1),
    taken as (
        select invoice_id, sum(amount_minor)::bigint as minor from credit_taken
        where merchant_id = %(merchant)s group by 1),
    came_back as (
        select l.invoice_id, -sum(l.amount_minor)::bigint as minor
        from invoice_line l join invoice n on n.merchant_id = l.merchant_id and n.id = l.invoice_id
            and n.kind = 'credit_note'
        where l.merchant_id = %(merchant)s and l.kind = 'credit' group by 1),
    given_back as (
        select source_id as invoice_id, sum(amount_minor)::bigint as minor from credit_grant
        where merchant_id = %(merchant)s and before_tax and origin = 'credit_note' group by 1),
    in_order as (
        select t.*, sum(amount_minor) over (
            partition by grant_id order by left_minor desc, id)::bigint as so_far_minor
        from credit_taken t where merchant_id = %(merchant)s)
    select 'what came off is not on its lines' as what, invoice_id as invoice,
        null::uuid as "grant", taken.minor as taken_minor, stood.minor as wanted_minor
    from stood full join taken using (invoice_id)
    where stood.minor is distinct from taken.minor
    union all
    select 'what was given back is not on the credit note', invoice_id, null, given_back.minor,
        came_back.minor
    from came_back full join given_back using (invoice_id)
    where came_back.minor is distinct from given_back.minor
    union all
    select 'it could not be used on this invoice', t.invoice_id, t.grant_id, t.amount_minor,
        g.amount_minor
    from credit_taken t
    join credit_grant g on g.merchant_id = t.merchant_id and g.id = t.grant_id
    join invoice n on n.merchant_id = t.merchant_id and n.id = t.invoice_id
    where t.merchant_id = %(merchant)s and (not g.before_tax or n.kind <> 'invoice'
        or t.amount_minor <= 0 or n.invoice_on < g.valid_from or n.invoice_on > g.expires_on
        or (g.customer_id, g.billing_entity_id, g.currency)
            is distinct from (n.customer_id, n.billing_entity_id, n.currency))
    union all
    select 'what was left is not what was said', o.invoice_id, o.grant_id, o.left_minor,
        g.amount_minor - o.so_far_minor
    from in_order o join credit_grant g on g.merchant_id = %(merchant)s and g.id = o.grant_id
    where o.left_minor <> g.amount_minor - o.so_far_minor
    union all
    select 'it paid an invoice', u.invoice_id, u.grant_id, u.amount_minor, 0
    from wallet_use u join credit_grant g on g.merchant_id = u.merchant_id and g.id = u.grant_id
    where u.merchant_id = %(merchant)s and g.before_tax
    union all
    select 'it was paid for', null, id, amount_minor, 0 from credit_grant
    where merchant_id = %(merchant)s and before_tax and kind <> 'given'
    """,
)

BEFORE_TAX = (P8,)
