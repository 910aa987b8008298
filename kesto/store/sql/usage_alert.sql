-- How far a file of usage was brought in, so that one that was cut off goes on where it stopped.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table usage_import add constraint usage_import_merchant_fk
    foreign key (merchant_id) references merchant (id);
select guard_table('usage_import', false);

-- How much usage somebody wants to be told of.
alter table usage_alert drop constraint usage_alert_pkey;
alter table usage_alert add primary key (merchant_id, id);
alter table usage_alert add constraint usage_alert_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table usage_alert add constraint usage_alert_subscription_fk
    foreign key (merchant_id, subscription_id) references subscription (merchant_id, id);
alter table usage_alert add constraint usage_alert_meter_fk
    foreign key (merchant_id, meter_id) references meter (merchant_id, id);
alter table usage_alert add constraint usage_alert_above_zero check (threshold > 0);
select guard_table('usage_alert', false);
grant delete on usage_alert to kesto_app;
