-- How far a file of usage was brought in, so that one that was cut off goes on where it stopped.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table usage_import add constraint usage_import_merchant_fk
    foreign key (merchant_id) references merchant (id);
select guard_table('usage_import', false);
