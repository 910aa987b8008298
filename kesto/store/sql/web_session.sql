-- A visit is found by the hash of its key before its merchant is known; all else is walled off.
-- Merchants are walled off already: checking the new key wants to know whose rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table web_session add constraint web_session_merchant_fk
    foreign key (merchant_id) references merchant (id);
select guard_table('web_session', false);
grant delete on web_session to kesto_app;

-- Row-level security is forced on the owner too; the function below reads as the owner.
create policy of_owner on web_session for select to current_user using (true);
create function session_of(wanted bytea, wanted_kind text)
returns table (merchant_id uuid, subject_id uuid, data text)
language sql stable security definer set search_path = public, pg_temp as $$
    select web_session.merchant_id, web_session.subject_id, web_session.data::text
    from web_session
    where web_session.sha256 = wanted and web_session.kind = wanted_kind
      and web_session.expires_at > now()
$$;
revoke execute on function session_of(bytea, text) from public;
grant execute on function session_of(bytea, text) to kesto_app;
