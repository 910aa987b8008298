-- What the portal offers. Merchants are walled off already: checking a new key wants to know whose
-- rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table portal_offer drop constraint portal_offer_pkey;
alter table portal_offer add primary key (merchant_id, id);
alter table portal_offer add constraint portal_offer_merchant_fk
    foreign key (merchant_id) references merchant (id);

-- Until now all was offered that was published, and it stays so. The owner sees the rows for a
-- moment.
alter table plan no force row level security;
alter table add_on no force row level security;
insert into portal_offer (merchant_id, id, kind, code)
select merchant_id, gen_random_uuid(), 'plan', code from plan
union all
select merchant_id, gen_random_uuid(), 'add_on', code from
    (select distinct merchant_id, code from add_on) sold;
alter table plan force row level security;
alter table add_on force row level security;

select guard_table('portal_offer', false);
grant delete on portal_offer to kesto_app;
