-- A key of the API is found by its hash before its merchant is known; all else is walled off.
-- Row-level security is forced on the owner too; the function below reads as the owner.
create policy of_owner on api_key for select to current_user using (true);
create function key_of(wanted bytea)
returns table (merchant_id uuid, key_id uuid, scopes text[], last_used_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
    select api_key.merchant_id, api_key.id, api_key.scopes, api_key.last_used_at
    from api_key
    where api_key.sha256 = wanted and api_key.revoked_at is null
      and (api_key.expires_at is null or api_key.expires_at > now())
$$;
revoke execute on function key_of(bytea) from public;
grant execute on function key_of(bytea) to kesto_app;

-- Keys are made and revoked by the office and the command line; a worker has no use for them.
revoke insert, update on api_key from kesto_run;
