-- Batches of events on their way to ClickHouse. Rows come and go all day: they are swept often, and
-- the text of the events is compressed and lies beside them, so that counting what waits is quick.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table usage_spool add constraint usage_spool_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table usage_spool set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_insert_threshold = 10000, toast.autovacuum_vacuum_scale_factor = 0,
    toast.autovacuum_vacuum_threshold = 10000);
create index usage_spool_shipment on usage_spool (shipment) where shipment is not null;
select guard_table('usage_spool', false);
revoke update on usage_spool from kesto_app;
grant delete on usage_spool to kesto_run;
create sequence usage_shipment;
grant usage, select on sequence usage_shipment to kesto_run;

-- Whose events are in ClickHouse, or how far they were brought there.
alter table usage_move add constraint usage_move_merchant_fk
    foreign key (merchant_id) references merchant (id);
select guard_table('usage_move', false);
revoke update on usage_move from kesto_app;
