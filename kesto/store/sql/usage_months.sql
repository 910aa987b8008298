-- Usage events by month, their keys by hash. Partitions lie where nobody but the owner may look: one
-- that is addressed by its own name ignores the row-level security of its parent.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
create schema partitions;

-- What was taken in before is carried over. The owner is held by row-level security too, until it
-- is lifted from the old tables.
alter table usage_event rename to usage_event_before;
alter table usage_event_before rename constraint usage_event_pkey to usage_event_before_pkey;
alter table usage_event_before no force row level security;
alter table event_key rename to event_key_before;
alter table event_key_before rename constraint event_key_pkey to event_key_before_pkey;
alter table event_key_before no force row level security;

-- No foreign key: the check of each row, with a lock on the merchant's, costs more than the rest.
create table usage_event (like usage_event_before including defaults,
    constraint usage_event_pkey primary key (merchant_id, subscription_id, meter_id, at, key))
    partition by range (at);
create table partitions.usage_event_other partition of usage_event default;
create table event_key (like event_key_before including defaults,
    constraint event_key_pkey primary key (merchant_id, key)) partition by hash (key);
do $$
begin
    for n in 0..7 loop
        execute format('create table partitions.event_key_%s partition of event_key'
            ' for values with (modulus 8, remainder %s)', n, n);
    end loop;
end $$;

-- Makes the partition of a month, in UTC; false where it is there. Events of the month that were
-- kept elsewhere, because they came from a clock that is ahead, move into it.
create function make_usage_month(wanted date) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    first_on date := make_date(extract(year from wanted)::int, extract(month from wanted)::int, 1);
    starts_at timestamptz := first_on::timestamp at time zone 'UTC';
    ends_at timestamptz := (first_on + interval '1 month') at time zone 'UTC';
    made text := 'usage_event_' || to_char(first_on, 'YYYY_MM');
begin
    if to_regclass('partitions.' || made) is not null then
        return false;
    end if;
    perform set_config('lock_timeout', '3s', true);  -- whoever reads for long is not waited for
    lock table usage_event in share update exclusive mode;
    lock table partitions.usage_event_other in access exclusive mode;
    execute format('create table partitions.%I (like public.usage_event including all)', made);
    execute format(
        'with moved as (delete from partitions.usage_event_other where at >= %L and at < %L'
        ' returning *) insert into partitions.%I select * from moved', starts_at, ends_at, made);
    execute format('alter table public.usage_event attach partition partitions.%I'
        ' for values from (%L) to (%L)', made, starts_at, ends_at);
    return true;
end $$;

-- Takes a month away from the events, with its keys; false where it is none. Its table stays, for
-- the operator to put away. Whether anybody needs the month is asked before; events that could come
-- again are never taken away.
create function detach_usage_month(wanted date) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    first_on date := make_date(extract(year from wanted)::int, extract(month from wanted)::int, 1);
    starts_at timestamptz := first_on::timestamp at time zone 'UTC';
    ends_at timestamptz := (first_on + interval '1 month') at time zone 'UTC';
    own text := 'usage_event_' || to_char(first_on, 'YYYY_MM');
    holder regclass;
begin
    if ends_at > now() - interval '13 months' then
        raise exception 'events of % may still come', to_char(first_on, 'YYYY-MM')
            using errcode = 'integrity_constraint_violation';
    end if;
    if not exists (select from pg_inherits where inhparent = 'usage_event'::regclass
            and inhrelid = to_regclass('partitions.' || own)) then
        return false;
    end if;
    perform set_config('lock_timeout', '3s', true);
    execute format('alter table public.usage_event detach partition partitions.%I', own);
    for holder in select inhrelid from pg_inherits where inhparent = 'event_key'::regclass loop
        execute format('delete from %s where at >= %L and at < %L', holder, starts_at, ends_at);
    end loop;
    return true;
end $$;

do $$
begin
    for n in -13..3 loop
        perform make_usage_month((now() at time zone 'UTC' + make_interval(months => n))::date);
    end loop;
end $$;
insert into usage_event select * from usage_event_before;
insert into event_key select * from event_key_before;
drop table usage_event_before, event_key_before;
select guard_table('usage_event', true), guard_table('event_key', true);
revoke execute on function make_usage_month(date), detach_usage_month(date) from public;
grant execute on function make_usage_month(date), detach_usage_month(date) to kesto_run;

-- How many months usage is kept that nobody was billed for; null: for good.
grant update (usage_months) on merchant to kesto_app;
