"""Invariants of usage: what was taken in is there, once, and what came late is looked at."""

from kesto.verify.finding import Invariant

U1 = Invariant(
    "U1",
    "Each event that was taken in is there once, under its key and at its time.",
    """
    select coalesce(e.key, k.key) as event, e.event_id as id, e.source, e.at as counts_at,
        k.at as taken_in_at
    from (select key, event_id, source, at from usage_event where merchant_id = %(merchant)s) e
    full join (select key, at from event_key where merchant_id = %(merchant)s) k on k.key = e.key
    where e.key is null or k.key is null or e.at <> k.at
    """,
)
U4 = Invariant(
    "U4",
    "What came late is looked at by the next run, and no invoice saw usage that has not come.",
    """
    select 'a mark that a run has seen' as what, l.subscription_id as subscription, l.ingest_no,
        l.since
    from usage_late l
    where l.merchant_id = %(merchant)s and l.ingest_no <= (
        select max(r.usage_seen) from billing_run r
        where r.merchant_id = l.merchant_id and r.group_id is null)
    union all
    select 'usage that has not come', null, n.usage_seen, n.invoice_on
    from invoice n
    where n.merchant_id = %(merchant)s
        and n.usage_seen > (select last_value from usage_ingest)
    """,
)

USAGE = (U1, U4)
