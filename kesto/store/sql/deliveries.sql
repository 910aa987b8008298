-- Deliveries. Merchants are walled off already: checking a new key wants to know whose rows it may
-- see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table delivery_address drop constraint delivery_address_pkey;
alter table delivery_address add primary key (merchant_id, id);
alter table delivery_address add constraint delivery_address_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table delivery_address add constraint delivery_address_subscription_fk
    foreign key (merchant_id, subscription_id) references subscription (merchant_id, id);
alter table delivery_address add constraint delivery_address_person_fk
    foreign key (merchant_id, person_id) references person (merchant_id, id);
select guard_table('delivery_address', true);

alter table delivery_event drop constraint delivery_event_pkey;
alter table delivery_event add primary key (merchant_id, id);
alter table delivery_event add constraint delivery_event_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table delivery_event add constraint delivery_event_subscription_fk
    foreign key (merchant_id, subscription_id) references subscription (merchant_id, id);
select guard_table('delivery_event', true);
