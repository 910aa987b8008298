-- The doors: what tells a process that what it remembers of subscribers holds no more, and events
-- that could not be taken in.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table placing_change alter column no add generated always as identity;
alter table placing_change alter column xid set default pg_current_xact_id()::text::bigint;
alter table placing_change add constraint placing_change_merchant_fk
    foreign key (merchant_id) references merchant (id);
create index placing_changes_by_transaction on placing_change (merchant_id, xid);
create index placing_changes_seen on placing_change (seen_at);
select guard_table('placing_change', false);
revoke update on placing_change from kesto_app;
grant delete on placing_change to kesto_run;

-- Many at once are noted as one: all that is remembered of the merchant's holds no more.
create function note_placing(of_merchants uuid[], owns uuid[], names text[]) returns void
language sql as $$
    insert into placing_change (merchant_id, own, name)
    select distinct merchant_id, own, name from unnest(of_merchants, owns, names)
        as t (merchant_id, own, name) where cardinality(owns) <= 100
    union all
    select distinct merchant_id, null::uuid, '' from unnest(of_merchants) as t (merchant_id)
    where cardinality(owns) > 100
$$;
create function customer_placed() returns trigger language plpgsql as $$
begin
    perform note_placing(array_agg(merchant_id), array_agg(id), array_agg(external_id))
    from changed having count(*) > 0;
    return null;
end $$;
create function subscription_placed() returns trigger language plpgsql as $$
begin
    perform note_placing(array_agg(merchant_id), array_agg(id), array_agg(external_id))
    from changed having count(*) > 0;
    perform note_placing(array_agg(merchant_id), array_agg(user_id), array_agg(''::text))
    from changed having count(*) > 0;
    return null;
end $$;
create function item_placed() returns trigger language plpgsql as $$
begin
    perform note_placing(array_agg(merchant_id), array_agg(subscription_id), array_agg(''::text))
    from changed having count(*) > 0;
    return null;
end $$;
create function all_placed() returns trigger language plpgsql as $$
begin
    insert into placing_change (merchant_id, own, name)
    select distinct merchant_id, null::uuid, '' from changed;
    return null;
end $$;
do $$
declare
    noted record;
begin
    for noted in select * from (values
        ('customer', 'customer_placed'), ('subscription', 'subscription_placed'),
        ('subscription_item', 'item_placed'), ('meter', 'all_placed'),
        ('price', 'all_placed'), ('billing_entity', 'all_placed')) as t (name, function)
    loop
        execute format('create trigger placed_added after insert on %I
            referencing new table as changed for each statement execute function %I()',
            noted.name, noted.function);
        execute format('create trigger placed_changed after update on %I
            referencing new table as changed for each statement execute function %I()',
            noted.name, noted.function);
        execute format('create trigger placed_before after update on %I
            referencing old table as changed for each statement execute function %I()',
            noted.name, noted.function);
        execute format('create trigger placed_removed after delete on %I
            referencing old table as changed for each statement execute function %I()',
            noted.name, noted.function);
    end loop;
end $$;

alter table dead_letter drop constraint dead_letter_pkey;
alter table dead_letter add primary key (merchant_id, id);
alter table dead_letter add constraint dead_letter_merchant_fk
    foreign key (merchant_id) references merchant (id);
select guard_table('dead_letter', false);
grant delete on dead_letter to kesto_app, kesto_run;
