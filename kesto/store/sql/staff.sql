-- Staff and what lets them in. Merchants are walled off already: checking a new key wants to
-- know whose rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table staff drop constraint staff_pkey;
alter table staff add primary key (merchant_id, id);
alter table staff add constraint staff_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table staff add constraint staff_person_fk
    foreign key (merchant_id, person_id) references person (merchant_id, id);
alter table staff_secret add constraint staff_secret_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table staff_secret add constraint staff_secret_staff_fk
    foreign key (merchant_id, staff_id) references staff (merchant_id, id);
select guard_table('staff', false), guard_table('staff_secret', false);

-- Secrets are the office's alone: neither a worker nor the audit reads a password's hash.
revoke all on staff_secret from kesto_run, kesto_audit;
grant select (merchant_id, staff_id) on staff_secret to kesto_audit;

-- Before the merchant is known the hash of an e-mail leads to ids, through this function only.
-- Row-level security is forced on the owner too; the function reads as the owner.
create policy of_owner on staff for select to current_user using (true);
create function staff_of(wanted bytea) returns table (merchant_id uuid, staff_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select staff.merchant_id, staff.id from staff
    where staff.email_sha256 = wanted and staff.state = 'active'
    order by staff.merchant_id, staff.id
$$;

-- Attempts are counted before they are tried, so that many at once are counted too. The answer
-- is how many seconds to wait; zero: go on. After `free` attempts each waits twice as long as
-- the one before, 15 minutes at most; an hour of rest forgets them.
create function sign_in_attempt(wanted bytea, free integer) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    known sign_in_attempt;
    wait interval;
begin
    delete from sign_in_attempt where last_at < now() - interval '1 hour';
    insert into sign_in_attempt (sha256, attempts, last_at) values (wanted, 0, now())
        on conflict do nothing;
    select * into known from sign_in_attempt where sha256 = wanted for update;
    if known.attempts >= free then
        wait := least(15 * power(2, least(known.attempts - free, 10)), 900) * interval '1 second';
        if known.last_at + wait > clock_timestamp() then
            return ceil(extract(epoch from known.last_at + wait - clock_timestamp()));
        end if;
    end if;
    update sign_in_attempt set attempts = attempts + 1, last_at = clock_timestamp()
        where sha256 = wanted;
    return 0;
end $$;
create function sign_in_succeeded(wanted bytea) returns void
language sql security definer set search_path = public, pg_temp as $$
    delete from sign_in_attempt where sha256 = wanted
$$;
revoke execute on function staff_of(bytea), sign_in_attempt(bytea, integer),
    sign_in_succeeded(bytea) from public;
grant execute on function staff_of(bytea), sign_in_attempt(bytea, integer),
    sign_in_succeeded(bytea) to kesto_app;

-- What the service desk may credit by itself.
grant update (service_credit_minor) on merchant to kesto_app;
