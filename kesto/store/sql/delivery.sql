-- How messages leave. Merchants are walled off already: checking a new key wants to know whose
-- rows it may see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table letter_batch drop constraint letter_batch_pkey;
alter table letter_batch add primary key (merchant_id, id);
alter table letter_batch add constraint letter_batch_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table delivery_setting drop constraint delivery_setting_pkey;
alter table delivery_setting add primary key (merchant_id, id);
alter table delivery_setting add constraint delivery_setting_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table message add constraint message_fallback_of_fk
    foreign key (merchant_id, fallback_of_id) references message (merchant_id, id);
alter table message add constraint message_letter_batch_fk
    foreign key (merchant_id, letter_batch_id) references letter_batch (merchant_id, id);
select guard_table('letter_batch', false), guard_table('delivery_setting', false);

-- A message moves many times: room for updates in place.
alter table message set (fillfactor = 70);
