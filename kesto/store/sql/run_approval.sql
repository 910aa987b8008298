-- Runs above the merchant's limit wait until somebody approves them.
select set_config('app.merchant', '00000000-0000-0000-0000-000000000000', true);
alter table run_approval drop constraint run_approval_pkey;
alter table run_approval add primary key (merchant_id, id);
alter table run_approval add constraint run_approval_merchant_fk
    foreign key (merchant_id) references merchant (id);
alter table run_approval add constraint run_approval_earlier_fk
    foreign key (merchant_id, earlier_id) references run_approval (merchant_id, id);
alter table run_approval add constraint run_approval_is_decided check (
    case state when 'waiting' then decided_at is null
    else state in ('approved', 'declined', 'replaced') and decided_at is not null end);
select guard_table('run_approval', false);
grant update (run_limit_invoices, run_limit_minor) on merchant to kesto_app;
