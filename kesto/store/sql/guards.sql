-- What keeps wrong states unwritable: tenancy, rights, and rules that hold for every writer.

-- Sequences: history order, and bank references (which may have gaps; numbers may not).
create sequence history_seq;
create sequence bank_reference_seq start 100001;

-- The explanation is kept byte for byte as it was written.
alter table explanation alter column document type json using document::text::json;

-- A group's cursor moves with every run: room to update all groups of a page in place.
alter table billing_group set (fillfactor = 45);

-- Every table of a merchant: row-level security, forced also on the owner.
create function guard_table(guarded regclass, is_frozen boolean) returns void
language plpgsql as $$
declare
    key text := case when guarded = 'merchant'::regclass then 'id' else 'merchant_id' end;
begin
    execute format('alter table %s enable row level security', guarded);
    execute format('alter table %s force row level security', guarded);
    execute format(
        'create policy of_merchant on %s using (%I = current_setting(''app.merchant'')::uuid)',
        guarded, key);
    execute format('grant select, insert on %s to kesto_app, kesto_run', guarded);
    execute format('grant select on %s to kesto_audit', guarded);
    if is_frozen then
        execute format(
            'create trigger frozen before update or delete or truncate on %s
             for each statement execute function refuse_change()', guarded);
    else
        execute format('grant update on %s to kesto_app, kesto_run', guarded);
    end if;
end $$;

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'rows of % are never changed; record what happened as a new row', tg_table_name
        using errcode = 'integrity_constraint_violation';
end $$;

-- Lines are those of an invoice. Checked once a statement: a foreign key's check of each row, with
-- a lock on the invoice, took a third of what the database does in a billing run.
create function check_invoice() returns trigger language plpgsql as $$
declare
    stray record;
begin
    select lines.invoice_id into stray
    from (select distinct merchant_id, invoice_id from added) lines
    where not exists (
        select from invoice
        where invoice.merchant_id = lines.merchant_id and invoice.id = lines.invoice_id) limit 1;
    if found then
        raise exception 'there is no invoice % for these lines', stray.invoice_id
            using errcode = 'foreign_key_violation';
    end if;
    return null;
end $$;

-- A journal entry is there, and its postings sum to zero in each currency, whatever wrote them.
create function check_balance() returns trigger language plpgsql as $$
declare
    crooked record;
begin
    select sums.*, entry.id is not null as is_there into crooked
    from (
        select merchant_id, entry_id, currency, sum(amount_minor) as off_by
        from added group by merchant_id, entry_id, currency) sums
    left join journal_entry entry
        on entry.merchant_id = sums.merchant_id and entry.id = sums.entry_id
    where sums.off_by <> 0 or entry.id is null limit 1;
    if not found then
        return null;
    elsif not crooked.is_there then
        raise exception 'there is no journal entry % for these postings', crooked.entry_id
            using errcode = 'foreign_key_violation';
    end if;
    raise exception 'journal entry % is out of balance by % %',
        crooked.entry_id, crooked.off_by, crooked.currency
        using errcode = 'check_violation';
end $$;

-- Periods of one item and price never overlap; further parts and revisions share their start. The
-- last other period that starts before a period ends must have ended when it starts.
create function check_neighbours() returns trigger language plpgsql as $$
declare
    crossed record;
begin
    select added.item_id, added.period_start into crossed
    from added
    cross join lateral (
        select claim.period_end from claim
        where claim.merchant_id = added.merchant_id and claim.item_id = added.item_id
          and claim.price_id = added.price_id and claim.kind = added.kind
          and claim.period_start < added.period_end
          and claim.period_start <> added.period_start
        order by claim.period_start desc limit 1) neighbour
    where neighbour.period_end > added.period_start limit 1;
    if found then
        raise exception 'item % would be billed twice from %', crossed.item_id, crossed.period_start
            using errcode = 'exclusion_violation';
    end if;
    return null;
end $$;

-- Nothing is booked into a closed month.
create function check_open_month() returns trigger language plpgsql as $$
declare
    late record;
begin
    select added.booked_on, merchant.closed_through into late
    from added join merchant on merchant.id = added.merchant_id
    where added.booked_on <= merchant.closed_through limit 1;
    if found then
        raise exception 'the books are closed through %; % is too early',
            late.closed_through, late.booked_on using errcode = 'check_violation';
    end if;
    return null;
end $$;

create trigger of_an_invoice after insert on invoice_line referencing new table as added
    for each statement execute function check_invoice();
create trigger balanced after insert on posting referencing new table as added
    for each statement execute function check_balance();
create trigger apart after insert on claim referencing new table as added
    for each statement execute function check_neighbours();
create trigger month_is_open after insert on journal_entry referencing new table as added
    for each statement execute function check_open_month();

-- Frozen: written once, by anyone; the rest may be updated. Nobody but the owner deletes,
-- except what is spent when it is done.
do $$
declare
    guarded text;
    frozen text[] := array[
        'add_on', 'allocation', 'audit', 'bank_file', 'claim', 'explanation', 'invoice',
        'invoice_line', 'invoice_tax', 'issued', 'journal_entry', 'plan_version', 'posting',
        'price', 'snapshot', 'subscription_event'];
begin
    perform guard_table('merchant', false);
    for guarded in
        select table_name from information_schema.columns
        where table_schema = 'public' and column_name = 'merchant_id' and table_name <> 'entry'
    loop
        perform guard_table(guarded::regclass, guarded = any (frozen));
    end loop;
end $$;
revoke execute on function guard_table(regclass, boolean) from public;
grant delete on outbox, job, idempotency to kesto_app, kesto_run;
grant usage on sequence history_seq, bank_reference_seq to kesto_app, kesto_run;
-- Merchants are opened by the owner; a closed month and a test clock are set by flows.
revoke insert, update on merchant from kesto_app, kesto_run;
grant update (clock_at, closed_through, invoice_limit_minor, name) on merchant to kesto_app;

-- Before the merchant is known: a hash leads to ids, through these functions only.
create function entry_of(wanted bytea, wanted_kind text)
returns table (merchant_id uuid, subject_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
    select entry.merchant_id, entry.subject_id from entry
    where entry.sha256 = wanted and entry.kind = wanted_kind
$$;
create function entry_add(added bytea, added_kind text, added_subject uuid) returns void
language sql security definer set search_path = public, pg_temp as $$
    insert into entry (sha256, kind, merchant_id, subject_id)
    values (added, added_kind, current_setting('app.merchant')::uuid, added_subject)
$$;
revoke execute on function entry_of(bytea, text), entry_add(bytea, text, uuid) from public;
grant execute on function entry_of(bytea, text), entry_add(bytea, text, uuid) to kesto_app, kesto_run;
grant select on entry to kesto_audit;
