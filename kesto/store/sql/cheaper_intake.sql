-- Taking in usage: whose rows may be touched is found out once a statement, not anew for each row.
alter policy of_merchant on event_key
    using (merchant_id = (select current_setting('app.merchant')::uuid));
alter policy of_merchant on usage_event
    using (merchant_id = (select current_setting('app.merchant')::uuid));
alter policy of_merchant on usage_rollup
    using (merchant_id = (select current_setting('app.merchant')::uuid));

-- Who has a subscription tells whose it is: of how many merchants rows are is never worth a thought.
alter table usage_rollup alter column merchant_id set (n_distinct = 1);

-- Adds events to every rollup around them. A row of the arrays is of a subscription and a meter: one
-- event with its number, or several, from a first one to a last one, as texts of two arrays.
-- All writers take rollups in the order of the key. So must this: rows come in that order, and each
-- looks up its own by the key. The outer join and the settings leave no other plan for that, whatever
-- the database believes of how many rows there are.
create function keep_up_rollups(
    merchant uuid, batch bigint, subscriptions uuid[], meters uuid[], firsts timestamptz[],
    lasts timestamptz[], singles text[], times_of_several text[], numbers_of_several text[]
) returns void
language plpgsql set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off
    set enable_mergejoin = off set enable_material = off set enable_memoize = off
    set plan_cache_mode = force_generic_plan as $$
begin
    merge into usage_rollup kept
    using (
        select unnest(subscriptions) as subscription_id, unnest(meters) as meter_id,
            unnest(firsts) as first_at, unnest(lasts) as last_at,
            unnest(singles)::numeric as number,
            unnest(times_of_several) as times, unnest(numbers_of_several) as numbers) own
    on kept.merchant_id = merchant and kept.subscription_id = own.subscription_id
        and kept.meter_id = own.meter_id and kept.end_at > own.first_at
        and kept.start_at <= own.last_at
    -- The first or the last is in it, or one in between.
    when matched and cardinality(kept.labels) = 0 and (
        own.first_at >= kept.start_at or own.last_at < kept.end_at or exists (
            select from unnest(own.times::timestamptz[]) t (at)
            where t.at >= kept.start_at and t.at < kept.end_at)) then update set
        events = kept.events + case when own.number is not null then 1 else (
            select count(*) from unnest(own.times::timestamptz[]) t (at)
            where t.at >= kept.start_at and t.at < kept.end_at) end,
        added = kept.added + coalesce(own.number, (
            select sum(t.number)
            from unnest(own.times::timestamptz[], own.numbers::numeric[]) t (at, number)
            where t.at >= kept.start_at and t.at < kept.end_at)),
        highest = greatest(kept.highest, coalesce(own.number, (
            select max(t.number)
            from unnest(own.times::timestamptz[], own.numbers::numeric[]) t (at, number)
            where t.at >= kept.start_at and t.at < kept.end_at))),
        newest_no = greatest(kept.newest_no, batch)
    -- Never: that there might be makes the join an outer one.
    when not matched and false then insert (merchant_id) values (merchant);
end $$;
revoke execute on function keep_up_rollups(uuid, bigint, uuid[], uuid[], timestamptz[],
    timestamptz[], text[], text[], text[]) from public;
grant execute on function keep_up_rollups(uuid, bigint, uuid[], uuid[], timestamptz[],
    timestamptz[], text[], text[], text[]) to kesto_app, kesto_run;
