-- What the events of a subscription and a meter between two instants come to, kept up as they come.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table usage_rollup alter column added type numeric, alter column highest type numeric;
-- Rows change with every batch: room on their pages keeps them, and their key, in place.
alter table usage_rollup set (fillfactor = 70);
select guard_table('usage_rollup', false);
grant delete on usage_rollup to kesto_run;
