-- Links into the portal. Merchants are walled off already: checking a new key wants to know whose
-- rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table portal_link add constraint portal_link_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table portal_link add constraint portal_link_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
select guard_table('portal_link', false);

-- How long a link lasts is a merchant's own choice.
grant update (portal_link_days) on merchant to kesto_app;
