-- Usage: events are written once; the mark of what came late is taken away when a run has seen it.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table event_key add constraint event_key_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table usage_late add constraint usage_late_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table usage_event add constraint usage_event_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table usage_event alter column number type numeric;
select guard_table('usage_event', true), guard_table('event_key', true),
    guard_table('usage_late', false);
revoke update on usage_late from kesto_app, kesto_run;
grant delete on usage_late to kesto_app, kesto_run;
create sequence usage_ingest;
grant usage, select on sequence usage_ingest to kesto_app, kesto_run;
grant select on sequence usage_ingest to kesto_audit;

-- What events in a subscription were billed under: whether one came late is asked of each old one.
create index claim_of_usage on claim (merchant_id, item_id, period_start) where kind = 'usage';
