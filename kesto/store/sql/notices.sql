-- Notices. Merchants are walled off already: checking a new key wants to know whose rows it may
-- see.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table notice drop constraint notice_pkey;
alter table notice add primary key (merchant_id, id);
alter table notice add constraint notice_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table notice add constraint notice_subscription_fk
    foreign key (merchant_id, subscription_id) references subscription (merchant_id, id);
alter table notice add constraint notice_customer_fk
    foreign key (merchant_id, customer_id) references customer (merchant_id, id);
select guard_table('notice', true);

-- What is told, and how long before, is a merchant's own choice.
grant update (sends_confirmations, sends_reminders, notice_days) on merchant to kesto_app;
