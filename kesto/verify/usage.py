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
U7 = Invariant(
    "U7",
    "What is kept of usage is what its events come to, counted again.",
    """
    with filled as (
        select subscription_id, meter_id, end_at, start_at from usage_rollup
        where merchant_id = %(merchant)s and labels = '{}' and is_filled),
    by_group as (
        select r.subscription_id, r.meter_id, r.end_at, r.start_at,
            coalesce(e.labels, '{}') as labels, count(*) as events, sum(e.number) as added,
            max(e.number) as highest, max(e.ingest_no) as newest_no
        from filled r join usage_event e on e.merchant_id = %(merchant)s
            and e.subscription_id = r.subscription_id and e.meter_id = r.meter_id
            and e.at >= r.start_at and e.at < r.end_at and e.problem = ''
        group by 1, 2, 3, 4, 5),
    counted as (
        select * from by_group where labels <> '{}'
        union all
        select subscription_id, meter_id, end_at, start_at, '{}', sum(events), sum(added),
            max(highest), max(newest_no)
        from by_group group by 1, 2, 3, 4),
    kept as (
        select k.* from filled
            join usage_rollup k using (subscription_id, meter_id, end_at, start_at)
        where k.merchant_id = %(merchant)s and k.events <> 0)
    select subscription_id as subscription, meter_id as meter, start_at, end_at,
        labels::text as of_group, k.events as kept_events, c.events, k.added as kept_sum,
        c.added as sum
    from kept k full join counted c
        using (subscription_id, meter_id, end_at, start_at, labels)
    where (k.events, k.added, k.highest, k.newest_no)
        is distinct from (c.events, c.added, c.highest, c.newest_no)
    """,
)

USAGE = (U1, U4, U7)
