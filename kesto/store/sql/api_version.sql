-- The finder of a key says also which version of the API it was made for.
drop function key_of(bytea);
create function key_of(wanted bytea)
returns table (
    merchant_id uuid, key_id uuid, scopes text[], last_used_at timestamptz, version text)
language sql stable security definer set search_path = public, pg_temp as $$
    select api_key.merchant_id, api_key.id, api_key.scopes, api_key.last_used_at, api_key.version
    from api_key
    where api_key.sha256 = wanted and api_key.revoked_at is null
      and (api_key.expires_at is null or api_key.expires_at > now())
$$;
revoke execute on function key_of(bytea) from public;
grant execute on function key_of(bytea) to kesto_app;
