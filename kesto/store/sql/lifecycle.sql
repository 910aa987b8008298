-- The walls ask whose rows are meant, also of the checks below: nobody's.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);

-- Items of before are in their subscription's group. The owner looks past the walls meanwhile.
alter table subscription_item no force row level security;
alter table subscription no force row level security;
alter table billing_group no force row level security;
update subscription_item i set billing_group_id = s.billing_group_id
from subscription s where s.merchant_id = i.merchant_id and s.id = i.subscription_id;
alter table subscription_item add constraint subscription_item_billing_group_fk
    foreign key (merchant_id, billing_group_id) references billing_group (merchant_id, id);
alter table subscription_item force row level security;
alter table subscription force row level security;
alter table billing_group force row level security;

alter table discount drop constraint discount_pkey;
alter table discount add primary key (merchant_id, id);
alter table discount add constraint discount_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table discount add constraint discount_subscription_fk
    foreign key (merchant_id, subscription_id) references subscription (merchant_id, id);
select guard_table('discount', false);

alter table quote drop constraint quote_pkey;
alter table quote add primary key (merchant_id, id);
alter table quote add constraint quote_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table quote add constraint quote_subscription_fk
    foreign key (merchant_id, subscription_id) references subscription (merchant_id, id);
select guard_table('quote', false);

-- What stands of a subscription beside its history can be made from it at any time: a change that
-- is called off takes its items away.
grant delete on subscription_item, discount, contract_term to kesto_app, kesto_run;

-- Periods of one item and price never overlap where anything is billed for them: what a change cut
-- short ends where its last revision says. The newest neighbour is looked at, and only where that
-- seems to reach too far, all periods of the price.
create or replace function check_neighbours() returns trigger language plpgsql as $$
declare
    near record;
    crossed record;
begin
    for near in
        select distinct added.merchant_id, added.item_id, added.price_id, added.kind
        from added
        cross join lateral (
            select claim.period_end from claim
            where claim.merchant_id = added.merchant_id and claim.item_id = added.item_id
              and claim.price_id = added.price_id and claim.kind = added.kind
              and claim.period_start < added.period_end
              and claim.period_start <> added.period_start
            order by claim.period_start desc limit 1) neighbour
        where neighbour.period_end > added.period_start
    loop
        with period as (
            select period_start, (array_agg(period_end order by revision desc))[1] as period_end
            from claim
            where merchant_id = near.merchant_id and item_id = near.item_id
              and price_id = near.price_id and kind = near.kind
            group by period_start, part having sum(amount_minor) <> 0)
        select later.period_start into crossed from period earlier join period later
            on earlier.period_start < later.period_start
            and earlier.period_end > later.period_start
        limit 1;
        if found then
            raise exception 'item % would be billed twice from %', near.item_id, crossed.period_start
                using errcode = 'exclusion_violation';
        end if;
    end loop;
    return null;
end $$;
