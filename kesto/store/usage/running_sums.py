"""Running sums: what a meter has counted in the periods that run now, where one row says it.

A rollup knows instants, no price. It is the answer where it can be no other's: it was opened as of
the present history, it is the only one around now, and of all that runs in the subscription these
days one item alone is priced by the meter, once. Whatever else there may be is left to who
looks at each price (`counted_now`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kesto.store.session import Session

# These days: yesterday, today and tomorrow in UTC are all days that it can be anywhere. Prices are
# looked through once: their owners have no index, and it is the longest part of it.
OF_USER = """
    with item as materialized (
        select s.id as subscription_id, i.id, i.phase, g.history_seq, g.currency, g.includes_tax,
            coalesce(i.plan_version_id, i.add_on_id) as owner_id,
            i.billing_group_id = g.id and i.course->'zones' is null as is_usual
        from subscription s
            join billing_group g on g.merchant_id = s.merchant_id and g.id = s.billing_group_id
            join subscription_item i on i.merchant_id = s.merchant_id and i.subscription_id = s.id
        where s.merchant_id = %(merchant)s and s.user_id = %(user)s
            and i.start_on <= (%(at)s at time zone 'utc')::date + 1
            and coalesce(i.end_on >= (%(at)s at time zone 'utc')::date - 1, true)
    ), priced as materialized (
        select coalesce(plan_version_id, add_on_id) as owner_id, currency, includes_tax, phases,
            charged = 'arrears' and interval_unit is not null as is_usual
        from price
        where merchant_id = %(merchant)s and meter = %(meter)s
            and coalesce(plan_version_id, add_on_id) = any(array(select owner_id from item))
    )
    select o.subscription_id, r.number
    from (select i.subscription_id, i.history_seq,
            bool_and(i.is_usual) and count(p.owner_id) = 1
                and bool_or(p.is_usual) as is_usual
        from item i left join priced p on p.owner_id = i.owner_id and p.currency = i.currency
            and p.includes_tax = i.includes_tax
            and (i.phase < 0 or p.phases = '[]' or p.phases @> to_jsonb(i.phase))
        group by i.subscription_id, i.history_seq) o
        join meter m on m.merchant_id = %(merchant)s and m.code = %(meter)s
        left join lateral (
            select case m.spec->>'aggregation' when 'max' then max(coalesce(highest, 0))
                else max(added) end as number
            from usage_rollup
            where merchant_id = %(merchant)s and subscription_id = o.subscription_id
                and meter_id = m.id and end_at > %(at)s and start_at <= %(at)s
                and labels = '{}' and is_filled and history_seq >= o.history_seq
            having count(*) = 1 offset 0) r
            on o.is_usual and m.spec->>'aggregation' in ('count', 'sum', 'max')
                and m.spec - '{aggregation,property,expression,filter}'::text[] = '{}'
"""


def of_user(
    session: Session, user_id: UUID, meter: str, at: datetime
) -> Mapping[UUID, Decimal | None]:
    """What a meter adds up to in each subscription that somebody uses and in which anything runs.

    None where no row is sure to say it. One query by keys, which each connection keeps planned.
    """
    values = {"merchant": session.merchant_id, "user": user_id, "meter": meter, "at": at}
    return dict(session.prepared(OF_USER, values))


def plan_items(session: Session, subscriptions: Sequence[UUID]) -> set[UUID]:
    """Which items of subscriptions are of a plan: not an add-on, nor sold once."""
    rows = session.rows(
        "select id from subscription_item where merchant_id = %s and subscription_id = any(%s)"
        " and plan_version_id is not null",
        *(session.merchant_id, list(subscriptions)),
    )
    return {row[0] for row in rows}
